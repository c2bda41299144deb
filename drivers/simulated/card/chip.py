"""A virtual citizen ID card: APDUs in, APDUs out, with the traps of the real one.

EF.CardAccess is readable straight after connect and answers 6982 once the application is selected;
SELECT MF answers 6D00; a wrong CAN answers 6300 at the token step (DEVICES.md 1.3).

Source: ISO/IEC 7816-4:2020; ICAO Doc 9303-10 (8th ed.), 3.6.
"""

from __future__ import annotations

import secrets
from enum import Enum
from typing import TYPE_CHECKING

from drivers.card import tlv
from drivers.card.apdu import EXTENDED_MAX
from drivers.card.datagroups import EF_CARD_ACCESS, EF_CARD_SECURITY
from drivers.card.session import AID
from drivers.errors import CardProtocolError
from drivers.simulated.card import lds
from drivers.simulated.card.chip_access import ChipBac, ChipPace
from drivers.simulated.card.chip_channel import ChipChannel
from drivers.simulated.card.chip_proof import ActiveAuthentication, ChipAuthentication
from drivers.simulated.card.faults import NO_FAULTS, Faults
from drivers.simulated.card.makes import VIETNAM, Make

if TYPE_CHECKING:
    from drivers.card.pace import RandomBytes
    from drivers.simulated.card.personas import Persona

SW_OK = b"\x90\x00"
SW_END = b"\x62\x82"
SW_LENGTH = b"\x67\x00"
SW_SECURITY = b"\x69\x82"
SW_SM_BROKEN = b"\x69\x88"
SW_NO_FILE = b"\x6a\x82"
SW_OFFSET = b"\x6b\x00"
SW_INSTRUCTION = b"\x6d\x00"
SECURE = 0x0C
HEADER = 4
READ = 0xB0
GET_RESPONSE = b"\xc0"
SHORT_MAX = 256
CHAINED = 0x10


class Misbehaviour(Enum):
    """What a card does instead of answering."""

    REMOVED = "removed"
    SILENT = "silent"


class VirtualCard:
    """One card with its files, keys and script of faults.

    Args:
        persona: Whose card it is.
        faults: What it does wrong.
        make: How it was made.
        random_bytes: Where the chip's nonces and ephemeral keys come from.
    """

    def __init__(
        self,
        persona: Persona,
        faults: Faults = NO_FAULTS,
        *,
        make: Make = VIETNAM,
        random_bytes: RandomBytes = secrets.token_bytes,
    ) -> None:
        self.persona = persona
        self.faults = faults
        self._random = random_bytes
        self.make = make
        self._files = lds.build(persona, faults, make)
        self._signing = ActiveAuthentication(persona, make, faults)
        self._rest = b""
        self.apdus = 0
        self.reset()

    @property
    def atr(self) -> bytes:
        """The answer to reset."""
        return self.make.atr

    def reset(self) -> None:
        """Forget every session, as after power-up."""
        self._pace = ChipPace(self.persona, self.make, self.faults, self._random)
        self._bac = ChipBac(self.make.lines(self.persona), self._random)
        self._authentication = ChipAuthentication(self.persona, self.make, self.faults)
        self._channel: ChipChannel | None = None
        self._rest = b""
        self._application = False
        self._current: bytes | None = None

    def answer(self, apdu: bytes) -> bytes | Misbehaviour:
        """Answer one command, or misbehave where the script says so."""
        self.apdus += 1
        if self.apdus == self.faults.removed_at_apdu:
            return Misbehaviour.REMOVED
        if self.apdus == self.faults.silent_at_apdu:
            return Misbehaviour.SILENT
        if apdu[1:2] == GET_RESPONSE and self._rest:
            return self._in_pieces(self._rest)
        return self._in_pieces(self._whole_answer(*_split(apdu)))

    def _in_pieces(self, answer: bytes) -> bytes:
        """Keep back what T=0 would make the reader fetch; the status of the whole comes last."""
        most = self.faults.answers_in_pieces or EXTENDED_MAX
        data, sw = answer[:-2], answer[-2:]
        if len(data) <= most:
            self._rest = b""
            return answer
        self._rest = data[most:] + sw
        return data[:most] + bytes([0x61, min(len(data) - most, 255)])

    def _whole_answer(self, header: bytes, data: bytes, le: int | None) -> bytes:
        if (len(data) > SHORT_MAX or (le or 0) > SHORT_MAX) and not self.make.extended:
            self._channel = None
            return SW_LENGTH
        try:
            if header[0] & SECURE == SECURE:
                return self._answer_secure(header, data, le)
            self._channel = None
            return self._answer_plain(header, data, le)
        except CardProtocolError:
            self._channel = None
            return SW_SM_BROKEN

    def _answer_secure(self, header: bytes, data: bytes, outer_le: int | None) -> bytes:
        channel = self._channel
        if channel is None:
            return SW_SM_BROKEN
        plain, le = channel.open(header, data)
        if self.faults.drops_long_reads and (le or 0) > self.faults.drops_long_reads and header[1] == READ:
            self._channel = None
            return SW_LENGTH
        inner = bytes([header[0] & ~SECURE]) + header[1:]
        fits = EXTENDED_MAX if (outer_le or 0) > SHORT_MAX else channel.short_max
        answer = self._secure_command(inner, plain, le, min(fits, self.faults.largest_read or EXTENDED_MAX))
        sealed = channel.seal(answer[:-2], answer[-2:], odd=bool(header[1] & 1))
        keys, self._authentication.keys = self._authentication.keys, None
        if keys is not None:
            self._channel = ChipChannel(keys, self.faults)
        return sealed

    def _secure_command(self, header: bytes, data: bytes, le: int | None, limit: int) -> bytes:
        more = bool(header[0] & CHAINED)
        if header[1:] == b"\x22\x41\xa4":
            return self._authentication.select(data)
        if header[1:] == b"\x22\x41\xa6":
            return self._authentication.key_agreement(data, more=more)
        if header[1] == 0x86:  # noqa: PLR2004 - GENERAL AUTHENTICATE
            return self._authentication.answer(data, more=more)
        if header[1] == 0x88:  # noqa: PLR2004 - INTERNAL AUTHENTICATE
            return self._signing.answer(data)
        return self._files_command(header, data, le, limit=limit)

    def _answer_plain(self, header: bytes, data: bytes, le: int | None) -> bytes:
        ins = header[1]
        if ins == 0x22:  # noqa: PLR2004 - MANAGE SECURITY ENVIRONMENT
            return SW_INSTRUCTION if self.faults.no_pace else self._pace.select(data)
        if ins == 0x86:  # noqa: PLR2004 - GENERAL AUTHENTICATE
            return self._keep_channel(self._pace.answer(data), last=header[0] == 0x00)
        if ins == 0x84:  # noqa: PLR2004 - GET CHALLENGE
            return self._bac.challenge() if self._application else SW_SECURITY
        if ins == 0x82:  # noqa: PLR2004 - EXTERNAL AUTHENTICATE
            return self._keep_channel(self._bac.authenticate(data), last=True)
        return self._files_command(header, data, le, limit=SHORT_MAX)

    def _keep_channel(self, answer: bytes, *, last: bool) -> bytes:
        keys = self._bac.keys if self.faults.no_pace else self._pace.keys
        if last and keys is not None and answer.endswith(SW_OK):
            self._channel = ChipChannel(keys, self.faults)
        return answer

    def _files_command(self, header: bytes, data: bytes, le: int | None, *, limit: int) -> bytes:
        if header[1] == 0xA4:  # noqa: PLR2004 - SELECT
            return self._select(header[2], data)
        if header[1] == 0xB0:  # noqa: PLR2004 - READ BINARY
            return self._read(header[2], header[3], le, limit)
        if header[1] == 0xB1:  # noqa: PLR2004 - READ BINARY with the offset as a data object
            return self._read_far(data, le, limit)
        return SW_INSTRUCTION

    def _select(self, how: int, data: bytes) -> bytes:
        if how == 0x04:  # noqa: PLR2004 - by application identifier
            self._application = self._application or data == AID
            return SW_OK if data == AID else SW_NO_FILE
        if how != 0x02:  # noqa: PLR2004 - by file identifier; anything else is SELECT MF
            return SW_INSTRUCTION
        fid = int.from_bytes(data, "big")
        if fid == EF_CARD_ACCESS.fid:
            if self._application:
                return SW_SECURITY
            self._current = None if self.faults.no_pace else lds.card_access(self.make)
            return SW_OK if self._current else SW_NO_FILE
        return self._open_file(fid)

    def _open_file(self, fid: int) -> bytes:
        if fid == EF_CARD_SECURITY.fid and self._channel is not None and not self._application:
            self._current = lds.card_security(self.persona, self.faults) if self.make.maps_chip else None
            return SW_OK if self._current else SW_NO_FILE
        if not self._application or self._channel is None:
            return SW_SECURITY
        self._current = self._files.get(fid)
        return SW_OK if self._current is not None else SW_NO_FILE

    def _read(self, p1: int, p2: int, le: int | None, limit: int) -> bytes:
        offset = p1 << 8 | p2
        if p1 & 0x80:
            if self.faults.no_sfi:
                return SW_NO_FILE
            opened = self._open_file(0x0100 | p1 & 0x1F)
            if opened != SW_OK:
                return opened
            offset = p2
        if self._current is None or le is None or (le > limit and le < EXTENDED_MAX):
            return SW_SECURITY if self._current is None else SW_LENGTH
        left = len(self._current) - offset
        if left <= 0:
            return SW_OFFSET
        if self.faults.exact_le and left < le and left < SHORT_MAX:
            return bytes([0x6C, left])
        piece = self._current[offset : offset + le]
        return piece + (SW_OK if len(piece) == le else SW_END)

    def _read_far(self, data: bytes, le: int | None, limit: int) -> bytes:
        """Read beyond 32 kB. Source: ISO/IEC 7816-4:2020, 7.2.3 (odd instruction)."""
        place = tlv.find(data, 0x54)
        if self._current is None or place is None or le is None:
            return SW_SECURITY if self._current is None else SW_LENGTH
        if le > limit and le < EXTENDED_MAX:
            return SW_LENGTH
        offset = int.from_bytes(place, "big")
        return _far_piece(self._current, offset, le) + SW_OK if offset < len(self._current) else SW_OFFSET


def _far_piece(content: bytes, offset: int, le: int) -> bytes:
    """Return DO'53' with what stands at an offset, no longer than asked as a whole."""
    head = 2 if le - 2 < 0x80 else 3 if le - 3 < 0x100 else 4  # noqa: PLR2004 - forms of a BER length
    return tlv.encode(0x53, content[offset : offset + le - head])


def _split(apdu: bytes) -> tuple[bytes, bytes, int | None]:
    """Return header, data and Le of a command. Source: ISO/IEC 7816-4:2020, 5.2."""
    header, body = apdu[:HEADER], apdu[HEADER:]
    width, longest = (2, EXTENDED_MAX) if len(body) > 2 and body[0] == 0 else (1, SHORT_MAX)  # noqa: PLR2004
    body = body[1:] if width > 1 else body
    if len(body) <= width:
        return header, b"", (int.from_bytes(body, "big") or longest) if body else None
    size = int.from_bytes(body[:width], "big")
    rest = body[width + size :]
    return header, body[width : width + size], (int.from_bytes(rest, "big") or longest) if rest else None
