"""The list of technician's cards, with the simulated card speaking real APDUs."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest

from drivers.simulated.card.card_reader import SimulatedCardReader
from drivers.simulated.card.faults import NO_FAULTS, Faults
from drivers.simulated.card.personas import PERSONAS
from kiosk_app.flow.technician_tools import (
    CardEnrolledError,
    CardListDamagedError,
    CardUnknownError,
    CardUnprovenError,
    CardUntrustedError,
)
from kiosk_app.wiring.technician_cards import KEY, LIST, TechnicianCards

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TODAY = dt.date(2026, 11, 23)
HUONG, BAO = PERSONAS["huong"], PERSONAS["bao"]


@pytest.fixture
def slot() -> Iterator[SimulatedCardReader]:
    made = SimulatedCardReader()
    yield made
    made.close()


@pytest.fixture
def cards(tmp_path: Path, slot: SimulatedCardReader) -> TechnicianCards:
    return TechnicianCards(tmp_path, lambda: slot, today=lambda: TODAY)


def lay(slot: SimulatedCardReader, name: str = "huong", faults: Faults = NO_FAULTS) -> str:
    slot.insert(PERSONAS[name], faults)
    return PERSONAS[name].id_number[-6:]


def test_an_enrolled_card_opens_and_another_does_not(
    cards: TechnicianCards, slot: SimulatedCardReader
) -> None:
    made = cards.enrol(lay(slot))
    assert (made.label, made.enrolled_on) == ("thẻ 1", TODAY)
    assert cards.cards() == (made,)
    cards.admit(lay(slot))
    with pytest.raises(CardUnknownError):
        cards.admit(lay(slot, "bao"))
    with pytest.raises(CardEnrolledError):
        cards.enrol(lay(slot))


def test_a_clone_with_the_same_data_and_another_key_is_refused(
    cards: TechnicianCards, slot: SimulatedCardReader
) -> None:
    cards.enrol(lay(slot))
    with pytest.raises(CardUnprovenError):
        cards.admit(lay(slot, faults=Faults(cloned_chip=True)))
    with pytest.raises(CardUntrustedError):
        cards.admit(lay(slot, faults=Faults(unknown_csca=True)))


def test_a_clone_is_not_enrolled(cards: TechnicianCards, slot: SimulatedCardReader) -> None:
    with pytest.raises(CardUnprovenError):
        cards.enrol(lay(slot, faults=Faults(cloned_chip=True)))
    assert cards.cards() == ()


def test_nothing_on_the_disk_names_the_holder_and_another_kiosk_cannot_use_it(
    cards: TechnicianCards, slot: SimulatedCardReader, tmp_path: Path
) -> None:
    cards.enrol(lay(slot))
    written = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    for trace in (HUONG.id_number, HUONG.id_number[-6:], HUONG.full_name):
        assert trace.encode() not in written
    assert (tmp_path / "keys" / KEY).stat().st_mode & 0o077 == 0
    assert (tmp_path / LIST).stat().st_mode & 0o077 == 0
    other = TechnicianCards(tmp_path / "other", lambda: slot, today=lambda: TODAY)
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / LIST).write_bytes((tmp_path / LIST).read_bytes())
    with pytest.raises(CardUnknownError):
        other.admit(lay(slot))


def test_a_card_taken_off_opens_nothing_and_its_name_does_not_come_back(
    cards: TechnicianCards, slot: SimulatedCardReader
) -> None:
    cards.enrol(lay(slot))
    cards.enrol(lay(slot, "bao"))
    cards.remove("thẻ 2")
    cards.remove("thẻ 7")
    with pytest.raises(CardUnknownError):
        cards.admit(lay(slot, "bao"))
    cards.admit(lay(slot))
    assert cards.enrol(lay(slot, "bao")).label == "thẻ 3"


@pytest.mark.parametrize("name", [LIST, f"keys/{KEY}"])
def test_a_damaged_list_or_key_opens_nothing(
    cards: TechnicianCards, slot: SimulatedCardReader, tmp_path: Path, name: str
) -> None:
    cards.enrol(lay(slot))
    (tmp_path / name).write_bytes(b"{}x")
    with pytest.raises(CardListDamagedError):
        cards.admit(lay(slot))
