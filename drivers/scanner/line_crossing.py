"""Makes quadrilaterals of lines: every two that run side by side with every two that stand across them.

Forty lines make twenty thousand quadrilaterals. What each is worth follows from few numbers: a side is a
piece of one line between two others, and there are only fifteen thousand such pieces. So the pieces are
weighed once, and a quadrilateral costs four look-ups.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from drivers.scanner.geometry import cross_lines
from drivers.scanner.sides import BORDER_SHARE, BORDER_SUPPORT, roughly, strength_at

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from drivers.scanner.geometry import Quads
    from drivers.scanner.sides import EdgeField

    Plane = NDArray[np.float32]
    Mask = NDArray[np.bool_]
    Index = NDArray[np.intp]

SLACK = 0.012
"""Corners may lie so far outside the picture, share of its longer side."""
SIDE_BY_SIDE, ACROSS = 0.85, 0.6
"""Cosines: sides that face each other differ by 32 degrees at most, neighbours by 53 at least."""
LEAST_SUPPORT = 0.12
"""A piece of a line with less edge under it is no side, however it is moved."""
NEAREST = 0.08
"""Sides that face each other are so far apart, share of the longer side of the picture."""


@dataclass(frozen=True, slots=True, eq=False)
class _Pieces:
    """Each line between each pair of others; every array is (lines, pairs)."""

    support: Plane
    length: Plane
    cosine: Plane
    """Mean of the two corners', absolute."""
    framed: Mask
    """The piece lies on the frame of the picture."""
    possible: Mask
    """Both ends lie in the picture, and something like an edge runs between them, or the frame."""


def cross_all(lines: Plane, field: EdgeField, count: int) -> Quads:
    """Return the `count` quadrilaterals, (count, 4, 2), whose sides lie best on edges.

    Args:
        lines: (n, 3), ax + by + c = 0 with |(a, b)| = 1, pixels.
        field: Edges of the picture.
        count: How many to return at most.
    """
    height, width = field.colours.shape[:2]
    one, two = _side_by_side(lines, (width, height))
    first, second = np.triu_indices(len(one), 1)
    across = np.abs((lines[one[first], :2] * lines[one[second], :2]).sum(axis=1)) < ACROSS
    first, second = first[across], second[across]
    if not len(first):
        return np.zeros((0, 4, 2), np.float32)
    points = cross_lines(lines[:, None], lines[None])
    pieces = _pieces(lines, points, (one, two), field)
    a, b, c, d = one[first], two[first], one[second], two[second]
    all_sides = ((a, second), (c, first), (b, second), (d, first))
    there = np.arange(len(first))
    for line, pair in all_sides:
        there = there[pieces.possible[line[there], pair[there]]]
    sides = tuple((line[there], pair[there]) for line, pair in all_sides)
    best = _best(pieces, sides, width * height, count)
    a, c, b, d = (line[best] for line, _ in sides)
    return np.stack([points[a, c], points[b, c], points[b, d], points[a, d]], axis=1)


def _side_by_side(lines: Plane, size: tuple[int, int]) -> tuple[Index, Index]:
    """Return the pairs of lines that could be two sides of a page facing each other."""
    one, two = np.triu_indices(len(lines), 1)
    cosine = (lines[one, :2] * lines[two, :2]).sum(axis=1)
    centre = np.array([size[0] / 2, size[1] / 2, 1], np.float32)
    apart = np.abs(lines[one] @ centre - np.sign(cosine) * (lines[two] @ centre))
    keep = (np.abs(cosine) > SIDE_BY_SIDE) & (apart > NEAREST * max(size))
    return one[keep], two[keep]


def _pieces(lines: Plane, points: Plane, pairs: tuple[Index, Index], field: EdgeField) -> _Pieces:
    height, width = field.colours.shape[:2]
    one, two = pairs
    reach = 0.5 * float(np.hypot(width, height)) + SLACK * max(width, height) + 1
    centre = np.array([(width - 1) / 2, (height - 1) / 2], np.float32)
    normals = lines[:, :2]
    along = np.stack([-normals[:, 1], normals[:, 0]], axis=1)
    feet = centre - (normals @ centre + lines[:, 2])[:, None] * normals
    steps = np.arange(-reach, reach + 1, dtype=np.float32)
    walk = feet[:, None] + along[:, None] * steps[None, :, None]
    total = np.cumsum(strength_at(field, normals, walk), axis=1, dtype=np.float32)
    places = ((points - feet[:, None]) * along[:, None]).sum(axis=2)
    ends = np.clip(np.nan_to_num(places, nan=-reach) + reach, 0, len(steps) - 1).astype(np.intp)
    sums = np.take_along_axis(total, ends, axis=1)
    length = np.abs(places[:, one] - places[:, two])
    cosines = np.abs(normals @ normals.T)
    low, high = _frame(points, width, height)
    seen = _in_view(points, width, height)
    support = np.abs(sums[:, one] - sums[:, two]) / np.maximum(length, 1)
    framed = ((low[:, one] & low[:, two]) | (high[:, one] & high[:, two])).any(axis=2)
    return _Pieces(
        support=support,
        length=length,
        cosine=(cosines[:, one] + cosines[:, two]) / 2,
        framed=np.asarray(framed),
        possible=seen[:, one] & seen[:, two] & (framed | (support > LEAST_SUPPORT)),
    )


def _in_view(points: Plane, width: int, height: int) -> Mask:
    """Tell which points lie in the picture, give or take a little; none where lines do not meet."""
    slack = SLACK * max(width, height)
    last = np.array([width, height], np.float32) + slack
    return np.asarray(((points >= -slack) & (points <= last)).all(axis=-1))


def _frame(points: Plane, width: int, height: int) -> tuple[Mask, Mask]:
    near = BORDER_SHARE * max(width, height)
    return points < near, points > np.array([width - 1, height - 1], np.float32) - near


def _best(pieces: _Pieces, sides: tuple[tuple[Index, Index], ...], pixels: int, count: int) -> Index:
    """Return which quadrilaterals have the best sides."""
    support = np.stack([pieces.support[side] for side in sides], axis=1)
    framed = np.stack([pieces.framed[side] for side in sides], axis=1)
    if framed.any():
        mean = np.where(framed, 0, support).sum(axis=1) / np.maximum((~framed).sum(axis=1), 1)
        support = np.where(framed, BORDER_SUPPORT * mean[:, None], support)
    lengths = [pieces.length[side] for side in sides]
    across, down = (lengths[0] + lengths[2]) / 2, (lengths[1] + lengths[3]) / 2
    cosine = (pieces.cosine[sides[0]] + pieces.cosine[sides[2]]) / 2
    shape = (cosine, across, down, across * down / pixels)
    worth = roughly(support, *(np.asarray(value, np.float32) for value in shape))
    if len(worth) <= count:
        return np.arange(len(worth))
    return np.argpartition(-worth, count)[:count]
