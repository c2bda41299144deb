"""Commands and answers under secure messaging: encrypted, numbered and authenticated.

Source: ICAO Doc 9303-11 (8th ed.), 9.8.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from drivers.card import tlv
from drivers.card.apdu import EXTENDED_MAX, Command, Response
from drivers.card.ciphers import pad, unpad
from drivers.errors import CardProtocolError

if TYPE_CHECKING:
    from drivers.card.apdu import Sender
    from drivers.card.ciphers import CipherSuite

CLA_SECURE = 0x0C
TAG_CRYPTOGRAM, TAG_CRYPTOGRAM_ODD = 0x87, 0x85
"""With an odd instruction the cryptogram has another tag and no padding mark. Source: ICAO 9303-11, 9.8.4."""
LE_HEADS = {1: b"\x97\x01", 2: b"\x97\x02"}
"""DO'97' begins so, for a length of one byte and of two."""
PADDED = b"\x01"
ODD = 0x01
"""The bit that tells odd instructions from even ones."""
STATUS_HEAD, STATUS_OBJECT = b"\x99\x02", 4
"""DO'99' begins so and is so long."""
MAC_HEAD, MAC_OBJECT = b"\x8e\x08", 10
"""DO'8E' begins so and is so long."""
CRYPTOGRAM_HEAD = 4
"""Bytes of DO'87' before its blocks at most: tag, two of length, the padding mark."""
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
        self._block = keys.suite.block
        self._cipher = keys.suite.cipher(keys.encryption)
        self._mac = keys.suite.authenticator(keys.mac)
        self._ssc, self._width = int.from_bytes(keys.ssc, "big"), len(keys.ssc)
        room = SHORT_ANSWER_MAX - STATUS_OBJECT - MAC_OBJECT - CRYPTOGRAM_HEAD
        self.max_read = room // self._block * self._block - 1
        """Plain bytes that fit into one short protected answer: 231 with 3DES, 223 with AES."""

    def send(self, command: Command) -> Response:
        """Protect a command, send it, check and open the answer.

        Raises:
            CardProtocolError: The answer is not protected, forged, replayed or malformed.
        """
        return self._unprotect(self._plain.send(self._protect(command)), odd=bool(command.ins & ODD))

    def _protect(self, command: Command) -> Command:
        ssc, block = self._next_ssc(), self._block
        header = bytes((command.cla | CLA_SECURE, command.ins, command.p1, command.p2))
        body = b""
        if command.data:
            cipher = self._cipher.encrypt(pad(command.data, block), ssc=ssc)
            odd = command.ins & ODD
            body = (
                tlv.encode(TAG_CRYPTOGRAM_ODD, cipher) if odd else tlv.encode(TAG_CRYPTOGRAM, PADDED + cipher)
            )
        longest = EXTENDED_MAX if command.extended else SHORT_ANSWER_MAX
        if command.le is not None:
            width = 2 if command.extended else 1
            body += LE_HEADS[width] + (command.le % longest).to_bytes(width, "big")
        mac = self._mac(pad(ssc + pad(header, block) + body, block))
        return Command(
            cla=header[0],
            ins=command.ins,
            p1=command.p1,
            p2=command.p2,
            data=body + MAC_HEAD + mac,
            le=longest,
            extended=command.extended,
        )

    def _unprotect(self, response: Response, *, odd: bool) -> Response:
        """Check and open an answer: a cryptogram or nothing, the status, and the MAC over both.

        The MAC comes first. Its place is fixed, so nothing has to be parsed that nobody vouches for.
        """
        ssc = self._next_ssc()
        data = response.data
        if not data:
            raise ChannelDroppedError(response.sw)
        signed, mac = data[:-MAC_OBJECT], data[-MAC_OBJECT:]
        if mac[: len(MAC_HEAD)] != MAC_HEAD:
            raise CardProtocolError("The card's protected answer lacks its MAC.")
        if not hmac.compare_digest(self._mac(pad(ssc + signed, self._block)), mac[len(MAC_HEAD) :]):
            raise CardProtocolError("The MAC of the card's answer is wrong.")
        if signed[-STATUS_OBJECT:] != STATUS_HEAD + response.sw.to_bytes(2, "big"):
            raise CardProtocolError("The card's protected status is missing or differs from the one outside.")
        cryptogram = signed[:-STATUS_OBJECT]
        return Response(data=self._open(cryptogram, ssc, odd=odd) if cryptogram else b"", sw=response.sw)

    def _open(self, cryptogram: bytes, ssc: bytes, *, odd: bool) -> bytes:
        expected, mark = (TAG_CRYPTOGRAM_ODD, b"") if odd else (TAG_CRYPTOGRAM, PADDED)
        tag, length, start = tlv.read_header(cryptogram)
        value = cryptogram[start:]
        blocks = value[len(mark) :]
        whole = tag == expected and length == len(value) and value.startswith(mark)
        if not whole or not blocks or len(blocks) % self._block:
            raise CardProtocolError("The card sent a malformed cryptogram.")
        return unpad(self._cipher.decrypt(blocks, ssc=ssc))

    def _next_ssc(self) -> bytes:
        self._ssc = (self._ssc + 1) % (1 << 8 * self._width)
        return self._ssc.to_bytes(self._width, "big")
