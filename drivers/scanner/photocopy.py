"""Makes photocopies: each sheet A4 in grey at 300 dots an inch, papers in true size as a copier lays them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import cv2
import numpy as np

from drivers.scanner.jpeg import to_jpeg
from drivers.scanner.pdf import bind, on_sheets

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from drivers.ports import ScannedPage

DPI = 300
A4_PX = (2480, 3508)
"""A4 at 300 dpi, width and height."""
QUALITY = 75
"""JPEG quality; a copy goes to the printer beside the kiosk, not over a thin line."""
TITLE = "Bản chụp"


def photocopy(pages: tuple[ScannedPage, ...]) -> bytes:
    """Return a PDF that prints as photocopies of these pages; the two sides of a card come on one sheet.

    Args:
        pages: At least one page.
    """
    return bind(tuple(_copied(sheet) for sheet in on_sheets(pages)), title=TITLE)


def _copied(pages: tuple[ScannedPage, ...]) -> ScannedPage:
    """Return one sheet with these pages on it, one under the other."""
    sheet = np.full((A4_PX[1], A4_PX[0]), 255, np.uint8)
    row = A4_PX[1] // len(pages)
    for number, page in enumerate(pages):
        shown = _in_true_size(page, (A4_PX[0], row))
        height, width = shown.shape
        top, left = number * row + (row - height) // 2, (A4_PX[0] - width) // 2
        sheet[top : top + height, left : left + width] = shown
    jpeg = to_jpeg(np.asarray(cv2.cvtColor(sheet, cv2.COLOR_GRAY2BGR), np.uint8), QUALITY, grey=True)
    return replace(pages[0], jpeg=jpeg, layers=None, width=A4_PX[0], height=A4_PX[1], dpi=DPI)


def _in_true_size(page: ScannedPage, room: tuple[int, int]) -> NDArray[np.uint8]:
    """Return the page in grey at 300 dpi, turned where only that fits, smaller where nothing fits.

    Args:
        page: The page.
        room: Width and height it may have, pixels.
    """
    grey = cv2.imdecode(np.frombuffer(page.jpeg, np.uint8), cv2.IMREAD_GRAYSCALE)
    if grey is None:
        raise ValueError("a page holds a JPEG that cannot be read")
    if page.width > page.height and page.width * DPI > room[0] * page.dpi:
        grey = cv2.rotate(grey, cv2.ROTATE_90_CLOCKWISE)
    scale = min(DPI / page.dpi, room[0] / grey.shape[1], room[1] / grey.shape[0])
    size = (min(round(grey.shape[1] * scale), room[0]), min(round(grey.shape[0] * scale), room[1]))
    return np.asarray(cv2.resize(grey, size, interpolation=cv2.INTER_CUBIC), np.uint8)
