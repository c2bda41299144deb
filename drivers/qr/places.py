"""Where a code is likely to be: spots full of edges both ways, which text and furniture are not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Place = tuple[int, int, int, int]
    """Left, top, right, bottom in pixels."""

SHRINK = 4
WINDOW = 15
"""Side of the spot that is summed, in shrunk pixels: about fifteen modules of a code at 4 px a module."""
LEAST_EDGES = 1.5
"""Mean step, grey levels a shrunk pixel, below which a picture holds nothing at all."""
MOST_PLACES = 2
MARGIN = 0.35
"""What is added around a place on each side, as a share of its size."""


def dense_places(grey: NDArray[np.uint8], *, least: float = LEAST_EDGES) -> list[Place]:
    """Return the largest spots where edges run both across and down, none in an empty picture.

    Args:
        grey: (height, width) uint8.
        least: Mean step, grey levels a shrunk pixel, below which a picture holds nothing.
    """
    size = (max(grey.shape[1] // SHRINK, 1), max(grey.shape[0] // SHRINK, 1))
    small = cv2.resize(grey, size, interpolation=cv2.INTER_AREA)
    across = cv2.convertScaleAbs(cv2.Sobel(small, cv2.CV_16S, 1, 0), alpha=0.25)
    down = cv2.convertScaleAbs(cv2.Sobel(small, cv2.CV_16S, 0, 1), alpha=0.25)
    both = cv2.min(
        cv2.boxFilter(across, cv2.CV_32F, (WINDOW, WINDOW)), cv2.boxFilter(down, cv2.CV_32F, (WINDOW, WINDOW))
    )
    most = float(both.max())
    if most < least:
        return []
    mask = np.asarray(both > most / 2, dtype=np.uint8)
    count, _, stats, _ = cv2.connectedComponentsWithStats(mask)
    largest = sorted(range(1, count), key=lambda part: -int(stats[part][cv2.CC_STAT_AREA]))[:MOST_PLACES]
    boxes = ([int(value) * SHRINK for value in stats[part][:4]] for part in largest)
    return [with_margin((x, y, x + width, y + height), grey.shape) for x, y, width, height in boxes]


def with_margin(place: Place, shape: tuple[int, ...]) -> Place:
    """Return a place with its surroundings, inside a picture of this (height, width)."""
    left, top, right, bottom = place
    margin = int(MARGIN * max(right - left, bottom - top)) + 8
    return (
        max(left - margin, 0),
        max(top - margin, 0),
        min(right + margin, shape[1]),
        min(bottom + margin, shape[0]),
    )
