"""Finding a commune by a few letters, with or without diacritics, in either tone style."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from forms.code_lists import places
from forms.folding import fold, initials

if TYPE_CHECKING:
    from forms.ports import Place

_KINDS = ("phuong ", "xa ", "dac khu ")
_PROVINCE_KINDS = ("thanh pho ", "tinh ")


@dataclass(frozen=True, slots=True)
class _Entry:
    place: Place
    name: str
    """Folded, without `phường`, `xã`, `đặc khu`."""
    full: str
    """Folded name and province, with every word."""
    letters: str


def _without_kind(folded: str, kinds: tuple[str, ...]) -> str:
    return next((folded.removeprefix(kind) for kind in kinds if folded.startswith(kind)), folded)


class PlaceIndex:
    """All communes, ready to be searched; the index is made at the first search."""

    def __init__(self, *, home_province: str = "") -> None:
        """Make an index.

        Args:
            home_province: Code of the province whose communes come first among equals.
        """
        self._home = home_province

    @cached_property
    def _entries(self) -> tuple[_Entry, ...]:
        # `fold` writes y as i, so the kinds above are in folded letters too.
        entries = []
        for place in places().values():
            folded, province = fold(place.name), fold(place.province)
            name = _without_kind(folded, _KINDS)
            full = f" {folded} {_without_kind(province, _PROVINCE_KINDS)} {province}"
            entries.append(_Entry(place, name, full, initials(name)))
        return tuple(entries)

    def search(self, text: str, *, limit: int = 20) -> tuple[Place, ...]:
        """Return the communes that fit the letters, best first.

        Args:
            text: Letters of the name, the province too if wanted: `sa dec`, `Sa Đéc Đồng Tháp`, `sd`.
            limit: At most so many.
        """
        query = fold(text)
        if not query:
            return ()
        ranked = []
        for entry in self._entries:
            rank = _rank(entry, query)
            if rank is not None:
                away = entry.place.province_code != self._home
                ranked.append((rank, away, len(entry.name), entry.name, entry.place.code, entry.place))
        return tuple(row[-1] for row in sorted(ranked, key=lambda row: row[:-1])[:limit])


def _rank(entry: _Entry, query: str) -> int | None:
    """Return how well a commune fits, 0 best, None not at all."""
    if entry.name == query:
        return 0
    if entry.name.startswith(query):
        return 1
    if all(f" {word}" in entry.full for word in query.split()):
        # Every word begins a word of the full name: first the ones that begin with the first word.
        return 2 if entry.name.startswith(query.split(maxsplit=1)[0]) else 3
    joined = query.replace(" ", "")
    if entry.letters.startswith(joined):
        return 4
    return 5 if entry.name.replace(" ", "").startswith(joined) else None
