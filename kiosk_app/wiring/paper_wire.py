"""What the kiosk and its paper room say to each other over two pipes: length, then one message."""

from __future__ import annotations

import struct
from typing import IO, Any, Final

import msgspec

from drivers.ports import Corner, DeviceStatus, Glance, ScannedPage

_LENGTH: Final = struct.Struct(">I")
LIMIT: Final = 256 << 20
"""Bytes in one message; a page is a few hundred kilobytes, a preview about one megabyte."""


class Ask(msgspec.Struct, frozen=True, kw_only=True):
    """A request. `what` names a method of the room; the other fields are its arguments."""

    what: str
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


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What came of it: one of the values, or the code and detail of an expected error."""

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


def body_length(head: bytes) -> int:
    """Return how many bytes follow a head.

    Raises:
        ValueError: More than any honest message has.
    """
    length: int = _LENGTH.unpack(head)[0]
    if length > LIMIT:
        raise ValueError("the paper room announced a message larger than any page")
    return length


def to_answer(body: bytes) -> Answer:
    """Decode an answer."""
    return _ANSWER.decode(body)


HEAD: Final = _LENGTH.size
