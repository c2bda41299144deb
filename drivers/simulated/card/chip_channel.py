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
        self._cipher = keys.suite.cipher(keys.encryption)
        self._mac = keys.suite.authenticator(keys.mac)

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
        block = self._keys.suite.block
        self._step()
        objects = {item.tag: item.value for item in tlv.parse(data)}
        mac = objects.pop(0x8E, b"")
        body = b"".join(tlv.encode(tag, value) for tag, value in objects.items())
        signed = self._ssc + pad(header, block) + body
        if not hmac.compare_digest(self._mac(pad(signed, block)), mac):
            raise CardProtocolError("The terminal's MAC is wrong.")
        le = objects.get(0x97)
        plain = b""
        # An odd instruction has its cryptogram in another object, without the padding mark.
        cryptogram = objects.get(0x85, b"") if header[1] & 1 else objects.get(0x87, b"")[1:]
        if cryptogram:
            plain = unpad(self._cipher.decrypt(cryptogram, ssc=self._ssc))
        if le is None:
            return plain, None
        return plain, int.from_bytes(le, "big") or (SHORT_MAX if len(le) == 1 else EXTENDED_MAX)

    def seal(self, data: bytes, sw: bytes, *, odd: bool = False) -> bytes:
        """Protect an answer (to an odd instruction?), with the faults of the script."""
        block = self._keys.suite.block
        self._step()
        body = b""
        if data:
            cipher = self._cipher.encrypt(pad(data, block), ssc=self._ssc)
            body += tlv.encode(0x85, cipher) if odd else tlv.encode(0x87, b"\x01" + cipher)
        if not self._faults.no_do99:
            body += tlv.encode(0x99, sw)
        mac = self._mac(pad(self._ssc + body, block))
        if self._faults.bad_mac:
            mac = mac[:-1] + bytes([mac[-1] ^ 0x01])
        return body + tlv.encode(0x8E, mac) + sw

    def _step(self) -> None:
        width = len(self._ssc)
        self._ssc = (int.from_bytes(self._ssc, "big") + 1).to_bytes(width, "big")
