"""Builds the QR scanner the configuration names, or a simulated one, and reads codes in pictures."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    from numpy.typing import NDArray

    from drivers.errors import DriverError
    from drivers.ports import CodePayload, CodeScanner
    from drivers.qr.wedge import WedgeCodeScanner
    from kiosk_app.config import Config

_SIMULATED = "simulated:"
WEDGE = "wedge:"
_FRAME_PX = (1280, 720)


def open_code_scanner(config: Config, *, simulate: bool) -> CodeScanner:
    """Build the QR scanner; the caller closes it.

    A `SimulatedCodeScanner` stands in where the source is `simulated:`, and, with `simulate`, where none is
    configured or its device file or folder is not there.

    Args:
        config: The effective configuration.
        simulate: Whether missing devices are simulated.

    Raises:
        DriverError: The source cannot be used; the message says what to write.
    """
    source = config.qr_scanner.source
    kind, _, rest = source.partition(":")
    if source == _SIMULATED or (simulate and _is_missing(kind, rest)):
        from drivers.simulated.codes import SimulatedCodeScanner

        return SimulatedCodeScanner()
    if source in {"", WEDGE}:
        from drivers.qr.absent import AbsentCodeScanner

        return AbsentCodeScanner()
    check_code_source(config)
    return _real_scanner(kind, rest)


def open_wedge(config: Config) -> WedgeCodeScanner | None:
    """Return the scanner that types like a keyboard, where the configuration says there is one.

    It lives in the process that has the keyboard, unlike the others.
    """
    if config.qr_scanner.source != WEDGE:
        return None
    from drivers.qr.wedge import WedgeCodeScanner

    return WedgeCodeScanner()


def check_code_source(config: Config) -> None:
    """Look at what the configuration says, and open nothing.

    Raises:
        DriverError: The source cannot be used; the message says what to write.
    """
    source = config.qr_scanner.source
    kind, _, rest = source.partition(":")
    if source in {"", WEDGE, _SIMULATED}:
        return
    if kind in _READS and _READS[kind](rest):
        if kind == "serial":
            _baud(rest)
        return
    from drivers.errors import DriverError

    raise DriverError(
        f"[qr_scanner] source = {source!r} is not known: "
        "write serial:///dev/ttyACM0, camera:0, wedge:, folder:PATH or simulated:",
        detail=source.rpartition("@")[2],  # what stands before an @ may be a password
    )


def _real_scanner(kind: str, rest: str) -> CodeScanner:
    if kind == "serial":
        from drivers.qr.serial_scanner import SerialCodeScanner, open_port

        path, baud = _serial_path(rest), _baud(rest)
        return SerialCodeScanner(lambda: open_port(path, baud=baud))
    if kind == "camera":
        from drivers.qr.camera_scanner import CameraCodeScanner
        from drivers.scanner.camera import CameraScanner, open_camera

        width, height = _FRAME_PX
        camera = CameraScanner(
            lambda: open_camera(int(rest), width=width, height=height), device="qr_scanner"
        )
        return CameraCodeScanner(camera)
    from drivers.qr.folder_scanner import FolderCodeScanner

    return FolderCodeScanner(Path(rest))


def refused_code_scanner(refused: DriverError) -> CodeScanner:
    """Return what stands in for a QR scanner that cannot be opened as configured, and says why."""
    from drivers.qr.absent import AbsentCodeScanner

    return AbsentCodeScanner(refused)


def classify_code(text: str) -> CodePayload:
    """Return what the text of a code is: ID card, receipt, payment, link or something else."""
    from drivers.qr.payload import classify

    return classify(text)


def read_codes(picture: NDArray[np.uint8]) -> list[CodePayload]:
    """Return what the codes in a picture are, (height, width, 3) uint8 BGR.

    Where the letters were guessed the code is `other` with the reason `not_utf8`: a guess opens nothing.
    """
    from drivers.ports import CodeKind, CodePayload
    from drivers.qr.decoder import decode

    return [
        classify_code(code.text)
        if code.exact
        else CodePayload(kind=CodeKind.OTHER, text=code.text, reason="not_utf8")
        for code in decode(picture)
    ]


def _serial_path(rest: str) -> str:
    return urlsplit(f"serial:{rest}").path


_READS: Final[dict[str, Callable[[str], bool]]] = {
    "serial": lambda rest: bool(_serial_path(rest)),
    "camera": str.isdigit,
    "folder": bool,
}
"""Which kinds of source there are, and whether what follows the colon can be one."""


def _baud(rest: str) -> int:
    from drivers.device_file import DEFAULT_BAUD, read_baud
    from drivers.errors import DriverError

    query = urlsplit(f"serial:{rest}").query
    try:
        return read_baud(query)
    except ValueError as error:
        raise DriverError(
            f"[qr_scanner] source: {error}; write serial:///dev/ttyACM0?baud={DEFAULT_BAUD}", detail=query
        ) from error


def _is_missing(kind: str, rest: str) -> bool:
    """Tell whether there is plainly nothing at the source."""
    if kind == "serial":
        return not Path(_serial_path(rest)).exists()
    if kind == "camera":
        return not Path(f"/dev/video{rest}").exists()
    if kind == "folder":
        return not Path(rest).is_dir()
    return not kind
