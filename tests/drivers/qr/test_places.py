from __future__ import annotations

import numpy as np
import pytest

from drivers.qr.places import dense_places, with_margin
from drivers.simulated.scanner.code_picture import draw_code

TEXT = "087198001234|321456789|Nguyễn Thị Hường|15081998|Nữ|Sa Đéc|22122021"


@pytest.mark.parametrize("corner", [(40, 60), (900, 300), (700, 30)])
def test_a_code_lies_in_the_densest_place(corner: tuple[int, int]) -> None:
    picture = np.full((720, 1280), 190, np.uint8)
    picture[::40] = 120  # ruled lines run one way only
    drawn = draw_code(TEXT)[::2, ::2]
    x, y = corner
    height, width = drawn.shape
    picture[y : y + height, x : x + width] = drawn
    left, top, right, bottom = dense_places(picture)[0]
    inset = width // 6
    assert left <= x + inset
    assert top <= y + inset
    assert right >= x + width - inset
    assert bottom >= y + height - inset
    assert (right - left) * (bottom - top) < picture.size / 4


def test_an_empty_picture_has_no_place() -> None:
    assert dense_places(np.full((300, 400), 128, np.uint8)) == []
    noise = np.random.default_rng(1).normal(128, 2, (720, 1280))
    assert dense_places(noise.astype(np.uint8)) == []


def test_a_place_with_its_margin_stays_in_the_picture() -> None:
    assert with_margin((0, 10, 100, 110), (200, 300)) == (0, 0, 143, 153)
    assert with_margin((200, 100, 300, 200), (200, 300)) == (157, 57, 300, 200)
