"""The name of a chip: the same at every read of one card, empty where the chip proved nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from drivers.ports import CanKey, CardProof, CardReading, Verdict
from drivers.simulated.card.card_reader import SimulatedCardReader
from drivers.simulated.card.faults import NO_FAULTS, Faults
from drivers.simulated.card.makes import MAKES
from drivers.simulated.card.personas import PERSONAS

if TYPE_CHECKING:
    from collections.abc import Iterator

NOT_PROVEN = {
    "the data are copied, the chip's key is not": Faults(cloned_chip=True),
    "an authority nobody knows": Faults(unknown_csca=True),
    "data that were changed": Faults(wrong_hash=True),
    "a signer that ran out": Faults(expired_dsc=True),
}


@pytest.fixture
def slot() -> Iterator[SimulatedCardReader]:
    made = SimulatedCardReader()
    yield made
    made.close()


def read(
    slot: SimulatedCardReader, name: str, faults: Faults = NO_FAULTS, make: str = "vietnam"
) -> CardReading:
    persona = PERSONAS[name]
    slot.insert(persona, faults, MAKES[make])
    return slot.read(CanKey(can=persona.id_number[-6:]), timeout_s=30, progress=lambda _share: None)


@pytest.mark.parametrize("make", ["vietnam", "pace-cam", "active-ecdsa", "dh-aes"])
def test_two_reads_of_a_card_agree_and_two_cards_do_not(slot: SimulatedCardReader, make: str) -> None:
    first, again = read(slot, "huong", make=make), read(slot, "huong", make=make)
    assert first.chip_id
    assert len(first.chip_id) == 64
    assert read(slot, "bao", make=make).chip_id not in {"", first.chip_id}
    if make != "active-ecdsa":  # its test signer uses PSS, whose signatures are never twice the same
        assert first.chip_id == again.chip_id


@pytest.mark.parametrize("why", NOT_PROVEN)
def test_a_chip_that_proves_nothing_has_no_name(slot: SimulatedCardReader, why: str) -> None:
    assert read(slot, "huong", NOT_PROVEN[why]).chip_id == ""


def test_a_chip_without_chip_authentication_is_named_by_active_authentication_only(
    slot: SimulatedCardReader,
) -> None:
    honest = read(slot, "huong", make="active-rsa-sha1")
    assert honest.proof.chip_auth is Verdict.ABSENT
    assert honest.chip_id
    assert read(slot, "huong", Faults(wrong_challenge=True), "active-rsa-sha1").chip_id == ""
    assert read(slot, "huong", Faults(cloned_chip=True), "active-rsa-sha1").chip_id == ""


def test_the_name_is_told_to_nobody(slot: SimulatedCardReader) -> None:
    reading = read(slot, "huong")
    assert reading.chip_id not in repr(reading)
    assert not any("id" in name for name in CardProof.__dataclass_fields__ if name.startswith("chip_"))
