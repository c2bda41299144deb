"""The papers under the camera: aim, take, judge, keep."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Final, TypeVar

from drivers.errors import DeviceMissingError, PageNotFoundError, ScanError
from drivers.ports import DeviceState, PaperSource
from kiosk_app.flow import events
from kiosk_app.flow.jobs import Job, Lane
from kiosk_app.flow.machine import Trigger
from kiosk_app.flow.sentences import codes, notice
from kiosk_app.flow.steps import PaperView, Preview, ScanPhase, ScanView, Step, Tone
from kiosk_app.i18n import _, language

if TYPE_CHECKING:
    from collections.abc import Callable

    from drivers.ports import ScannedPage
    from forms.ports import PaperSpec
    from kiosk_app.flow.jobs import Handlers, Report
    from kiosk_app.flow.session import Session
    from kiosk_app.flow.steps import Notice

CAPTURE_TIMEOUT_S: Final = 30.0
"""A flatbed needs up to twenty seconds for a page."""
FRAME_PAUSE_S: Final = 0.06
"""Rest before each preview frame: about ten a second, and half a core left to the rest of an old PC."""
RETRY_S: Final = 2.0
"""Rest before a camera that failed is looked at again."""
NO_CAMERA: Final = "papers.no_camera"
MOST_FAILURES: Final = 3
"""After so many pictures in a row that the device failed at, staff take the papers: nobody is kept there."""
STOPPED: Final = "stopped"
"""Detail of the error of a scan that was stopped."""
T = TypeVar("T")
_NOT_THERE: Final = frozenset({DeviceState.ABSENT, DeviceState.FAULT, DeviceState.DISABLED})


def _asked(session: Session) -> tuple[PaperSpec, ...]:
    procedure = session.visit.filling.procedure
    return procedure.papers if procedure else ()


def aim(session: Session) -> tuple[Job, ...]:
    """Show the live picture, for the first paper not yet done."""
    papers = session.visit.papers
    papers.taken, papers.stack, papers.preview = None, (), None
    if session.no_scan or papers.failures >= MOST_FAILURES:
        papers.phase = ScanPhase.AT_COUNTER
        papers.preview = None
        session.visit.notice = notice(session.no_scan or NO_CAMERA, tone=Tone.WARN)
        return _look(session, after_s=RETRY_S) if session.no_scan == NO_CAMERA else ()
    asked = _asked(session)
    names = [paper.name for paper in asked]
    todo = [name for name in names if name not in papers.pages and name not in papers.skipped]
    if not todo:
        papers.phase = ScanPhase.FINISHED
        papers.preview = None
        return ()
    papers.phase = ScanPhase.AIM
    papers.current = names.index(todo[0])
    return _look(session)


def _look(session: Session, *, after_s: float = FRAME_PAUSE_S) -> tuple[Job, ...]:
    """Ask for the next frame; a flatbed has none, and is only looked after while it is away."""
    desk, pause = session.services.desk, session.services.pause
    if desk.source is not PaperSource.CAMERA and session.visit.papers.phase is ScanPhase.AIM:
        return ()

    def work(_report: Report) -> events.FrameSeen:
        pause(after_s)
        glance = desk.glance()
        if glance is None and desk.status().state in _NOT_THERE:
            raise DeviceMissingError
        return events.FrameSeen(glance=glance)

    return (Job(name="preview", lane=Lane.CAMERA, work=work),)


def frame_seen(session: Session, event: events.FrameSeen) -> tuple[Job, ...]:
    """Show a new frame and ask for the next while aiming."""
    papers = session.visit.papers
    if session.step is not Step.SCAN:
        return ()
    if papers.phase is ScanPhase.AT_COUNTER and session.no_scan == NO_CAMERA:
        session.no_scan, session.visit.notice = "", None
        return aim(session)
    if papers.phase is not ScanPhase.AIM:
        return ()
    number = papers.preview.number + 1 if papers.preview else 1
    if event.glance is not None:
        papers.preview = Preview(glance=event.glance, number=number)
    return _look(session)


def picture_asked(session: Session, _event: events.PictureAsked) -> tuple[Job, ...]:
    """Take one picture, or what lies in the feeder, and make pages of it."""
    papers = session.visit.papers
    if papers.phase is not ScanPhase.AIM:
        return ()
    session.visit.notice = None
    desk = session.services.desk
    papers.phase = ScanPhase.WORKING
    papers.stop = stop = unused(papers.stop)

    def work(_report: Report) -> events.PageMade:
        pages = unless_stopped(stop, lambda: desk.take_pages(timeout_s=CAPTURE_TIMEOUT_S, stop=stop.is_set))
        shown = next((page for page in pages if not page.acceptable), pages[0])
        return events.PageMade(page=shown, stack=pages)

    return (Job(name="take_page", lane=Lane.CAMERA, work=work),)


def unused(stop: threading.Event) -> threading.Event:
    """Return what stops the next picture; one that has stopped a picture stops no other."""
    return threading.Event() if stop.is_set() else stop


def unless_stopped(stop: threading.Event, take: Callable[[], T]) -> T:
    """Return what was taken; nothing of it where it was stopped meanwhile, however far it had come.

    Raises:
        ScanError: It was stopped.
    """
    taken = take()
    if stop.is_set():
        raise ScanError("The scan was stopped.", detail=STOPPED)
    return taken


def corners_asked(session: Session, _event: events.CornersAsked) -> tuple[Job, ...]:
    """Hold the last frame still, so that the citizen can show the corners in it."""
    papers = session.visit.papers
    if papers.phase not in {ScanPhase.AIM, ScanPhase.JUDGED} or papers.preview is None:
        return ()
    papers.phase = ScanPhase.CORNERS
    papers.taken, papers.stack = None, ()
    session.visit.notice = None
    return ()


def corners_set(session: Session, event: events.CornersSet) -> tuple[Job, ...]:
    """Take the picture anew and make a page of what lies between the corners shown.

    The paper still lies there; a picture kept for this would be one more of the citizen's to be wiped.
    """
    papers = session.visit.papers
    if papers.phase is not ScanPhase.CORNERS:
        return ()
    papers.phase = ScanPhase.WORKING
    papers.stop = stop = unused(papers.stop)
    desk = session.services.desk

    def work(_report: Report) -> events.PageMade:
        page = unless_stopped(
            stop,
            lambda: desk.take_framed(event.corners, timeout_s=CAPTURE_TIMEOUT_S, stop=stop.is_set),
        )
        return events.PageMade(page=page)

    return (Job(name="take_page", lane=Lane.CAMERA, work=work),)


def is_at_work(session: Session) -> bool:
    """Tell whether a page is being made; a stack in a feeder takes minutes."""
    return session.step is Step.SCAN and session.visit.papers.phase is ScanPhase.WORKING


def page_made(session: Session, event: events.PageMade) -> tuple[Job, ...]:
    """Show the page with its verdict before the citizen goes on."""
    papers = session.visit.papers
    if session.step is not Step.SCAN:
        return ()
    papers.taken, papers.stack = event.page, event.stack or (event.page,)
    papers.phase = ScanPhase.JUDGED
    papers.failures = 0
    session.touch()
    session.visit.notice = verdict(event.page)
    return ()


def verdict(page: ScannedPage) -> Notice:
    """Return what the screen says of a page just taken."""
    blocking = next((problem for problem in page.problems if problem.blocking), None)
    if blocking is not None:
        return notice(f"page.{blocking.code}")
    if page.problems:
        return notice(f"page.{page.problems[0].code}", tone=Tone.WARN)
    return _good()


def _good() -> Notice:
    from kiosk_app.flow.steps import Notice

    return Notice(tone=Tone.OK, text=_("Trang rõ, đủ bốn góc."), code="page.good")


def failed(session: Session, event: events.JobFailed) -> tuple[Job, ...]:
    """Say why no page came and aim again; pages already kept stay.

    Of a scan the citizen left nothing is said, unless the next was asked for before the scanner was at rest.
    """
    papers = session.visit.papers
    if session.step is not Step.SCAN:
        return ()
    if event.detail == STOPPED and papers.phase is not ScanPhase.WORKING:
        return ()
    if event.code == DeviceMissingError.code and papers.phase is not ScanPhase.FINISHED:
        return _without_camera(session)
    if event.job == "preview":
        papers.preview = None
        jobs = _look(session, after_s=RETRY_S) if papers.phase is ScanPhase.AIM else ()
    else:
        session.touch()
        papers.failures += event.code != PageNotFoundError.code
        jobs = aim(session)
        if papers.phase is ScanPhase.AT_COUNTER:
            session.call_staff(NO_CAMERA)
            return jobs
    session.visit.notice = why_no_page(event)
    return jobs


def why_no_page(event: events.JobFailed) -> Notice:
    """Return what is said where no page came: which side is cut off, that it is too dark, what failed."""
    named = (f"scan.{event.detail}", f"page.{event.detail}")
    code = next((name for name in named if name in codes()), event.code)
    return notice(code, tone=Tone.WARN if event.code == PageNotFoundError.code else Tone.ERROR)


def _without_camera(session: Session) -> tuple[Job, ...]:
    """Let staff take the papers until the camera is back; told once."""
    if session.no_scan != NO_CAMERA:
        session.no_scan = NO_CAMERA
        session.call_staff(NO_CAMERA)
    return aim(session)


def page_kept(session: Session, _event: events.PageKept) -> tuple[Job, ...]:
    """Put the page and its stack to their paper, if nothing blocks them, and go to the next paper."""
    papers = session.visit.papers
    if papers.taken is None or not papers.taken.acceptable:
        return ()
    name = _asked(session)[papers.current].name
    papers.pages[name] = (*papers.pages.get(name, ()), *papers.stack)
    papers.skipped.discard(name)
    session.visit.notice = None
    return aim(session)


def page_retaken(session: Session, _event: events.PageRetaken) -> tuple[Job, ...]:
    """Throw the page just taken away and aim again."""
    session.visit.notice = None
    return aim(session)


def skipped(session: Session, _event: events.PaperSkipped) -> tuple[Job, ...]:
    """Go on without a paper; only those the law does not demand."""
    papers = session.visit.papers
    asked = _asked(session)
    if papers.phase in {ScanPhase.FINISHED, ScanPhase.AT_COUNTER}:
        return ()
    if asked[papers.current].required:
        return session.say("papers.missing")
    papers.stop.set()
    papers.skipped.add(asked[papers.current].name)
    session.visit.notice = None
    return aim(session)


def finished(session: Session) -> tuple[Job, ...]:
    """Go to the review when every paper is there or skipped."""
    papers = session.visit.papers
    if papers.phase is ScanPhase.AT_COUNTER:
        return session.go(Trigger.PAPERS_DONE)
    missing = [paper for paper in _asked(session) if paper.required and paper.name not in papers.pages]
    if papers.phase is not ScanPhase.FINISHED or missing:
        return session.say("papers.missing")
    return session.go(Trigger.PAPERS_DONE)


def back(session: Session) -> tuple[Job, ...]:
    """Leave a judged page, or its corners, for a new try; otherwise stop the scanner and go to the form."""
    papers = session.visit.papers
    if papers.phase in {ScanPhase.JUDGED, ScanPhase.CORNERS}:
        session.visit.notice = None
        return aim(session)
    papers.stop.set()
    return session.go(Trigger.BACK)


def again(session: Session) -> tuple[Job, ...]:
    """Scan all papers anew, from the review."""
    papers = session.visit.papers
    papers.pages.clear()
    papers.skipped.clear()
    papers.failures = 0
    return session.go(Trigger.EDIT_PAPERS)


def view(session: Session) -> ScanView:
    """Return the camera's screen."""
    papers, lang = session.visit.papers, language()
    finished_all = papers.phase is ScanPhase.FINISHED
    rows = tuple(
        PaperView(
            name=paper.name,
            title=paper.title.in_language(lang),
            required=paper.required,
            pages=len(papers.pages.get(paper.name, ())),
            current=index == papers.current and not finished_all,
            skipped=paper.name in papers.skipped,
        )
        for index, paper in enumerate(_asked(session))
    )
    return ScanView(
        phase=papers.phase,
        papers=rows,
        preview=papers.preview,
        page_jpeg=papers.taken.jpeg if papers.taken else None,
        source=session.services.desk.source,
        stack=len(papers.stack),
        notice=session.visit.notice,
    )


EVENTS: Final[Handlers] = {
    events.FrameSeen: frame_seen,
    events.PictureAsked: picture_asked,
    events.CornersAsked: corners_asked,
    events.CornersSet: corners_set,
    events.PageMade: page_made,
    events.PageKept: page_kept,
    events.PageRetaken: page_retaken,
    events.PaperSkipped: skipped,
}
