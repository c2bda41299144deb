"""From an address of before 1 July 2025, as cards still say it, to the communes of today that it may mean.

A suggestion, never an answer: the mapping upstream is partly made by a language model, several old communes
of one province share a name, and some were split. The citizen picks.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

import msgspec

from forms.code_lists import TABLES, places
from forms.folding import fold

if TYPE_CHECKING:
    from collections.abc import Mapping

    from forms.ports import Place

_PROVINCE_KIND = re.compile(r"^(tinh|thanh pho|tp) ")
_COMMUNE_KIND = re.compile(r"^(xa|phuong|thi tran|tt|p|x) ")


class _OldPlaces(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    source: str
    licence: str
    date: str
    rows: tuple[tuple[str, str, str], ...]


@cache
def _by_province() -> Mapping[str, tuple[tuple[str, str], ...]]:
    """Return the old communes (name, codes of today) of each old province, by its folded name."""
    table = msgspec.json.decode((TABLES / "old_places.json").read_bytes(), type=_OldPlaces)
    found: dict[str, list[tuple[str, str]]] = {}
    for province, name, codes in table.rows:
        found.setdefault(province, []).append((name, codes))
    return {_bare(province, _PROVINCE_KIND): tuple(rows) for province, rows in found.items()}


def _bare(name: str, kind: re.Pattern[str]) -> str:
    return kind.sub("", fold(name))


@cache
def _communes(province: str) -> Mapping[str, frozenset[str]]:
    found: dict[str, frozenset[str]] = {}
    for name, codes in _by_province().get(province, ()):
        key = _bare(name, _COMMUNE_KIND)
        found[key] = found.get(key, frozenset()) | frozenset(codes.split())
    return found


def suggest_places(address: str) -> tuple[Place, ...]:
    """Return the communes of today that an old address may lie in, by name; none where it is not understood.

    Args:
        address: Parts between commas, the province last: `Ấp Khánh Mỹ, Tân Khánh Trung, Lấp Vò, Đồng Tháp`.
    """
    *parts, province = [part for part in address.split(",") if part.strip()] or [""]
    communes = _communes(_bare(province, _PROVINCE_KIND))
    # On a card the commune stands before the district, and many a district is named like its own town: so the
    # second part from the end goes first, then the last (an address without a district), then what is before.
    for part in (*parts[-2:-1], *parts[-1:], *reversed(parts[:-2])):
        codes = communes.get(_bare(part, _COMMUNE_KIND), frozenset())
        known = [places()[code] for code in codes if code in places()]
        if known:
            return tuple(sorted(known, key=lambda place: (place.name, place.code)))
    return ()
