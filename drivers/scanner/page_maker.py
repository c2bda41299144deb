"""From a picture to a judged page to a PDF: the port `PageMaker`, put together from this room's tools."""

from __future__ import annotations

import logging
import time
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from drivers.errors import PageNotFoundError, ScanError
from drivers.ports import ScannedPage
from drivers.scanner.deskew import straighten
from drivers.scanner.enhance import background, flatten, format_at, page_format, whiten, without_rim
from drivers.scanner.flat_scan import fills_frame, whole_frame
from drivers.scanner.mat import keep_mat, kept_mat, mat_of
from drivers.scanner.mat_finder import search_on_mat
from drivers.scanner.packing import pack_page
from drivers.scanner.page_finder import Finding, find_page_quickly, outline_of, search
from drivers.scanner.quality import (
    LIMITS,
    PageMeasures,
    burnt_share,
    covered_share,
    judge,
    light_and_shadow,
    seen_dpi,
)
from drivers.scanner.sharpness import text_sharpness
from drivers.scanner.text_lines import SOFTEST, quarter_turns, turn

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from numpy.typing import NDArray

    from drivers.ports import Corner, Outline
    from drivers.scanner.enhance import PageFormat
    from drivers.scanner.geometry import Quads
    from drivers.scanner.quality import QualityLimits

log = logging.getLogger(__name__)

PREVIEW_PX = 1300
"""Pictures up to this size are preview frames: a 720p frame is 1280 wide."""
BLACK_OUT = 24
"""Grey level that the brightest spots of a picture reach when somebody covers the lamp."""
SENTENCES = {
    "two_papers": "Leave one paper under the camera and take the other away.",
    "too_dark": "Switch the lamp on, or do not cover it.",
}
"""What to do instead of `PageNotFoundError.next_step`, by cause."""


class DocumentPageMaker:
    """Finds, flattens, whitens, straightens, judges and binds pages. Holds no picture between calls."""

    def __init__(
        self,
        *,
        limits: QualityLimits = LIMITS,
        mat_file: Path | None = None,
        text_of: Callable[[ScannedPage], bytes] | None = None,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self._limits = limits
        self._mat_file = mat_file
        self._text_of = text_of
        self._clock = clock

    def learn_mat(self, pictures: tuple[NDArray[np.uint8], ...]) -> None:
        """Keep the look of the empty mat, so that papers on it are found more surely.

        Args:
            pictures: Several of the empty mat, taken one after the other, full size.

        Raises:
            ScanError: Something lies on the mat, or there is no place to keep its picture.
        """
        if self._mat_file is None:
            raise ScanError("Only the kiosk's own camera has a mat; set document_scanner.source.")
        if any(search(picture).outline.found for picture in pictures):
            raise ScanError("Something lies on the mat. Clear it and try again.", detail="mat_not_empty")
        keep_mat(mat_of(pictures), self._mat_file)

    def outline(self, picture: NDArray[np.uint8]) -> Outline:
        """Find the page in a picture of any size; preview frames take the quick way."""
        if max(picture.shape[:2]) <= PREVIEW_PX:
            return find_page_quickly(picture)
        return search(picture).outline

    def make_page(
        self, picture: NDArray[np.uint8], *, dpi: int = 0, corners: tuple[Corner, ...] = ()
    ) -> ScannedPage:
        """Find, flatten, whiten, straighten, turn upright and judge one page.

        Args:
            picture: (height, width, 3) uint8 BGR, full size.
            dpi: Dots an inch where a flatbed tells, so that the page gets its true size; 0: not known.
            corners: Where a person says the page lies, shares of width and height; empty: it is looked for.

        Raises:
            PageNotFoundError: There is no page (`detail` is `no_page`), or more than one (`two_papers`).
        """
        started = self._clock()
        finding, whole = (_shown(picture, corners), False) if corners else self._find(picture)
        outline = finding.outline
        flat, quad, size = _cut_out(picture, outline, dpi, whole=whole)
        if not whole:
            flat = without_rim(flat, size.dpi)
        paper = background(flat)
        white = whiten(flat, paper)
        usual, shadow = light_and_shadow(paper)
        seen = PageMeasures(
            sharpness=text_sharpness(white),
            glare=burnt_share(flat),
            light=usual,
            shadow=shadow,
            covered=covered_share(flat),
            dpi=seen_dpi(quad, size),
            size_known=size.known,
            cut_off=finding.cut_off,
        )
        upright = _upright(white, size.dpi) if seen.sharpness < SOFTEST else white
        jpeg, layers = pack_page(upright)
        return ScannedPage(
            jpeg=jpeg,
            layers=layers,
            width=upright.shape[1],
            height=upright.shape[0],
            dpi=size.dpi,
            outline=outline,
            sharpness=seen.sharpness,
            glare=seen.glare,
            problems=judge(seen, self._limits),
            elapsed_ms=(self._clock() - started) * 1000,
        )

    def _find(self, picture: NDArray[np.uint8]) -> tuple[Finding, bool]:
        """Return where the page is, and whether it is a flat scan that fills the whole picture."""
        mat = kept_mat(self._mat_file) if self._mat_file else None
        on_mat = search_on_mat(picture, mat) if mat else None
        finding = on_mat or search(picture)
        if on_mat is None and fills_frame(picture, finding.outline):
            return Finding(outline=whole_frame(picture)), True
        if not finding.outline.found:
            dark = np.percentile(picture[::16, ::16].max(axis=2), 98) < BLACK_OUT
            cause = "too_dark" if dark else finding.cause
            log.info("scan.page_not_found", extra={"cause": cause})
            raise PageNotFoundError(SENTENCES.get(cause, ""), detail=cause)
        return finding, False

    def make_pdf(self, pages: tuple[ScannedPage, ...], *, title: str) -> bytes:
        """Put pages in order into one PDF/A-2b file; `title` must hold no personal data."""
        from drivers.scanner.pdf import bind

        return bind(pages, title=title, text_of=self._text_of)


def _shown(picture: NDArray[np.uint8], corners: tuple[Corner, ...]) -> Finding:
    """Return the page a person has shown."""
    size = np.array([picture.shape[1] - 1, picture.shape[0] - 1], np.float32)
    return Finding(outline=outline_of(np.array(corners, np.float32) * size, 1.0))


def _cut_out(
    picture: NDArray[np.uint8], outline: Outline, dpi: int, *, whole: bool
) -> tuple[NDArray[np.uint8], Quads, PageFormat]:
    """Return the flat page, its corners in the picture, and its format.

    A flat scan that has its size already, but for a pixel, is the page as it is.
    """
    quad = np.array(outline.corners, dtype=np.float32)
    size = format_at(quad, dpi) if dpi else page_format(quad)
    height, width = picture.shape[:2]
    if whole and abs(size.width - width) <= 1 and abs(size.height - height) <= 1:
        return picture, quad, replace(size, width=width, height=height)
    return flatten(picture, quad, size), quad, size


def _upright(white: NDArray[np.uint8], dpi: int) -> NDArray[np.uint8]:
    """Return the page with its text level and its head at the top."""
    level = straighten(white, dpi)
    return turn(level, quarter_turns(level, dpi))
