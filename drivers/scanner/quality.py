"""Judges a page before the citizen goes on: sharp, whole, lit, large enough, not burnt out, not covered.

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
    """Where a page is worth a warning and where it must be taken again; chosen by benchmarks/verdicts.py."""

    blurred_warn: float = 3.5
    """Edge width of letters, pixels at 200 dpi."""
    blurred_refuse: float = 4.5
    glare_warn: float = 0.003
    """Share of the page burnt out."""
    glare_refuse: float = 0.01
    dark_warn: float = 30.0
    """Grey level of the paper in usual light, 0 to 255."""
    dark_refuse: float = 11.0
    shadow_warn: float = 0.3
    """Light in the deepest shadow as a share of that in the light."""
    shadow_refuse: float = 0.19
    covered_warn: float = 0.003
    """Share of the page under fingers."""
    covered_refuse: float = 0.05
    small_warn: float = 170.0
    """Dots per inch the camera really saw; 200 is the law's and the page's."""
    small_refuse: float = 85.0


LIMITS = QualityLimits()
SHRINK = 8
"""Fingers are looked for in a picture so many times smaller."""
STROKE_PX = 5
"""Strokes and letters thinner than this in it are not seen."""
FINGER_PX = 7
"""A finger is wider than this in it, 7 mm of paper."""
SKIN_RED, SKIN_YELLOW = 7.0, 8.0
"""Steps of Lab from the paper's own colour, in even light."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PageMeasures:
    """What was measured on one page."""

    sharpness: float
    """From `text_sharpness`."""
    glare: float
    """From `burnt_share`."""
    light: float
    """Grey level of the paper, its median."""
    shadow: float
    """Light in the deepest shadow as a share of the brightest."""
    covered: float
    """From `covered_share`."""
    dpi: float
    """From `seen_dpi`."""
    cut_off: tuple[str, ...] = ()
    size_known: bool = True
    """Whether the paper's true size is known; else `dpi` is a guess and refuses nothing."""


def light_and_shadow(paper: NDArray[np.uint8]) -> tuple[float, float]:
    """Return the paper's usual grey level, and the light in the deepest shadow as a share of the brightest.

    Args:
        paper: From `enhance.background`, (h, w, 3) uint8 BGR.
    """
    deepest, usual, brightest = np.percentile(paper.max(axis=2), (5, 50, 95))
    return float(usual), float(deepest / max(float(brightest), 1.0))


def covered_share(flat: NDArray[np.uint8]) -> float:
    """Return the share of the page under fingers: of the colour of skin, and reaching in from its edge.

    Args:
        flat: Flattened page before whitening, (height, width, 3) uint8 BGR.
    """
    size = (max(flat.shape[1] // SHRINK, 1), max(flat.shape[0] // SHRINK, 1))
    small = cv2.dilate(
        cv2.resize(flat, size, interpolation=cv2.INTER_AREA), np.ones((STROKE_PX, STROKE_PX), np.uint8)
    )
    lab = cv2.cvtColor(small, cv2.COLOR_BGR2LAB).astype(np.float32)
    usual = np.median(lab.reshape(-1, 3), axis=0)
    colour = (lab[..., 1:] - 128) * (usual[0] / np.maximum(lab[..., :1], 1)) - (usual[1:] - 128)
    skin = ((colour[..., 0] > SKIN_RED) & (colour[..., 1] > SKIN_YELLOW)).astype(np.uint8)
    broad = cv2.morphologyEx(skin, cv2.MORPH_OPEN, np.ones((FINGER_PX, FINGER_PX), np.uint8))
    _, labels = cv2.connectedComponents(broad)
    inner = labels[2:-2, 2:-2]
    edge = np.concatenate([inner[0], inner[-1], inner[:, 0], inner[:, -1]])
    return float(np.isin(labels, edge[edge > 0]).mean())


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


def judge(seen: PageMeasures, limits: QualityLimits = LIMITS) -> tuple[PageProblem, ...]:
    """Return what is wrong with a page, the gravest first.

    Between faults of one gravity the cause goes before its effect: a page far away, in the dark or in the
    shadow looks soft, too.
    """
    problems = [PageProblem(code=f"cut_off_{side}", blocking=True) for side in seen.cut_off]
    less, more = -1, 1
    gates = (
        ("too_small", seen.dpi, less, limits.small_warn, limits.small_refuse),
        ("covered", seen.covered, more, limits.covered_warn, limits.covered_refuse),
        ("glare", seen.glare, more, limits.glare_warn, limits.glare_refuse),
        ("too_dark", seen.light, less, limits.dark_warn, limits.dark_refuse),
        ("shadow", seen.shadow, less, limits.shadow_warn, limits.shadow_refuse),
        ("blurred", seen.sharpness, more, limits.blurred_warn, limits.blurred_refuse),
    )
    for code, value, worse, warn, refuse in gates:
        refused = worse * value > worse * refuse
        if refused or worse * value > worse * warn:
            blocking = refused and (seen.size_known or code != "too_small")
            problems.append(PageProblem(code=code, blocking=blocking, value=value))
    return tuple(sorted(problems, key=lambda problem: not problem.blocking))
