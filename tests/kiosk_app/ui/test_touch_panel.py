"""The touch grid is gone through on a real widget: what a finger does is what is told."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from kiosk_app.flow.touch_grid import TouchTrial, grid
from kiosk_app.ui.app import make_application
from kiosk_app.ui.theme import theme
from kiosk_app.ui.widgets.touch_panel import GIVE_UP, TouchPanel

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytestqt.qtbot import QtBot


def press(panel: TouchPanel, at: QPoint) -> None:
    QTest.mousePress(panel, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, at)


@pytest.fixture
def panel(qtbot: QtBot) -> Callable[..., tuple[TouchPanel, list[TouchTrial]]]:
    make_application()

    def build(
        size: tuple[int, int] = (540, 960), wait_ms: int = 60_000
    ) -> tuple[TouchPanel, list[TouchTrial]]:
        made = TouchPanel(theme(landscape=size[0] > size[1]), wait_ms=wait_ms)
        qtbot.addWidget(made)
        trials: list[TouchTrial] = []
        made.tried.connect(trials.append)
        made.resize(*size)
        made.show()
        return made, trials

    return build


@pytest.mark.parametrize("size", [(540, 960), (960, 540)])
def test_fifteen_touches_end_it_and_tell_where_each_was_felt(
    panel: Callable[..., tuple[TouchPanel, list[TouchTrial]]], size: tuple[int, int]
) -> None:
    made, trials = panel(size)
    for spot in grid(landscape=size[0] > size[1]):
        assert trials == []
        at = QPoint(round(spot.at[0] * size[0]) + 3, round(spot.at[1] * size[1]))
        press(made, at)
    (trial,) = trials
    assert trial.size_px == size
    for one in trial.felt:
        assert one.at is not None
        assert one.at[0] * size[0] == pytest.approx(one.spot.at[0] * size[0] + 3, abs=1)
        assert one.at[1] == pytest.approx(one.spot.at[1], abs=0.002)
    press(made, QPoint(5, 5))
    assert len(trials) == 1, "the grid is over"


def test_a_spot_that_feels_nothing_is_passed_over_and_kept_as_dead(
    panel: Callable[..., tuple[TouchPanel, list[TouchTrial]]],
) -> None:
    made, trials = panel()
    press(made, QPoint(27, 48))
    made._patience.timeout.emit()
    for _spot in range(13):
        press(made, QPoint(100, 100))
    assert [one.at is None for one in trials[0].felt] == [False, True, *[False] * 13]


def test_a_panel_that_feels_nothing_at_all_ends_soon(
    panel: Callable[..., tuple[TouchPanel, list[TouchTrial]]], qtbot: QtBot
) -> None:
    _made, trials = panel(wait_ms=5)
    qtbot.waitUntil(lambda: len(trials) == 1, timeout=5000)
    assert len(trials[0].felt) == GIVE_UP


def test_the_spot_to_touch_stands_out_and_moves_on(
    panel: Callable[..., tuple[TouchPanel, list[TouchTrial]]],
) -> None:
    made, _trials = panel()
    main = theme().palette.main.lower()
    first, second = (QPoint(round(x * 540) + 25, 48) for x in (0.05, 0.5))
    before = made.grab().toImage()
    assert before.pixelColor(first).name() == main
    assert before.pixelColor(second).name() != main
    press(made, QPoint(27, 48))
    after = made.grab().toImage()
    assert after.pixelColor(second).name() == main
    assert after.pixelColor(first).name() != main
