"""Which way up a page lies is told from its lines of text, and left alone where it cannot be told."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from drivers.scanner.page_maker import DocumentPageMaker
from drivers.scanner.text_lines import SOFTEST, quarter_turns, turn
from drivers.simulated.scanner.desk import FRAME_PX, Pose, Scene, photograph
from drivers.simulated.scanner.papers import A4_PX, FONTS

if TYPE_CHECKING:
    from numpy.typing import NDArray


@pytest.mark.parametrize("laid", range(4))
@pytest.mark.parametrize("paper", ["certificate", "confirmation"])
def test_a_page_laid_any_way_is_turned_upright(laid: int, paper: str, request: pytest.FixtureRequest) -> None:
    page: NDArray[np.uint8] = request.getfixturevalue(paper)
    lying = turn(page, laid)
    assert np.array_equal(turn(lying, quarter_turns(lying, 200)), page)


def test_a_soft_picture_of_a_page_is_still_turned(certificate: NDArray[np.uint8]) -> None:
    soft = cv2.GaussianBlur(certificate, (0, 0), 1.6).astype(np.uint8)
    assert quarter_turns(turn(soft, 2), 200) == 2


@pytest.mark.parametrize("laid", range(4))
def test_what_holds_no_text_stays_as_it_lay(laid: int) -> None:
    blank = np.full((2339, 1654, 3), 255, np.uint8)
    cv2.circle(blank, (800, 900), 300, (30, 30, 200), 14)
    cv2.rectangle(blank, (100, 1500), (1500, 2100), (40, 40, 40), 4)
    assert quarter_turns(turn(blank, laid), 200) == 0


def test_numbers_alone_do_not_turn_a_page() -> None:
    page = np.full((2339, 1654, 3), 255, np.uint8)
    for line in range(12):
        cv2.putText(page, "0 8 0 8 8 0 0 8 0 8 0 8 0 0 8", (150, 300 + 120 * line), 0, 1.4, (30, 30, 30), 3)
    assert quarter_turns(page, 200) == 0
    assert quarter_turns(turn(page, 2), 200) == 0


def test_a_photo_of_a_paper_laid_upside_down_gives_an_upright_page(certificate: NDArray[np.uint8]) -> None:
    maker = DocumentPageMaker()
    scene = Scene(poses=(Pose(height=0.76, turn_deg=2.0),), seed=5)
    upright = maker.make_page(photograph(scene, (certificate,), FRAME_PX))
    turned = maker.make_page(photograph(scene, (turn(certificate, 2),), FRAME_PX))
    assert turned.acceptable
    first, second = (
        np.asarray(cv2.imdecode(np.frombuffer(page.jpeg, np.uint8), cv2.IMREAD_GRAYSCALE), np.float32)
        for page in (upright, turned)
    )
    assert np.corrcoef(first[::8, ::8].ravel(), second[::8, ::8].ravel())[0, 1] > 0.6


@pytest.fixture(scope="module")
def small_print() -> NDArray[np.uint8]:
    """Draw a page of ten-point text, whose marks run into its letters first."""
    page = Image.new("RGB", A4_PX, "white")
    draw, font = ImageDraw.Draw(page), ImageFont.truetype(str(FONTS / "BeVietnamPro-Regular.ttf"), 28)
    for top in range(170, 2100, 50):
        draw.text(
            (150, top), "Người yêu cầu đăng ký khai sinh nộp giấy chứng sinh cho cơ quan", font=font, fill=0
        )
    return np.ascontiguousarray(np.asarray(page, np.uint8)[..., ::-1])


@pytest.mark.parametrize(("blur_px", "blurred"), [(1.5, False), (2.4, True), (3.1, True)])
def test_a_blurred_page_is_never_turned_the_wrong_way(
    blur_px: float, *, blurred: bool, small_print: NDArray[np.uint8]
) -> None:
    scene = Scene(poses=(Pose(height=0.77),), blur_px=blur_px, seed=3)
    page = DocumentPageMaker().make_page(photograph(scene, (small_print,), FRAME_PX))
    assert (page.sharpness >= SOFTEST) is blurred
    flat = np.asarray(cv2.imdecode(np.frombuffer(page.jpeg, np.uint8), cv2.IMREAD_GRAYSCALE))
    assert flat[100:300, 100:-100].min() < 128  # the text begins at the top and the foot is empty
    assert flat[-200:-60, 100:-100].min() > 128


def test_a_paper_laid_across_the_plate_becomes_a_standing_page(confirmation: NDArray[np.uint8]) -> None:
    lying = turn(confirmation, 1)
    plate = np.full((2400, 3200, 3), 60, np.uint8)
    plate[370:2024, 430:2769] = (lying * 0.85).astype(np.uint8)
    page = DocumentPageMaker().make_page(plate)
    assert (page.width, page.height) == (1654, 2339)
