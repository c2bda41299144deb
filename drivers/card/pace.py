"""PACE over elliptic curves, generic and chip-authentication mapping: opens the chip with CAN or MRZ.

A PACE that fails is an error and nothing else: falling back to BAC is a published downgrade attack.

Source: ICAO Doc 9303-11 (8th ed.), 4.4 and 9.2; BSI TR-03110-3 v2.21.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from drivers.card import mrz, security_infos, tlv
from drivers.card.apdu import (
    CLA_CHAINED,
    INS_GENERAL_AUTHENTICATE,
    INS_MANAGE_SECURITY,
    SHORT_LE_MAX,
    SW_OK,
    SW_WRONG_PARAMETERS,
    Command,
)
from drivers.card.ciphers import AES_128, AES_192, AES_256, AES_BLOCK, TRIPLE_DES, KeyUse, pad, unpad
from drivers.card.curves import DOMAINS, Domain, KeyPair, Point
from drivers.card.secure_messaging import SessionKeys
from drivers.errors import AccessDeniedError, CardProtocolError
from drivers.ports import CanKey

if TYPE_CHECKING:
    from drivers.card.apdu import Response, Sender
    from drivers.card.ciphers import CipherSuite
    from drivers.card.security_infos import SecurityInfo
    from drivers.ports import AccessKey

RandomBytes = Callable[[int], bytes]

OID_PACE = bytes.fromhex("04007F0007020204")
OID_GENERIC_MAPPING = OID_PACE + b"\x02"
OID_CHIP_MAPPING = OID_PACE + b"\x06"
SUITES: Final[dict[bytes, CipherSuite]] = {
    OID_CHIP_MAPPING + b"\x02": AES_128,
    OID_CHIP_MAPPING + b"\x03": AES_192,
    OID_CHIP_MAPPING + b"\x04": AES_256,
    OID_GENERIC_MAPPING + b"\x02": AES_128,
    OID_GENERIC_MAPPING + b"\x03": AES_192,
    OID_GENERIC_MAPPING + b"\x04": AES_256,
    OID_GENERIC_MAPPING + b"\x01": TRIPLE_DES,
}
"""id-PACE-ECDH-CAM-AES-*, -GM-AES-*, -GM-3DES, in the order this reader prefers them: mapping that proves
the chip first, 3DES last. Source: ICAO Doc 9303-11, 9.2.3."""

PASSWORD_MRZ = 0x01
PASSWORD_CAN = 0x02
CAN_LENGTH = 6
MSE_SET_AT = (0xC1, 0xA4)

TAG_SET, TAG_OID = 0x31, 0x06
TAG_MECHANISM, TAG_PASSWORD, TAG_DOMAIN = 0x80, 0x83, 0x84
TAG_DYNAMIC = 0x7C
TAG_PUBLIC_KEY, TAG_POINT = 0x7F49, 0x86
TAG_TOKEN, TAG_CHIP_DATA = 0x86, 0x8A
CHIP_DATA_COUNTER = b"\xff" * AES_BLOCK
"""The chip data's IV is E(KSenc, -1). Source: ICAO Doc 9303-11, 4.4.3.3.3."""
NONCE_LENGTHS = (16, 32)
SW_WRONG_PASSWORD = 0x63
"""First status byte at the token step when the password was wrong: 6300, 63Cx."""
SW_AUTHENTICATION_BLOCKED = (0x6982, 0x6983, 0x6984, 0x6985)


@dataclass(frozen=True, slots=True, kw_only=True)
class PaceInfo:
    """One way of PACE the card offers and this reader speaks."""

    oid: bytes
    suite: CipherSuite
    domain_id: int
    domain: Domain

    @property
    def maps_chip(self) -> bool:
        """True for PACE-CAM, which proves the chip while it opens it."""
        return self.oid.startswith(OID_CHIP_MAPPING)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChipEvidence:
    """What PACE-CAM left to check against the chip's signed key: point = scalar x key."""

    domain: Domain
    scalar: int = field(repr=False)
    point: Point = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """The fruit of PACE: session keys, and with PACE-CAM evidence about the chip."""

    keys: SessionKeys = field(repr=False)
    evidence: ChipEvidence | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CardAccess:
    """What EF.CardAccess says: whether there is PACE at all, and the best way that we speak."""

    offers_pace: bool
    info: PaceInfo | None


def parse_card_access(data: bytes) -> CardAccess:
    """Read EF.CardAccess (SecurityInfos).

    Raises:
        CardProtocolError: The file is malformed.

    Source: ICAO Doc 9303-11, 9.2 and 9.2.1.
    """
    infos = security_infos.parse(tlv.parse_one(data, TAG_SET).value)
    offered = [info for info in map(_pace_info, infos) if info is not None]
    order = list(SUITES)
    return CardAccess(
        offers_pace=any(info.oid.startswith(OID_PACE) for info in infos),
        info=min(offered, key=lambda info: order.index(info.oid), default=None),
    )


def _pace_info(info: SecurityInfo) -> PaceInfo | None:
    suite, domain_id = SUITES.get(info.oid), info.numbers[1] if len(info.numbers) > 1 else -1
    domain = DOMAINS.get(domain_id)
    if suite is None or domain is None:
        return None
    return PaceInfo(oid=info.oid, suite=suite, domain_id=domain_id, domain=domain)


def password_secret(access: AccessKey) -> tuple[int, bytes]:
    """Return the password reference and f(π).

    Raises:
        AccessDeniedError: The CAN is not six digits.

    Source: ICAO Doc 9303-11, 9.7.3, table 7.
    """
    if isinstance(access, CanKey):
        if not (len(access.can) == CAN_LENGTH and access.can.isascii() and access.can.isdigit()):
            raise AccessDeniedError("The CAN is six digits.")
        return PASSWORD_CAN, access.can.encode("ascii")
    text = mrz.information(access.lines).encode("ascii")
    # SHA-1 is what the standard fixes here; it derives, it does not sign.
    return PASSWORD_MRZ, hashlib.sha1(text, usedforsecurity=False).digest()


def authentication_token(info: PaceInfo, mac_key: bytes, point: Point) -> bytes:
    """Return the token over a public key.

    Source: ICAO Doc 9303-11, 4.4.3.4 and 9.4.
    """
    body = tlv.encode(TAG_OID, info.oid) + tlv.encode(TAG_POINT, info.domain.encode(point))
    data = tlv.encode(TAG_PUBLIC_KEY, body)
    # CMAC pads by itself; the retail MAC wants whole blocks (ISO/IEC 9797-1, padding method 2).
    mac = info.suite.authenticator(mac_key)
    return mac(data if info.suite.block == AES_BLOCK else pad(data, info.suite.block))


def run(card: Sender, info: PaceInfo, access: AccessKey, *, random_bytes: RandomBytes) -> Opened:
    """Agree on session keys with the card.

    Args:
        card: The channel in the clear.
        info: The way chosen from EF.CardAccess.
        access: The password.
        random_bytes: Where ephemeral keys come from.

    Raises:
        AccessDeniedError: The card refused the token: the password is wrong.
        CardProtocolError: The card answered what no honest card answers.

    Source: ICAO Doc 9303-11, 4.4.4.
    """
    reference, secret = password_secret(access)
    domain, suite = info.domain, info.suite
    _select_mechanism(card, info, reference)
    encrypted = _step(card, 0x00, b"", 0x80)[0x80]
    if len(encrypted) not in NONCE_LENGTHS:
        raise CardProtocolError("The card sent a PACE nonce of the wrong length.")
    nonce = suite.cipher(suite.derive(secret, KeyUse.PASSWORD)).decrypt(encrypted)
    mapping, card_point = _agree_on_mapping(card, domain, random_bytes)
    private = private_key(domain, random_bytes)
    # private x (nonce x G + mapping x card_point) multiplied out: the mapped generator itself is not needed.
    ours = domain.multiply_sum(
        (private * int.from_bytes(nonce, "big"), domain.g), (private * mapping, card_point)
    )
    theirs = domain.decode(_step(card, 0x83, domain.encode(ours), 0x84)[0x84])
    if theirs == ours:
        raise CardProtocolError("The card echoed the kiosk's own key.")
    keys = session_keys(suite, KeyPair(domain, private).agree(theirs))
    answer = _step(card, 0x85, authentication_token(info, keys.mac, theirs), TAG_TOKEN, last=True)
    if not hmac.compare_digest(answer[TAG_TOKEN], authentication_token(info, keys.mac, ours)):
        raise CardProtocolError("The card's PACE token is wrong.")
    if not info.maps_chip:
        return Opened(keys=keys)
    scalar = _chip_scalar(keys, answer.get(TAG_CHIP_DATA, b""))
    return Opened(keys=keys, evidence=ChipEvidence(domain=domain, scalar=scalar, point=card_point))


def session_keys(suite: CipherSuite, shared: bytes) -> SessionKeys:
    """Return the keys of a channel that begins with counter zero. Source: ICAO Doc 9303-11, 9.7.1."""
    return SessionKeys(
        suite=suite,
        encryption=suite.derive(shared, KeyUse.ENCRYPTION),
        mac=suite.derive(shared, KeyUse.MAC),
        ssc=bytes(suite.block),
    )


def private_key(domain: Domain, random_bytes: RandomBytes) -> int:
    """Return a fresh private key."""
    # Eight bytes more than the order make the bias of the reduction negligible (TR-03111, 4.1.1).
    return int.from_bytes(random_bytes(domain.size + 8), "big") % (domain.n - 1) + 1


def _chip_scalar(keys: SessionKeys, encrypted: bytes) -> int:
    if not encrypted or len(encrypted) % AES_BLOCK:
        raise CardProtocolError("The card left out the chip data of PACE-CAM.")
    plain = keys.suite.cipher(keys.encryption).decrypt(encrypted, ssc=CHIP_DATA_COUNTER)
    return int.from_bytes(unpad(plain), "big")


def _select_mechanism(card: Sender, info: PaceInfo, reference: int) -> None:
    data = tlv.encode(TAG_MECHANISM, info.oid) + tlv.encode(TAG_PASSWORD, bytes([reference]))
    p1, p2 = MSE_SET_AT
    response = card.send(Command(ins=INS_MANAGE_SECURITY, p1=p1, p2=p2, data=data))
    if response.sw in SW_WRONG_PARAMETERS:
        data += tlv.encode(TAG_DOMAIN, bytes([info.domain_id]))
        response = card.send(Command(ins=INS_MANAGE_SECURITY, p1=p1, p2=p2, data=data))
    # 63Cx only warns that tries are left or the password is suspended; the token step decides.
    if response.sw != SW_OK and response.sw >> 8 != SW_WRONG_PASSWORD:
        raise CardProtocolError(f"The card refuses its own PACE (status {response.sw:04X}).")


def _agree_on_mapping(card: Sender, domain: Domain, random_bytes: RandomBytes) -> tuple[int, Point]:
    """Return our private and the card's public mapping key."""
    private = private_key(domain, random_bytes)
    ours = domain.multiply_generator(private)
    theirs = domain.decode(_step(card, 0x81, domain.encode(ours), 0x82)[0x82])
    if theirs == ours:
        raise CardProtocolError("The card echoed the kiosk's own key.")
    return private, theirs


def _step(card: Sender, tag: int, value: bytes, expected: int, *, last: bool = False) -> dict[int, bytes]:
    """Send one step and return the objects of the answer, of which `expected` is one."""
    body = tlv.encode(tag, value) if value else b""
    command = Command(
        cla=0x00 if last else CLA_CHAINED,
        ins=INS_GENERAL_AUTHENTICATE,
        data=tlv.encode(TAG_DYNAMIC, body),
        le=SHORT_LE_MAX,
    )
    response = card.send(command)
    _refuse(response, last=last)
    found = {item.tag: item.value for item in tlv.parse(tlv.parse_one(response.data, TAG_DYNAMIC).value)}
    if expected not in found:
        raise CardProtocolError("The card skipped a step of PACE.")
    return found


def _refuse(response: Response, *, last: bool) -> None:
    if response.sw == SW_OK:
        return
    if response.sw in SW_AUTHENTICATION_BLOCKED or (last and response.sw >> 8 == SW_WRONG_PASSWORD):
        raise AccessDeniedError("The chip refused the key: it belongs to another card or was mistyped.")
    raise CardProtocolError(f"The card broke PACE off (status {response.sw:04X}).")
