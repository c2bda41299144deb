"""Papers that do not lie flat: pages of a bound book, sheets that were folded and stand up in the middle.

The sheet is a cylinder whose straight lines run down the paper. The camera is a pinhole over the middle of
the paper, so what is nearer to it looks larger: lines of text bend away from the middle.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Profile = NDArray[np.float64]

MM_PER_PX = 25.4 / 200
"""Papers are drawn at 200 dots an inch."""
CAMERA_MM = 400.0
"""The lens over the desk; most document cameras stand 35 to 45 cm high."""
BESIDE_MM = 60.0
"""So much of the desk beside the paper is mapped, too."""
STEP_MM = 0.25
GRID_PX = 8
"""The map is computed for every eighth pixel and drawn out between them."""
LAMP = 0.25
"""How much a slope away from the lamp on the right darkens the paper, share for a slope of 1."""


class Shape(StrEnum):
    """How a sheet stands up from the desk."""

    SPINE_LEFT = "spine left"
    SPINE_RIGHT = "spine right"
    FOLDED = "folded once"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bend:
    """A sheet that stands up from the desk."""

    rise_mm: float
    """Its highest point over the desk."""
    shape: Shape = Shape.SPINE_LEFT


def lay_bent(
    picture: NDArray[np.uint8], paper: NDArray[np.uint8], corners: NDArray[np.float32], bend: Bend
) -> None:
    """Draw a bent paper into the picture; changes the picture.

    Args:
        picture: (height, width, 3) uint8 BGR.
        paper: (height, width, 3) uint8 BGR at 200 dots an inch.
        corners: Where the paper's corners would lie if it were flat, clockwise from its own top-left.
        bend: How it stands up.
    """
    height, width = paper.shape[:2]
    along = np.arange(-BESIDE_MM, width * MM_PER_PX + BESIDE_MM, STEP_MM)
    rise = _heights(along / (width * MM_PER_PX), bend)
    slope = np.gradient(rise, STEP_MM)
    middle = width * MM_PER_PX / 2
    across = np.concatenate([[0.0], np.cumsum(np.sqrt(1 - slope[1:] ** 2) * STEP_MM)])
    across += middle - np.interp(middle, along, across)  # a sheet that stands up covers less of the desk
    larger = CAMERA_MM / (CAMERA_MM - rise)
    seen = middle + (across - middle) * larger
    shade = np.interp(np.arange(width) * MM_PER_PX, along, np.sqrt(1 - slope**2) - LAMP * slope)
    lit = np.asarray(np.clip(paper * shade[None, :, None], 0, 255), np.uint8)
    x, y = _on_desk(picture.shape, corners, (height, width))
    at = np.interp(x, seen, along)
    nearer = np.interp(x, seen, larger)
    half = height * MM_PER_PX / 2
    down = half + (y - half) / nearer
    columns, rows = (_full(plane / MM_PER_PX - 0.5, picture.shape) for plane in (at, down))
    cv2.remap(lit, columns, rows, cv2.INTER_CUBIC, dst=picture, borderMode=cv2.BORDER_TRANSPARENT)


def _heights(share: Profile, bend: Bend) -> Profile:
    """Return how high the sheet stands, mm, at these shares of its width from the left."""
    inside = np.clip(share, 0, 1)
    if bend.shape is Shape.FOLDED:
        return bend.rise_mm * np.sin(np.pi * inside) ** 2
    from_spine = inside if bend.shape is Shape.SPINE_LEFT else 1 - inside
    return bend.rise_mm * 27 / 4 * from_spine * (1 - from_spine) ** 2


def _on_desk(
    frame: tuple[int, ...], corners: NDArray[np.float32], paper: tuple[int, int]
) -> tuple[Profile, Profile]:
    """Return where on the desk every GRID_PX-th pixel looks, mm from where the paper's top-left would lie."""
    height, width = (side * MM_PER_PX for side in paper)
    flat = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    way = cv2.getPerspectiveTransform(corners.astype(np.float32), flat)
    rows, columns = (np.arange(side // GRID_PX) * GRID_PX + (GRID_PX - 1) / 2 for side in frame[:2])
    x, y = np.meshgrid(columns, rows)
    places = np.stack([x, y, np.ones_like(x)]).reshape(3, -1)
    ahead = way @ places
    return (ahead[0] / ahead[2]).reshape(x.shape), (ahead[1] / ahead[2]).reshape(x.shape)


def _full(plane: Profile, frame: tuple[int, ...]) -> NDArray[np.float32]:
    size = (frame[1], frame[0])
    return np.asarray(cv2.resize(plane.astype(np.float32), size, interpolation=cv2.INTER_LINEAR), np.float32)
