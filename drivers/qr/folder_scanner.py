"""A folder of pictures that plays the QR scanner: each read takes the next file, by name."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from drivers.errors import DeviceMissingError
from drivers.ports import DeviceState, DeviceStatus
from drivers.qr.decoder import decode
from drivers.scanner.pictures import SUFFIXES, read_picture

if TYPE_CHECKING:
    from pathlib import Path

LOOK_S = 0.2
"""How often an empty folder is looked into, seconds."""


class FolderCodeScanner:
    """Pictures in a folder, in the order of their names; new files are seen as they come."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._taken: set[str] = set()
        self._closed = threading.Event()

    def read(self, *, timeout_s: float) -> str | None:
        """Return the first code of the next picture that has one, or None when the time is over.

        Raises:
            DeviceMissingError: The folder is gone.
            PictureUnreadableError: The next file is not a picture; the one after it comes next.
        """
        looks = 1 + int(timeout_s / LOOK_S)
        for _ in range(looks):
            for path in self._new_files():
                self._taken.add(path.name)
                codes = decode(read_picture(path))
                if codes:
                    return codes[0].told
            if self._closed.wait(LOOK_S if looks > 1 else 0):
                break
        return None

    def flush(self) -> None:
        """Skip every picture that is in the folder now."""
        if self._folder.is_dir():
            self._taken.update(path.name for path in self._new_files())

    def status(self) -> DeviceStatus:
        """Tell whether the folder is there."""
        if self._folder.is_dir():
            return DeviceStatus(device="qr_scanner", state=DeviceState.READY, detail="folder")
        return DeviceStatus(device="qr_scanner", state=DeviceState.ABSENT, cause=DeviceMissingError.code)

    def close(self) -> None:
        """End a waiting read."""
        self._closed.set()

    def _new_files(self) -> list[Path]:
        if not self._folder.is_dir():
            raise DeviceMissingError(
                f"The folder {self._folder} is not there. Create it or change the source."
            )
        files = sorted(path for path in self._folder.iterdir() if path.suffix.lower() in SUFFIXES)
        return [path for path in files if path.name not in self._taken]
