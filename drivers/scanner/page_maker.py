"""From a picture to a judged page to a PDF: the port `PageMaker`, put together from this room's tools."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from drivers.errors import PageNotFoundError, ScanError
from drivers.ports import ScannedPage
from drivers.scanner.bare_mat import check_bare
from drivers.scanner.bed_page import paper_on_bed
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
    from drivers.scanner.flat_page import FlatPage
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
            ScanError: Something lies on the mat, it cannot be seen, the pictures differ, or there is no
                place to keep its picture; `detail` says which.
        """
        if self._mat_file is None:
            raise ScanError(
                "Only the kiosk's own camera has a mat; set document_scanner.source.", detail="no_mat"
            )
        check_bare(pictures)
        keep_mat(mat_of(pictures), self._mat_file)

    def learn_size(self, picture: NDArray[np.uint8]) -> None:
        """Keep where a sheet of A4 lies, so that all papers get their true size.

        Args:
            picture: Of one whole sheet of A4 under the camera, full size.

        Raises:
            ScanError: There is no A4 sheet, or a side of it is cut off, or the camera was moved since it saw
                its mat, or no place to keep what was learnt.
        """
        if self._scale_file is None:
            raise ScanError("Only the kiosk's own camera learns sizes; set document_scanner.source.")
        found = self._find(picture)
        if found.moved:  # then no size that is kept would be used
            raise ScanError(
                "The camera or the mat was moved. Learn the empty mat anew (kiosk scan --learn-mat), "
                "then the size.",
                detail="mat_moved",
            )
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
        self,
        picture: NDArray[np.uint8],
        *,
        dpi: int = 0,
        drawn_in: bool = False,
        corners: tuple[Corner, ...] = (),
    ) -> ScannedPage:
        """Find, flatten, whiten, straighten, turn upright and judge one page.

        Args:
            picture: (height, width, 3) uint8 BGR, full size.
            dpi: Dots an inch where a flatbed tells, so that the page gets its true size; 0: not known.
            drawn_in: Whether a feeder drew the sheet in, so that all of it is in the picture.
            corners: Where a person says the page lies, shares of width and height; empty: it is looked for.

        Raises:
            PageNotFoundError: There is no page (`detail` is `no_page`), or more than one (`two_papers`); a
                flatbed's picture is black (`too_dark`). Never of a sheet drawn in: it is there.
        """
        started = self._clock()
        found = self._place(picture, corners, scanned=bool(dpi), drawn_in=drawn_in)
        quad = np.array(found.finding.outline.corners, dtype=np.float32)
        size = self._format(picture, quad, dpi, found)
        page = lay_flat(picture, quad, size, whole=found.whole, uncurls=self._flatten_curl)
        seen = replace(_measures(page), cut_off=found.finding.cut_off)
        if dpi or drawn_in:
            seen = _in_own_light(seen, self._limits, drawn_in=drawn_in)
        upright = _upright(page.white, page.size.dpi) if seen.sharpness < SOFTEST else page.white
        made = _packed(upright, page.size.dpi, found.finding.outline, seen)
        elapsed_ms = (self._clock() - started) * 1000
        return replace(made, problems=judge(seen, self._limits), elapsed_ms=elapsed_ms)

    def _place(
        self, picture: NDArray[np.uint8], corners: tuple[Corner, ...], *, scanned: bool, drawn_in: bool
    ) -> _Found:
        """Return where the page lies, by whoever knows best: a person, the scanner, the page finder."""
        if corners:
            return _Found(_shown(picture, corners))
        return _scanned(picture, drawn_in=drawn_in) if scanned or drawn_in else self._find(picture)

    def _find(self, picture: NDArray[np.uint8]) -> _Found:
        mat = self._mat.mat()
        on_mat = search_on_mat(picture, mat) if mat else None
        finding = on_mat or search(picture)
        if on_mat is None and fills_frame(picture, finding.outline):
            return _Found(Finding(outline=whole_frame(picture)), whole=True)
        if not finding.outline.found:
            raise _no_page("too_dark" if _is_black(picture) else finding.cause)
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


def _scanned(picture: NDArray[np.uint8], *, drawn_in: bool) -> _Found:
    """Return where the page lies in a scanner's picture: a sheet drawn in cannot be missing or cut off."""
    if not drawn_in and _is_black(picture):
        raise _no_page("too_dark")
    smaller = paper_on_bed(picture, drawn_in=drawn_in)
    if smaller is None:
        return _Found(Finding(outline=whole_frame(picture)), whole=True)
    return _Found(Finding(outline=smaller))


def _is_black(picture: NDArray[np.uint8]) -> bool:
    return bool(np.percentile(picture[::16, ::16].max(axis=2), 98) < BLACK_OUT)


def _no_page(cause: str) -> PageNotFoundError:
    log.info("scan.page_not_found", extra={"cause": cause})
    return PageNotFoundError(SENTENCES.get(cause, ""), detail=cause)


def _shown(picture: NDArray[np.uint8], corners: tuple[Corner, ...]) -> Finding:
    """Return the page a person has shown."""
    size = np.array([picture.shape[1] - 1, picture.shape[0] - 1], np.float32)
    return Finding(outline=outline_of(np.array(corners, np.float32) * size, 1.0))


def _measures(page: FlatPage) -> PageMeasures:
    """Return how sharply and finely the page was seen, and what light and glare did to it."""
    usual, shadow = light_and_shadow(page.paper)
    return PageMeasures(
        sharpness=text_sharpness(page.white),
        glare=burnt_share(page.flat),
        light=usual,
        shadow=shadow,
        covered=covered_share(page.flat),
        dpi=seen_dpi(page.quad, page.size),
        size_known=page.size.known,
    )


def _packed(upright: NDArray[np.uint8], dpi: int, outline: Outline, seen: PageMeasures) -> ScannedPage:
    """Return the page as it is kept, not yet judged."""
    jpeg, layers = pack_page(upright)
    return ScannedPage(
        jpeg=jpeg,
        layers=layers,
        width=upright.shape[1],
        height=upright.shape[0],
        dpi=dpi,
        outline=outline,
        sharpness=seen.sharpness,
        glare=seen.glare,
    )


def _in_own_light(seen: PageMeasures, limits: QualityLimits, *, drawn_in: bool) -> PageMeasures:
    """Return what was measured on a scanner's page without what only lamps and hands over a desk can do.

    A scanner has its own lamp under its lid: what looks like glare, fingers or a shadow is printed there (a
    white field on tinted paper, a letterhead's band), and no second try could mend it. But on the glass a
    thick book leaves a shadow at its spine, so there it is worth a warning.
    """
    shadow = 1.0 if drawn_in else max(seen.shadow, limits.shadow_refuse)
    return replace(seen, glare=0.0, covered=0.0, shadow=shadow)


def _upright(white: NDArray[np.uint8], dpi: int) -> NDArray[np.uint8]:
    """Return the page with its text level and its head at the top."""
    level = straighten(white, dpi)
    return turn(level, quarter_turns(level, dpi))
