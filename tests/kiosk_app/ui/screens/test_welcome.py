"""The first screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from kiosk_app.flow.events import CopyAsked, Event, Went
from kiosk_app.flow.steps import Step, WelcomeView
from kiosk_app.ui.screens.welcome import WelcomeScreen

if TYPE_CHECKING:
    from tests.kiosk_app.ui.screens.conftest import Stage

VIEW = WelcomeView(waiting=6, hotline="1022")


@pytest.mark.parametrize(
    ("tile", "event"),
    [
        ("tile-submit", Went(to=Step.CHOOSE)),
        ("tile-take_number", Went(to=Step.TAKE_NUMBER)),
        ("tile-look_up", Went(to=Step.LOOK_UP)),
        ("tile-procedures", Went(to=Step.PROCEDURE)),
        ("tile-copy", CopyAsked()),
    ],
)
def test_each_tile_says_what_was_touched(stage: Stage, tile: str, event: Event) -> None:
    stage.press(stage.build(WelcomeScreen, VIEW), tile)
    assert stage.events == [event]


def test_the_line_tells_how_many_wait_and_whom_to_call(stage: Stage) -> None:
    words = stage.words(stage.build(WelcomeScreen, VIEW))
    assert "Đang chờ: 6 người · Đường dây nóng 1022" in words


def test_an_empty_line_is_not_counted(stage: Stage) -> None:
    screen = stage.build(WelcomeScreen, VIEW)
    screen.show_view(WelcomeView(waiting=0, hotline="1022"))
    words = stage.words(screen)
    assert "Đường dây nóng 1022" in words
    assert "Đang chờ" not in words


def test_a_centre_without_hotline_and_without_people_shows_no_empty_bar(stage: Stage) -> None:
    words = stage.words(stage.build(WelcomeScreen, WelcomeView(waiting=0, hotline="")))
    assert "Đường dây nóng" not in words
    assert "Đang chờ: 3 người" in stage.words(stage.build(WelcomeScreen, WelcomeView(waiting=3, hotline="")))


def test_a_blocked_tile_says_why_and_can_still_be_touched(stage: Stage) -> None:
    screen = stage.build(WelcomeScreen, VIEW)
    reason = "Máy hết chỗ lưu nên chưa nhận được hồ sơ."
    screen.show_view(WelcomeView(waiting=6, hotline="1022", blocked={"submit": reason}))
    assert reason in stage.words(screen)
    stage.press(screen, "tile-submit")
    assert stage.events == [Went(to=Step.CHOOSE)]


def test_a_tile_that_works_again_looks_as_before(stage: Stage) -> None:
    full = WelcomeView(waiting=6, hotline="1022", blocked={"submit": "Hết chỗ."})
    screen = stage.build(WelcomeScreen, full)
    screen.show_view(VIEW)
    assert "Thẻ căn cước tự điền tờ khai" in stage.words(screen)
    assert "Hết chỗ." not in stage.words(screen)
    fresh = stage.build(WelcomeScreen, VIEW)
    again, first = stage.button(screen, "tile-submit"), stage.button(fresh, "tile-submit")
    assert again.grab().toImage() == first.grab().toImage()


@pytest.mark.parametrize("scale", [100, 150, 200])
@pytest.mark.parametrize("landscape", [False, True])
def test_nothing_is_cut(stage: Stage, scale: int, *, landscape: bool) -> None:
    blocked = {"look_up": "Đường truyền đang mất nên chưa tra được. Xin thử lại sau hoặc hỏi cán bộ."}
    view = WelcomeView(waiting=124, hotline="0277 3851 022", blocked=blocked)
    screen = stage.build(WelcomeScreen, view, scale=scale, landscape=landscape)
    assert stage.cut(screen) == []


@pytest.mark.parametrize("scale", [100, 200])
def test_a_wide_screen_tells_the_line_as_well(stage: Stage, scale: int) -> None:
    screen = stage.build(WelcomeScreen, VIEW, scale=scale, landscape=True)
    assert "Đang chờ: 6 người · Đường dây nóng 1022" in stage.words(screen)
