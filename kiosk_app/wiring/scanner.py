"""Builds the document scanner the configuration names, or a simulated one, and the page maker."""

from __future__ import annotations

from pathlib import Path
from shutil import which
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from drivers.ports import PaperSource

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from drivers.ports import DocumentScanner, PageMaker, PaperDesk, ScannedPage
    from drivers.scanner.sane_settings import SaneSettings
    from kiosk_app.config import Config

_SIMULATED = "simulated:"
_DPI = (200, 600)
"""A flatbed's resolution: the law asks for 200 at least, and 600 fill the memory of the old PC."""
_FRAME_PX = (3264, 2448)
"""8 megapixels: A4 at 200 dpi with room around it."""


def open_document_scanner(config: Config, *, simulate: bool) -> DocumentScanner:
    """Build the document scanner; the caller closes it.

    A `SimulatedScanner` stands in where the source is `simulated:`, and, with `simulate`, where none is
    configured or its device file or folder is not there.

    Args:
        config: The effective configuration.
        simulate: Whether missing devices are simulated.

    Raises:
        ScanError: The source cannot be used; the message says what to write.
    """
    source = config.document_scanner.source
    kind, _, rest = source.partition(":")
    if source == _SIMULATED or (simulate and _is_missing(kind, rest)):
        from drivers.simulated.scanner.scanner import SimulatedScanner

        return SimulatedScanner()
    if not source:
        from drivers.scanner.absent import AbsentScanner

        return AbsentScanner()
    return _real_scanner(source, kind, rest)


def _real_scanner(source: str, kind: str, rest: str) -> DocumentScanner:
    if kind == "folder" and rest:
        from drivers.scanner.folder import FolderScanner

        return FolderScanner(Path(rest))
    if kind == "camera" and rest.isdigit():
        from drivers.scanner.camera import CameraScanner, open_camera

        width, height = _FRAME_PX
        return CameraScanner(lambda: open_camera(int(rest), width=width, height=height))
    if kind == "sane" and rest:
        from drivers.scanner.flatbed import FlatbedScanner

        return FlatbedScanner(_sane_settings(rest))
    from drivers.errors import ScanError

    raise ScanError(
        f"[document_scanner] source = {source!r} is not known: "
        "write camera:0, sane:DEVICE, folder:PATH or simulated:"
    )


def open_desk(scanner: DocumentScanner, config: Config) -> PaperDesk:
    """Put a scanner and a page maker together; a flatbed tells its resolution, a feeder its stack."""
    from drivers.scanner.desk import LocalDesk
    from drivers.scanner.flatbed import FlatbedScanner

    maker = open_page_maker(config)
    if not isinstance(scanner, FlatbedScanner):
        return LocalDesk(scanner=scanner, maker=maker)
    source = scanner.settings.paper_source
    return LocalDesk(
        scanner=scanner,
        maker=maker,
        feeder=scanner if source is PaperSource.FEEDER else None,
        source=source,
        dpi=scanner.settings.dpi,
    )


def paper_source(config: Config, *, simulate: bool) -> PaperSource:
    """Tell how papers will come, without opening the scanner."""
    from drivers.scanner.sane_settings import SaneSettings

    kind, _, rest = config.document_scanner.source.partition(":")
    if kind != "sane" or (simulate and _is_missing(kind, rest)):
        return PaperSource.CAMERA
    device, _, asked = rest.partition("?")
    return SaneSettings(device=device, source=parse_qs(asked).get("source", [""])[0]).paper_source


def open_page_maker(config: Config) -> PageMaker:  # noqa: ARG001 - every room is built from the configuration
    """Build what turns pictures into pages and pages into a PDF."""
    from drivers.scanner.page_maker import DocumentPageMaker

    return DocumentPageMaker()


def photocopy_pages(pages: tuple[ScannedPage, ...]) -> bytes:
    """Return a PDF that prints as copies of these pages: A4, grey, 300 dpi, in true size."""
    from drivers.scanner.photocopy import photocopy

    return photocopy(pages)


def read_picture_file(path: Path) -> NDArray[np.uint8]:
    """Return the picture in a file, (height, width, 3) uint8 BGR.

    Raises:
        PictureUnreadableError: The file is missing, not a picture, damaged, or too large.
    """
    from drivers.scanner.pictures import read_picture

    return read_picture(path)


def _sane_settings(rest: str) -> SaneSettings:
    """Read `DEVICE` or `DEVICE?source=Automatic Document Feeder&dpi=300&mode=Gray`."""
    from drivers.scanner.sane_settings import DPI, SaneSettings

    device, _, asked = rest.partition("?")
    options = parse_qs(asked)
    dpi = options.get("dpi", [str(DPI)])[0]
    if not dpi.isdigit() or not _DPI[0] <= int(dpi) <= _DPI[1]:
        from drivers.errors import ScanError

        raise ScanError(f"[document_scanner] dpi = {dpi!r} is not possible: write {_DPI[0]} to {_DPI[1]}")
    return SaneSettings(
        device=device,
        dpi=int(dpi),
        mode=options.get("mode", ["Color"])[0],
        source=options.get("source", [""])[0],
    )


def _is_missing(kind: str, rest: str) -> bool:
    """Tell whether there is plainly nothing at the source."""
    if kind == "sane":
        return which("scanimage") is None
    if kind == "camera":
        return not Path(f"/dev/video{rest}").exists()
    if kind == "folder":
        return not Path(rest).is_dir()
    return not kind
