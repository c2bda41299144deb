"""DG13 of the Vietnamese card: the person in Vietnamese, with accents.

The layout is not published; two independent readers agree on fields 1 to 13 (DEVICES.md 1.5). Fields are
looked up by number and may be missing, empty or out of order. Religion (7) and personal marks (10) are
dropped here and never leave this module.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from drivers.card import tlv
from drivers.errors import CardProtocolError

if TYPE_CHECKING:
    from collections.abc import Mapping

TAG_DG13 = 0x6D
TAG_SEQUENCE, TAG_SET, TAG_INTEGER = 0x30, 0x31, 0x02
TEXT_TAGS = frozenset({0x0C, 0x13, 0x16})
"""UTF8String, PrintableString, IA5String."""

RELIGION, MARKS = 7, 10
DROPPED = frozenset({RELIGION, MARKS})
KNOWN_LAST = 15

DATE = re.compile(r"(?:(\d{2})[/.-]?)?(?:(\d{2})[/.-]?)?(\d{4})")
MONTHS = 12
DAYS = 31
SEXES = {"nam": "male", "nữ": "female", "male": "male", "female": "female"}


@dataclass(frozen=True, slots=True, kw_only=True)
class VietnameseData:
    """The fields of DG13 the kiosk may know; None where empty or missing."""

    id_number: str | None = field(default=None, repr=False)
    full_name: str | None = field(default=None, repr=False)
    birth_date: str | None = field(default=None, repr=False)
    sex: str | None = field(default=None, repr=False)
    nationality: str | None = field(default=None, repr=False)
    ethnicity: str | None = field(default=None, repr=False)
    place_of_origin: str | None = field(default=None, repr=False)
    residence: str | None = field(default=None, repr=False)
    issue_date: str | None = field(default=None, repr=False)
    expiry_date: str | None = field(default=None, repr=False)
    father_name: str | None = field(default=None, repr=False)
    mother_name: str | None = field(default=None, repr=False)
    spouse_name: str | None = field(default=None, repr=False)
    old_id_number: str | None = field(default=None, repr=False)
    unknown: Mapping[int, bytes] = field(default_factory=dict, repr=False)
    """Fields nobody has explained yet, raw."""


def parse(data: bytes) -> VietnameseData:
    """Read DG13.

    Raises:
        CardProtocolError: The file is malformed or a text is not what its tag promises.
    """
    fields = _fields(data)
    texts = {number: _texts(value) for number, value in fields.items() if number <= KNOWN_LAST}

    def text(number: int, position: int = 0) -> str | None:
        found = texts.get(number, ())
        return found[position] if position < len(found) else None

    return VietnameseData(
        id_number=text(1),
        full_name=text(2),
        birth_date=normalise_date(text(3)),
        sex=SEXES.get((text(4) or "").casefold()),
        nationality=text(5),
        ethnicity=text(6),
        place_of_origin=text(8),
        residence=text(9),
        issue_date=normalise_date(text(11)),
        expiry_date=normalise_date(text(12)),
        father_name=text(13),
        mother_name=text(13, 1),
        spouse_name=text(14),
        old_id_number=text(15),
        unknown={number: value for number, value in fields.items() if number > KNOWN_LAST},
    )


def normalise_date(text: str | None) -> str | None:
    """Turn `dd/mm/yyyy` or `ddmmyyyy` into ISO 8601; parts that are 00 or missing shorten the date.

    Words (`Không thời hạn`), an empty text and an impossible date give None.
    """
    match = DATE.fullmatch("".join((text or "").split()))
    if match is None:
        return None
    parts = [part for part in match.groups() if part]
    year, month, day = (*(int(part) for part in reversed(parts)), 0, 0)[:3]
    if not year or month > MONTHS or day > DAYS:
        return None
    if not month:
        return f"{year:04}"
    return f"{year:04}-{month:02}-{day:02}" if day else f"{year:04}-{month:02}"


def _fields(data: bytes) -> dict[int, bytes]:
    entries = tlv.find(data, TAG_DG13, TAG_SEQUENCE, TAG_SET)
    if entries is None:
        raise CardProtocolError("DG13 has not the layout of a Vietnamese card.")
    fields: dict[int, bytes] = {}
    for entry in tlv.parse(entries):
        items = tlv.parse(entry.value)
        if entry.tag != TAG_SEQUENCE or not items or items[0].tag != TAG_INTEGER:
            raise CardProtocolError("DG13 holds a field without a number.")
        index = int.from_bytes(items[0].value, "big")
        if index not in DROPPED:
            fields[index] = b"".join(tlv.encode(item.tag, item.value) for item in items[1:])
    return fields


def _texts(value: bytes) -> tuple[str | None, ...]:
    """Return the texts of a field in order; an empty text keeps its place as None."""
    found: list[str | None] = []
    for item in tlv.parse(value):
        if item.tag in TEXT_TAGS:
            found.append(_decode(item.value))
        elif item.tag == TAG_SEQUENCE:
            found.extend(_decode(inner.value) for inner in tlv.parse(item.value) if inner.tag in TEXT_TAGS)
    return tuple(found)


def _decode(raw: bytes) -> str | None:
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise CardProtocolError("DG13 holds a text that is not UTF-8.") from error
    return " ".join(unicodedata.normalize("NFC", text).split()) or None
