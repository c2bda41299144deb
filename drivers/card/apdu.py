"""Commands to the card and its answers, whatever carries them.

Source: ISO/IEC 7816-4:2020, clause 5.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Protocol

from drivers.errors import CardProtocolError, DeviceTimeoutError

if TYPE_CHECKING:
    from collections.abc import Callable

SW_OK = 0x9000
SW_END_OF_FILE = 0x6282
SW_WRONG_LENGTH = 0x6700
SW_SECURITY_STATUS = 0x6982
SW_WRONG_OFFSET = 0x6B00
SW_FILE_NOT_FOUND = 0x6A82
SW_WRONG_PARAMETERS = (0x6A80, 0x6A86, 0x6A87, 0x6A88)

INS_SELECT = 0xA4
INS_READ_BINARY = 0xB0
INS_READ_BINARY_FAR = 0xB1
"""READ BINARY whose offset is a data object, for places the two header bytes do not reach."""
INS_GET_CHALLENGE = 0x84
INS_EXTERNAL_AUTHENTICATE = 0x82
INS_MANAGE_SECURITY = 0x22
INS_GENERAL_AUTHENTICATE = 0x86
INS_INTERNAL_AUTHENTICATE = 0x88
INS_GET_RESPONSE = 0xC0

MORE_DATA = 0x61
WRONG_LE = 0x6C
SW_LENGTH = 2
SHORT_LE_MAX = 256
SHORT_LC_MAX = 255
EXTENDED_MAX = 65_536
CLA_CHAINED = 0x10
CHAIN_MAX = 64
"""A card that answers 61xx more often than this never ends."""


class CommandTooLongError(CardProtocolError):
    """The reader does not carry a command with extended length."""


class Transport(Protocol):
    """Whatever carries one command to the card and its answer back."""

    def transmit(self, apdu: bytes) -> bytes:
        """Send one command and return data and status word.

        Raises:
            MediaRemovedError: The card left the slot.
            DeviceMissingError: The reader is gone.
            DeviceTimeoutError: The card fell silent.
        """
        ...


class CardLine(Transport, Protocol):
    """A transport that can reset its card and says whether long commands pass."""

    @property
    def extended(self) -> bool:
        """True where both the card's ATR and the reader announce extended length."""
        ...

    def reset(self) -> None:
        """Reset the card, which forgets every session.

        Raises:
            MediaRemovedError: The card left the slot.
            DeviceMissingError: The reader is gone.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """One command; `le` is the number of bytes wanted (the maximum travels as zeros), None for none."""

    cla: int = 0x00
    ins: int
    p1: int = 0x00
    p2: int = 0x00
    data: bytes = field(default=b"", repr=False)
    le: int | None = None
    extended: bool = False
    """Travels with two-byte length fields."""

    def to_bytes(self) -> bytes:
        """Return the command as it travels.

        Source: ISO/IEC 7816-4:2020, 5.2 (short and extended length fields).
        """
        header = bytes([self.cla, self.ins, self.p1, self.p2])
        if self.extended:
            return header + self._extended_body()
        if len(self.data) > SHORT_LC_MAX or (self.le is not None and self.le > SHORT_LE_MAX):
            raise CardProtocolError("The command does not fit into a short APDU.")
        body = bytes([len(self.data)]) + self.data if self.data else b""
        return header + body + (b"" if self.le is None else bytes([self.le % SHORT_LE_MAX]))

    def _extended_body(self) -> bytes:
        if len(self.data) >= EXTENDED_MAX or (self.le is not None and self.le > EXTENDED_MAX):
            raise CardProtocolError("The command does not fit into an extended APDU.")
        body = b"\x00" + len(self.data).to_bytes(2, "big") + self.data if self.data else b""
        tail = b"" if self.le is None else (self.le % EXTENDED_MAX).to_bytes(2, "big")
        return body + (tail if body or not tail else b"\x00" + tail)


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """The answer to one command."""

    data: bytes = field(repr=False)
    sw: int

    @property
    def ok(self) -> bool:
        """True for 9000."""
        return self.sw == SW_OK


class Sender(Protocol):
    """Sends a command and returns its answer: a plain channel or one under secure messaging."""

    def send(self, command: Command) -> Response:
        """Send one command and return the whole answer."""
        ...


class PlainChannel:
    """Commands in the clear, counted and bounded; resolves 61xx and 6Cxx.

    Args:
        transport: What carries the bytes.
        expired: Tells whether the time for the whole read is over.
        max_bytes: Answer bytes after which the card is taken for hostile.
    """

    def __init__(
        self, transport: Transport, *, expired: Callable[[], bool] = lambda: False, max_bytes: int = 400_000
    ) -> None:
        self._transport = transport
        self._expired = expired
        self._max_bytes = max_bytes
        self.apdus = 0
        self.bytes_received = 0

    def send(self, command: Command) -> Response:
        """Send one command and collect its whole answer.

        Raises:
            CardProtocolError: The answer is too short, too long, or never ends.
            DeviceTimeoutError: The time for the whole read is over.

        Source: ISO/IEC 7816-3:2006, 10.3.4 and 12.2.1 (61xx, 6Cxx).
        """
        response = self._exchange(command.to_bytes())
        if response.sw >> 8 == WRONG_LE and not response.data:
            exact = replace(command, le=response.sw & 0xFF or SHORT_LE_MAX)
            response = self._exchange(exact.to_bytes())
        data = response.data
        for _ in range(CHAIN_MAX):
            if response.sw >> 8 != MORE_DATA:
                return Response(data=data, sw=response.sw)
            response = self._exchange(bytes([command.cla & 0x03, INS_GET_RESPONSE, 0, 0, response.sw & 0xFF]))
            data += response.data
        raise CardProtocolError("The card announces more data without end.")

    def _exchange(self, apdu: bytes) -> Response:
        if self._expired():
            raise DeviceTimeoutError("The card was not read in time.")
        answer = self._transport.transmit(apdu)
        self.apdus += 1
        self.bytes_received += len(answer)
        if len(answer) < SW_LENGTH:
            raise CardProtocolError("The card answered less than a status word.")
        if self.bytes_received > self._max_bytes:
            raise CardProtocolError("The card sends more bytes than any ID card holds.")
        return Response(data=answer[:-SW_LENGTH], sw=int.from_bytes(answer[-SW_LENGTH:], "big"))
