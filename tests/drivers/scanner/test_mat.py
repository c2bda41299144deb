"""Papers on a mat whose empty picture is known: a sample of benchmarks/mat.py, and what else may happen."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest

from drivers.errors import PageNotFoundError, ScanError
from drivers.scanner.mat import FILE_NAME, Mat, compare, kept_mat, mat_of, shrunk
from drivers.scanner.mat_finder import search_on_mat
from drivers.scanner.page_maker import DocumentPageMaker
from drivers.simulated.scanner.desk import Scene, photograph
from drivers.simulated.scanner.mat_frames import FRAME, KINDS, MATS, MatFrame, empty_mat, mat_frames

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

FRAMES = {frame.kind + "-" + frame.scene.desk: frame for frame in mat_frames(1)}


@pytest.fixture(scope="module")
def mats() -> dict[str, Mat]:
    return {desk: mat_of((empty_mat(desk),)) for desk in MATS}


@pytest.mark.parametrize("frame", FRAMES.values(), ids=list(FRAMES))
def test_what_lies_on_the_mat_is_said_rightly(frame: MatFrame, mats: dict[str, Mat]) -> None:
    finding = search_on_mat(frame.picture(), mats[frame.scene.desk])
    assert finding is not None
    if frame.right == "page":
        assert finding.outline.corners
        assert finding.cut_off == ()
        found, truth = np.array(finding.outline.corners, np.float32), frame.corners().astype(np.float32)
        shared = cv2.intersectConvexConvex(found, truth)[0]
        union = cv2.contourArea(found) + cv2.contourArea(truth) - shared
        assert shared / union > 0.9
    elif frame.right.startswith("cut_off"):
        assert finding.cause or finding.cut_off
        assert (finding.cause or f"cut_off_{finding.cut_off[0]}") == frame.right
    else:
        assert not finding.outline.found
        assert finding.cause == frame.right


def test_every_kind_of_frame_is_there() -> None:
    assert {frame.kind for frame in FRAMES.values()} == set(KINDS)


@pytest.mark.parametrize("moved", [(40, 25), (-60, 0)])
def test_a_camera_that_was_moved_does_not_believe_its_old_mat(
    moved: tuple[int, int], mats: dict[str, Mat]
) -> None:
    frame = FRAMES["lamps-plate"]
    picture = np.ascontiguousarray(np.roll(frame.picture(), moved, axis=(0, 1)))
    assert compare(shrunk(picture), mats["plate"]) is None
    assert search_on_mat(picture, mats["plate"]) is None


def test_a_picture_of_another_shape_is_another_camera(mats: dict[str, Mat]) -> None:
    assert compare(np.zeros((300, 540, 3), np.uint8), mats["plate"]) is None


def test_the_empty_mat_is_learnt_and_used(tmp_path: Path) -> None:
    maker = DocumentPageMaker(mat_file=tmp_path / FILE_NAME)
    maker.learn_mat((empty_mat("pale"), empty_mat("pale")))
    kept = kept_mat(tmp_path / FILE_NAME)
    assert kept is not None
    assert max(kept.picture.shape) == 540
    assert maker.make_page(FRAMES["blank-pale"].picture()).outline.found
    cut = maker.make_page(FRAMES["cut_left-pale"].picture())
    assert cut.problems[0].code == "cut_off_left"
    with pytest.raises(PageNotFoundError) as caught:
        maker.make_page(FRAMES["empty-pale"].picture())
    assert caught.value.detail == "no_page"


def test_a_mat_with_a_paper_on_it_is_not_learnt(tmp_path: Path) -> None:
    maker = DocumentPageMaker(mat_file=tmp_path / FILE_NAME)
    with pytest.raises(ScanError) as caught:
        maker.learn_mat((FRAMES["lamps-plate"].picture(),))
    assert caught.value.detail == "mat_not_empty"
    assert not (tmp_path / FILE_NAME).exists()
    with pytest.raises(ScanError):
        DocumentPageMaker().learn_mat((empty_mat("plate"),))


def refusal(pictures: tuple[NDArray[np.uint8], ...], folder: Path) -> str:
    """Return why these pictures teach no mat; empty: they do."""
    maker = DocumentPageMaker(mat_file=folder / FILE_NAME)
    try:
        maker.learn_mat(pictures)
    except ScanError as error:
        assert not (folder / FILE_NAME).exists()
        return error.detail
    return ""


LYING = [frame for frame in FRAMES.values() if frame.kind != "empty"]


@pytest.mark.parametrize("frame", LYING, ids=[f"{frame.kind}-{frame.scene.desk}" for frame in LYING])
def test_whatever_lies_there_keeps_a_mat_from_being_learnt(frame: MatFrame, tmp_path: Path) -> None:
    """Two papers, half a paper, a hand: where no page is found, the mat is not yet empty."""
    assert refusal((frame.picture(),), tmp_path) == "mat_not_empty"


def lit(picture: NDArray[np.uint8], left: tuple[float, ...], right: tuple[float, ...]) -> NDArray[np.uint8]:
    """Shine one colour from the left and another from the right."""
    across = np.linspace(0, 1, picture.shape[1])[None, :, None]
    lamp = np.array(left) * (1 - across) + np.array(right) * across
    return np.clip(picture * lamp, 0, 255).astype(np.uint8)


@pytest.mark.parametrize("desk", ["plate", "pale", "wood"])
def test_an_empty_mat_is_learnt_in_any_light(desk: str, tmp_path: Path) -> None:
    for seed in (1, 2):
        scene = Scene(poses=(), desk=desk, desk_seed=seed, seed=seed, lamp=0.6, shadow=0.3 * (seed - 1))
        bare = photograph(scene, (), FRAME)
        window_and_lamp = lit(bare, (0.55, 0.85, 1.05), (1.05, 0.95, 0.8))
        for picture in (bare, window_and_lamp):
            assert refusal((picture, (picture * 0.97).astype(np.uint8)), tmp_path) == ""
            (tmp_path / FILE_NAME).unlink()


def test_a_mat_nobody_sees_and_one_that_changes_are_not_learnt(tmp_path: Path) -> None:
    bare = empty_mat("plate")
    assert refusal((np.zeros_like(bare),), tmp_path) == "mat_dark"
    assert refusal(((bare * 0.1).astype(np.uint8),), tmp_path) == "mat_dark"
    assert refusal((np.full_like(bare, 255),), tmp_path) == "mat_bright"
    assert refusal((bare, bare, lit(bare, (1.0,) * 3, (0.6,) * 3)), tmp_path) == "mat_changed"
    assert refusal((bare, bare, bare), tmp_path) == ""


def test_a_damaged_reference_is_as_none(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_bytes(b"\x89PNG no more")
    assert kept_mat(tmp_path / FILE_NAME) is None
    assert kept_mat(tmp_path / "absent.png") is None
