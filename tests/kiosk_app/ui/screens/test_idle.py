"""The quiet question."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from kiosk_app.ui.screens.idle import IdlePanel
from kiosk_app.ui.theme import theme

if TYPE_CHECKING:
    from tests.kiosk_app.ui.screens.conftest import Stage


def panel_on(stage: Stage, *, scale: int = 100, landscape: bool = False) -> IdlePanel:
    look = theme(scale=scale, landscape=landscape)
    panel = IdlePanel(look)
    panel.set_seconds(24, 30)
    stage.lay(panel, landscape=landscape)
    return panel


def test_it_counts_down_in_words(stage: Stage) -> None:
    panel = panel_on(stage)
    assert "Sau 24 giây" in stage.words(panel)
    panel.set_seconds(23, 30)
    assert "Sau 23 giây" in stage.words(panel)


def test_every_answer_is_told(stage: Stage) -> None:
    panel = panel_on(stage)
    with stage.qtbot.waitSignal(panel.still_here, timeout=1000):
        stage.press(panel, "still-here")
    with stage.qtbot.waitSignal(panel.more_asked, timeout=1000):
        stage.press(panel, "more-time")
    with stage.qtbot.waitSignal(panel.ended, timeout=1000):
        stage.press(panel, "end")


def test_enter_means_still_here(stage: Stage) -> None:
    panel = panel_on(stage)
    with stage.qtbot.waitSignal(panel.still_here, timeout=1000):
        QTest.keyClick(stage.button(panel, "still-here"), Qt.Key.Key_Return)


@pytest.mark.parametrize("scale", [100, 150, 200])
@pytest.mark.parametrize("landscape", [False, True])
def test_nothing_is_cut(stage: Stage, scale: int, *, landscape: bool) -> None:
    assert stage.cut(panel_on(stage, scale=scale, landscape=landscape)) == []
