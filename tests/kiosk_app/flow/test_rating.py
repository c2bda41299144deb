"""How it was: one touch, anonymous, and nobody is held up by it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from kiosk_app.flow import events
from kiosk_app.flow.steps import RatePhase, RateView, Step
from offline_queue.errors import StorageFullError
from tests.kiosk_app.flow.citizen import at, to_done, to_fill

if TYPE_CHECKING:
    from kiosk_app.flow.session import Session


def wait(walk: Any, hall: Any, seconds: float) -> None:
    hall.seconds += seconds
    walk.act(events.Tick(at=hall.seconds))


def shown(session: Session) -> RateView:
    view = session.view()
    assert isinstance(view, RateView)
    return view


@pytest.fixture
def walk(walker: Any, session: Session) -> Any:
    return walker(session)


@pytest.fixture
def asked(walk: Any, hall: Any, session: Session) -> Any:
    to_done(walk, hall, session)
    walk.act(events.NextPressed())
    assert at(session) is Step.RATE
    return walk


@pytest.mark.parametrize("score", [2, 3])
def test_one_touch_is_enough_and_the_thanks_go_by_themselves(
    asked: Any, hall: Any, session: Session, score: int
) -> None:
    asked.act(events.Rated(score=score))
    assert hall.queue.ratings == [(score, ())]
    assert shown(session).phase is RatePhase.THANKS
    asked.act(events.Rated(score=1))
    wait(asked, hall, 5)
    assert at(session) is Step.WELCOME
    assert hall.queue.ratings == [(score, ())], "a second touch changes nothing"


def test_whoever_was_not_satisfied_may_say_why(asked: Any, hall: Any, session: Session) -> None:
    asked.act(events.Rated(score=1))
    assert hall.queue.ratings == []
    assert [code for code, _words in shown(session).reasons] == ["slow", "unclear", "device", "other"]
    asked.act(events.ReasonGiven(reason="nonsense"), events.ReasonGiven(reason="unclear"))
    assert hall.queue.ratings == [(1, ("unclear",))]
    asked.act(events.EndPressed())
    assert at(session) is Step.WELCOME


@pytest.mark.parametrize("end", [events.EndPressed(), None], ids=["skipped", "walked away"])
def test_a_face_without_a_reason_counts_once(asked: Any, hall: Any, session: Session, end: Any) -> None:
    asked.act(events.Rated(score=1))
    if end is None:
        wait(asked, hall, 16)
    else:
        asked.act(end)
    assert hall.queue.ratings == [(1, ())]
    assert shown(session).phase is RatePhase.THANKS
    wait(asked, hall, 5)
    assert at(session) is Step.WELCOME
    assert hall.queue.ratings == [(1, ())]


@pytest.mark.parametrize("end", [events.EndPressed(), None], ids=["skipped", "walked away"])
def test_nobody_has_to_answer(asked: Any, hall: Any, session: Session, end: Any) -> None:
    if end is None:
        wait(asked, hall, 16)
    else:
        asked.act(end)
    assert at(session) is Step.WELCOME
    assert hall.queue.ratings == []


def test_the_question_comes_after_the_receipt_is_forgotten(asked: Any, session: Session) -> None:
    assert asked
    assert session.visit.outcome.receipt is None
    assert "K01" not in repr(session.view())


def test_a_last_screen_that_is_left_alone_asks_nothing(walk: Any, hall: Any, session: Session) -> None:
    to_done(walk, hall, session)
    wait(walk, hall, 120)
    assert at(session) is Step.WELCOME
    assert hall.queue.ratings == []


def test_a_rating_that_cannot_be_stored_ends_the_visit_quietly(
    asked: Any, hall: Any, session: Session
) -> None:
    hall.queue.rating_fails = StorageFullError("full")
    asked.act(events.Rated(score=3))
    assert at(session) is Step.WELCOME


def test_a_disk_that_fills_while_somebody_types_is_known_before_the_first_paper(
    walk: Any, hall: Any, session: Session
) -> None:
    to_fill(walk, hall)
    assert session.no_scan == ""
    hall.queue.scanning_open = False
    wait(walk, hall, 11)
    assert at(session) is Step.FILL
    assert session.no_scan == "papers.no_space"


def test_staff_are_told_once_of_each_warning_and_citizens_go_on(
    walk: Any, hall: Any, session: Session
) -> None:
    hall.queue.warnings = ("old", "clock")
    for _turn in range(3):
        wait(walk, hall, 11)
    assert [why for _at, why in session.calls] == ["queue.old", "queue.clock"]
    assert session.blocked == {}
    hall.queue.warnings = ()
    wait(walk, hall, 11)
    hall.queue.warnings = ("old",)
    wait(walk, hall, 11)
    assert [why for _at, why in session.calls].count("queue.old") == 2
