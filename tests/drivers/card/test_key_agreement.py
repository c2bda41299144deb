from __future__ import annotations

import base64
import secrets
import subprocess

import pytest

from drivers.card import chip_auth, key_agreement, security_infos, tlv
from drivers.card.apdu import Command, Response
from drivers.card.ciphers import AES_128, TRIPLE_DES
from drivers.card.key_agreement import GroupKey
from drivers.errors import CardProtocolError
from drivers.simulated.card import lds
from drivers.simulated.card.authority import integer, sequence
from drivers.simulated.card.chip_proof import OWN_GROUP
from drivers.simulated.card.faults import NO_FAULTS
from drivers.simulated.card.makes import MAKES
from drivers.simulated.card.personas import HUONG

DH_PRIME = OWN_GROUP.prime
VALUE = pow(OWN_GROUP.generator, 1234567, DH_PRIME)


def algorithm(
    prime: int = DH_PRIME, generator: int = 2, oid: bytes = key_agreement.OID_PKCS3
) -> tuple[tlv.Tlv, ...]:
    return tlv.parse(tlv.encode(6, oid) + sequence(integer(prime), integer(generator)))


def test_both_sides_come_to_the_same_secret_as_wide_as_the_prime() -> None:
    key = key_agreement.group_key(algorithm(), integer(VALUE))
    assert isinstance(key, GroupKey)
    public, shared = key.agree(secrets.token_bytes)
    assert len(public) == len(shared) == 256
    assert int.from_bytes(shared, "big") == pow(int.from_bytes(public, "big"), 1234567, DH_PRIME)


@pytest.mark.parametrize("value", [0, 1, DH_PRIME - 1, DH_PRIME, DH_PRIME + 5])
def test_a_value_that_gives_the_secret_away_is_refused(value: int) -> None:
    with pytest.raises(CardProtocolError):
        key_agreement.group_key(algorithm(), integer(value))


@pytest.mark.parametrize("generator", [0, 1, DH_PRIME - 1])
def test_a_generator_of_nothing_is_refused(generator: int) -> None:
    with pytest.raises(CardProtocolError):
        key_agreement.group_key(algorithm(generator=generator), integer(VALUE))


def test_groups_of_other_kinds_are_no_key() -> None:
    assert key_agreement.group_key((), integer(VALUE)) is None
    assert key_agreement.group_key(algorithm(oid=b"\x2a\x03"), integer(VALUE)) is None
    for small in ((1 << 512) + 1, (1 << 8192) + 1):
        assert key_agreement.group_key(algorithm(prime=small), integer(3)) is None


@pytest.mark.parametrize(("number", "bits", "order"), [(0, 1024, 160), (1, 2048, 224), (2, 2048, 256)])
def test_groups_named_by_number_are_those_openssl_knows(number: int, bits: int, order: int) -> None:
    named = tlv.parse(tlv.encode(6, key_agreement.OID_STANDARD_DOMAIN) + integer(number))
    key = key_agreement.group_key(named, integer(VALUE % (1 << 1000)))
    assert isinstance(key, GroupKey)
    listed = subprocess.run(
        ["openssl", "genpkey", "-genparam", "-algorithm", "DHX", "-pkeyopt", f"dh_rfc5114:{number + 1}"],
        capture_output=True,
        check=True,
        timeout=60,
    )
    der = base64.b64decode(b"".join(listed.stdout.splitlines()[1:-1]))
    p, g, q = (int.from_bytes(item.value, "big") for item in tlv.parse(tlv.parse_one(der, 0x30).value))
    assert (key.group.prime, key.group.generator) == (p, g)
    assert (p.bit_length(), q.bit_length(), pow(g, q, p)) == (bits, order, 1)


def test_a_number_without_a_group_is_no_key() -> None:
    for number in (3, 13, 200):
        named = tlv.parse(tlv.encode(6, key_agreement.OID_STANDARD_DOMAIN) + integer(number))
        assert key_agreement.group_key(named, integer(VALUE)) is None


@pytest.mark.parametrize("body", [b"", integer(DH_PRIME), integer(DH_PRIME + 1) + integer(2)])
def test_a_malformed_group_is_refused(body: bytes) -> None:
    broken = tlv.parse(tlv.encode(6, key_agreement.OID_X942) + tlv.encode(0x30, body))
    with pytest.raises(CardProtocolError):
        key_agreement.group_key(broken, integer(VALUE))


# --- choosing and sending ------------------------------------------------------------------------------


def infos(make: str) -> tuple[security_infos.SecurityInfo, ...]:
    return chip_auth.parse_infos(lds.build(HUONG, NO_FAULTS, MAKES[make])[0x010E])


def test_a_key_without_any_mechanism_is_for_3des() -> None:
    keys = tuple(info for info in infos("vietnam") if info.oid == chip_auth.OID_PUBLIC_KEY_ECDH)
    chosen = chip_auth.choose(keys)
    assert chosen is not None
    assert (chosen.suite, chosen.name) == (TRIPLE_DES, "CA-ECDH-3DES")


def test_the_best_mechanism_for_the_key_at_hand_is_chosen() -> None:
    weak = security_infos.SecurityInfo(oid=chip_auth.OID_ECDH + b"\x01", items=())
    other = security_infos.SecurityInfo(oid=chip_auth.OID_DH + b"\x04", items=())
    chosen = chip_auth.choose((weak, other, *infos("vietnam")))
    assert chosen is not None
    assert chosen.suite is AES_128
    only_other = tuple(info for info in infos("vietnam") if not info.oid.startswith(chip_auth.OID_ECDH))
    assert chip_auth.choose((other, *only_other)) is None


def test_a_mechanism_for_another_key_is_not_chosen() -> None:
    numbered = tlv.parse(integer(1) + integer(7))
    foreign = security_infos.SecurityInfo(oid=chip_auth.OID_ECDH + b"\x02", items=numbered)
    keys = tuple(info for info in infos("vietnam") if info.oid == chip_auth.OID_PUBLIC_KEY_ECDH)
    assert chip_auth.choose((foreign, *keys)) is None


class Keeping:
    def __init__(self, *statuses: int) -> None:
        self.commands: list[Command] = []
        self._statuses = list(statuses)

    def send(self, command: Command) -> Response:
        self.commands.append(command)
        return Response(data=b"", sw=self._statuses.pop(0))


def test_a_long_key_travels_in_a_chain_and_a_refused_link_is_an_error() -> None:
    key = chip_auth.choose(infos("dh-aes"))
    assert key is not None
    channel = Keeping(0x9000, 0x9000, 0x9000)
    chip_auth.run(channel, channel, key, random_bytes=secrets.token_bytes)
    assert [command.cla for command in channel.commands] == [0x00, 0x10, 0x00]
    assert all(len(command.data) <= chip_auth.CHAIN_PIECE for command in channel.commands)
    channel = Keeping(0x9000, 0x6700)
    with pytest.raises(CardProtocolError, match="long key"):
        chip_auth.run(channel, channel, key, random_bytes=secrets.token_bytes)


def test_something_else_than_infos_is_refused() -> None:
    for data in (b"\x04\x00", b"\x30\x00", b"\x30\x02\x04\x00"):
        with pytest.raises(CardProtocolError):
            security_infos.parse(data)
