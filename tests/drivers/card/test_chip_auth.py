from __future__ import annotations

import contextlib
import secrets

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.card import chip_auth, key_agreement, tlv
from drivers.card.apdu import Command, Response
from drivers.card.ciphers import AES_256
from drivers.card.curves import BRAINPOOL_P256R1, SECP_384R1
from drivers.card.key_agreement import CurveKey
from drivers.errors import CardProtocolError
from drivers.simulated.card import authority, lds
from drivers.simulated.card.authority import integer, sequence
from drivers.simulated.card.faults import NO_FAULTS
from drivers.simulated.card.personas import BINH, HUONG, Persona

OID_AES_256 = chip_auth.OID_ECDH + b"\x04"
MECHANISM = sequence(tlv.encode(0x06, OID_AES_256), integer(1))


def dg14(*infos: bytes) -> bytes:
    return tlv.encode(0x6E, tlv.encode(0x31, b"".join(infos)))


def public_key(info: bytes, *rest: bytes) -> bytes:
    return sequence(tlv.encode(0x06, chip_auth.OID_PUBLIC_KEY_ECDH), info, *rest)


def standard(domain_id: int, point: bytes) -> bytes:
    algorithm = sequence(tlv.encode(0x06, key_agreement.OID_STANDARD_DOMAIN), integer(domain_id))
    return sequence(algorithm, tlv.encode(0x03, b"\x00" + point))


@pytest.mark.parametrize("persona", [HUONG, BINH], ids=lambda persona: persona.name)
def test_named_and_spelled_out_curves_are_understood(persona: Persona) -> None:
    built = lds.build(persona, NO_FAULTS)
    key = chip_auth.parse_dg14(built[0x010E])
    assert key is not None
    assert isinstance(key.public, CurveKey)
    assert (key.public.domain, key.name, key.key_id) == (BRAINPOOL_P256R1, "CA-ECDH-AES-128", None)


def test_a_domain_given_by_its_number_and_a_key_id() -> None:
    point = SECP_384R1.encode(SECP_384R1.g)
    key = chip_auth.parse_dg14(dg14(MECHANISM, public_key(standard(15, point), integer(3))))
    assert key is not None
    assert key.public == CurveKey(domain=SECP_384R1, point=SECP_384R1.g)
    assert (key.suite, key.key_id) == (AES_256, 3)


def test_kinds_we_do_not_speak_are_no_key() -> None:
    point = BRAINPOOL_P256R1.encode(BRAINPOOL_P256R1.g)
    assert chip_auth.parse_dg14(dg14(MECHANISM)) is None
    assert chip_auth.parse_dg14(dg14(MECHANISM, public_key(standard(99, point)))) is None
    forged = authority.public_key_info(authority.private_key("x"), explicit=True, forged=True)
    assert chip_auth.parse_dg14(dg14(MECHANISM, public_key(forged))) is None


@pytest.mark.parametrize(
    "data",
    [
        b"",
        tlv.encode(0x6E, b""),
        dg14(MECHANISM, public_key(sequence(integer(1)))),
        dg14(MECHANISM, public_key(standard(13, b"\x04" + bytes(64)))),
    ],
)
def test_malformed_files_are_refused(data: bytes) -> None:
    with pytest.raises(CardProtocolError):
        chip_auth.parse_dg14(data)


@given(st.integers(0, 400), st.integers(0, 255))
def test_one_changed_byte_never_crashes(position: int, value: int) -> None:
    data = bytearray(lds.build(HUONG, NO_FAULTS)[0x010E])
    data[position % len(data)] = value
    with contextlib.suppress(CardProtocolError):
        chip_auth.parse_dg14(bytes(data))


class Answering:
    """A channel that answers every command with the next status and keeps the commands."""

    def __init__(self, *statuses: int) -> None:
        self.commands: list[Command] = []
        self._statuses = list(statuses)

    def send(self, command: Command) -> Response:
        self.commands.append(command)
        return Response(data=b"", sw=self._statuses.pop(0))


@pytest.mark.parametrize("statuses", [(0x6A80,), (0x9000, 0x6300)])
def test_a_refusal_is_an_error(statuses: tuple[int, ...]) -> None:
    key = chip_auth.parse_dg14(lds.build(HUONG, NO_FAULTS)[0x010E])
    assert key is not None
    channel = Answering(*statuses)
    with pytest.raises(CardProtocolError):
        chip_auth.run(channel, channel, key, random_bytes=secrets.token_bytes)
    assert channel.commands[0].data == tlv.encode(0x80, key.oid)


def test_the_key_id_goes_with_the_mechanism() -> None:
    point = SECP_384R1.encode(SECP_384R1.g)
    key = chip_auth.parse_dg14(dg14(MECHANISM, public_key(standard(15, point), integer(3))))
    assert key is not None
    channel = Answering(0x9000, 0x9000)
    chip_auth.run(channel, channel, key, random_bytes=secrets.token_bytes)
    assert channel.commands[0].data == tlv.encode(0x80, OID_AES_256) + tlv.encode(0x84, b"\x03")
