"""Follows lines of text across a page, however they bend.

Smeared along the lines, the ink of a page becomes ridges, one a line. In narrow columns each ridge is a
summit; summits of neighbouring columns that lie at nearly one height belong to one line.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Plane = NDArray[np.float32]
    Column = NDArray[np.float64]

STEP_PX = 6
"""Width of a column."""
SHRINK = 3
"""Ink is first shrunk so many times along its lines, which costs nothing that the smear would leave."""
SMEAR_ALONG, SMEAR_ACROSS = 8.0 / SHRINK, 2.5
"""How far the ink is smeared, sigma in the shrunk picture: over the gaps of words, not of lines."""
APART_PX = 9
"""Lines are not nearer to each other than this: 9-point letters set solid stand 12 apart."""
FAINTEST = 14.0
"""Height of a ridge, 0 to 255, below which it is dust."""
STEEPEST = 3.0
"""Pixels that a line may rise or fall from one column to the next: 27 degrees."""
SHORTEST = 15
"""Columns that a line is followed through at least: 23 mm."""


@dataclass(frozen=True, slots=True, eq=False)
class LineTraces:
    """Points on lines of text, in order of the lines, pixels."""

    x: Column
    y: Column
    line: NDArray[np.intp]
    """Which line each point is on, from the top; points of one line stand together."""

    @property
    def count(self) -> int:
        """How many lines there are."""
        return len(np.unique(self.line))

    @property
    def length(self) -> int:
        """Length of all lines in sum, pixels at LOOK_DPI."""
        return len(self.x) * STEP_PX

    def with_line(self, x: Column, y: Column) -> LineTraces:
        """Return the same and one line more."""
        line = self.line.max(initial=-1) + 1
        return LineTraces(
            x=np.concatenate([self.x, x]),
            y=np.concatenate([self.y, y]),
            line=np.concatenate([self.line, np.full(len(x), line, np.intp)]),
        )

    def only(self, keep: NDArray[np.bool_]) -> LineTraces:
        """Return some of the points."""
        return LineTraces(x=self.x[keep], y=self.y[keep], line=self.line[keep])


def trace_lines(ink: NDArray[np.uint8]) -> LineTraces:
    """Return the lines of text that run along the picture.

    Args:
        ink: 255 where there is ink, at LOOK_DPI, without rules.
    """
    narrow = (max(ink.shape[1] // SHRINK, 1), ink.shape[0])
    thin = cv2.resize(ink, narrow, interpolation=cv2.INTER_AREA).astype(np.float32)
    soft = cv2.GaussianBlur(thin, (0, 0), sigmaX=SMEAR_ALONG, sigmaY=SMEAR_ACROSS)
    columns = np.ascontiguousarray(soft[:, :: STEP_PX // SHRINK], np.float32)
    highest = cv2.dilate(columns, np.ones((APART_PX, 1), np.uint8))
    summits = (columns >= highest) & (columns > FAINTEST)
    summits[0] = summits[-1] = False
    chains = [chain for chain in _linked(columns, summits) if len(chain) >= SHORTEST]
    chains.sort(key=lambda chain: chain[len(chain) // 2][1])
    points = np.array([point for chain in chains for point in chain], np.float64).reshape(-1, 2)
    lengths = [len(chain) for chain in chains]
    return LineTraces(
        x=points[:, 0] * STEP_PX + (SHRINK - 1) / 2,
        y=points[:, 1],
        line=np.repeat(np.arange(len(chains)), lengths),
    )


def _linked(columns: Plane, summits: NDArray[np.bool_]) -> list[list[tuple[int, float]]]:
    """Join the summits of neighbouring columns; each chain is a list of (column, y)."""
    done: list[list[tuple[int, float]]] = []
    open_chains: list[list[tuple[int, float]]] = []
    for column in range(columns.shape[1]):
        heights = _exact(columns[:, column], np.flatnonzero(summits[:, column]))
        ends = np.array([chain[-1][1] for chain in open_chains])
        going: list[list[tuple[int, float]]] = []
        taken = _nearest(ends, heights)
        for place, height in enumerate(heights):
            chain = open_chains[taken[place]] if taken[place] >= 0 else []
            chain.append((column, float(height)))
            going.append(chain)
        left = set(range(len(open_chains))) - set(taken.tolist())
        done += [open_chains[place] for place in left]
        open_chains = going
    return done + open_chains


def _exact(column: Plane, rows: NDArray[np.intp]) -> Column:
    """Return the summits between the rows, by the parabola through three of them."""
    before, at, after = (column[rows + step].astype(np.float64) for step in (-1, 0, 1))
    bend = before - 2 * at + after
    return np.asarray(rows + np.where(bend < 0, (before - after) / np.minimum(2 * bend, -1e-6), 0.0))


def _nearest(ends: Column, heights: Column) -> NDArray[np.intp]:
    """Return for each height the chain that ends nearest; -1: none is near, or it is nearer to another."""
    taken = np.full(len(heights), -1, np.intp)
    if not len(ends) or not len(heights):
        return taken
    apart = np.abs(heights[:, None] - ends[None, :])
    chain = apart.argmin(axis=1)
    mutual = apart.argmin(axis=0)[chain] == np.arange(len(heights))
    near = apart[np.arange(len(heights)), chain] <= STEEPEST
    return np.asarray(np.where(mutual & near, chain, -1), np.intp)
