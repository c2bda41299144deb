from __future__ import annotations

import numpy as np
import pytest

from drivers.errors import DeviceMissingError, DeviceTimeoutError
from drivers.ports import DeviceState
from drivers.simulated.scanner.desk import FRAME_PX, Pose, Scene, corners_of, photograph
from drivers.simulated.scanner.papers import PAPERS
from drivers.simulated.scanner.scanner import DeskFault, SimulatedScanner


@pytest.mark.parametrize("name", PAPERS)
def test_each_paper_is_an_a4_sheet_with_black_red_and_blue_ink(name: str) -> None:
    paper = PAPERS[name]()
    assert paper.shape == (2339, 1654, 3)
    blue, green, red = (paper[..., channel].astype(int) for channel in range(3))
    assert ((red > 150) & (blue < 80) & (green < 80)).sum() > 8000, "the stamp"
    assert ((blue > 130) & (red < 70)).sum() > 1500, "the signature"
    assert (paper.max(axis=2) < 60).sum() > 20000, "the text"


def test_the_same_laying_gives_the_same_picture_and_another_laying_another() -> None:
    one, two = SimulatedScanner(seed=4), SimulatedScanner(seed=4)
    first = one.capture(timeout_s=1)
    assert first.shape == (FRAME_PX[1], FRAME_PX[0], 3)
    assert np.array_equal(first, two.capture(timeout_s=1))
    two.lay("birth_certificate")
    assert not np.array_equal(first, two.capture(timeout_s=1))


def test_papers_come_one_after_the_other_and_begin_again() -> None:
    scanner = SimulatedScanner(papers=("birth_certificate", "residence"))
    assert [scanner.next_paper() for _ in range(3)] == ["residence", "birth_certificate", "residence"]
    with pytest.raises(ValueError, match="birth_certificate"):
        scanner.lay("unknown")


def test_the_preview_shows_what_the_picture_shows() -> None:
    scanner = SimulatedScanner()
    before = scanner.preview()
    assert before is not None
    assert before.shape == (720, 540, 3)
    assert before[360, 270].min() > 100
    scanner.lay(None)
    empty = scanner.preview()
    assert empty is not None
    assert empty[360, 270].max() < 110
    before[:] = 0
    again = scanner.preview()
    assert again is not None
    assert again.any(), "a caller cannot paint over the camera's own picture"
    scanner.close()


def test_the_desk_fails_on_script() -> None:
    scanner = SimulatedScanner()
    scanner.break_with(DeskFault.UNPLUGGED)
    assert scanner.status().state is DeviceState.ABSENT
    assert scanner.preview() is None
    with pytest.raises(DeviceMissingError):
        scanner.capture(timeout_s=1)
    scanner.break_with(DeskFault.SILENT)
    assert scanner.status().state is DeviceState.FAULT
    with pytest.raises(DeviceTimeoutError):
        scanner.capture(timeout_s=1)
    scanner.break_with(None)
    assert scanner.status().state is DeviceState.READY


def test_corners_are_where_the_paper_is_drawn() -> None:
    sheet = np.full((2339, 1654, 3), 255, np.uint8)
    pose = Pose(turn_deg=6, lean=0.05, height=0.6)
    picture = photograph(Scene(poses=(pose,), lamp=0, shadow=0, seed=1), (sheet,), (600, 800))
    corners = corners_of(pose, (600, 800))
    middle = corners.mean(axis=0)
    for corner in corners:
        inside = corner + (middle - corner) * 0.03
        outside = corner - (middle - corner) * 0.03
        assert picture[int(inside[1]), int(inside[0])].min() > 170
        assert picture[int(outside[1]), int(outside[0])].max() < 120
