"""Messages of the Internet Printing Protocol, as far as a kiosk speaks it: requests out, answers in.

Source: RFC 8010 (encoding), RFC 8011 (operations, attributes).
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from enum import IntEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

MIME = "application/ipp"
VERSION = 0x0200
CHARSET, LANGUAGE = "utf-8", "en"
MAX_MESSAGE = 1 << 20
"""Bytes of an answer that are read; a printer's whole description is some 20 kB."""
OK_LIMIT = 0x0100
"""Status codes below are successes. Source: RFC 8011, appendix B."""

_HEAD = struct.Struct(">HHI")
_LENGTH = struct.Struct(">H")
_INTEGER = struct.Struct(">i")


class Operation(IntEnum):
    """Operation identifiers. Source: RFC 8011, 5.4.15."""

    PRINT_JOB = 0x0002
    CANCEL_JOB = 0x0008
    GET_JOB_ATTRIBUTES = 0x0009
    GET_PRINTER_ATTRIBUTES = 0x000B


class Group(IntEnum):
    """Delimiter tags. Source: RFC 8010, 3.5.1."""

    OPERATION = 0x01
    JOB = 0x02
    END = 0x03
    PRINTER = 0x04
    UNSUPPORTED = 0x05


class Tag(IntEnum):
    """Value tags of what a kiosk sends. Source: RFC 8010, 3.5.2."""

    INTEGER = 0x21
    BOOLEAN = 0x22
    ENUM = 0x23
    TEXT = 0x41
    NAME = 0x42
    KEYWORD = 0x44
    URI = 0x45
    CHARSET = 0x47
    LANGUAGE = 0x48
    MIME_TYPE = 0x49


Value = str | int | bool | bytes
"""A value: text of any kind, a number, yes or no, or bytes of a kind that is not looked into."""

Attributes = dict[str, tuple[Value, ...]]

_NUMBERS = frozenset((Tag.INTEGER, Tag.ENUM))
_TEXTS = frozenset((Tag.TEXT, Tag.NAME, Tag.KEYWORD, Tag.URI, Tag.CHARSET, Tag.LANGUAGE, Tag.MIME_TYPE))
_FIRST_VALUE_TAG = 0x10


class IppError(ValueError):
    """The bytes are no IPP message; the text says where they stop being one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A request or an answer: `code` is the operation, or the status."""

    code: int
    number: int
    groups: tuple[tuple[Group, Attributes], ...]
    data: bytes = field(default=b"", repr=False)

    def group(self, wanted: Group) -> Attributes:
        """Return the attributes of all groups of one kind together, empty where there are none."""
        return {name: values for tag, found in self.groups if tag is wanted for name, values in found.items()}


def encode(
    code: int,
    number: int,
    groups: tuple[tuple[Group, Mapping[str, tuple[Tag, Value]]], ...],
    data: bytes = b"",
) -> bytes:
    """Return a message as bytes.

    Args:
        code: Operation or status.
        number: The request id; an answer carries its request's.
        groups: Groups in order, each name with its tag and value; the operation group comes first and
            begins with charset and language.
        data: The document, after the message.
    """
    parts = [_HEAD.pack(VERSION, code, number)]
    for group, attributes in groups:
        parts.append(bytes((group,)))
        parts += [_attribute(name, tag, value) for name, (tag, value) in attributes.items()]
    return b"".join((*parts, bytes((Group.END,)), data))


def _attribute(name: str, tag: Tag, value: Value) -> bytes:
    packed, label = _packed(value), name.encode("ascii")
    head = bytes((tag,)) + _LENGTH.pack(len(label)) + label
    return head + _LENGTH.pack(len(packed)) + packed


def _packed(value: Value) -> bytes:
    match value:
        case bool():
            return bytes((value,))
        case int():
            return _INTEGER.pack(value)
        case str():
            return value.encode("utf-8")
        case _:
            return value


def decode(raw: bytes) -> Message:
    """Return the message in the bytes.

    Raises:
        IppError: They are no IPP message.
    """
    try:
        return _decode(raw)
    except (struct.error, IndexError, UnicodeDecodeError) as e:
        raise IppError("the message ends in the middle, or holds text that is not UTF-8") from e


def _decode(raw: bytes) -> Message:
    _version, code, number = _HEAD.unpack_from(raw)
    groups: list[tuple[Group, dict[str, list[Value]]]] = []
    at, name = _HEAD.size, ""
    while True:
        tag = raw[at]
        at += 1
        if tag == Group.END:
            break
        if tag < _FIRST_VALUE_TAG:
            groups.append((Group(tag) if tag in set(Group) else Group.UNSUPPORTED, {}))
            continue
        if not groups:
            raise IppError("an attribute stands before the first group")
        label, at = _slice(raw, at)
        packed, at = _slice(raw, at)
        # A further value of the attribute before has no name.
        name = label.decode("ascii") or name
        groups[-1][1].setdefault(name, []).append(_value(tag, packed))
    shut = tuple((group, {n: tuple(values) for n, values in found.items()}) for group, found in groups)
    return Message(code=code, number=number, groups=shut, data=raw[at:])


def _slice(raw: bytes, at: int) -> tuple[bytes, int]:
    (length,) = _LENGTH.unpack_from(raw, at)
    start = at + _LENGTH.size
    if start + length > len(raw):
        raise IppError("a value is longer than the message")
    return raw[start : start + length], start + length


def _value(tag: int, packed: bytes) -> Value:
    if tag in _NUMBERS:
        (number,) = _INTEGER.unpack(packed)
        return int(number)
    if tag == Tag.BOOLEAN:
        return packed != b"\0"
    return packed.decode("utf-8") if tag in _TEXTS else packed
