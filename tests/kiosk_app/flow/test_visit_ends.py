from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import pytest

from drivers import errors as device_errors
from drivers.ports import DeviceState
from kiosk_app import i18n
from kiosk_app.flow import events
from kiosk_app.flow.sentences import sentence
from kiosk_app.flow.session import Session
from kiosk_app.flow.steps import (
    DoneView,
    LookUpPhase,
    LookUpView,
    PaperState,
    ScanView,
    Step,
    TakeNumberView,
    UnavailableView,
    WelcomeView,
)
from offline_queue import errors as queue_errors

if TYPE_CHECKING:
    from collections.abc import Callable

from tests.kiosk_app.flow.citizen import RECEIPT_CODE, at, left, to_card, to_done, to_fill, to_scan

# --- the end of a visit -------------------------------------------------------------------------------


def test_a_hand_in_leaves_no_answers_behind_even_before_the_goodbye(
    walker: Any, session: Session, hall: Any
) -> None:
    walk = walker(session)
    to_done(walk, hall, session)
    assert not session.visit.filling.answers
    assert not session.visit.papers.pages
    assert session.visit.identity.reading is None
    assert session.visit.identity.qr_card is None


@pytest.mark.parametrize("way", ["button", "idle", "back"])
def test_the_end_wipes_and_the_next_visit_starts_fresh(
    walker: Any, session: Session, hall: Any, way: str
) -> None:
    walk = walker(session)
    to_fill(walk, hall)
    i18n.set_language("en")
    serial = session.visit.serial
    if way == "button":
        walk.act(events.EndPressed())
    elif way == "idle":
        hall.seconds += 91
        walk.act(events.Tick(at=hall.seconds))
    else:
        for _press in range(6):
            if session.step is not Step.WELCOME:
                walk.act(events.BackPressed())
    assert at(session) is Step.WELCOME
    assert session.visit.serial == serial + 1
    assert session.visit.identity.reading is None
    assert not session.visit.filling.answers
    assert i18n.language() == "vi"


def test_the_question_comes_after_a_minute_and_a_touch_answers_it(
    walker: Any, session: Session, hall: Any
) -> None:
    walk = walker(session)
    to_fill(walk, hall)
    hall.seconds += 61
    walk.act(events.Tick(at=hall.seconds))
    assert left(session) == 30
    walk.act(events.StillHere())
    assert left(session) is None
    hall.seconds += 59
    walk.act(events.Tick(at=hall.seconds))
    assert at(session) is Step.FILL


def test_three_more_minutes_are_three_minutes_and_no_more(walker: Any, session: Session, hall: Any) -> None:
    walk = walker(session)
    to_fill(walk, hall)
    hall.seconds += 61
    walk.act(events.Tick(at=hall.seconds), events.MoreTimeAsked())
    assert left(session) is None
    hall.seconds += 179
    walk.act(events.Tick(at=hall.seconds))
    assert left(session) is None
    hall.seconds += 1
    walk.act(events.Tick(at=hall.seconds))
    assert left(session) == 31
    hall.seconds += 30
    walk.act(events.Tick(at=hall.seconds))
    assert at(session) is Step.WELCOME


def test_time_that_one_citizen_asked_for_is_not_the_next_one_s(
    walker: Any, session: Session, hall: Any
) -> None:
    walk = walker(session)
    to_fill(walk, hall)
    walk.act(events.MoreTimeAsked(), events.EndPressed())
    to_fill(walk, hall)
    hall.seconds += 61
    walk.act(events.Tick(at=hall.seconds))
    assert left(session) == 30


def test_a_card_taken_at_the_end_ends_the_visit(walker: Any, session: Session, hall: Any) -> None:
    walk = walker(session)
    to_done(walk, hall, session)
    walk.walk()
    view = session.view()
    assert isinstance(view, DoneView)
    assert view.card_in_slot
    hall.card.present = False
    walk.walk()
    walk.walk()
    assert at(session) is Step.WELCOME


def test_a_card_taken_before_the_number_is_noted_down_does_not_take_the_number_away(
    walker: Any, session: Session, hall: Any
) -> None:
    walk = walker(session)
    hall.printer.outcome = device_errors.PrinterBlockedError()
    to_done(walk, hall, session)
    walk.walk()
    hall.card.present = False
    walk.walk()
    walk.walk()
    assert at(session) is Step.DONE


def test_the_last_screen_goes_by_itself(walker: Any, session: Session, hall: Any) -> None:
    walk = walker(session)
    to_done(walk, hall, session)
    hall.seconds += 21
    walk.act(events.Tick(at=hall.seconds))
    assert at(session) is Step.WELCOME


def test_the_last_screen_waits_for_a_slow_slip(walker: Any, session: Session, hall: Any) -> None:
    walk = walker(session)
    to_done(walk, hall, session)
    session.visit.outcome.paper = PaperState.PRINTING
    for later, printed in ((30, True), (19, False)):
        hall.seconds += later
        walk.act(events.Tick(at=hall.seconds))
        assert at(session) is Step.DONE
        if printed:
            walk.act(events.SlipPrinted(outcome="issued"))
    hall.seconds += 2
    walk.act(events.Tick(at=hall.seconds))
    assert at(session) is Step.WELCOME


def test_a_crash_wipes_and_shows_the_calm_screen(walker: Any, session: Session, hall: Any) -> None:
    walk = walker(session)
    to_fill(walk, hall)
    walk.act(events.Crashed())
    assert at(session) is Step.ONE_MOMENT
    assert not session.visit.filling.answers
    walk.act(events.NextPressed())
    assert at(session) is Step.WELCOME


def test_a_reading_that_comes_after_the_end_reaches_nobody(
    walker: Any, session: Session, hall: Any, reading: Callable[..., Any]
) -> None:
    walk = walker(session)
    to_card(walk, hall)
    walk.act(events.EndPressed())
    session.handle(events.CardReadOut(reading=reading()))
    assert session.visit.identity.reading is None


# --- beside the hand-in -------------------------------------------------------------------------------


def test_a_receipt_is_looked_up_by_its_code(walker: Any, session: Session, hall: Any) -> None:
    walk = walker(session)
    walk.act(events.Went(to=Step.LOOK_UP))
    hall.codes.shown.append(RECEIPT_CODE)
    walk.walk()
    view = session.view()
    assert isinstance(view, LookUpView)
    assert view.phase is LookUpPhase.FOUND
    assert view.state_text == "Đang giải quyết"
    assert view.procedure.startswith("Cấp bản sao")
    assert hall.line.asked == [("K01-261123-0001", "token", None)]


def test_a_typed_code_needs_four_digits(walker: Any, session: Session, hall: Any) -> None:
    walk = walker(session)
    walk.act(
        events.Went(to=Step.LOOK_UP),
        events.TypeInstead(),
        events.DossierAsked(code="K01-261123-0001", id_tail="12"),
    )
    assert session.visit.notice is not None
    assert session.visit.notice.code == "dossier.digits"
    walk.act(events.DossierAsked(code="k01-261123-0001", id_tail="0412"))
    assert hall.line.asked == [("K01-261123-0001", None, "0412")]


@pytest.mark.parametrize(
    "error",
    [
        queue_errors.BackendUnreachableError(),
        queue_errors.BackendRefusedError(),
        queue_errors.UnknownDossierError(),
    ],
)
def test_a_look_up_that_fails_says_why(
    walker: Any, session: Session, hall: Any, error: queue_errors.QueueError
) -> None:
    walk = walker(session)
    hall.line.outcome = error
    walk.act(events.Went(to=Step.LOOK_UP))
    hall.codes.shown.append(RECEIPT_CODE)
    walk.walk()
    view = session.view()
    assert isinstance(view, LookUpView)
    assert view.notice is not None
    assert view.notice.text == sentence(error.code)


def test_a_number_needs_no_dossier_and_no_line(walker: Any, session: Session, hall: Any) -> None:
    walk = walker(session)
    hall.line.up = False
    walk.act(events.Went(to=Step.TAKE_NUMBER), events.ServicePicked(series="A"))
    view = session.view()
    assert isinstance(view, TakeNumberView)
    assert view.number == "A001"
    assert view.paper is PaperState.OUT
    walk.act(events.ServicePicked(series="B"))
    assert hall.queue.numbers == 1


def test_a_number_s_slip_names_its_counter_and_its_code_opens_the_page_of_the_line(
    walker: Any, hall: Any
) -> None:
    services = hall.services()
    session = Session(
        dataclasses.replace(
            services,
            centre=dataclasses.replace(services.centre, counters={"A": "3", "B": "Nhà B, tầng 2", "C": ""}),
            line_page=lambda: "https://backend.example/display/H20.17",
        )
    )
    walk = walker(session)
    walk.act(events.Went(to=Step.TAKE_NUMBER), events.ServicePicked(series="A"))
    slip = hall.printer.tickets[-1]
    assert slip.qr_text == "https://backend.example/display/H20.17#A001"
    assert [(row.label, row.value) for row in slip.rows] == [("Quầy", "3"), ("Đang chờ trước", "0 người")]
    view = session.view()
    assert isinstance(view, TakeNumberView)
    assert view.service.endswith("khai tử · Quầy 3")


@pytest.mark.parametrize(
    ("series", "row"),
    [("B", ("", "Nhà B, tầng 2")), ("C", None), ("D", None)],
    ids=["words", "empty", "none"],
)
def test_a_counter_is_told_in_the_words_of_the_configuration_or_left_out(
    walker: Any, hall: Any, series: str, row: tuple[str, str] | None
) -> None:
    services = hall.services()
    centre = dataclasses.replace(services.centre, counters={"A": "3", "B": "Nhà B, tầng 2", "C": ""})
    session = Session(dataclasses.replace(services, centre=centre))
    walker(session).act(events.Went(to=Step.TAKE_NUMBER), events.ServicePicked(series=series))
    slip = hall.printer.tickets[-1]
    assert [(one.label, one.value) for one in slip.rows[:-1]] == ([row] if row else [])
    assert slip.qr_text is None


def test_the_whole_line_is_told_where_the_backend_knows_it(walker: Any, session: Session, hall: Any) -> None:
    hall.line.waiting = 23
    walk = walker(session)
    walk.take(session.start())
    walk.walk()
    welcome = session.view()
    assert isinstance(welcome, WelcomeView)
    assert welcome.waiting == 23
    walk.act(events.Went(to=Step.TAKE_NUMBER), events.ServicePicked(series="A"))
    view = session.view()
    assert isinstance(view, TakeNumberView)
    assert view.waiting == 23


def test_without_a_camera_the_hand_in_goes_on_and_staff_take_the_papers(
    walker: Any, session: Session, hall: Any
) -> None:
    from drivers.ports import DeviceState

    hall.desk.state = DeviceState.ABSENT
    walk = walker(session)
    walk.walk()
    assert session.calls[0][1] == "papers.no_camera"
    to_scan(walk, hall, session)
    view = session.view()
    assert isinstance(view, ScanView)
    assert view.notice is not None
    assert view.notice.text == sentence("papers.no_camera")
    walk.act(events.NextPressed(), events.ConsentAnswered(agreed=True))
    assert at(session) is Step.DONE
    (handed_in,) = hall.queue.taken
    assert [document.name for document in handed_in.documents] == ["form.pdf"]


def test_a_disk_that_fills_closes_the_intake_before_it_fails_and_leaves_the_numbers(
    walker: Any, session: Session, hall: Any
) -> None:
    hall.queue.intake_open = False
    walk = walker(session)
    walk.walk()
    walk.act(events.Went(to=Step.CHOOSE))
    view = session.view()
    assert isinstance(view, UnavailableView)
    assert view.reason == sentence("queue.full")
    walk.act(events.Went(to=Step.TAKE_NUMBER), events.ServicePicked(series="A"))
    assert hall.queue.numbers == 1


def test_a_locked_queue_promises_neither_dossier_nor_number(walker: Any, session: Session, hall: Any) -> None:
    hall.queue.locked = queue_errors.QueueLockedError()
    walk = walker(session)
    walk.walk()
    walk.act(events.Went(to=Step.TAKE_NUMBER))
    view = session.view()
    assert isinstance(view, UnavailableView)
    assert view.reason == sentence("queue.locked")
    assert not view.can_take_number


def test_the_technicians_door_opens_for_the_pin_and_shuts_longer_for_each_wrong_one(
    walker: Any, session: Session, hall: Any
) -> None:
    walk = walker(session)
    walk.act(events.Went(to=Step.HELP), events.Went(to=Step.STAFF_PIN))
    for _wrong in range(3):
        walk.act(events.PinTyped(pin="000000"))
    walk.act(events.PinTyped(pin="246810"))
    assert at(session) is Step.STAFF_PIN
    hall.seconds += 20
    walk.act(events.PinTyped(pin="246810"))
    assert at(session) is Step.STAFF


def test_the_first_screen_looks_at_the_devices_after_every_end(
    walker: Any, session: Session, hall: Any
) -> None:
    walk = walker(session)
    for end in (events.EndPressed(), events.BackPressed()):
        walk.act(events.Went(to=Step.CHOOSE))
        hall.printer.state = (
            DeviceState.FAULT if hall.printer.state is DeviceState.READY else DeviceState.READY
        )
        walk.act(end)
        assert session.health is not None
        seen = {status.device: status.state for status in session.health.devices}
        assert seen["ticket_printer"] is hall.printer.state
