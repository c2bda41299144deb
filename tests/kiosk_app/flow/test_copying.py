"""Free copies and the printed form: pages in, sheets out, and what happens when none come."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from drivers.errors import (
    DeviceMissingError,
    DeviceTimeoutError,
    PageNotFoundError,
    PrinterBlockedError,
    ScanError,
)
from drivers.ports import DeviceState, PageProblem, SheetOutcome
from kiosk_app.flow import events
from kiosk_app.flow.papers import why_no_page
from kiosk_app.flow.sheet_view import CopyPhase, CopyView, SheetPhase
from kiosk_app.flow.steps import DoneView, ReviewView, Step, Tone, UnavailableView
from tests.kiosk_app.flow.citizen import at, to_done, to_review

if TYPE_CHECKING:
    from kiosk_app.flow.session import Session


def copier(session: Session) -> CopyView:
    view = session.view()
    assert isinstance(view, CopyView)
    return view


def to_copier(walk: Any) -> None:
    walk.walk()
    walk.act(events.CopyAsked())


def take_page(walk: Any) -> None:
    walk.act(events.PictureAsked(), events.PageKept())


def test_two_pages_twice_come_out_and_nothing_is_kept(walker: Any, session: Session, hall: Any) -> None:
    walk = walker(session)
    to_copier(walk)
    assert at(session) is Step.COPY
    take_page(walk)
    walk.act(events.MorePagesAsked())
    take_page(walk)
    walk.act(events.CopiesSet(copies=2), events.NextPressed())
    assert hall.sheets.printed == [(b"%PDF 2 B\xe1\xba\xa3n ch\xe1\xbb\xa5p", "Bản chụp", 2)]
    assert copier(session).sheet is SheetPhase.OUT
    walk.act(events.NextPressed())
    assert at(session) is Step.WELCOME
    assert session.visit.copying.pages == ()
    assert hall.queue.taken == []


def test_only_so_many_sheets_are_free(walker: Any, session: Session) -> None:
    walk = walker(session)
    to_copier(walk)
    take_page(walk)
    assert copier(session).most_copies == 10
    walk.act(events.CopiesSet(copies=11))
    assert copier(session).copies == 1
    walk.act(events.CopiesSet(copies=6))
    assert not copier(session).more, "two pages six times would be twelve sheets"
    walk.act(events.MorePagesAsked())
    assert copier(session).phase is CopyPhase.READY


def test_a_page_that_cannot_be_read_is_taken_again(walker: Any, session: Session, hall: Any) -> None:
    walk = walker(session)
    to_copier(walk)
    hall.desk.problems = (PageProblem(code="blurred", blocking=True),)
    take_page(walk)
    assert copier(session).pages == 0
    assert copier(session).notice is not None
    hall.desk.problems = ()
    walk.act(events.PageRetaken())
    take_page(walk)
    assert copier(session).pages == 1


def test_paper_that_runs_out_is_told_to_citizen_and_staff(walker: Any, session: Session, hall: Any) -> None:
    walk = walker(session)
    to_copier(walk)
    take_page(walk)
    seen: list[str] = []
    hall.sheets.reports = ["a4.paper_out", "a4.paper_out", "ok"]
    hall.sheets.during = lambda: seen.append(getattr(session.visit.notice, "code", ""))
    walk.act(events.NextPressed())
    assert seen == ["a4.paper_out", "a4.paper_out", ""]
    assert [why for _at, why in session.calls] == ["a4.paper_out"]
    assert copier(session).sheet is SheetPhase.OUT


def test_the_printer_is_stopped_by_the_citizen(walker: Any, session: Session, hall: Any) -> None:
    walk = walker(session)
    to_copier(walk)
    take_page(walk)
    hall.sheets.reports = ["a4.jam"]
    hall.sheets.during = lambda: session.handle(events.BackPressed())
    walk.act(events.NextPressed())
    assert copier(session).sheet is SheetPhase.CANCELLED
    assert hall.sheets.printed == []
    hall.sheets.reports = []
    walk.act(events.BackPressed(), events.NextPressed())
    assert copier(session).sheet is SheetPhase.OUT, "the pages are still there for another try"


def test_a_visit_that_ends_takes_its_sheets_along(walker: Any, session: Session, hall: Any) -> None:
    walk = walker(session)
    to_copier(walk)
    take_page(walk)
    hall.sheets.reports = ["a4.paper_out"]
    hall.sheets.during = lambda: session.end("idle")
    walk.act(events.NextPressed())
    assert hall.sheets.printed == []
    assert at(session) is Step.WELCOME


@pytest.mark.parametrize(
    "error", [DeviceMissingError(), DeviceTimeoutError(), PrinterBlockedError(detail="a4.paper_out")]
)
def test_a_printer_that_fails_says_who_prints(
    walker: Any, session: Session, hall: Any, error: Exception
) -> None:
    walk = walker(session)
    to_copier(walk)
    take_page(walk)
    hall.sheets.outcome = error
    walk.act(events.NextPressed())
    view = copier(session)
    assert view.sheet is SheetPhase.FAILED
    assert view.notice is not None
    assert view.notice.code == "a4.failed"
    assert session.calls


@pytest.mark.parametrize(
    ("device", "state", "code"),
    [
        ("sheets", DeviceState.DISABLED, "copy.absent"),
        ("sheets", DeviceState.ABSENT, "copy.no_printer"),
        ("desk", DeviceState.ABSENT, "copy.no_camera"),
    ],
)
def test_what_cannot_be_done_is_said_with_another_way(
    *, walker: Any, session: Session, hall: Any, device: str, state: DeviceState, code: str
) -> None:
    getattr(hall, device).state = state
    walk = walker(session)
    to_copier(walk)
    assert session.visit.unavailable == code
    assert isinstance(session.view(), UnavailableView)


def test_a_printer_without_paper_is_asked_all_the_same(walker: Any, session: Session, hall: Any) -> None:
    hall.sheets.state = DeviceState.BLOCKED
    walk = walker(session)
    to_copier(walk)
    assert at(session) is Step.COPY


def test_the_way_back_leads_out_step_by_step(walker: Any, session: Session) -> None:
    walk = walker(session)
    to_copier(walk)
    take_page(walk)
    walk.act(events.MorePagesAsked(), events.PictureAsked(), events.BackPressed())
    assert copier(session).phase is CopyPhase.AIM
    walk.act(events.BackPressed())
    assert copier(session).phase is CopyPhase.READY
    walk.act(events.BackPressed())
    assert at(session) is Step.WELCOME


def test_a_camera_that_fails_keeps_the_pages(walker: Any, session: Session, hall: Any) -> None:
    walk = walker(session)
    to_copier(walk)
    take_page(walk)
    walk.act(events.MorePagesAsked())
    hall.desk.broken = DeviceTimeoutError()
    walk.act(events.PictureAsked())
    assert copier(session).phase is CopyPhase.AIM
    assert copier(session).pages == 1
    assert copier(session).notice is not None


@pytest.mark.parametrize(
    ("error", "code", "tone"),
    [
        (PageNotFoundError(detail="cut_off_left"), "page.cut_off_left", Tone.WARN),
        (PageNotFoundError(detail="too_dark"), "page.too_dark", Tone.WARN),
        (PageNotFoundError(detail="two_papers"), "scan.two_papers", Tone.WARN),
        (ScanError(detail="jammed"), "scan.jammed", Tone.ERROR),
    ],
)
def test_the_copier_says_what_the_scan_of_papers_says(
    *, walker: Any, session: Session, hall: Any, error: ScanError, code: str, tone: Tone
) -> None:
    walk = walker(session)
    to_copier(walk)
    hall.desk.broken = error
    walk.act(events.PictureAsked())
    said = copier(session).notice
    assert said is not None
    assert (said.code, said.tone) == (code, tone)
    session.end("back")
    papers = why_no_page(events.JobFailed(job="take_page", code=error.code, detail=error.detail))
    assert papers == said


def test_copies_that_are_out_end_the_visit_by_themselves(walker: Any, session: Session, hall: Any) -> None:
    walk = walker(session)
    to_copier(walk)
    take_page(walk)
    walk.act(events.NextPressed())
    hall.rest(25)
    walk.act(events.Tick(at=hall.seconds))
    assert at(session) is Step.WELCOME


# --- the form on A4 -------------------------------------------------------------------------------------


def test_the_filled_form_is_printed_from_the_review(walker: Any, session: Session, hall: Any) -> None:
    walk = walker(session)
    walk.walk()
    to_review(walk, hall, session)
    view = session.view()
    assert isinstance(view, ReviewView)
    assert view.sheet is SheetPhase.OFFERED
    walk.act(events.FormPrintAsked())
    (printed,) = hall.sheets.printed
    assert printed[0].startswith(b"%PDF 2.000635")
    assert printed[1:] == ("2.000635", 1)
    view = session.view()
    assert isinstance(view, ReviewView)
    assert view.sheet is SheetPhase.OUT


def test_without_a_printer_no_form_is_offered(walker: Any, session: Session, hall: Any) -> None:
    hall.sheets.state = DeviceState.DISABLED
    walk = walker(session)
    walk.walk()
    to_review(walk, hall, session)
    view = session.view()
    assert isinstance(view, ReviewView)
    assert view.sheet is None
    walk.act(events.FormPrintAsked())
    assert hall.sheets.printed == []


def test_a_form_that_is_not_printed_stops_nothing(walker: Any, session: Session, hall: Any) -> None:
    walk = walker(session)
    walk.walk()
    to_review(walk, hall, session)
    hall.sheets.outcome = SheetOutcome.CANCELLED
    walk.act(events.FormPrintAsked(), events.ConsentAnswered(agreed=True))
    assert at(session) is Step.DONE


# --- the fee --------------------------------------------------------------------------------------------


def test_a_fee_is_told_with_cash_first_and_a_code_for_a_transfer(
    walker: Any, session: Session, hall: Any
) -> None:
    walk = walker(session)
    to_done(walk, hall, session)
    view = session.view()
    assert isinstance(view, DoneView)
    assert view.fee.endswith("đồng")
    amount = view.fee.split()[0].replace(".", "")
    assert view.pay_text == f"PAY {amount} {view.number}"
    _receipt, slip = hall.printer.tickets
    assert (slip.number, slip.qr_text) == (view.fee, view.pay_text)
    assert "tiền mặt" in slip.notes[0]
    assert "không biết" in slip.notes[1]
