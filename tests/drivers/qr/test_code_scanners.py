"""The scanners that see pictures: camera, folder, simulated, none."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest
import segno

from drivers.errors import DeviceMissingError, PictureUnreadableError, ScannerMisconfiguredError
from drivers.ports import CodeKind, DeviceState, DeviceStatus
from drivers.qr.absent import AbsentCodeScanner
from drivers.qr.camera_scanner import CameraCodeScanner
from drivers.qr.decoder import LOST_LETTERS
from drivers.qr.folder_scanner import FolderCodeScanner
from drivers.qr.inbox import MOST_WAITING, CodeInbox
from drivers.qr.payload import classify
from drivers.simulated.codes import CodeFault, SimulatedCodeScanner
from drivers.simulated.scanner.code_picture import draw_code

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

CARD = "087198001234|321456789|Nguyễn Thị Hường|15081998|Nữ|Sa Đéc|22122021"
RECEIPT = "K01-261122-0007"


class ScriptedCamera:
    """Shows one picture after the other; the clock moves 0.1 s with each."""

    def __init__(self, *frames: NDArray[np.uint8] | None) -> None:
        self.frames = list(frames)
        self.now = 0.0
        self.closed = 0
        self.state = DeviceState.READY

    def preview(self) -> NDArray[np.uint8] | None:
        self.now += 0.1
        return self.frames.pop(0) if self.frames else None

    def status(self) -> DeviceStatus:
        return DeviceStatus(device="camera", state=self.state)

    def close(self) -> None:
        self.closed += 1

    def clock(self) -> float:
        return self.now


def test_a_code_held_in_view_is_told_once() -> None:
    shown = draw_code(CARD)
    camera = ScriptedCamera(None, shown, shown, shown, draw_code(RECEIPT))
    scanner = CameraCodeScanner(camera, clock=camera.clock)
    assert scanner.read(timeout_s=1) == CARD
    assert scanner.read(timeout_s=1) == RECEIPT
    assert scanner.read(timeout_s=0.2) is None


def test_codes_that_come_into_view_at_once_are_all_told() -> None:
    both = np.full((700, 1400), 214, np.uint8)
    for left, text in ((30, RECEIPT), (700, CARD)):
        drawn = draw_code(text)
        both[30 : 30 + drawn.shape[0], left : left + drawn.shape[1]] = drawn
    camera = ScriptedCamera(both, both, both, both, both)
    scanner = CameraCodeScanner(camera, clock=camera.clock)
    assert {scanner.read(timeout_s=0), scanner.read(timeout_s=0)} == {RECEIPT, CARD}
    assert scanner.read(timeout_s=0) is None
    camera.now += 5
    assert scanner.read(timeout_s=0) is not None
    scanner.flush()
    assert scanner.read(timeout_s=0) is None, "the other one was in view before the flush"


def test_letters_that_were_guessed_open_nothing(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    raw = bytes.fromhex("4e677579d46e2056a86e")  # Nguyễn Văn in TCVN3
    modules = np.array([list(row) for row in segno.make(raw, error="m", mode="byte").matrix])
    drawn = np.where(np.kron(np.pad(modules, 4), np.ones((4, 4))) > 0, 0, 255).astype(np.uint8)
    camera = ScriptedCamera(drawn, drawn)
    scanner = CameraCodeScanner(camera, clock=camera.clock)
    assert scanner.read(timeout_s=0) == LOST_LETTERS
    assert classify(LOST_LETTERS).kind is CodeKind.OTHER
    assert scanner.read(timeout_s=0) is None
    assert [record.message for record in caplog.records] == ["qr.not_utf8"]
    assert cv2.imwrite(str(tmp_path / "a.png"), drawn)
    assert FolderCodeScanner(tmp_path).read(timeout_s=0) == LOST_LETTERS
    simulated = SimulatedCodeScanner()
    simulated.show_picture(drawn)
    assert simulated.read(timeout_s=0) == LOST_LETTERS


def test_a_code_shown_again_later_is_told_again_but_not_after_a_flush() -> None:
    shown = draw_code(CARD)
    camera = ScriptedCamera(shown, shown, shown)
    scanner = CameraCodeScanner(camera, clock=camera.clock)
    assert scanner.read(timeout_s=0) == CARD
    camera.now += 5
    assert scanner.read(timeout_s=0) == CARD
    camera.now += 1.2
    scanner.flush()
    camera.now += 1.2
    assert scanner.read(timeout_s=0) is None


def test_a_camera_gone_is_device_missing() -> None:
    camera = ScriptedCamera()
    camera.state = DeviceState.ABSENT
    scanner = CameraCodeScanner(camera, clock=camera.clock)
    assert scanner.status() == DeviceStatus(device="qr_scanner", state=DeviceState.ABSENT)
    with pytest.raises(DeviceMissingError):
        scanner.read(timeout_s=1)
    scanner.close()
    assert camera.closed == 1
    assert scanner.read(timeout_s=1) is None


def test_a_folder_gives_its_codes_in_order(tmp_path: Path) -> None:
    for name, picture in (("b.png", draw_code(RECEIPT)), ("a.png", draw_code(CARD))):
        assert cv2.imwrite(str(tmp_path / name), picture)
    assert cv2.imwrite(str(tmp_path / "0.png"), np.full((80, 80), 255, np.uint8))
    scanner = FolderCodeScanner(tmp_path)
    assert [scanner.read(timeout_s=0) for _ in range(3)] == [CARD, RECEIPT, None]
    assert cv2.imwrite(str(tmp_path / "c.png"), draw_code(CARD))
    scanner.flush()
    assert scanner.read(timeout_s=0) is None
    (tmp_path / "d.png").write_bytes(b"not a picture")
    with pytest.raises(PictureUnreadableError):
        scanner.read(timeout_s=0)
    assert scanner.status().state is DeviceState.READY
    scanner.close()


def test_a_folder_gone_is_device_missing(tmp_path: Path) -> None:
    scanner = FolderCodeScanner(tmp_path / "gone")
    scanner.flush()
    assert scanner.status().state is DeviceState.ABSENT
    with pytest.raises(DeviceMissingError, match="gone"):
        scanner.read(timeout_s=0)


def test_what_is_shown_to_the_simulated_scanner_is_read_in_order() -> None:
    scanner = SimulatedCodeScanner()
    texts = [CARD, RECEIPT, "https://gateway.example/d/K01-261122-0007?t=q3Xz", "Ờ"]
    for text in texts:
        scanner.show(text)
    assert [scanner.read(timeout_s=0) for _ in texts] == texts
    assert scanner.read(timeout_s=0) is None
    scanner.show_picture(draw_code(RECEIPT))
    assert scanner.read(timeout_s=0) == RECEIPT


def test_flush_forgets_what_was_shown_to_the_simulated_scanner() -> None:
    scanner = SimulatedCodeScanner()
    scanner.show(CARD)
    scanner.flush()
    assert scanner.read(timeout_s=0) is None


def test_the_simulated_scanner_fails_on_script() -> None:
    scanner = SimulatedCodeScanner()
    scanner.break_with(CodeFault.NOT_UTF8)
    scanner.show(CARD)
    with pytest.raises(ScannerMisconfiguredError):
        scanner.read(timeout_s=0)
    scanner.break_with(CodeFault.UNPLUGGED)
    scanner.show(CARD)
    with pytest.raises(DeviceMissingError):
        scanner.read(timeout_s=1)
    assert scanner.status().state is DeviceState.ABSENT
    scanner.break_with(None)
    scanner.show(CARD)
    assert scanner.read(timeout_s=0) == CARD
    scanner.close()
    assert scanner.status().state is DeviceState.DISABLED


def test_no_scanner_configured_says_so() -> None:
    scanner = AbsentCodeScanner()
    scanner.flush()
    assert scanner.status().cause == "device.not_configured"
    with pytest.raises(DeviceMissingError, match="qr_scanner"):
        scanner.read(timeout_s=1)
    scanner.close()


def test_an_inbox_nobody_reads_keeps_the_newest() -> None:
    inbox = CodeInbox()
    for number in range(MOST_WAITING + 3):
        inbox.put(str(number))
    assert inbox.take(timeout_s=0) == "3"
