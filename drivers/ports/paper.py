"""Papers: where the page lies, what became of it, and who takes the picture."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from drivers.ports.device import Device, never

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np
    from numpy.typing import NDArray

    from drivers.ports.device import Stop


Corner = tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outline:
    """Where the page lies in the picture: four `(x, y)` corners in input pixels, clockwise from top-left."""

    found: bool
    corners: tuple[Corner, Corner, Corner, Corner] | None = None
    confidence: float = 0.0
    cause: str = ""
    """In the live picture, why none should be taken yet: `no_page`, `two_papers`, `cut_off_SIDE`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PageProblem:
    """Something wrong with a scanned page. `blocking` means the page must be taken again."""

    code: str
    """`cut_off_left` (right, top, bottom), `blurred`, `glare`, `too_dark`, `shadow`,
    `covered` or `too_small`."""
    blocking: bool
    value: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class PageLayers:
    """A page kept as ink on paper: where ink is, which colour it has, and what lies under it."""

    ink: bytes = field(repr=False)
    """CCITT Group 4, 1 bit a pixel; black is ink."""
    ink_size: tuple[int, int]
    """Its width and height, pixels: finer than the page, whose accents one bit a pixel would lose."""
    colours: bytes = field(default=b"", repr=False)
    """A small JPEG with the colour of the ink; empty where all of it is black."""
    paper: bytes = field(default=b"", repr=False)
    """A small JPEG of the paper without its ink; empty where it is white."""
    untouched: bool = False
    """Nothing at all was on the page, not even marks too faint for the layers."""

    @property
    def size(self) -> int:
        """Bytes of all three."""
        return len(self.ink) + len(self.colours) + len(self.paper)


@dataclass(frozen=True, slots=True, kw_only=True)
class ScannedPage:
    """One flattened, whitened, judged page, kept as JPEG in memory only."""

    jpeg: bytes = field(repr=False)
    width: int
    """Pixels."""
    height: int
    """Pixels."""
    dpi: int
    outline: Outline
    sharpness: float
    """Edge width of letters in pixels after whitening; 2 is sharp, above 4.5 is unreadable (SCAN.md)."""
    glare: float
    """Share of page pixels burnt out, 0.0 to 1.0."""
    problems: tuple[PageProblem, ...] = ()
    elapsed_ms: float = 0.0
    layers: PageLayers | None = field(default=None, repr=False)
    """What goes into the PDF where it is lighter than `jpeg` and shows the same."""

    @property
    def acceptable(self) -> bool:
        """True when nothing blocks this page from being handed in."""
        return not any(problem.blocking for problem in self.problems)


class DocumentScanner(Device, Protocol):
    """A document camera, a flatbed, a folder of pictures, or a simulated desk with papers on it."""

    def preview(self) -> NDArray[np.uint8] | None:
        """Return the newest small frame (about 720 px high, BGR) or None when there is none yet."""
        ...

    def capture(self, *, timeout_s: float, stop: Stop = never) -> NDArray[np.uint8]:
        """Take one full-size picture (BGR).

        Args:
            timeout_s: Bounds the picture, seconds.
            stop: True ends the waiting.

        Raises:
            DeviceMissingError: The camera is gone.
            DeviceTimeoutError: No picture in time.
            ScanError: It was stopped: `detail` is `stopped`.
        """
        ...


class SheetFeeder(Protocol):
    """A document feeder."""

    def sheets(self, *, timeout_s: float, stop: Stop = never) -> Iterator[NDArray[np.uint8]]:
        """Scan everything that lies in the feeder, side by side, each (height, width, 3) uint8 BGR.

        Args:
            timeout_s: Bounds each side, seconds.
            stop: True ends the stack; what lies in the feeder stays there.

        Raises:
            DeviceMissingError, DeviceBusyError: SANE does not know the scanner; another program scans.
            DeviceTimeoutError: A side did not come in time.
            ScanError: Paper is stuck or missing, the lid is open, or it was stopped: `detail` says which.
        """
        ...


class PageMaker(Protocol):
    """Turns pictures of papers into pages and pages into one PDF."""

    def outline(self, picture: NDArray[np.uint8]) -> Outline:
        """Find the page in a picture of any size, fast enough for a live preview."""
        ...

    def learn_mat(self, pictures: tuple[NDArray[np.uint8], ...]) -> None:
        """Keep the look of the empty mat.

        Raises:
            ScanError: Something lies there (`detail` is `mat_not_empty`), it is not to be seen (`mat_dark`,
                `mat_bright`), the pictures differ (`mat_changed`), or there is no mat (`no_mat`).
        """
        ...

    def make_page(
        self,
        picture: NDArray[np.uint8],
        *,
        dpi: int = 0,
        drawn_in: bool = False,
        corners: tuple[Corner, ...] = (),
    ) -> ScannedPage:
        """Find, flatten, whiten and judge one page.

        Args:
            picture: (height, width, 3) uint8 BGR, full size.
            dpi: Dots an inch where a flatbed tells, so that the page gets its true size; 0: not known.
            drawn_in: Whether a feeder drew the sheet in, so that all of it is in the picture.
            corners: Where a person says the page lies, shares of width and height; empty: it is looked for.

        Raises:
            PageNotFoundError: There is no page, or more than one candidate that cannot be told apart.
        """
        ...

    def make_pdf(self, pages: tuple[ScannedPage, ...], *, title: str) -> bytes:
        """Put pages in order into one PDF/A-2b file; `title` must hold no personal data."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Glance:
    """A small camera frame for the screen, and where the page lies in it.

    `bgr` is `height * width * 3` bytes, row by row, blue first.
    """

    width: int
    height: int
    bgr: bytes = field(repr=False)
    outline: Outline


class PaperSource(StrEnum):
    """How papers come to the desk: seen live, laid face down, or drawn in from a stack."""

    CAMERA = "camera"
    FLATBED = "flatbed"
    FEEDER = "feeder"


class PaperDesk(Device, Protocol):
    """A `DocumentScanner` and a `PageMaker` in one, perhaps in its own process; raises what they raise.

    What is stopped raises `ScanError` with `detail` `stopped`, within seconds, and leaves no picture behind.
    """

    @property
    def source(self) -> PaperSource:
        """How papers come; only a camera gives glances."""
        ...

    def glance(self) -> Glance | None:
        """Return the newest small frame with its outline, or None when there is none yet."""
        ...

    def take_page(self, *, timeout_s: float, stop: Stop = never) -> ScannedPage:
        """Take one full-size picture and make a page of it.

        Args:
            timeout_s: Bounds the picture, seconds.
            stop: True ends it, at any moment.
        """
        ...

    def take_framed(
        self, corners: tuple[Corner, ...], *, timeout_s: float, stop: Stop = never
    ) -> ScannedPage:
        """Take one full-size picture and make a page of what lies between these corners.

        Args:
            corners: Four, as shares of the picture's width and height, clockwise from top-left.
            timeout_s: Bounds the picture, seconds.
            stop: True ends it, at any moment.
        """
        ...

    def take_pages(self, *, timeout_s: float, stop: Stop = never) -> tuple[ScannedPage, ...]:
        """Take all that lies there: of a feeder every written side in order, else one page.

        Args:
            timeout_s: Bounds each side, seconds.
            stop: True ends it, at any moment.
        """
        ...

    def learn_mat(self, *, timeout_s: float) -> None:
        """Photograph the empty mat and keep its look, so that papers on it are found more surely.

        Args:
            timeout_s: Bounds each picture, seconds.

        Raises:
            ScanError: Something lies there (`detail` is `mat_not_empty`), it is not to be seen (`mat_dark`,
                `mat_bright`), the pictures differ (`mat_changed`), or there is no mat (`no_mat`).
        """
        ...

    def make_pdf(self, pages: tuple[ScannedPage, ...], *, title: str) -> bytes:
        """Put pages in order into one PDF/A-2b file; `title` must hold no personal data."""
        ...

    def photocopy(self, pages: tuple[ScannedPage, ...]) -> bytes:
        """Return a PDF that prints as copies of these pages: A4, grey, 300 dpi, in true size."""
        ...
