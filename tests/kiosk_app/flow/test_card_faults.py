"""Every fault of the virtual card, through a real pcscd, up to the sentence on the screen and its time."""

from __future__ import annotations

import contextlib
import dataclasses
import time
from typing import TYPE_CHECKING, Any

import pytest

from drivers.card.pcsc_reader import PcscCardReader
from drivers.simulated.card.authority import write_csca_folder
from drivers.simulated.card.chip import VirtualCard
from drivers.simulated.card.faults import Faults
from drivers.simulated.card.makes import MAKES
from drivers.simulated.card.personas import BAO, HUONG
from drivers.simulated.card.vpcd import VpcdCard
from kiosk_app.flow import events, sentences
from kiosk_app.flow.session import Session
from kiosk_app.flow.steps import CardPhase, IdentifyCardView
from tests.kiosk_app.flow.citizen import to_card

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

pytestmark = pytest.mark.pcscd
SILENCE_S = 1.0
"""What the reader of this test takes for silence; six seconds in service."""
DEADLINE_S = {"device.timeout": SILENCE_S + 2.0}
"""From the card being noticed to the sentence, by code."""
READ_DEADLINE_S = 5.0


@pytest.fixture(scope="module")
def slot(vpcd_port: int, tmp_path_factory: pytest.TempPathFactory) -> Iterator[PcscCardReader]:
    assert vpcd_port
    folder: Path = write_csca_folder(tmp_path_factory.mktemp("csca"))
    with contextlib.closing(PcscCardReader(csca_dir=folder, silence_s=SILENCE_S)) as reader:
        yield reader


REFUSED = {
    "wrong hash": (Faults(wrong_hash=True), "card.forged"),
    "bad MAC": (Faults(bad_mac=True), "card.protocol"),
    "no DO'99'": (Faults(no_do99=True), "card.protocol"),
    "PACE failing on purpose": (Faults(pace_fails=True), "card.protocol"),
    "removed at APDU 1": (Faults(removed_at_apdu=1), "card.removed"),
    "removed at APDU 40": (Faults(removed_at_apdu=40), "card.removed"),
    "100 MB length": (Faults(huge_length=True), "card.protocol"),
    "deep TLV": (Faults(deep_tlv=True), "card.forged"),
    "cloned chip": (Faults(cloned_chip=True), "card.copied"),
    "silent at APDU 30": (Faults(silent_at_apdu=30), "device.timeout"),
}
USED = {
    "truncated portrait": (Faults(cut_portrait=True), ("portrait_unreadable",), ""),
    "unknown CSCA": (Faults(unknown_csca=True), (), "authority_unknown"),
    "expired DSC": (Faults(expired_dsc=True), (), "document_signer_expired"),
    "forged curve": (Faults(forged_curve=True), (), "document_signer_curve_parameters_match_no_named_curve"),
    "61xx": (Faults(answers_in_pieces=100), (), ""),
    "6Cxx": (Faults(exact_le=True), (), ""),
    "latency and bit rate": (Faults(latency_ms=2.0, bit_rate=848_000.0), (), ""),
}


@contextlib.contextmanager
def card_in(slot: PcscCardReader, vpcd_port: int, card: VirtualCard) -> Iterator[None]:
    assert slot.wait_for_card(present=False, timeout_s=10.0)
    with VpcdCard(card, port=vpcd_port) as inserted:
        for _ in range(4):
            # After a killed read pcscd itself resets the hung card and may overlook the next one.
            if slot.wait_for_card(present=True, timeout_s=2.0):
                break
            inserted.insert()
        yield


def visit(
    walker: Callable[[Session], Any], hall: Any, slot: PcscCardReader, vpcd_port: int, card: VirtualCard
) -> tuple[Session, IdentifyCardView, float]:
    """Stand before the slot with a card in it until it is read or refused; return how long that took."""
    session = Session(dataclasses.replace(hall.services(), card=slot))
    walk = walker(session)
    with card_in(slot, vpcd_port, card):
        began = time.monotonic()
        to_card(walk, hall)
        walk.until(lambda: session.visit.identity.phase in {CardPhase.READ, CardPhase.FAILED})
        took = time.monotonic() - began
    view = session.view()
    assert isinstance(view, IdentifyCardView)
    return session, view, took


@pytest.mark.parametrize("name", REFUSED)
def test_a_fault_ends_in_its_own_sentence_in_time(
    walker: Any, hall: Any, slot: PcscCardReader, vpcd_port: int, name: str
) -> None:
    faults, code = REFUSED[name]
    session, view, took = visit(walker, hall, slot, vpcd_port, VirtualCard(HUONG, faults))
    assert (view.phase, view.greeting) == (CardPhase.FAILED, "")
    assert view.notice is not None
    assert (view.notice.code, view.notice.text) == (code, sentences.sentence(code))
    assert code in sentences.codes()
    assert took < DEADLINE_S.get(code, READ_DEADLINE_S)
    assert (session.visit.identity.reading, session.visit.identity.known) == (None, None)


@pytest.mark.parametrize("name", USED)
def test_a_fault_that_takes_nothing_from_the_person_is_told(
    walker: Any, hall: Any, slot: PcscCardReader, vpcd_port: int, name: str
) -> None:
    faults, warnings, reason = USED[name]
    session, view, took = visit(walker, hall, slot, vpcd_port, VirtualCard(HUONG, faults))
    assert (view.phase, view.greeting) == (CardPhase.READ, "Chào bà NGUYỄN THỊ HƯƠNG")
    assert took < READ_DEADLINE_S
    reading = session.visit.identity.reading
    assert reading is not None
    assert (reading.proof.warnings, reading.proof.passive_auth_reason) == (warnings, reason)
    assert (reading.holder.portrait is None) == ("portrait_unreadable" in warnings)
    assert (view.proof == sentences.sentence("card.untrusted")) == bool(reason)


def test_the_card_of_somebody_else_does_not_open(
    walker: Any, hall: Any, slot: PcscCardReader, vpcd_port: int
) -> None:
    _session, view, took = visit(walker, hall, slot, vpcd_port, VirtualCard(BAO))
    assert view.notice is not None
    assert view.notice.code == "card.access_denied"
    assert took < READ_DEADLINE_S


def test_after_every_fault_an_honest_card_is_read(
    walker: Any, hall: Any, slot: PcscCardReader, vpcd_port: int
) -> None:
    card = VirtualCard(HUONG, make=MAKES["active-rsa"])
    session, view, _took = visit(walker, hall, slot, vpcd_port, card)
    assert view.phase is CardPhase.READ
    assert view.proof == "Thẻ thật: con dấu điện tử đúng, chip là chip gốc."
    session.handle(events.EndPressed())
    assert session.visit.identity.reading is None
