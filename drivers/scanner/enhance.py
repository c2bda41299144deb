"""Makes a photographed page flat and its paper white, keeping stamps red and signatures blue.

Source: SCAN.md, "Mending the page": divide by the background and stretch 60..235 had the fewest character
errors of all ways measured, in normal light, hard shadow, dim light and blur. Decree 30/2020, Appendix I:
colour, at least 200 dpi.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

from drivers.scanner.geometry import side_lengths

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from drivers.scanner.geometry import Quads

DPI = 200
A4_LONG_PX = 2339
A4_SHORT_PX = 1654
CARD_DPI = 300
"""ID cards carry small print: SCAN.md asks 300 dpi for them."""
CARD_LONG_PX = 1011
CARD_SHORT_PX = 638
CARD_LONGEST_IN = 3.7
"""What is of a card's shape and shorter, inches, is a card (85.6 mm) and no sheet."""
ASPECT_SLACK = 0.07
"""A tilted camera shortens a side by this share at most; within it the format is taken as known."""
RIM_MM = 0.7
"""What at the edge of a photographed page may still be desk, millimetres."""
BLACK, WHITE = 60, 235
"""Where the stretch puts ink and paper."""
DARKEST_PAPER = 0.25
"""Anything darker than this share of the paper is ink or picture, not shadowed paper."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PageFormat:
    """The size a page is flattened to."""

    width: int
    """Pixels."""
    height: int
    """Pixels."""
    dpi: int
    known: bool = True
    """False for an unusual shape (a till receipt): its true size on paper is not known, and `dpi` a guess."""


def page_format(quad: Quads) -> PageFormat:
    """Guess the format of a page from its outline: A4 upright or lying, an ID card, else as seen."""
    top, right, bottom, left = (float(length) for length in side_lengths(quad))
    across, down = (top + bottom) / 2, (left + right) / 2
    aspect = max(across, down) / max(min(across, down), 1.0)
    known = True
    if abs(aspect / 2**0.5 - 1) < ASPECT_SLACK:
        long_px, short_px, dpi = A4_LONG_PX, A4_SHORT_PX, DPI
    elif abs(aspect / (CARD_LONG_PX / CARD_SHORT_PX) - 1) < ASPECT_SLACK:
        long_px, short_px, dpi = CARD_LONG_PX, CARD_SHORT_PX, CARD_DPI
    else:
        long_px, short_px, dpi = A4_LONG_PX, max(round(A4_LONG_PX / aspect), 1), DPI
        known = False
    if across > down:
        return PageFormat(width=long_px, height=short_px, dpi=dpi, known=known)
    return PageFormat(width=short_px, height=long_px, dpi=dpi, known=known)


def format_at(quad: Quads, dpi: int) -> PageFormat:
    """Return the true format of a page on a flatbed, which sees every paper at one resolution.

    Args:
        quad: Corners clockwise from top-left, pixels.
        dpi: Dots an inch of the picture.
    """
    top, right, bottom, left = (float(length) / dpi for length in side_lengths(quad))
    across, down = (top + bottom) / 2, (left + right) / 2
    guess = page_format(quad)
    if guess.dpi == CARD_DPI and max(across, down) < CARD_LONGEST_IN:
        return guess
    return PageFormat(width=max(round(across * DPI), 1), height=max(round(down * DPI), 1), dpi=DPI)


def flatten(picture: NDArray[np.uint8], quad: Quads, size: PageFormat) -> NDArray[np.uint8]:
    """Cut the page out and undo the perspective.

    Args:
        picture: (height, width, 3) uint8 BGR.
        quad: Corners clockwise from top-left, pixels.
        size: What to flatten to.
    """
    width, height = size.width, size.height
    flat = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32) - np.float32(0.5)
    way = cv2.getPerspectiveTransform(quad.astype(np.float32), flat)
    shrinks = float(side_lengths(quad).max()) > 1.6 * max(width, height)
    smooth = cv2.INTER_AREA if shrinks else cv2.INTER_CUBIC
    return np.asarray(
        cv2.warpPerspective(picture, way, (width, height), flags=smooth, borderMode=cv2.BORDER_REPLICATE),
        dtype=np.uint8,
    )


def without_rim(flat: NDArray[np.uint8], dpi: int) -> NDArray[np.uint8]:
    """Paint over the outermost RIM_MM with the paper beside it, in place.

    Where the outline is a pixel off, or soft, a dark line of the desk is left there; OCR reads it as `|`.

    Args:
        flat: Flattened page, (height, width, 3) uint8 BGR.
        dpi: Its dots per inch.
    """
    rim = max(round(RIM_MM * dpi / 25.4), 1)
    if min(flat.shape[:2]) > 4 * rim:
        flat[:rim], flat[-rim:] = flat[rim], flat[-rim - 1]
        flat[:, :rim], flat[:, -rim:] = flat[:, rim : rim + 1], flat[:, -rim - 1 : -rim]
    return flat


def background(flat: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return the paper as if nothing stood on it, at an eighth of the size, (h, w, 3) uint8 BGR."""
    size = (max(flat.shape[1] // 8, 1), max(flat.shape[0] // 8, 1))
    small = cv2.resize(flat, size, interpolation=cv2.INTER_AREA)
    wide = cv2.dilate(small, np.ones((9, 9), np.uint8))
    return np.asarray(cv2.GaussianBlur(cv2.medianBlur(wide, 21), (5, 5), 0), dtype=np.uint8)


def whiten(flat: NDArray[np.uint8], paper: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Divide each colour by the paper's, then stretch, so that paper is white and ink keeps its colour.

    Args:
        flat: (height, width, 3) uint8 BGR.
        paper: Its `background`.
    """
    floor = np.percentile(paper, 95, axis=(0, 1)) * DARKEST_PAPER
    lit = np.maximum(paper, floor.astype(np.uint8))
    full = cv2.resize(lit, (flat.shape[1], flat.shape[0]), interpolation=cv2.INTER_LINEAR)
    even = cv2.divide(flat, full, scale=255)
    levels = np.clip((np.arange(256, dtype=np.float32) - BLACK) * (255 / (WHITE - BLACK)), 0, 255)
    return np.asarray(cv2.LUT(even, levels.astype(np.uint8)), dtype=np.uint8)
