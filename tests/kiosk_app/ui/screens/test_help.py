"""Staff were called."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest

from kiosk_app.flow.events import BackPressed, Went
from kiosk_app.flow.steps import HelpView, Step
from kiosk_app.ui.screens.help import HelpScreen

if TYPE_CHECKING:
    from tests.kiosk_app.ui.screens.conftest import Stage

CALLED = dt.datetime(2026, 11, 23, 9, 5, tzinfo=dt.UTC)
VIEW = HelpView(hotline="1022", called_at=CALLED)


def test_it_says_when_staff_were_called_and_the_hotline(stage: Stage) -> None:
    words = stage.words(stage.build(HelpScreen, VIEW))
    assert "Cán bộ được gọi lúc 09:05" in words
    assert "Cần gấp, xin gọi 1022." in words


def test_a_centre_without_hotline_names_none(stage: Stage) -> None:
    assert "Cần gấp" not in stage.words(stage.build(HelpScreen, HelpView(hotline="", called_at=CALLED)))


def test_a_later_call_replaces_the_time(stage: Stage) -> None:
    screen = stage.build(HelpScreen, VIEW)
    screen.show_view(HelpView(hotline="1022", called_at=CALLED + dt.timedelta(minutes=7)))
    stage.settle()
    assert "09:12" in stage.words(screen)
    assert "09:05" not in stage.words(screen)


def test_back_for_the_citizen_and_a_door_for_staff(stage: Stage) -> None:
    screen = stage.build(HelpScreen, VIEW)
    stage.press(screen, "back")
    stage.press(screen, "staff-door")
    assert stage.events == [BackPressed(), Went(to=Step.STAFF_PIN)]


@pytest.mark.parametrize("scale", [100, 150, 200])
@pytest.mark.parametrize("landscape", [False, True])
def test_nothing_is_cut(stage: Stage, scale: int, *, landscape: bool) -> None:
    screen = stage.build(HelpScreen, VIEW, scale=scale, landscape=landscape)
    assert stage.cut(screen) == []
