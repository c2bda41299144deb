"""Finding a procedure by a few words: without diacritics, without spaces, by initials, with a typo.

A few hundred procedures are ranked in plain Python in a millisecond or two; no database is needed.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from forms.folding import fold, initials

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from forms.ports import Procedure

_LEAD = "thu tuc "
_STOP_WORDS = frozenset(
    ["thu", "tuc", "dang", "ki", "cap", "xin", "giai", "lam", "toi", "muon", "cho", "cua"]
)
_ENOUGH = 0.45
"""Share of a query's letter triples that a name must hold to be taken for what was meant."""
_TIGHT_ENOUGH = 4
_CLOSE_TO_BEST = 0.5
"""What scores less than this share of the best is not shown."""
_NEAR_ENOUGH = 3
"""Letters a word needs before one slip in it is forgiven."""

_PHRASE, _TIGHT, _WORDS, _LETTERS, _NEAR, _FUZZY = 100.0, 90.0, 70.0, 60.0, 58.0, 50.0
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
    triples: frozenset[str]
    boost: float


def _triples(folded: str) -> frozenset[str]:
    tight = folded.replace(" ", "")
    return frozenset(tight[i : i + 3] for i in range(len(tight) - 2))


class ProcedureIndex:
    """All procedures of the catalogue, ready to be searched; the index is made at the first search."""

    def __init__(
        self, procedures: Sequence[Procedure], *, popular: Sequence[str], aliases: Mapping[str, Sequence[str]]
    ) -> None:
        """Make an index.

        Args:
            procedures: What can be found.
            popular: Codes, the most asked first; they come first among equals.
            aliases: Code to what people call the procedure.
        """
        self._procedures, self._popular, self._aliases = procedures, popular, aliases

    @cached_property
    def _entries(self) -> tuple[_Entry, ...]:
        rank = {code: 1 - i / len(self._popular) for i, code in enumerate(self._popular)}
        entries = []
        for procedure in self._procedures:
            calls = [procedure.title.vi, *self._aliases.get(procedure.code, ()), procedure.title.en]
            names = tuple(dict.fromkeys(fold(name).removeprefix(_LEAD) for name in calls))
            triples = frozenset().union(*map(_triples, names))
            boost = _WITH_FORM * procedure.has_form
            boost += _POPULAR * (1 + rank[procedure.code]) if procedure.code in rank else 0
            words = tuple(frozenset(name.split()) for name in names)
            entries.append(_Entry(procedure, names, words, triples, boost))
        return tuple(entries)

    @cached_property
    def _vocabulary(self) -> frozenset[str]:
        return frozenset().union(*(words for entry in self._entries for words in entry.words))

    def search(self, text: str, *, limit: int = 20) -> tuple[Procedure, ...]:
        """Return the procedures that fit, best first; a code (`2.000635`) finds its procedure alone."""
        exact = [p for p in self._procedures if p.code == text.strip()]
        query = fold(text)
        if exact or not query:
            return tuple(exact)
        asked = _Query(query)
        scores = {i: asked.score(entry) for i, entry in enumerate(self._entries)}
        if max(scores.values()) < _WORDS:
            slips = asked.with_slips(self._vocabulary)
            scores = {i: max(scores[i], asked.near_score(e, slips)) for i, e in enumerate(self._entries)}
        ranked = Counter(scores).most_common(limit)
        floor = ranked[0][1] * _CLOSE_TO_BEST
        return tuple(self._entries[i].procedure for i, score in ranked if score > floor)


class _Query:
    """One query, taken apart once for all entries."""

    def __init__(self, folded: str) -> None:
        self.text = folded
        self.tight = folded.replace(" ", "")
        words = folded.split()
        self.words = [w for w in words if w not in _STOP_WORDS] or words
        self.triples = _triples(folded)

    def score(self, entry: _Entry) -> float:
        """Return how well an entry fits as typed, 0 not at all."""
        best = max(map(self._name_score, entry.names))
        return best + entry.boost if best > 0 else 0

    def _name_score(self, name: str) -> float:
        length = len(name) / _LONG
        at = f" {name}".find(f" {self.text}")
        if at >= 0:
            return _PHRASE - length - at / 10
        # Few letters run together sit inside anything: `ks` in `...k s...`.
        if len(self.tight) >= _TIGHT_ENOUGH and self.tight in name.replace(" ", ""):
            return _TIGHT - length
        if all(f" {word}" in f" {name}" for word in self.words):
            return _WORDS - length
        # Initials: `ks`, `dkkh`; two letters at least, or every name would fit.
        if len(self.tight) > 1 and " " not in self.text and self.tight in initials(name):
            return _LETTERS - length - initials(name).find(self.tight)
        return 0

    def with_slips(self, vocabulary: frozenset[str]) -> list[frozenset[str]]:
        """Return for each word of the query the known words it may be, one slip forgiven."""
        return [frozenset(word for word in vocabulary if _is_near(asked, word)) for asked in self.words]

    def near_score(self, entry: _Entry, slips: list[frozenset[str]]) -> float:
        """Return how well an entry fits when slips of the finger are forgiven, 0 not at all."""
        near = [
            _NEAR - len(name) / _LONG
            for name, words in zip(entry.names, entry.words, strict=True)
            if all(words & allowed for allowed in slips)
        ]
        share = len(self.triples & entry.triples) / len(self.triples) if self.triples else 0
        if share >= _ENOUGH:
            near.append(_FUZZY * share - len(entry.names[0]) / _LONG)
        best = max(near, default=0)
        return best + entry.boost if best > 0 else 0


def _is_near(asked: str, word: str) -> bool:
    """Tell whether two words are one slip apart at most: a letter wrong, missing, doubled, or two swapped."""
    if asked == word:
        return True
    if min(len(asked), len(word)) < _NEAR_ENOUGH or abs(len(asked) - len(word)) > 1:
        return False
    at = next(
        (i for i, (a, b) in enumerate(zip(asked, word, strict=False)) if a != b), min(len(asked), len(word))
    )
    rest, other = asked[at:], word[at:]
    swapped = rest[:2] == other[1::-1] and rest[2:] == other[2:]
    return swapped or rest[1:] == other[1:] or rest[1:] == other or rest == other[1:]
