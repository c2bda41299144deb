"""Chip authentication version 1: the chip holds the private key whose public half the state signed in DG14.

A copied card has the data but not the key. The proof counts only when the security object covers DG14.

Source: ICAO Doc 9303-11 (8th ed.), 6.2 and 9.2.5 to 9.2.7; BSI TR-03110-3, A.4.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from cryptography.hazmat.primitives.asymmetric import ec

from drivers.card import certificates, key_agreement, security_infos, tlv
from drivers.card.apdu import (
    CLA_CHAINED,
    INS_GENERAL_AUTHENTICATE,
    INS_MANAGE_SECURITY,
    SHORT_LE_MAX,
    Command,
)
from drivers.card.certificates import UnsupportedKeyError
from drivers.card.ciphers import AES_128, AES_192, AES_256, TRIPLE_DES
from drivers.card.curves import DOMAINS
from drivers.card.datagroups import data_group
from drivers.card.key_agreement import CurveKey, GroupKey
from drivers.card.pace import session_keys
from drivers.card.secure_messaging import SecureChannel
from drivers.errors import CardProtocolError

if TYPE_CHECKING:
    from drivers.card.apdu import Sender
    from drivers.card.ciphers import CipherSuite
    from drivers.card.pace import RandomBytes
    from drivers.card.security_infos import SecurityInfo

OID_PUBLIC_KEY_DH = bytes.fromhex("04007F000702020101")
OID_PUBLIC_KEY_ECDH = bytes.fromhex("04007F000702020102")
OID_DH = bytes.fromhex("04007F0007020203") + b"\x01"
OID_ECDH = bytes.fromhex("04007F0007020203") + b"\x02"
CIPHERS: Final[dict[bytes, CipherSuite]] = {
    b"\x04": AES_256,
    b"\x03": AES_192,
    b"\x02": AES_128,
    b"\x01": TRIPLE_DES,
}
"""The last byte of id-CA-DH-* and id-CA-ECDH-*, best first. Source: ICAO Doc 9303-11, 9.2.7."""
TAG_SEQUENCE, TAG_SET, TAG_BITS = 0x30, 0x31, 0x03
MSE_SET_AT, MSE_SET_KAT = (0x41, 0xA4), (0x41, 0xA6)
TAG_MECHANISM, TAG_KEY_ID, TAG_DYNAMIC, TAG_EPHEMERAL = 0x80, 0x84, 0x7C, 0x80
TAG_KAT_KEY = 0x91
CHAIN_PIECE = 200
"""Plain bytes of one link of a command chain; protected it still fits into a short command."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChipKey:
    """A public key of the chip and the mechanism it is for."""

    oid: bytes
    suite: CipherSuite
    public: CurveKey | GroupKey = field(repr=False)
    key_id: int | None

    @property
    def name(self) -> str:
        """What the proof tells: `CA-ECDH-AES-128`."""
        return f"CA-{self.public.kind}-{self.suite.name}"


def parse_dg14(data: bytes) -> ChipKey | None:
    """Return the chip's key from DG14, None where it has none of a kind this reader speaks.

    Raises:
        CardProtocolError: The file is malformed.

    Source: ICAO Doc 9303-11, 9.2.5 and 9.2.6.
    """
    return choose(parse_infos(data))


def parse_infos(data: bytes) -> tuple[SecurityInfo, ...]:
    """Return the security infos of DG14.

    Raises:
        CardProtocolError: The file is malformed.
    """
    infos = tlv.find(data, data_group(14).tag, TAG_SET)
    if infos is None:
        raise CardProtocolError("DG14 holds no security infos.")
    return security_infos.parse(infos)


def choose(infos: tuple[SecurityInfo, ...]) -> ChipKey | None:
    """Return the first key with its best mechanism; a key without any mechanism is for 3DES.

    Raises:
        CardProtocolError: A key is malformed.
    """
    mechanisms = {
        info.oid: (info.numbers[1] if len(info.numbers) > 1 else None)
        for info in infos
        if info.oid[:-1] in {OID_DH, OID_ECDH}
    }
    for info in infos:
        public = public_key(info)
        if public is None:
            continue
        kind = OID_ECDH if isinstance(public, CurveKey) else OID_DH
        key_id = info.numbers[0] if info.numbers else None
        for last, suite in CIPHERS.items():
            if kind + last in mechanisms and mechanisms[kind + last] in {None, key_id}:
                return ChipKey(oid=kind + last, suite=suite, public=public, key_id=key_id)
        if not mechanisms:
            # Early chips name no mechanism; then it is 3DES (BSI TR-03110-1, 4.3).
            return ChipKey(oid=kind + b"\x01", suite=TRIPLE_DES, public=public, key_id=key_id)
    return None


def public_key(info: SecurityInfo) -> CurveKey | GroupKey | None:
    """Return the key of a ChipAuthenticationPublicKeyInfo, None for any other entry or an unknown kind.

    Raises:
        CardProtocolError: The key is malformed.
    """
    if info.oid not in {OID_PUBLIC_KEY_DH, OID_PUBLIC_KEY_ECDH} or not info.items:
        return None
    parts = tlv.parse(info.items[0].value)
    if [part.tag for part in parts] != [TAG_SEQUENCE, TAG_BITS]:
        raise CardProtocolError("DG14 holds a malformed public key.")
    algorithm, value = tlv.parse(parts[0].value), parts[1].value[1:]
    if info.oid == OID_PUBLIC_KEY_DH:
        return key_agreement.group_key(algorithm, value)
    number = key_agreement.standard_id(algorithm)
    if number is not None:
        domain = DOMAINS.get(number)
        return None if domain is None else CurveKey(domain=domain, point=domain.decode(value))
    return _named_or_explicit(tlv.encode(info.items[0].tag, info.items[0].value))


def _named_or_explicit(spki: bytes) -> CurveKey | None:
    try:
        key = certificates.load_public_key(spki)
    except UnsupportedKeyError:
        return None
    if not isinstance(key, ec.EllipticCurvePublicKey):
        return None
    numbers = key.public_numbers()
    known = (domain for domain in DOMAINS.values() if domain.name == key.curve.name)
    return next((CurveKey(domain=domain, point=(numbers.x, numbers.y)) for domain in known), None)


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
    public, shared = key.public.agree(random_bytes)
    key_id = b"" if key.key_id is None else tlv.encode(TAG_KEY_ID, _short(key.key_id))
    if key.suite is TRIPLE_DES:
        _send(channel, INS_MANAGE_SECURITY, MSE_SET_KAT, tlv.encode(TAG_KAT_KEY, public) + key_id)
    else:
        _send(channel, INS_MANAGE_SECURITY, MSE_SET_AT, tlv.encode(TAG_MECHANISM, key.oid) + key_id)
        body = tlv.encode(TAG_DYNAMIC, tlv.encode(TAG_EPHEMERAL, public))
        _send(channel, INS_GENERAL_AUTHENTICATE, (0x00, 0x00), body)
    return SecureChannel(plain, session_keys(key.suite, shared))


def _send(channel: Sender, ins: int, parameters: tuple[int, int], data: bytes) -> None:
    """Send a command whose data may need a chain. Source: ISO/IEC 7816-4:2020, 5.3.3."""
    p1, p2 = parameters
    le = SHORT_LE_MAX if ins == INS_GENERAL_AUTHENTICATE else None
    pieces = [data[start : start + CHAIN_PIECE] for start in range(0, len(data), CHAIN_PIECE)]
    for piece in pieces[:-1]:
        if not channel.send(Command(cla=CLA_CHAINED, ins=ins, p1=p1, p2=p2, data=piece)).ok:
            raise CardProtocolError("The card refuses the long key of its own chip authentication.")
    if not channel.send(Command(ins=ins, p1=p1, p2=p2, data=pieces[-1], le=le)).ok:
        raise CardProtocolError("The card broke its own chip authentication off.")


def _short(number: int) -> bytes:
    return number.to_bytes((number.bit_length() + 7) // 8 or 1, "big")
