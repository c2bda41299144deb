"""Active authentication: the chip signs the kiosk's challenge with the key the state signed in DG15.

Source: ICAO Doc 9303-11 (8th ed.), 6.1 and 9.2.4; ISO/IEC 9796-2:2010, digital signature scheme 1;
BSI TR-03111, 5.2 (plain ECDSA signatures).
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, rsa, utils

from drivers.card import certificates, tlv
from drivers.card.apdu import INS_INTERNAL_AUTHENTICATE, SHORT_LE_MAX, Command
from drivers.card.certificates import HASHES, UnsupportedKeyError
from drivers.card.datagroups import data_group

if TYPE_CHECKING:
    from drivers.card.apdu import Sender
    from drivers.card.pace import RandomBytes
    from drivers.card.security_infos import SecurityInfo

CHALLENGE_LENGTH = 8
OID_ACTIVE = bytes.fromhex("678108010105")
"""id-icao-mrtd-security-aaProtocolObject: DG14 names the digest of an ECDSA key there."""
OID_PLAIN_ECDSA = bytes.fromhex("04007F000701010401")
PLAIN_DIGESTS: Final = {1: "sha1", 2: "sha224", 3: "sha256", 4: "sha384", 5: "sha512"}
TAG_OID, TAG_SEQUENCE = 0x06, 0x30
TRAILER_SHA1, TRAILER_LONG = 0xBC, 0xCC
TRAILERS: Final = {0x33: "sha1", 0x34: "sha256", 0x35: "sha512", 0x36: "sha384", 0x38: "sha224"}
"""Hash identifiers of ISO/IEC 10118-3 in a two-byte trailer."""
PARTIAL_RECOVERY = 0x60
PARTIAL_MASK = 0xE0
BORDER, FILLING = 0x0A, 0x0B
FULL_FILLING, LAST_FILLING = b"\xbb", b"\xba"
RSA_BITS = (1024, 4096)


@dataclass(frozen=True, slots=True, kw_only=True)
class ActiveKey:
    """The chip's signing key, and the digest an ECDSA key signs over."""

    public: certificates.PublicKey = field(repr=False)
    digest: str = "sha256"

    @property
    def name(self) -> str:
        """What the proof tells: `AA-RSA` or `AA-ECDSA-SHA256`."""
        if isinstance(self.public, rsa.RSAPublicKey):
            return "AA-RSA"
        return f"AA-ECDSA-{self.digest.upper()}"


def parse_dg15(data: bytes, infos: tuple[SecurityInfo, ...] = ()) -> ActiveKey | None:
    """Return the key of DG15, None for a kind this reader does not speak.

    Args:
        data: The file.
        infos: The security infos of DG14, which name the digest of an ECDSA key.

    Raises:
        CardProtocolError: The file is malformed.
    """
    body = tlv.parse_one(data, data_group(15).tag).value
    try:
        public = certificates.load_public_key(tlv.encode(TAG_SEQUENCE, tlv.parse_one(body, 0x30).value))
    except UnsupportedKeyError:
        return None
    if isinstance(public, rsa.RSAPublicKey):
        fits = RSA_BITS[0] <= public.key_size <= RSA_BITS[1]
        return ActiveKey(public=public) if fits else None
    return ActiveKey(public=public, digest=_named_digest(infos) or _usual_digest(public))


def _named_digest(infos: tuple[SecurityInfo, ...]) -> str | None:
    for info in infos:
        named = [item.value for item in info.items if item.tag == TAG_OID]
        if info.oid == OID_ACTIVE and named and named[0][:-1] == OID_PLAIN_ECDSA:
            return PLAIN_DIGESTS.get(named[0][-1])
    return None


def _usual_digest(public: ec.EllipticCurvePublicKey) -> str:
    """Return the digest as long as the curve, where DG14 does not name one."""
    sizes = (("sha224", 224), ("sha256", 256), ("sha384", 384))
    return next((name for name, bits in sizes if public.curve.key_size <= bits), "sha512")


def run(channel: Sender, key: ActiveKey, *, random_bytes: RandomBytes, extended: bool = False) -> bool:
    """Challenge the chip and tell whether it holds the private key.

    Args:
        channel: The protected channel.
        key: The chip's key from DG15.
        random_bytes: Where the challenge comes from.
        extended: True where an answer longer than a short one may be asked for.

    Raises:
        CardProtocolError: The channel broke.

    Source: ICAO Doc 9303-11, 6.1.3.
    """
    challenge = random_bytes(CHALLENGE_LENGTH)
    long = extended and key.public.key_size > 1600  # noqa: PLR2004 - protected, 200 bytes fill a short answer
    le = 2 * SHORT_LE_MAX if long else SHORT_LE_MAX
    response = channel.send(Command(ins=INS_INTERNAL_AUTHENTICATE, data=challenge, le=le, extended=long))
    return response.ok and verify(key, challenge, response.data)


def verify(key: ActiveKey, challenge: bytes, signature: bytes) -> bool:
    """Tell whether a signature over the challenge is the key's."""
    if isinstance(key.public, rsa.RSAPublicKey):
        return _verify_rsa(key.public, challenge, signature)
    return _verify_ecdsa(key.public, key.digest, challenge, signature)


def _verify_ecdsa(public: ec.EllipticCurvePublicKey, digest: str, challenge: bytes, signature: bytes) -> bool:
    half = (public.curve.key_size + 7) // 8
    if len(signature) == 2 * half:
        r, s = (int.from_bytes(part, "big") for part in (signature[:half], signature[half:]))
        signature = utils.encode_dss_signature(r, s)
    try:
        # A signature that is not plain is DER, as some chips send it; anything else does not verify.
        public.verify(signature, challenge, ec.ECDSA(HASHES[digest]))
    except InvalidSignature:
        return False
    return True


def _verify_rsa(public: rsa.RSAPublicKey, challenge: bytes, signature: bytes) -> bool:
    numbers = public.public_numbers()
    width = (public.key_size + 7) // 8
    value = int.from_bytes(signature, "big")
    if len(signature) != width or value >= numbers.n:
        return False
    opened = pow(value, numbers.e, numbers.n)
    # The signer may keep the smaller of s and n - s; the right one ends in C (ISO/IEC 9796-2, B.3).
    recovered = opened if opened % 16 == TRAILER_LONG % 16 else numbers.n - opened
    return _recovers(recovered.to_bytes(width, "big"), challenge)


def _recovers(message: bytes, challenge: bytes) -> bool:
    """Tell whether a recovered message holds the digest of its own part and the challenge."""
    name, trailer = _trailer(message)
    start = _content_start(message)
    if name is None or start is None:
        return False
    length = HASHES[name].digest_size
    end = len(message) - trailer - length
    if end < start:
        return False
    found = hashlib.new(name, message[start:end] + challenge).digest()
    return hmac.compare_digest(found, message[end : end + length])


def _trailer(message: bytes) -> tuple[str | None, int]:
    if message[-1] == TRAILER_SHA1:
        return "sha1", 1
    return (TRAILERS.get(message[-2]), 2) if message[-1] == TRAILER_LONG else (None, 0)


def _content_start(message: bytes) -> int | None:
    """Return where the recoverable part begins: behind 6A, or behind 6B BB … BA."""
    if message[0] & PARTIAL_MASK != PARTIAL_RECOVERY:
        return None
    if message[0] & 0x0F == BORDER:
        return 1
    if message[0] & 0x0F != FILLING:
        return None
    border = message.find(LAST_FILLING, 1)
    filled = border > 0 and not message[1:border].strip(FULL_FILLING)
    return border + 1 if filled else None
