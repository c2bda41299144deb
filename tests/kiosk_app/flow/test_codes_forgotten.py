"""A code that is shown while no screen reads one is kept for nobody."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from drivers import errors as device_errors
from kiosk_app.flow import events
from kiosk_app.flow.steps import Step
from tests.kiosk_app.flow.citizen import CARD_CODE, at, to_fill

if TYPE_CHECKING:
    import pytest

    from kiosk_app.flow.session import Session


def test_codes_shown_while_nobody_reads_do_not_outlive_the_visit(
    walker: Any, session: Session, hall: Any
) -> None:
    walk = walker(session)
    to_fill(walk, hall)
    hall.codes.shown.append(CARD_CODE)
    walk.act(events.EndPressed())
    assert at(session) is Step.WELCOME
    assert not hall.codes.shown


def test_codes_shown_before_a_crash_do_not_outlive_it(walker: Any, session: Session, hall: Any) -> None:
    walk = walker(session)
    to_fill(walk, hall)
    hall.codes.shown.append(CARD_CODE)
    walk.act(events.Crashed())
    assert at(session) is Step.ONE_MOMENT
    assert not hall.codes.shown


def test_a_crash_at_the_calm_screen_begins_nothing_again_that_could_crash(session: Session) -> None:
    assert session.handle(events.Crashed())
    assert session.handle(events.Crashed()) == ()


def test_a_code_shown_at_the_first_screen_is_kept_no_longer_than_until_the_next_look(
    walker: Any, session: Session, hall: Any
) -> None:
    walk = walker(session)
    walk.walk()
    hall.codes.shown.append(CARD_CODE)
    hall.seconds += 11
    walk.act(events.Tick(at=hall.seconds))
    assert not hall.codes.shown


def test_a_scanner_that_is_away_when_the_visit_ends_disturbs_nobody(
    walker: Any, session: Session, hall: Any, caplog: pytest.LogCaptureFixture
) -> None:
    def gone() -> None:
        raise device_errors.DeviceTimeoutError

    walk = walker(session)
    to_fill(walk, hall)
    hall.codes.flush = gone
    walk.act(events.EndPressed())
    assert at(session) is Step.WELCOME
    assert "job.failed" not in caplog.messages
