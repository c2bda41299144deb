"""A sick device takes away what it does and nothing else, in every state it can be in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from drivers.errors import (
    DeviceBusyError,
    DeviceMissingError,
    DeviceTimeoutError,
    DriverError,
    PageNotFoundError,
    PrinterBlockedError,
    PrinterError,
    ScanError,
)
from drivers.ports import DeviceState, PrintOutcome
from kiosk_app.flow import events
from kiosk_app.flow.sentences import sentence
from kiosk_app.flow.steps import DoneView, PaperState, ScanPhase, ScanView, Step, TakeNumberView, WelcomeView
from tests.kiosk_app.flow.citizen import at, to_card, to_code, to_review, to_scan

if TYPE_CHECKING:
    from kiosk_app.flow.session import Session

SICK = [state for state in DeviceState if state is not DeviceState.READY]
GONE = {DeviceState.ABSENT, DeviceState.FAULT, DeviceState.DISABLED}
NO_PAPER: list[Any] = [
    DeviceMissingError(),
    PrinterBlockedError(detail="printer.paper_out"),
    PrinterBlockedError(detail="printer.cover_open"),
    PrinterError("broken"),
    DeviceBusyError(),
    PrintOutcome.UNCERTAIN,
]


def name_of(outcome: DriverError | PrintOutcome) -> str:
    return outcome.value if isinstance(outcome, PrintOutcome) else f"{outcome.code}-{outcome.detail}"


def test_a_kiosk_that_belongs_to_no_backend_takes_no_dossier_and_says_so_before_anything_is_filled(
    walker: Any, session: Session, hall: Any
) -> None:
    walk = walker(session)
    hall.line.up, hall.line.why = False, "not_enrolled"
    walk.take(session.start())
    walk.walk()
    assert session.blocked == {"submit": "queue.not_enrolled"}
    hall.line.up = True
    walk.take(session.start())
    walk.walk()
    assert session.blocked == {}


@pytest.mark.parametrize("device", ["printer", "card", "codes", "desk", "sheets"])
def test_no_sick_device_closes_a_tile_of_the_first_screen(
    walker: Any, session: Session, hall: Any, device: str
) -> None:
    walk = walker(session)
    for state in SICK:
        getattr(hall, device).state = state
        walk.take(session.start())
        walk.walk()
        assert isinstance(session.view(), WelcomeView)
        assert session.blocked == {}, state
        for step in (Step.CHOOSE, Step.TAKE_NUMBER, Step.LOOK_UP):
            walk.act(events.Went(to=step))
            assert at(session) is step, state
            walk.act(events.BackPressed())


@pytest.mark.parametrize("outcome", NO_PAPER, ids=name_of)
def test_without_paper_the_waiting_number_stands_on_the_screen(
    walker: Any, session: Session, hall: Any, outcome: Any
) -> None:
    hall.printer.outcome = outcome
    walk = walker(session)
    walk.act(events.Went(to=Step.TAKE_NUMBER), events.ServicePicked(series="A"))
    view = session.view()
    assert isinstance(view, TakeNumberView)
    assert (view.number, view.paper) == ("A001", PaperState.ON_SCREEN)
    assert view.notice is not None
    assert session.calls[0][1].startswith("printer.")
    assert hall.queue.numbers == 1


def test_a_kiosk_without_a_ticket_printer_calls_nobody_and_says_so(
    walker: Any, session: Session, hall: Any
) -> None:
    hall.printer.outcome = DeviceMissingError("none", detail="printer.not_configured")
    hall.printer.state = DeviceState.DISABLED
    walk = walker(session)
    walk.take(session.start())
    walk.walk()
    walk.act(events.Went(to=Step.TAKE_NUMBER))
    view = session.view()
    assert isinstance(view, TakeNumberView)
    assert not view.prints
    walk.act(events.ServicePicked(series="A"))
    view = session.view()
    assert isinstance(view, TakeNumberView)
    assert (view.number, view.paper) == ("A001", PaperState.ON_SCREEN)
    assert view.notice is not None
    assert "không in phiếu" in view.notice.text
    assert session.calls == []


@pytest.mark.parametrize("outcome", NO_PAPER, ids=name_of)
def test_without_paper_the_receipt_stands_on_the_screen_and_the_dossier_is_in(
    walker: Any, session: Session, hall: Any, outcome: Any
) -> None:
    hall.printer.outcome = outcome
    walk = walker(session)
    to_review(walk, hall, session)
    walk.act(events.ConsentAnswered(agreed=True))
    view = session.view()
    assert isinstance(view, DoneView)
    assert view.paper is PaperState.ON_SCREEN
    assert view.number.startswith("K01-")
    assert view.qr_text
    assert len(hall.queue.taken) == 1
    assert [why for _at, why in session.calls if why.startswith("printer.")]


@pytest.mark.parametrize("state", SICK)
def test_papers_go_to_staff_exactly_where_the_camera_is_gone(
    walker: Any, session: Session, hall: Any, monkeypatch: pytest.MonkeyPatch, state: DeviceState
) -> None:
    hall.desk.state = state
    if state in GONE:
        monkeypatch.setattr(hall.desk, "glance", lambda: None)
    walk = walker(session)
    walk.take(session.start())
    walk.walk()
    to_scan(walk, hall, session)
    view = session.view()
    assert isinstance(view, ScanView)
    if state not in GONE:
        assert view.phase is ScanPhase.AIM
        return
    assert view.phase is ScanPhase.AT_COUNTER
    assert view.notice is not None
    assert view.notice.text == sentence("papers.no_camera")
    walk.act(events.NextPressed(), events.ConsentAnswered(agreed=True))
    assert [document.name for document in hall.queue.taken[0].documents] == ["form.pdf"]


@pytest.mark.parametrize(
    "error", [ScanError(detail="jam"), DeviceTimeoutError(), DeviceBusyError()], ids=repr
)
def test_a_scanner_that_fails_three_times_keeps_nobody(
    walker: Any, session: Session, hall: Any, error: DriverError
) -> None:
    walk = walker(session)
    to_scan(walk, hall, session)
    hall.desk.broken = error
    for turn in range(3):
        assert session.visit.papers.phase is ScanPhase.AIM, turn
        walk.act(events.PictureAsked())
    assert session.visit.papers.phase is ScanPhase.AT_COUNTER
    assert [why for _at, why in session.calls].count("papers.no_camera") == 1
    walk.act(events.NextPressed(), events.ConsentAnswered(agreed=True))
    assert at(session) is Step.DONE


def test_a_desk_without_a_page_may_be_tried_for_ever(walker: Any, session: Session, hall: Any) -> None:
    walk = walker(session)
    to_scan(walk, hall, session)
    hall.desk.broken = PageNotFoundError()
    for _turn in range(6):
        walk.act(events.PictureAsked())
    assert session.visit.papers.phase is ScanPhase.AIM
    hall.desk.broken = ScanError()
    walk.act(events.PictureAsked(), events.PictureAsked())
    hall.desk.broken = None
    walk.act(events.PictureAsked())
    hall.desk.broken = ScanError()
    walk.act(events.PageRetaken(), events.PictureAsked(), events.PictureAsked())
    assert session.visit.papers.phase is ScanPhase.AIM, "a page between them begins the count anew"


@pytest.mark.parametrize("state", SICK)
def test_without_a_card_reader_one_types(
    walker: Any, session: Session, hall: Any, state: DeviceState
) -> None:
    hall.card.state = state
    walk = walker(session)
    to_card(walk, hall)
    assert at(session) is Step.IDENTIFY_CARD
    told = session.visit.notice
    assert (told is not None and told.text == sentence("card.no_reader")) == (state in GONE)
    walk.act(events.CardSkipped())
    assert at(session) is Step.FILL


@pytest.mark.parametrize("error", [DeviceMissingError(), DeviceBusyError()], ids=repr)
def test_without_a_code_reader_six_digits_are_typed(
    walker: Any, session: Session, hall: Any, error: DriverError
) -> None:
    walk = walker(session)
    to_code(walk)
    hall.codes.shown.append(error)
    walk.walk()
    assert session.visit.at_slot.typing_can
    walk.act(events.CanTyped(digits="000412"))
    assert at(session) is Step.IDENTIFY_CARD


def test_with_every_device_gone_one_can_still_type_a_form_and_take_a_number(
    walker: Any, session: Session, hall: Any
) -> None:
    for device in (hall.card, hall.codes, hall.desk, hall.printer, hall.sheets):
        device.state = DeviceState.ABSENT
    hall.printer.outcome = DeviceMissingError()
    walk = walker(session)
    walk.take(session.start())
    walk.walk()
    to_code(walk)
    hall.codes.shown.append(DeviceMissingError())
    walk.walk()
    walk.act(events.CanTyped(digits="000412"), events.CardSkipped())
    assert at(session) is Step.FILL
    walk.act(events.EndPressed())
    walk.act(events.Went(to=Step.TAKE_NUMBER), events.ServicePicked(series="A"))
    view = session.view()
    assert isinstance(view, TakeNumberView)
    assert (view.number, view.paper) == ("A001", PaperState.ON_SCREEN)
