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
from drivers.simulated.scanner.mat_frames import KINDS, MATS, MatFrame, empty_mat, mat_frames

if TYPE_CHECKING:
    from pathlib import Path

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


def test_a_damaged_reference_is_as_none(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_bytes(b"\x89PNG no more")
    assert kept_mat(tmp_path / FILE_NAME) is None
    assert kept_mat(tmp_path / "absent.png") is None
