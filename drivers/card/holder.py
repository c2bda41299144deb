"""The person on the card, put together from DG1, DG11 to DG13, and the doubts about it.

Source: DEVICES.md 1.4 to 1.6; structure of the ID number Decree 137/2015/ND-CP, article 13.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from drivers.errors import CardProtocolError
from drivers.ports import HOLDER_FIELDS, IdCard

if TYPE_CHECKING:
    import datetime as dt

    from drivers.card.datagroups import Details
    from drivers.card.dg13 import VietnameseData
    from drivers.card.mrz import Mrz

MRZ_DATE = re.compile(r"(\d{2})(\d{2}|<<)(\d{2}|<<)")
CENTURY_DIGIT = 3
BIRTH_YEAR = slice(4, 6)
NATIONALITIES = {"VNM": "Việt Nam"}
DETAIL_FIELDS = {
    "full_name": "dg11",
    "id_number": "dg11",
    "birth_date": "dg11",
    "residence": "dg11",
    "issue_date": "dg12",
}


def mrz_date(text: str | None, *, century: int) -> str | None:
    """Turn `yymmdd` into ISO 8601; month and day may be `<<` or `00`.

    Args:
        text: Six characters of the MRZ.
        century: 1900 or 2000, added to the year.
    """
    match = MRZ_DATE.fullmatch(text or "")
    if match is None:
        return None
    year, month, day = (part.replace("<", "0") for part in match.groups())
    iso = f"{century + int(year):04}"
    if month == "00":
        return iso
    return f"{iso}-{month}" if day == "00" else f"{iso}-{month}-{day}"


def birth_century(id_number: str | None, yy: str, today: dt.date) -> int:
    """Return 1900, 2000, … for a two-digit year of birth.

    The fourth digit of the ID number tells it (0 and 1: 1900s, 2 and 3: 2000s); without an ID number the
    latest century that is not in the future does.
    """
    if id_number:
        return 1900 + 100 * (int(id_number[CENTURY_DIGIT]) // 2)
    return 2000 if yy.isdigit() and 2000 + int(yy) <= today.year else 1900


def from_mrz(zone: Mrz, today: dt.date) -> dict[str, str]:
    """Return the fields DG1 gives; the name has no accents there."""
    century = birth_century(zone.id_number, zone.birth[:2], today)
    fields = {
        "id_number": zone.id_number,
        "full_name": zone.name or None,
        "birth_date": mrz_date(zone.birth, century=century),
        "sex": zone.sex,
        "nationality": NATIONALITIES.get(zone.nationality, zone.nationality or None),
        "expiry_date": mrz_date(zone.expiry, century=2000),
    }
    return {name: value for name, value in fields.items() if value}


def build(zone: Mrz, vietnamese: VietnameseData | None, details: Details, today: dt.date) -> IdCard:
    """Put the person together: DG13 first, then DG11 and DG12, DG1 where both are silent.

    Raises:
        CardProtocolError: No data group gives a 12-digit ID number and a name.
    """
    fields = from_mrz(zone, today)
    sources = dict.fromkeys(fields, "dg1")
    for name, source in DETAIL_FIELDS.items():
        value = getattr(details, name)
        if value:
            fields[name], sources[name] = value, source
    for name in HOLDER_FIELDS if vietnamese else ():
        value = getattr(vietnamese, name)
        if value:
            fields[name], sources[name] = value, "dg13"
    if not re.fullmatch(r"[0-9]{12}", fields.get("id_number", "")) or "full_name" not in fields:
        raise CardProtocolError("The card gives no ID number of twelve digits or no name.")
    extra: dict[str, Any] = {**fields, "sources": sources}
    return replace(IdCard(id_number=fields["id_number"], full_name=fields["full_name"]), **extra)


def doubts(zone: Mrz, vietnamese: VietnameseData | None, person: IdCard, today: dt.date) -> list[str]:
    """Return the codes of everything that does not fit together; none of them refuses the card."""
    found = [] if zone.digits_agree else ["mrz_check_digit"]
    if vietnamese is None:
        found.append("no_dg13")
    else:
        printed = from_mrz(zone, today)
        found += [
            f"dg1_dg13_{label}_differs"
            for label, name in (("id", "id_number"), ("birth", "birth_date"), ("sex", "sex"))
            if _differ(printed.get(name), getattr(vietnamese, name))
        ]
        if _differ(printed.get("expiry_date"), vietnamese.expiry_date):
            found.append("dg1_dg13_expiry_differs")
        if vietnamese.full_name and not _same_name(zone.name, vietnamese.full_name):
            found.append("dg1_dg13_name_differs")
    return found + _number_doubts(person) + _expired(person, today)


def qr_doubts(chip: IdCard, printed: IdCard) -> list[str]:
    """Return the codes of everything the QR printed on the card says otherwise than the chip.

    A renewed residence is no doubt about the card, so addresses are not compared.
    """
    found = [
        f"qr_{label}_differs"
        for label, name in (
            ("id", "id_number"),
            ("old_id", "old_id_number"),
            ("birth", "birth_date"),
            ("sex", "sex"),
            ("issue", "issue_date"),
        )
        if _differ(getattr(chip, name), getattr(printed, name))
    ]
    same = unaccented(chip.full_name) == unaccented(printed.full_name)
    return found if same else [*found, "qr_name_differs"]


def unaccented(name: str) -> str:
    """Return a name as the MRZ would write it, without spaces."""
    bare = unicodedata.normalize("NFD", name.upper().replace("Đ", "D"))
    return "".join(char for char in bare if char.isascii() and char.isalpha())


def _same_name(zone_name: str, name: str) -> bool:
    # A long name is cut at the end of the line, so the shorter one decides.
    short = unaccented(zone_name)
    return bool(short) and unaccented(name).startswith(short)


def _differ(left: str | None, right: str | None) -> bool:
    return left is not None and right is not None and left != right


def _number_doubts(person: IdCard) -> list[str]:
    found = []
    female = int(person.id_number[CENTURY_DIGIT]) % 2 == 1
    if person.sex and female != (person.sex == "female"):
        found.append("id_sex_differs")
    if person.birth_date:
        year = 1900 + 100 * (int(person.id_number[CENTURY_DIGIT]) // 2) + int(person.id_number[BIRTH_YEAR])
        if int(person.birth_date[:4]) != year:
            found.append("id_birth_differs")
    return found


def _expired(person: IdCard, today: dt.date) -> list[str]:
    return ["card_expired"] if person.expiry_date and person.expiry_date < today.isoformat() else []
