"""What the kiosk and its paper room say to each other over two pipes: length, then one message."""

from __future__ import annotations

import struct
from enum import StrEnum
from typing import IO, Any, Final

import msgspec

from drivers.ports import Corner, DeviceStatus, Glance, ScannedPage

_LENGTH: Final = struct.Struct(">I")
LIMIT: Final = 256 << 20
"""Bytes in one message; a page is a few hundred kilobytes, a preview about one megabyte."""


class Lane(StrEnum):
    """Requests of one lane are served one after the other; the lanes run beside each other."""

    PAPERS = "papers"
    CODES = "codes"
    STATES = "states"


LANES: Final = {
    "read_code": Lane.CODES,
    "flush_codes": Lane.CODES,
    "show_code": Lane.CODES,
    "show_picture": Lane.CODES,
    "status": Lane.STATES,
    "code_status": Lane.STATES,
    "plug": Lane.STATES,
    "unplug": Lane.STATES,
}
"""The lane of a request; what is not named here is about papers."""
STOP: Final = "stop"
"""Ends the request whose `number` it bears, running or waiting; has no answer of its own."""


class Ask(msgspec.Struct, frozen=True, kw_only=True):
    """A request. `what` names a method of the room; the other fields are its arguments."""

    what: str
    number: int = 0
    """The answer bears the same."""
    timeout_s: float = 0.0
    pages: tuple[ScannedPage, ...] = ()
    title: str = ""
    procedure: str = ""
    answers: dict[str, tuple[Any, str]] = msgspec.field(default_factory=dict)
    """Field name to value and source."""
    receipt_code: str = ""
    today: str = ""
    text: str = ""
    data: bytes = b""
    corners: tuple[Corner, ...] = ()

    @property
    def lane(self) -> Lane:
        """Where it waits for its turn."""
        return LANES.get(self.what, Lane.PAPERS)


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What came of it: one of the values, or the code and detail of an expected error."""

    number: int = 0
    error: str = ""
    detail: str = ""
    glance: Glance | None = None
    page: ScannedPage | None = None
    pages: tuple[ScannedPage, ...] = ()
    data: bytes = b""
    status: DeviceStatus | None = None
    text: str | None = None


_ENCODE: Final = msgspec.msgpack.Encoder()
_ASK: Final = msgspec.msgpack.Decoder(Ask)
_ANSWER: Final = msgspec.msgpack.Decoder(Answer)


def pack(message: Ask | Answer) -> bytes:
    """Return the bytes of a message with its length before it."""
    body = _ENCODE.encode(message)
    return _LENGTH.pack(len(body)) + body


def read_ask(stream: IO[bytes]) -> Ask | None:
    """Return the next request, or None when the kiosk has closed the pipe."""
    head = stream.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        return None
    body = stream.read(_LENGTH.unpack(head)[0])
    return _ASK.decode(body)


def read_answer(stream: IO[bytes]) -> Answer | None:
    """Return the next answer, or None when the room has ended.

    Raises:
        ValueError: More than any honest message has, or no message.
    """
    head = stream.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        return None
    length: int = _LENGTH.unpack(head)[0]
    if length > LIMIT:
        raise ValueError("the paper room announced a message larger than any page")
    body = stream.read(length)
    if len(body) < length:
        return None
    try:
        return _ANSWER.decode(body)
    except msgspec.DecodeError as error:
        raise ValueError("the paper room said what is no message") from error
