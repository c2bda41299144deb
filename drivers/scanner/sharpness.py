"""How sharp the text of a page is, whatever its size, its contrast and the light.

A sharp edge loses much of its slope when it is blurred once more, a soft one little; the share that is left
tells the width of the edge, and neither faint ink nor a dim lamp changes it. It is asked in eight directions,
because a paper that moved is soft in one and sharp across it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Plane = NDArray[np.float32]

AGAIN = 1.5
"""Sigma of the second blur, pixels at 200 dpi."""
SOFTEST_SHARE = 0.97
"""With more than this share of the slope left the edge is wider than can be told."""
WIDTH = 2.5
"""Edge width of a blur of sigma one: the step over its steepest slope, the square root of two pi."""
ROWS, COLUMNS = 16, 12
"""Parts the page is looked at in."""
TEXT_SHARE = 0.25
"""A part holds text when it has this share of the slopes of the fullest parts."""
LEAST_SLOPE = 2.0
"""Mean squared slope below which a part is blank, grey levels."""
LEAST_PARTS = 3
SHARP = 2.0
"""The edge width of a page without text to judge."""
DIRECTIONS = np.arange(8) * np.pi / 8
DOWN_SHARE = 0.45
"""Slopes down a page of upright Latin letters beside those across it: letters are made of upright strokes."""
SOFT = 2.8
"""From this edge width on a page may have moved; a sharp one with long rules has not."""
SMEARED, UNEVEN = 2.45, 0.2
"""A long, even movement draws each letter twice: its edges are not so soft, but in one direction gone."""


def text_sharpness(white: NDArray[np.uint8]) -> float:
    """Return how wide the edges of letters are, in pixels: 2 is sharp, from 4.5 on OCR fails.

    Source: SCAN.md, "Gates".
    Where the page moved during the shot the width is that of a defocus that harms reading as much.

    Args:
        white: Whitened page, (height, width, 3) uint8 BGR, at 200 dpi.
    """
    grey = np.asarray(cv2.cvtColor(white, cv2.COLOR_BGR2GRAY), np.uint8)
    slopes = _slopes(grey)
    softer = _slopes(np.asarray(cv2.GaussianBlur(grey, (0, 0), AGAIN), np.uint8))
    total = slopes[0] + slopes[2]
    text = total > max(TEXT_SHARE * float(np.percentile(total, 90)), LEAST_SLOPE)
    if text.sum() < LEAST_PARTS:
        return SHARP
    blank = total <= np.percentile(total, 10)
    before, after = _by_direction(slopes, text, blank), _by_direction(softer, text, blank)
    left = np.sqrt(np.clip(after / np.maximum(before, 1e-6), 0, SOFTEST_SHARE**2))
    widest = float((WIDTH * AGAIN * left / np.sqrt(1 - left**2)).max())
    even = _evenness(before)
    moved = widest >= SOFT or (widest >= SMEARED and even < UNEVEN)
    return widest / even**0.5 if moved else widest


def _slopes(grey: NDArray[np.uint8]) -> tuple[Plane, Plane, Plane]:
    """Return the mean squared slopes across, mixed, and down in each part of the page."""
    dx = cv2.Sobel(grey, cv2.CV_32F, 1, 0, scale=1 / 8)
    dy = cv2.Sobel(grey, cv2.CV_32F, 0, 1, scale=1 / 8)
    size = (COLUMNS, ROWS)
    products = (cv2.multiply(dx, dx), cv2.multiply(dx, dy), cv2.multiply(dy, dy))
    across, mixed, down = (
        np.asarray(cv2.resize(product, size, interpolation=cv2.INTER_AREA), np.float32)
        for product in products
    )
    return across, mixed, down


def _by_direction(
    slopes: tuple[Plane, Plane, Plane], text: NDArray[np.bool_], blank: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """Return the squared slope of text in each direction, without what the sensor's noise adds."""
    across, mixed, down = (
        float(np.maximum(np.median(part[text]) - part[blank].mean(), 1e-6 if name != "mixed" else -np.inf))
        for part, name in zip(slopes, ("across", "mixed", "down"), strict=True)
    )
    cosine, sine = np.cos(DIRECTIONS), np.sin(DIRECTIONS)
    return np.maximum(cosine**2 * across + 2 * cosine * sine * mixed + sine**2 * down, 1e-6)


def _evenness(slopes: NDArray[np.float64]) -> float:
    """Return 1 where letters are as steep every way as sharp ones, near 0 where one way was wiped out."""
    usual = np.cos(DIRECTIONS) ** 2 + DOWN_SHARE * np.sin(DIRECTIONS) ** 2
    kept = slopes / usual
    return float(kept.min() / kept.max())
