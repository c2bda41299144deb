"""PACE and BAC from the card's side.

Source: ICAO Doc 9303-11 (8th ed.), 4.3 and 4.4.
"""

from __future__ import annotations

import hashlib
import hmac
from typing import TYPE_CHECKING

from drivers.card import bac, mrz, tlv
from drivers.card.ciphers import AES_BLOCK, DES_BLOCK, MAC_LENGTH, TRIPLE_DES, KeyUse, pad
from drivers.card.curves import KeyPair
from drivers.card.pace import (
    CHIP_DATA_COUNTER,
    PASSWORD_CAN,
    PASSWORD_MRZ,
    PaceInfo,
    authentication_token,
    private_key,
    session_keys,
)
from drivers.card.secure_messaging import SessionKeys
from drivers.simulated.card.chip_proof import chip_number

if TYPE_CHECKING:
    from drivers.card.curves import Point
    from drivers.card.pace import RandomBytes
    from drivers.simulated.card.faults import Faults
    from drivers.simulated.card.makes import Make
    from drivers.simulated.card.personas import Persona

SW_OK = b"\x90\x00"
SW_WRONG_PASSWORD = b"\x63\x00"
SW_NOT_SATISFIED = b"\x69\x85"
SW_NO_PASSWORD = b"\x6a\x88"
NONCE_LENGTH = 16
CHALLENGE_LENGTH = 8


class ChipPace:
    """PACE of the card's make, with CAN and MRZ."""

    def __init__(self, persona: Persona, make: Make, faults: Faults, random_bytes: RandomBytes) -> None:
        text = mrz.information(make.lines(persona)).encode("ascii")
        self._make = make
        self._info = PaceInfo(oid=make.pace, suite=make.suite, domain_id=make.domain_id, domain=make.domain)
        self._chip = chip_number(persona, faults)
        self._mapping = 0
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
        if objects.get(0x80) != self._make.pace:
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
        suite, nonce = self._make.suite, self._random(NONCE_LENGTH)
        self._nonce = int.from_bytes(nonce, "big")
        key = suite.derive(self._secret or b"", KeyUse.PASSWORD)
        return _dynamic(0x80, suite.cipher(key).encrypt(nonce))

    def _map(self, value: bytes) -> bytes:
        curve, private = self._make.domain, self._private()
        self._mapped = curve.multiply_sum((self._nonce, curve.g), (private, curve.decode(value)))
        self._mapping = private
        return _dynamic(0x82, curve.encode(curve.multiply_generator(private)))

    def _agree(self, value: bytes) -> bytes:
        if self._mapped is None:
            return SW_NOT_SATISFIED
        curve = self._make.domain
        private, theirs = self._private(), curve.decode(value)
        ours = curve.multiply(private, self._mapped)
        self._points = (ours, theirs)
        self.keys = session_keys(self._make.suite, KeyPair(curve, private).agree(theirs))
        return _dynamic(0x84, curve.encode(ours))

    def _check_token(self, value: bytes) -> bytes:
        keys, points = self.keys, self._points
        if keys is None or points is None:
            return SW_NOT_SATISFIED
        ours, theirs = points
        if not hmac.compare_digest(authentication_token(self._info, keys.mac, ours), value):
            self._forget()
            return SW_WRONG_PASSWORD
        self._secret = None
        token = tlv.encode(0x86, authentication_token(self._info, keys.mac, theirs))
        return tlv.encode(0x7C, token + self._chip_data(keys)) + SW_OK

    def _chip_data(self, keys: SessionKeys) -> bytes:
        """Return what PACE-CAM adds: the mapping key over the chip's own, modulo the order."""
        if not self._make.maps_chip:
            return b""
        domain = self._make.domain
        scalar = pow(self._chip, -1, domain.n) * self._mapping % domain.n
        plain = pad(scalar.to_bytes(domain.size, "big"), AES_BLOCK)
        return tlv.encode(0x8A, keys.suite.cipher(keys.encryption).encrypt(plain, ssc=CHIP_DATA_COUNTER))

    def _private(self) -> int:
        return private_key(self._make.domain, self._random)


class ChipBac:
    """BAC of an old chip."""

    def __init__(self, lines: tuple[str, ...], random_bytes: RandomBytes) -> None:
        self._encryption, self._mac = bac.access_keys(lines)
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
        known = hmac.compare_digest(TRIPLE_DES.authenticator(self._mac)(pad(cryptogram, DES_BLOCK)), tag)
        if challenge is None or not known:
            return SW_WRONG_PASSWORD
        plain = TRIPLE_DES.cipher(self._encryption).decrypt(cryptogram)
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
        answer = TRIPLE_DES.cipher(self._encryption).encrypt(challenge + theirs + own)
        return answer + TRIPLE_DES.authenticator(self._mac)(pad(answer, DES_BLOCK)) + SW_OK


def _dynamic(tag: int, value: bytes) -> bytes:
    return tlv.encode(0x7C, tlv.encode(tag, value)) + SW_OK
