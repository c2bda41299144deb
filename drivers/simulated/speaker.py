"""A loudspeaker that nobody hears: it keeps what it was told to say."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from drivers.ports import Said


class SimulatedSpeaker:
    """Says everything at once, into a list."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, tuple[Said, ...]]] = []
        """Language and what was said, oldest first."""
        self.hushed = 0
        """How often it was told to fall silent."""

    def ready(self) -> bool:
        """It always can."""
        return True

    def say(self, said: Sequence[Said], *, language: str) -> None:
        """Keep what is said."""
        self.heard.append((language, tuple(said)))

    def hush(self) -> None:
        """Count it."""
        self.hushed += 1
