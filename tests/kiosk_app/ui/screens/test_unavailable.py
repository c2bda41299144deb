"""Something does not work now."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from kiosk_app.flow.events import BackPressed, Went
from kiosk_app.flow.steps import Step, UnavailableView
from kiosk_app.ui.screens.unavailable import UnavailableScreen

if TYPE_CHECKING:
    from tests.kiosk_app.ui.screens.conftest import Stage

VIEW = UnavailableView(
    title="Việc này hiện chưa làm được ở máy",
    reason="Máy in A4 chưa được lắp ở máy này. Xin nhờ cán bộ tại quầy in miễn phí.",
)


def test_the_reason_and_the_ways_that_are_open_are_told(stage: Stage) -> None:
    screen = stage.build(UnavailableScreen, VIEW)
    assert VIEW.reason in stage.words(screen)
    stage.press(screen, "tile-take_number")
    stage.press(screen, "tile-home")
    stage.press(screen, "back")
    assert stage.events == [Went(to=Step.TAKE_NUMBER), BackPressed(), BackPressed()]


def test_no_number_is_offered_where_none_can_be_given(stage: Stage) -> None:
    screen = stage.build(UnavailableScreen, VIEW)
    screen.show_view(replace(VIEW, can_take_number=False))
    stage.settle()
    assert "Lấy số thứ tự" not in stage.words(screen)


@pytest.mark.parametrize("scale", [100, 150, 200])
@pytest.mark.parametrize("landscape", [False, True])
def test_nothing_is_cut(stage: Stage, scale: int, *, landscape: bool) -> None:
    screen = stage.build(UnavailableScreen, VIEW, scale=scale, landscape=landscape)
    assert stage.cut(screen) == []
