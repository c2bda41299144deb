"""Straightens a page whose lines of text run a few degrees up or down hill.

A sheet drawn in crookedly by a feeder shows no edges to straighten it by, but lines of text: seen along them
the ink of a page falls into sharp stripes of full and empty rows, and at any other angle the stripes run into
each other. Rules of tables make the stripes sharper and are counted, too.

Source: W. Postl, "Detection of linear oblique structures and skew scan in digitized documents", 1986: the
angle with the sharpest projection profile.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from drivers.scanner.text_lines import holds_text, ink_of, without_rules

if TYPE_CHECKING:
    from numpy.typing import NDArray

WIDEST = 7.0
"""Degrees either way that are searched; a sheet more crooked than that is fed again."""
COARSE, FINE = 0.5, 0.1
"""Steps of the search, degrees. A page's width of text loses its stripes over about 0.6 degrees."""
LEAST_SKEW = 0.2
"""Degrees below which a page stays as it is: nobody sees them, and turning costs sharpness."""
COARSE_POINTS = 12_000
"""So many points of ink are enough to see about where the stripes are."""
STRIPE_PX = 2
"""Rows of ink this high are counted together, pixels at LOOK_DPI."""
CLEAR = 1.25
"""How many times sharper than at the usual angle the stripes must be."""
MOST_INK = 0.3
"""A page with more than this share of ink is a picture."""
RIM_PX = 8
"""What lies nearer to the edge, pixels at LOOK_DPI (2 mm), may go: the shadow of a lid, and no text."""
LOST_PX = 10
"""So many pixels of ink at LOOK_DPI (0.6 square millimetres) may leave the page, for dust: no letter does."""


def straighten(white: NDArray[np.uint8], dpi: int) -> NDArray[np.uint8]:
    """Return the page with its text level, of the same size; the same array where nothing is to be done.

    Args:
        white: Whitened page, (height, width, 3) uint8 BGR.
        dpi: Its dots per inch.
    """
    angle = skew(white, dpi)
    if abs(angle) < LEAST_SKEW:
        return white
    height, width = white.shape[:2]
    return np.asarray(
        cv2.warpAffine(
            white,
            _way(angle, height, width),
            (width, height),
            flags=cv2.INTER_CUBIC,
            borderMode=cv2.BORDER_CONSTANT,
            borderValue=(255, 255, 255),
        ),
        np.uint8,
    )


def skew(white: NDArray[np.uint8], dpi: int) -> float:
    """Return by how many degrees clockwise the text runs down hill; 0 where it cannot be told.

    Lines of a page that lies on its side tell as much. Text that would leave the sheet keeps it as it lies.

    Args:
        white: Whitened page, (height, width, 3) uint8 BGR.
        dpi: Its dots per inch.
    """
    ink = ink_of(white, dpi)
    height, width = ink.shape
    if not 0 < cv2.countNonZero(ink) <= MOST_INK * ink.size:
        return 0.0
    points = np.asarray(cv2.findNonZero(ink), np.float32).reshape(-1, 2).T
    angle = _level(points)
    if abs(angle) < LEAST_SKEW:
        return 0.0
    way = _way(angle, height, width)
    if _lost(way, points, ink.shape) > LOST_PX:
        return 0.0
    level = np.asarray(cv2.warpAffine(without_rules(ink), way, (width, height)), np.uint8)
    return angle if holds_text(level) else 0.0


def _way(angle: float, height: int, width: int) -> NDArray[np.float64]:
    """Return the turn that makes lines level which run down hill by these degrees."""
    return np.asarray(cv2.getRotationMatrix2D(((width - 1) / 2, (height - 1) / 2), angle, 1.0), np.float64)


def _level(points: NDArray[np.float32]) -> float:
    """Return the angle at which the ink falls into the sharpest rows; 0 where none is clearly the best.

    Args:
        points: Places of the ink, (2, count), across and down, pixels at LOOK_DPI.
    """
    last = WIDEST + COARSE  # a best angle has worse ones on both sides
    angles = np.arange(-last, last + COARSE / 2, COARSE)
    every = max(points.shape[1] // COARSE_POINTS, 1)
    ways = (points, np.stack([-points[1], points[0]]))
    rough = [np.array([_sharpness(way[:, ::every], angle) for angle in angles]) for way in ways]
    clear = [float(values.max() / np.median(values)) for values in rough]
    best = int(np.argmax(clear))
    if clear[best] < CLEAR:
        return 0.0
    peak = int(rough[best].argmax())
    if not 0 < peak < len(angles) - 1:
        return 0.0
    near = angles[peak] + np.arange(-COARSE, COARSE + FINE / 2, FINE)
    exact = np.array([_sharpness(ways[best], angle) for angle in near])
    top = int(exact.argmax())
    return float(near[top]) + FINE * _summit(exact, top)


def _sharpness(points: NDArray[np.float32], angle: float) -> float:
    """Return how unevenly the ink falls into rows that run down hill by this angle, 1 for evenly."""
    along, down = np.float32(np.sin(np.radians(angle))), np.float32(np.cos(np.radians(angle)))
    across = points[1] * down - points[0] * along
    rows = np.bincount(((across - across.min()) / STRIPE_PX).astype(np.intp)).astype(np.float64)
    return float(np.square(rows).mean() / np.square(rows.mean()))


def _summit(values: NDArray[np.float64], top: int) -> float:
    """Return where between its neighbours the highest value would lie on a parabola, -0.5 to 0.5 steps."""
    if not 0 < top < len(values) - 1:
        return 0.0
    before, at, after = values[top - 1 : top + 2]
    bend = before - 2 * at + after
    return float((before - after) / (2 * bend)) if bend else 0.0


def _lost(way: NDArray[np.float64], points: NDArray[np.float32], size: tuple[int, ...]) -> int:
    """Return how many points of ink, but for those at the very edge, leave the page on this way."""
    last = np.array([[size[1] - 1], [size[0] - 1]], np.float32)
    inner = points[:, ((points >= RIM_PX) & (points <= last - RIM_PX)).all(axis=0)]
    new = way[:, :2] @ inner + way[:, 2:]
    return int(((new < 0) | (new > last)).any(axis=0).sum())
