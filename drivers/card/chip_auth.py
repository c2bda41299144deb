"""Chip authentication version 1: the chip holds the private key whose public half the state signed in DG14.

A copied card has the data but not the key. The proof counts only when the security object covers DG14.

Source: ICAO Doc 9303-11 (8th ed.), 6.2 and 9.2.5 to 9.2.7; BSI TR-03110-3, A.4.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric import ec

from drivers.card import certificates, tlv
from drivers.card.apdu import INS_GENERAL_AUTHENTICATE, INS_MANAGE_SECURITY, SHORT_LE_MAX, Command
from drivers.card.certificates import UnsupportedKeyError
from drivers.card.ciphers import AES_128, AES_192, AES_256, AesSuite, KeyUse
from drivers.card.curves import DOMAINS, Domain, Point
from drivers.card.datagroups import data_group
from drivers.card.secure_messaging import SecureChannel, SessionKeys
from drivers.errors import CardProtocolError

if TYPE_CHECKING:
    from drivers.card.apdu import Sender
    from drivers.card.pace import RandomBytes

OID_PUBLIC_KEY_ECDH = bytes.fromhex("04007F000702020102")
OID_ECDH = bytes.fromhex("04007F0007020203") + b"\x02"
SUITES: dict[bytes, AesSuite] = {
    OID_ECDH + b"\x02": AES_128,
    OID_ECDH + b"\x03": AES_192,
    OID_ECDH + b"\x04": AES_256,
}
"""id-CA-ECDH-AES-CBC-CMAC-128, -192, -256. Source: ICAO Doc 9303-11, 9.2.7."""
OID_STANDARD_DOMAIN = bytes.fromhex("04007F00070102")
"""standardizedDomainParameters: an id in place of a curve. Source: BSI TR-03110-3, A.2.1.1."""
TAG_SEQUENCE, TAG_SET, TAG_OID, TAG_INTEGER, TAG_BITS = 0x30, 0x31, 0x06, 0x02, 0x03
MSE_SET_AT = (0x41, 0xA4)
TAG_MECHANISM, TAG_KEY_ID, TAG_DYNAMIC, TAG_EPHEMERAL = 0x80, 0x84, 0x7C, 0x80


@dataclass(frozen=True, slots=True, kw_only=True)
class ChipKey:
    """A public key of the chip and the mechanism it is for."""

    oid: bytes
    suite: AesSuite
    domain: Domain
    point: Point
    key_id: int | None


def parse_dg14(data: bytes) -> ChipKey | None:
    """Return the chip's key from DG14, None where it has none of a kind this reader speaks.

    Raises:
        CardProtocolError: The file is malformed.

    Source: ICAO Doc 9303-11, 9.2.5 and 9.2.6.
    """
    infos = tlv.find(data, data_group(14).tag, TAG_SET)
    if infos is None:
        raise CardProtocolError("DG14 holds no security infos.")
    mechanism: bytes | None = None
    key: tuple[Domain, Point] | None = None
    key_id: int | None = None
    for entry in tlv.parse(infos):
        items = tlv.parse(entry.value) if entry.tag == TAG_SEQUENCE else ()
        oid = items[0].value if items and items[0].tag == TAG_OID else b""
        if oid in SUITES and mechanism is None:
            mechanism = oid
        elif oid == OID_PUBLIC_KEY_ECDH and len(items) > 1 and key is None:
            key = _public_key(items[1])
            numbers = [int.from_bytes(item.value, "big") for item in items[2:] if item.tag == TAG_INTEGER]
            key_id = numbers[0] if numbers else None
    if mechanism is None or key is None:
        return None
    return ChipKey(oid=mechanism, suite=SUITES[mechanism], domain=key[0], point=key[1], key_id=key_id)


def _public_key(info: tlv.Tlv) -> tuple[Domain, Point] | None:
    parts = tlv.parse(info.value)
    if [part.tag for part in parts] != [TAG_SEQUENCE, TAG_BITS]:
        raise CardProtocolError("DG14 holds a malformed public key.")
    algorithm = tlv.parse(parts[0].value)
    if [item.tag for item in algorithm] == [TAG_OID, TAG_INTEGER] and algorithm[
        0
    ].value == OID_STANDARD_DOMAIN:
        domain = DOMAINS.get(int.from_bytes(algorithm[1].value, "big"))
        return None if domain is None else (domain, domain.decode(parts[1].value[1:]))
    try:
        key = certificates.load_public_key(tlv.encode(info.tag, info.value))
    except UnsupportedKeyError:
        return None
    if not isinstance(key, ec.EllipticCurvePublicKey):
        return None
    numbers = key.public_numbers()
    known = (domain for domain in DOMAINS.values() if domain.name == key.curve.name)
    return next(((domain, (numbers.x, numbers.y)) for domain in known), None)


def run(channel: Sender, plain: Sender, key: ChipKey, *, random_bytes: RandomBytes) -> SecureChannel:
    """Agree on new keys with the chip's static key and return the channel under them.

    The chip has proved itself only when something was read over the new channel.

    Args:
        channel: The channel PACE or BAC opened.
        plain: The channel in the clear underneath.
        key: The chip's key from DG14.
        random_bytes: Where the ephemeral key comes from.

    Raises:
        CardProtocolError: The card refused.

    Source: ICAO Doc 9303-11, 6.2.4.
    """
    domain, suite = key.domain, key.suite
    data = tlv.encode(TAG_MECHANISM, key.oid)
    if key.key_id is not None:
        data += tlv.encode(TAG_KEY_ID, key.key_id.to_bytes((key.key_id.bit_length() + 7) // 8 or 1, "big"))
    p1, p2 = MSE_SET_AT
    if not channel.send(Command(ins=INS_MANAGE_SECURITY, p1=p1, p2=p2, data=data)).ok:
        raise CardProtocolError("The card refuses its own chip authentication.")
    private = int.from_bytes(random_bytes(domain.size + 8), "big") % (domain.n - 1) + 1
    public = domain.encode(domain.multiply_generator(private))
    body = tlv.encode(TAG_DYNAMIC, tlv.encode(TAG_EPHEMERAL, public))
    if not channel.send(Command(ins=INS_GENERAL_AUTHENTICATE, data=body, le=SHORT_LE_MAX)).ok:
        raise CardProtocolError("The card broke chip authentication off.")
    shared = domain.agree(private, key.point)
    keys = SessionKeys(
        suite=suite,
        encryption=suite.derive(shared, KeyUse.ENCRYPTION),
        mac=suite.derive(shared, KeyUse.MAC),
        ssc=bytes(suite.block),
    )
    return SecureChannel(plain, keys)
