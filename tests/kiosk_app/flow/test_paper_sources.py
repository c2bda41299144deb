"""A flatbed shows nothing before the shot, and a feeder gives a whole stack at once."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from drivers.errors import DeviceMissingError
from drivers.ports import DeviceState, PageProblem, PaperSource
from kiosk_app.flow import events
from kiosk_app.flow.steps import ScanPhase, ScanView, Step, Tone
from tests.kiosk_app.flow.citizen import to_scan

if TYPE_CHECKING:
    from drivers.ports import Glance, ScannedPage
    from kiosk_app.flow.session import Session


def scan_view(session: Session) -> ScanView:
    view = session.view()
    assert isinstance(view, ScanView)
    return view


def stack_of(hall: Any, count: int, *, bad: int | None = None) -> tuple[ScannedPage, ...]:
    page: ScannedPage = hall.desk.take_page(timeout_s=1)
    pages = [replace(page, jpeg=b"%d" % number) for number in range(count)]
    if bad is not None:
        pages[bad] = replace(pages[bad], problems=(PageProblem(code="blurred", blocking=True),))
    return tuple(pages)


@pytest.mark.parametrize("source", [PaperSource.FLATBED, PaperSource.FEEDER])
def test_nothing_is_asked_of_a_scanner_until_the_button(
    walker: Any, session: Session, hall: Any, source: PaperSource
) -> None:
    def no_glance() -> Glance | None:
        pytest.fail("a flatbed was asked for a live picture")

    hall.desk.source, hall.desk.glance = source, no_glance
    walk = walker(session)
    to_scan(walk, hall, session)
    view = scan_view(session)
    assert (view.phase, view.source, view.preview) == (ScanPhase.AIM, source, None)
    walk.act(events.PictureAsked())
    assert scan_view(session).phase is ScanPhase.JUDGED


def test_a_whole_stack_is_kept_in_order(walker: Any, session: Session, hall: Any) -> None:
    hall.desk.source = PaperSource.FEEDER
    stack = stack_of(hall, 3)
    hall.desk.take_pages = lambda **_asked: stack
    walk = walker(session)
    to_scan(walk, hall, session)
    walk.act(events.PictureAsked())
    view = scan_view(session)
    assert (view.stack, view.page_jpeg) == (3, b"0")
    walk.act(events.PageKept())
    assert next(iter(session.visit.papers.pages.values())) == stack
    assert session.visit.papers.stack == ()


def test_one_bad_page_of_a_stack_is_the_one_shown_and_none_is_kept(
    walker: Any, session: Session, hall: Any
) -> None:
    hall.desk.source = PaperSource.FEEDER
    stack = stack_of(hall, 3, bad=1)
    hall.desk.take_pages = lambda **_asked: stack
    walk = walker(session)
    to_scan(walk, hall, session)
    walk.act(events.PictureAsked())
    view = scan_view(session)
    assert view.page_jpeg == b"1"
    assert view.notice is not None
    assert view.notice.tone is Tone.ERROR
    walk.act(events.PageKept())
    assert not session.visit.papers.pages
    walk.act(events.PageRetaken())
    assert session.visit.papers.stack == ()


def test_a_flatbed_that_went_away_is_used_again_when_it_is_back(
    walker: Any, session: Session, hall: Any
) -> None:
    hall.desk.source, hall.desk.glance = PaperSource.FLATBED, lambda: None
    walk = walker(session)
    to_scan(walk, hall, session)
    hall.desk.broken, hall.desk.state = DeviceMissingError(), DeviceState.ABSENT
    walk.act(events.PictureAsked())
    assert scan_view(session).phase is ScanPhase.AT_COUNTER
    hall.desk.broken, hall.desk.state = None, DeviceState.READY
    walk.walk()
    assert scan_view(session).phase is ScanPhase.AIM


CORNERS = ((0.1, 0.1), (0.9, 0.12), (0.88, 0.9), (0.12, 0.88))


def test_the_citizen_shows_the_corners_and_the_page_is_made_between_them(
    walker: Any, session: Session, hall: Any
) -> None:
    walk = walker(session)
    to_scan(walk, hall, session)
    walk.act(events.PictureAsked())
    walk.act(events.CornersAsked())
    assert scan_view(session).phase is ScanPhase.CORNERS
    assert scan_view(session).preview is not None
    walk.act(events.CornersSet(corners=CORNERS))
    assert hall.desk.framed == CORNERS
    assert scan_view(session).phase is ScanPhase.JUDGED
    walk.act(events.PageKept())
    assert scan_view(session).papers[0].pages == 1


def test_corners_are_left_by_going_back_and_ignored_elsewhere(
    walker: Any, session: Session, hall: Any
) -> None:
    walk = walker(session)
    to_scan(walk, hall, session)
    walk.act(events.CornersSet(corners=CORNERS))
    assert hall.desk.framed == ()
    walk.act(events.PictureAsked())
    walk.act(events.CornersAsked())
    walk.act(events.BackPressed())
    assert scan_view(session).phase is ScanPhase.AIM
    assert scan_view(session).page_jpeg is None


def test_the_visit_does_not_end_while_a_stack_goes_through_the_feeder(
    walker: Any, session: Session, hall: Any
) -> None:
    hall.desk.source = PaperSource.FEEDER
    stack = stack_of(hall, 2)

    def slowly(**_asked: float) -> tuple[ScannedPage, ...]:
        hall.seconds += 300
        assert session.handle(events.Tick(at=hall.seconds)) == ()
        assert session.idle_left_s is None
        return stack

    hall.desk.take_pages = slowly
    walk = walker(session)
    to_scan(walk, hall, session)
    walk.act(events.PictureAsked(), events.Tick(at=hall.seconds))
    assert scan_view(session).phase is ScanPhase.JUDGED
    assert session.idle_left_s is None
    hall.seconds += 91
    walk.act(events.Tick(at=hall.seconds))
    assert session.step is Step.WELCOME
