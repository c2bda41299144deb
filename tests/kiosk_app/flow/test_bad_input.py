from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import pytest

from drivers import errors as device_errors
from drivers.ports import PageProblem, PrintOutcome, Verdict
from kiosk_app.flow import events
from kiosk_app.flow.fill_view import FillView
from kiosk_app.flow.sentences import sentence
from kiosk_app.flow.steps import (
    CardPhase,
    DoneView,
    IdentifyCardView,
    IdentifyQrView,
    PaperState,
    ReviewView,
    ScanPhase,
    ScanView,
    Step,
)
from offline_queue import errors as queue_errors
from offline_queue.ports import PrintState

if TYPE_CHECKING:
    from collections.abc import Callable

    from kiosk_app.flow.session import Session
from tests.kiosk_app.flow.citizen import (
    CARD_CODE,
    RECEIPT_CODE,
    at,
    to_card,
    to_code,
    to_done,
    to_fill,
    to_review,
    to_scan,
)

# --- bad input: each a sentence, nothing lost ----------------------------------------------------------


def test_an_unknown_code_is_named_and_the_next_one_is_read(walker: Any, session: Session, hall: Any) -> None:
    walk = walker(session)
    to_code(walk)
    hall.codes.shown.append("WIFI:S:hall;;")
    walk.walk()
    view = session.view()
    assert isinstance(view, IdentifyQrView)
    assert view.notice is not None
    assert view.notice.text == sentence("qr.unknown")
    hall.codes.shown.append(CARD_CODE)
    walk.walk()
    assert at(session) is Step.IDENTIFY_CARD


def test_the_code_of_a_receipt_is_told_apart(walker: Any, session: Session, hall: Any) -> None:
    walk = walker(session)
    to_code(walk)
    hall.codes.shown.append(RECEIPT_CODE)
    walk.walk()
    assert session.visit.notice is not None
    assert session.visit.notice.code == "qr.receipt_here"


@pytest.mark.parametrize("digits", ["", "12345", "1234567", "12345x"])
def test_a_wrong_number_of_digits_is_refused_in_words(walker: Any, session: Session, digits: str) -> None:
    walk = walker(session)
    to_code(walk)
    walk.act(events.TypeInstead(), events.CanTyped(digits=digits))
    assert at(session) is Step.IDENTIFY_QR
    assert session.visit.notice is not None
    assert session.visit.notice.code == "can.digits"


@pytest.mark.parametrize(
    "error",
    [
        device_errors.AccessDeniedError(),
        device_errors.MediaRemovedError(),
        device_errors.NotAnIdCardError(),
        device_errors.CardProtocolError(),
        device_errors.DeviceTimeoutError(),
        device_errors.DeviceMissingError(),
    ],
)
def test_a_card_that_fails_is_explained_and_can_be_tried_again(
    walker: Any, session: Session, hall: Any, reading: Callable[..., Any], error: Exception
) -> None:
    walk = walker(session)
    hall.card.outcome = error
    to_card(walk, hall)
    hall.card.present = True
    walk.walk()
    view = session.view()
    assert isinstance(view, IdentifyCardView)
    assert view.phase is CardPhase.FAILED
    assert view.notice is not None
    assert view.notice.text == sentence(getattr(error, "code", ""))
    hall.card.outcome = reading()
    walk.act(events.NextPressed())
    walk.until(lambda: session.visit.identity.phase is CardPhase.READ)


def test_a_lying_chip_is_not_used(
    walker: Any, session: Session, hall: Any, reading: Callable[..., Any]
) -> None:
    walk = walker(session)
    hall.card.outcome = reading(Verdict.INVALID)
    to_card(walk, hall)
    hall.card.present = True
    walk.walk()
    assert session.visit.identity.reading is None
    assert session.visit.notice is not None
    assert session.visit.notice.code == "card.forged"


@pytest.mark.parametrize("proof", ["chip_auth", "active_auth"])
def test_a_copied_chip_is_not_used(
    walker: Any, session: Session, hall: Any, reading: Callable[..., Any], proof: str
) -> None:
    walk = walker(session)
    good = reading()
    hall.card.outcome = dataclasses.replace(
        good, proof=dataclasses.replace(good.proof, **{proof: Verdict.INVALID})
    )
    to_card(walk, hall)
    hall.card.present = True
    walk.walk()
    assert session.visit.identity.reading is None
    assert session.visit.notice is not None
    assert session.visit.notice.code == "card.copied"


def test_an_untrusted_chip_is_used_and_said(
    walker: Any, session: Session, hall: Any, reading: Callable[..., Any]
) -> None:
    walk = walker(session)
    hall.card.outcome = reading(Verdict.UNTRUSTED)
    to_card(walk, hall)
    hall.card.present = True
    walk.walk()
    view = session.view()
    assert isinstance(view, IdentifyCardView)
    assert view.proof == sentence("card.untrusted")


def test_the_code_and_the_card_of_two_people_are_refused(
    walker: Any, session: Session, hall: Any, reading: Callable[..., Any]
) -> None:
    walk = walker(session)
    good = reading()
    hall.card.outcome = reading(holder=dataclasses.replace(good.holder, id_number="001190000412"))
    to_card(walk, hall)
    hall.card.present = True
    walk.walk()
    assert session.visit.notice is not None
    assert session.visit.notice.code == "card.mismatch"
    assert session.visit.identity.reading is None


def test_missing_answers_are_named_beside_the_field(walker: Any, session: Session, hall: Any) -> None:
    walk = walker(session)
    to_fill(walk, hall)
    walk.act(events.NextPressed(), events.NextPressed())
    view = session.view()
    assert isinstance(view, FillView)
    assert view.page_number == 3
    before = view.left
    walk.act(events.NextPressed())
    view = session.view()
    assert isinstance(view, FillView)
    assert view.page_number == 3
    assert before == view.left > 0
    assert view.focus == next(field.spec.name for field in view.fields if field.problem)


def test_an_impossible_date_keeps_what_was_typed(walker: Any, session: Session, hall: Any) -> None:
    walk = walker(session)
    to_fill(walk, hall)
    walk.act(events.NextPressed(), events.FieldAnswered(name="ndk.ngaySinh", value="1960-02-31"))
    view = session.view()
    assert isinstance(view, FillView)
    field = next(field for field in view.fields if field.spec.name == "ndk.ngaySinh")
    assert "31/02/1960" in field.problem
    assert field.value == "1960-02-31"


def test_a_bad_page_cannot_be_kept(walker: Any, session: Session, hall: Any) -> None:
    walk = walker(session)
    to_scan(walk, hall, session)
    hall.desk.problems = (PageProblem(code="glare", blocking=True, value=0.02),)
    walk.act(events.PictureAsked())
    view = session.view()
    assert isinstance(view, ScanView)
    assert view.notice is not None
    assert view.notice.text == sentence("page.glare")
    walk.act(events.PageKept())
    assert not session.visit.papers.pages
    hall.desk.problems = ()
    walk.act(events.PageRetaken(), events.PictureAsked(), events.PageKept())
    assert len(session.visit.papers.pages) == 1


def test_a_picture_without_a_page_keeps_the_pages_taken_before(
    walker: Any, session: Session, hall: Any
) -> None:
    walk = walker(session)
    to_scan(walk, hall, session)
    walk.act(events.PictureAsked(), events.PageKept())
    hall.desk.broken = device_errors.PageNotFoundError()
    walk.act(events.PictureAsked())
    assert session.visit.papers.phase is ScanPhase.AIM
    assert session.visit.notice is not None
    assert session.visit.notice.code == "scan.no_page"
    assert len(session.visit.papers.pages) == 1


@pytest.mark.parametrize("detail", ["two_papers", "jammed", "no_paper", "cover_open"])
def test_a_scanner_says_what_is_wrong_with_the_paper(
    walker: Any, session: Session, hall: Any, detail: str
) -> None:
    walk = walker(session)
    to_scan(walk, hall, session)
    hall.desk.broken = device_errors.ScanError(detail=detail)
    walk.act(events.PictureAsked())
    assert session.visit.notice is not None
    assert session.visit.notice.text == sentence(f"scan.{detail}")


def test_without_consent_nothing_is_stored(walker: Any, session: Session, hall: Any) -> None:
    walk = walker(session)
    to_review(walk, hall, session)
    walk.act(events.ConsentAnswered(agreed=False))
    view = session.view()
    assert isinstance(view, ReviewView)
    assert view.notice is not None
    assert not hall.queue.taken
    assert session.visit.filling.answers


def test_a_full_disk_gives_no_receipt_and_keeps_the_answers(walker: Any, session: Session, hall: Any) -> None:
    walk = walker(session)
    to_review(walk, hall, session)
    hall.queue.broken = queue_errors.StorageFullError()
    walk.act(events.ConsentAnswered(agreed=True))
    assert at(session) is Step.REVIEW
    assert session.visit.notice is not None
    assert session.visit.notice.code == "queue.full"
    assert session.visit.filling.answers
    assert not hall.printer.tickets
    hall.queue.broken = None
    walk.act(events.ConsentAnswered(agreed=True))
    assert at(session) is Step.DONE


def test_a_double_touch_hands_in_once(walker: Any, session: Session, hall: Any) -> None:
    walk = walker(session)
    to_review(walk, hall, session)
    jobs = session.handle(events.ConsentAnswered(agreed=True))
    again = session.handle(events.ConsentAnswered(agreed=True))
    walk.take(jobs + again)
    walk.walk()
    assert len(hall.queue.taken) == 1


@pytest.mark.parametrize(
    ("outcome", "code"),
    [
        (device_errors.PrinterBlockedError(detail="paper_out"), "printer.blocked"),
        (device_errors.DeviceMissingError(), "printer.failed"),
        (PrintOutcome.UNCERTAIN, "printer.uncertain"),
    ],
)
def test_without_paper_the_number_stands_on_the_screen_and_staff_are_told(
    walker: Any, session: Session, hall: Any, outcome: Any, code: str
) -> None:
    walk = walker(session)
    hall.printer.outcome = outcome
    to_done(walk, hall, session)
    view = session.view()
    assert isinstance(view, DoneView)
    assert view.paper is PaperState.ON_SCREEN
    assert view.notice is not None
    assert view.notice.text == sentence(code)
    assert session.calls[0][1] == code
    expected = PrintState.UNCERTAIN if outcome is PrintOutcome.UNCERTAIN else PrintState.FAILED
    assert hall.queue.prints[-1] == ("K01-261123-0001", expected)


def test_with_the_line_down_the_slip_says_that_it_goes_out_later(
    walker: Any, session: Session, hall: Any
) -> None:
    walk = walker(session)
    hall.line.up = False
    to_done(walk, hall, session)
    view = session.view()
    assert isinstance(view, DoneView)
    assert view.will_send_later
    assert any("sẽ gửi khi có mạng" in line for line in hall.printer.tickets[0].notes)


def test_the_official_code_appears_when_the_backend_gave_it(walker: Any, session: Session, hall: Any) -> None:
    walk = walker(session)
    to_done(walk, hall, session)
    hall.queue.official_code = "H20.17-261123-0001"
    hall.seconds += 1
    walk.act(events.Tick(at=hall.seconds))
    view = session.view()
    assert isinstance(view, DoneView)
    assert view.official_code == "H20.17-261123-0001"
