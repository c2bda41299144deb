"""Finding a procedure by a few words: without diacritics, without spaces, by initials, with a typo.

A few hundred procedures are ranked in plain Python in a millisecond or two; no database is needed.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from functools import cache, cached_property
from typing import TYPE_CHECKING

from forms.folding import fold, initials

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from forms.ports import Procedure

_LEAD = "thu tuc "
_STOP_WORDS = frozenset(
    ["thu", "tuc", "dang", "ki", "dk", "cap", "xin", "giai", "lam", "toi", "muon", "cho", "cua", "be"]
)
_SHORT_FORMS = {
    "bhxh": "bao hiem xa hoi",
    "bhyt": "bao hiem i te",
    "cccd": "can cuoc",
    "cmnd": "chung minh nhan dan",
    "gplx": "giai phep lai xe",
    "gpxd": "giai phep xai dung",
    "hkd": "ho kinh doanh",
    "qsdd": "quien su dung dat",
    "ubnd": "ui ban nhan dan",
}
"""What everybody writes short, folded."""
_ENOUGH = 0.5
"""Share of what a query says that a name must say too to be taken for what was meant."""
_TIGHT_ENOUGH = 4
_CLOSE_TO_BEST = 0.5
"""What scores less than this share of the best is not shown."""
_NEAR_ENOUGH = 3
"""Letters a word needs before one slip in it is forgiven."""
_CODE_ENOUGH = 4
_CODE_LETTERS = frozenset("0123456789.")
_ALIKE = (("tr", "ch"), ("gi", "d"), ("r", "d"), ("s", "x"))
"""Beginnings that are written one for the other."""

_WHOLE, _PHRASE, _TIGHT, _WORDS, _LETTERS, _SECTOR = 108.0, 100.0, 90.0, 74.0, 60.0, 56.0
_INSIDE = 12.0
"""Taken from a phrase that does not begin the name."""
_COVERED, _SLIP, _BEGUN = 70.0, 0.8, 0.9
"""The most a name gets that says part of a query; what a slip and a word not typed to its end are worth."""
_SURE = 68.0
"""A procedure that fits so well was meant: nothing needs to be forgiven."""
_SEEN = 200
"""Words whose likenesses are kept."""
_MENDED, _MOST_MENDED = 6.0, 4
"""Taken for a word put right, and how many ways of putting it right are tried."""
_UNASKED, _UNASKED_MOST = 2.5, 10.0
"""Taken for each word of a name that was not asked for, and the most that is taken."""
_WITH_FORM, _POPULAR = 6.0, 5.0
_LONG = 20
"""Letters that cost a name one point: the shorter of two names is meant."""


@dataclass(frozen=True, slots=True)
class _Entry:
    procedure: Procedure
    names: tuple[str, ...]
    """Folded: the official name first, then what people call it."""
    words: tuple[frozenset[str], ...]
    """The words of each name."""
    tight: tuple[str, ...]
    """Each name without spaces."""
    letters: tuple[str, ...]
    """The initials of each name."""
    sector: str
    boost: float


class ProcedureIndex:
    """All procedures of the catalogue, ready to be searched; the index is made at the first search."""

    def __init__(
        self, procedures: Sequence[Procedure], *, popular: Sequence[str], aliases: Mapping[str, Sequence[str]]
    ) -> None:
        """Make an index.

        Args:
            procedures: What can be found.
            popular: Codes, the most asked first; they come first among equals.
            aliases: Code to what people, or the law, call the procedure besides.
        """
        self._procedures, self._popular, self._aliases = procedures, popular, aliases
        self._seen: dict[str, Mapping[str, float]] = {}

    @cached_property
    def _entries(self) -> tuple[_Entry, ...]:
        rank = {code: 1 - i / len(self._popular) for i, code in enumerate(self._popular)}
        entries = []
        for procedure in self._procedures:
            calls = [procedure.title.vi, *self._aliases.get(procedure.code, ()), procedure.title.en]
            names = tuple(dict.fromkeys(_spoken(name).removeprefix(_LEAD) for name in calls))
            boost = _WITH_FORM * procedure.has_form
            boost += _POPULAR * (1 + rank[procedure.code]) if procedure.code in rank else 0
            entries.append(
                _Entry(
                    procedure,
                    names,
                    words=tuple(frozenset(name.split()) for name in names),
                    tight=tuple(name.replace(" ", "") for name in names),
                    letters=tuple(initials(name) for name in names),
                    sector=fold(procedure.field.vi),
                    boost=boost,
                )
            )
        return tuple(entries)

    @cached_property
    def _weights(self) -> Mapping[str, float]:
        """Every known word and what it tells: one that many procedures have tells little."""
        counted = Counter(word for entry in self._entries for word in frozenset().union(*entry.words))
        return {word: math.log(1 + len(self._entries) / count) for word, count in counted.items()}

    @cached_property
    def _postings(self) -> Mapping[str, tuple[tuple[int, int], ...]]:
        """Every known word and where it stands: entry and name."""
        found: dict[str, list[tuple[int, int]]] = {}
        for i, entry in enumerate(self._entries):
            for j, words in enumerate(entry.words):
                for word in words:
                    found.setdefault(word, []).append((i, j))
        return {word: tuple(places) for word, places in found.items()}

    def search(self, text: str, *, limit: int = 20) -> tuple[Procedure, ...]:
        """Return the procedures that fit, best first; a code (`2.000635`), or part of one, finds its own."""
        typed = text.strip()
        if len(typed) >= _CODE_ENOUGH and set(typed) <= _CODE_LETTERS:
            return tuple(p for p in self._procedures if typed in p.code)[:limit]
        query = _spoken(text)
        if not query:
            return ()
        asked = _Query(query)
        scores = {i: asked.score(entry) for i, entry in enumerate(self._entries)}
        if max(scores.values()) < _SURE:
            for i, score in (*self._covered(asked), *self._mended(asked), *self._run_together(asked, scores)):
                scores[i] = max(scores[i], score)
        ranked = Counter(scores).most_common(limit)
        floor = ranked[0][1] * _CLOSE_TO_BEST
        return tuple(self._entries[i].procedure for i, score in ranked if score > floor)

    def _likely(self, asked: str) -> Mapping[str, float]:
        """Return the known words an asked one may be; kept, since the words before a keystroke stay."""
        if asked not in self._seen:
            if len(self._seen) >= _SEEN:
                self._seen.clear()
            self._seen[asked] = {w: share for w in self._weights if (share := _likeness(asked, w))}
        return self._seen[asked]

    def _covered(self, asked: _Query) -> Iterator[tuple[int, float]]:
        """Yield the entries whose name says most of the query, slips of the finger forgiven.

        A word of the query that is known tells as much as it is rare; an unknown one as much as the rarest.
        """
        rarest = max(self._weights.values())
        said: dict[tuple[int, int], float] = {}
        most = 0.0
        for word in asked.words:
            worth = self._weights.get(word, rarest)
            most += worth
            best: dict[tuple[int, int], float] = {}
            for known, share in self._likely(word).items():
                for place in self._postings[known]:
                    best[place] = max(best.get(place, 0.0), worth * share)
            for place, told in best.items():
                said[place] = said.get(place, 0.0) + told
        for (i, j), told in said.items():
            if told >= _ENOUGH * most:
                yield i, asked.covered(self._entries[i], j, told / most)

    def _mended(self, asked: _Query) -> Iterator[tuple[int, float]]:
        """Yield the entries that fit once the one unknown word is put right, the most common words first."""
        unknown = [word for word in asked.text.split() if word not in self._weights]
        if len(unknown) != 1 or any(word.startswith(unknown[0]) for word in self._weights):
            return
        near = [word for word in self._likely(unknown[0]) if _is_near(unknown[0], word)]
        for word in sorted(near, key=self._weights.__getitem__)[:_MOST_MENDED]:
            mended = _Query(asked.text.replace(unknown[0], word))
            for i in {place[0] for place in self._postings[word]}:
                yield i, mended.score(self._entries[i]) - _MENDED

    def _run_together(self, asked: _Query, scores: Mapping[int, float]) -> Iterator[tuple[int, float]]:
        """Yield what a query without spaces may be, by its triples of letters, where nothing else fits."""
        glued = _triples(asked.tight)
        if " " in asked.text or len(asked.tight) <= _TIGHT_ENOUGH or max(scores.values()) > 0:
            return
        for i, entry in enumerate(self._entries):
            for j, tight in enumerate(entry.tight):
                share = len(glued & _triples(tight)) / len(glued)
                if share >= _ENOUGH:
                    yield i, asked.covered(entry, j, share)


class _Query:
    """One query, taken apart once for all entries."""

    def __init__(self, folded: str) -> None:
        self.text = folded
        self.tight = folded.replace(" ", "")
        words = folded.split()
        self.words = [w for w in words if w not in _STOP_WORDS] or words
        self.known = frozenset(self.words[:-1])
        """All but the last, which may still be being typed."""

    def score(self, entry: _Entry) -> float:
        """Return how well an entry fits as typed, 0 not at all."""
        best = max(self._name_score(entry, i) for i in range(len(entry.names)))
        if best <= 0 and f" {self.text}" in f" {entry.sector}":
            best = _SECTOR
        return best + entry.boost if best > 0 else 0

    def _name_score(self, entry: _Entry, i: int) -> float:
        name = entry.names[i]
        length = len(name) / _LONG
        if name == self.text:
            return _WHOLE
        at = f" {name}".find(f" {self.text}")
        if at >= 0:
            return _PHRASE - length - (min(at / 10, 1) + _INSIDE if at else 0)
        # Few letters run together sit inside anything: `ks` in `...k s...`.
        if len(self.tight) >= _TIGHT_ENOUGH and self.tight in entry.tight[i]:
            return _TIGHT - length - (0 if entry.tight[i].startswith(self.tight) else _INSIDE)
        if self.known <= entry.words[i] and f" {self.words[-1]}" in f" {name}":
            return _WORDS - length - self.unasked(entry.words[i])
        # Initials: `ks`, `dkkh`; two letters at least, or every name would fit.
        if len(self.tight) > 1 and " " not in self.text and self.tight in entry.letters[i]:
            return _LETTERS - length - entry.letters[i].find(self.tight)
        return 0

    def unasked(self, words: frozenset[str]) -> float:
        """Return what a name loses for words nobody asked for."""
        return min(_UNASKED * max(len(words - _STOP_WORDS) - len(self.words), 0), _UNASKED_MOST)

    def covered(self, entry: _Entry, j: int, share: float) -> float:
        """Return how well an entry fits whose name says a share of the query.

        Here what is said counts more than how long the name is or how often it is asked for.
        """
        lost = len(entry.names[j]) / _LONG + self.unasked(entry.words[j])
        return (_COVERED + entry.boost) * share - lost / 2


def _spoken(text: str) -> str:
    """Return a text folded, with what is written short said in full."""
    return " ".join(_SHORT_FORMS.get(word, word) for word in fold(text).split())


def _likeness(asked: str, word: str) -> float:
    """Return how much of an asked word a known word is: 1 the same, less begun or with a slip, 0 another."""
    if asked == word:
        return 1
    if len(asked) >= _NEAR_ENOUGH and word.startswith(asked):
        return _BEGUN
    return _SLIP if _is_near(asked, word) or _sound(asked) == _sound(word) else 0


@cache
def _sound(word: str) -> str:
    """Return a word with the beginnings that sound alike in one half of the country or the other made one."""
    for written, said in _ALIKE:
        if word.startswith(written):
            return said + word[len(written) :]
    return word


def _triples(tight: str) -> frozenset[str]:
    return frozenset(tight[i : i + 3] for i in range(len(tight) - 2))


def _is_near(asked: str, word: str) -> bool:
    """Tell whether two words are one slip apart at most: a letter wrong, missing, doubled, or two swapped."""
    shorter, longer = sorted((len(asked), len(word)))
    if longer - shorter > 1 or longer < _NEAR_ENOUGH:
        return False
    if shorter < _NEAR_ENOUGH and asked[0] != word[0]:
        return False
    at = next(
        (i for i, (a, b) in enumerate(zip(asked, word, strict=False)) if a != b), min(len(asked), len(word))
    )
    rest, other = asked[at:], word[at:]
    swapped = rest[:2] == other[1::-1] and rest[2:] == other[2:]
    return swapped or rest[1:] == other[1:] or rest[1:] == other or rest == other[1:]
