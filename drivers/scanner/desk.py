"""A document scanner and a page maker at one desk, in this process."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from drivers.ports import Glance

if TYPE_CHECKING:
    from drivers.ports import DeviceStatus, DocumentScanner, PageMaker, ScannedPage


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalDesk:
    """Implements `drivers.ports.PaperDesk` by the two devices it is given."""

    scanner: DocumentScanner
    maker: PageMaker

    def glance(self) -> Glance | None:
        """Return the newest small frame with its outline, or None when there is none yet."""
        frame = self.scanner.preview()
        if frame is None:
            return None
        height, width = frame.shape[:2]
        return Glance(width=width, height=height, bgr=frame.tobytes(), outline=self.maker.outline(frame))

    def take_page(self, *, timeout_s: float) -> ScannedPage:
        """Take one full-size picture and make a page of it."""
        return self.maker.make_page(self.scanner.capture(timeout_s=timeout_s))

    def make_pdf(self, pages: tuple[ScannedPage, ...], *, title: str) -> bytes:
        """Put pages in order into one PDF/A-2b file."""
        return self.maker.make_pdf(pages, title=title)

    def status(self) -> DeviceStatus:
        """Tell how the camera is."""
        return self.scanner.status()

    def close(self) -> None:
        """Let the camera go."""
        self.scanner.close()
