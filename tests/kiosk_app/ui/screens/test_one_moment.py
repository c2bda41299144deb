"""Something unexpected."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from kiosk_app.flow.events import NextPressed
from kiosk_app.flow.steps import OneMomentView
from kiosk_app.ui.screens.one_moment import OneMomentScreen

if TYPE_CHECKING:
    from tests.kiosk_app.ui.screens.conftest import Stage


def test_calm_words_and_a_way_to_the_beginning(stage: Stage) -> None:
    screen = stage.build(OneMomentScreen, OneMomentView())
    assert "Xin chờ một chút" in stage.words(screen)
    stage.press(screen, "primary")
    assert stage.events == [NextPressed()]


@pytest.mark.parametrize("scale", [100, 150, 200])
@pytest.mark.parametrize("landscape", [False, True])
def test_nothing_is_cut(stage: Stage, scale: int, *, landscape: bool) -> None:
    screen = stage.build(OneMomentScreen, OneMomentView(), scale=scale, landscape=landscape)
    assert stage.cut(screen) == []
