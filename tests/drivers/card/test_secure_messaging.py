from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.card import tlv
from drivers.card.apdu import Command, Response
from drivers.card.ciphers import AES_128, AES_256, TRIPLE_DES, CipherSuite, KeyUse, pad, unpad
from drivers.card.secure_messaging import SecureChannel, SessionKeys
from drivers.errors import CardProtocolError
from drivers.simulated.card.chip_channel import ChipChannel
from drivers.simulated.card.faults import NO_FAULTS

if TYPE_CHECKING:
    from collections.abc import Callable

SUITES: list[CipherSuite] = [AES_128, AES_256, TRIPLE_DES]
READ = Command(ins=0xB0, le=8)


def session(suite: CipherSuite) -> SessionKeys:
    return SessionKeys(
        suite=suite,
        encryption=suite.derive(b"secret", KeyUse.ENCRYPTION),
        mac=suite.derive(b"secret", KeyUse.MAC),
        ssc=bytes(suite.block),
    )


class Chip:
    """Echoes the command's data, or `answer`, through the card's end of the channel, then tampers."""

    def __init__(
        self,
        keys: SessionKeys,
        tamper: Callable[[bytes], bytes] = lambda raw: raw,
        answer: bytes | None = None,
    ) -> None:
        self._channel = ChipChannel(keys, NO_FAULTS)
        self._tamper = tamper
        self._answer = answer

    def send(self, command: Command) -> Response:
        raw = command.to_bytes()
        data, _le = self._channel.open(raw[:4], raw[5:-1])
        sealed = self._channel.seal(data if self._answer is None else self._answer, b"\x90\x00")
        tampered = self._tamper(sealed)
        return Response(data=tampered[:-2], sw=int.from_bytes(tampered[-2:], "big"))


@given(st.sampled_from(SUITES), st.binary(max_size=200), st.integers(1, 5))
def test_what_is_sent_comes_back_any_number_of_times(suite: CipherSuite, data: bytes, times: int) -> None:
    channel = SecureChannel(Chip(session(suite)), session(suite))
    for _ in range(times):
        assert channel.send(Command(ins=0xD6, data=data, le=8)).data == data


@pytest.mark.parametrize(("suite", "size"), [(AES_128, 223), (AES_256, 223), (TRIPLE_DES, 231)])
def test_the_largest_read_just_fits_a_short_answer(suite: CipherSuite, size: int) -> None:
    keys = session(suite)
    assert SecureChannel(Chip(keys), keys).max_read == size
    sealed = ChipChannel(keys, NO_FAULTS)
    assert len(sealed.seal(bytes(size), b"\x90\x00")) - 2 <= 256
    assert len(sealed.seal(bytes(size + suite.block), b"\x90\x00")) - 2 > 256


def without(tag: int) -> Callable[[bytes], bytes]:
    def tamper(raw: bytes) -> bytes:
        kept = [tlv.encode(item.tag, item.value) for item in tlv.parse(raw[:-2]) if item.tag != tag]
        return b"".join(kept) + raw[-2:]

    return tamper


TAMPERINGS: dict[str, Callable[[bytes], bytes]] = {
    "bad MAC": lambda raw: raw[:-3] + bytes([raw[-3] ^ 1]) + raw[-2:],
    "short MAC": lambda raw: without(0x8E)(raw)[:-2] + tlv.encode(0x8E, raw[-10:-6]) + raw[-2:],
    "changed data": lambda raw: raw[:5] + bytes([raw[5] ^ 1]) + raw[6:],
    "missing DO'99'": without(0x99),
    "missing DO'8E'": without(0x8E),
    "missing DO'87'": without(0x87),
    "status outside differs": lambda raw: raw[:-2] + b"\x62\x82",
    "extra object": lambda raw: tlv.encode(0x81, b"x") + raw,
    "no protection at all": lambda _raw: b"\x90\x00",
    "plain data": lambda _raw: b"\x01\x02\x90\x00",
    "channel dropped": lambda _raw: b"\x69\x88",
}


@pytest.mark.parametrize("suite", SUITES, ids=lambda suite: suite.name)
@pytest.mark.parametrize("name", TAMPERINGS)
def test_a_tampered_answer_is_refused(suite: CipherSuite, name: str) -> None:
    channel = SecureChannel(Chip(session(suite), TAMPERINGS[name], b"abcdefgh"), session(suite))
    with pytest.raises(CardProtocolError):
        channel.send(READ)


def test_a_replayed_answer_is_refused() -> None:
    kept: list[bytes] = []

    def replay(raw: bytes) -> bytes:
        kept.append(raw)
        return kept[0]

    channel = SecureChannel(Chip(session(AES_128), replay, b"abcdefgh"), session(AES_128))
    assert channel.send(READ).data == b"abcdefgh"
    with pytest.raises(CardProtocolError, match="MAC"):
        channel.send(READ)


class Forger:
    """Knows the keys, and sends a cryptogram of its own making under a valid MAC."""

    def __init__(self, keys: SessionKeys, cryptogram: bytes, status: bytes = b"\x90\x00") -> None:
        suite = keys.suite
        ssc = (2).to_bytes(suite.block, "big")
        body = tlv.encode(0x87, cryptogram) + tlv.encode(0x99, status)
        mac = suite.authenticator(keys.mac)(pad(ssc + body, suite.block))
        self._data = body + tlv.encode(0x8E, mac)

    def send(self, command: Command) -> Response:
        assert command.cla == 0x0C
        return Response(data=self._data, sw=0x9000)


def test_wrong_padding_under_a_valid_mac_is_refused() -> None:
    keys = session(AES_128)
    cipher = AES_128.cipher(keys.encryption).encrypt(b"sixteen bytes ok", ssc=(2).to_bytes(16, "big"))
    with pytest.raises(CardProtocolError, match="padded"):
        SecureChannel(Forger(keys, b"\x01" + cipher), keys).send(READ)


@pytest.mark.parametrize("cryptogram", [b"", b"\x01", b"\x02" + bytes(16), b"\x01" + bytes(15)])
def test_malformed_cryptograms_under_a_valid_mac_are_refused(cryptogram: bytes) -> None:
    keys = session(AES_128)
    with pytest.raises(CardProtocolError, match="cryptogram"):
        SecureChannel(Forger(keys, cryptogram), keys).send(READ)


@pytest.mark.parametrize("status", [b"\x62\x82", b"\x90", b"\x90\x00\x00"])
def test_a_status_inside_that_differs_from_the_one_outside_is_refused(status: bytes) -> None:
    keys = session(AES_128)
    cipher = AES_128.cipher(keys.encryption).encrypt(pad(b"x", 16), ssc=(2).to_bytes(16, "big"))
    with pytest.raises(CardProtocolError, match="status"):
        SecureChannel(Forger(keys, b"\x01" + cipher, status), keys).send(READ)


@given(st.binary(max_size=64), st.sampled_from([8, 16]))
def test_padding_comes_off_again(data: bytes, block: int) -> None:
    padded = pad(data, block)
    assert len(padded) % block == 0
    assert unpad(padded) == data


@pytest.mark.parametrize("data", [b"", bytes(16), b"\x80\x01"])
def test_padding_without_its_mark_is_refused(data: bytes) -> None:
    with pytest.raises(CardProtocolError):
        unpad(data)
