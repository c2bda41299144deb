"""Photographs a QR code held before a camera."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np
import segno

if TYPE_CHECKING:
    from numpy.typing import NDArray

MODULE_PX = 4
QUIET_MODULES = 4
PAPER, INK = 214, 36
"""Grey levels of the drawn code: a picture, not a perfect black on white."""


def draw_code(text: str, *, turn_deg: float = 4.0, seed: int = 0) -> NDArray[np.uint8]:
    """Return a photograph of this text as a QR code, (height, width) uint8 grey.

    Args:
        text: Any text that fits a QR code.
        turn_deg: How crooked it is held.
        seed: Of the sensor's noise.
    """
    modules = np.array(
        [list(row) for row in segno.make(text, error="m", micro=False, encoding="utf-8").matrix]
    )
    quiet = np.pad(modules, QUIET_MODULES)
    flat = np.where(np.kron(quiet, np.ones((MODULE_PX, MODULE_PX))) > 0, INK, PAPER).astype(np.uint8)
    side = flat.shape[0]
    frame = int(side * 1.5)
    turn = cv2.getRotationMatrix2D((side / 2, side / 2), turn_deg, 1.0)
    turn[:, 2] += (frame - side) / 2
    held = cv2.warpAffine(flat, turn, (frame, frame), borderMode=cv2.BORDER_CONSTANT, borderValue=PAPER)
    noise = np.random.default_rng(seed).normal(0, 3, held.shape)
    soft = cv2.GaussianBlur(held, (0, 0), 0.6).astype(np.float64) + noise
    return np.clip(soft, 0, 255).astype(np.uint8)


def from_png(data: bytes) -> NDArray[np.uint8]:
    """Return the picture in a PNG file, (height, width) uint8 grey.

    Raises:
        ValueError: The bytes are no picture.
    """
    picture = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_GRAYSCALE)
    if picture is None:
        raise ValueError("these bytes are no picture")
    return picture.astype(np.uint8, copy=False)
