"""The machine readable zone: three lines on a card (TD1), two on a sheet (TD2) or in a passport (TD3).

Source: ICAO Doc 9303-4 to 9303-6 (8th ed.), 4.2; check digits Doc 9303-3, 4.9; VNM layout DEVICES.md 1.4.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from drivers.errors import CardProtocolError

FILLER = "<"
WEIGHTS = (7, 3, 1)
SHAPES = {90: (3, 30), 72: (2, 36), 88: (2, 44)}
"""Characters of a zone to its lines and their length: TD1, TD2, TD3."""
TD1 = (3, 30)
ID_NUMBER = re.compile(r"\d{12}")
ALPHABET = re.compile(r"[A-Z0-9<]*")
NO_EXPIRY = frozenset({"<<<<<<", "000000", "999999", "991231"})
"""Fillers for `no expiry` seen or expected; the true one is unconfirmed (DEVICES.md 1.4)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mrz:
    """What the machine readable zone says; dates as printed (`yymmdd`, `<` where unknown)."""

    document_number: str = field(repr=False)
    id_number: str | None = field(repr=False)
    birth: str = field(repr=False)
    sex: str | None = field(repr=False)
    expiry: str | None = field(repr=False)
    nationality: str = field(repr=False)
    name: str = field(repr=False)
    """Surname and given names without accents, one space apart."""
    digits_agree: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Zone:
    """The fields of a zone, cut out; `birth` and `expiry` with their check digits."""

    number: str = field(repr=False)
    digit: str = field(repr=False)
    optional: str = field(repr=False)
    birth: str = field(repr=False)
    sex: str = field(repr=False)
    expiry: str = field(repr=False)
    nationality: str = field(repr=False)
    name: str = field(repr=False)
    composite: str = field(repr=False)
    """Everything the last check digit covers, and that digit."""


def check_digit(text: str) -> str:
    """Return the check digit of a field.

    Raises:
        CardProtocolError: A character is not of the MRZ alphabet.

    Source: ICAO Doc 9303-3, 4.9.
    """
    if not ALPHABET.fullmatch(text):
        raise CardProtocolError("The MRZ holds a character it must not hold.")
    total = sum(
        (0 if char == FILLER else int(char, 36)) * WEIGHTS[index % len(WEIGHTS)]
        for index, char in enumerate(text)
    )
    return str(total % 10)


def split_lines(text: str) -> tuple[str, ...]:
    """Cut the characters of DG1, or lines with white space between, into lines.

    Raises:
        CardProtocolError: The length is that of no zone, or a character is not of the MRZ alphabet.
    """
    packed = "".join(text.split()).upper()
    if len(packed) not in SHAPES or not ALPHABET.fullmatch(packed):
        raise CardProtocolError(
            "The MRZ must have three lines of 30 or two of 36 or 44 characters A-Z, 0-9 and <."
        )
    count, length = SHAPES[len(packed)]
    return tuple(packed[length * line : length * (line + 1)] for line in range(count))


def information(lines: tuple[str, ...]) -> str:
    """Return number, birth and expiry, each with its check digit: the password of BAC and PACE-MRZ.

    Raises:
        CardProtocolError: The lines are not a zone.

    Source: ICAO Doc 9303-11, 4.3.2 and 4.4.4.1; long numbers Doc 9303-5, 4.2.2.1 note j.
    """
    zone = _cut(split_lines("".join(lines)))
    number, digit = zone.number, zone.digit
    if digit == FILLER:
        rest = zone.optional.split(FILLER)[0]
        number, digit = number + rest[:-1], rest[-1:]
    return number + digit + zone.birth + zone.expiry


def parse(text: str) -> Mrz:
    """Read a zone.

    Raises:
        CardProtocolError: The text is not a zone; a wrong check digit is only marked.
    """
    lines = split_lines(text)
    zone = _cut(lines)
    # Vietnam writes the ID number into the optional field of its cards and passports.
    optional = zone.optional[:12]
    surname, _, given = zone.name.partition(FILLER * 2)
    return Mrz(
        document_number=zone.number.rstrip(FILLER),
        id_number=optional if ID_NUMBER.fullmatch(optional) else None,
        birth=zone.birth[:6],
        sex={"F": "female", "M": "male"}.get(zone.sex),
        expiry=None if zone.expiry[:6] in NO_EXPIRY else zone.expiry[:6],
        nationality=zone.nationality.rstrip(FILLER),
        name=" ".join(f"{surname}{FILLER}{given}".replace(FILLER, " ").split()),
        digits_agree=_digits_agree(zone),
    )


def _cut(lines: tuple[str, ...]) -> _Zone:
    if (len(lines), len(lines[0])) == TD1:
        first, second, name = lines
        return _Zone(
            number=first[5:14],
            digit=first[14],
            optional=first[15:30],
            birth=second[0:7],
            sex=second[7],
            expiry=second[8:15],
            nationality=second[15:18],
            name=name,
            # L1 16-30 belongs to the composite; position 30 itself is not validated (DEVICES.md 1.4).
            composite=first[5:30] + second[0:7] + second[8:15] + second[18:30],
        )
    first, second = lines
    return _Zone(
        number=second[0:9],
        digit=second[9],
        optional=second[28:-1],
        birth=second[13:20],
        sex=second[20],
        expiry=second[21:28],
        nationality=second[10:13],
        name=first[5:],
        composite=second[0:10] + second[13:20] + second[21:],
    )


def _digits_agree(zone: _Zone) -> bool:
    fields = (zone.birth, zone.expiry, zone.composite)
    number_agrees = zone.digit == FILLER or check_digit(zone.number) == zone.digit
    return number_agrees and all(check_digit(text[:-1]) == text[-1] for text in fields)
