"""The three lines on the back of the card (TD1).

Source: ICAO Doc 9303-5 (8th ed.), 4.2; check digits Doc 9303-3, 4.9; VNM layout DEVICES.md 1.4.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from drivers.errors import CardProtocolError

LINE_LENGTH = 30
LINES = 3
FILLER = "<"
WEIGHTS = (7, 3, 1)
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


def split_lines(text: str) -> tuple[str, str, str]:
    """Cut the 90 characters of DG1, or three lines with white space between, into lines.

    Raises:
        CardProtocolError: There are not three lines of 30 characters of the MRZ alphabet.
    """
    packed = "".join(text.split()).upper()
    if len(packed) != LINES * LINE_LENGTH or not ALPHABET.fullmatch(packed):
        raise CardProtocolError("The MRZ must have three lines of 30 characters A-Z, 0-9 and <.")
    return packed[:30], packed[30:60], packed[60:]


def information(lines: tuple[str, str, str]) -> str:
    """Return number, birth and expiry, each with its check digit: the password of BAC and PACE-MRZ.

    Raises:
        CardProtocolError: The lines are not a TD1 zone.

    Source: ICAO Doc 9303-11, 4.3.2 and 4.4.4.1; long numbers Doc 9303-5, 4.2.2.1 note j.
    """
    first, second, _third = split_lines("".join(lines))
    number, digit = first[5:14], first[14]
    if digit == FILLER:
        rest = first[15:30].split(FILLER)[0]
        number, digit = number + rest[:-1], rest[-1:]
    return number + digit + second[0:7] + second[8:15]


def parse(text: str) -> Mrz:
    """Read a TD1 zone.

    Raises:
        CardProtocolError: The text is not a TD1 zone; a wrong check digit is only marked.
    """
    first, second, third = split_lines(text)
    optional = first[15:27]
    expiry = None if second[8:14] in NO_EXPIRY else second[8:14]
    surname, _, given = third.partition(FILLER * 2)
    return Mrz(
        document_number=first[5:14],
        id_number=optional if ID_NUMBER.fullmatch(optional) else None,
        birth=second[0:6],
        sex={"F": "female", "M": "male"}.get(second[7]),
        expiry=expiry,
        nationality=second[15:18].rstrip(FILLER),
        name=" ".join(f"{surname}{FILLER}{given}".replace(FILLER, " ").split()),
        digits_agree=_digits_agree(first, second),
    )


def _digits_agree(first: str, second: str) -> bool:
    # L1 16-30 belongs to the composite; position 30 itself is not to be validated (DEVICES.md 1.4).
    composite = first[5:30] + second[0:7] + second[8:15] + second[18:29]
    pairs = (
        (second[0:6], second[6]),
        (second[8:14], second[14]),
        (composite, second[29]),
    )
    number_agrees = first[14] == FILLER or check_digit(first[5:14]) == first[14]
    return number_agrees and all(check_digit(text) == digit for text, digit in pairs)
