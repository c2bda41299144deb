"""Tells whether pictures that are to teach the kiosk its empty mat show an empty mat.

A mat learnt with a paper, a hand or the dark on it spoils every page after it, and says nothing. A technician
can simply try again, so here every doubt counts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from drivers.errors import ScanError
from drivers.scanner.mat import DARKEST, arms, lamps_on, logarithm, shrunk, skin_like
from drivers.scanner.page_finder import search

if TYPE_CHECKING:
    from numpy.typing import NDArray

LIKE_A_PAGE = 0.55
"""Confidence of the page finder from which on something lies there, page or not; empty mats reach 0.35."""
LEAST_ARM = 0.004
"""Share of the picture that a fingertip takes."""
MOST_DARK, MOST_BURNT = 0.5, 0.1
"""Shares of the picture in which nothing can be told from which on the mat is not to be seen."""
BURNT = 250
"""Grey level from which on light has washed out what lies there."""
SEEN_PX = (96, 72)
"""Width and height at which pictures of one mat are compared: no noise is left."""
SAME = 8.0
"""Grey levels by which no point of these may differ, when the lamp's flicker is taken out."""
SAID = {
    "mat_dark": "The mat is too dark to be known again. Switch the lamp on and try again.",
    "mat_bright": "The light washes the mat out. Turn the lamp down, or away, and try again.",
    "mat_not_empty": "Something lies on the mat. Clear it and try again.",
    "mat_changed": "The pictures of the mat differ. Leave mat, camera and lamp alone and try again.",
}
"""What to do, by `detail`."""


def check_bare(pictures: tuple[NDArray[np.uint8], ...]) -> None:
    """Make sure that pictures show one empty mat.

    Args:
        pictures: Taken one after the other, (height, width, 3) uint8 BGR, any size.

    Raises:
        ScanError: They do not; `detail` is a key of SAID.
    """
    for picture in pictures:
        wrong = _wrong(shrunk(picture)) or ("mat_not_empty" if _lies(picture) else "")
        if wrong:
            raise ScanError(SAID[wrong], detail=wrong)
    seen = [_seen(picture) for picture in pictures]
    if any(_differ(seen[0], other) for other in seen[1:]):
        raise ScanError(SAID["mat_changed"], detail="mat_changed")


def _wrong(small: NDArray[np.uint8]) -> str:
    if (small.max(axis=2) < DARKEST).mean() > MOST_DARK:
        return "mat_dark"
    if (small.min(axis=2) >= BURNT).mean() > MOST_BURNT:
        return "mat_bright"
    return "mat_not_empty" if arm_share(small) > LEAST_ARM else ""


def _lies(picture: NDArray[np.uint8]) -> bool:
    """Tell whether the page finder sees anything: a page, two, or what is nearly one."""
    finding = search(picture)
    return finding.outline.found or finding.cause != "no_page" or finding.outline.confidence > LIKE_A_PAGE


def arm_share(small: NDArray[np.uint8]) -> float:
    """Return the share of the picture that is redder than the rest, as skin is, and comes in from the side.

    Lamps of two colours change the mat slowly from one side to the other; that is taken out first.

    Args:
        small: From `shrunk`.
    """
    colours = np.asarray(cv2.GaussianBlur(logarithm(small), (0, 0), 1.5), np.float32)
    rest = colours - lamps_on(colours, np.ones(colours.shape[:2], bool))
    return float(arms(skin_like(np.asarray(rest, np.float32))).mean())


def _seen(picture: NDArray[np.uint8]) -> NDArray[np.float32]:
    small = cv2.resize(picture, SEEN_PX, interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.cvtColor(small, cv2.COLOR_BGR2GRAY), np.float32)


def _differ(one: NDArray[np.float32], other: NDArray[np.float32]) -> bool:
    factor = np.float32(float(one.mean()) / max(float(other.mean()), 1.0))
    return bool(np.abs(one - other * factor).max() > SAME)
