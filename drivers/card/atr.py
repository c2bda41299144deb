"""What the answer to reset and the reader say about long commands.

Source: ISO/IEC 7816-3:2006, 8.2; ISO/IEC 7816-4:2020, 12.1.1.9 (card capabilities); PC/SC part 10, 2.6.14.
"""

from __future__ import annotations

CAPABILITIES = 0x7
CAPABILITY_BYTES = 3
EXTENDED_LENGTH = 0x40
COMPACT_TLV = frozenset({0x00, 0x80})
"""Category indicators whose historical bytes are compact data objects."""
MAX_APDU = 0x0A
"""dwMaxAPDUDataSize, little-endian. Source: PC/SC part 10, 2.6.14."""


def historical_bytes(answer: bytes) -> bytes:
    """Return the historical bytes of an answer to reset; nothing of a malformed one."""
    if len(answer) < 2:  # noqa: PLR2004 - TS and T0
        return b""
    announced, count, offset = answer[1] >> 4, answer[1] & 0x0F, 2
    while announced:
        more = bool(announced & 0x8)
        offset += announced.bit_count()
        if offset > len(answer):
            return b""
        announced = answer[offset - 1] >> 4 if more else 0
    return answer[offset : offset + count]


def announces_extended(answer: bytes) -> bool:
    """Tell whether a card says in its answer to reset that it takes extended length."""
    history = historical_bytes(answer)
    if not history or history[0] not in COMPACT_TLV:
        return False
    offset = 1
    while offset < len(history):
        tag, length = history[offset] >> 4, history[offset] & 0x0F
        value = history[offset + 1 : offset + 1 + length]
        if tag == CAPABILITIES and len(value) == CAPABILITY_BYTES:
            return bool(value[2] & EXTENDED_LENGTH)
        offset += 1 + length
    return False


def feature(features: bytes, wanted: int) -> int | None:
    """Return the control code of a reader's feature, None where it has none."""
    for start in range(0, len(features) - 5, 6):
        if features[start] == wanted:
            return int.from_bytes(features[start + 2 : start + 6], "big")
    return None


def longest_command(properties: bytes) -> int | None:
    """Return the longest command a reader carries, None where it does not say."""
    offset = 0
    while offset + 2 <= len(properties):
        tag, length = properties[offset], properties[offset + 1]
        if tag == MAX_APDU:
            return int.from_bytes(properties[offset + 2 : offset + 2 + length], "little")
        offset += 2 + length
    return None
