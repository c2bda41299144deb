"""Draws a progress bar for a person who waits for many files; a program that reads our output sees none."""

from __future__ import annotations

import shutil
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_FROM = 3
"""Files from which on a bar is worth its line."""
_CELLS = 30
_CLEAR = "\r\x1b[K"
"""To the first column, and everything after it gone."""


class Bar:
    """One line on the terminal, over and over; it stands nowhere while results are printed."""

    def __init__(self, total: int) -> None:
        """Make the bar of a run.

        Args:
            total: How many files there are.
        """
        self._total = total
        self._seen = total >= _FROM and sys.stderr.isatty()

    def show(self, number: int, file: Path) -> None:
        """Draw that this file, counted from 1, is being worked on."""
        if not self._seen:
            return
        filled = _CELLS * number // self._total
        bar = "#" * filled + "." * (_CELLS - filled)
        name = "".join(letter if letter.isprintable() else "?" for letter in file.name)
        # A line that wraps cannot be cleared: only its last row would go.
        line = f"[{bar}] {number}/{self._total} {name}"[: shutil.get_terminal_size().columns - 1]
        print(_CLEAR + line, end="", file=sys.stderr, flush=True)

    def clear(self) -> None:
        """Take the bar away before a result is printed on the same terminal."""
        if self._seen:
            print(_CLEAR, end="", file=sys.stderr, flush=True)
