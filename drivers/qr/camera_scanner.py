"""A camera that reads codes: several cheap looks at newest frames, each code in view told once."""

from __future__ import annotations

import logging
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

    from drivers.qr.decoder import Code

log = logging.getLogger(__name__)

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
        self._waiting: list[str] = []
        self._closed = threading.Event()

    def read(self, *, timeout_s: float) -> str | None:
        """Wait for a code that was not in view before, or None when the time is over.

        Of several that came into view at once each read returns one.

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
        self._waiting = []
        self._stream.forget()

    def status(self) -> DeviceStatus:
        """Tell how the camera is, under the scanner's name."""
        below = self._camera.status()
        return DeviceStatus(device="qr_scanner", state=below.state, cause=below.cause, detail=below.detail)

    def close(self) -> None:
        """End a waiting read and let the camera go."""
        self._closed.set()
        self._seen, self._waiting = {}, []
        self._camera.close()

    def _look(self) -> str | None:
        frame = self._camera.preview()
        if frame is not None:
            now = self._clock()
            self._seen = {text: at for text, at in self._seen.items() if now - at < HOLD_S}
            for code in self._stream.look(frame):
                self._take_in(code, now)
        return self._waiting.pop(0) if self._waiting else None

    def _take_in(self, code: Code, now: float) -> None:
        text = code.told
        if text not in self._seen:
            self._waiting.append(text)
            if not code.exact:
                log.warning("qr.not_utf8", extra={"device": "qr_scanner"})
        self._seen[text] = now
