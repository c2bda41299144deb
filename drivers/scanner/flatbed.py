"""A flatbed or a sheet feeder through SANE: `scanimage` in a process of its own, with a deadline.

A process can be ended at any moment and takes a hanging backend with it; SANE's own `cancel` from another
thread gives half a picture and no error. Sides come through memory (`sheet_folder.py`) and touch no disk.
Source: SANE Standard 1.06, 4.2.7 (status codes, which scanimage returns as its own).
"""

from __future__ import annotations

import logging
import subprocess
import threading
from typing import TYPE_CHECKING

import cv2
import numpy as np

from drivers.errors import DeviceBusyError, DeviceMissingError, ScanError
from drivers.ports import DeviceState, DeviceStatus, never
from drivers.scanner.sane_run import SaneRun
from drivers.scanner.sheet_folder import sheet_folder
from drivers.scanner.stopping import stopped

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from numpy.typing import NDArray

    from drivers.errors import DriverError
    from drivers.ports import Stop
    from drivers.scanner.sane_settings import SaneSettings

log = logging.getLogger(__name__)

LIST_S = 0.9
"""Given to SANE to find the scanner when only its state is asked, seconds."""
MOST_SIDES = 100
"""Sides taken in one go; a stack of fifty sheets is more than any procedure asks for."""
MOST_BYTES = 160_000_000
"""A4 at 600 dpi in colour and room to spare; a backend that sends more is broken."""
BUSY, NO_DEVICE, JAMMED, NO_DOCS, COVER_OPEN, IO_ERROR = 3, 4, 6, 7, 8, 9
"""`SANE_Status`; scanimage ends with it."""
MISHAPS = {
    JAMMED: ("jammed", "Paper is stuck in the scanner. Open the feeder, take the sheet out, then try again."),
    NO_DOCS: ("no_paper", "The feeder is empty. Put the papers in, printed side as the sign shows."),
    COVER_OPEN: ("cover_open", "The scanner is open. Close the lid or the feeder, then try again."),
}
"""`detail` and message of a `ScanError`, by status."""


class FlatbedScanner:
    """A scanner that shows nothing before the shot and gives one sheet a capture. Safe from two threads.

    Args:
        settings: Which scanner, and how.
        environment: Of scanimage; None takes this process's own.
    """

    def __init__(self, settings: SaneSettings, *, environment: Mapping[str, str] | None = None) -> None:
        self.settings = settings
        self._environment = environment
        self._lock = threading.Lock()
        self._run: SaneRun | None = None
        self._gone = False

    def preview(self) -> NDArray[np.uint8] | None:
        """Return None: a flatbed sees nothing until it scans."""
        return None

    def capture(self, *, timeout_s: float, stop: Stop = never) -> NDArray[np.uint8]:
        """Scan one side of one sheet.

        Args:
            timeout_s: Bounds the side, seconds.
            stop: True ends it: scanimage is told to cancel, and ended where it does not.

        Raises:
            DeviceMissingError: SANE does not know the scanner, or is not installed.
            DeviceTimeoutError: The lamp did not come home in time.
            DeviceBusyError: Another program scans.
            ScanError: Paper is stuck, missing, the lid is open, or it was stopped: `detail` says which.
        """
        (side,) = self._scanned(timeout_s, stop, most=1)
        return side

    def sheets(self, *, timeout_s: float, stop: Stop = never) -> Iterator[NDArray[np.uint8]]:
        """Scan everything that lies in the feeder, both sides where the source is a duplex one.

        Args:
            timeout_s: Bounds each side, seconds.
            stop: True ends it, as in `capture`.

        Raises:
            DriverError: As `capture`; sides already given are whole, but the stack is not.
        """
        return self._scanned(timeout_s, stop, most=MOST_SIDES)

    def status(self) -> DeviceStatus:
        """Tell whether SANE finds the scanner; while it scans it is there."""
        if not self._lock.acquire(blocking=False):
            return DeviceStatus(device="document_scanner", state=DeviceState.READY, detail="scanning")
        try:
            there = self._answers()
        finally:
            self._lock.release()
        if there is None:
            return DeviceStatus(device="document_scanner", state=DeviceState.CONNECTING, detail="sane")
        self._note(gone=not there)
        if there:
            return DeviceStatus(device="document_scanner", state=DeviceState.READY, detail="sane")
        return DeviceStatus(
            device="document_scanner", state=DeviceState.ABSENT, cause=DeviceMissingError.code
        )

    def close(self) -> None:
        """Stop a scan that is under way."""
        run = self._run
        if run is not None:
            run.stop()

    def _scanned(self, timeout_s: float, stop: Stop, *, most: int) -> Iterator[NDArray[np.uint8]]:
        with self._lock, sheet_folder() as folder:
            run = SaneRun(self.settings.command(), folder, most=most, environment=self._environment)
            self._run = run
            count = 0
            try:
                for raw in run.sides(timeout_s=timeout_s, stop=stop):
                    count += 1
                    yield _picture(raw)
            finally:
                self._run = None
                status, words = run.end()
            if status and not (count and status == NO_DOCS):
                raise self._mishap(status, words)
            if not count:
                raise self._mishap(NO_DOCS, words)

    def _mishap(self, status: int, words: bytes) -> DriverError:
        missing = status == NO_DEVICE or b"open of device" in words or b"no SANE devices" in words
        if status == IO_ERROR and self._answers() is False:
            missing = True  # it was switched off, or its cable pulled
        log.warning("scan.sane_failed", extra={"status": status, "device": "document_scanner"})
        if status == BUSY:
            return DeviceBusyError()
        if missing:
            return DeviceMissingError("SANE does not find the scanner. Check its power, cable and name.")
        if status < 0:
            return stopped()
        detail, message = MISHAPS.get(
            status, ("sane", f"The scanner stopped (SANE status {status}). Try again.")
        )
        return ScanError(message, detail=detail)

    def _answers(self) -> bool | None:
        """Ask the scanner for its options, which opens it and moves nothing; None when it takes long."""
        asked = ["scanimage", "--device-name", self.settings.device, "--dont-scan"]
        try:
            done = subprocess.run(
                asked, capture_output=True, timeout=LIST_S, check=False, env=self._environment
            )
        except FileNotFoundError:
            return False
        except subprocess.TimeoutExpired:
            return None
        return done.returncode == 0

    def _note(self, *, gone: bool) -> None:
        if gone and not self._gone:
            log.warning("device.gone", extra={"device": "document_scanner", "code": DeviceMissingError.code})
        elif self._gone and not gone:
            log.info("device.ready", extra={"device": "document_scanner"})
        self._gone = gone


def _picture(raw: bytes) -> NDArray[np.uint8]:
    """Return the picture scanimage sent, (height, width, 3) uint8 BGR.

    Raises:
        ScanError: It is no whole picture.
    """
    picture = cv2.imdecode(np.frombuffer(raw, np.uint8), cv2.IMREAD_COLOR) if _is_whole(raw) else None
    if picture is None:
        raise ScanError("The scanner sent half a picture. Try again.", detail="half_picture")
    return np.asarray(picture, dtype=np.uint8)


def _is_whole(raw: bytes) -> bool:
    """Tell whether a PNM picture has all the bytes its header promises."""
    fields = [
        field for line in raw[:200].split(b"\n") if not line.startswith(b"#") for field in line.split()
    ][:4]
    if len(fields) < 4 or fields[0] not in {b"P5", b"P6"} or not all(f.isdigit() for f in fields[1:]):  # noqa: PLR2004 - kind, width, height, depth
        return False
    channels = 3 if fields[0] == b"P6" else 1
    wanted = int(fields[1]) * int(fields[2]) * channels
    return 0 < wanted <= min(len(raw), MOST_BYTES)
