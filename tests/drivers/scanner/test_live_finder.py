"""The outline in the live picture: the same answer for the same picture, and the shot's answer in the end."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest

from drivers.errors import ScanError
from drivers.ports import PaperSource, Stop, never
from drivers.scanner.desk import LocalDesk
from drivers.scanner.live_finder import LiveFinder
from drivers.scanner.mat import FILE_NAME, MatFile, keep_mat, mat_of
from drivers.scanner.page_maker import DocumentPageMaker
from drivers.simulated.scanner.desk import Pose, Scene, corners_of, photograph
from drivers.simulated.scanner.mat_frames import MatFrame, empty_mat, mat_frames
from drivers.simulated.scanner.scanner import SimulatedScanner

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

SIZE = (960, 720)
LIVE = [frame for frame in mat_frames(2) if frame.scene.seed % 1000 == 1]
"""The second frame of each kind on each mat; the first is test_mat.py's."""


def frame_of(paper: NDArray[np.uint8], *poses: Pose, seed: int = 1) -> NDArray[np.uint8]:
    return photograph(Scene(poses=poses, seed=seed), (paper,) * len(poses), SIZE)


def again(frame: NDArray[np.uint8], seed: int, light: float = 1.0) -> NDArray[np.uint8]:
    """Return the frame as the camera sends it the next time: other noise, the lamp a little brighter."""
    noise = np.random.default_rng(seed).normal(0, 3, frame.shape)
    return np.clip(np.rint(frame * light + noise), 0, 255).astype(np.uint8)


def no_mat() -> None:
    return None


PAGE, MOVED = Pose(x=0.45, height=0.7, turn_deg=3), Pose(x=0.47, height=0.7, turn_deg=3)


def test_a_paper_that_lies_still_is_answered_from_memory_and_one_that_moved_is_not(
    certificate: NDArray[np.uint8],
) -> None:
    finder = LiveFinder(no_mat)
    frame = frame_of(certificate, PAGE)
    first = finder.outline(frame)
    assert first.found
    assert first.cause == ""
    assert finder.outline(again(frame, 2, light=1.03)).corners == first.corners
    moved = finder.outline(frame_of(certificate, MOVED))
    assert moved.corners is not None
    truth = corners_of(MOVED, SIZE)
    assert np.abs(np.array(moved.corners) - truth).max() < 5


def test_a_paper_taken_away_and_a_second_laid_beside_it_are_seen_at_once(
    certificate: NDArray[np.uint8],
) -> None:
    finder = LiveFinder(no_mat)
    left, right = Pose(x=0.28, height=0.6), Pose(x=0.72, height=0.6, turn_deg=2)
    assert finder.outline(frame_of(certificate, left)).found
    both = finder.outline(frame_of(certificate, left, right))
    assert (both.found, both.cause) == (False, "two_papers")
    gone = finder.outline(frame_of(certificate))
    assert (gone.found, gone.cause) == (False, "no_page")


def test_a_still_picture_without_a_page_is_looked_at_once_as_thoroughly_as_the_shot(
    confirmation: NDArray[np.uint8],
) -> None:
    scene = Scene(poses=(Pose(height=0.77),), shadow=0.88, lamp=0.3, seed=118)
    frame = photograph(scene, (confirmation,), SIZE)
    finder = LiveFinder(no_mat)
    assert not finder.outline(frame).found  # the quick way does not look into the shade
    settled = finder.outline(again(frame, 3))
    assert settled.corners is not None
    assert np.abs(np.array(settled.corners) - corners_of(scene.poses[0], SIZE)).max() < 4
    assert finder.outline(again(frame, 4)).corners == settled.corners


def test_an_empty_desk_stays_empty(certificate: NDArray[np.uint8]) -> None:
    finder = LiveFinder(no_mat)
    desk = frame_of(certificate)
    assert [finder.outline(again(desk, seed)).cause for seed in range(4)] == ["no_page"] * 4


def test_another_size_of_frames_is_another_picture(certificate: NDArray[np.uint8]) -> None:
    finder = LiveFinder(no_mat)
    frame = frame_of(certificate, PAGE)
    half = np.asarray(cv2.resize(frame, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA), np.uint8)
    large, small = finder.outline(frame), finder.outline(half)
    assert large.corners
    assert small.corners
    assert np.abs(np.array(small.corners) * 2 - np.array(large.corners)).max() < 4


@pytest.mark.parametrize("frame", LIVE, ids=[f"{frame.kind}-{frame.scene.desk}" for frame in LIVE])
def test_on_a_known_mat_the_live_picture_says_what_the_shot_would(frame: MatFrame) -> None:
    mat = mat_of((empty_mat(frame.scene.desk),))
    picture = frame.picture()
    small = np.asarray(cv2.resize(picture, (540, 720), interpolation=cv2.INTER_AREA), np.uint8)
    outline = LiveFinder(lambda: mat).outline(small)
    if frame.right != "page":
        assert outline.cause == frame.right
        return
    assert outline.corners
    assert outline.cause == ""
    assert np.abs(np.array(outline.corners) * 2 - frame.corners()).max() < 30


def test_a_mat_learnt_anew_counts_from_the_next_frame(tmp_path: Path) -> None:
    file = MatFile(tmp_path / FILE_NAME)
    assert file.mat() is None
    assert MatFile(None).mat() is None
    keep_mat(mat_of((empty_mat("pale"),)), tmp_path / FILE_NAME)
    pale = file.mat()
    assert pale is not None
    assert file.mat() is pale
    keep_mat(mat_of((empty_mat("plate"), empty_mat("plate"))), tmp_path / FILE_NAME)
    plate = file.mat()
    assert plate is not None
    assert plate.picture.mean() < pale.picture.mean() / 2
    (tmp_path / FILE_NAME).unlink()
    assert file.mat() is None


class EmptyMat(SimulatedScanner):
    """A camera over an empty mat, in full size."""

    taken = 0

    def capture(self, *, timeout_s: float, stop: Stop = never) -> NDArray[np.uint8]:
        assert timeout_s == 7.0
        assert not stop()
        self.taken += 1
        return empty_mat("plate")


def test_the_desk_learns_its_mat_from_three_pictures(tmp_path: Path) -> None:
    camera = EmptyMat()
    desk = LocalDesk(scanner=camera, maker=DocumentPageMaker(mat_file=tmp_path / FILE_NAME))
    desk.learn_mat(timeout_s=7.0)
    assert camera.taken == 3
    assert MatFile(tmp_path / FILE_NAME).mat() is not None


def test_a_desk_with_a_paper_or_without_a_camera_learns_no_mat(tmp_path: Path) -> None:
    maker = DocumentPageMaker(mat_file=tmp_path / FILE_NAME)
    with pytest.raises(ScanError) as caught:
        LocalDesk(scanner=SimulatedScanner(), maker=maker).learn_mat(timeout_s=1)
    assert caught.value.detail == "mat_not_empty"
    with pytest.raises(ScanError) as caught:
        LocalDesk(scanner=EmptyMat(), maker=maker, source=PaperSource.FLATBED).learn_mat(timeout_s=7)
    assert caught.value.detail == "no_mat"
    assert not (tmp_path / FILE_NAME).exists()
