"""Packed frames of which the cable lost a part: good enough to look at, never to be kept."""

from __future__ import annotations

import logging

import cv2
import numpy as np
import pytest

from drivers.errors import DeviceTimeoutError
from drivers.scanner.camera import CameraScanner, PackedFrame


class Shaky(logging.Handler):
    """A camera whose cable loses a packet of every frame, until the kiosk has complained about it."""

    def __init__(self) -> None:
        super().__init__()
        grain = np.random.default_rng(1).integers(0, 256, (1440, 1080, 3), np.uint8)
        self.whole = np.asarray(cv2.imencode(".jpg", grain)[1], np.uint8).reshape(-1)
        half = len(self.whole) // 2
        self._holed = np.concatenate([self.whole[:half], self.whole[half + 900 :]])
        self.mends = False

    def emit(self, record: logging.LogRecord) -> None:
        self.mends = self.mends or record.getMessage() == "camera.damaged_frame"

    def isOpened(self) -> bool:  # noqa: N802 - OpenCV's name
        return True

    def read(self) -> tuple[bool, PackedFrame]:
        return True, PackedFrame(jpeg=self.whole if self.mends else self._holed, rows=1440)

    def release(self) -> None:
        """Nothing to let go."""


def test_a_frame_with_a_hole_is_shown_but_never_taken() -> None:
    """libjpeg fills a hole with grey or with what belongs elsewhere, and only writes a line about it."""
    scanner = CameraScanner(Shaky)
    try:
        with pytest.raises(DeviceTimeoutError):
            scanner.capture(timeout_s=20)
        assert scanner.preview() is not None
    finally:
        scanner.close()


def test_a_shot_takes_the_next_frame_without_a_hole() -> None:
    source = Shaky()
    logging.getLogger(CameraScanner.__module__).addHandler(source)
    scanner = CameraScanner(lambda: source)
    try:
        shot = scanner.capture(timeout_s=20)
    finally:
        scanner.close()
        logging.getLogger(CameraScanner.__module__).removeHandler(source)
    assert source.mends
    assert np.array_equal(shot, np.asarray(cv2.imdecode(source.whole, cv2.IMREAD_COLOR)))
