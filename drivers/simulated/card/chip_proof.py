"""Chip authentication and active authentication from the card's side, and the chip's own keys.

Source: ICAO Doc 9303-11 (8th ed.), 6.1 and 6.2; ISO/IEC 9796-2:2010, digital signature scheme 1.
"""

from __future__ import annotations

import functools
import hashlib
import secrets
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa, utils

from drivers.card import tlv
from drivers.card.chip_auth import CIPHERS, OID_ECDH
from drivers.card.curves import BRAINPOOL_P256R1, KeyPair
from drivers.card.groups import GROUPS, Group
from drivers.card.pace import session_keys
from drivers.errors import CardProtocolError
from drivers.simulated.card import authority

if TYPE_CHECKING:
    from drivers.card.secure_messaging import SessionKeys
    from drivers.simulated.card.faults import Faults
    from drivers.simulated.card.makes import Make
    from drivers.simulated.card.personas import Persona

SW_OK = b"\x90\x00"
SW_NOT_SATISFIED = b"\x69\x85"
SW_NO_PASSWORD = b"\x6a\x88"
SW_WRONG_DATA = b"\x6a\x80"
CURVE = BRAINPOOL_P256R1
OWN_GROUP = Group(
    prime=int(
        "FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74020BBEA63B139B22514A08798E3404DD"
        "EF9519B3CD3A431B302B0A6DF25F14374FE1356D6D51C245E485B576625E7EC6F44C42E9A637ED6B0BFF5CB6F406B7ED"
        "EE386BFB5A899FA5AE9F24117C4B1FE649286651ECE45B3DC2007CB8A163BF0598DA48361C55D39A69163FA8FD24CF5F"
        "83655D23DCA3AD961C62F356208552BB9ED529077096966D670C354E4ABC9804F1746C08CA18217C32905E462E36CE3B"
        "E39E772C180E86039B2783A2EC07A28FB5C55DF06F4C52C9DE2BCBF6955817183995497CEA956AE515D2261898FA0510"
        "15728E5A8AACAA68FFFFFFFFFFFFFFFF",
        16,
    ),
    generator=2,
)
"""The 2048-bit group a make spells out. Source: RFC 3526, 3."""
TRAILERS = {"RSA-SHA1": b"\xbc", "RSA-SHA256": b"\x34\xcc"}
RSA_BITS = {"RSA-SHA1": 1024, "RSA-SHA256": 2048}


def chip_number(persona: Persona, faults: Faults) -> int:
    """Return the private number of a chip; a clone has another one."""
    name = f"{'clone' if faults.cloned_chip else 'chip'} of {persona.name}"
    return authority.private_key(name).private_numbers().private_value


def dh_group(make: Make) -> Group:
    """Return the group of a chip key that is no point of a curve."""
    return OWN_GROUP if make.standard_group is None else GROUPS[make.standard_group]


@functools.cache
def signing_key(kind: str, name: str) -> rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey:
    """Return the key a chip signs challenges with, by the make's word and the owner's name."""
    if kind.startswith("ECDSA"):
        return authority.private_key(f"signing {name}")
    # The short key is what early passports have; it guards nothing here.
    return rsa.generate_private_key(public_exponent=65537, key_size=RSA_BITS[kind])


class ChipAuthentication:
    """Chip authentication version 1 of the card's make, under a secure channel."""

    def __init__(self, persona: Persona, make: Make, faults: Faults) -> None:
        self._number = chip_number(persona, faults)
        self._make = make
        self._selected = False
        self._chained = b""
        self.keys: SessionKeys | None = None
        """The keys to switch to once the answer has gone out under the old ones."""

    def select(self, data: bytes) -> bytes:
        """Answer MSE:Set AT for chip authentication."""
        self._selected = bool(self._make.chip) and tlv.find(data, 0x80) == self._make.chip
        self._chained = b""
        return SW_OK if self._selected else SW_NO_PASSWORD

    def key_agreement(self, data: bytes, *, more: bool) -> bytes:
        """Answer MSE:Set KAT, the older form with 3DES.

        Raises:
            CardProtocolError: The terminal's key is malformed.
        """
        self._chained += data
        if more:
            return SW_OK
        whole, self._chained = self._chained, b""
        if self._make.chip[-1:] != b"\x01":
            return SW_WRONG_DATA
        self._agree(tlv.find(whole, 0x91) or b"")
        return SW_OK

    def answer(self, data: bytes, *, more: bool) -> bytes:
        """Answer GENERAL AUTHENTICATE with the terminal's ephemeral key.

        Raises:
            CardProtocolError: The terminal's key is malformed.
        """
        if not self._selected:
            return SW_NOT_SATISFIED
        self._chained += data
        if more:
            return SW_OK
        self._selected = False
        self._agree(tlv.find(self._chained, 0x7C, 0x80) or b"")
        return tlv.encode(0x7C, b"") + SW_OK

    def _agree(self, public: bytes) -> None:
        suite = CIPHERS[self._make.chip[-1:]]
        if self._make.chip.startswith(OID_ECDH):
            shared = KeyPair(CURVE, self._number).agree(CURVE.decode(public))
        else:
            prime = dh_group(self._make).prime
            if len(public) != prime.bit_length() // 8:
                raise CardProtocolError("The terminal's key does not fit.")
            shared = pow(int.from_bytes(public, "big"), self._number, prime).to_bytes(len(public), "big")
        self.keys = session_keys(suite, shared)


class ActiveAuthentication:
    """Signs challenges with the key of DG15."""

    def __init__(self, persona: Persona, make: Make, faults: Faults) -> None:
        self._kind = make.active
        self._name = f"clone of {persona.name}" if faults.cloned_chip else persona.name
        self._wrong = faults.wrong_challenge

    def answer(self, challenge: bytes) -> bytes:
        """Answer INTERNAL AUTHENTICATE."""
        if not self._kind:
            return b"\x6d\x00"
        challenge = bytes(len(challenge)) if self._wrong else challenge
        key = signing_key(self._kind, self._name)
        if isinstance(key, ec.EllipticCurvePrivateKey):
            r, s = utils.decode_dss_signature(key.sign(challenge, ec.ECDSA(hashes.SHA256())))
            return r.to_bytes(CURVE.size, "big") + s.to_bytes(CURVE.size, "big") + SW_OK
        return self._sign_rsa(key, challenge) + SW_OK

    def _sign_rsa(self, key: rsa.RSAPrivateKey, challenge: bytes) -> bytes:
        numbers, width = key.private_numbers(), key.key_size // 8
        digest, trailer = hashlib.new(self._kind.removeprefix("RSA-").lower()), TRAILERS[self._kind]
        own = secrets.token_bytes(width - 1 - digest.digest_size - len(trailer))
        digest.update(own + challenge)
        message = int.from_bytes(b"\x6a" + own + digest.digest() + trailer, "big")
        return pow(message, numbers.d, numbers.public_numbers.n).to_bytes(width, "big")
