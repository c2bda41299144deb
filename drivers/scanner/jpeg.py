"""Packs a page as the lightest JPEG that still shows its ink, in grey where it holds no colour."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

MOST_BYTES = 220 * 1024
"""What a page may weigh: the line of a commune is thin."""
QUALITIES = (40, 50, 60)
"""Tried in this order until the ink is true enough."""
LESSER_QUALITIES = (32, 25)
"""Tried where the page is still too heavy; at 25 OCR loses no more than on the page as it was drawn."""
MOST_ERROR = 7.0
"""Root mean square step, grey levels, by which ink and its surroundings may differ from the page."""
PAPER = 235
"""Darker than this is ink, a photograph or a shade."""
COLOURED = 24
"""How far the channels of a pixel lie apart, grey levels, when it has a colour."""
MOST_COLOURED = 40
"""A page with more coloured pixels at a quarter of its size, a short signature, is kept in colour."""


def pack(page: NDArray[np.uint8]) -> bytes:
    """Return a page as a JPEG of at most MOST_BYTES, if quality 25 allows it.

    Args:
        page: (height, width, 3) uint8 BGR.
    """
    grey = is_neutral(page)
    packed = b""
    for quality in QUALITIES:
        heavier = to_jpeg(page, quality, grey=grey)
        if packed and len(heavier) > MOST_BYTES:
            break
        packed = heavier
        if ink_error(page, packed) <= MOST_ERROR:
            break
    for quality in LESSER_QUALITIES:
        if len(packed) <= MOST_BYTES:
            break
        packed = to_jpeg(page, quality, grey=grey)
    return packed


def to_jpeg(picture: NDArray[np.uint8], quality: int, *, grey: bool) -> bytes:
    """Return a picture as a progressive JPEG, in one channel or three.

    Args:
        picture: (height, width, 3) uint8 BGR.
        quality: 1 to 100, as libjpeg counts.
        grey: Keep lightness only.
    """
    kept = cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY) if grey else picture
    settings = [cv2.IMWRITE_JPEG_QUALITY, quality, cv2.IMWRITE_JPEG_OPTIMIZE, 1]
    return cv2.imencode(".jpg", kept, [*settings, cv2.IMWRITE_JPEG_PROGRESSIVE, 1])[1].tobytes()


def is_neutral(picture: NDArray[np.uint8]) -> bool:
    """Tell whether a picture holds no colour: no stamp, no signature, no tinted paper."""
    small = cv2.resize(picture, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA)
    return int((np.ptp(small, axis=2) > COLOURED).sum()) <= MOST_COLOURED


def ink_error(page: NDArray[np.uint8], packed: bytes) -> float:
    """Return by how much a JPEG differs from the page where there is more than paper, grey levels.

    Args:
        page: (height, width, 3) uint8 BGR.
        packed: The JPEG of it.
    """
    grey = cv2.cvtColor(page, cv2.COLOR_BGR2GRAY)
    shown = cv2.imdecode(np.frombuffer(packed, np.uint8), cv2.IMREAD_GRAYSCALE)
    near_ink = cv2.erode(grey, np.ones((5, 5), np.uint8)) < PAPER
    if shown is None:
        raise ValueError("libjpeg cannot read what it wrote")
    step = np.asarray(cv2.absdiff(grey, shown), np.float32)[near_ink]
    return float(np.sqrt(np.mean(step**2))) if step.size else 0.0
