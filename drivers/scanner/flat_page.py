"""Cuts a page out of its picture, makes it flat and its paper white."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from drivers.scanner.enhance import CARD_DPI, background, flatten, whiten, without_rim

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from drivers.scanner.enhance import PageFormat
    from drivers.scanner.geometry import Quads


@dataclass(frozen=True, slots=True, eq=False)
class FlatPage:
    """A page cut out."""

    flat: NDArray[np.uint8]
    """As the camera saw it, (height, width, 3) uint8 BGR."""
    paper: NDArray[np.uint8]
    """Its paper alone, from `background`."""
    white: NDArray[np.uint8]
    """With its paper white, of the size of `flat`."""
    quad: Quads
    """Where its corners lie in the picture, pixels."""
    size: PageFormat


def lay_flat(
    picture: NDArray[np.uint8], quad: Quads, size: PageFormat, *, whole: bool, uncurls: bool
) -> FlatPage:
    """Cut the page out of its picture.

    Args:
        picture: (height, width, 3) uint8 BGR.
        quad: Where its corners lie in the picture, clockwise from top-left, pixels.
        size: What to flatten to.
        whole: Whether the page fills the picture, as on a flatbed: then it has no rim to paint over.
        uncurls: Whether a page that stands up from the desk is made flat, too.
    """
    height, width = picture.shape[:2]
    if whole and abs(size.width - width) <= 1 and abs(size.height - height) <= 1:
        flat, size = picture, replace(size, width=width, height=height)  # a flat scan that has its size
    else:
        flat = flatten(picture, quad, size)
    page = _whitened(flat, quad, size, whole=whole)
    if not uncurls or size.dpi == CARD_DPI:  # plastic does not bend, but its guilloches do
        return page
    from drivers.scanner.uncurl import is_straighter, uncurl

    found = uncurl(picture, quad, size, page.white)
    if found is None:
        return page
    uncurled = _whitened(found.flat, found.quad, size, whole=whole)
    return uncurled if is_straighter(uncurled.white, page.white, size.dpi) else page


def _whitened(flat: NDArray[np.uint8], quad: Quads, size: PageFormat, *, whole: bool) -> FlatPage:
    if not whole:
        flat = without_rim(flat, size.dpi)
    paper = background(flat)
    return FlatPage(flat=flat, paper=paper, white=whiten(flat, paper), quad=quad, size=size)
