"""The document scanners: live camera, folder of pictures, none."""

from __future__ import annotations

import itertools
import threading
from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest
from PIL import Image

from drivers.errors import DeviceMissingError, DeviceTimeoutError, PictureUnreadableError
from drivers.ports import DeviceState
from drivers.scanner.absent import AbsentScanner
from drivers.scanner.camera import MJPG, CameraScanner, Capture, FrameSource, PackedFrame, open_camera
from drivers.scanner.folder import FolderScanner
from drivers.scanner.pictures import read_picture

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray


MANY = 5000
"""Frames that outlast any shot, however late it starts."""


class ScriptedSource:
    """A camera whose every frame is let through by the test."""

    def __init__(self) -> None:
        self._turn = threading.Semaphore(0)
        self._gone = False
        self.shown = 0
        self.released = threading.Event()

    def let_through(self, frames: int) -> None:
        for _ in range(frames):
            self._turn.release()

    def unplug(self) -> None:
        self._gone = True
        self._turn.release()

    def isOpened(self) -> bool:  # noqa: N802 - OpenCV's name
        return not self._gone

    def read(self) -> tuple[bool, NDArray[np.uint8] | None]:
        assert self._turn.acquire(timeout=10)
        if self._gone:
            return False, None
        self.shown += 1
        return True, np.full((1440, 1080, 3), min(self.shown, 255), np.uint8)

    def release(self) -> None:
        self.released.set()


def test_a_shot_is_newer_than_the_request_and_the_preview_is_small() -> None:
    source = ScriptedSource()
    scanner = CameraScanner(lambda: source, retry_s=0.01)
    try:
        assert scanner.preview() is None
        source.let_through(MANY)
        first = scanner.capture(timeout_s=5)
        assert first.shape == (1440, 1080, 3)
        assert int(first[0, 0, 0]) >= 2
        preview = scanner.preview()
        assert preview is not None
        assert preview.shape == (720, 540, 3)
        assert scanner.status().state is DeviceState.READY
    finally:
        source.unplug()
        scanner.close()
    assert source.released.is_set()
    assert scanner.status().state is DeviceState.DISABLED


class Adjusting(ScriptedSource):
    """A camera that opens its iris once a shot is wanted: each frame is lighter, until it is light enough."""

    def __init__(self) -> None:
        super().__init__()
        self.wanted = threading.Event()
        self._opened = 0

    def read(self) -> tuple[bool, NDArray[np.uint8] | None]:
        good, frame = super().read()
        if frame is not None:
            self._opened += self.wanted.is_set()
            frame[:] = min(40 + 20 * self._opened, 200)
            frame[::20] //= 2
        return good, frame


def test_a_shot_waits_until_the_exposure_has_settled() -> None:
    source = Adjusting()
    scanner = CameraScanner(lambda: source, retry_s=0.01)
    try:
        source.let_through(3)
        wait_until_ready(scanner)
        source.wanted.set()
        source.let_through(MANY)
        assert int(scanner.capture(timeout_s=5).max()) == 200
    finally:
        source.unplug()
        scanner.close()


def test_a_lamp_that_flickers_delays_a_shot_only_so_long() -> None:
    class Flickering(ScriptedSource):
        def read(self) -> tuple[bool, NDArray[np.uint8] | None]:
            good, frame = super().read()
            return good, None if frame is None else frame * np.uint8(1) + np.uint8(100 * (self.shown % 2))

    source = Flickering()
    ticks = itertools.count(0.0, 0.4)
    scanner = CameraScanner(lambda: source, retry_s=0.01, clock=lambda: next(ticks))
    try:
        source.let_through(MANY)
        assert scanner.capture(timeout_s=5).shape == (1440, 1080, 3)
    finally:
        source.unplug()
        scanner.close()


def test_a_camera_that_sends_nothing_is_a_time_out() -> None:
    source = ScriptedSource()
    scanner = CameraScanner(lambda: source, retry_s=0.01)
    try:
        with pytest.raises(DeviceTimeoutError):
            scanner.capture(timeout_s=0.02)
    finally:
        source.unplug()
        scanner.close()


def test_a_camera_unplugged_says_so_and_comes_back() -> None:
    sources = [ScriptedSource(), ScriptedSource()]
    turn = iter(sources)
    plugged = threading.Event()

    def open_next() -> FrameSource:
        if sources[0].released.is_set():
            plugged.wait(10)
        return next(turn, sources[1])

    scanner = CameraScanner(open_next, retry_s=0.01)
    try:
        sources[0].let_through(MANY)
        scanner.capture(timeout_s=5)
        sources[0].unplug()
        with pytest.raises(DeviceMissingError):
            scanner.capture(timeout_s=5)
        assert scanner.preview() is None
        assert scanner.status().cause == "device.missing"
        plugged.set()
        sources[1].let_through(1)
        wait_until_ready(scanner)
        sources[1].let_through(MANY)
        assert scanner.capture(timeout_s=5).shape == (1440, 1080, 3)
    finally:
        sources[1].unplug()
        scanner.close()


def wait_until_ready(scanner: CameraScanner) -> None:
    with scanner._changed:
        assert scanner._changed.wait_for(lambda: scanner._state is DeviceState.READY, timeout=5)


class Video:
    """A camera as OpenCV shows it: packed frames where they are asked for and it can."""

    def __init__(self, frames: list[NDArray[np.uint8]], *, fourcc: int = MJPG, obeys: bool = True) -> None:
        self._frames, self._fourcc, self._obeys = frames, fourcc, obeys
        self.converts = True
        self.shown = 0

    def isOpened(self) -> bool:  # noqa: N802 - OpenCV's name
        return True

    def get(self, propId: int) -> float:  # noqa: N803 - OpenCV's name
        known = {cv2.CAP_PROP_FRAME_HEIGHT: 1440.0, cv2.CAP_PROP_FOURCC: float(self._fourcc)}
        return known.get(propId, 0.0)

    def set(self, propId: int, value: float) -> bool:  # noqa: N803 - OpenCV's name
        if propId == cv2.CAP_PROP_CONVERT_RGB and self._obeys:
            self.converts = bool(value)
        return True

    def read(self) -> tuple[bool, NDArray[np.uint8]]:
        frame = self._frames[min(self.shown, len(self._frames) - 1)]
        self.shown += 1
        if self.converts:
            return True, frame
        packed = cv2.imencode(".jpg", frame, [cv2.IMWRITE_JPEG_QUALITY, 95])[1]
        return True, np.asarray(packed, np.uint8).reshape(1, -1)

    def release(self) -> None:
        """Nothing to let go."""


def a_large_frame() -> NDArray[np.uint8]:
    frame = np.full((1440, 1920, 3), 40, np.uint8)
    frame[200:1200, 300:900] = (60, 120, 220)
    return frame


def test_frames_stay_packed_until_somebody_looks() -> None:
    capture = Capture(Video([a_large_frame()]))
    good, frame = capture.read()
    assert good
    assert isinstance(frame, PackedFrame)
    assert len(frame.jpeg) < 100_000
    small, whole = frame.picture(720), frame.picture(1440)
    assert small is not None
    assert whole is not None
    assert small.shape == (720, 960, 3)
    assert whole.shape == (1440, 1920, 3)
    assert np.abs(whole.astype(int) - a_large_frame()).mean() < 1
    quarter = frame.picture(300)
    assert quarter is not None
    assert quarter.shape == (360, 480, 3)


def test_shot_and_preview_of_packed_frames_have_their_sizes() -> None:
    scanner = CameraScanner(lambda: Capture(Video([a_large_frame()])))
    try:
        shot = scanner.capture(timeout_s=20)
        seen = scanner.preview()
    finally:
        scanner.close()
    assert shot.shape == (1440, 1920, 3)
    assert seen is not None
    assert seen.shape == (720, 960, 3)
    assert np.abs(seen[300, 200].astype(int) - (60, 120, 220)).max() < 6


@pytest.mark.parametrize(("fourcc", "obeys"), [(0, True), (MJPG, False)])
def test_a_camera_that_sends_no_packed_frames_is_left_to_opencv(*, fourcc: int, obeys: bool) -> None:
    made = Video([a_large_frame()], fourcc=fourcc, obeys=obeys)
    capture = Capture(made)
    for _ in range(2):
        good, frame = capture.read()
        assert good
        assert isinstance(frame, np.ndarray)
        assert frame.shape == (1440, 1920, 3)
    assert made.converts


def test_a_damaged_packed_frame_is_no_picture() -> None:
    class Damaged:
        def isOpened(self) -> bool:  # noqa: N802 - OpenCV's name
            return True

        def read(self) -> tuple[bool, PackedFrame]:
            return True, PackedFrame(jpeg=np.frombuffer(b"\xff\xd8 no more", np.uint8), rows=1440)

        def release(self) -> None:
            """Nothing to let go."""

    scanner = CameraScanner(Damaged)
    try:
        with pytest.raises(DeviceTimeoutError):
            scanner.capture(timeout_s=20)
        assert scanner.preview() is None
    finally:
        scanner.close()


def test_opencv_itself_answers_for_a_camera_that_is_not_there() -> None:
    source = open_camera(63, width=640, height=480)
    assert not source.isOpened()
    assert source.read() == (False, None)
    source.release()


def write(path: Path, level: int, size: tuple[int, int] = (900, 600)) -> None:
    assert cv2.imwrite(str(path), np.full((*size, 3), level, np.uint8))


def test_a_folder_gives_its_pictures_in_order_of_name(tmp_path: Path) -> None:
    write(tmp_path / "2.png", 20)
    write(tmp_path / "1.png", 10, (2000, 1000))
    (tmp_path / "notes.txt").write_text("not a picture", encoding="utf-8")
    scanner = FolderScanner(tmp_path)
    preview = scanner.preview()
    assert preview is not None
    assert preview.shape == (720, 360, 3)
    assert int(scanner.capture(timeout_s=1)[0, 0, 0]) == 10
    assert int(scanner.capture(timeout_s=1)[0, 0, 0]) == 20
    assert scanner.preview() is None
    with pytest.raises(DeviceTimeoutError, match="Put another"):
        scanner.capture(timeout_s=1)
    write(tmp_path / "3.png", 30)
    assert int(scanner.capture(timeout_s=1)[0, 0, 0]) == 30
    scanner.close()


def test_a_folder_gone_is_device_missing(tmp_path: Path) -> None:
    scanner = FolderScanner(tmp_path / "gone")
    assert scanner.status().state is DeviceState.ABSENT
    assert scanner.preview() is None
    with pytest.raises(DeviceMissingError, match="gone"):
        scanner.capture(timeout_s=1)


def test_no_scanner_configured_says_so() -> None:
    scanner = AbsentScanner()
    assert scanner.preview() is None
    assert scanner.status().cause == "device.not_configured"
    with pytest.raises(DeviceMissingError, match="document_scanner"):
        scanner.capture(timeout_s=1)
    scanner.close()


def test_a_picture_is_turned_as_its_camera_says(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.new("RGB", (400, 300), (200, 10, 10)).save(tmp_path / "turned.jpg", exif=exif)
    assert read_picture(tmp_path / "turned.jpg").shape == (400, 300, 3)


def test_cmyk_and_sixteen_bit_pictures_are_read(tmp_path: Path) -> None:
    Image.new("CMYK", (40, 30)).save(tmp_path / "cmyk.jpg")
    assert cv2.imwrite(str(tmp_path / "deep.png"), np.full((30, 40), 40000, np.uint16))
    for name in ("cmyk.jpg", "deep.png"):
        picture = read_picture(tmp_path / name)
        assert picture.shape == (30, 40, 3)
        assert picture.dtype == np.dtype(np.uint8)


@pytest.mark.parametrize("name", ["pages.tif", "moving.gif", "moving.webp"])
def test_a_file_of_several_pictures_loses_none_in_silence(name: str, tmp_path: Path) -> None:
    first, *others = (Image.new("RGB", (40, 30), (level, 20, 20)) for level in (10, 90, 170))
    first.save(tmp_path / name, save_all=True, append_images=others)
    with pytest.raises(PictureUnreadableError, match=f"{name} holds several"):
        read_picture(tmp_path / name)


def test_a_phone_picture_with_a_second_view_is_read(tmp_path: Path) -> None:
    first, second = Image.new("RGB", (400, 300)), Image.new("RGB", (40, 30))
    first.save(tmp_path / "phone.jpg", format="MPO", save_all=True, append_images=[second])
    assert read_picture(tmp_path / "phone.jpg").shape == (300, 400, 3)


def test_the_name_does_not_matter_the_content_does(tmp_path: Path) -> None:
    Image.new("RGB", (40, 30)).save(tmp_path / "really.jpg", format="PNG")
    assert read_picture(tmp_path / "really.jpg").shape == (30, 40, 3)


@pytest.mark.parametrize("kind", ["empty", "text", "cut", "huge", "folder", "missing"])
def test_what_is_no_picture_is_named_with_what_to_do(kind: str, tmp_path: Path) -> None:
    path = tmp_path / f"{kind}.png"
    whole = cv2.imencode(".png", np.random.default_rng(1).integers(0, 256, (64, 64, 3), np.uint8))[
        1
    ].tobytes()
    header = bytearray(whole[:200])
    header[16:24] = (30000).to_bytes(4, "big") * 2
    contents = {"empty": b"", "text": b"hello", "cut": whole[:60], "huge": bytes(header)}
    if kind == "folder":
        path.mkdir()
    elif kind != "missing":
        path.write_bytes(contents[kind])
    with pytest.raises(PictureUnreadableError, match=f"{kind}.png") as caught:
        read_picture(path)
    assert caught.value.code == "scan.unreadable"
