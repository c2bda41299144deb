"""Flat scans that fill the picture: taken whole, not cropped to a printed frame, not mixed up with photos."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest

from drivers.ports import Outline
from drivers.scanner.flat_scan import fills_frame
from drivers.scanner.page_maker import DocumentPageMaker
from drivers.simulated.scanner.desk import Pose, Scene, photograph

if TYPE_CHECKING:
    from numpy.typing import NDArray

NOT_FOUND = Outline(found=False)


def scanned(page: NDArray[np.uint8], *, light: float = 1.0, noise: float = 0.0) -> NDArray[np.uint8]:
    grain = np.random.default_rng(3).normal(0, noise, page.shape) if noise else 0
    return np.asarray(np.clip(page * light + grain, 0, 255), np.uint8)


@pytest.mark.parametrize(("light", "noise"), [(1.0, 0.0), (0.93, 3.0), (0.86, 2.0)])
def test_a_flat_certificate_is_taken_whole_not_cropped_to_its_printed_frame(
    certificate: NDArray[np.uint8], light: float, noise: float
) -> None:
    page = DocumentPageMaker().make_page(scanned(certificate, light=light, noise=noise))
    assert page.acceptable
    assert page.outline.corners == ((0.0, 0.0), (1653.0, 0.0), (1653.0, 2338.0), (0.0, 2338.0))
    assert (page.width, page.height, page.dpi) == (1654, 2339, 200)


def test_a_flat_paper_with_a_table_is_one_page_not_two(confirmation: NDArray[np.uint8]) -> None:
    page = DocumentPageMaker().make_page(confirmation)
    assert page.acceptable
    assert page.problems == ()


def test_a_flat_scan_at_150_dots_an_inch_is_warned_of(confirmation: NDArray[np.uint8]) -> None:
    small = cv2.resize(confirmation, (1240, 1754), interpolation=cv2.INTER_AREA).astype(np.uint8)
    page = DocumentPageMaker().make_page(small)
    assert page.acceptable
    assert "too_small" in {problem.code for problem in page.problems}


def test_a_card_on_the_white_bed_is_cut_out() -> None:
    bed = np.full((2339, 1654, 3), 250, np.uint8)
    bed[300:725, 200:874] = (196, 205, 190)
    cv2.rectangle(bed, (240, 420), (400, 640), (90, 100, 120), -1)
    page = DocumentPageMaker().make_page(bed)
    assert page.outline.corners
    assert page.outline.corners[0] == pytest.approx((199.5, 299.5), abs=2)
    assert (page.width, page.height, page.dpi) == (1011, 638, 300)


@pytest.mark.parametrize("desk", ["plate", "wood"])
@pytest.mark.parametrize("size", [(1654, 2339), (1200, 1600)])
def test_a_photo_is_never_taken_for_a_flat_scan(
    desk: str, size: tuple[int, int], certificate: NDArray[np.uint8]
) -> None:
    for poses in ((), (Pose(height=0.7),)):
        picture = photograph(Scene(poses=poses, desk=desk, seed=4), (certificate,) * len(poses), size)
        assert not fills_frame(picture, NOT_FOUND)


def test_a_page_that_runs_over_the_edge_is_not_whole(confirmation: NDArray[np.uint8]) -> None:
    middle = confirmation[300:1860, 270:1373]  # of a page's shape, but the text runs out of it
    assert not fills_frame(np.ascontiguousarray(middle), NOT_FOUND)


def test_white_paper_under_an_uneven_lamp_is_a_photo(confirmation: NDArray[np.uint8]) -> None:
    lamp = np.linspace(1.0, 0.85, confirmation.shape[1])[None, :, None]
    assert not fills_frame((confirmation * lamp).astype(np.uint8), NOT_FOUND)
