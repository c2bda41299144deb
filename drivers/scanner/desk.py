"""A document scanner and a page maker at one desk, in this process."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from drivers.errors import ScanError
from drivers.ports import Glance, PaperSource, never
from drivers.scanner.stopping import go_on

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from drivers.ports import (
        Corner,
        DeviceStatus,
        DocumentScanner,
        PageMaker,
        ScannedPage,
        SheetFeeder,
        Stop,
    )

MAT_PICTURES = 3
"""Pictures of the empty mat: their mean has less of the sensor's noise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalDesk:
    """Implements `drivers.ports.PaperDesk` by the two devices it is given."""

    scanner: DocumentScanner
    maker: PageMaker
    feeder: SheetFeeder | None = None
    """The scanner again, where it draws sheets in."""
    source: PaperSource = PaperSource.CAMERA
    dpi: int = 0
    """Dots an inch of a flatbed or feeder, which sees every paper at one resolution; 0: a camera."""

    def glance(self) -> Glance | None:
        """Return the newest small frame with its outline, or None when there is none yet."""
        frame = self.scanner.preview()
        if frame is None:
            return None
        height, width = frame.shape[:2]
        return Glance(width=width, height=height, bgr=frame.tobytes(), outline=self.maker.outline(frame))

    def take_page(self, *, timeout_s: float, stop: Stop = never) -> ScannedPage:
        """Take one full-size picture and make a page of it."""
        return self._made(self.scanner.capture(timeout_s=timeout_s, stop=stop))

    def take_framed(
        self, corners: tuple[Corner, ...], *, timeout_s: float, stop: Stop = never
    ) -> ScannedPage:
        """Take one full-size picture and make a page of what lies between these corners."""
        picture = self.scanner.capture(timeout_s=timeout_s, stop=stop)
        return self.maker.make_page(picture, dpi=self.dpi, corners=corners)

    def take_pages(self, *, timeout_s: float, stop: Stop = never) -> tuple[ScannedPage, ...]:
        """Take all that lies there; blank backs of a stack are left out."""
        from drivers.scanner.layers import is_blank

        if self.feeder is None:
            return (self.take_page(timeout_s=timeout_s, stop=stop),)
        pages = []
        for side in self.feeder.sheets(timeout_s=timeout_s, stop=stop):
            go_on(stop)
            pages.append(self._made(side))
        return tuple(page for page in pages if not is_blank(page)) or tuple(pages[:1])

    def _made(self, picture: NDArray[np.uint8]) -> ScannedPage:
        return self.maker.make_page(picture, dpi=self.dpi, drawn_in=self.feeder is not None)

    def learn_mat(self, *, timeout_s: float) -> None:
        """Photograph the empty mat and keep its look."""
        if self.source is not PaperSource.CAMERA:
            raise ScanError("Only a document camera looks at a mat.", detail="no_mat")
        pictures = tuple(self.scanner.capture(timeout_s=timeout_s) for _ in range(MAT_PICTURES))
        self.maker.learn_mat(pictures)

    def make_pdf(self, pages: tuple[ScannedPage, ...], *, title: str) -> bytes:
        """Put pages in order into one PDF/A-2b file."""
        return self.maker.make_pdf(pages, title=title)

    def photocopy(self, pages: tuple[ScannedPage, ...]) -> bytes:
        """Return a PDF that prints as copies of these pages."""
        from drivers.scanner.photocopy import photocopy

        return photocopy(pages)

    def status(self) -> DeviceStatus:
        """Tell how the camera is."""
        return self.scanner.status()

    def close(self) -> None:
        """Let the camera go."""
        self.scanner.close()
