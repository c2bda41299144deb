"""Sheets from the A4 printer: the job, what it waits for, and what came of it."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from drivers.ports import DeviceState, SheetOutcome
from kiosk_app.flow import events
from kiosk_app.flow.jobs import Job, Lane
from kiosk_app.flow.sentences import codes, notice
from kiosk_app.flow.sheet_view import SheetPhase
from kiosk_app.flow.steps import Tone

if TYPE_CHECKING:
    from collections.abc import Callable

    from drivers.ports import SheetProgress
    from kiosk_app.flow.jobs import Handlers, Report
    from kiosk_app.flow.session import Session

DEVICE: Final = "a4_printer"
_NONE: Final = frozenset({DeviceState.DISABLED})
_GONE: Final = frozenset({DeviceState.ABSENT, DeviceState.CONNECTING, DeviceState.FAULT})


@dataclass(slots=True, kw_only=True)
class Sheets:
    """The sheets of this visit; a visit that ends takes a job that is not out yet with it."""

    phase: SheetPhase = SheetPhase.OFFERED
    cause: str = "ok"
    stop: threading.Event = field(default_factory=threading.Event)


def why_not(session: Session) -> str:
    """Return the code of why no sheet can be printed here now, or empty.

    A printer without paper is asked all the same: CUPS knows of the new paper only from the next job.
    """
    seen = session.health.devices if session.health else ()
    state = next((status.state for status in seen if status.device == DEVICE), DeviceState.DISABLED)
    if state in _NONE:
        return "copy.absent"
    return "copy.no_printer" if state in _GONE else ""


def print_job(session: Session, make: Callable[[], bytes], *, title: str, copies: int = 1) -> Job:
    """Return the job that makes a PDF and prints it; `title` must hold no personal data."""
    printer = session.services.sheets
    session.visit.sheets = work_now = Sheets(phase=SheetPhase.PRINTING)
    session.visit.notice = None

    def work(report: Report) -> events.SheetsEnded:
        def told(progress: SheetProgress) -> None:
            report(events.SheetsMoved(cause=progress.cause))

        outcome = printer.print_pdf(make(), title=title, copies=copies, told=told, stop=work_now.stop.is_set)
        return events.SheetsEnded(printed=outcome is SheetOutcome.DONE)

    return Job(name="print_sheets", lane=Lane.SHEETS, work=work)


def moved(session: Session, event: events.SheetsMoved) -> tuple[Job, ...]:
    """Say what the printer waits for, and that it goes on; staff are told once."""
    sheets = session.visit.sheets
    if sheets.phase is not SheetPhase.PRINTING or event.cause == sheets.cause:
        return ()
    sheets.cause = event.cause
    session.visit.notice = None
    if event.cause != "ok":
        session.call_staff(event.cause)
        code = event.cause if event.cause in codes() else "a4.waiting"
        session.visit.notice = notice(code, tone=Tone.WARN)
    return ()


def ended(session: Session, event: events.SheetsEnded) -> tuple[Job, ...]:
    """Note that the sheets are out, or that nothing comes any more."""
    sheets = session.visit.sheets
    sheets.phase = SheetPhase.OUT if event.printed else SheetPhase.CANCELLED
    session.visit.notice = None
    return ()


def failed(session: Session, event: events.JobFailed) -> tuple[Job, ...]:
    """Say that nothing was printed and who prints instead; what was filled or scanned stays."""
    session.visit.sheets.phase = SheetPhase.FAILED
    session.call_staff(event.detail or event.code)
    return session.say("a4.failed")


def stop_asked(session: Session) -> tuple[Job, ...]:
    """Cancel the job; its end comes as an event."""
    session.visit.sheets.stop.set()
    return ()


EVENTS: Final[Handlers] = {events.SheetsMoved: moved, events.SheetsEnded: ended}
