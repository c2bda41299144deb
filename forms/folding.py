"""Vietnamese text made comparable: one Unicode form, no stray spaces, and a key without diacritics."""

from __future__ import annotations

import re
import unicodedata

_SPACES = re.compile(r"\s+")
_NOT_WORD = re.compile(r"[^0-9a-z]+")


def tidy(text: str) -> str:
    """Return the text in NFC with single spaces, none at the ends."""
    return _SPACES.sub(" ", unicodedata.normalize("NFC", text)).strip()


def fold(text: str) -> str:
    """Return the words of a text as plain small letters and digits, one space between.

    Diacritics go, so both tone styles (`Hoà`, `Hòa`) meet; `đ` is no composed letter and is replaced
    by hand; `y` and `i` are one letter, since `Mỹ` and `Mĩ`, `Quý` and `Quí` are one word.
    """
    bare = unicodedata.normalize("NFD", text.lower()).replace("đ", "d")
    letters = "".join(c for c in bare if not unicodedata.combining(c))
    return _NOT_WORD.sub(" ", letters).strip().replace("y", "i")


def initials(folded: str) -> str:
    """Return the first letters of a folded text: `khai sinh` gives `ks`."""
    return "".join(word[0] for word in folded.split())
