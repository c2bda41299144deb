"""The technician's buttons: one at a time, each with an answer, and nothing without the PIN."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from drivers.errors import ScanError
from drivers.ports import PrintOutcome
from kiosk_app.flow import events
from kiosk_app.flow.session import Session
from kiosk_app.flow.staff_view import StaffView
from kiosk_app.flow.steps import Notice, Step, Tone
from kiosk_app.flow.technician import DEVICES, STEPS
from kiosk_app.flow.technician_events import TechnicianAsked
from kiosk_app.flow.technician_tools import NoStickError, NotAllowedError
from kiosk_app.flow.technician_view import TechHistoryView, TechMachineView
from tests.kiosk_app.flow.citizen import at
from tests.kiosk_app.flow.scripted_tools import DOOR, ScriptedTools


def seen(walk: Any) -> StaffView:
    view = walk.session.view()
    assert isinstance(view, StaffView)
    return view


def said(walk: Any) -> Notice:
    notice = seen(walk).said
    assert notice is not None
    return notice


@pytest.mark.parametrize("device", DEVICES)
def test_a_device_is_tried_and_what_came_of_it_is_said(walk: Any, tools: ScriptedTools, device: str) -> None:
    walk.act(TechnicianAsked(what=device))
    assert tools.did == [device]
    assert said(walk).text == "Đang làm việc."
    assert said(walk).tone is Tone.OK
    tools.well = False
    walk.act(TechnicianAsked(what=device))
    assert said(walk).tone is Tone.ERROR
    assert not seen(walk).busy


def test_while_it_is_tried_the_person_is_told_what_to_do_and_no_second_thing_begins(
    walk: Any, tools: ScriptedTools
) -> None:
    session = walk.session
    (job,) = session.handle(TechnicianAsked(what="qr_scanner"))
    assert seen(walk).busy
    assert "Xin chờ" in said(walk).text
    assert session.handle(TechnicianAsked(what="export")) == ()
    tools.asks = ("card", "NGUYỄN THỊ HƯƠNG 3f")
    told: list[tuple[str, str]] = []

    def report(event: events.Event) -> None:
        session.handle(event)
        told.append((said(walk).text, seen(walk).show_code))

    session.handle(job.work(report))
    assert told[0][0].startswith("Đưa thẻ thử")
    assert told[1] == ("Đưa máy đọc mã vào mã dưới đây trong 30 giây.", "NGUYỄN THỊ HƯƠNG 3f")
    assert seen(walk).show_code == ""


def test_the_other_buttons_answer(walk: Any, tools: ScriptedTools) -> None:
    walk.act(TechnicianAsked(what="print_status"))
    assert said(walk).text == "Phiếu tình trạng đã in."
    tools.outcome = PrintOutcome.UNCERTAIN
    walk.act(TechnicianAsked(what="print_status"))
    assert said(walk).code == "printer.uncertain"
    walk.act(TechnicianAsked(what="export"))
    assert "/media/stick/kiosk-01.zip" in said(walk).text
    walk.act(TechnicianAsked(what="enrol", text="AB12-CD34"))
    assert "kiosk-7" in said(walk).text
    walk.act(TechnicianAsked(what="dance"))
    assert tools.did == ["print_status", "print_status", "export", "enrol AB12-CD34"]
    assert "AB12" not in repr(TechnicianAsked(what="enrol", text="AB12-CD34"))


@pytest.mark.parametrize("what", ["reboot", "restart"])
def test_what_stops_the_kiosk_is_done_at_the_second_touch(walk: Any, tools: ScriptedTools, what: str) -> None:
    walk.act(events.Went(to=Step.TECH_MACHINE), TechnicianAsked(what=what))
    assert tools.did == []
    view = walk.session.view()
    assert isinstance(view, TechMachineView)
    assert view.said is not None
    assert "lần nữa" in view.said.text
    walk.act(TechnicianAsked(what=what))
    assert tools.did == [what]


def test_another_button_in_between_takes_the_first_touch_back(walk: Any, tools: ScriptedTools) -> None:
    walk.act(TechnicianAsked(what="reboot"), TechnicianAsked(what="restart"), TechnicianAsked(what="reboot"))
    assert tools.did == []
    walk.act(TechnicianAsked(what="print_status"), TechnicianAsked(what="reboot"))
    assert tools.did == ["print_status"]


def test_the_mat_is_learnt_or_the_person_is_told_to_clear_it(walk: Any, tools: ScriptedTools) -> None:
    walk.act(TechnicianAsked(what="learn_mat"))
    assert tools.did == ["learn_mat"]
    assert "Đã học mặt bàn quét" in said(walk).text
    tools.fails = ScanError("Something lies on the mat.", detail="mat_not_empty")
    walk.act(TechnicianAsked(what="learn_mat"))
    assert said(walk).code == "scan.mat_not_empty"
    assert said(walk).tone is Tone.ERROR
    assert "Xin dọn trống" in said(walk).text


def test_the_log_and_the_changes_stand_on_their_own_screen(walk: Any, tools: ScriptedTools) -> None:
    walk.act(events.Went(to=Step.TECH_HISTORY))
    view = walk.session.view()
    assert isinstance(view, TechHistoryView)
    assert view.log[0][0] == "09:41:00"
    assert view.calls[0][1] == "button"
    walk.act(events.BackPressed())
    assert walk.session.step is Step.STAFF
    assert tools.did == ["log"]


def test_the_machine_says_who_it_is(walk: Any) -> None:
    walk.act(events.Went(to=Step.TECH_MACHINE))
    view = walk.session.view()
    assert isinstance(view, TechMachineView)
    assert view.facts is not None
    assert view.facts.unit_code == "H20.17"


@pytest.mark.parametrize("step", sorted(STEPS - {Step.STAFF}))
def test_no_screen_behind_the_door_is_reached_from_before_it(
    hall: Any, walker: Any, tools: ScriptedTools, step: Step
) -> None:
    outside = walker(Session(dataclasses.replace(hall.services(), technician=tools)))
    outside.act(events.Went(to=step))
    assert at(outside.session) is Step.WELCOME
    outside.act(events.Went(to=Step.HELP), events.Went(to=Step.STAFF_PIN), events.Went(to=step))
    assert at(outside.session) is Step.STAFF_PIN


@pytest.mark.parametrize("step", sorted(STEPS - {Step.STAFF}))
def test_a_technician_has_time_and_then_the_screen_closes_itself(walk: Any, hall: Any, step: Step) -> None:
    walk.act(events.Went(to=step))
    hall.seconds += 200
    walk.act(events.Tick(at=hall.seconds))
    assert walk.session.idle_left_s is None
    hall.seconds += 150
    walk.act(events.Tick(at=hall.seconds))
    assert walk.session.step is Step.WELCOME


@pytest.mark.parametrize(
    ("error", "code"), [(NoStickError(), "stick.none"), (NotAllowedError(), "system.not_allowed")]
)
def test_what_cannot_be_done_is_said(walk: Any, tools: ScriptedTools, error: Exception, code: str) -> None:
    tools.fails = error
    walk.act(TechnicianAsked(what="export"))
    assert said(walk).code == code
    assert not seen(walk).busy


def test_nothing_is_done_before_the_door_is_open_and_nothing_said_is_left_for_the_next(
    hall: Any, walker: Any, tools: ScriptedTools, walk: Any
) -> None:
    shut = walker(Session(dataclasses.replace(hall.services(), technician=tools)))
    shut.act(TechnicianAsked(what="reboot"), TechnicianAsked(what="reboot"))
    assert tools.did == []
    walk.act(TechnicianAsked(what="print_status"), events.BackPressed())
    walk.act(*DOOR)
    assert seen(walk).said is None
