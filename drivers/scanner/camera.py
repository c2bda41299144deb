"""A document camera through OpenCV: one thread of its own keeps the newest frame, and only that one."""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING, Protocol

import cv2
import numpy as np

from drivers.errors import DeviceMissingError, DeviceTimeoutError
from drivers.ports import DeviceState, DeviceStatus
from drivers.scanner.pictures import shrink_to

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

log = logging.getLogger(__name__)

PREVIEW_HEIGHT = 720
RETRY_S = 2.0
"""A camera that went away is looked for again this often, seconds."""
SETTLE_FRAMES = 2
"""Frames let pass before a shot: exposure and focus settle, and none is older than the request."""


class FrameSource(Protocol):
    """What the camera thread needs of `cv2.VideoCapture`."""

    def isOpened(self) -> bool:  # noqa: N802 - OpenCV's name
        """Tell whether frames can be asked for."""
        ...

    def read(self) -> tuple[bool, NDArray[np.uint8] | None]:
        """Block for the next frame; (False, None) when the camera is gone."""
        ...

    def release(self) -> None:
        """Let the camera go."""
        ...


def open_camera(index: int, *, width: int, height: int) -> FrameSource:
    """Open a V4L2 camera with this frame size, pixels; MJPG, or USB 2 gives two frames a second."""
    source = cv2.VideoCapture(index, cv2.CAP_V4L2)
    source.set(cv2.CAP_PROP_FOURCC, float(cv2.VideoWriter.fourcc(*"MJPG")))
    source.set(cv2.CAP_PROP_FRAME_WIDTH, float(width))
    source.set(cv2.CAP_PROP_FRAME_HEIGHT, float(height))
    source.set(cv2.CAP_PROP_BUFFERSIZE, 1.0)
    return _Camera(source)


class _Camera:
    """`cv2.VideoCapture` with OpenCV's own errors turned into "no frame"."""

    def __init__(self, source: cv2.VideoCapture) -> None:
        self._source = source

    def isOpened(self) -> bool:  # noqa: N802 - OpenCV's name
        return bool(self._source.isOpened())

    def read(self) -> tuple[bool, NDArray[np.uint8] | None]:
        try:
            good, frame = self._source.read()
        except cv2.error:
            return False, None
        return bool(good), np.asarray(frame, dtype=np.uint8) if good else None

    def release(self) -> None:
        self._source.release()


class CameraScanner:
    """A live camera; comes back by itself after it was unplugged."""

    def __init__(
        self,
        open_source: Callable[[], FrameSource],
        *,
        device: str = "document_scanner",
        retry_s: float = RETRY_S,
    ) -> None:
        self._open_source = open_source
        self._device = device
        self._retry_s = retry_s
        self._changed = threading.Condition()
        self._stop = threading.Event()
        self._frame: NDArray[np.uint8] | None = None
        self._count = 0
        self._state = DeviceState.CONNECTING
        self._thread = threading.Thread(target=self._watch, name=f"{device}-camera", daemon=True)
        self._thread.start()

    def preview(self) -> NDArray[np.uint8] | None:
        """Return the newest frame, at most 720 px high, or None when there is none."""
        with self._changed:
            frame = self._frame
        return None if frame is None else shrink_to(frame, PREVIEW_HEIGHT).copy()

    def capture(self, *, timeout_s: float) -> NDArray[np.uint8]:
        """Return a frame taken after this call began.

        Raises:
            DeviceMissingError: The camera is gone.
            DeviceTimeoutError: The camera is there but sends no picture.
        """
        with self._changed:
            wanted = self._count + SETTLE_FRAMES
            self._changed.wait_for(
                lambda: self._count >= wanted or self._state is DeviceState.ABSENT, timeout=timeout_s
            )
            if self._state is DeviceState.ABSENT:
                raise DeviceMissingError
            if self._count < wanted or self._frame is None:
                raise DeviceTimeoutError
            return self._frame.copy()

    def status(self) -> DeviceStatus:
        """Tell whether frames come."""
        with self._changed:
            state = self._state
        cause = DeviceMissingError.code if state is DeviceState.ABSENT else "ok"
        return DeviceStatus(device=self._device, state=state, cause=cause)

    def close(self) -> None:
        """Stop the camera thread and let the camera go."""
        self._stop.set()
        self._thread.join(timeout=5)
        with self._changed:
            self._frame = None
            self._state = DeviceState.DISABLED

    def _watch(self) -> None:
        while not self._stop.is_set():
            source = self._open_source()
            try:
                self._drain(source)
            finally:
                source.release()
            self._go_absent()
            self._stop.wait(self._retry_s)

    def _drain(self, source: FrameSource) -> None:
        while not self._stop.is_set() and source.isOpened():
            good, frame = source.read()
            if not good or frame is None:
                return
            with self._changed:
                if self._state is not DeviceState.READY:
                    log.info("device.ready", extra={"device": self._device})
                self._state = DeviceState.READY
                self._frame = frame
                self._count += 1
                self._changed.notify_all()

    def _go_absent(self) -> None:
        with self._changed:
            if self._state is not DeviceState.ABSENT and not self._stop.is_set():
                log.warning("device.gone", extra={"device": self._device, "code": DeviceMissingError.code})
            self._state = DeviceState.ABSENT
            self._frame = None
            self._changed.notify_all()
