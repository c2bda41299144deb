"""The outline in the live picture: the finder with a memory, because ten frames a second are much alike.

A frame that shows what the last one showed gets the last one's answer. Where that answer is "no page", the
picture is looked at once as thoroughly as the shot will be, so that the screen and the shot agree. Every
other frame is searched the quick way.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import cv2
import numpy as np

from drivers.scanner.mat_finder import search_on_mat
from drivers.scanner.page_finder import PREVIEW_SETTINGS, search

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from drivers.ports import Outline
    from drivers.scanner.mat import Mat
    from drivers.scanner.page_finder import Finding

MEMORY_PX = (96, 72)
"""What is kept of a frame, width and height: enough to see that a paper moved, too little to read it."""
SAME = 2.5
"""Grey levels by which no point of it may differ between frames that show the same."""


@dataclass(frozen=True, slots=True, eq=False)
class _Seen:
    frame: NDArray[np.float32] = field(repr=False)
    """MEMORY_PX of it, grey."""
    shape: tuple[int, ...]
    mat: Mat | None
    finding: Finding
    thorough: bool


class LiveFinder:
    """Finds the page in frame after frame of one camera. For one thread.

    Args:
        mat: Gives the empty mat under the camera where it is known.
    """

    def __init__(self, mat: Callable[[], Mat | None]) -> None:
        self._mat = mat
        self._seen: _Seen | None = None

    def outline(self, frame: NDArray[np.uint8]) -> Outline:
        """Return where the page lies, and in `cause` why no picture should be taken yet.

        Args:
            frame: (height, width, 3) uint8 BGR, of the preview's size.
        """
        mat, look = self._mat(), _look_of(frame)
        seen = self._seen
        if seen is None or seen.shape != frame.shape or seen.mat is not mat or not _same(look, seen.frame):
            finding = find_live(frame, mat)
            seen = _Seen(frame=look, shape=frame.shape, mat=mat, finding=finding, thorough=False)
        elif not seen.finding.outline.found and not seen.thorough:
            finding = (search_on_mat(frame, mat) if mat else None) or search(frame)
            seen = replace(seen, finding=finding, thorough=True)
        self._seen = seen
        return said(seen.finding)


def find_live(frame: NDArray[np.uint8], mat: Mat | None) -> Finding:
    """Find the page in one frame the quick way, on the mat where it is known and known again."""
    on_mat = search_on_mat(frame, mat, quick=True) if mat else None
    return on_mat or search(frame, settings=PREVIEW_SETTINGS)


def said(finding: Finding) -> Outline:
    """Return the outline with what is wrong in its `cause`."""
    cause = finding.cause or next((f"cut_off_{side}" for side in finding.cut_off), "")
    return replace(finding.outline, cause=cause)


def _look_of(frame: NDArray[np.uint8]) -> NDArray[np.float32]:
    small = cv2.resize(frame, MEMORY_PX, interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.cvtColor(small, cv2.COLOR_BGR2GRAY), np.float32)


def _same(now: NDArray[np.float32], before: NDArray[np.float32]) -> bool:
    """Tell whether two frames show the same; a lamp that flickers changes all of it by one factor."""
    factor = float(now.mean()) / max(float(before.mean()), 1.0)
    return float(np.abs(now - before * np.float32(factor)).max()) <= SAME
