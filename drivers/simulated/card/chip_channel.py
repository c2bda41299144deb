"""Secure messaging from the card's side.

Source: ICAO Doc 9303-11 (8th ed.), 9.8.
"""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING

from drivers.card import tlv
from drivers.card.ciphers import pad, unpad
from drivers.errors import CardProtocolError

if TYPE_CHECKING:
    from drivers.card.secure_messaging import SessionKeys
    from drivers.simulated.card.faults import Faults

SHORT_MAX, EXTENDED_MAX = 256, 65_536


class ChipChannel:
    """The card's end of a secure channel; raises CardProtocolError on a command it must refuse."""

    def __init__(self, keys: SessionKeys, faults: Faults) -> None:
        self._keys = keys
        self._faults = faults
        self._ssc = keys.ssc

    @property
    def short_max(self) -> int:
        """Plain bytes that fit into one short protected answer."""
        block = self._keys.suite.block
        return (SHORT_MAX - 18) // block * block - 1

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
        if le is None:
            return plain, None
        return plain, int.from_bytes(le, "big") or (SHORT_MAX if len(le) == 1 else EXTENDED_MAX)

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
