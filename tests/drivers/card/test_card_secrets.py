"""Canaries: no APDU, key or personal byte is in any log or error, and nothing secret outlives a read."""

from __future__ import annotations

import datetime as dt
import gc
import logging
import secrets
from typing import TYPE_CHECKING

import pytest

from drivers.card.certificates import Certificate
from drivers.card.passive_auth import SecurityObject
from drivers.card.reader import Surroundings, read_card
from drivers.card.secure_messaging import SecureChannel, SessionKeys
from drivers.card.trust import Trust
from drivers.errors import DriverError
from drivers.ports import AccessKey, CanKey, CardReading, IdCard, MrzKey, Portrait
from drivers.simulated.card import authority
from drivers.simulated.card.chip import VirtualCard
from drivers.simulated.card.faults import NO_FAULTS, Faults
from drivers.simulated.card.makes import MAKES
from drivers.simulated.card.personas import HUONG

if TYPE_CHECKING:
    from collections.abc import Iterator

PERSONAL = (
    HUONG.id_number,
    HUONG.can,
    "HƯƠNG",
    "HUONG",
    "Phú Long",
    HUONG.religion,
    HUONG.marks,
    HUONG.mrz[1],
)
SHORTEST = 6
"""Bytes of an APDU whose text would give something away; shorter ones are bare headers and status words."""


class Wiretap:
    """Carries APDUs, keeps them and the session keys, and changes one bit of one answer."""

    def __init__(self, card: VirtualCard, flip_at: int = 0) -> None:
        self.card = card
        self.extended = card.make.extended
        self.carried: list[bytes] = []
        self.keys: set[bytes] = set()
        self._flip_at = flip_at

    def reset(self) -> None:
        self.card.reset()

    def transmit(self, apdu: bytes) -> bytes:
        answer = self.card.answer(apdu)
        assert isinstance(answer, bytes)
        self.carried += [apdu, answer]
        for keys in (self.card._pace.keys, self.card._bac.keys):
            self.keys |= {keys.encryption, keys.mac} if keys else set()
        flips = len(self.carried) == 2 * self._flip_at and len(answer) > 4
        return answer[:3] + bytes([answer[3] ^ 1]) + answer[4:] if flips else answer


def read(line: Wiretap, access: AccessKey) -> CardReading:
    anchors = tuple(Certificate.load(der) for der in authority.test_authorities())
    trust = Trust(anchors=anchors, moment=dt.datetime(2026, 11, 22, tzinfo=dt.UTC))
    return read_card(
        line,
        access,
        timeout_s=20.0,
        progress=lambda _share: None,
        surroundings=Surroundings(trust=trust, random_bytes=secrets.token_bytes),
    )


def spellings(raw: bytes) -> tuple[str, ...]:
    """Return how bytes might stand in a text: as hexadecimal numbers, as Python writes them, in lists."""
    return (
        raw.hex(),
        raw.hex().upper(),
        raw.hex(" ").upper(),
        repr(raw)[2:-1],
        ", ".join(str(byte) for byte in raw),
    )


def words_of(error: BaseException | None) -> Iterator[str]:
    """Return everything an error and its causes say."""
    while error is not None:
        yield f"{error!r} {error} {error.args} {getattr(error, 'detail', '')}"
        error = error.__cause__ or error.__context__


CASES: list[tuple[str, AccessKey, Faults]] = [
    ("active-ecdsa", CanKey(can=HUONG.can), NO_FAULTS),
    ("dh-3des", CanKey(can=HUONG.can), NO_FAULTS),
    ("pace-cam", CanKey(can=HUONG.can), NO_FAULTS),
    ("vietnam", MrzKey(lines=HUONG.mrz), Faults(no_pace=True)),
    ("vietnam", CanKey(can=HUONG.can), Faults(drops_long_reads=150)),
]


@pytest.mark.parametrize("case", range(len(CASES)))
def test_no_apdu_key_or_personal_byte_is_in_an_error_or_a_log(
    case: int, caplog: pytest.LogCaptureFixture
) -> None:
    make, access, faults = CASES[case]
    caplog.set_level(logging.DEBUG)
    said: list[str] = []
    hidden: set[bytes] = set()
    for flip_at in (0, *range(1, 90, 6)):
        line = Wiretap(VirtualCard(HUONG, faults, make=MAKES[make]), flip_at)
        try:
            said.append(repr(read(line, access)))
        except DriverError as error:
            said += words_of(error)
        hidden |= line.keys | {apdu for apdu in line.carried if len(apdu) >= SHORTEST}
    everything = " ".join([*said, *(f"{record.getMessage()} {record.__dict__}" for record in caplog.records)])
    assert len(hidden) > 100
    assert [secret for secret in PERSONAL if secret in everything] == []
    assert [raw.hex() for raw in hidden if any(one in everything for one in spellings(raw))] == []


def test_the_search_finds_what_is_there() -> None:
    line = Wiretap(VirtualCard(HUONG))
    read(line, CanKey(can=HUONG.can))
    assert len(line.keys) == 2
    for raw in line.keys:
        assert any(one in f"left behind: {raw!r}" for one in spellings(raw))
        assert any(one in f"left behind: {raw.hex()}" for one in spellings(raw))


KEYS = (SessionKeys, SecureChannel, CanKey, SecurityObject)
PERSON = (CardReading, IdCard, Portrait)


def alive(*kinds: type) -> int:
    gc.collect()
    return sum(isinstance(held, kinds) for held in gc.get_objects())


def test_keys_end_with_the_read_and_the_portrait_with_the_reading() -> None:
    line = Wiretap(VirtualCard(HUONG, make=MAKES["active-ecdsa"]))
    keys, persons = alive(*KEYS), alive(*PERSON)
    reading = read(line, CanKey(can=HUONG.can))
    line.card.reset()  # the card's own end of the channel
    assert alive(*KEYS) == keys
    assert alive(*PERSON) == persons + 3
    assert reading.holder.portrait is not None
    del reading
    assert alive(*PERSON) == persons


def test_an_error_holds_no_key_either() -> None:
    line = Wiretap(VirtualCard(HUONG), flip_at=40)
    keys = alive(*KEYS)
    with pytest.raises(DriverError) as caught:
        read(line, CanKey(can=HUONG.can))
    line.card.reset()
    error = caught.value.with_traceback(None)
    del caught
    assert alive(*KEYS) == keys
    assert error.code == "card.protocol"
