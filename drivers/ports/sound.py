"""What a loudspeaker promises."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One thing to say: a recorded clip where there is one of that name, else the words."""

    text: str
    """In the language of the screen; never a citizen's datum, because a hall hears it."""
    prompt: str = ""
    """Name of the clip, without folder and ending."""


class Speaker(Protocol):
    """Reads aloud what a screen asks."""

    def ready(self) -> bool:
        """Tell whether this machine can say anything at all; does not block."""
        ...

    def say(self, said: Sequence[Said], *, language: str) -> None:
        """Say one after the other; what is being said already is hushed first. Blocks until the end.

        Args:
            said: What to say; what can be neither played nor spoken is left out.
            language: Of the words, `vi` or `en`.
        """
        ...

    def hush(self) -> None:
        """Fall silent at once; safe at any time, from any thread."""
        ...
