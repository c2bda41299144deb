"""Builds the document scanner the configuration names, or a simulated one, and the page maker."""

from __future__ import annotations

import re
from pathlib import Path
from shutil import which
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

import msgspec

from drivers.ports import PaperSource

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from drivers.errors import DriverError
    from drivers.ports import DocumentScanner, PaperDesk, ScannedPage
    from drivers.scanner.page_maker import DocumentPageMaker
    from drivers.scanner.sane_settings import SaneSettings
    from kiosk_app.config import Config

_SIMULATED = "simulated:"
_DPI = (200, 600)
"""A flatbed's resolution: the law asks for 200 at least, and 600 fill the memory of the old PC."""
_CAMERA = re.compile(r"(\d+)(?:\?size=(\d{3,5})x(\d{3,5}))?")
MAT_S = 10.0
"""For each picture of the empty mat."""
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
    check_document_source(config)
    return _real_scanner(kind, rest)


def check_document_source(config: Config) -> None:
    """Look at what the configuration says, and open nothing.

    Raises:
        ScanError: The source cannot be used; the message says what to write.
    """
    source = config.document_scanner.source
    kind, _, rest = source.partition(":")
    if kind == "sane" and rest:
        _sane_settings(rest)
        return
    camera = kind == "camera" and _camera_at(rest) is not None
    if camera or source in {"", _SIMULATED} or (kind == "folder" and rest):
        return
    from drivers.errors import ScanError

    raise ScanError(
        f"[document_scanner] source = {source!r} is not known: "
        "write camera:0, camera:0?size=3264x2448, sane:DEVICE, folder:PATH or simulated:",
        detail=source.rpartition("@")[2],  # what stands before an @ may be a password
    )


def _real_scanner(kind: str, rest: str) -> DocumentScanner:
    if kind == "folder":
        from drivers.scanner.folder import FolderScanner

        return FolderScanner(Path(rest))
    camera = _camera_at(rest) if kind == "camera" else None
    if camera:
        from drivers.scanner.camera import CameraScanner, open_camera

        number, width, height = camera
        return CameraScanner(lambda: open_camera(number, width=width, height=height))
    from drivers.scanner.flatbed import FlatbedScanner

    return FlatbedScanner(_sane_settings(rest))


def refused_document_scanner(refused: DriverError) -> DocumentScanner:
    """Return what stands in for a document scanner that cannot be opened as configured, and says why."""
    from drivers.scanner.absent import AbsentScanner

    return AbsentScanner(refused)


def _camera_at(rest: str) -> tuple[int, int, int] | None:
    """Read `0` or `0?size=4160x3120` as number, width and height."""
    told = _CAMERA.fullmatch(rest)
    if not told:
        return None
    width, height = (int(told[2]), int(told[3])) if told[2] else _FRAME_PX
    return int(told[1]), width, height


def open_desk(scanner: DocumentScanner, config: Config) -> PaperDesk:
    """Put a scanner and a page maker together; a flatbed tells its resolution, a feeder its stack."""
    from drivers.scanner.desk import LocalDesk
    from drivers.scanner.flatbed import FlatbedScanner

    maker = open_page_maker(config, under_camera=True)
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


def learn_mat(config: Config) -> Path:
    """Photograph the empty mat under the kiosk's own camera, and return the file that keeps it.

    Raises:
        ScanError: Something lies on the mat, or the source is no camera.
        DeviceMissingError, DeviceTimeoutError: The camera gives no picture.
    """
    from drivers.scanner.mat import FILE_NAME

    desk = open_desk(open_document_scanner(config, simulate=False), config)
    try:
        desk.learn_mat(timeout_s=MAT_S)
    finally:
        desk.close()
    return config.data_dir / FILE_NAME


def learn_size(config: Config) -> Path:
    """Photograph one sheet of A4 under the kiosk's own camera, and return the file that keeps where it lay.

    Raises:
        ScanError: No A4 sheet lies there, all of it in view, or the source is no camera, or it was moved.
        DeviceMissingError, DeviceTimeoutError: The camera gives no picture.
    """
    from drivers.scanner.true_size import FILE_NAME

    if paper_source(config, simulate=False) is not PaperSource.CAMERA:
        from drivers.errors import ScanError

        raise ScanError("Only a document camera learns sizes: a scanner knows them.", detail="no_camera")
    maker = open_page_maker(config, under_camera=True)
    scanner = open_document_scanner(config, simulate=False)
    try:
        maker.learn_size(scanner.capture(timeout_s=MAT_S))
    finally:
        scanner.close()
    return config.data_dir / FILE_NAME


def paper_source(config: Config, *, simulate: bool) -> PaperSource:
    """Tell how papers will come, without opening the scanner."""
    from drivers.scanner.sane_settings import SaneSettings

    kind, _, rest = config.document_scanner.source.partition(":")
    if kind != "sane" or (simulate and _is_missing(kind, rest)):
        return PaperSource.CAMERA
    device, _, asked = rest.partition("?")
    return SaneSettings(device=device, source=parse_qs(asked).get("source", [""])[0]).paper_source


def open_page_maker(config: Config, *, under_camera: bool = False) -> DocumentPageMaker:
    """Build what turns pictures into pages and pages into a PDF.

    Args:
        config: The effective configuration; `[page_quality]` says what is good enough.
        under_camera: Whether the pictures come from the kiosk's own camera, whose empty mat may be known.
    """
    from drivers.scanner import true_size
    from drivers.scanner.hidden_text import hidden_text
    from drivers.scanner.mat import FILE_NAME
    from drivers.scanner.page_maker import DocumentPageMaker
    from drivers.scanner.quality import QualityLimits

    limits = QualityLimits(**msgspec.structs.asdict(config.page_quality))
    return DocumentPageMaker(
        limits=limits,
        mat_file=config.data_dir / FILE_NAME if under_camera else None,
        scale_file=config.data_dir / true_size.FILE_NAME if under_camera else None,
        flatten_curl=config.document_scanner.flatten_curl,
        text_of=hidden_text if config.document_scanner.text_layer else None,
    )


def lacks_reader(config: Config) -> bool:
    """Tell whether a text layer is configured and there is no tesseract to make it."""
    from drivers.scanner.hidden_text import can_read

    return config.document_scanner.text_layer and not can_read()


def photocopy_pages(pages: tuple[ScannedPage, ...]) -> bytes:
    """Return a PDF that prints as copies of these pages: A4, grey, 300 dpi, in true size."""
    from drivers.scanner.photocopy import photocopy

    return photocopy(pages)


def read_picture_file(path: Path) -> NDArray[np.uint8]:
    """Return the picture in a file, (height, width, 3) uint8 BGR.

    Raises:
        PictureUnreadableError: The file is missing, not a picture, damaged, too large or too small.
    """
    from drivers.scanner.pictures import read_paper

    return read_paper(path)


def _sane_settings(rest: str) -> SaneSettings:
    """Read `DEVICE` or `DEVICE?source=Automatic Document Feeder&dpi=300&mode=Gray`."""
    from drivers.scanner.sane_settings import DPI, SaneSettings

    device, _, asked = rest.partition("?")
    options = parse_qs(asked)
    dpi = options.get("dpi", [str(DPI)])[0]
    if not dpi.isdigit() or not _DPI[0] <= int(dpi) <= _DPI[1]:
        from drivers.errors import ScanError

        raise ScanError(
            f"[document_scanner] dpi = {dpi!r} is not possible: write {_DPI[0]} to {_DPI[1]}",
            detail=f"dpi={dpi}",
        )
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
        return not Path(f"/dev/video{rest.partition('?')[0]}").exists()
    if kind == "folder":
        return not Path(rest).is_dir()
    return not kind
