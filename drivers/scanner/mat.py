"""The empty mat under a fixed camera: its picture is kept, and each later picture is compared with it.

What differs from the empty mat lies on it. Lamps, daylight and shadows change how bright the mat is, smoothly
or in steps, but neither its colour nor its grain; a paper or a hand changes those. So the comparison takes
colour and grain first, and brightness only where something is brighter than the lamp explains.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    Plane = NDArray[np.float32]

MAT_PX = 540
"""Longer side of the kept picture, and of the pictures compared with it."""
FILE_NAME = "mat.png"
"""In the data directory."""
SAME_SHAPE = 0.01
"""Pictures of one camera have one shape; another shape is another camera."""
DARK = 6.0
"""Grey levels added before the logarithm, so that noise in the dark does not count."""
FINE, COARSE = 1.0, 5.0
"""Grain is what lies between these sizes, pixels: finer is the sensor's noise, coarser the lamps'."""
WINDOW = 17
"""Pixels a side in which grain is compared."""
LEAST_GRAIN = 0.003
"""Spread of the logarithm below which the mat has no grain to know it by."""
LEAST_SEEN = 0.2
"""Grey levels below which the sensor's noise hides the grain."""
SAME_GRAIN, OTHER_GRAIN = 0.55, 0.3
"""Correlation from which on this is the mat, and below which it is not."""
OTHER_COLOUR = 0.11
"""Step of the logarithm between colours that no lamp makes."""
BRIGHTER = 0.2
"""Step of the logarithm above what the lamps explain: paper on a dark mat is brighter by 1 and more."""
SKIN_RED, SKIN_YELLOW = 0.14, 0.32
"""Steps of the logarithm, red over green and red over blue, from which on something may be skin."""
MOSTLY = 0.5
"""Share of the picture with visible grain from which on grain is what the mat is known by."""
DARKEST = 12.0
"""Grey level below which nothing can be told."""
LEAST_MAT = 0.02
"""Share of the picture in which the mat must be known again."""
ROUNDS = 4
"""Rounds of the fit of the lamps; it settles after three."""


@dataclass(frozen=True, slots=True, eq=False)
class Mat:
    """The empty mat, (height, width, 3) uint8 BGR, at most MAT_PX long."""

    picture: NDArray[np.uint8]


@dataclass(frozen=True, slots=True, eq=False)
class OnMat:
    """What lies on the mat in one small picture."""

    covered: NDArray[np.uint8]
    """255 where the mat is hidden."""
    paper: NDArray[np.uint8]
    """255 where it is hidden by something that is not a hand."""
    unknown: NDArray[np.uint8]
    """255 where it is too dark to tell."""


def mat_of(pictures: tuple[NDArray[np.uint8], ...]) -> Mat:
    """Make the reference of pictures of the empty mat, any size, (height, width, 3) uint8 BGR."""
    small = np.stack([shrunk(picture) for picture in pictures]).astype(np.float32)
    return Mat(np.rint(small.mean(axis=0)).astype(np.uint8))


def keep_mat(mat: Mat, path: Path) -> None:
    """Write the reference to a file, whole or not at all."""
    fresh = path.with_suffix(".fresh.png")
    fresh.write_bytes(cv2.imencode(".png", mat.picture)[1].tobytes())
    fresh.replace(path)


def kept_mat(path: Path) -> Mat | None:
    """Return the reference in a file; None where there is none or it cannot be read."""
    if not path.is_file():
        return None
    picture = cv2.imdecode(np.frombuffer(path.read_bytes(), np.uint8), cv2.IMREAD_COLOR)
    return None if picture is None else Mat(np.asarray(picture, np.uint8))


def shrunk(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return the picture at the size of the reference."""
    scale = min(1.0, MAT_PX / max(picture.shape[:2]))
    if scale == 1:
        return picture
    return np.asarray(cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)


def compare(small: NDArray[np.uint8], mat: Mat) -> OnMat | None:
    """Tell what lies on the mat.

    Args:
        small: Picture of the size `shrunk` makes, (height, width, 3) uint8 BGR.
        mat: The reference.

    Returns:
        None where the mat is not known again: another camera, a moved one, or a paper over everything.
    """
    height, width = small.shape[:2]
    kept_height, kept_width = mat.picture.shape[:2]
    if abs(height / width / (kept_height / kept_width) - 1) > SAME_SHAPE:
        return None
    empty = mat.picture
    if (height, width) != (kept_height, kept_width):
        empty = np.asarray(cv2.resize(empty, (width, height), interpolation=cv2.INTER_AREA), np.uint8)
    now, before = _logarithm(small), _logarithm(empty)
    light = np.asarray(cv2.blur(small.astype(np.float32).mean(axis=2), (WINDOW, WINDOW)), np.float32)
    grain, depth = _same_grain(now.mean(axis=2), before.mean(axis=2))
    has_grain = depth > LEAST_GRAIN
    grainy = has_grain & (depth * light > LEAST_SEEN)
    change = np.asarray(cv2.GaussianBlur(now - before, (0, 0), 1.2), np.float32)
    known = _known(change, grain, grainy, by_grain=bool(has_grain.mean() > MOSTLY))
    if known.mean() < LEAST_MAT:
        return None
    rest = change - _lamps(change, known)
    return _hidden(rest, grain, grainy, dim=(light < DARKEST) | (has_grain & ~grainy))


def _logarithm(picture: NDArray[np.uint8]) -> Plane:
    return np.asarray(np.log(picture.astype(np.float32) + np.float32(DARK)), np.float32)


def _same_grain(now: Plane, before: Plane) -> tuple[Plane, Plane]:
    """Return how alike the fine structure is, -1 to 1, and how deep the mat's is."""
    grains = [
        cv2.GaussianBlur(plane, (0, 0), FINE) - cv2.GaussianBlur(plane, (0, 0), COARSE)
        for plane in (now, before)
    ]
    most = np.float32(3 * max(float(np.median(np.abs(grains[1]))), LEAST_GRAIN))
    limited = [np.clip(grain, -most, most) for grain in grains]  # an edge beside must not drown the grain
    size = (WINDOW, WINDOW)
    both = cv2.blur(limited[0] * limited[1], size)
    spread = [cv2.blur(grain * grain, size) for grain in limited]
    alike = both / np.sqrt(np.maximum(spread[0] * spread[1], 1e-12))
    return np.asarray(alike, np.float32), np.asarray(np.sqrt(spread[1]), np.float32)


def _known(change: Plane, grain: Plane, grainy: NDArray[np.bool_], *, by_grain: bool) -> NDArray[np.bool_]:
    """Tell where the mat is surely seen: by its grain, or, where it has none, by the rim's usual change."""
    known = (grain > SAME_GRAIN) & grainy
    if by_grain:
        return np.asarray(known)
    rim = np.ones(change.shape[:2], bool)
    edge = max(round(0.05 * max(rim.shape)), 2)
    rim[edge:-edge, edge:-edge] = False
    usual = np.median(change[rim], axis=0)
    near = np.abs(change - usual).max(axis=2) < BRIGHTER
    return np.asarray(known | (near & rim))


def _lamps(change: Plane, known: NDArray[np.bool_]) -> Plane:
    """Fit the smooth change of the light to where the mat is known; shadows are left over, papers too."""
    height, width = change.shape[:2]
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    x, y = x / width - 0.5, y / height - 0.5
    terms = np.stack([np.ones_like(x), x, y, x * x, x * y, y * y], axis=-1)
    rows, values = terms[known][::3], change[known][::3]
    weights = np.ones(len(rows), np.float32)
    factors = np.zeros((6, 3), np.float32)
    for _ in range(ROUNDS):
        weighted = rows * weights[:, None]
        square = weighted.T @ rows + 1e-3 * len(rows) * np.diag([0, 0, 0, 1, 1, 1]).astype(np.float32)
        factors = np.linalg.solve(square, weighted.T @ values).astype(np.float32)
        miss = np.abs(values - rows @ factors).max(axis=1)
        weights = (1 / (1 + (miss / 0.15) ** 2)).astype(np.float32)
    return np.asarray(terms @ factors, np.float32)


def _hidden(rest: Plane, grain: Plane, grainy: NDArray[np.bool_], *, dim: NDArray[np.bool_]) -> OnMat:
    blue, red = rest[..., 0] - rest[..., 1], rest[..., 2] - rest[..., 1]
    coloured = np.maximum(np.abs(blue), np.abs(red)) > OTHER_COLOUR
    brighter = rest[..., 1] > BRIGHTER
    strange = grainy & (grain < OTHER_GRAIN)
    known = grainy & (grain > SAME_GRAIN)
    covered = (coloured | brighter | strange) & ~known
    whole = _whole(covered)
    arm = _arm((red > SKIN_RED) & (red - blue > SKIN_YELLOW) & (whole > 0))
    paper = cv2.morphologyEx(
        np.where(arm > 0, 0, whole).astype(np.uint8), cv2.MORPH_OPEN, np.ones((9, 9), np.uint8)
    )
    unknown = (whole == 0) & dim
    return OnMat(
        covered=whole, paper=np.asarray(paper, np.uint8), unknown=unknown.astype(np.uint8) * np.uint8(255)
    )


def _arm(skin: NDArray[np.bool_]) -> NDArray[np.uint8]:
    """Return where hands are: of the colour of skin, and they come in from the side of the picture.

    A red land-use book has that colour, too, but lies apart.
    """
    closed = cv2.morphologyEx(skin.astype(np.uint8), cv2.MORPH_CLOSE, np.ones((7, 7), np.uint8))
    rim = np.pad(np.zeros((skin.shape[0] - 6, skin.shape[1] - 6), np.uint8), 3, constant_values=1)
    _, labels = cv2.connectedComponents(closed)
    coming = np.unique(labels[(rim > 0) & (closed > 0)])
    return np.asarray(
        cv2.dilate(np.isin(labels, coming).astype(np.uint8), np.ones((9, 9), np.uint8)), np.uint8
    )


def _whole(covered: NDArray[np.bool_]) -> NDArray[np.uint8]:
    """Close the holes that text and grain leave, drop specks."""
    mask = covered.astype(np.uint8) * np.uint8(255)
    closed = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, np.ones((9, 9), np.uint8))
    return np.asarray(cv2.morphologyEx(closed, cv2.MORPH_OPEN, np.ones((9, 9), np.uint8)), np.uint8)
