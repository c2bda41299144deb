"""Judges a page before the citizen goes on: sharp, whole, lit, large enough, not burnt out.

Source: SCAN.md, "Gates": the edge width after whitening follows the OCR error; the variance of the
Laplacian follows the light and does not.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

from drivers.ports import PageProblem
from drivers.scanner.geometry import side_lengths
from drivers.scanner.sides import BORDER_SHARE

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from drivers.scanner.enhance import PageFormat
    from drivers.scanner.geometry import Quads


@dataclass(frozen=True, slots=True, kw_only=True)
class QualityLimits:
    """Where a page is worth a warning and where it must be taken again."""

    blurred_warn: float = 3.5
    """Edge width, pixels at 200 dpi."""
    blurred_refuse: float = 4.5
    glare_warn: float = 0.003
    """Share of the page burnt out."""
    glare_refuse: float = 0.01
    dark_warn: float = 70.0
    """Grey level of the darkest stretch of paper, 0 to 255."""
    dark_refuse: float = 35.0
    small_warn: float = 170.0
    """Dots per inch the camera really saw; below 150 the reading error jumps."""
    small_refuse: float = 140.0


LIMITS = QualityLimits()
LEAST_EDGE = 10.0
"""Steps smaller than this, grey levels a pixel, are noise and paper grain."""
LEAST_EDGE_SHARE = 0.001
"""With fewer edge pixels than this the page is blank and its sharpness cannot be told."""
SHARP = 2.0
"""The edge width of a perfect step."""


def edge_width(white: NDArray[np.uint8]) -> float:
    """Return how wide edges are on a whitened page, in pixels: 2.4 is sharp, above 4.5 unreadable."""
    grey = np.asarray(cv2.cvtColor(white, cv2.COLOR_BGR2GRAY), dtype=np.uint8)
    dx = cv2.Sobel(grey, cv2.CV_16S, 1, 0)
    dy = cv2.Sobel(grey, cv2.CV_16S, 0, 1)
    steep = cv2.add(cv2.convertScaleAbs(dx, alpha=0.125), cv2.convertScaleAbs(dy, alpha=0.125))
    edges = steep[steep > LEAST_EDGE]
    if edges.size < LEAST_EDGE_SHARE * grey.size:
        return SHARP
    low, high = np.percentile(grey[::2, ::2], (1, 99))
    return float((high - low) / max(float(np.percentile(edges, 90)), 1.0))


def burnt_share(flat: NDArray[np.uint8]) -> float:
    """Return the share of the page that is burnt out beyond its own paper white.

    On a flatbed or an overexposed picture the paper itself is 255; that is no reflection.
    """
    half = flat[::2, ::2]
    darkest = cv2.min(cv2.min(half[..., 0], half[..., 1]), half[..., 2])
    usual = float(np.percentile(darkest, 60))
    return float((darkest >= max(250.0, usual + 20)).mean())


def cut_off_sides(quad: Quads, frame: tuple[int, int]) -> tuple[str, ...]:
    """Name the sides of the frame, (width, height), that cut the page off."""
    width, height = frame
    near = BORDER_SHARE * max(frame)
    beyond = {
        "left": quad[:, 0] < near,
        "right": quad[:, 0] > width - 1 - near,
        "top": quad[:, 1] < near,
        "bottom": quad[:, 1] > height - 1 - near,
    }
    return tuple(side for side, corners in beyond.items() if corners.any())


def seen_dpi(quad: Quads, size: PageFormat) -> float:
    """Return how many dots an inch the camera saw of this page."""
    inches = max(size.width, size.height) / size.dpi
    return float(side_lengths(quad).max()) / inches


def judge(
    *,
    sharpness: float,
    glare: float,
    darkest_paper: float,
    dpi: float,
    cut_off: tuple[str, ...],
    size_known: bool = True,
    limits: QualityLimits = LIMITS,
) -> tuple[PageProblem, ...]:
    """Return what is wrong with a page, the gravest first.

    Args:
        sharpness: From `edge_width`.
        glare: From `burnt_share`.
        darkest_paper: Grey level of the darkest stretch of paper.
        dpi: From `seen_dpi`.
        cut_off: From `cut_off_sides`.
        size_known: Whether the paper's true size is known; else `dpi` is a guess and refuses nothing.
        limits: Thresholds.
    """
    problems = [PageProblem(code=f"cut_off_{side}", blocking=True) for side in cut_off]
    over = (
        ("glare", glare, limits.glare_warn, limits.glare_refuse),
        ("blurred", sharpness, limits.blurred_warn, limits.blurred_refuse),
    )
    under = (
        ("too_dark", darkest_paper, limits.dark_warn, limits.dark_refuse),
        ("too_small", dpi, limits.small_warn, limits.small_refuse),
    )
    for code, value, warn, refuse in over:
        if value > warn:
            problems.append(PageProblem(code=code, blocking=value > refuse, value=value))
    for code, value, warn, refuse in under:
        if value < warn:
            blocking = value < refuse and (size_known or code != "too_small")
            problems.append(PageProblem(code=code, blocking=blocking, value=value))
    return tuple(sorted(problems, key=lambda problem: not problem.blocking))
