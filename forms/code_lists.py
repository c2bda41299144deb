"""The code lists and the map that ship with the kiosk: what a choice may be, and what it is called."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from forms.folding import fold
from forms.ports import Choice, Place, Text

if TYPE_CHECKING:
    from collections.abc import Mapping

TABLES = Path(__file__).parent / "tables"

COMMUNES = "communes"
"""Name of the one list that is searched as a map and not shown as choices."""

_ENGLISH: Mapping[str, Mapping[str, str]] = {
    "sex": {"1": "Male", "2": "Female"},
    "residence_kinds": {"1": "Permanent", "2": "Temporary", "3": "Where I live now"},
    "identity_papers": {
        "2": "Old identity card (CMND)",
        "3": "Officer's card",
        "4": "Police card",
        "5": "Citizen identity card (CCCD)",
        "6": "Passport",
        "7": "Household book",
        "8": "Other",
        "9": "Identity card",
        "10": "Identity certificate",
    },
    "ethnic_groups": {"55": "Foreigner", "56": "Not known"},
}

_ALIASES: Mapping[str, Mapping[str, str]] = {
    # Cards and older systems spell these names in more ways than the portal's list does.
    "ethnic_groups": {
        "khmer": "05",
        "kho me": "05",
        "mong": "08",
        "hmong": "08",
        "h mong": "08",
        "gia rai": "10",
        "jrai": "10",
        "e de": "12",
        "ede": "12",
        "bana": "13",
        "ba na": "13",
        "xe dang": "14",
        "hre": "19",
        "bru van kieu": "23",
        "van kieu": "23",
        "cor": "30",
        "ta oi": "31",
        "pa co": "31",
    },
    "sex": {"male": "1", "female": "2"},
}


class _CodeTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    source: str
    licence: str
    date: str
    rows: tuple[tuple[str, str, str], ...]


class _PlaceTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    source: str
    licence: str
    date: str
    legal: tuple[str, ...]
    provinces: dict[str, str]
    rows: tuple[tuple[str, str, str], ...]


@cache
def code_lists() -> Mapping[str, tuple[Choice, ...]]:
    """Return every code list by name, each in its official order."""
    table = msgspec.json.decode((TABLES / "code_lists.json").read_bytes(), type=_CodeTable)
    lists: dict[str, tuple[Choice, ...]] = {}
    for name, code, title in table.rows:
        english = _ENGLISH.get(name, {}).get(code, title)
        lists[name] = (*lists.get(name, ()), Choice(value=code, text=Text(vi=title, en=english)))
    return lists


@cache
def places() -> Mapping[str, Place]:
    """Return every commune of today's map by its code."""
    table = msgspec.json.decode((TABLES / "places.json").read_bytes(), type=_PlaceTable)
    return {
        code: Place(code=code, name=name, province_code=province, province=table.provinces[province])
        for code, name, province in table.rows
    }


def code_of(list_name: str, name: str) -> str | None:
    """Return the code of a name as a card or another system spells it, None where the list has none."""
    wanted = fold(name)
    for choice in code_lists().get(list_name, ()):
        if fold(choice.text.vi) == wanted:
            return choice.value
    return _ALIASES.get(list_name, {}).get(wanted)
