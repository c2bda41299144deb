"""Finds which way up a page lies from its lines of text.

Lines run along, not down, the upright page. In Latin script, and most of all in Vietnamese, more ink stands
over the small letters (tone marks, ascenders) than under them (descenders, the dot of the heavy tone): an
upside-down page shows the reverse. Where the lines do not clearly agree the page stays as it lay.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

LOOK_DPI = 100
"""Lines are looked at this coarsely; 9-point letters are still nine pixels high."""
INK_LEVEL = 150
"""On a whitened page everything darker is ink."""
RULE_PX = 60
"""Straight strokes longer than this, pixels at LOOK_DPI, are rules of tables and frames."""
GAP_PX = 13
"""Words nearer than this belong to one line."""
LOWEST, HIGHEST = 6, 44
"""Heights of a line of text, pixels at LOOK_DPI."""
LONGER = 4.0
"""A line of text is at least this many times longer than high."""
SIDEWAYS = 2.0
"""The page is turned by a quarter when lines down it are longer in sum than lines along it by this."""
LEAST_LINES = 3
LEAST_LENGTH = 1200
"""Less text than this in sum, pixels at LOOK_DPI (about 30 cm), says too little."""
LEAST_SIDEWAYS = 2500
"""The same before a page is turned by a quarter: columns of dots and numbers look like lines, too."""
CLEAR = 0.45
"""How far the lines must agree, 0 to 1, before a page is turned. Measured: sharp Vietnamese pages above 0.85,
blurred ones 0.46, Chinese and unreadable ones below 0.45: those stay as they lay."""
SOFTEST = 5.0
"""Edge width, pixels at 200 dpi, from which on the marks over and under letters run together. Measured: at
4.4 the lines of a page still agree, at 7.4 they begin to agree on the wrong way."""
CORES = (0.35, 0.5, 0.65)
"""Rows with this share of the fullest row's ink are taken for the small letters; three guesses."""


def quarter_turns(white: NDArray[np.uint8], dpi: int) -> int:
    """Return how many quarter turns counter-clockwise put a page upright, 0 to 3; 0 where it cannot be told.

    Args:
        white: Whitened page, (height, width, 3) uint8 BGR.
        dpi: Its dots per inch.
    """
    ink = without_rules(ink_of(white, dpi))
    lines, turns, least = _lines(ink), 0, LEAST_LENGTH
    down = _lines(turn(ink, 1))
    if _length(down) > SIDEWAYS * _length(lines):
        lines, turns, least = down, 1, LEAST_SIDEWAYS
    agreement = _agreement(lines)
    if len(lines) < LEAST_LINES or _length(lines) < least or abs(agreement) < CLEAR:
        return 0
    return turns if agreement > 0 else turns + 2


def turn(page: NDArray[np.uint8], turns: int) -> NDArray[np.uint8]:
    """Return the page after this many quarter turns counter-clockwise."""
    return np.ascontiguousarray(np.rot90(page, turns))


def ink_of(white: NDArray[np.uint8], dpi: int) -> NDArray[np.uint8]:
    """Return 255 where there is ink, at LOOK_DPI.

    Args:
        white: Whitened page, (height, width, 3) uint8 BGR.
        dpi: Its dots per inch.
    """
    scale = min(1.0, LOOK_DPI / dpi)
    grey = cv2.cvtColor(white, cv2.COLOR_BGR2GRAY)
    small = cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.threshold(small, INK_LEVEL, 255, cv2.THRESH_BINARY_INV)[1], np.uint8)


def without_rules(ink: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return the ink but for the straight strokes of tables and frames."""
    for shape in ((RULE_PX, 1), (1, RULE_PX)):
        rules = cv2.morphologyEx(ink, cv2.MORPH_OPEN, np.ones(shape, np.uint8))
        ink = np.asarray(cv2.subtract(ink, cv2.dilate(rules, np.ones((3, 3), np.uint8))), np.uint8)
    return ink


def holds_text(ink: NDArray[np.uint8]) -> bool:
    """Tell whether there are lines of text enough to tell anything by, along the picture or down it.

    Args:
        ink: 255 where there is ink, at LOOK_DPI, without rules; its lines are level.
    """
    either = (_lines(turn(ink, turns)) for turns in (0, 1))
    return any(len(lines) >= LEAST_LINES and _length(lines) >= LEAST_LENGTH for lines in either)


def _lines(ink: NDArray[np.uint8]) -> list[NDArray[np.uint8]]:
    """Cut out the lines of text that run along the picture."""
    joined = cv2.morphologyEx(ink, cv2.MORPH_CLOSE, np.ones((1, GAP_PX), np.uint8))
    count, _, stats, _ = cv2.connectedComponentsWithStats(joined)
    return list(_text(ink, np.asarray(stats[1:count], np.int32)))


def _text(ink: NDArray[np.uint8], boxes: NDArray[np.int32]) -> Iterator[NDArray[np.uint8]]:
    for box in boxes:
        x, y, width, height = (int(value) for value in box[:4])
        if LOWEST <= height <= HIGHEST and width > LONGER * height:
            top, bottom = max(y - height // 3, 0), y + height + height // 3
            yield np.asarray(ink[top:bottom, x : x + width], np.uint8)


def _length(lines: list[NDArray[np.uint8]]) -> int:
    return sum(line.shape[1] for line in lines)


def _agreement(lines: list[NDArray[np.uint8]]) -> float:
    """Return 1 where every line is upright, -1 where every line is upside down; clearer lines count more."""
    leans = np.array([_lean(line) * line.shape[1] for line in lines])
    total = float(np.abs(leans).sum())
    return float(leans.sum()) / total if total else 0.0


def _lean(line: NDArray[np.uint8]) -> float:
    """Return how much more ink stands over the letters than under them, in shares of the ink of the line."""
    rows = line.sum(axis=1, dtype=np.float64)
    ink = float(rows.sum())
    if not ink:
        return 0.0
    cores = [np.flatnonzero(rows >= share * rows.max()) for share in CORES]
    leans = [float(rows[: core[0]].sum() - rows[core[-1] + 1 :].sum()) for core in cores]
    return sum(leans) / len(leans) / ink
