"""Commands and answers under secure messaging: encrypted, numbered and authenticated.

Source: ICAO Doc 9303-11 (8th ed.), 9.8.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from drivers.card import tlv
from drivers.card.apdu import EXTENDED_MAX, Command, Response
from drivers.card.ciphers import MAC_LENGTH, pad, unpad
from drivers.errors import CardProtocolError

if TYPE_CHECKING:
    from drivers.card.apdu import Sender
    from drivers.card.ciphers import CipherSuite

CLA_SECURE = 0x0C
TAG_CRYPTOGRAM = 0x87
TAG_LE = 0x97
TAG_STATUS = 0x99
TAG_MAC = 0x8E
PADDED = 0x01
STATUS_LENGTH = 2
SHORT_ANSWER_MAX = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionKeys:
    """What PACE or BAC agreed on."""

    suite: CipherSuite
    encryption: bytes = field(repr=False)
    mac: bytes = field(repr=False)
    ssc: bytes = field(repr=False)
    """The send sequence counter to start from, one cipher block long."""


class ChannelDroppedError(CardProtocolError):
    """The card answered in the clear: it has ended the session, but may open another one."""

    def __init__(self, sw: int) -> None:
        super().__init__(f"The card dropped the secure channel (status {sw:04X}).")
        self.sw = sw


class SecureChannel:
    """A channel that protects every command and believes no answer before its MAC."""

    def __init__(self, plain: Sender, keys: SessionKeys) -> None:
        self._plain = plain
        self._keys = keys
        self._ssc = int.from_bytes(keys.ssc, "big")

    @property
    def max_read(self) -> int:
        """Plain bytes that fit into one short protected answer: 231 with 3DES, 223 with AES."""
        overhead = len(tlv.encode(TAG_STATUS, bytes(STATUS_LENGTH)) + tlv.encode(TAG_MAC, bytes(MAC_LENGTH)))
        blocks = (SHORT_ANSWER_MAX - overhead - 4) // self._keys.suite.block
        return blocks * self._keys.suite.block - 1

    def send(self, command: Command) -> Response:
        """Protect a command, send it, check and open the answer.

        Raises:
            CardProtocolError: The answer is not protected, forged, replayed or malformed.
        """
        return self._unprotect(self._plain.send(self._protect(command)))

    def _protect(self, command: Command) -> Command:
        ssc = self._next_ssc()
        keys, suite = self._keys, self._keys.suite
        header = bytes([command.cla | CLA_SECURE, command.ins, command.p1, command.p2])
        body = b""
        if command.data:
            cipher = suite.encrypt(keys.encryption, pad(command.data, suite.block), ssc=ssc)
            body += tlv.encode(TAG_CRYPTOGRAM, bytes([PADDED]) + cipher)
        longest = EXTENDED_MAX if command.extended else SHORT_ANSWER_MAX
        if command.le is not None:
            width = 2 if command.extended else 1
            body += tlv.encode(TAG_LE, (command.le % longest).to_bytes(width, "big"))
        signed = ssc + pad(header, suite.block) + body
        data = body + tlv.encode(TAG_MAC, suite.mac(keys.mac, pad(signed, suite.block)))
        return replace(command, cla=header[0], data=data, le=longest)

    def _unprotect(self, response: Response) -> Response:
        ssc = self._next_ssc()
        if not response.data:
            raise ChannelDroppedError(response.sw)
        objects = tlv.parse(response.data)
        tags = [item.tag for item in objects]
        if tags not in ([TAG_STATUS, TAG_MAC], [TAG_CRYPTOGRAM, TAG_STATUS, TAG_MAC]):
            raise CardProtocolError("The card's protected answer lacks its status or its MAC.")
        keys, suite = self._keys, self._keys.suite
        signed = response.data[: -len(tlv.encode(TAG_MAC, objects[-1].value))]
        expected = suite.mac(keys.mac, pad(ssc + signed, suite.block))
        if not hmac.compare_digest(expected, objects[-1].value):
            raise CardProtocolError("The MAC of the card's answer is wrong.")
        status = objects[-2].value
        if len(status) != STATUS_LENGTH or int.from_bytes(status, "big") != response.sw:
            raise CardProtocolError("The card's protected status differs from the one outside.")
        data = self._open(objects[0].value, ssc) if objects[0].tag == TAG_CRYPTOGRAM else b""
        return Response(data=data, sw=response.sw)

    def _open(self, cryptogram: bytes, ssc: bytes) -> bytes:
        suite = self._keys.suite
        marker, blocks = cryptogram[:1], cryptogram[1:]
        if marker != bytes([PADDED]) or not blocks or len(blocks) % suite.block:
            raise CardProtocolError("The card sent a malformed cryptogram.")
        return unpad(suite.decrypt(self._keys.encryption, blocks, ssc=ssc))

    def _next_ssc(self) -> bytes:
        width = len(self._keys.ssc)
        self._ssc = (self._ssc + 1) % (1 << 8 * width)
        return self._ssc.to_bytes(width, "big")
