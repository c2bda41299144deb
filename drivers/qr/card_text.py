"""The QR on a Vietnamese ID card: fields in a row, told by their shape.

2021 card, 7 fields: ID number, old ID number or empty, full name, birth date, sex, residence, date of issue;
2024 card: at least 11, the extras in unconfirmed order and seen empty. Source: DEVICES.md 1.6.
"""

from __future__ import annotations

import binascii
import datetime as dt
import re
import unicodedata

from drivers.ports import IdCard

SEPARATORS = ("|", "$")
LEAST_FIELDS = 7
MOST_FIELDS = 32
LONGEST_FIELD = 512
SEXES = {"nam": "male", "nữ": "female", "nu": "female"}
DAMAGED = "card_text_damaged"
DIGITS = re.compile(r"[0-9]+")


class NotACardError(ValueError):
    """The text looked like a card's and is not; `reason` says why, for staff.

    `kept` holds the numbers and dates when only a text is damaged: the chip can still be opened with them.
    """

    def __init__(self, reason: str, *, kept: dict[str, str] | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.kept = kept or {}


def looks_like_card(text: str) -> bool:
    """Tell whether a text begins like a card's: 12 digits and a separator, plain or in hexadecimal."""
    return bool(re.match(r"[0-9]{9,13}[|$]", _from_hex(text) or text))


def lost_letters(text: str) -> bool:
    """Tell whether a text is a card's in which a scanner wrote other signs for Vietnamese letters."""
    if not looks_like_card(text):
        return False
    try:
        parse_card(text)
    except NotACardError as error:
        return error.reason == DAMAGED
    return False


def parse_card(text: str) -> tuple[IdCard, dict[str, str]]:
    """Return the person and every field as it stood, extras as `extra_8`, `extra_9`, ….

    Raises:
        NotACardError: Fields are missing, malformed or damaged.
    """
    plain = unicodedata.normalize("NFC", _from_hex(text) or text)
    fields = [part.strip() for part in plain.split(_separator(plain))]
    if len(fields) < LEAST_FIELDS:
        raise NotACardError("card_fields_missing")
    if len(fields) > MOST_FIELDS or any(len(part) > LONGEST_FIELD for part in fields):
        raise NotACardError("card_fields_too_many")
    id_number, old_id, name, birth, sex, residence, issue = fields[:LEAST_FIELDS]
    _check_numbers(id_number, old_id)
    if any(_damaged(part) for part in (name, sex, residence)):
        raise NotACardError(DAMAGED, kept=_undamaged(id_number, old_id, birth, issue))
    _check_words(name, sex)
    values = {
        "id_number": id_number,
        "old_id_number": old_id or None,
        "full_name": name,
        "birth_date": iso_date(birth),
        "sex": SEXES.get(sex.casefold()),
        "residence": residence or None,
        "issue_date": iso_date(issue),
    }
    card = IdCard(
        id_number=id_number,
        full_name=name,
        old_id_number=values["old_id_number"],
        birth_date=values["birth_date"],
        sex=values["sex"],
        residence=values["residence"],
        issue_date=values["issue_date"],
        sources={key: "qr" for key, value in values.items() if value is not None},
    )
    extras = {
        f"extra_{place}": part for place, part in enumerate(fields[LEAST_FIELDS:], start=LEAST_FIELDS + 1)
    }
    return card, {key: value for key, value in values.items() if value is not None} | extras


def _check_numbers(id_number: str, old_id: str) -> None:
    if not _digits(id_number, 12):
        raise NotACardError("card_id_number_malformed")
    if old_id and not _digits(old_id, 9, 12):
        raise NotACardError("card_old_id_number_malformed")


def _check_words(name: str, sex: str) -> None:
    if not name or any(letter.isdigit() for letter in name):
        raise NotACardError("card_name_malformed")
    if sex and sex.casefold() not in SEXES:
        raise NotACardError("card_sex_malformed")


def _undamaged(id_number: str, old_id: str, birth: str, issue: str) -> dict[str, str]:
    """Return the numbers, and those dates that are one: no letter of theirs can have been lost."""
    kept = {"id_number": id_number} | ({"old_id_number": old_id} if old_id else {})
    for key, digits in (("birth_date", birth), ("issue_date", issue)):
        try:
            date = iso_date(digits)
        except NotACardError:  # one that is none is left out; the caller is told of the damage anyway
            continue
        if date is not None:
            kept[key] = date
    return kept


def iso_date(ddmmyyyy: str) -> str | None:
    """Return `1962-03-05`, `1962-03` or `1962` for a date whose day or month may be 00, None for none.

    Raises:
        NotACardError: The digits are no date.
    """
    digits = re.sub(r"[/. -]", "", ddmmyyyy)
    if not digits or set(digits) == {"0"}:
        return None
    if _digits(digits, 4):
        digits = f"0000{digits}"
    if not _digits(digits, 8):
        raise NotACardError("card_date_malformed")
    day, month, year = int(digits[:2]), int(digits[2:4]), int(digits[4:])
    try:
        dt.date(year, month or 1, day or 1)
    except ValueError as error:
        raise NotACardError("card_date_impossible") from error
    if not month:
        return f"{year:04}"
    return f"{year:04}-{month:02}-{day:02}" if day else f"{year:04}-{month:02}"


def _digits(text: str, *lengths: int) -> bool:
    return bool(DIGITS.fullmatch(text)) and len(text) in lengths


def _damaged(text: str) -> bool:
    """A question mark or the replacement character stands where a scanner lost a letter."""
    return "?" in text or "\ufffd" in text or any(unicodedata.category(letter) == "Cc" for letter in text)


def _separator(plain: str) -> str:
    return max(SEPARATORS, key=plain.count)


def _from_hex(text: str) -> str | None:
    """Some scanners send the UTF-8 bytes as hexadecimal digits; undo that."""
    if len(text) < 40 or len(text) % 2 or not re.fullmatch(r"[0-9A-Fa-f]+", text):  # noqa: PLR2004 - 20 bytes
        return None
    try:
        return binascii.unhexlify(text).decode("utf-8")
    except UnicodeDecodeError:
        return None
