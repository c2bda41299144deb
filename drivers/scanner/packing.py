"""Chooses how a page is kept: as ink on paper where that shows the same, which is lighter, else as a JPEG."""

from __future__ import annotations

from typing import TYPE_CHECKING

from drivers.scanner.jpeg import MOST_BYTES, is_neutral, pack, to_jpeg
from drivers.scanner.layers import split

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from drivers.ports import PageLayers

SCREEN_QUALITY = 50
"""JPEG quality of a page that goes into the PDF in layers: its JPEG is looked at, and copied on paper."""


def pack_page(page: NDArray[np.uint8]) -> tuple[bytes, PageLayers | None]:
    """Return a page as a JPEG, and its layers where these are what goes into the PDF.

    Args:
        page: (height, width, 3) uint8 BGR, flattened and whitened.
    """
    layers = split(page)
    if layers is None:
        return pack(page), None
    if layers.size > MOST_BYTES:
        # A halftone of single dots is what one bit a pixel is worst at.
        jpeg = pack(page)
        return jpeg, layers if layers.size < len(jpeg) else None
    return to_jpeg(page, SCREEN_QUALITY, grey=is_neutral(page)), layers
