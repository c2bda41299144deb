"""Pages whose text runs a little up or down hill are straightened; all others stay as they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest

from drivers.scanner.deskew import LEAST_SKEW, skew, straighten
from drivers.scanner.enhance import background, whiten
from drivers.scanner.page_maker import DocumentPageMaker
from drivers.scanner.text_lines import turn
from drivers.simulated.scanner.desk import Scene, photograph

if TYPE_CHECKING:
    from numpy.typing import NDArray

CLOSE = 0.15
"""Degrees that a straightened page may still be off."""


@pytest.fixture(scope="module", params=["certificate", "confirmation"])
def white(request: pytest.FixtureRequest) -> NDArray[np.uint8]:
    page: NDArray[np.uint8] = request.getfixturevalue(request.param)
    return whiten(page, background(page))


def crooked(page: NDArray[np.uint8], degrees: float, paper: int = 255) -> NDArray[np.uint8]:
    """Return the page with its lines running down hill by these degrees, as a feeder draws it in."""
    height, width = page.shape[:2]
    way = cv2.getRotationMatrix2D((width / 2, height / 2), -degrees, 1.0)
    turned = cv2.warpAffine(page, way, (width, height), flags=cv2.INTER_CUBIC, borderValue=(paper,) * 3)
    return np.asarray(turned, np.uint8)


def level_error(page: NDArray[np.uint8], like: NDArray[np.uint8]) -> float:
    """Return by how many degrees the page is turned against its original, laid over it as well as it goes."""
    first, second = (
        cv2.resize(picture[..., 1], None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA)
        for picture in (like, page)
    )
    until = (cv2.TERM_CRITERIA_EPS | cv2.TERM_CRITERIA_COUNT, 60, 1e-6)
    start = np.eye(2, 3, dtype=np.float32)
    _, way = cv2.findTransformECC(first, second, start, cv2.MOTION_EUCLIDEAN, until)
    return float(np.degrees(np.arctan2(way[1, 0], way[0, 0])))


@pytest.mark.parametrize("degrees", [-7.0, -5.0, -2.3, -0.6, 0.3, 1.0, 3.7, 5.0])
def test_a_crooked_page_is_measured_and_made_level(degrees: float, white: NDArray[np.uint8]) -> None:
    lying = crooked(white, degrees)
    assert skew(lying, 200) == pytest.approx(degrees, abs=CLOSE)
    straight = straighten(lying, 200)
    assert straight.shape == white.shape
    assert abs(level_error(straight, white)) < CLOSE
    assert (straight[[0, 0, -1, -1], [0, -1, 0, -1]] == 255).all()


def test_the_check_of_these_tests_sees_a_crooked_page(white: NDArray[np.uint8]) -> None:
    assert level_error(crooked(white, 0.6), white) == pytest.approx(0.6, abs=0.05)


@pytest.mark.parametrize("degrees", [-2.0, 1.5])
def test_a_crooked_page_on_its_side_is_measured_too(degrees: float, white: NDArray[np.uint8]) -> None:
    assert skew(turn(crooked(white, degrees), 1), 200) == pytest.approx(degrees, abs=CLOSE)


@pytest.mark.parametrize("degrees", [0.0, LEAST_SKEW / 2, -LEAST_SKEW / 2])
def test_an_upright_page_is_left_to_the_byte(degrees: float, white: NDArray[np.uint8]) -> None:
    page = crooked(white, degrees) if degrees else white
    before = page.copy()
    assert straighten(page, 200) is page
    assert np.array_equal(page, before)


def drawing() -> NDArray[np.uint8]:
    """Draw crooked rules and a stamp: straight strokes, and no text."""
    page = np.full((2339, 1654, 3), 255, np.uint8)
    for top in range(400, 1900, 90):
        cv2.line(page, (150, top), (1500, top + 60), (40, 40, 40), 4)
    cv2.circle(page, (1200, 1500), 180, (30, 30, 200), 14)
    return page


def landscape() -> NDArray[np.uint8]:
    """Draw a photograph of hills under a sky, with a crooked horizon and grain."""
    down, across = np.mgrid[0:2339, 0:1654].astype(np.float32)
    hills = 1100 + 0.05 * across + 90 * np.sin(across / 170)
    grain = np.random.default_rng(7).normal(0, 30, down.shape)
    light = np.where(down < hills, 235 - down / 20, 90 + 40 * np.sin(down / 31 + across / 90)) + grain
    return np.repeat(np.clip(light, 0, 255).astype(np.uint8)[..., None], 3, axis=2)


@pytest.fixture(scope="module")
def textless() -> dict[str, NDArray[np.uint8]]:
    blank = np.full((2339, 1654, 3), 255, np.uint8)
    dust, one_line = blank.copy(), blank.copy()
    dust[np.random.default_rng(2).random(dust.shape[:2]) < 0.0005] = 0
    cv2.putText(one_line, "Xa Phu Tho, ngay 12 thang 5", (200, 500), 0, 1.4, (20, 20, 20), 3)
    return {
        "blank": blank,
        "dust": dust,
        "drawing": drawing(),
        "landscape": landscape(),
        "wood": photograph(Scene(poses=(), desk="wood", seed=4), (), (1654, 2339)),
        "one_line": crooked(one_line, 2.0),
    }


@pytest.mark.parametrize("what", ["blank", "dust", "drawing", "landscape", "wood", "one_line"])
def test_what_holds_no_text_is_never_turned(what: str, textless: dict[str, NDArray[np.uint8]]) -> None:
    page = textless[what]
    before = page.copy()
    assert straighten(page, 200) is page
    assert np.array_equal(page, before)


def test_a_page_is_not_turned_when_text_would_leave_the_sheet(white: NDArray[np.uint8]) -> None:
    lying = crooked(white, 4.0)
    lying[20:60, 1560:1640] = 0  # a page number in the corner, which level text would push out
    assert straighten(lying, 200) is lying


def test_a_flat_scan_drawn_in_crookedly_gives_a_level_page(confirmation: NDArray[np.uint8]) -> None:
    maker = DocumentPageMaker()
    straight = maker.make_page(confirmation)
    page = maker.make_page(crooked(confirmation, 1.8, int(confirmation[5, 5, 1])))
    assert page.acceptable
    assert (page.width, page.height) == (straight.width, straight.height)
    first, second = (
        np.asarray(cv2.imdecode(np.frombuffer(done.jpeg, np.uint8), cv2.IMREAD_COLOR), np.uint8)
        for done in (straight, page)
    )
    assert abs(level_error(second, first)) < CLOSE
