"""The empty mat under a fixed camera: its picture is kept, and each later picture is compared with it.

What differs from the empty mat lies on it. Lamps, daylight and shadows change how bright the mat is, smoothly
or in steps, but neither its colour nor its grain; a paper or a hand changes those. So the comparison takes
colour and grain first, and brightness only where something is brighter than the lamp explains.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
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
FIT_EVERY = 16
"""The lamps change so slowly that one point of sixteen tells them."""
COARSER = 8
"""Their light is computed in a picture so many times smaller."""
TABLE = np.log(np.arange(256, dtype=np.float32) + np.float32(DARK)).astype(np.float32)
"""The logarithm of each grey level."""


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

    def at(self, size: tuple[int, int]) -> OnMat:
        """Return the same at another size, (width, height)."""
        masks = (
            cv2.resize(mask, size, interpolation=cv2.INTER_NEAREST)
            for mask in (self.covered, self.paper, self.unknown)
        )
        covered, paper, unknown = (np.asarray(mask, np.uint8) for mask in masks)
        return OnMat(covered=covered, paper=paper, unknown=unknown)


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


class MatFile:
    """The kept reference, read again when it was learnt anew.

    Args:
        path: Where `keep_mat` wrote it; None: this camera has no mat.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._read_at = (0, 0)
        self._mat: Mat | None = None

    def mat(self) -> Mat | None:
        """Return the reference, None where there is none or it cannot be read."""
        if self._path is None:
            return None
        try:
            state = self._path.stat()
        except FileNotFoundError:
            self._read_at, self._mat = (0, 0), None
            return None
        written = (state.st_mtime_ns, state.st_size)
        if written != self._read_at:
            self._read_at, self._mat = written, kept_mat(self._path)
        return self._mat


def shrunk(picture: NDArray[np.uint8], longest: int = MAT_PX) -> NDArray[np.uint8]:
    """Return the picture at the size of the reference, or with this longer side where that is less."""
    scale = min(1.0, longest / max(picture.shape[:2]))
    if scale == 1:
        return picture
    return np.asarray(cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)


@dataclass(frozen=True, slots=True, eq=False)
class _Look:
    """A picture of the mat as it is compared."""

    colours: Plane
    """Logarithm of each channel, (height, width, 3)."""
    grain: Plane
    """What lies between FINE and COARSE."""


def compare(small: NDArray[np.uint8], mat: Mat) -> OnMat | None:
    """Tell what lies on the mat.

    Args:
        small: Picture of a size `shrunk` makes, (height, width, 3) uint8 BGR.
        mat: The reference.

    Returns:
        None where the mat is not known again: another camera, a moved one, or a paper over everything.
    """
    height, width = small.shape[:2]
    kept_height, kept_width = mat.picture.shape[:2]
    if abs(height / width / (kept_height / kept_width) - 1) > SAME_SHAPE:
        return None
    now, before = _look_of(small), _empty(mat, width, height)
    light = np.asarray(cv2.blur(_mean(small.astype(np.float32)), (WINDOW, WINDOW)), np.float32)
    grain, depth = _same_grain(now.grain, before.grain)
    has_grain = depth > LEAST_GRAIN
    grainy = has_grain & (depth * light > LEAST_SEEN)
    change = np.asarray(cv2.GaussianBlur(now.colours - before.colours, (0, 0), 1.2), np.float32)
    known = _known(change, grain, grainy, by_grain=bool(has_grain.mean() > MOSTLY))
    if known.mean() < LEAST_MAT:
        return None
    rest = change - lamps_on(change, known)
    return _hidden(rest, grain, grainy, dim=(light < DARKEST) | (has_grain & ~grainy))


@lru_cache(maxsize=2)
def _empty(mat: Mat, width: int, height: int) -> _Look:
    """Return the empty mat at this size; the live picture and the shot ask again and again."""
    size = (width, height)
    if mat.picture.shape[1::-1] == size:
        return _look_of(mat.picture)
    return _look_of(np.asarray(cv2.resize(mat.picture, size, interpolation=cv2.INTER_AREA), np.uint8))


def logarithm(picture: NDArray[np.uint8]) -> Plane:
    """Return the logarithm of each channel, (height, width, 3): a lamp adds the same everywhere."""
    return np.asarray(cv2.LUT(picture, TABLE), np.float32)


def _look_of(picture: NDArray[np.uint8]) -> _Look:
    colours = logarithm(picture)
    grey = _mean(colours)
    grain = cv2.GaussianBlur(grey, (0, 0), FINE) - cv2.GaussianBlur(grey, (0, 0), COARSE)
    return _Look(colours=colours, grain=np.asarray(grain, np.float32))


def _mean(colours: Plane) -> Plane:
    """Return the mean of the three channels."""
    return np.asarray(cv2.transform(colours, np.full((1, 3), 1 / 3, np.float32)), np.float32)


def _same_grain(now: Plane, before: Plane) -> tuple[Plane, Plane]:
    """Return how alike two grains are, -1 to 1, and how deep the mat's is."""
    most = np.float32(3 * max(float(np.median(np.abs(before[::4, ::4]))), LEAST_GRAIN))
    limited = [np.clip(grain, -most, most) for grain in (now, before)]  # an edge must not drown the grain
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


def lamps_on(change: Plane, known: NDArray[np.bool_]) -> Plane:
    """Fit the smooth change of the light to where the mat is known; shadows are left over, papers too."""
    height, width = change.shape[:2]
    places = np.flatnonzero(known)[::FIT_EVERY]
    x, y = places % width / width - 0.5, places // width / height - 0.5
    factors = _fit(_terms(x, y), change.reshape(-1, 3)[places])
    coarse = (max(height // COARSER, 1), max(width // COARSER, 1))
    down, across = ((np.arange(count) + 0.5) / count - 0.5 for count in coarse)
    grid = np.meshgrid(across, down)
    light = (_terms(grid[0].ravel(), grid[1].ravel()) @ factors).reshape(*coarse, 3)
    return np.asarray(cv2.resize(light, (width, height), interpolation=cv2.INTER_LINEAR), np.float32)


def _terms(x: NDArray[np.float64], y: NDArray[np.float64]) -> Plane:
    return np.stack([np.ones_like(x), x, y, x * x, x * y, y * y], axis=-1).astype(np.float32)


def _fit(rows: Plane, values: Plane) -> Plane:
    """Return the factors, (6, 3), forgetting what is not the lamps' doing."""
    weights = np.ones(len(rows), np.float32)
    factors = np.zeros((6, 3), np.float32)
    for _ in range(ROUNDS):
        weighted = rows * weights[:, None]
        square = weighted.T @ rows + 1e-3 * len(rows) * np.diag([0, 0, 0, 1, 1, 1]).astype(np.float32)
        factors = np.linalg.solve(square, weighted.T @ values).astype(np.float32)
        miss = np.abs(values - rows @ factors).max(axis=1)
        weights = (1 / (1 + (miss / 0.15) ** 2)).astype(np.float32)
    return factors


def _hidden(rest: Plane, grain: Plane, grainy: NDArray[np.bool_], *, dim: NDArray[np.bool_]) -> OnMat:
    blue, red = rest[..., 0] - rest[..., 1], rest[..., 2] - rest[..., 1]
    coloured = np.maximum(np.abs(blue), np.abs(red)) > OTHER_COLOUR
    brighter = rest[..., 1] > BRIGHTER
    strange = grainy & (grain < OTHER_GRAIN)
    known = grainy & (grain > SAME_GRAIN)
    covered = (coloured | brighter | strange) & ~known
    whole = _whole(covered)
    arm = arms(skin_like(rest) & (whole > 0))
    paper = cv2.morphologyEx(
        np.where(arm > 0, 0, whole).astype(np.uint8), cv2.MORPH_OPEN, np.ones((9, 9), np.uint8)
    )
    unknown = (whole == 0) & dim
    return OnMat(
        covered=whole, paper=np.asarray(paper, np.uint8), unknown=unknown.astype(np.uint8) * np.uint8(255)
    )


def skin_like(rest: Plane) -> NDArray[np.bool_]:
    """Tell where something may be skin, by the step to it from the mat (`logarithm`) without the lamps."""
    red, yellow = rest[..., 2] - rest[..., 1], rest[..., 2] - rest[..., 0]
    return np.asarray((red > SKIN_RED) & (yellow > SKIN_YELLOW))


def arms(skin: NDArray[np.bool_]) -> NDArray[np.uint8]:
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
