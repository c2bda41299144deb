"""How large papers under a fixed camera truly are, learnt from one sheet of A4 laid under it.

A4 and A5 have one shape: a camera that knows nothing of its desk cannot tell them apart. The corners of one
known sheet give the perspective from the picture to millimetres of the desk, whatever the camera's angle.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

import cv2
import numpy as np

from drivers.errors import ScanError
from drivers.scanner.enhance import ASPECT_SLACK, CARD_DPI, CARD_LONG_PX, CARD_SHORT_PX, DPI, PageFormat
from drivers.scanner.geometry import are_convex, side_lengths
from drivers.scanner.mat import SAME_SHAPE

if TYPE_CHECKING:
    from pathlib import Path

    from drivers.scanner.geometry import Quads

FILE_NAME = "a4_under_camera.json"
"""In the data directory."""
A4_MM = (210.0, 297.0)
A_SERIES_MM = ((297.0, 210.0), (210.0, 148.0), (148.0, 105.0))
"""A4, A5 and A6. Source: ISO 216."""
CARD_MM = 85.6
"""Longer side of an ID card. Source: ISO/IEC 7810, ID-1."""
SIZE_SLACK = 0.13
"""A size is taken for a known one within this share: paper that is not quite flat looks larger, and the next
size is 41 % away."""


@dataclass(frozen=True, slots=True, eq=False)
class CameraScale:
    """Where a sheet of A4 lay in the picture."""

    corners: Quads
    """Shares of the picture's width and height, clockwise from top-left."""
    aspect: float
    """Width of the picture for a height of one."""

    @classmethod
    def of(cls, quad: Quads, frame: tuple[int, int]) -> Self:
        """Learn from the outline of a sheet of A4.

        Args:
            quad: Its corners clockwise from top-left, pixels.
            frame: Width and height of the picture.

        Raises:
            ScanError: What lies there is not of the shape of A4.
        """
        across, down = _sides(quad)
        if abs(max(across, down) / min(across, down) / 2**0.5 - 1) > ASPECT_SLACK:
            raise ScanError(
                "This is no A4 sheet. Lay one flat under the camera and try again.", detail="not_a4"
            )
        return cls((quad / np.array(frame, np.float32)).astype(np.float32), frame[0] / frame[1])

    def fits(self, frame: tuple[int, int]) -> bool:
        """Tell whether a picture, (width, height), may come from this camera."""
        return abs(frame[0] / frame[1] / self.aspect - 1) < SAME_SHAPE

    def size_mm(self, quad: Quads, frame: tuple[int, int]) -> tuple[float, float]:
        """Return how wide and how high a paper is, millimetres.

        Args:
            quad: Its corners clockwise from top-left, pixels.
            frame: Width and height of the picture.
        """
        sheet = self.corners * np.array(frame, np.float32)
        across, down = _sides(sheet)
        width, height = sorted(A4_MM, reverse=across > down)
        desk = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
        way = cv2.getPerspectiveTransform(sheet.astype(np.float32), desk)
        return _sides(np.asarray(cv2.perspectiveTransform(quad.astype(np.float32)[None], way)[0], np.float32))


def true_format(scale: CameraScale, quad: Quads, frame: tuple[int, int]) -> PageFormat:
    """Return the format of a paper whose true size is seen: A4 to A6, an ID card, else as measured.

    Args:
        scale: Learnt under this camera.
        quad: Corners of the paper clockwise from top-left, pixels.
        frame: Width and height of the picture.
    """
    across, down = scale.size_mm(quad, frame)
    long_mm, short_mm = max(across, down), min(across, down)
    aspect = long_mm / max(short_mm, 1.0)
    dpi, long_px, short_px = DPI, _pixels(long_mm), _pixels(short_mm)
    if abs(aspect / 2**0.5 - 1) < ASPECT_SLACK:
        for known in A_SERIES_MM:
            if _near(long_mm, known[0]):
                long_px, short_px = (_pixels(side) for side in known)
    elif abs(aspect / (CARD_LONG_PX / CARD_SHORT_PX) - 1) < ASPECT_SLACK and _near(long_mm, CARD_MM):
        dpi, long_px, short_px = CARD_DPI, CARD_LONG_PX, CARD_SHORT_PX
    width, height = (long_px, short_px) if across > down else (short_px, long_px)
    return PageFormat(width=width, height=height, dpi=dpi)


def keep_scale(scale: CameraScale, path: Path) -> None:
    """Write what was learnt to a file, whole or not at all."""
    fresh = path.with_suffix(".fresh")
    told = {"aspect": scale.aspect, "corners": scale.corners.tolist()}
    fresh.write_text(json.dumps(told), encoding="ascii")
    fresh.replace(path)


def kept_scale(path: Path) -> CameraScale | None:
    """Return what was learnt; None where nothing was, or the file is damaged."""
    try:
        told = json.loads(path.read_text(encoding="ascii"))
        corners, aspect = np.array(told["corners"], np.float32), float(told["aspect"])
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return None
    if corners.shape != (4, 2) or not np.isfinite(corners).all() or not are_convex(corners[None])[0]:
        return None
    return CameraScale(corners, aspect) if aspect > 0 else None


def _sides(quad: Quads) -> tuple[float, float]:
    """Return the mean width and the mean height of a quadrilateral."""
    top, right, bottom, left = (float(length) for length in side_lengths(quad))
    return (top + bottom) / 2, (left + right) / 2


def _near(one: float, other: float) -> bool:
    return abs(one / other - 1) < SIZE_SLACK


def _pixels(mm: float) -> int:
    return max(round(mm / 25.4 * DPI), 1)
