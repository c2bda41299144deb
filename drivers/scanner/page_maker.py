"""From a picture to a judged page to a PDF: the port `PageMaker`, put together from this room's tools."""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING

import numpy as np

from drivers.errors import PageNotFoundError
from drivers.ports import ScannedPage
from drivers.scanner.enhance import background, flatten, format_at, page_format, whiten, without_rim
from drivers.scanner.flat_scan import fills_frame, whole_frame
from drivers.scanner.packing import pack_page
from drivers.scanner.page_finder import find_page_quickly, search
from drivers.scanner.quality import LIMITS, burnt_share, cut_off_sides, edge_width, judge, seen_dpi
from drivers.scanner.text_lines import SOFTEST, quarter_turns, turn

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from drivers.ports import Outline
    from drivers.scanner.enhance import PageFormat
    from drivers.scanner.geometry import Quads
    from drivers.scanner.quality import QualityLimits

log = logging.getLogger(__name__)

PREVIEW_PX = 1300
"""Pictures up to this size are preview frames: a 720p frame is 1280 wide."""
SENTENCES = {"two_papers": "Leave one paper under the camera and take the other away."}
"""What to do instead of `PageNotFoundError.next_step`, by cause."""


class DocumentPageMaker:
    """Finds, flattens, whitens, turns upright, judges and binds pages. Holds no picture between calls."""

    def __init__(
        self, *, limits: QualityLimits = LIMITS, clock: Callable[[], float] = time.perf_counter
    ) -> None:
        self._limits = limits
        self._clock = clock

    def outline(self, picture: NDArray[np.uint8]) -> Outline:
        """Find the page in a picture of any size; preview frames take the quick way."""
        if max(picture.shape[:2]) <= PREVIEW_PX:
            return find_page_quickly(picture)
        return search(picture).outline

    def make_page(self, picture: NDArray[np.uint8], *, dpi: int = 0) -> ScannedPage:
        """Find, flatten, whiten, turn upright and judge one page.

        Args:
            picture: (height, width, 3) uint8 BGR, full size.
            dpi: Dots an inch where a flatbed tells, so that the page gets its true size; 0: not known.

        Raises:
            PageNotFoundError: There is no page (`detail` is `no_page`), or more than one (`two_papers`).
        """
        started = self._clock()
        outline, whole = _find(picture)
        flat, quad, size = _cut_out(picture, outline, dpi)
        if not whole:
            flat = without_rim(flat, size.dpi)
        paper = background(flat)
        white = whiten(flat, paper)
        sharpness, glare = edge_width(white), burnt_share(flat)
        problems = judge(
            sharpness=sharpness,
            glare=glare,
            darkest_paper=float(np.percentile(paper.max(axis=2), 5)),
            dpi=seen_dpi(quad, size),
            size_known=size.known,
            cut_off=() if whole else cut_off_sides(quad, (picture.shape[1], picture.shape[0])),
            limits=self._limits,
        )
        upright = turn(white, quarter_turns(white, size.dpi)) if sharpness < SOFTEST else white
        jpeg, layers = pack_page(upright)
        return ScannedPage(
            jpeg=jpeg,
            layers=layers,
            width=upright.shape[1],
            height=upright.shape[0],
            dpi=size.dpi,
            outline=outline,
            sharpness=sharpness,
            glare=glare,
            problems=problems,
            elapsed_ms=(self._clock() - started) * 1000,
        )

    def make_pdf(self, pages: tuple[ScannedPage, ...], *, title: str) -> bytes:
        """Put pages in order into one PDF/A-2b file; `title` must hold no personal data."""
        from drivers.scanner.pdf import bind

        return bind(pages, title=title)


def _find(picture: NDArray[np.uint8]) -> tuple[Outline, bool]:
    """Return where the page is, and whether it is a flat scan that fills the whole picture."""
    finding = search(picture)
    if fills_frame(picture, finding.outline):
        return whole_frame(picture), True
    if not finding.outline.found:
        log.info("scan.page_not_found", extra={"cause": finding.cause})
        raise PageNotFoundError(SENTENCES.get(finding.cause, ""), detail=finding.cause)
    return finding.outline, False


def _cut_out(
    picture: NDArray[np.uint8], outline: Outline, dpi: int
) -> tuple[NDArray[np.uint8], Quads, PageFormat]:
    """Return the flat page, its corners in the picture, and its format."""
    quad = np.array(outline.corners, dtype=np.float32)
    size = format_at(quad, dpi) if dpi else page_format(quad)
    return flatten(picture, quad, size), quad, size
