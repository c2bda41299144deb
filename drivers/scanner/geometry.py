"""Quadrilaterals in a picture: order, area, angles, sides.

A quadrilateral is a `(4, 2) float32` array of `(x, y)` pixels, clockwise on the screen from the corner
nearest to the top-left; many of them are `(count, 4, 2)`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Quads = NDArray[np.float32]


PARALLEL = 1e-6
"""Sine of the angle below which two lines never meet."""


def order_corners(points: Quads) -> Quads:
    """Return four points clockwise on the screen, starting at the one nearest to the top-left."""
    centre = points.mean(axis=0)
    angles = np.arctan2(points[:, 1] - centre[1], points[:, 0] - centre[0])
    around = points[np.argsort(angles)]
    first = int(np.argmin(around.sum(axis=1)))
    return np.roll(around, -first, axis=0).astype(np.float32)


def order_many(quads: Quads) -> Quads:
    """Order the corners of each of `(count, 4, 2)` quadrilaterals like `order_corners`."""
    centres = quads.mean(axis=1, keepdims=True)
    angles = np.arctan2(quads[..., 1] - centres[..., 1], quads[..., 0] - centres[..., 0])
    around = np.take_along_axis(quads, np.argsort(angles, axis=1)[..., None], axis=1)
    first = np.argmin(around.sum(axis=2), axis=1)
    turned = (np.arange(4)[None, :] + first[:, None]) % 4
    return np.take_along_axis(around, turned[..., None], axis=1).astype(np.float32)


def areas(quads: Quads) -> NDArray[np.float32]:
    """Return the signed area of each quadrilateral in square pixels; positive when clockwise."""
    after = np.roll(quads, -1, axis=-2)
    cross = quads[..., 0] * after[..., 1] - after[..., 0] * quads[..., 1]
    return np.asarray(cross.sum(axis=-1) / 2, dtype=np.float32)


def side_lengths(quads: Quads) -> NDArray[np.float32]:
    """Return the lengths of the sides (top, right, bottom, left) in pixels."""
    steps = np.roll(quads, -1, axis=-2) - quads
    return np.asarray(np.hypot(steps[..., 0], steps[..., 1]), dtype=np.float32)


def corner_cosines(quads: Quads) -> NDArray[np.float32]:
    """Return the cosine of each inner angle: 0 at a right angle, ±1 when the corner is flat."""
    before = np.roll(quads, 1, axis=-2) - quads
    after = np.roll(quads, -1, axis=-2) - quads
    dots = (before * after).sum(axis=-1)
    lengths = np.hypot(before[..., 0], before[..., 1]) * np.hypot(after[..., 0], after[..., 1])
    return np.asarray(dots / np.maximum(lengths, 1e-6), dtype=np.float32)


def are_convex(quads: Quads) -> NDArray[np.bool_]:
    """Tell which quadrilaterals turn the same way at all four corners."""
    before = quads - np.roll(quads, 1, axis=-2)
    after = np.roll(quads, -1, axis=-2) - quads
    turns = before[..., 0] * after[..., 1] - before[..., 1] * after[..., 0]
    return np.asarray(np.all(turns > 0, axis=-1))


def cross_lines(first: NDArray[np.float32], second: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return where lines `(…, 3)` of the form ax + by + c = 0 meet, NaN where they are parallel."""
    determinant = first[..., 0] * second[..., 1] - second[..., 0] * first[..., 1]
    determinant = np.where(np.abs(determinant) < PARALLEL, np.nan, determinant)
    x = (first[..., 1] * second[..., 2] - second[..., 1] * first[..., 2]) / determinant
    y = (first[..., 2] * second[..., 0] - second[..., 2] * first[..., 0]) / determinant
    return np.stack([x, y], axis=-1).astype(np.float32)
