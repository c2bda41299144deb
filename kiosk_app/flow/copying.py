"""Photocopies, free: pages under the camera, then out of the A4 printer. Nothing is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from drivers.ports import DeviceState
from kiosk_app.flow import events, sheets
from kiosk_app.flow.jobs import Job, Lane
from kiosk_app.flow.machine import Trigger
from kiosk_app.flow.papers import (
    CAPTURE_TIMEOUT_S,
    FRAME_PAUSE_S,
    RETRY_S,
    STOPPED,
    unless_stopped,
    unused,
    verdict,
    why_no_page,
)
from kiosk_app.flow.sheet_view import CopyPhase, CopyView, SheetPhase
from kiosk_app.flow.steps import Preview, Step

if TYPE_CHECKING:
    from kiosk_app.flow.jobs import Handlers, Report
    from kiosk_app.flow.session import Session

_DEAD: Final = frozenset({DeviceState.ABSENT, DeviceState.FAULT, DeviceState.DISABLED})
_TITLE: Final = "Bản chụp"


def asked(session: Session, _event: events.CopyAsked) -> tuple[Job, ...]:
    """Begin to copy, or say why that cannot be done here and who does it instead."""
    code = sheets.why_not(session) or _no_camera(session)
    if not code:
        return session.go(Trigger.COPY)
    session.visit.unavailable = code
    return session.go(Trigger.MISSING)


def _no_camera(session: Session) -> str:
    seen = session.health.devices if session.health else ()
    camera = next((status.state for status in seen if status.device == "document_scanner"), None)
    return "copy.no_camera" if camera in _DEAD else ""


def aim(session: Session) -> tuple[Job, ...]:
    """Show the live picture."""
    copying = session.visit.copying
    copying.taken = None
    copying.phase = CopyPhase.AIM
    return _look(session)


def _look(session: Session, *, after_s: float = FRAME_PAUSE_S) -> tuple[Job, ...]:
    desk, pause = session.services.desk, session.services.pause

    def work(_report: Report) -> events.FrameSeen:
        pause(after_s)
        return events.FrameSeen(glance=desk.glance())

    return (Job(name="copy_preview", lane=Lane.CAMERA, work=work),)


def frame_seen(session: Session, event: events.FrameSeen) -> tuple[Job, ...]:
    """Show a new frame and ask for the next while aiming."""
    copying = session.visit.copying
    if session.step is not Step.COPY or copying.phase is not CopyPhase.AIM:
        return ()
    number = copying.preview.number + 1 if copying.preview else 1
    if event.glance is not None:
        copying.preview = Preview(glance=event.glance, number=number)
    return _look(session)


def picture_asked(session: Session, _event: events.PictureAsked) -> tuple[Job, ...]:
    """Take one page."""
    copying, desk = session.visit.copying, session.services.desk
    if copying.phase is not CopyPhase.AIM:
        return ()
    copying.phase = CopyPhase.WORKING
    session.visit.notice = None
    copying.stop = stop = unused(copying.stop)

    def work(_report: Report) -> events.PageMade:
        page = unless_stopped(stop, lambda: desk.take_page(timeout_s=CAPTURE_TIMEOUT_S, stop=stop.is_set))
        return events.PageMade(page=page)

    return (Job(name="copy_page", lane=Lane.CAMERA, work=work),)


def page_made(session: Session, event: events.PageMade) -> tuple[Job, ...]:
    """Show the page with its verdict."""
    copying = session.visit.copying
    if session.step is not Step.COPY or copying.phase is not CopyPhase.WORKING:
        return ()
    copying.taken, copying.preview = event.page, None
    copying.phase = CopyPhase.JUDGED
    session.visit.notice = verdict(event.page)
    return ()


def page_kept(session: Session, _event: events.PageKept) -> tuple[Job, ...]:
    """Keep the page, if it can be read, and ask whether there are more."""
    copying = session.visit.copying
    if copying.taken is None or not copying.taken.acceptable:
        return ()
    copying.pages = (*copying.pages, copying.taken)
    copying.taken = None
    copying.phase = CopyPhase.READY
    session.visit.notice = None
    return ()


def page_retaken(session: Session, _event: events.PageRetaken) -> tuple[Job, ...]:
    """Throw the page just taken away and aim again."""
    session.visit.notice = None
    return aim(session)


def more_asked(session: Session, _event: events.MorePagesAsked) -> tuple[Job, ...]:
    """Take one page more, as long as that many sheets are free."""
    copying = session.visit.copying
    if copying.phase is not CopyPhase.READY or not _room(session, pages=1):
        return ()
    return aim(session)


def copies_set(session: Session, event: events.CopiesSet) -> tuple[Job, ...]:
    """Print each page so many times, as long as that many sheets are free."""
    copying = session.visit.copying
    if copying.phase is CopyPhase.READY and 1 <= event.copies <= _most_copies(session):
        copying.copies = event.copies
    return ()


def _most_copies(session: Session) -> int:
    return session.services.centre.copy_sheets // max(1, len(session.visit.copying.pages))


def _room(session: Session, *, pages: int) -> bool:
    copying = session.visit.copying
    return (len(copying.pages) + pages) * copying.copies <= session.services.centre.copy_sheets


def next_pressed(session: Session) -> tuple[Job, ...]:
    """Print what was taken; when it is out, end the visit."""
    copying, desk = session.visit.copying, session.services.desk
    if copying.phase is CopyPhase.PRINTING:
        return session.end("button") if _over(session) else ()
    if copying.phase is not CopyPhase.READY:
        return ()
    copying.phase = CopyPhase.PRINTING
    pages, copies = copying.pages, copying.copies
    return (sheets.print_job(session, lambda: desk.photocopy(pages), title=_TITLE, copies=copies),)


def back(session: Session) -> tuple[Job, ...]:
    """Go back one step: take the page anew, return to the pages there are, stop a device, or leave."""
    copying = session.visit.copying
    session.visit.notice = None
    match copying.phase:
        case CopyPhase.JUDGED:
            return aim(session)
        case CopyPhase.AIM if copying.pages:
            copying.phase = CopyPhase.READY
            return ()
        case CopyPhase.PRINTING if not _over(session):
            return sheets.stop_asked(session)
        case CopyPhase.PRINTING:
            copying.phase = CopyPhase.READY
            return ()
        case CopyPhase.WORKING:
            copying.stop.set()  # its end comes as an event
            return ()
        case _:
            return session.end("back")


def _over(session: Session) -> bool:
    return session.visit.sheets.phase is not SheetPhase.PRINTING


def is_over(session: Session) -> bool:
    """Tell whether the copies are out: that visit ends by itself."""
    return session.step is Step.COPY and session.visit.sheets.phase is SheetPhase.OUT


def failed(session: Session, event: events.JobFailed) -> tuple[Job, ...]:
    """Say why no page came and aim again; pages already kept stay."""
    copying = session.visit.copying
    if session.step is not Step.COPY:
        return ()
    if event.job == "copy_preview":
        copying.preview = None
        jobs = _look(session, after_s=RETRY_S) if copying.phase is CopyPhase.AIM else ()
    else:
        jobs = aim(session)
        if event.detail == STOPPED and copying.stop.is_set():
            return jobs
    session.visit.notice = why_no_page(event)
    return jobs


def view(session: Session) -> CopyView:
    """Return the copier's screen."""
    copying = session.visit.copying
    return CopyView(
        phase=copying.phase,
        pages=len(copying.pages),
        copies=copying.copies,
        most_copies=_most_copies(session),
        more=_room(session, pages=1),
        sheet=session.visit.sheets.phase,
        preview=copying.preview,
        page_jpeg=copying.taken.jpeg if copying.taken else None,
        notice=session.visit.notice,
    )


EVENTS: Final[Handlers] = {
    events.FrameSeen: frame_seen,
    events.PictureAsked: picture_asked,
    events.PageMade: page_made,
    events.PageKept: page_kept,
    events.PageRetaken: page_retaken,
    events.MorePagesAsked: more_asked,
    events.CopiesSet: copies_set,
}
"""What this station answers itself while it stands; the scan of papers answers the same events elsewhere."""
