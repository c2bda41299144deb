"""Secure messaging and access protocols from the card's side.

Source: ICAO Doc 9303-11 (8th ed.), 4.3, 4.4 and 9.8.
"""

from __future__ import annotations

import hashlib
import hmac
from typing import TYPE_CHECKING

from drivers.card import bac, mrz, tlv
from drivers.card.chip_auth import OID_ECDH
from drivers.card.ciphers import AES_128, DES_BLOCK, MAC_LENGTH, TRIPLE_DES, KeyUse, pad, unpad
from drivers.card.curves import BRAINPOOL_P256R1, Point
from drivers.card.pace import OID_GENERIC_MAPPING, PASSWORD_CAN, PASSWORD_MRZ
from drivers.card.secure_messaging import SessionKeys
from drivers.errors import CardProtocolError
from drivers.simulated.card import authority

if TYPE_CHECKING:
    from drivers.card.pace import RandomBytes
    from drivers.simulated.card.faults import Faults
    from drivers.simulated.card.personas import Persona

SW_OK = b"\x90\x00"
SW_WRONG_PASSWORD = b"\x63\x00"
SW_NOT_SATISFIED = b"\x69\x85"
SW_NO_PASSWORD = b"\x6a\x88"
CURVE = BRAINPOOL_P256R1
OID_CHIP_AES_128 = OID_ECDH + b"\x02"
OID_PACE_AES_128 = OID_GENERIC_MAPPING + b"\x02"
NONCE_LENGTH = 16
CHALLENGE_LENGTH = 8


class ChipChannel:
    """The card's end of a secure channel; raises CardProtocolError on a command it must refuse."""

    def __init__(self, keys: SessionKeys, faults: Faults) -> None:
        self._keys = keys
        self._faults = faults
        self._ssc = keys.ssc

    def open(self, header: bytes, data: bytes) -> tuple[bytes, int | None]:
        """Check a protected command; return its plain data and its Le.

        Raises:
            CardProtocolError: The MAC or the padding is wrong.
        """
        suite, keys = self._keys.suite, self._keys
        self._step()
        objects = {item.tag: item.value for item in tlv.parse(data)}
        mac = objects.pop(0x8E, b"")
        body = b"".join(tlv.encode(tag, value) for tag, value in objects.items())
        signed = self._ssc + pad(header, suite.block) + body
        if not hmac.compare_digest(suite.mac(keys.mac, pad(signed, suite.block)), mac):
            raise CardProtocolError("The terminal's MAC is wrong.")
        le = objects.get(0x97)
        plain = b""
        cryptogram = objects.get(0x87)
        if cryptogram:
            plain = unpad(suite.decrypt(keys.encryption, cryptogram[1:], ssc=self._ssc))
        return plain, None if le is None else (le[0] or 256)

    def seal(self, data: bytes, sw: bytes) -> bytes:
        """Protect an answer, with the faults of the script."""
        suite, keys = self._keys.suite, self._keys
        self._step()
        body = b""
        if data:
            cipher = suite.encrypt(keys.encryption, pad(data, suite.block), ssc=self._ssc)
            body += tlv.encode(0x87, b"\x01" + cipher)
        if not self._faults.no_do99:
            body += tlv.encode(0x99, sw)
        mac = suite.mac(keys.mac, pad(self._ssc + body, suite.block))
        if self._faults.bad_mac:
            mac = mac[:-1] + bytes([mac[-1] ^ 0x01])
        return body + tlv.encode(0x8E, mac) + sw

    def _step(self) -> None:
        width = len(self._ssc)
        self._ssc = (int.from_bytes(self._ssc, "big") + 1).to_bytes(width, "big")


class ChipPace:
    """PACE-ECDH-GM-AES-CBC-CMAC-128 on brainpoolP256r1, with CAN and MRZ."""

    def __init__(self, persona: Persona, faults: Faults, random_bytes: RandomBytes) -> None:
        text = mrz.information(persona.mrz).encode("ascii")
        self._secrets = {
            PASSWORD_MRZ: hashlib.sha1(text, usedforsecurity=False).digest(),
            PASSWORD_CAN: persona.can.encode("ascii"),
        }
        self._faults = faults
        self._random = random_bytes
        self._secret: bytes | None = None
        self._nonce = 0
        self._mapped: Point | None = None
        self._points: tuple[Point, Point] | None = None
        self.keys: SessionKeys | None = None

    def select(self, data: bytes) -> bytes:
        """Answer MSE:Set AT; a fresh run begins."""
        objects = {item.tag: item.value for item in tlv.parse(data)}
        self._forget()
        if objects.get(0x80) != OID_PACE_AES_128:
            return b"\x6a\x80"
        self._secret = self._secrets.get(int.from_bytes(objects.get(0x83, b"\x00"), "big"))
        return SW_OK if self._secret else SW_NO_PASSWORD

    def answer(self, data: bytes) -> bytes:
        """Answer one GENERAL AUTHENTICATE.

        Raises:
            CardProtocolError: The terminal sent a malformed point.
        """
        if self._secret is None or self._faults.pace_fails:
            return SW_NOT_SATISFIED if self._secret is None else b"\x6f\x00"
        objects = tlv.parse(tlv.parse_one(data, 0x7C).value)
        tag, value = (objects[0].tag, objects[0].value) if objects else (0, b"")
        steps = {0: self._send_nonce, 0x81: self._map, 0x83: self._agree, 0x85: self._check_token}
        return steps[tag](value) if tag in steps else SW_NOT_SATISFIED

    def _forget(self) -> None:
        self._secret, self._mapped, self._points, self.keys = None, None, None, None

    def _send_nonce(self, _value: bytes) -> bytes:
        nonce = self._random(NONCE_LENGTH)
        self._nonce = int.from_bytes(nonce, "big")
        key = AES_128.derive(self._secret or b"", KeyUse.PASSWORD)
        return _dynamic(0x80, AES_128.encrypt(key, nonce))

    def _map(self, value: bytes) -> bytes:
        private = self._private()
        shared = CURVE.multiply(private, CURVE.decode(value))
        self._mapped = CURVE.add(CURVE.multiply_generator(self._nonce), shared)
        return _dynamic(0x82, CURVE.encode(CURVE.multiply_generator(private)))

    def _agree(self, value: bytes) -> bytes:
        if self._mapped is None:
            return SW_NOT_SATISFIED
        private, theirs = self._private(), CURVE.decode(value)
        ours = CURVE.multiply(private, self._mapped)
        shared = CURVE.agree(private, theirs)
        self._points = (ours, theirs)
        self.keys = SessionKeys(
            suite=AES_128,
            encryption=AES_128.derive(shared, KeyUse.ENCRYPTION),
            mac=AES_128.derive(shared, KeyUse.MAC),
            ssc=bytes(AES_128.block),
        )
        return _dynamic(0x84, CURVE.encode(ours))

    def _check_token(self, value: bytes) -> bytes:
        keys, points = self.keys, self._points
        if keys is None or points is None:
            return SW_NOT_SATISFIED
        ours, theirs = points
        if not hmac.compare_digest(_token(keys.mac, ours), value):
            self._forget()
            return SW_WRONG_PASSWORD
        self._secret = None
        return _dynamic(0x86, _token(keys.mac, theirs))

    def _private(self) -> int:
        return int.from_bytes(self._random(40), "big") % (CURVE.n - 1) + 1


class ChipAuthentication:
    """Chip authentication version 1 with ECDH and AES-128, under a secure channel."""

    def __init__(self, persona: Persona, faults: Faults) -> None:
        name = f"{'clone' if faults.cloned_chip else 'chip'} of {persona.name}"
        self._private = authority.private_key(name).private_numbers().private_value
        self._selected = False
        self.keys: SessionKeys | None = None
        """The keys to switch to once the answer has gone out under the old ones."""

    def select(self, data: bytes) -> bytes:
        """Answer MSE:Set AT for chip authentication."""
        self._selected = tlv.find(data, 0x80) == OID_CHIP_AES_128
        return SW_OK if self._selected else SW_NO_PASSWORD

    def answer(self, data: bytes) -> bytes:
        """Answer GENERAL AUTHENTICATE with the terminal's ephemeral key.

        Raises:
            CardProtocolError: The point is malformed.
        """
        if not self._selected:
            return SW_NOT_SATISFIED
        point = CURVE.decode(tlv.find(data, 0x7C, 0x80) or b"")
        shared = CURVE.agree(self._private, point)
        self._selected = False
        self.keys = SessionKeys(
            suite=AES_128,
            encryption=AES_128.derive(shared, KeyUse.ENCRYPTION),
            mac=AES_128.derive(shared, KeyUse.MAC),
            ssc=bytes(AES_128.block),
        )
        return tlv.encode(0x7C, b"") + SW_OK


class ChipBac:
    """BAC of an old chip."""

    def __init__(self, persona: Persona, random_bytes: RandomBytes) -> None:
        self._encryption, self._mac = bac.access_keys(persona.mrz)
        self._random = random_bytes
        self._challenge: bytes | None = None
        self.keys: SessionKeys | None = None

    def challenge(self) -> bytes:
        """Answer GET CHALLENGE."""
        self._challenge = self._random(CHALLENGE_LENGTH)
        return self._challenge + SW_OK

    def authenticate(self, data: bytes) -> bytes:
        """Answer EXTERNAL AUTHENTICATE."""
        challenge, self._challenge = self._challenge, None
        cryptogram, tag = data[:-MAC_LENGTH], data[-MAC_LENGTH:]
        known = hmac.compare_digest(TRIPLE_DES.mac(self._mac, pad(cryptogram, DES_BLOCK)), tag)
        if challenge is None or not known:
            return SW_WRONG_PASSWORD
        plain = TRIPLE_DES.decrypt(self._encryption, cryptogram)
        theirs, echoed, share = plain[:8], plain[8:16], plain[16:]
        if echoed != challenge:
            return SW_WRONG_PASSWORD
        own = self._random(len(share))
        seed = bytes(a ^ b for a, b in zip(share, own, strict=True))
        self.keys = SessionKeys(
            suite=TRIPLE_DES,
            encryption=TRIPLE_DES.derive(seed, KeyUse.ENCRYPTION),
            mac=TRIPLE_DES.derive(seed, KeyUse.MAC),
            ssc=challenge[4:] + theirs[4:],
        )
        answer = TRIPLE_DES.encrypt(self._encryption, challenge + theirs + own)
        return answer + TRIPLE_DES.mac(self._mac, pad(answer, DES_BLOCK)) + SW_OK


def _dynamic(tag: int, value: bytes) -> bytes:
    return tlv.encode(0x7C, tlv.encode(tag, value)) + SW_OK


def _token(mac_key: bytes, point: Point) -> bytes:
    body = tlv.encode(0x06, OID_PACE_AES_128) + tlv.encode(0x86, CURVE.encode(point))
    return AES_128.mac(mac_key, tlv.encode(0x7F49, body))
