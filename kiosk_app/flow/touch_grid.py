"""Spots all over a touch screen, and where a finger that was put on each was felt. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

MANY: Final = 5
FEW: Final = 3
"""Spots along the longer and the shorter side."""
EDGE: Final = 0.05
"""Share of a side between the edge and the outermost spots: bezels hide dead strips just there."""

Point = tuple[float, float]
"""Shares of width and height, 0.0 at the left and at the top."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """One place to touch; row and column count from 0 at the left upper corner."""

    row: int
    column: int
    at: Point


@dataclass(frozen=True, slots=True, kw_only=True)
class Felt:
    """One spot and where the finger was felt, None where nothing was."""

    spot: Spot
    at: Point | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TouchTrial:
    """A whole grid, tried on a screen of so many pixels; `felt` is shorter where it was left early."""

    size_px: tuple[int, int]
    felt: tuple[Felt, ...]


def shape(*, landscape: bool) -> tuple[int, int]:
    """Return rows and columns."""
    return (FEW, MANY) if landscape else (MANY, FEW)


def grid(*, landscape: bool) -> tuple[Spot, ...]:
    """Return the spots, row by row, the four corners among them."""
    rows, columns = shape(landscape=landscape)
    return tuple(
        Spot(row=row, column=column, at=(_share(column, columns), _share(row, rows)))
        for row in range(rows)
        for column in range(columns)
    )


def _share(index: int, count: int) -> float:
    return EDGE + (1 - 2 * EDGE) * index / (count - 1)
