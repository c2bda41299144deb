"""Queries that nobody chose: words of the official names, spoilt by a seeded hand as people spoil them."""

from __future__ import annotations

import random
from collections import Counter
from typing import TYPE_CHECKING, Final

from forms.folding import fold, initials

if TYPE_CHECKING:
    from collections.abc import Sequence

    from forms.ports import Procedure

SEED: Final = 20261122
LETTERS: Final = "abcdeghiklmnopqrstuvxy"
WAYS: Final = ("as written", "without diacritics", "glued", "initials", "one slip", "not typed to its end")
FEWEST, MOST = 3, 5


def made_queries(procedures: Sequence[Procedure], *, count: int) -> list[tuple[str, str, str]]:
    """Return code, query and way of spoiling; half of them from procedures that have a form.

    Only words that stand in one name alone are taken, and only initials that one form alone has.
    """
    hand = random.Random(SEED)
    spans = Counter(fold(span) for procedure in procedures for span in set(_spans(procedure)))
    with_form = [p for p in procedures if p.has_form]
    others = [p for p in procedures if not p.has_form]
    letters = Counter(initials(fold(p.title.vi)) for p in with_form)
    made: list[tuple[str, str, str]] = []
    while len(made) < count:
        way = WAYS[len(made) % len(WAYS)]
        procedure = hand.choice(with_form if len(made) % 2 or way == "initials" else others)
        own = [span for span in _spans(procedure) if spans[fold(span)] == 1]
        if way == "initials":
            short = initials(fold(procedure.title.vi))
            own = [procedure.title.vi] if letters[short] == 1 and len(short) >= FEWEST else []
        if own:
            made.append((procedure.code, _spoil(hand.choice(own), way, hand), way))
    return made


def _spans(procedure: Procedure) -> list[str]:
    """Return every few words in a row of a name; a name that is shorter gives itself."""
    words = procedure.title.vi.replace("/", " ").split()
    if len(words) < FEWEST:
        return [" ".join(words)]
    sizes = range(FEWEST, min(MOST, len(words)) + 1)
    return [" ".join(words[i : i + size]) for size in sizes for i in range(len(words) - size + 1)]


def _spoil(text: str, way: str, hand: random.Random) -> str:
    bare = fold(text)
    match way:
        case "as written":
            return text
        case "glued":
            return bare.replace(" ", "")
        case "initials":
            return initials(bare)
        case "one slip":
            return _slip(bare, hand)
        case "not typed to its end":
            return bare[:-1]
        case _:
            return bare


def _slip(text: str, hand: random.Random) -> str:
    """Leave one letter of the longest word away, double it, or hit another one."""
    word = max(text.split(), key=len)
    at = text.index(word) + hand.randrange(1, len(word))
    return text[:at] + hand.choice(("", text[at] * 2, hand.choice(LETTERS))) + text[at + 1 :]
