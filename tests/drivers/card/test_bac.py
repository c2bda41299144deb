from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

import pytest

from drivers.card import bac
from drivers.card.apdu import PlainChannel
from drivers.card.ciphers import TRIPLE_DES, pad
from drivers.errors import AccessDeniedError, CardProtocolError
from drivers.simulated.card.chip_access import ChipBac
from drivers.simulated.card.personas import BAO, HUONG

if TYPE_CHECKING:
    from collections.abc import Callable


class Chip:
    """The card's end of BAC; `tamper` changes its last answer."""

    def __init__(self, tamper: Callable[[bytes], bytes] = lambda raw: raw, challenge: bytes = b"") -> None:
        self.bac = ChipBac(HUONG.mrz, secrets.token_bytes)
        self._tamper = tamper
        self._challenge = challenge

    def transmit(self, apdu: bytes) -> bytes:
        if apdu[1] == 0x84:
            return self._challenge or self.bac.challenge()
        return self._tamper(self.bac.authenticate(apdu[5:-1]))


def run(chip: Chip, lines: tuple[str, str, str] = HUONG.mrz) -> None:
    keys = bac.run(PlainChannel(chip), *bac.access_keys(lines), random_bytes=secrets.token_bytes)
    assert chip.bac.keys == keys


def test_both_sides_agree() -> None:
    run(Chip())


def test_another_card_s_mrz_is_access_denied() -> None:
    with pytest.raises(AccessDeniedError):
        run(Chip(), BAO.mrz)


def forged(raw: bytes) -> bytes:
    """A valid MAC over somebody else's challenges."""
    encryption, mac = bac.access_keys(HUONG.mrz)
    assert raw
    cryptogram = TRIPLE_DES.cipher(encryption).encrypt(bytes(32))
    return cryptogram + TRIPLE_DES.authenticator(mac)(pad(cryptogram, 8)) + b"\x90\x00"


@pytest.mark.parametrize(
    ("tamper", "says"),
    [
        (lambda raw: raw[:-3] + bytes([raw[-3] ^ 1]) + raw[-2:], "MAC"),
        (lambda raw: bytes([raw[0] ^ 1]) + raw[1:], "MAC"),
        (lambda raw: raw[1:], "broke BAC off"),
        (lambda _raw: b"\x6f\x00", "broke BAC off"),
        (forged, "another exchange"),
    ],
)
def test_a_dishonest_answer_is_refused(tamper: Callable[[bytes], bytes], says: str) -> None:
    with pytest.raises(CardProtocolError, match=says):
        run(Chip(tamper))


@pytest.mark.parametrize("challenge", [b"\x69\x82", b"\x01\x02\x90\x00"])
def test_a_refused_or_short_challenge_is_an_error(challenge: bytes) -> None:
    with pytest.raises(CardProtocolError, match="challenge"):
        run(Chip(challenge=challenge))
