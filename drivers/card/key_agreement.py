"""The two kinds of static chip key and how the kiosk agrees on a secret with each.

Source: BSI TR-03110-3 v2.21, A.2; RFC 3279, 2.3.3 (X9.42 keys); PKCS #3 (the older form).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from drivers.card import tlv
from drivers.card.curves import KeyPair
from drivers.card.groups import GROUPS, Group
from drivers.card.pace import private_key
from drivers.errors import CardProtocolError

if TYPE_CHECKING:
    from drivers.card.curves import Domain, Point
    from drivers.card.pace import RandomBytes

OID_X942 = bytes.fromhex("2A8648CE3E0201")
OID_STANDARD_DOMAIN = bytes.fromhex("04007F00070102")
"""standardizedDomainParameters: an id in place of a domain. Source: BSI TR-03110-3, A.2.1.1."""
OID_PKCS3 = bytes.fromhex("2A864886F70D010301")
TAG_SEQUENCE, TAG_OID, TAG_INTEGER = 0x30, 0x06, 0x02
PRIME_BITS = (1024, 4096)
"""Smaller primes are broken, larger ones only cost the kiosk time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CurveKey:
    """A chip key on an elliptic curve."""

    kind = "ECDH"
    domain: Domain
    point: Point = field(repr=False)

    def agree(self, random_bytes: RandomBytes) -> tuple[bytes, bytes]:
        """Return a fresh public key and the secret it shares with the chip."""
        pair = KeyPair(self.domain, private_key(self.domain, random_bytes))
        return self.domain.encode(pair.public), pair.agree(self.point)


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupKey:
    """A chip key in a group of numbers modulo a prime (classic Diffie-Hellman)."""

    kind = "DH"
    group: Group = field(repr=False)
    value: int = field(repr=False)

    def agree(self, random_bytes: RandomBytes) -> tuple[bytes, bytes]:
        """Return a fresh public key and the secret it shares with the chip, both as wide as the prime."""
        prime = self.group.prime
        width = (prime.bit_length() + 7) // 8
        private = int.from_bytes(random_bytes(width + 8), "big") % (prime - 3) + 2
        public = pow(self.group.generator, private, prime)
        shared = pow(self.value, private, prime)
        return public.to_bytes(width, "big"), shared.to_bytes(width, "big")


def group_key(algorithm: tuple[tlv.Tlv, ...], value: bytes) -> GroupKey | None:
    """Build a Diffie-Hellman key from its AlgorithmIdentifier and public value.

    Returns:
        None for parameters of a kind or size this reader does not speak.

    Raises:
        CardProtocolError: The key is malformed or leaks the secret (0, 1, or p - 1).
    """
    group = _group(algorithm)
    if group is None or not PRIME_BITS[0] <= group.prime.bit_length() <= PRIME_BITS[1]:
        return None
    public = int.from_bytes(tlv.parse_one(value, TAG_INTEGER).value, "big")
    if not 1 < public < group.prime - 1 or not 1 < group.generator < group.prime - 1:
        raise CardProtocolError("The card's Diffie-Hellman key gives every secret away.")
    return GroupKey(group=group, value=public)


def standard_id(algorithm: tuple[tlv.Tlv, ...]) -> int | None:
    """Return the number an AlgorithmIdentifier names its domain by, None where it spells the domain out."""
    if [item.tag for item in algorithm] != [TAG_OID, TAG_INTEGER]:
        return None
    return int.from_bytes(algorithm[1].value, "big") if algorithm[0].value == OID_STANDARD_DOMAIN else None


def _group(algorithm: tuple[tlv.Tlv, ...]) -> Group | None:
    number = standard_id(algorithm)
    if number is not None:
        return GROUPS.get(number)
    if [item.tag for item in algorithm] != [TAG_OID, TAG_SEQUENCE]:
        return None
    if algorithm[0].value not in {OID_X942, OID_PKCS3}:
        return None
    numbers = [
        int.from_bytes(item.value, "big") for item in tlv.parse(algorithm[1].value) if item.tag == TAG_INTEGER
    ]
    if len(numbers) < 2 or not numbers[0] % 2:  # noqa: PLR2004 - p and g
        raise CardProtocolError("The card's Diffie-Hellman group is malformed.")
    return Group(prime=numbers[0], generator=numbers[1])
