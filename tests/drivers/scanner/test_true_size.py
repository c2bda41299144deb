"""True sizes under a camera that has seen one sheet of A4."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import cv2
import numpy as np
import pikepdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.errors import PageNotFoundError, ScanError
from drivers.scanner.mat import FILE_NAME as MAT_NAME
from drivers.scanner.page_maker import DocumentPageMaker
from drivers.scanner.true_size import FILE_NAME, CameraScale, keep_scale, kept_scale, true_format
from drivers.simulated.scanner.desk import Pose, Scene, corners_of, photograph
from drivers.simulated.scanner.mat_frames import FRAME, empty_mat, paper

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

PX_PER_MM = 0.0027
"""Share of the frame's height that a millimetre takes: A4 takes 80 % of it."""
SIZES_MM = {"a5": (148.0, 210.0), "id_card": (85.6, 54.0), "residence": (210.0, 297.0)}


def pose(name: str, *, turn_deg: float = 3.0, lean: float = 0.0) -> Pose:
    return Pose(height=SIZES_MM[name][1] * PX_PER_MM, turn_deg=turn_deg, lean=lean)


def photo(name: str, *, turn_deg: float = 3.0) -> NDArray[np.uint8]:
    scene = Scene(poses=(pose(name, turn_deg=turn_deg),), desk="plate", desk_seed=11, seed=7)
    return photograph(scene, (paper(name),), FRAME)


def inches_of(pdf: bytes) -> tuple[float, float]:
    with pikepdf.open(io.BytesIO(pdf)) as book:
        box = [float(side) for side in book.pages[0].mediabox]
    return box[2] / 72, box[3] / 72


@pytest.fixture(scope="module")
def taught(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("camera") / FILE_NAME
    DocumentPageMaker(scale_file=path).learn_size(photo("residence", turn_deg=-2))
    return path


@pytest.mark.parametrize("name", ["a5", "residence"])
def test_a_page_has_its_true_size_in_the_pdf(taught: Path, name: str) -> None:
    maker = DocumentPageMaker(scale_file=taught)
    page = maker.make_page(photo(name))
    size = [side * 25.4 for side in inches_of(maker.make_pdf((page,), title="A"))]
    assert size == pytest.approx(SIZES_MM[name], abs=0.3)


def test_what_has_no_known_size_is_measured(taught: Path) -> None:
    sheet = paper("receipt")
    height = 160 * PX_PER_MM
    scene = Scene(poses=(Pose(height=height, turn_deg=4),), desk="plate", desk_seed=11, seed=7)
    page = DocumentPageMaker(scale_file=taught).make_page(photograph(scene, (sheet,), FRAME))
    measured = page.width / page.dpi * 25.4, page.height / page.dpi * 25.4
    assert measured == pytest.approx((160 * sheet.shape[1] / sheet.shape[0], 160), rel=0.02)


def test_without_a_learnt_sheet_a5_is_taken_for_a4(tmp_path: Path) -> None:
    page = DocumentPageMaker(scale_file=tmp_path / FILE_NAME).make_page(photo("a5"))
    assert (page.width, page.height) == (1654, 2339)


def test_a_camera_that_was_moved_is_not_believed(taught: Path, tmp_path: Path) -> None:
    """Where the mat was learnt, too, it tells whether the camera still stands where it stood."""
    maker = DocumentPageMaker(scale_file=taught, mat_file=tmp_path / MAT_NAME)
    maker.learn_mat((empty_mat("plate"),))
    assert maker.make_page(photo("a5")).width == 1165
    moved = np.ascontiguousarray(np.roll(photo("a5"), (60, 40), axis=(0, 1)))
    assert maker.make_page(moved).width == 1654


def test_no_size_is_learnt_that_would_not_be_used(tmp_path: Path) -> None:
    """After the camera was moved the mat is not known again, and until it is learnt anew no size holds."""
    maker = DocumentPageMaker(scale_file=tmp_path / FILE_NAME, mat_file=tmp_path / MAT_NAME)
    maker.learn_mat((empty_mat("plate"),))
    moved = np.ascontiguousarray(np.roll(photo("residence"), (60, 40), axis=(0, 1)))
    with pytest.raises(ScanError, match="--learn-mat") as caught:
        maker.learn_size(moved)
    assert caught.value.detail == "mat_moved"
    assert kept_scale(tmp_path / FILE_NAME) is None
    maker.learn_size(photo("residence"))
    assert kept_scale(tmp_path / FILE_NAME) is not None


@given(
    turn=st.floats(-180, 180),
    lean=st.floats(-0.15, 0.15),
    x=st.floats(0.4, 0.6),
    grown=st.floats(0.95, 1.08),
)
@settings(deadline=None, max_examples=60)
def test_any_angle_of_the_camera_is_undone(turn: float, lean: float, x: float, grown: float) -> None:
    """Whatever the perspective of the desk, a paper of half the size of the learnt one is A5."""
    frame = (3264, 2448)
    a4 = corners_of(Pose(x=x, height=0.7, turn_deg=0, lean=lean), frame)
    scale = CameraScale.of(a4, frame)
    desk = np.array([[0, 0], [210, 0], [210, 297], [0, 297]], np.float32)
    way = cv2.getPerspectiveTransform(desk, a4.astype(np.float32))
    angle = np.deg2rad(turn)
    spin = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    half = np.array([[-74, -105], [74, -105], [74, 105], [-74, 105]]) * grown
    a5 = cv2.perspectiveTransform((half @ spin + [105, 148])[None].astype(np.float32), way)[0]
    size = true_format(scale, np.asarray(a5, np.float32), frame)
    assert (size.width, size.height) == (1165, 1654)
    assert size.known
    wide, high = scale.size_mm(np.asarray(a5, np.float32), frame)
    assert (wide, high) == pytest.approx((148 * grown, 210 * grown), rel=0.01)


def test_cards_keep_their_fine_print() -> None:
    frame = (3264, 2448)
    scale = CameraScale.of(corners_of(Pose(height=0.8), frame), frame)
    mm = 0.8 * frame[1] / 297
    card = np.array([[0, 0], [85.6, 0], [85.6, 54], [0, 54]], np.float32) * np.float32(mm) + 500
    size = true_format(scale, card, frame)
    assert (size.width, size.height, size.dpi) == (1011, 638, 300)
    poster = card * 2
    assert true_format(scale, poster, frame).dpi == 200


def test_what_is_no_a4_sheet_is_not_learnt(tmp_path: Path) -> None:
    maker = DocumentPageMaker(scale_file=tmp_path / FILE_NAME)
    with pytest.raises(ScanError) as caught:
        maker.learn_size(photo("id_card"))
    assert caught.value.detail == "not_a4"
    with pytest.raises(PageNotFoundError):
        maker.learn_size(empty_mat("plate"))
    assert kept_scale(tmp_path / FILE_NAME) is None
    with pytest.raises(ScanError, match="own camera"):
        DocumentPageMaker().learn_size(photo("residence"))


@pytest.mark.parametrize(
    "told",
    ["", "{", "[]", '{"aspect": 1}', '{"aspect": 1, "corners": [[0, 0]]}', '{"aspect": 0, "corners": 3}'],
)
def test_a_damaged_file_is_as_none(tmp_path: Path, told: str) -> None:
    path = tmp_path / FILE_NAME
    path.write_text(told, encoding="ascii")
    assert kept_scale(path) is None


def test_what_was_learnt_is_read_again(tmp_path: Path) -> None:
    scale = CameraScale.of(corners_of(Pose(height=0.8), FRAME), FRAME)
    keep_scale(scale, tmp_path / FILE_NAME)
    again = kept_scale(tmp_path / FILE_NAME)
    assert again is not None
    assert np.allclose(again.corners, scale.corners)
    assert again.fits(FRAME)
    assert again.fits((FRAME[0] * 2, FRAME[1] * 2))
    assert not again.fits((1920, 1080))
