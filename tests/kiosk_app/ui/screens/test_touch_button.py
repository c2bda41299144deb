"""The technician's button covers the whole screen with the touch grid and sends what came of it."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from kiosk_app.flow.technician_events import TouchTried
from kiosk_app.flow.technician_view import TechMachineView
from kiosk_app.ui.screens.technician_machine import TechnicianMachineScreen
from kiosk_app.ui.widgets.touch_panel import TouchPanel


@pytest.mark.parametrize("landscape", [False, True])
def test_the_grid_covers_all_of_the_screen_and_goes_when_it_is_done(stage: Any, *, landscape: bool) -> None:
    screen = stage.build(TechnicianMachineScreen, TechMachineView(), landscape=landscape)
    stage.press(screen, "tech-touch")
    (panel,) = screen.findChildren(TouchPanel)
    assert panel.isVisible()
    assert panel.geometry() == screen.rect()
    assert screen.childAt(QPoint(3, 3)) is panel
    for spot in panel._spots:
        at = QPoint(round(spot.at[0] * screen.width()), round(spot.at[1] * screen.height()))
        QTest.mousePress(panel, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, at)
    stage.settle()
    (event,) = stage.events
    assert isinstance(event, TouchTried)
    assert event.trial.size_px == (screen.width(), screen.height())
    assert len(event.trial.felt) == 15
    assert screen.findChildren(TouchPanel) == []
