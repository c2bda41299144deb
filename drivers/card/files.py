"""Reads whole files in pieces as large as this card and this reader have shown to pass.

The ladder: extended length where both announce it, then the longest short answer (231 or 223 bytes), 160,
112. A step down after a dropped session opens the chip again; nothing read so far is lost.

Source: ISO/IEC 7816-4:2020, 7.2.3 (READ BINARY); ICAO Doc 9303-10, 3.6.3 (beyond 32 kB); speed
DEVICES.md 1.9.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from drivers.card import tlv
from drivers.card.apdu import (
    INS_READ_BINARY,
    INS_READ_BINARY_FAR,
    SW_END_OF_FILE,
    SW_OK,
    SW_WRONG_LENGTH,
    WRONG_LE,
    Command,
    CommandTooLongError,
)
from drivers.card.secure_messaging import ChannelDroppedError
from drivers.card.session import select_file
from drivers.errors import CardProtocolError

if TYPE_CHECKING:
    from collections.abc import Callable

    from drivers.card.apdu import Response
    from drivers.card.datagroups import File
    from drivers.card.session import Session

BY_SFI = 0x80
NEAR_MAX = 0x7FFF
"""The farthest offset the header of READ BINARY carries."""
TAG_OFFSET, TAG_PIECE = 0x54, 0x53
FAR_HEAD = 4
"""Bytes around a piece read from farther away, at most: tag and length of its data object."""
MAX_FILE = 256 * 1024
"""No file of an ID card comes near; what announces more is hostile."""
EXTENDED_PIECE = 8192
"""Bytes asked for at once with extended length: two answers hold a portrait, and most chips can."""
SHORT_PIECE = 256
"""Stands for the longest short answer of the channel of the moment: 231 bytes with 3DES, 223 with AES."""
SMALL_PIECES = (160, 112)
SESSION_STATUSES = frozenset({0x6982, 0x6985, 0x6987, 0x6988})
"""A channel dropped with one of these was refused, not overfilled: asking for less would not help."""


class FileReader:
    """Reads the files of one open chip.

    Args:
        session: The open chip; opened again where a step down the ladder needs it.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self._sizes = [SHORT_PIECE, *SMALL_PIECES]
        if session.extended:
            self._sizes.insert(0, EXTENDED_PIECE)

    @property
    def extended(self) -> bool:
        """True while the ladder stands on extended length."""
        return self._sizes[0] > SHORT_PIECE

    def read(self, file: File, progress: Callable[[float], None] = lambda _share: None) -> bytes | None:
        """Return the exact bytes of a file, None where the card has none.

        Raises:
            CardProtocolError: Another file than announced, too long, or cut off.
        """
        head = self._head(file)
        if head is None:
            return None
        tag, length, start = tlv.read_header(head)
        total = start + length
        if tag != file.tag or total > MAX_FILE:
            raise CardProtocolError(f"{file.name} is another file than announced, or too long.")
        data = bytearray(head[:total])
        while len(data) < total:
            data += self._piece(file, len(data), total - len(data))
            progress(len(data) / total)
        return bytes(data)

    def _head(self, file: File) -> bytes | None:
        response = self._ask(file, None, EXTENDED_PIECE)
        if response.sw in {SW_OK, SW_END_OF_FILE} and response.data:
            return response.data
        if not self._session.channel.send(select_file(file.fid)).ok:
            return None
        return self._piece(file, 0, EXTENDED_PIECE)

    def _piece(self, file: File, offset: int, wanted: int) -> bytes:
        far = offset > NEAR_MAX
        response = self._ask(file, offset, wanted + FAR_HEAD if far else wanted)
        data = response.data
        if far and response.sw in {SW_OK, SW_END_OF_FILE}:
            # A file may be larger than the object in it, so a shorter head can let more through than wanted.
            data = tlv.parse_one(data, TAG_PIECE).value[:wanted]
        if response.sw not in {SW_OK, SW_END_OF_FILE} or not 0 < len(data) <= wanted:
            raise CardProtocolError(f"A file is cut off or over-long (status {response.sw:04X}).")
        return data

    def _ask(self, file: File, offset: int | None, wanted: int) -> Response:
        """Read, asking for less while the card says, or shows, that so much does not pass.

        Args:
            file: Which file; it is selected again after a dropped session.
            offset: Where to begin in the selected file; None selects it by its short identifier.
            wanted: Most bytes of the answer.
        """
        while True:
            size = self._size(wanted)
            try:
                response = self._send(file, offset, size)
            except (ChannelDroppedError, CommandTooLongError) as error:
                if getattr(error, "sw", SW_WRONG_LENGTH) in SESSION_STATUSES or len(self._sizes) == 1:
                    raise
                self._step_down()
                self._session.reopen()
                if offset is not None:
                    self._session.channel.send(select_file(file.fid))
                continue
            if response.data or not _refuses_length(response.sw):
                self._check(response, size)
                return response
            wanted = self._smaller(response, size)

    def _size(self, wanted: int) -> int:
        """Return what may be asked for at once; chip authentication changes what a short answer holds."""
        most = self._sizes[0] if self.extended else min(self._sizes[0], self._session.channel.max_read)
        return min(wanted, most)

    def _send(self, file: File, offset: int | None, size: int) -> Response:
        channel = self._session.channel
        extended = size > channel.max_read
        if offset is not None and offset > NEAR_MAX:
            place = tlv.encode(TAG_OFFSET, offset.to_bytes((offset.bit_length() + 7) // 8, "big"))
            return channel.send(Command(ins=INS_READ_BINARY_FAR, data=place, le=size, extended=extended))
        p1, p2 = (BY_SFI | file.sfi, 0) if offset is None else divmod(offset, 256)
        return channel.send(Command(ins=INS_READ_BINARY, p1=p1, p2=p2, le=size, extended=extended))

    def _smaller(self, response: Response, size: int) -> int:
        """Return how much to ask for next, and remember what this card can answer."""
        exact = response.sw & 0xFF if response.sw >> 8 == WRONG_LE else 0
        if 0 < exact < size:
            if exact >= SMALL_PIECES[-1]:
                self._sizes = [exact, *(smaller for smaller in self._sizes if smaller < exact)]
            return exact
        if len(self._sizes) == 1:
            raise CardProtocolError(f"The card answers no read of a useful size (status {response.sw:04X}).")
        self._step_down()
        return size

    def _step_down(self) -> None:
        del self._sizes[0]

    @staticmethod
    def _check(response: Response, size: int) -> None:
        if len(response.data) > size:
            raise CardProtocolError("The card answered more than it was asked for.")


def _refuses_length(sw: int) -> bool:
    return sw == SW_WRONG_LENGTH or sw >> 8 == WRONG_LE
