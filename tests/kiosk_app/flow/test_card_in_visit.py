"""The card at its step: who is greeted when, and which doubts are said."""

from __future__ import annotations

import dataclasses
import logging
from typing import TYPE_CHECKING, Any

import pytest

from drivers.errors import MediaRemovedError
from drivers.ports import CardReading, Verdict
from kiosk_app.flow import events
from kiosk_app.flow.sentences import sentence
from kiosk_app.flow.steps import CardPhase, IdentifyCardView, Tone
from tests.kiosk_app.flow.citizen import at, to_card, to_done

if TYPE_CHECKING:
    from collections.abc import Callable

    from kiosk_app.flow.session import Session


def card_view(session: Session) -> IdentifyCardView:
    view = session.view()
    assert isinstance(view, IdentifyCardView)
    return view


def read_with_early(walk: Any, session: Session, hall: Any, early: CardReading) -> list[IdentifyCardView]:
    """Let a card be read; return the screen as it was when the person was told of."""
    seen: list[IdentifyCardView] = []
    hall.card.early = early
    hall.card.after_known = lambda: seen.append(card_view(session))
    to_card(walk, hall)
    hall.card.present = True
    walk.walk()
    return seen


def changed(reading: CardReading, **holder: Any) -> CardReading:
    return dataclasses.replace(reading, holder=dataclasses.replace(reading.holder, **holder))


def test_the_name_stands_on_the_screen_before_the_portrait_is_fetched(
    walker: Any, session: Session, hall: Any, reading: Callable[..., CardReading]
) -> None:
    [early] = read_with_early(walker(session), session, hall, reading())
    assert (early.phase, early.greeting) == (CardPhase.READING, "Chào bà NGUYỄN THỊ HƯƠNG")
    assert (early.rows, early.portrait) == ((), None)
    assert card_view(session).phase is CardPhase.READ
    assert session.visit.identity.known is None


def test_a_card_that_will_be_refused_greets_nobody(
    walker: Any, session: Session, hall: Any, reading: Callable[..., CardReading]
) -> None:
    hall.card.outcome = changed(reading(), id_number="001190000412", full_name="LÊ THỊ KHÁC")
    [early] = read_with_early(walker(session), session, hall, hall.card.outcome)
    assert early.greeting == ""
    assert card_view(session).greeting == ""
    assert session.visit.notice is not None
    assert session.visit.notice.code == "card.mismatch"


def test_a_forged_card_greets_nobody(
    walker: Any, session: Session, hall: Any, reading: Callable[..., CardReading]
) -> None:
    hall.card.outcome = reading(Verdict.INVALID)
    [early] = read_with_early(walker(session), session, hall, hall.card.outcome)
    assert early.greeting == ""


def test_a_card_pulled_out_after_the_greeting_takes_the_name_along(
    walker: Any, session: Session, hall: Any, reading: Callable[..., CardReading]
) -> None:
    hall.card.outcome = MediaRemovedError()
    [early] = read_with_early(walker(session), session, hall, reading())
    assert early.greeting
    after = card_view(session)
    assert (after.phase, after.greeting) == (CardPhase.FAILED, "")
    assert session.visit.identity.known is None


def test_a_late_word_about_a_card_changes_nothing(
    walker: Any, session: Session, hall: Any, reading: Callable[..., CardReading]
) -> None:
    walk = walker(session)
    to_card(walk, hall)
    walk.act(events.BackPressed(), events.CardKnown(reading=reading()))
    assert session.visit.identity.known is None


def test_a_code_that_says_otherwise_than_the_chip_is_a_warning_and_goes_along(
    walker: Any,
    session: Session,
    hall: Any,
    reading: Callable[..., CardReading],
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.WARNING, logger="kiosk_app.flow")
    hall.card.outcome = changed(reading(), birth_date="1993-02-14", full_name="NGUYỄN THỊ HƯỜNG VÂN")
    walk = walker(session)
    to_card(walk, hall)
    hall.card.present = True
    walk.walk()
    view = card_view(session)
    assert view.phase is CardPhase.READ
    assert view.notice is not None
    assert (view.notice.code, view.notice.tone) == ("card.qr_differs", Tone.WARN)
    assert view.notice.text == sentence("card.qr_differs")
    doubts = [record.__dict__["code"] for record in caplog.records if record.getMessage() == "card.doubt"]
    assert doubts == ["qr_birth_differs", "qr_name_differs"]
    to_done(walk, hall, session)
    assert hall.queue.taken[0].card_proof["warnings"] == ["qr_birth_differs", "qr_name_differs"]


@pytest.mark.parametrize(
    ("warning", "code"),
    [
        ("card_expired", "card.expired"),
        ("dg1_dg13_name_differs", "card.doubtful"),
        ("id_sex_differs", "card.doubtful"),
        ("mrz_check_digit", "card.doubtful"),
        ("com_sod_differ", ""),
        ("no_dg13", ""),
    ],
)
def test_what_the_citizen_is_told_of_a_warning(
    walker: Any,
    session: Session,
    hall: Any,
    reading: Callable[..., CardReading],
    *,
    warning: str,
    code: str,
) -> None:
    good = reading()
    hall.card.outcome = dataclasses.replace(good, proof=dataclasses.replace(good.proof, warnings=(warning,)))
    walk = walker(session)
    to_card(walk, hall)
    hall.card.present = True
    walk.walk()
    notice = card_view(session).notice
    assert (notice.code if notice else "") == code
    walk.act(events.NextPressed())
    assert at(session) != "identify_card"


def test_the_proof_handed_in_says_what_was_proved_and_by_what(
    walker: Any, session: Session, hall: Any, reading: Callable[..., CardReading]
) -> None:
    good = reading()
    proof = dataclasses.replace(
        good.proof, passive_auth_by="ECDSA-SHA256", chip_auth=Verdict.VALID, chip_auth_by="CA-ECDH-AES-128"
    )
    hall.card.outcome = dataclasses.replace(good, proof=proof)
    to_done(walker(session), hall, session)
    told = hall.queue.taken[0].card_proof
    assert (told["passive_auth"], told["passive_auth_by"]) == ("valid", "ECDSA-SHA256")
    assert (told["chip_auth"], told["chip_auth_by"]) == ("valid", "CA-ECDH-AES-128")
    assert told["active_auth"] == "absent"
