from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from drivers import errors as device_errors
from drivers.ports import PageProblem, PrintOutcome, Verdict
from forms.ports import FieldKind
from kiosk_app import i18n
from kiosk_app.flow import events
from kiosk_app.flow.sentences import sentence
from kiosk_app.flow.steps import (
    CardPhase,
    DoneView,
    FillView,
    IdentifyCardView,
    IdentifyQrView,
    LookUpPhase,
    LookUpView,
    PaperState,
    ReviewView,
    ScanPhase,
    ScanView,
    Step,
    TakeNumberView,
    UnavailableView,
)
from offline_queue import errors as queue_errors
from offline_queue.ports import PrintState

if TYPE_CHECKING:
    from collections.abc import Callable

    from kiosk_app.flow.session import Session

CARD_CODE = "087194000412|card"
RECEIPT_CODE = "https://gateway.example/d/K01-261123-0001?t=token"
EXTRACT = "2.000635"
PICKS: dict[FieldKind, str] = {
    FieldKind.NAME: "TRẦN GIA HÂN",
    FieldKind.TEXT: "Ủy ban nhân dân phường Sa Đéc",
    FieldKind.DATE: "2020-03-08",
    FieldKind.NUMBER: "2",
    FieldKind.ID_NUMBER: "087220000177",
}


def at(session: Session) -> Step:
    """The step now; a call, so that a type checker does not believe the step of before."""
    return session.step


def left(session: Session) -> int | None:
    """Seconds until the wipe now; a call, for the same reason."""
    return session.idle_left_s


def to_code(walk: Any, procedure: str = EXTRACT) -> None:
    walk.act(events.Went(to=Step.CHOOSE), events.ProcedurePicked(code=procedure), events.NextPressed())


def to_card(walk: Any, hall: Any, procedure: str = EXTRACT) -> None:
    to_code(walk, procedure)
    hall.codes.shown.append(CARD_CODE)
    walk.walk()


def to_fill(walk: Any, hall: Any, procedure: str = EXTRACT) -> None:
    to_card(walk, hall, procedure)
    hall.card.present = True
    walk.walk()
    walk.act(events.NextPressed())


def fill_page(walk: Any, session: Session) -> None:
    view = session.view()
    assert isinstance(view, FillView)
    for field in view.fields:
        if not field.spec.required or field.value not in (None, ""):
            continue
        if field.spec.kind is FieldKind.PLACE:
            walk.act(events.PlaceSearched(text="sa dec"))
            value = session.visit.filling.places[0].code
        else:
            value = field.choices[0][0] if field.choices else PICKS[field.spec.kind]
        walk.act(events.FieldAnswered(name=field.spec.name, value=value))


def to_scan(walk: Any, hall: Any, session: Session) -> None:
    to_fill(walk, hall)
    for _page in range(8):
        if session.step is not Step.FILL:
            return
        fill_page(walk, session)
        walk.act(events.NextPressed())
    pytest.fail(f"the form does not end: {session.view()}")


def to_review(walk: Any, hall: Any, session: Session) -> None:
    to_scan(walk, hall, session)
    while session.visit.papers.phase is not ScanPhase.FINISHED:
        walk.act(events.PictureAsked(), events.PageKept())
    walk.act(events.NextPressed())


def to_done(walk: Any, hall: Any, session: Session) -> None:
    to_review(walk, hall, session)
    walk.act(events.ConsentAnswered(agreed=True))


def test_a_visit_from_the_first_screen_to_the_slip(walker: Any, session: Session, hall: Any) -> None:
    walk = walker(session)
    to_done(walk, hall, session)
    view = session.view()
    assert isinstance(view, DoneView)
    assert view.number == "K01-261123-0001"
    assert view.paper is PaperState.OUT
    (handed_in,) = hall.queue.taken
    assert handed_in.procedure == EXTRACT
    assert {document.name for document in handed_in.documents} == {"form.pdf", "scan.pdf"}
    assert handed_in.answers["nyc.hoTen"] == {"value": "NGUYỄN THỊ HƯƠNG", "source": "chip"}
    assert handed_in.consent.language == "vi"
    assert handed_in.card_proof["passive_auth"] == "valid"
    assert hall.queue.prints == [
        ("K01-261123-0001", PrintState.PENDING),
        ("K01-261123-0001", PrintState.ISSUED),
    ]
    (ticket,) = hall.printer.tickets
    assert ticket.qr_text == RECEIPT_CODE
    assert "NGUYỄN" not in repr(ticket)


def test_the_card_fills_and_locks_what_it_knows(walker: Any, session: Session, hall: Any) -> None:
    walk = walker(session)
    to_fill(walk, hall)
    view = session.view()
    assert isinstance(view, FillView)
    fields = {field.spec.name: field for field in view.fields}
    assert fields["nyc.hoTen"].locked
    assert fields["nyc.hoTen"].chip == "Từ thẻ"
    assert fields["nyc.soDDCN"].shown == "087 ••• ••• 412"
    assert hall.card.keys[0].can == "000412"


def test_without_the_chip_the_code_fills_and_says_so(walker: Any, session: Session, hall: Any) -> None:
    walk = walker(session)
    to_card(walk, hall)
    walk.act(events.CardSkipped())
    view = session.view()
    assert isinstance(view, FillView)
    chips = {field.spec.name: field.chip for field in view.fields}
    assert chips["nyc.hoTen"] == "Từ mã QR"
    assert session.visit.identity.reading is None


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
    import dataclasses

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


def test_a_dead_camera_blocks_the_hand_in_only_and_offers_a_number(
    walker: Any, session: Session, hall: Any
) -> None:
    from drivers.ports import DeviceState

    hall.desk.state = DeviceState.ABSENT
    walk = walker(session)
    walk.walk()
    walk.act(events.Went(to=Step.CHOOSE))
    assert at(session) is Step.UNAVAILABLE
    walk.act(events.Went(to=Step.TAKE_NUMBER))
    assert at(session) is Step.TAKE_NUMBER
    assert session.calls[0][1] == "device.missing"


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
