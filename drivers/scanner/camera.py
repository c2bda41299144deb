"""A document camera through OpenCV: one thread of its own keeps the newest frame, and only that one."""

from __future__ import annotations

import logging
import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

import cv2
import numpy as np

from drivers.errors import DeviceMissingError, DeviceTimeoutError
from drivers.ports import DeviceState, DeviceStatus, never
from drivers.scanner.pictures import JPEG_HEAD, is_sound_jpeg, shrink_to
from drivers.scanner.stopping import ASK_S, go_on

if TYPE_CHECKING:
    from collections.abc import Callable

    from cv2.typing import MatLike
    from numpy.typing import NDArray

    from drivers.ports import Stop

log = logging.getLogger(__name__)

PREVIEW_HEIGHT = 720
RETRY_S = 2.0
"""A camera that went away is looked for again this often, seconds."""
SETTLE_FRAMES = 2
"""Frames let pass before a shot, so that none is older than the request."""
SETTLE_S = 1.5
"""Exposure and focus have at most this long to settle, seconds; then the newest frame is taken as it is."""
MOST_LIGHT_STEP = 2.0
"""Exposure has settled when two frames differ by no more than this on average, grey levels."""
MOST_FOCUS_STEP = 0.1
"""Focus has settled when the edges of two frames differ by no more than this share."""
MOST_DAMAGED = 5
"""Damaged frames in a row, with the first: then it is the cable, not a packet."""
LOOK_PX = 240
"""Rows of the frame in which light and edges are compared."""
MJPG = cv2.VideoWriter.fourcc(*"MJPG")
REDUCED = (
    (8, cv2.IMREAD_REDUCED_COLOR_8),
    (4, cv2.IMREAD_REDUCED_COLOR_4),
    (2, cv2.IMREAD_REDUCED_COLOR_2),
    (1, cv2.IMREAD_COLOR),
)
"""A JPEG can be unpacked so many times smaller for less work."""


@dataclass(frozen=True, slots=True, eq=False)
class PackedFrame:
    """A frame as the camera sends it. Unpacking 8 megapixels costs 20 ms; most frames nobody looks at."""

    jpeg: NDArray[np.uint8] = field(repr=False)
    rows: int
    """Height of the picture in it, pixels."""

    def picture(self, rows: int) -> NDArray[np.uint8] | None:
        """Unpack it at the least of a whole, a half, a quarter or an eighth that has so many rows.

        Returns:
            (height, width, 3) uint8 BGR, or None where the bytes are damaged.
        """
        flag = next(flag for times, flag in REDUCED if self.rows >= rows * times or times == 1)
        picture = cv2.imdecode(self.jpeg, flag)
        return None if picture is None else np.asarray(picture, np.uint8)


class FrameSource(Protocol):
    """What the camera thread needs of a camera."""

    def isOpened(self) -> bool:  # noqa: N802 - OpenCV's name
        """Tell whether frames can be asked for."""
        ...

    def read(self) -> tuple[bool, NDArray[np.uint8] | PackedFrame | None]:
        """Block for the next frame; (False, None) when the camera is gone."""
        ...

    def release(self) -> None:
        """Let the camera go."""
        ...


def open_camera(index: int, *, width: int, height: int) -> FrameSource:
    """Open a V4L2 camera with this frame size, pixels; MJPG, or USB 2 gives two frames a second."""
    source = cv2.VideoCapture(index, cv2.CAP_V4L2)
    source.set(cv2.CAP_PROP_FOURCC, float(MJPG))
    source.set(cv2.CAP_PROP_FRAME_WIDTH, float(width))
    source.set(cv2.CAP_PROP_FRAME_HEIGHT, float(height))
    source.set(cv2.CAP_PROP_BUFFERSIZE, 1.0)
    return Capture(source)


class VideoSource(Protocol):
    """What is used of `cv2.VideoCapture`."""

    def isOpened(self) -> bool:  # noqa: N802 - OpenCV's name
        """Tell whether the camera is there."""
        ...

    def read(self) -> tuple[bool, MatLike]:
        """Return the next frame, unpacked or, where that was asked for, as it came."""
        ...

    def get(self, propId: int) -> float:  # noqa: N803 - OpenCV's name
        """Return a setting."""
        ...

    def set(self, propId: int, value: float) -> bool:  # noqa: N803 - OpenCV's name
        """Change a setting."""
        ...

    def release(self) -> None:
        """Let the camera go."""
        ...


class Capture:
    """OpenCV's camera: frames stay packed where it sends MJPG, and its errors are "no frame"."""

    def __init__(self, source: VideoSource) -> None:
        self._source = source
        self._rows = round(source.get(cv2.CAP_PROP_FRAME_HEIGHT))
        mjpg = source.isOpened() and round(source.get(cv2.CAP_PROP_FOURCC)) == MJPG
        self._packed = mjpg and self._rows > 0 and source.set(cv2.CAP_PROP_CONVERT_RGB, 0.0)

    def isOpened(self) -> bool:  # noqa: N802 - OpenCV's name
        """Tell whether frames can be asked for."""
        return bool(self._source.isOpened())

    def read(self) -> tuple[bool, NDArray[np.uint8] | PackedFrame | None]:
        """Block for the next frame; (False, None) when the camera is gone."""
        good, frame = self._read()
        if self._packed and good and frame is not None:
            jpeg = np.ascontiguousarray(frame).reshape(-1)
            if jpeg[:2].tobytes() == JPEG_HEAD:
                return True, PackedFrame(jpeg=jpeg, rows=self._rows)
            self._packed = False  # this driver unpacks, or sends something else: let OpenCV see to it
            self._source.set(cv2.CAP_PROP_CONVERT_RGB, 1.0)
            good, frame = self._read()
        return good, frame

    def _read(self) -> tuple[bool, NDArray[np.uint8] | None]:
        try:
            good, frame = self._source.read()
        except cv2.error:
            return False, None
        return bool(good), np.asarray(frame, dtype=np.uint8) if good else None

    def release(self) -> None:
        """Let the camera go."""
        self._source.release()


class CameraScanner:
    """A live camera; comes back by itself after it was unplugged."""

    def __init__(
        self,
        open_source: Callable[[], FrameSource],
        *,
        device: str = "document_scanner",
        retry_s: float = RETRY_S,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._clock = clock
        self._open_source = open_source
        self._device = device
        self._retry_s = retry_s
        self._changed = threading.Condition()
        self._stop = threading.Event()
        self._frame: NDArray[np.uint8] | PackedFrame | None = None
        self._count = 0
        self._state = DeviceState.CONNECTING
        self._thread = threading.Thread(target=self._watch, name=f"{device}-camera", daemon=True)
        self._thread.start()

    def preview(self) -> NDArray[np.uint8] | None:
        """Return the newest frame, at most 720 px high, or None when there is none."""
        with self._changed:
            frame = self._frame
        return None if frame is None else _unpacked(frame, PREVIEW_HEIGHT)

    def capture(self, *, timeout_s: float, stop: Stop = never) -> NDArray[np.uint8]:
        """Return a frame taken after this call began, when exposure and focus have settled.

        Args:
            timeout_s: Bounds the picture, seconds.
            stop: True ends the waiting for it.

        Raises:
            DeviceMissingError: The camera is gone.
            DeviceTimeoutError: The camera is there but sends no picture, or a damaged one.
            ScanError: It was stopped.
        """
        started = self._clock()
        number, frame = self._frame_after(SETTLE_FRAMES, timeout_s, stop)
        look = _look_of(frame)
        while self._clock() - started < min(SETTLE_S, timeout_s):
            number, frame = self._frame_after(1, timeout_s, stop, after=number)
            before, look = look, _look_of(frame)
            if _settled(before, look):
                break
        for _ in range(MOST_DAMAGED):
            picture = _whole(frame)
            if picture is not None:
                return picture
            log.warning("camera.damaged_frame", extra={"device": self._device})
            number, frame = self._frame_after(1, timeout_s, stop, after=number)
        raise DeviceTimeoutError

    def _frame_after(
        self, frames: int, timeout_s: float, stop: Stop, *, after: int | None = None
    ) -> tuple[int, NDArray[np.uint8] | PackedFrame]:
        """Wait until so many frames came after one of this number, or after now; return the newest."""
        ends = time.monotonic() + timeout_s
        with self._changed:
            wanted = (self._count if after is None else after) + frames
            while self._count < wanted and self._state is not DeviceState.ABSENT:
                go_on(stop)
                left = ends - time.monotonic()
                if left <= 0:
                    break
                self._changed.wait(min(left, ASK_S))
            if self._state is DeviceState.ABSENT:
                raise DeviceMissingError
            if self._count < wanted or self._frame is None:
                raise DeviceTimeoutError
            return self._count, self._frame

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


def _unpacked(frame: NDArray[np.uint8] | PackedFrame, rows: int | None) -> NDArray[np.uint8] | None:
    """Return the picture in a frame, at most so many rows high or whole; None where it is damaged."""
    if isinstance(frame, PackedFrame):
        picture = frame.picture(rows or frame.rows)
        if picture is None or rows is None or picture.shape[0] <= rows:
            return picture
        scale = rows / picture.shape[0]  # above a half, so that two neighbours' mean loses nothing
        return np.asarray(cv2.resize(picture, None, fx=scale, fy=scale), np.uint8)
    return frame.copy() if rows is None else shrink_to(frame, rows).copy()


def _whole(frame: NDArray[np.uint8] | PackedFrame) -> NDArray[np.uint8] | None:
    """Return the picture in a frame; None where anything is missing in it, as when USB lost a packet."""
    if isinstance(frame, PackedFrame) and not is_sound_jpeg(frame.jpeg.tobytes()):
        return None
    return _unpacked(frame, None)


def _look_of(frame: NDArray[np.uint8] | PackedFrame) -> tuple[float, float]:
    """Return the lightness of a frame and how strong its edges are; of a damaged one, that of none."""
    picture = _unpacked(frame, LOOK_PX)
    if picture is None:
        return 0.0, 0.0
    grey = cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)
    return float(grey.mean()), float(cv2.Laplacian(grey, cv2.CV_32F).std())


def _settled(before: tuple[float, float], now: tuple[float, float]) -> bool:
    light, edges = abs(now[0] - before[0]), abs(now[1] - before[1])
    return light <= MOST_LIGHT_STEP and edges <= MOST_FOCUS_STEP * max(now[1], 1.0)
