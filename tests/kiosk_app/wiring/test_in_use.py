"""Somebody before the kiosk is told to the service manager, so that no update stops a visit."""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING, Any

from deploy import machine
from kiosk_app.flow import events
from kiosk_app.flow.steps import Step
from kiosk_app.ui.widgets.frame import Centre
from kiosk_app.ui.window import Window
from kiosk_app.wiring.kiosk import IN_USE, tell_use

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from kiosk_app.flow.session import Session


def test_a_visit_is_told_when_it_begins_and_when_it_ends(qtbot: QtBot, hall: Any, session: Session) -> None:
    window = Window(centre=Centre(name="Trung tâm"), now=hall.services().now, hotline="1022")
    window.resize(1080, 1920)
    window.show_first()
    qtbot.addWidget(window)
    window.attach(session)
    told: list[str] = []
    tell_use(window, machine.SERVING, told.append)
    window.act(events.Went(to=Step.CHOOSE))
    window.act(events.Went(to=Step.HELP))
    window.act(events.EndPressed())
    assert told == ["serving", "serving, in use", "serving"]
    assert window.shut()
    gc.unfreeze()


def test_the_updater_knows_the_words() -> None:
    assert IN_USE == machine.IN_USE
    state = machine.state_of(
        {"ActiveState": "active", "StatusText": f"serving without queue{IN_USE}", "NRestarts": ""}
    )
    assert state == machine.State(active=True, doing="serving without queue", restarts=0, in_use=True)
