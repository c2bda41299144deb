"""From a picture to a judged page to a PDF: the port `PageMaker`, put together from this room's tools."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from drivers.errors import PageNotFoundError, ScanError
from drivers.ports import ScannedPage
from drivers.scanner.deskew import straighten
from drivers.scanner.enhance import format_at, page_format
from drivers.scanner.flat_page import lay_flat
from drivers.scanner.flat_scan import fills_frame, whole_frame
from drivers.scanner.live_finder import LiveFinder, said
from drivers.scanner.mat import MatFile, keep_mat, mat_of
from drivers.scanner.mat_finder import search_on_mat
from drivers.scanner.packing import pack_page
from drivers.scanner.page_finder import Finding, outline_of, search
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
from drivers.scanner.true_size import CameraScale, keep_scale, kept_scale, true_format

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


@dataclass(frozen=True, slots=True)
class _Found:
    """Where the page is."""

    finding: Finding
    whole: bool = False
    """It is a flat scan that fills the whole picture."""
    moved: bool = False
    """The mat that was learnt is not known again: what was learnt of this camera does not hold."""


class DocumentPageMaker:
    """Finds, flattens, whitens, straightens, judges and binds pages.

    Of pictures it holds nothing between calls but a few thousand points of the last preview frame.
    """

    def __init__(
        self,
        *,
        limits: QualityLimits = LIMITS,
        mat_file: Path | None = None,
        scale_file: Path | None = None,
        flatten_curl: bool = True,
        text_of: Callable[[ScannedPage], bytes] | None = None,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self._limits = limits
        self._mat_file = mat_file
        self._mat = MatFile(mat_file)
        self._live = LiveFinder(self._mat.mat)
        self._scale_file = scale_file
        self._flatten_curl = flatten_curl
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
            raise ScanError(
                "Only the kiosk's own camera has a mat; set document_scanner.source.", detail="no_mat"
            )
        if any(search(picture).outline.found for picture in pictures):
            raise ScanError("Something lies on the mat. Clear it and try again.", detail="mat_not_empty")
        keep_mat(mat_of(pictures), self._mat_file)

    def learn_size(self, picture: NDArray[np.uint8]) -> None:
        """Keep where a sheet of A4 lies, so that all papers get their true size.

        Args:
            picture: Of one whole sheet of A4 under the camera, full size.

        Raises:
            ScanError: There is no A4 sheet, or a side of it is cut off, or no place to keep what was learnt.
        """
        if self._scale_file is None:
            raise ScanError("Only the kiosk's own camera learns sizes; set document_scanner.source.")
        found = self._find(picture)
        frame = (picture.shape[1], picture.shape[0])
        if found.whole or found.finding.cut_off:
            raise ScanError("Lay one A4 sheet flat, all four corners in view.", detail="not_a4")
        keep_scale(
            CameraScale.of(np.array(found.finding.outline.corners, np.float32), frame), self._scale_file
        )

    def outline(self, picture: NDArray[np.uint8]) -> Outline:
        """Find the page in a picture of any size; of preview frames the last is remembered."""
        if max(picture.shape[:2]) <= PREVIEW_PX:
            return self._live.outline(picture)
        return said(search(picture))

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
        found = _Found(_shown(picture, corners)) if corners else self._find(picture)
        finding, outline = found.finding, found.finding.outline
        quad = np.array(outline.corners, dtype=np.float32)
        size = self._format(picture, quad, dpi, found)
        page = lay_flat(picture, quad, size, whole=found.whole, uncurls=self._flatten_curl)
        size = page.size
        measures = _measures(page.flat, page.paper, sharpness=text_sharpness(page.white))
        seen = replace(
            measures, dpi=seen_dpi(page.quad, size), size_known=size.known, cut_off=finding.cut_off
        )
        upright = _upright(page.white, size.dpi) if seen.sharpness < SOFTEST else page.white
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

    def _find(self, picture: NDArray[np.uint8]) -> _Found:
        mat = self._mat.mat()
        on_mat = search_on_mat(picture, mat) if mat else None
        finding = on_mat or search(picture)
        if on_mat is None and fills_frame(picture, finding.outline):
            return _Found(Finding(outline=whole_frame(picture)), whole=True)
        if not finding.outline.found:
            dark = np.percentile(picture[::16, ::16].max(axis=2), 98) < BLACK_OUT
            cause = "too_dark" if dark else finding.cause
            log.info("scan.page_not_found", extra={"cause": cause})
            raise PageNotFoundError(SENTENCES.get(cause, ""), detail=cause)
        return _Found(finding, moved=mat is not None and on_mat is None)

    def _format(self, picture: NDArray[np.uint8], quad: Quads, dpi: int, found: _Found) -> PageFormat:
        """Return the format of the page: of its true size where a flatbed or a learnt sheet tells it."""
        if dpi:
            return format_at(quad, dpi)
        height, width = picture.shape[:2]
        scale = None
        if self._scale_file and not found.whole and not found.moved:
            scale = kept_scale(self._scale_file)
        if scale is None or not scale.fits((width, height)):
            return page_format(quad)
        return true_format(scale, quad, (width, height))

    def make_pdf(self, pages: tuple[ScannedPage, ...], *, title: str) -> bytes:
        """Put pages in order into one PDF/A-2b file; `title` must hold no personal data."""
        from drivers.scanner.pdf import bind

        return bind(pages, title=title, text_of=self._text_of)


def _shown(picture: NDArray[np.uint8], corners: tuple[Corner, ...]) -> Finding:
    """Return the page a person has shown."""
    size = np.array([picture.shape[1] - 1, picture.shape[0] - 1], np.float32)
    return Finding(outline=outline_of(np.array(corners, np.float32) * size, 1.0))


def _measures(flat: NDArray[np.uint8], paper: NDArray[np.uint8], *, sharpness: float) -> PageMeasures:
    """Return what light and glare did to the page; how finely it was seen is the caller's to add.

    Args:
        flat: The flattened page, (h, w, 3) uint8 BGR.
        paper: Its paper alone, from `background`.
        sharpness: From `text_sharpness`.
    """
    usual, shadow = light_and_shadow(paper)
    return PageMeasures(
        sharpness=sharpness,
        glare=burnt_share(flat),
        light=usual,
        shadow=shadow,
        covered=covered_share(flat),
        dpi=0.0,
    )


def _upright(white: NDArray[np.uint8], dpi: int) -> NDArray[np.uint8]:
    """Return the page with its text level and its head at the top."""
    level = straighten(white, dpi)
    return turn(level, quarter_turns(level, dpi))
