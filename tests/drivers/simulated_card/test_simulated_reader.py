"""The simulated slot keeps the promises of `drivers.ports.CardReader`."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest

from drivers.errors import (
    AccessDeniedError,
    DeviceTimeoutError,
    MediaRemovedError,
    NoCardError,
)
from drivers.ports import CanKey, CardReader, DeviceState, Verdict
from drivers.simulated.card.authority import write_csca_folder
from drivers.simulated.card.card_reader import SimulatedCardReader
from drivers.simulated.card.faults import Faults
from drivers.simulated.card.personas import BAO, HUONG, Persona

if TYPE_CHECKING:
    from pathlib import Path

    from drivers.ports import CardReading


def read(slot: CardReader, persona: Persona = HUONG, timeout_s: float = 10.0) -> CardReading:
    return slot.read(CanKey(can=persona.can), timeout_s=timeout_s, progress=lambda _share: None)


def test_insert_read_remove() -> None:
    slot = SimulatedCardReader()
    assert not slot.card_present()
    with pytest.raises(NoCardError):
        read(slot)
    slot.insert(HUONG)
    assert slot.card_present()
    assert read(slot).holder.full_name == "NGUYỄN THỊ HƯƠNG"
    assert read(slot).proof.passive_auth is Verdict.VALID
    slot.remove()
    assert not slot.card_present()
    assert slot.status().state is DeviceState.READY
    slot.close()
    slot.close()


def test_another_card_takes_the_place_of_the_first() -> None:
    slot = SimulatedCardReader()
    slot.insert(HUONG)
    slot.insert(BAO)
    with pytest.raises(AccessDeniedError):
        read(slot, HUONG)
    assert read(slot, BAO).holder.id_number == BAO.id_number


def test_waiting_ends_with_the_card_or_with_the_time() -> None:
    slot = SimulatedCardReader()
    assert not slot.wait_for_card(present=True, timeout_s=0)
    assert slot.wait_for_card(present=False, timeout_s=0)
    hand = threading.Thread(target=slot.insert, args=(HUONG,))
    hand.start()
    assert slot.wait_for_card(present=True, timeout_s=10)
    hand.join()


def test_a_card_that_leaves_by_its_script() -> None:
    slot = SimulatedCardReader()
    slot.insert(HUONG, Faults(removed_at_apdu=30))
    with pytest.raises(MediaRemovedError):
        read(slot)
    assert slot.wait_for_card(present=False, timeout_s=0)
    with pytest.raises(NoCardError):
        read(slot)


def test_a_card_pulled_out_by_hand_while_it_is_silent() -> None:
    slot = SimulatedCardReader()
    slot.insert(HUONG, Faults(silent_at_apdu=20))
    shares: list[float] = []
    caught: list[BaseException] = []
    begun = threading.Event()

    def progress(share: float) -> None:
        shares.append(share)
        begun.set()

    def visit() -> None:
        try:
            slot.read(CanKey(can=HUONG.can), timeout_s=30, progress=progress)
        except MediaRemovedError as error:
            caught.append(error)

    thread = threading.Thread(target=visit)
    thread.start()
    assert begun.wait(10)
    slot.remove()
    thread.join(10)
    assert len(caught) == 1
    assert shares[-1] < 1


def test_a_silent_card_ends_with_the_time() -> None:
    slot = SimulatedCardReader()
    slot.insert(HUONG, Faults(silent_at_apdu=20))
    with pytest.raises(DeviceTimeoutError):
        read(slot, timeout_s=0.2)


def test_latency_is_added_to_each_apdu() -> None:
    slot = SimulatedCardReader()
    slot.insert(HUONG, Faults(latency_ms=1))
    proof = read(slot).proof
    assert proof.elapsed_ms >= proof.apdus


def test_another_folder_of_authorities_can_be_given(tmp_path: Path) -> None:
    slot = SimulatedCardReader(csca_dir=tmp_path)
    slot.insert(HUONG)
    assert read(slot).proof.passive_auth_reason == "no_authorities_configured"
    slot = SimulatedCardReader(csca_dir=write_csca_folder(tmp_path / "csca"))
    slot.insert(HUONG)
    assert read(slot).proof.passive_auth is Verdict.VALID
