"""Tells a flat scan, where the paper fills the whole picture, from a photo of a paper on a desk.

A flatbed, a feeder or a scanning phone app gives paper from edge to edge. The page finder would take the
frame printed on a certificate for the paper's edge there, or see two papers in two tables. In a flat scan the
rim of the picture is even paper on all sides and no ink crosses it, so taking the whole loses nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from drivers.ports import Outline

if TYPE_CHECKING:
    from numpy.typing import NDArray

LOOK_PX = 500
"""Longer side of the picture that is looked at."""
SKIN, RIM = 0.006, 0.022
"""The rim looked at lies between these shares of the longer side: lids leave a dark line at the edge."""
PAPER_ASPECTS = (2**0.5, 279.4 / 215.9)
"""A4 (and A5), Letter: no camera has a sensor of this shape (4:3, 3:2, 16:9)."""
ASPECT_SLACK = 0.025
"""A scanner's bed is a few millimetres longer than the paper."""
SCANNER_PAPER, SCANNER_SPREAD = 205.0, 14.0
"""Least lightness of the rim and how far its parts may differ, 0 to 255, in a picture of a paper's shape."""
ANY_PAPER, ANY_SPREAD = 242.0, 5.0
"""The same in a picture of any other shape: only a scanner makes paper so white, so evenly."""
INK = 24.0
"""A rim darker than its own paper by this much is crossed by ink, or by the edge of the paper."""
SAME_PAPER = 9.0
"""Colour step, Lab units, below which what is inside an outline is the paper around it."""
BRIGHT_SHARE = 65
"""Per cent: at this percentile of a written page's lightness there is paper, not ink."""


def fills_frame(picture: NDArray[np.uint8], found: Outline) -> bool:
    """Tell whether the whole picture is one paper.

    Args:
        picture: (height, width, 3) uint8 BGR, any size.
        found: What the page finder says; a card on a scanner's white bed is a page of its own.
    """
    lab, scale = small_lab(picture)
    patches = _rim(lab)
    papers = np.array([np.median(patch, axis=0) for patch in patches])
    least, spread = _limits(picture.shape[0], picture.shape[1])
    if papers[:, 0].min() < least or float(np.ptp(papers, axis=0).max()) > spread:
        return False
    if any(_crossed(patch, paper) for patch, paper in zip(patches, papers, strict=True)):
        return False
    return not found.found or is_same_paper(lab, found, scale, np.median(papers, axis=0))


def whole_frame(picture: NDArray[np.uint8]) -> Outline:
    """Return the outline of a page that fills the picture."""
    right, bottom = float(picture.shape[1] - 1), float(picture.shape[0] - 1)
    return Outline(
        found=True, corners=((0.0, 0.0), (right, 0.0), (right, bottom), (0.0, bottom)), confidence=1.0
    )


def small_lab(picture: NDArray[np.uint8]) -> tuple[NDArray[np.float32], float]:
    """Return the picture in Lab, at most LOOK_PX long, and its share of the picture's size."""
    scale = min(1.0, LOOK_PX / max(picture.shape[:2]))
    small = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.cvtColor(small, cv2.COLOR_BGR2LAB), np.float32), scale


def _limits(height: int, width: int) -> tuple[float, float]:
    aspect = max(height, width) / min(height, width)
    shaped = any(abs(aspect / known - 1) < ASPECT_SLACK for known in PAPER_ASPECTS)
    return (SCANNER_PAPER, SCANNER_SPREAD) if shaped else (ANY_PAPER, ANY_SPREAD)


def _rim(lab: NDArray[np.float32]) -> list[NDArray[np.float32]]:
    """Return the rim in eight parts, two a side, each (count, 3) Lab."""
    height, width = lab.shape[:2]
    near, far = max(round(SKIN * max(height, width)), 1), max(round(RIM * max(height, width)), 3)
    inner = lab[near : height - near, near : width - near]
    depth = far - near
    lying = inner.swapaxes(0, 1)
    strips = (inner[:depth], inner[-depth:], lying[:depth], lying[-depth:])
    halves = [half for strip in strips for half in np.array_split(strip, 2, axis=1)]
    return [half.reshape(-1, 3) for half in halves]


def _crossed(patch: NDArray[np.float32], paper: NDArray[np.float32]) -> bool:
    return bool(np.percentile(patch[:, 0], 4) < paper[0] - INK)


def is_same_paper(lab: NDArray[np.float32], found: Outline, scale: float, rim: NDArray[np.float32]) -> bool:
    """Tell whether the paper inside an outline has the colour of its rim.

    Args:
        lab: From `small_lab`, and its `scale`.
        found: The outline, in pixels of the whole picture.
        scale: Share of the picture's size that `lab` has.
        rim: Lab of what is outside.
    """
    quad = np.array(found.corners, np.float32) * np.float32(scale)
    mask = cv2.fillConvexPoly(np.zeros(lab.shape[:2], np.uint8), quad.astype(np.int32), 1)
    inside = lab[mask > 0]
    if not len(inside):
        return True
    bright = inside[inside[:, 0] >= np.percentile(inside[:, 0], BRIGHT_SHARE)]
    return bool(np.linalg.norm(np.median(bright, axis=0) - rim) < SAME_PAPER)
