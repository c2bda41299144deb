"""The technician's buttons: one at a time, each with an answer, and nothing without the PIN."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import pytest

from drivers.ports import PrintOutcome
from kiosk_app.flow import events
from kiosk_app.flow.session import Session
from kiosk_app.flow.staff_view import StaffView
from kiosk_app.flow.steps import Notice, Step, Tone
from kiosk_app.flow.technician import DEVICES, NoStickError, NotAllowedError, Tried

if TYPE_CHECKING:
    from collections.abc import Callable

DOOR = (events.Went(to=Step.HELP), events.Went(to=Step.STAFF_PIN), events.PinTyped(pin="246810"))


class ScriptedTools:
    """Does what a script says, and counts."""

    def __init__(self) -> None:
        self.did: list[str] = []
        self.well = True
        self.asks: tuple[str, ...] = ()
        self.fails: Exception | None = None
        self.outcome = PrintOutcome.ISSUED

    def _do(self, what: str) -> None:
        self.did.append(what)
        if self.fails is not None:
            raise self.fails

    def try_out(self, device: str, ask: Callable[[str], None]) -> Tried:
        for what in self.asks:
            ask(what)
        self._do(device)
        return Tried(device=device, well=self.well, text="Đang làm việc.")

    def print_status(self) -> PrintOutcome:
        self._do("print_status")
        return self.outcome

    def log_tail(self) -> tuple[tuple[str, str], ...]:
        self._do("log")
        return (("09:41:00", "health.changed · ticket_printer · printer.paper_out"),)

    def export(self) -> str:
        self._do("export")
        return "/media/stick/kiosk-01.zip"

    def enrol(self, code: str) -> str:
        self._do(f"enrol {code}")
        return "kiosk-7"

    def reboot(self) -> None:
        self._do("reboot")


@pytest.fixture
def tools() -> ScriptedTools:
    return ScriptedTools()


@pytest.fixture
def walk(hall: Any, walker: Any, tools: ScriptedTools) -> Any:
    walked = walker(Session(dataclasses.replace(hall.services(), technician=tools)))
    walked.act(*DOOR)
    assert walked.session.step is Step.STAFF
    return walked


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
    walk.act(events.TechnicianAsked(what=device))
    assert tools.did == [device]
    assert said(walk).text == "Đang làm việc."
    assert said(walk).tone is Tone.OK
    tools.well = False
    walk.act(events.TechnicianAsked(what=device))
    assert said(walk).tone is Tone.ERROR
    assert not seen(walk).busy


def test_while_it_is_tried_the_person_is_told_what_to_do_and_no_second_thing_begins(
    walk: Any, tools: ScriptedTools
) -> None:
    session = walk.session
    (job,) = session.handle(events.TechnicianAsked(what="qr_scanner"))
    assert seen(walk).busy
    assert session.handle(events.TechnicianAsked(what="log")) == ()
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
    walk.act(events.TechnicianAsked(what="print_status"))
    assert said(walk).text == "Phiếu tình trạng đã in."
    tools.outcome = PrintOutcome.UNCERTAIN
    walk.act(events.TechnicianAsked(what="print_status"))
    assert said(walk).code == "printer.uncertain"
    walk.act(events.TechnicianAsked(what="log"))
    assert seen(walk).log[0][0] == "09:41:00"
    walk.act(events.TechnicianAsked(what="export"))
    assert "/media/stick/kiosk-01.zip" in said(walk).text
    walk.act(events.TechnicianAsked(what="enrol", text="AB12-CD34"))
    assert "kiosk-7" in said(walk).text
    walk.act(events.TechnicianAsked(what="dance"))
    assert tools.did == ["print_status", "print_status", "log", "export", "enrol AB12-CD34"]
    assert "AB12" not in repr(events.TechnicianAsked(what="enrol", text="AB12-CD34"))


def test_the_machine_is_restarted_at_the_second_touch(walk: Any, tools: ScriptedTools) -> None:
    walk.act(events.TechnicianAsked(what="reboot"))
    assert tools.did == []
    assert "lần nữa" in said(walk).text
    walk.act(events.TechnicianAsked(what="reboot"))
    assert tools.did == ["reboot"]
    walk.act(events.TechnicianAsked(what="reboot"), events.TechnicianAsked(what="log"))
    walk.act(events.TechnicianAsked(what="reboot"))
    assert tools.did == ["reboot", "log"]


@pytest.mark.parametrize(
    ("error", "code"), [(NoStickError(), "stick.none"), (NotAllowedError(), "system.not_allowed")]
)
def test_what_cannot_be_done_is_said(walk: Any, tools: ScriptedTools, error: Exception, code: str) -> None:
    tools.fails = error
    walk.act(events.TechnicianAsked(what="export"))
    assert said(walk).code == code
    assert not seen(walk).busy


def test_nothing_is_done_before_the_door_is_open_and_nothing_said_is_left_for_the_next(
    hall: Any, walker: Any, tools: ScriptedTools, walk: Any
) -> None:
    shut = walker(Session(dataclasses.replace(hall.services(), technician=tools)))
    shut.act(events.TechnicianAsked(what="reboot"), events.TechnicianAsked(what="reboot"))
    assert tools.did == []
    walk.act(events.TechnicianAsked(what="log"), events.BackPressed())
    walk.act(*DOOR)
    assert (seen(walk).log, seen(walk).said) == ((), None)
