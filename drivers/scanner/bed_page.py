"""What a flatbed or a feeder saw is the page: no desk, no lamp and no hand comes in between.

The camera's page finder would take the frame printed on coloured paper, a letterhead's band or a copier's
shadow for the paper's edge. Here the whole picture is the page, but for a smaller paper around which there is
nothing but the scanner's own bed, even all over and white or black: cutting that one out loses nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from drivers.scanner.flat_scan import SKIN, is_same_paper, small_lab
from drivers.scanner.page_finder import search

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from drivers.ports import Outline

AROUND_PX = 4
"""So near an outline, in the small picture, lie the paper's edge and its shadow: 2 mm."""
LEAST_BED = 0.02
"""Share of the picture below which what is beside the paper is no bed, but a line of the lid."""
WHITE_BED, BLACK_BED = 228.0, 70.0
"""Lightness, 0 to 255, from which on a bed is white, and up to which it is black (an open lid)."""
LEAST_BLACK = 0.15
"""Share of the picture that is black beside a smaller paper; less is printed, or a copier's shadow."""
GREY = 7.0
"""Steps of Lab from grey: a bed has no colour of its own."""
OTHER = 10.0
"""Steps of Lab from the bed's own colour, from which on something is there."""
MOST_OTHER = 0.0001
"""Share of the bed that may differ so: a speck of dust, not one letter."""


def paper_on_bed(picture: NDArray[np.uint8], *, drawn_in: bool = False) -> Outline | None:
    """Return where a paper lies that is smaller than the scanner's bed; None: the whole picture is the page.

    Args:
        picture: (height, width, 3) uint8 BGR, any size.
        drawn_in: Whether a feeder drew the sheet in: what is white beside it is the sheet, too.
    """
    lab, scale = small_lab(picture)
    if drawn_in and (lab[..., 0] <= BLACK_BED).mean() < LEAST_BLACK:
        return None  # no black backing in view: the finder need not be asked
    found = search(picture).outline
    if not found.found:
        return None
    bed, area = _outside(lab, found, scale)
    if len(bed) < LEAST_BED * area:
        return None
    colour = np.median(bed, axis=0)
    white = not drawn_in and colour[0] >= WHITE_BED
    black = colour[0] <= BLACK_BED and len(bed) >= LEAST_BLACK * area
    if not (white or black) or not _is_empty(bed, colour) or is_same_paper(lab, found, scale, colour):
        return None
    return found


def _outside(lab: NDArray[np.float32], found: Outline, scale: float) -> tuple[NDArray[np.float32], int]:
    """Return what lies around an outline, (count, 3) Lab, but for the line a lid leaves, and of how much."""
    quad = np.rint(np.array(found.corners, np.float32) * np.float32(scale)).astype(np.int32)
    inside = cv2.fillConvexPoly(np.zeros(lab.shape[:2], np.uint8), quad, 1)
    reach = 2 * AROUND_PX + 1
    around = cv2.dilate(inside, np.ones((reach, reach), np.uint8))
    rim = max(round(SKIN * max(lab.shape[:2])), 1)
    inner = around[rim:-rim, rim:-rim]
    return lab[rim:-rim, rim:-rim][inner == 0], inner.size


def _is_empty(bed: NDArray[np.float32], colour: NDArray[np.float32]) -> bool:
    if np.abs(colour[1:] - 128).max() > GREY:
        return False
    return bool((np.abs(bed - colour).max(axis=1) > OTHER).mean() <= MOST_OTHER)
