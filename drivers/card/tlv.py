"""BER-TLV as chip cards use it, bounded in depth, length and count.

Source: ISO/IEC 7816-4:2020, 5.2.2 and annex E; X.690.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from drivers.errors import CardProtocolError

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_TAG_BYTES = 3
MAX_LENGTH_BYTES = 4
MAX_ITEMS = 256
MAX_DEPTH = 12
LONG_FORM = 0x80
MULTI_BYTE_TAG = 0x1F
CONSTRUCTED = 0x20


@dataclass(frozen=True, slots=True, kw_only=True)
class Tlv:
    """One data object: tag as a number (`0x7F61`), value as bytes."""

    tag: int
    value: bytes = field(repr=False)

    @property
    def constructed(self) -> bool:
        """True when the value is itself a row of data objects."""
        first = self.tag.to_bytes((self.tag.bit_length() + 7) // 8 or 1, "big")[0]
        return bool(first & CONSTRUCTED)


def read_tag(data: bytes, offset: int) -> tuple[int, int]:
    """Return the tag at `offset` and the offset behind it.

    Raises:
        CardProtocolError: The tag is cut off or longer than three bytes.
    """
    end = offset
    while True:
        if end >= len(data) or end - offset >= MAX_TAG_BYTES:
            raise CardProtocolError("The card sent a malformed tag.")
        byte = data[end]
        end += 1
        more = byte & MULTI_BYTE_TAG == MULTI_BYTE_TAG if end - offset == 1 else bool(byte & LONG_FORM)
        if not more:
            return int.from_bytes(data[offset:end], "big"), end


def read_length(data: bytes, offset: int) -> tuple[int, int]:
    """Return the length at `offset` and the offset behind it; indefinite length is refused.

    Raises:
        CardProtocolError: The length is cut off, indefinite, or has more than four bytes.
    """
    if offset >= len(data):
        raise CardProtocolError("The card sent a data object without a length.")
    first = data[offset]
    if first < LONG_FORM:
        return first, offset + 1
    count = first - LONG_FORM
    end = offset + 1 + count
    if not 1 <= count <= MAX_LENGTH_BYTES or end > len(data):
        raise CardProtocolError("The card sent a malformed length.")
    return int.from_bytes(data[offset + 1 : end], "big"), end


def read_header(data: bytes) -> tuple[int, int, int]:
    """Return tag, value length and header size of the object `data` begins with.

    Raises:
        CardProtocolError: The header is malformed or cut off.
    """
    tag, offset = read_tag(data, 0)
    length, start = read_length(data, offset)
    return tag, length, start


def iterate(data: bytes, *, most: int = MAX_ITEMS) -> Iterator[Tlv]:
    """Yield the data objects of one level, `most` at most.

    Raises:
        CardProtocolError: An object is malformed, longer than its container, or there are too many.
    """
    offset = 0
    for _ in range(most):
        if offset == len(data):
            return
        tag, offset = read_tag(data, offset)
        length, offset = read_length(data, offset)
        if length > len(data) - offset:
            raise CardProtocolError("The card sent a data object longer than its container.")
        yield Tlv(tag=tag, value=data[offset : offset + length])
        offset += length
    if offset != len(data):
        raise CardProtocolError("The card sent too many data objects.")


def parse(data: bytes) -> tuple[Tlv, ...]:
    """Return the data objects of one level.

    Raises:
        CardProtocolError: As for `iterate`.
    """
    return tuple(iterate(data))


def parse_one(data: bytes, tag: int) -> Tlv:
    """Return the single data object `data` consists of.

    Raises:
        CardProtocolError: There is another tag, none, or more than one.
    """
    items = parse(data)
    if len(items) != 1 or items[0].tag != tag:
        raise CardProtocolError(f"The card sent something else than one object of tag {tag:X}.")
    return items[0]


def find(data: bytes, *path: int) -> bytes | None:
    """Return the value of the first object along a path of tags, None where a step is missing.

    Raises:
        CardProtocolError: A level on the way is malformed, or the path is deeper than any card's.
    """
    if len(path) > MAX_DEPTH:
        raise CardProtocolError("The path of tags is deeper than any card's.")
    value: bytes | None = data
    for tag in path:
        value = next((item.value for item in parse(value or b"") if item.tag == tag), None)
        if value is None:
            return None
    return value


def encode(tag: int, value: bytes) -> bytes:
    """Return one data object in its shortest form."""
    head = tag.to_bytes((tag.bit_length() + 7) // 8 or 1, "big")
    size = len(value)
    if size < LONG_FORM:
        return head + bytes([size]) + value
    size_bytes = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return head + bytes([LONG_FORM | len(size_bytes)]) + size_bytes + value
