from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest

from drivers.errors import PageNotFoundError
from drivers.scanner.page_maker import DocumentPageMaker
from drivers.simulated.scanner.desk import FRAME_PX, Pose, Scene, photograph
from drivers.simulated.scanner.scanner import DeskFault, SimulatedScanner

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from drivers.ports import ScannedPage


def blocking(page: ScannedPage) -> list[str]:
    return [problem.code for problem in page.problems if problem.blocking]


def test_a_well_laid_paper_passes_at_once(good_page: ScannedPage) -> None:
    assert good_page.acceptable
    assert good_page.problems == ()
    assert (good_page.width, good_page.height, good_page.dpi) == (1654, 2339, 200)
    assert good_page.sharpness < 2.8
    assert good_page.outline.found
    assert len(good_page.jpeg) < 220 * 1024
    assert good_page.elapsed_ms > 0


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (DeskFault.BLURRED, "blurred"),
        (DeskFault.GLARE, "glare"),
        (DeskFault.DARK, "too_dark"),
        (DeskFault.SHADOW, "shadow"),
        (DeskFault.HAND, "covered"),
        (DeskFault.CUT_OFF, "cut_off_left"),
    ],
)
def test_each_fault_refuses_the_page_by_its_own_name(fault: DeskFault, code: str) -> None:
    scanner = SimulatedScanner()
    scanner.break_with(fault)
    page = DocumentPageMaker().make_page(scanner.capture(timeout_s=1))
    assert blocking(page) == [code]
    assert not page.acceptable


@pytest.mark.parametrize(
    ("pose", "side"),
    [
        (Pose(x=0.82, height=0.78), "right"),
        (Pose(y=0.28, height=0.78), "top"),
        (Pose(y=0.72, height=0.78), "bottom"),
    ],
)
def test_a_page_out_of_view_names_the_side_or_is_not_found(
    pose: Pose, side: str, certificate: NDArray[np.uint8]
) -> None:
    picture = photograph(Scene(poses=(pose,), seed=8), (certificate,), FRAME_PX)
    try:
        page = DocumentPageMaker().make_page(picture)
    except PageNotFoundError:
        return
    assert f"cut_off_{side}" in blocking(page)


def test_a_page_seen_too_small_is_refused(certificate: NDArray[np.uint8]) -> None:
    picture = photograph(Scene(seed=3), (certificate,), (900, 1200))
    assert "too_small" in blocking(DocumentPageMaker().make_page(picture))


@pytest.mark.parametrize(
    ("fault", "detail"), [(DeskFault.NO_PAPER, "no_page"), (DeskFault.TWO_PAPERS, "two_papers")]
)
def test_no_page_and_two_pages_are_told_apart(fault: DeskFault, detail: str) -> None:
    scanner = SimulatedScanner()
    scanner.break_with(fault)
    with pytest.raises(PageNotFoundError) as caught:
        DocumentPageMaker().make_page(scanner.capture(timeout_s=1))
    assert caught.value.detail == detail
    assert caught.value.code == "scan.no_page"


def test_small_and_large_pictures_get_an_outline() -> None:
    scanner = SimulatedScanner()
    preview = scanner.preview()
    assert preview is not None
    maker = DocumentPageMaker()
    small, large = maker.outline(preview), maker.outline(scanner.capture(timeout_s=1))
    assert small.found
    assert large.found
    scale = FRAME_PX[1] / preview.shape[0]
    assert np.abs(np.array(small.corners) * scale - np.array(large.corners)).max() < 0.01 * FRAME_PX[1]


def test_the_picture_given_is_left_as_it_was() -> None:
    picture = SimulatedScanner().capture(timeout_s=1)
    before = picture.copy()
    DocumentPageMaker().make_page(picture)
    assert np.array_equal(picture, before)


def test_the_time_taken_comes_from_the_clock_given() -> None:
    ticks = iter([10.0, 10.25])
    maker = DocumentPageMaker(clock=lambda: next(ticks))
    assert maker.make_page(SimulatedScanner().capture(timeout_s=1)).elapsed_ms == pytest.approx(250)


def test_a_page_does_not_show_its_content_when_printed_in_a_log(good_page: ScannedPage) -> None:
    assert "jpeg" not in repr(good_page)
    decoded = cv2.imdecode(np.frombuffer(good_page.jpeg, np.uint8), cv2.IMREAD_COLOR)
    assert decoded is not None
    assert decoded.shape == (good_page.height, good_page.width, 3)
