"""A camera that reads codes: several cheap looks at newest frames, each code told once."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Protocol

from drivers.errors import DeviceMissingError
from drivers.ports import DeviceState, DeviceStatus
from drivers.qr.stream import CodeStream

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    from numpy.typing import NDArray

HOLD_S = 1.5
"""A code out of view for less than this, seconds, is the same showing of it."""
PACE_S = 0.06
"""Pause between two looks, seconds: 16 a second are more than a hand is quick."""


class FrameCamera(Protocol):
    """A live camera; every `DocumentScanner` is one."""

    def preview(self) -> NDArray[np.uint8] | None:
        """Return the newest frame or None."""
        ...

    def status(self) -> DeviceStatus:
        """Tell how the camera is."""
        ...

    def close(self) -> None:
        """Let the camera go."""
        ...


class CameraCodeScanner:
    """Reads codes from a camera; a code that stays in view is given once."""

    def __init__(self, camera: FrameCamera, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._camera = camera
        self._clock = clock
        self._stream = CodeStream()
        self._seen: dict[str, float] = {}
        self._closed = threading.Event()

    def read(self, *, timeout_s: float) -> str | None:
        """Wait for a code that was not in view before, or None when the time is over.

        Raises:
            DeviceMissingError: The camera is gone.
        """
        deadline = self._clock() + timeout_s
        while not self._closed.is_set():
            text = self._look()
            if text is not None:
                return text
            if self._camera.status().state is DeviceState.ABSENT:
                raise DeviceMissingError
            if self._clock() >= deadline:
                return None
            self._closed.wait(PACE_S)
        return None

    def flush(self) -> None:
        """Forget every code seen before now; one still in view is not given again."""
        now = self._clock()
        self._seen = dict.fromkeys(self._seen, now)
        self._stream.forget()

    def status(self) -> DeviceStatus:
        """Tell how the camera is, under the scanner's name."""
        below = self._camera.status()
        return DeviceStatus(device="qr_scanner", state=below.state, cause=below.cause, detail=below.detail)

    def close(self) -> None:
        """End a waiting read and let the camera go."""
        self._closed.set()
        self._seen = {}
        self._camera.close()

    def _look(self) -> str | None:
        frame = self._camera.preview()
        if frame is None:
            return None
        now = self._clock()
        self._seen = {text: at for text, at in self._seen.items() if now - at < HOLD_S}
        fresh = None
        for code in self._stream.look(frame):
            if fresh is None and code.text not in self._seen:
                fresh = code.text
            self._seen[code.text] = now
        return fresh
