"""A tried touch grid is judged once and said on the technician's screen, and nowhere else."""

from __future__ import annotations

import dataclasses
from typing import Any

from kiosk_app.flow import events
from kiosk_app.flow.session import Session
from kiosk_app.flow.steps import Step, Tone
from kiosk_app.flow.technician_events import TouchTried
from kiosk_app.flow.technician_view import TechMachineView
from kiosk_app.flow.touch_grid import Felt, TouchTrial, grid
from tests.kiosk_app.flow.scripted_tools import ScriptedTools

TRIAL = TouchTrial(
    size_px=(1080, 1920), felt=tuple(Felt(spot=spot, at=None) for spot in grid(landscape=False)[:4])
)


def test_what_the_grid_shows_is_said(walker: Any, hall: Any) -> None:
    session = Session(dataclasses.replace(hall.services(), technician=ScriptedTools()))
    walk = walker(session)
    walk.act(events.Went(to=Step.HELP), events.Went(to=Step.STAFF_PIN), events.PinTyped(pin="246810"))
    walk.act(events.Went(to=Step.TECH_MACHINE), TouchTried(trial=TRIAL))
    view = session.view()
    assert isinstance(view, TechMachineView)
    assert view.said is not None
    assert (view.said.text, view.said.tone, view.busy) == ("4 spots", Tone.ERROR, False)


def test_a_citizen_is_judged_nothing(hall: Any) -> None:
    session = Session(dataclasses.replace(hall.services(), technician=ScriptedTools()))
    assert session.handle(TouchTried(trial=TRIAL)) == ()
