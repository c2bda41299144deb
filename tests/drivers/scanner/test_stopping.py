"""A picture or a stack nobody wants any more ends at once, whatever takes it, and leaves nothing behind."""

from __future__ import annotations

import os
import subprocess
import threading
import time
from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest

from drivers.errors import ScanError
from drivers.ports import DeviceState, PaperSource, never
from drivers.scanner.camera import CameraScanner
from drivers.scanner.desk import LocalDesk
from drivers.scanner.flatbed import FlatbedScanner
from drivers.scanner.folder import FolderScanner
from drivers.scanner.page_maker import DocumentPageMaker
from drivers.scanner.sane_run import END_S
from drivers.scanner.sane_settings import SaneSettings
from drivers.scanner.sheet_folder import MEMORY, PREFIX
from drivers.simulated.scanner.scanner import SimulatedScanner
from tests.drivers.scanner.sane_backend import FEEDER, SLOW

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from numpy.typing import NDArray

    from drivers.ports import Stop

LONG_S = 60.0


class After:
    """A `Stop` that is asked so many times before it says yes."""

    def __init__(self, times: int) -> None:
        self._left = times

    def __call__(self) -> bool:
        self._left -= 1
        return self._left < 0


def yes() -> bool:
    return True


def ends_stopped(take: Callable[[], object]) -> float:
    """Tell after how many seconds it ended, stopped."""
    begun = time.monotonic()
    with pytest.raises(ScanError) as caught:
        take()
    assert caught.value.detail == "stopped"
    return time.monotonic() - begun


@pytest.fixture
def feeder(sane_environment: Mapping[str, str]) -> FlatbedScanner:
    settings = SaneSettings(device="test:0", source=FEEDER, options=SLOW)
    return FlatbedScanner(settings, environment=sane_environment)


def test_a_feeder_under_way_is_stopped_and_leaves_no_process_and_no_side(feeder: FlatbedScanner) -> None:
    assert ends_stopped(lambda: list(feeder.sheets(timeout_s=LONG_S, stop=After(5)))) < LONG_S / 2
    left = subprocess.run(["pgrep", "-P", str(os.getpid()), "scanimage"], capture_output=True, check=False)
    assert left.stdout == b""
    assert not list(MEMORY.glob(f"{PREFIX}{os.getpid()}-*"))
    assert feeder.status().state is not DeviceState.ABSENT


def test_a_flatbed_is_stopped_before_its_lamp_has_moved(feeder: FlatbedScanner) -> None:
    assert ends_stopped(lambda: feeder.capture(timeout_s=LONG_S, stop=yes)) < END_S + LONG_S / 4


def test_what_was_stopped_can_be_scanned_again(sane_environment: Mapping[str, str]) -> None:
    settings = SaneSettings(device="test:0", source=FEEDER, options=("--test-picture", "Color pattern"))
    quick = FlatbedScanner(settings, environment=sane_environment)
    ends_stopped(lambda: list(quick.sheets(timeout_s=LONG_S, stop=yes)))
    assert quick.capture(timeout_s=LONG_S).max() > 220


@pytest.mark.parametrize("asked", [0, 1, 2, 4, 8, 16])
def test_a_stop_that_races_the_end_gives_the_whole_side_or_none(
    sane_environment: Mapping[str, str], asked: int
) -> None:
    settings = SaneSettings(device="test:0", options=("--test-picture", "Color pattern"))
    quick = FlatbedScanner(settings, environment=sane_environment)
    try:
        side = quick.capture(timeout_s=LONG_S, stop=After(asked))
    except ScanError as error:
        assert error.detail == "stopped"  # noqa: PT017 - either way is right; a third is not
    else:
        assert side.max() > 220


class SilentSource:
    """A camera that is there and sends no frame until it is let go."""

    def __init__(self) -> None:
        self.gone = threading.Event()

    def isOpened(self) -> bool:  # noqa: N802 - OpenCV's name
        return not self.gone.is_set()

    def read(self) -> tuple[bool, NDArray[np.uint8] | None]:
        self.gone.wait(LONG_S)
        return False, None

    def release(self) -> None:
        self.gone.set()


def test_a_camera_that_waits_for_frames_stops() -> None:
    source = SilentSource()
    scanner = CameraScanner(lambda: source, retry_s=0.01)
    try:
        assert ends_stopped(lambda: scanner.capture(timeout_s=LONG_S, stop=After(2))) < LONG_S / 2
    finally:
        source.gone.set()
        scanner.close()


def test_a_picture_of_a_folder_that_was_stopped_is_still_the_next(tmp_path: Path) -> None:
    assert cv2.imwrite(str(tmp_path / "1.png"), np.full((900, 600, 3), 10, np.uint8))
    scanner = FolderScanner(tmp_path)
    ends_stopped(lambda: scanner.capture(timeout_s=1, stop=yes))
    assert int(scanner.capture(timeout_s=1)[0, 0, 0]) == 10


def test_a_simulated_scanner_whose_lamp_travels_stops() -> None:
    scanner = SimulatedScanner(shot_s=LONG_S)
    assert ends_stopped(lambda: scanner.capture(timeout_s=LONG_S, stop=After(2))) < LONG_S / 2


class Stack:
    """A feeder with these sides in it; counts those it drew in."""

    def __init__(self, *sides: NDArray[np.uint8]) -> None:
        self._sides = sides
        self.drawn = 0

    def sheets(self, *, timeout_s: float, stop: Stop = never) -> Iterator[NDArray[np.uint8]]:
        assert timeout_s > 0
        assert not stop()
        for side in self._sides:
            self.drawn += 1
            yield side


def test_a_desk_stops_between_two_sides_and_keeps_none(certificate: NDArray[np.uint8]) -> None:
    stack = Stack(certificate, certificate, certificate)
    desk = LocalDesk(
        scanner=SimulatedScanner(),
        maker=DocumentPageMaker(),
        feeder=stack,
        source=PaperSource.FEEDER,
        dpi=200,
    )
    ends_stopped(lambda: desk.take_pages(timeout_s=20, stop=After(2)))
    assert stack.drawn == 2
