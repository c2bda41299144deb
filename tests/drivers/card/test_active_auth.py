from __future__ import annotations

import hashlib
import secrets

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import dsa, ec, rsa, utils
from hypothesis import given
from hypothesis import strategies as st

from drivers.card import active_auth, chip_auth, tlv
from drivers.card.active_auth import ActiveKey
from drivers.card.apdu import Command, Response
from drivers.errors import CardProtocolError
from drivers.simulated.card.authority import integer, private_key, public_key_info, sequence

CHALLENGE = bytes.fromhex("0123456789ABCDEF")
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
PUBLIC = ActiveKey(public=KEY.public_key())
WIDTH = KEY.key_size // 8
NUMBERS = KEY.private_numbers()
MODULUS = NUMBERS.public_numbers.n


def opened(message: bytes) -> bytes:
    """Return the signature that opens to a message."""
    return pow(int.from_bytes(message, "big"), NUMBERS.d, MODULUS).to_bytes(WIDTH, "big")


def message(
    digest: str = "sha1", trailer: bytes = b"\xbc", head: bytes = b"\x6a", challenge: bytes = CHALLENGE
) -> bytes:
    length = hashlib.new(digest).digest_size
    own = bytes(range(250))[: WIDTH - len(head) - length - len(trailer)]
    return head + own + hashlib.new(digest, own + challenge).digest() + trailer


@pytest.mark.parametrize(
    ("digest", "trailer"),
    [
        ("sha1", b"\xbc"),
        ("sha1", b"\x33\xcc"),
        ("sha224", b"\x38\xcc"),
        ("sha256", b"\x34\xcc"),
        ("sha384", b"\x36\xcc"),
        ("sha512", b"\x35\xcc"),
    ],
)
@pytest.mark.parametrize("head", [b"\x6a", b"\x6b\xba", b"\x6b\xbb\xbb\xba"])
def test_every_trailer_and_filling(digest: str, trailer: bytes, head: bytes) -> None:
    assert active_auth.verify(PUBLIC, CHALLENGE, opened(message(digest, trailer, head)))
    assert not active_auth.verify(PUBLIC, b"another.", opened(message(digest, trailer, head)))


def test_the_smaller_of_two_roots_is_understood() -> None:
    signature = int.from_bytes(opened(message()), "big")
    assert active_auth.verify(PUBLIC, CHALLENGE, (MODULUS - signature).to_bytes(WIDTH, "big"))


@pytest.mark.parametrize(
    "broken",
    [
        message(trailer=b"\x99\xcc"),
        message(trailer=b"\xb0"),
        message(head=b"\x4a"),
        message(head=b"\x6c"),
        message(head=b"\x6b\xb0"),
        b"\x6b" + b"\xbb" * (WIDTH - 2) + b"\xbc",
        b"\x6b" + b"\xbb" * (WIDTH - 4) + b"\xba\x34\xcc",
    ],
)
def test_a_message_of_another_form_is_refused(broken: bytes) -> None:
    assert not active_auth.verify(PUBLIC, CHALLENGE, opened(broken.ljust(WIDTH, b"\xbc")[:WIDTH]))


@pytest.mark.parametrize("signature", [b"", b"\x00" * (WIDTH - 1), b"\xff" * WIDTH, bytes(WIDTH)])
def test_a_signature_of_another_size_is_refused(signature: bytes) -> None:
    assert not active_auth.verify(PUBLIC, CHALLENGE, signature)


@pytest.mark.parametrize(
    ("curve", "digest"),
    [
        (ec.BrainpoolP256R1(), hashes.SHA256()),
        (ec.SECP521R1(), hashes.SHA512()),
        (ec.SECP384R1(), hashes.SHA384()),
    ],
    ids=["p256", "p521", "p384"],
)
def test_plain_and_der_ecdsa(curve: ec.EllipticCurve, digest: hashes.HashAlgorithm) -> None:
    private = ec.generate_private_key(curve)
    key = active_auth.parse_dg15(
        tlv.encode(
            0x6F,
            private.public_key().public_bytes(
                serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
            ),
        )
    )
    assert key is not None
    assert key.name == f"AA-ECDSA-{digest.name.upper()}"
    der = private.sign(CHALLENGE, ec.ECDSA(digest))
    r, s = utils.decode_dss_signature(der)
    size = (curve.key_size + 7) // 8
    plain = r.to_bytes(size, "big") + s.to_bytes(size, "big")
    for signature in (der, plain):
        assert active_auth.verify(key, CHALLENGE, signature)
        assert not active_auth.verify(key, b"another.", signature)
    assert not active_auth.verify(key, CHALLENGE, b"")


@given(st.binary(max_size=140))
def test_any_bytes_are_no_signature_and_no_crash(signature: bytes) -> None:
    assert not active_auth.verify(PUBLIC, CHALLENGE, signature)
    assert not active_auth.verify(ActiveKey(public=private_key("a").public_key()), CHALLENGE, signature)


def infos(*oids: bytes) -> bytes:
    entries = (
        sequence(tlv.encode(6, active_auth.OID_ACTIVE), integer(1), tlv.encode(6, oid)) for oid in oids
    )
    return tlv.encode(0x6E, tlv.encode(0x31, b"".join(entries)))


def test_dg14_names_the_digest() -> None:
    dg15 = tlv.encode(0x6F, public_key_info(private_key("a")))
    named = chip_auth.parse_infos(infos(active_auth.OID_PLAIN_ECDSA + b"\x05"))
    found = active_auth.parse_dg15(dg15, named)
    assert found is not None
    assert found.digest == "sha512"
    for unknown in (b"\x2a\x03", active_auth.OID_PLAIN_ECDSA + b"\x06"):
        found = active_auth.parse_dg15(dg15, chip_auth.parse_infos(infos(unknown)))
        assert found is not None
        assert found.digest == "sha256"


def test_keys_of_other_kinds_and_sizes_are_no_key() -> None:
    der = serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    other = dsa.generate_private_key(2048).public_key().public_bytes(*der)
    assert active_auth.parse_dg15(tlv.encode(0x6F, other)) is None
    numbers = rsa.RSAPublicNumbers(65537, (1 << 5000) + 1).public_key().public_bytes(*der)
    assert active_auth.parse_dg15(tlv.encode(0x6F, numbers)) is None
    for data in (b"", b"\x6f\x00", b"\x6e\x02\x30\x00"):
        with pytest.raises(CardProtocolError):
            active_auth.parse_dg15(data)


class Signing:
    def __init__(self, answer: Response) -> None:
        self.answer = answer
        self.commands: list[Command] = []

    def send(self, command: Command) -> Response:
        self.commands.append(command)
        return self.answer


def test_the_challenge_is_fresh_and_a_refusal_is_no_proof() -> None:
    chip = Signing(Response(data=b"", sw=0x6A80))
    for _ in range(2):
        assert not active_auth.run(chip, PUBLIC, random_bytes=secrets.token_bytes)
    first, second = chip.commands
    assert (first.ins, len(first.data), first.le, first.extended) == (0x88, 8, 256, False)
    assert first.data != second.data


def test_a_long_signature_is_asked_for_with_extended_length_where_it_passes() -> None:
    key = ActiveKey(public=rsa.generate_private_key(public_exponent=65537, key_size=2048).public_key())
    chip = Signing(Response(data=b"", sw=0x9000))
    active_auth.run(chip, key, random_bytes=secrets.token_bytes, extended=True)
    active_auth.run(chip, key, random_bytes=secrets.token_bytes)
    assert [(command.le, command.extended) for command in chip.commands] == [(512, True), (256, False)]
