"""A folder of pictures that plays the document camera: each capture takes the next file, by name."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from drivers.errors import DeviceMissingError, DeviceTimeoutError
from drivers.ports import DeviceState, DeviceStatus, never
from drivers.scanner.pictures import SUFFIXES, read_paper, shrink_to
from drivers.scanner.stopping import go_on

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from drivers.ports import Stop

PREVIEW_HEIGHT = 720


class FolderScanner:
    """Pictures in a folder, in the order of their names; new files are seen as they come."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._taken: set[str] = set()
        self._lock = threading.Lock()
        self._preview_of = ""
        self._preview: NDArray[np.uint8] | None = None

    def preview(self) -> NDArray[np.uint8] | None:
        """Return the next picture, at most 720 px high, or None when there is none left."""
        with self._lock:
            path = self._next()
            if path is None:
                return None
            if path.name != self._preview_of or self._preview is None:
                self._preview = shrink_to(read_paper(path), PREVIEW_HEIGHT)
                self._preview_of = path.name
            return self._preview.copy()

    def capture(
        self,
        *,
        timeout_s: float,  # noqa: ARG002 - a file is there or it is not
        stop: Stop = never,
    ) -> NDArray[np.uint8]:
        """Return the next picture in full size.

        Raises:
            DeviceMissingError: The folder is gone.
            DeviceTimeoutError: Every picture has been taken.
            PictureUnreadableError: The next file is not a picture; the one after it comes next.
            ScanError: It was stopped; the file is still the next.
        """
        go_on(stop)
        with self._lock:
            if not self._folder.is_dir():
                raise DeviceMissingError(
                    f"The folder {self._folder} is not there. Create it or change the source."
                )
            path = self._next()
            if path is None:
                raise DeviceTimeoutError("Every picture in the folder has been taken. Put another one in.")
            self._taken.add(path.name)
            return read_paper(path)

    def status(self) -> DeviceStatus:
        """Tell whether the folder is there."""
        if self._folder.is_dir():
            return DeviceStatus(device="document_scanner", state=DeviceState.READY, detail="folder")
        return DeviceStatus(
            device="document_scanner", state=DeviceState.ABSENT, cause=DeviceMissingError.code
        )

    def close(self) -> None:
        """Forget the preview."""
        with self._lock:
            self._preview = None

    def _next(self) -> Path | None:
        if not self._folder.is_dir():
            return None
        names = sorted(p for p in self._folder.iterdir() if p.suffix.lower() in SUFFIXES)
        return next((p for p in names if p.name not in self._taken), None)
