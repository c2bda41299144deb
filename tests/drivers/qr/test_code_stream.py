"""Reading in a stream: a bounded effort a frame, and memory that makes the next frame count."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest

from drivers.qr.decoder import WAYS
from drivers.qr.stream import REMEMBERED, WAYS_A_FRAME, CodeStream
from drivers.simulated.scanner.code_picture import draw_code

if TYPE_CHECKING:
    from numpy.typing import NDArray

CARD = "087198001234|321456789|Nguyễn Thị Hường|15081998|Nữ|Sa Đéc|22122021"
STICKER = "https://vnptpay.vn/x"


def in_view(code: NDArray[np.uint8], *, left: int = 300, top: int = 200) -> NDArray[np.uint8]:
    frame = np.full((720, 1280), 120, np.uint8)
    frame[top : top + code.shape[0], left : left + code.shape[1]] = code
    return frame


def soft(sigma: float) -> NDArray[np.uint8]:
    return cv2.GaussianBlur(draw_code(CARD), (0, 0), sigma).astype(np.uint8)


def frames_needed(code: NDArray[np.uint8], most: int) -> int | None:
    stream = CodeStream()
    for count in range(1, most + 1):
        if [found.text for found in stream.look(in_view(code, left=300 + count))] == [CARD]:
            return count
    return None


def test_a_good_code_is_read_in_the_first_frame_with_its_place() -> None:
    frame = in_view(draw_code(CARD))
    (code,) = CodeStream().look(frame)
    assert code.text == CARD
    xs, ys = zip(*code.corners, strict=True)
    assert 300 < min(xs) < max(xs) < 300 + 500
    assert 200 < min(ys) < max(ys) < 200 + 500


@pytest.mark.parametrize("sigma", [1.6, 2.2])
def test_a_soft_code_is_read_within_ten_frames(sigma: float) -> None:
    assert frames_needed(soft(sigma), 10) is not None


def with_sticker(code: NDArray[np.uint8], *, left: int = 700) -> NDArray[np.uint8]:
    """Return a frame with an easy code in its corner, as on a reader's own sticker, and this one."""
    frame = in_view(code, left=left)
    sticker = draw_code(STICKER)
    frame[20 : 20 + sticker.shape[0], 20 : 20 + sticker.shape[1]] = sticker
    return frame


def test_a_code_that_stays_in_view_hides_no_harder_one() -> None:
    stream = CodeStream()
    read = [{found.text for found in stream.look(with_sticker(soft(2.2), left=700 + n))} for n in range(10)]
    assert all(STICKER in texts for texts in read)
    assert any(CARD in texts for texts in read)


def test_of_two_hard_codes_both_are_read() -> None:
    other = CARD.replace("087198001234", "087198009999")
    stream, read = CodeStream(), set()
    for count in range(12):
        frame = in_view(soft(2.2), left=40 + count)
        second = cv2.GaussianBlur(draw_code(other), (0, 0), 2.2).astype(np.uint8)
        frame[200 : 200 + second.shape[0], 700 + count : 700 + count + second.shape[1]] = second
        read |= {found.text for found in stream.look(frame)}
    assert read == {CARD, other}


def test_every_way_has_had_its_turn_after_four_frames() -> None:
    assert len(WAYS) + 1 <= WAYS_A_FRAME * 4


def test_an_empty_view_costs_little_and_finds_nothing() -> None:
    stream = CodeStream()
    for _ in range(REMEMBERED + 3):
        assert stream.look(np.full((720, 1280, 3), 90, np.uint8)) == []


def test_a_code_gone_is_not_read_from_memory() -> None:
    stream = CodeStream()
    assert stream.look(in_view(draw_code(CARD)))
    assert stream.look(np.full((720, 1280), 120, np.uint8)) == []
    stream.forget()
    assert stream.look(np.full((200, 100), 120, np.uint8)) == []
    assert [code.text for code in stream.look(in_view(draw_code("Ờ"), left=700))] == ["Ờ"]
