"""A scan ends with the citizen who asked for it: on the way back, at the end of the visit, at a crash."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from drivers.errors import ScanError
from drivers.ports import PaperSource
from kiosk_app.flow import events
from kiosk_app.flow.sheet_view import CopyPhase
from kiosk_app.flow.steps import ScanPhase, Step
from tests.kiosk_app.flow.citizen import at, to_scan

if TYPE_CHECKING:
    from kiosk_app.flow.session import Session


def phase(session: Session) -> ScanPhase:
    """The phase now; a call, so that a type checker does not believe the one of before."""
    return session.visit.papers.phase


def copy_phase(session: Session) -> CopyPhase:
    """The copier's phase now; a call, for the same reason."""
    return session.visit.copying.phase


ENDS = [events.EndPressed(), events.Crashed()]


def happens_while_scanning(walk: Any, hall: Any, event: events.Event) -> None:
    """Let something happen while the scanner works on what is asked for next."""

    def happen() -> None:
        hall.desk.while_taking = lambda: None
        walk.take(walk.session.handle(event))

    hall.desk.while_taking = happen


@pytest.mark.parametrize("source", list(PaperSource))
def test_going_back_stops_the_scanner_and_counts_as_no_failure(
    walker: Any, session: Session, hall: Any, source: PaperSource
) -> None:
    hall.desk.source = source
    walk = walker(session)
    to_scan(walk, hall, session)
    happens_while_scanning(walk, hall, events.BackPressed())
    walk.act(events.PictureAsked())
    assert hall.desk.stopped == 1
    assert at(session) is Step.FILL
    papers = session.visit.papers
    assert (papers.taken, papers.stack, papers.pages, papers.failures) == (None, (), {}, 0)
    assert session.visit.notice is None


@pytest.mark.parametrize("ended", ENDS)
def test_the_end_of_a_visit_stops_the_scanner(
    walker: Any, session: Session, hall: Any, ended: events.Event
) -> None:
    hall.desk.source = PaperSource.FEEDER
    walk = walker(session)
    to_scan(walk, hall, session)
    happens_while_scanning(walk, hall, ended)
    walk.act(events.PictureAsked())
    assert hall.desk.stopped == 1
    assert session.visit.papers.taken is None


def test_a_stack_that_was_through_when_it_was_stopped_is_not_kept(
    walker: Any, session: Session, hall: Any
) -> None:
    hall.desk.source = PaperSource.FEEDER
    walk = walker(session)
    to_scan(walk, hall, session)
    page = hall.desk.take_page(timeout_s=1)

    def through(**_asked: Any) -> tuple[Any, ...]:
        walk.take(session.handle(events.BackPressed()))
        return (page, page)

    hall.desk.take_pages = through
    walk.act(events.PictureAsked())
    walk.act(events.NextPressed())
    assert at(session) is Step.SCAN
    papers = session.visit.papers
    assert (papers.phase, papers.taken, papers.stack) == (ScanPhase.AIM, None, ())
    assert session.visit.notice is None


def test_a_stop_with_nothing_running_stops_nothing_later(walker: Any, session: Session, hall: Any) -> None:
    walk = walker(session)
    to_scan(walk, hall, session)
    walk.act(events.BackPressed())
    assert at(session) is Step.FILL
    walk.act(events.NextPressed())
    assert at(session) is Step.SCAN
    walk.act(events.PictureAsked())
    assert phase(session) is ScanPhase.JUDGED
    assert hall.desk.stopped == 0


def test_the_next_citizen_scans_what_the_last_one_stopped(walker: Any, session: Session, hall: Any) -> None:
    walk = walker(session)
    to_scan(walk, hall, session)
    happens_while_scanning(walk, hall, events.EndPressed())
    walk.act(events.PictureAsked())
    assert at(session) is Step.WELCOME
    to_scan(walk, hall, session)
    walk.act(events.PictureAsked())
    assert phase(session) is ScanPhase.JUDGED


def test_a_scan_asked_for_before_the_stopped_one_had_ended_is_asked_for_again(
    walker: Any, session: Session, hall: Any
) -> None:
    """The button was touched while the feeder came to rest: the screen says so and takes it again."""
    walk = walker(session)
    to_scan(walk, hall, session)

    def quick_citizen() -> None:
        hall.desk.while_taking = lambda: None
        session.handle(events.BackPressed())
        session.handle(events.NextPressed())
        session.handle(events.PictureAsked())

    hall.desk.while_taking = quick_citizen
    walk.act(events.PictureAsked())
    assert phase(session) is ScanPhase.AIM
    assert session.visit.notice is not None
    walk.act(events.PictureAsked())
    assert phase(session) is ScanPhase.JUDGED


def test_a_paper_that_is_skipped_while_it_is_scanned_does_not_come_as_the_next(
    walker: Any, session: Session, hall: Any
) -> None:
    walk = walker(session)
    to_scan(walk, hall, session)
    papers = session.visit.papers
    required = [paper.required for paper in session.visit.filling.procedure.papers]  # type: ignore[union-attr]
    for _paper in range(required.index(False)):
        walk.act(events.PictureAsked(), events.PageKept())
    happens_while_scanning(walk, hall, events.PaperSkipped())
    walk.act(events.PictureAsked())
    assert papers.taken is None
    assert papers.phase is not ScanPhase.JUDGED
    assert hall.desk.stopped == 1


def to_copier(walk: Any, session: Session) -> None:
    walk.walk()
    walk.act(events.CopyAsked())
    assert at(session) is Step.COPY


def test_the_copier_stops_its_picture_on_the_way_back_and_aims_again(
    walker: Any, session: Session, hall: Any
) -> None:
    walk = walker(session)
    to_copier(walk, session)
    happens_while_scanning(walk, hall, events.BackPressed())
    walk.act(events.PictureAsked())
    assert hall.desk.stopped == 1
    assert copy_phase(session) is CopyPhase.AIM
    assert session.visit.notice is None
    walk.act(events.PictureAsked())
    assert copy_phase(session) is CopyPhase.JUDGED


def test_the_end_of_a_visit_stops_the_copier(walker: Any, session: Session, hall: Any) -> None:
    walk = walker(session)
    to_copier(walk, session)
    happens_while_scanning(walk, hall, events.EndPressed())
    walk.act(events.PictureAsked())
    assert hall.desk.stopped == 1
    assert at(session) is Step.WELCOME


def test_a_scanner_that_stops_by_itself_is_told(walker: Any, session: Session, hall: Any) -> None:
    walk = walker(session)
    to_scan(walk, hall, session)
    hall.desk.broken = ScanError(detail="stopped")
    walk.act(events.PictureAsked())
    assert session.visit.papers.failures == 1
    assert session.visit.notice is not None
