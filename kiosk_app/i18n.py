"""The sentences of the screens in the citizen's language.

Source sentences are Vietnamese: `_("Còn {n} ô").format(n=2)`. The `vi` catalogue may reword them, the `en`
catalogue translates them; `deploy/catalogues.py` collects, checks and compiles both.
"""

from __future__ import annotations

import gettext
from functools import cache
from pathlib import Path
from typing import Final

LANGUAGES: Final = ("vi", "en")
LOCALE_DIR: Final = Path(__file__).resolve().parent.parent / "assets" / "locale"


@cache
def _catalogue(lang: str) -> gettext.NullTranslations:
    return gettext.translation("kiosk", LOCALE_DIR, languages=[lang], fallback=True)


class _Current:
    """The language of the visit now; one citizen at a time, so one value."""

    lang = "vi"


def set_language(lang: str) -> None:
    """Speak `lang` (`vi` or `en`) from now on.

    Raises:
        ValueError: The product has no such language.
    """
    if lang not in LANGUAGES:
        raise ValueError(f"no catalogue for language {lang!r}; there are {', '.join(LANGUAGES)}")
    _Current.lang = lang


def language() -> str:
    """Return the language spoken now."""
    return _Current.lang


def _(sentence: str) -> str:
    """Return the sentence in the language spoken now, or itself where no translation exists."""
    return _catalogue(_Current.lang).gettext(sentence)


def in_language(lang: str, sentence: str) -> str:
    """Return a marked sentence in one language, for screens that speak all of them at once."""
    return _catalogue(lang).gettext(sentence)


def mark(sentence: str) -> str:
    """Mark a sentence for the catalogues without translating it yet (tables of sentences)."""
    return sentence
