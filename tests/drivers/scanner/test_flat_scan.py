"""Flat scans that fill the picture: taken whole, not cropped to a printed frame, not mixed up with photos."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest

from drivers.errors import PageNotFoundError
from drivers.ports import Outline
from drivers.scanner.flat_scan import fills_frame
from drivers.scanner.page_maker import DocumentPageMaker
from drivers.simulated.scanner.desk import Pose, Scene, photograph
from drivers.simulated.scanner.papers import residence_confirmation

if TYPE_CHECKING:
    from collections.abc import Callable

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


def tinted(page: NDArray[np.uint8], bgr: tuple[int, int, int]) -> NDArray[np.uint8]:
    return np.asarray(page * (np.array(bgr) / 255), np.uint8)


def banded(page: NDArray[np.uint8], *, to: tuple[int, int], bgr: tuple[int, int, int]) -> NDArray[np.uint8]:
    return np.asarray(cv2.rectangle(page.copy(), (0, 0), to, bgr, -1), np.uint8)


COLOURS = {"pink": (180, 180, 240), "blue": (235, 200, 170), "kraft": (130, 170, 200), "red": (60, 50, 170)}
SCANNED: dict[str, Callable[[NDArray[np.uint8]], NDArray[np.uint8]]] = {
    **{name: partial(tinted, bgr=colour) for name, colour in COLOURS.items()},
    "band": partial(banded, to=(1653, 160), bgr=(140, 60, 20)),
    "orange_band": partial(banded, to=(1653, 160), bgr=(60, 140, 235)),
    "binding": partial(banded, to=(60, 2338), bgr=(30, 30, 30)),
    "copier_shadow": lambda page: np.concatenate([shade(40), page[:, 40:]], axis=1),
    "straddling_stamps": lambda page: stamped(page.copy()),
}


def shade(width: int) -> NDArray[np.uint8]:
    return np.broadcast_to(np.linspace(60, 250, width)[None, :, None], (2339, width, 3)).astype(np.uint8)


def stamped(page: NDArray[np.uint8]) -> NDArray[np.uint8]:
    for y in (500, 1200, 1900):
        for radius, thick in ((142, 10), (95, 5)):
            cv2.circle(page, (page.shape[1], y), radius, (40, 40, 200), thick)
    return page


@pytest.mark.parametrize("drawn_in", [False, True])
@pytest.mark.parametrize("kind", SCANNED)
def test_whatever_a_scanner_sees_to_the_rim_is_one_whole_good_page(
    kind: str, *, drawn_in: bool, certificate: NDArray[np.uint8]
) -> None:
    """No colour, band, shadow or stamp at the rim crops it, or is taken for a page cut off."""
    picture = scanned(SCANNED[kind](certificate), light=0.98, noise=2.0)
    page = DocumentPageMaker().make_page(picture, dpi=200, drawn_in=drawn_in)
    assert (page.width, page.height) == (1654, 2339)
    assert [problem.code for problem in page.problems if problem.blocking] == []
    assert drawn_in is False or page.problems == ()


def test_a_blank_coloured_sheet_is_there_too() -> None:
    page = DocumentPageMaker().make_page(np.full((2339, 1654, 3), (235, 200, 170), np.uint8), dpi=200)
    assert page.acceptable
    assert page.outline.corners
    assert page.outline.corners[2] == (1653.0, 2338.0)


def on_bed(level: int, at: tuple[int, int], *, note: str = "") -> NDArray[np.uint8]:
    """A pink A5 form on the bed, and beside it perhaps a white slip of paper with a pencilled note."""
    bed = np.full((2339, 1654, 3), level, np.uint8)
    form = cv2.resize(residence_confirmation(), (1165, 1654), interpolation=cv2.INTER_AREA)
    bed[at[1] : at[1] + 1654, at[0] : at[0] + 1165] = tinted(np.asarray(form, np.uint8), (190, 190, 250))
    if note:
        cv2.putText(bed, note, (300, 2200), cv2.FONT_HERSHEY_SIMPLEX, 1.2, (150, 150, 150), 3)
    return scanned(bed, noise=2.0)


@pytest.mark.parametrize("at", [(0, 0), (200, 300)])
@pytest.mark.parametrize("level", [250, 20])
def test_a_smaller_paper_is_cut_out_of_the_empty_bed_and_never_cut_off(
    level: int, at: tuple[int, int]
) -> None:
    page = DocumentPageMaker().make_page(on_bed(level, at), dpi=200)
    assert (page.width, page.height) == pytest.approx((1165, 1654), abs=4)
    assert page.problems == ()


@pytest.mark.parametrize("note", ["Ghi chu 12", "7"])
def test_what_lies_beside_a_smaller_paper_is_kept(note: str) -> None:
    page = DocumentPageMaker().make_page(on_bed(250, (200, 300), note=note), dpi=200)
    assert (page.width, page.height) == (1654, 2339)


def test_a_feeder_has_no_white_bed_but_may_have_a_black_backing() -> None:
    maker = DocumentPageMaker()
    white = maker.make_page(on_bed(250, (200, 300)), dpi=200, drawn_in=True)
    assert (white.width, white.height) == (1654, 2339)
    black = maker.make_page(on_bed(20, (200, 0)), dpi=200, drawn_in=True)
    assert (black.width, black.height) == pytest.approx((1165, 1654), abs=4)


def test_a_black_picture_is_an_open_lid_on_the_glass_and_a_black_side_in_the_feeder() -> None:
    black = np.full((2339, 1654, 3), 5, np.uint8)
    with pytest.raises(PageNotFoundError) as caught:
        DocumentPageMaker().make_page(black, dpi=200)
    assert caught.value.detail == "too_dark"
    page = DocumentPageMaker().make_page(black, dpi=200, drawn_in=True)
    assert [problem.code for problem in page.problems] == ["too_dark"]


def test_a_shadow_at_the_spine_is_worth_a_warning_on_the_glass(confirmation: NDArray[np.uint8]) -> None:
    spine = np.clip(np.linspace(0.06, 2.5, confirmation.shape[1]), 0, 1)[None, :, None]
    book = (confirmation * spine).astype(np.uint8)
    page = DocumentPageMaker().make_page(book, dpi=200)
    assert [(problem.code, problem.blocking) for problem in page.problems] == [("shadow", False)]
