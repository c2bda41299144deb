"""Draws a progress bar for a person who waits for many files; a program that reads our output sees none."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_FROM = 3
"""Files from which on a bar is worth its line."""
_CELLS = 30


def show_progress(number: int, total: int, file: Path) -> None:
    """Draw that this file of so many is being worked on, over the bar before.

    Args:
        number: Of this file, from 1.
        total: How many there are.
        file: Its name is shown beside the bar.
    """
    if total < _FROM or not sys.stderr.isatty():
        return
    filled = _CELLS * number // total
    bar = "#" * filled + "." * (_CELLS - filled)
    end = "\n" if number == total else "\r"
    print(f"\x1b[K[{bar}] {number}/{total} {file.name}", end=end, file=sys.stderr, flush=True)
