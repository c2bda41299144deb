"""Staff: called by the citizen, and the technician's door with its PIN."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from drivers.ports import DeviceState
from kiosk_app.flow import events
from kiosk_app.flow.choosing import welcome_jobs
from kiosk_app.flow.jobs import Job, Lane
from kiosk_app.flow.machine import Trigger
from kiosk_app.flow.papers import NO_CAMERA
from kiosk_app.flow.staff_view import StaffView
from kiosk_app.flow.steps import HelpView, StaffPinView, Step

if TYPE_CHECKING:
    from kiosk_app.flow.jobs import Handlers, Report
    from kiosk_app.flow.session import Session

PAUSE_S: Final = (0, 0, 5, 15, 60, 300)
"""Seconds the door stays shut after each wrong PIN in a row; the last value repeats."""
_DEAD: Final = frozenset({DeviceState.ABSENT, DeviceState.FAULT, DeviceState.DISABLED})


def called(session: Session) -> tuple[Job, ...]:
    """Call staff from any screen; nothing that was filled is lost."""
    if session.step is Step.HELP:
        return ()
    session.before_help = session.step
    session.call_staff("button")
    return session.enter(Step.HELP)


def help_view(session: Session) -> HelpView:
    """Return the screen that says staff were called."""
    at = session.calls[0][0] if session.calls else session.services.now()
    return HelpView(hotline=session.services.centre.hotline, called_at=at)


def shut(session: Session) -> bool:
    """Tell whether the door stays shut now, after wrong PINs or cards."""
    return session.services.monotonic() < session.pin_until


def pin_view(session: Session) -> StaffPinView:
    """Return the door."""
    wait = max(0, int(session.pin_until - session.services.monotonic()) + 1)
    return StaffPinView(
        wrong=session.visit.pin_wrong > 0,
        wait_s=wait if shut(session) else 0,
        configured=session.services.pin_configured,
        takes_card=session.visit.door_takes_card,
        notice=session.visit.notice,
    )


def pin_typed(session: Session, event: events.PinTyped) -> tuple[Job, ...]:
    """Check a PIN, unless the door is shut after wrong ones."""
    services = session.services
    if session.step is not Step.STAFF_PIN or shut(session):
        return ()
    session.visit.notice = None
    pin_right, pin = services.pin_right, event.pin

    def work(_report: Report) -> events.PinChecked:
        return events.PinChecked(right=pin_right(pin))

    return (Job(name="check_pin", lane=Lane.HEALTH, work=work),)


def pin_checked(session: Session, event: events.PinChecked) -> tuple[Job, ...]:
    """Open the door, or shut it for longer each time."""
    visit = session.visit
    if event.right:
        session.pin_wrong_in_a_row = 0
        return session.go(Trigger.STAFF_IN)
    visit.pin_wrong += 1
    session.pin_wrong_in_a_row += 1
    pause = PAUSE_S[min(session.pin_wrong_in_a_row, len(PAUSE_S) - 1)]
    session.pin_until = session.services.monotonic() + pause
    return ()


def look(session: Session) -> tuple[Job, ...]:
    """Look at every device and the queue; what was said to the last technician is gone."""
    session.bench.clear()
    return welcome_jobs(session)


def health_seen(session: Session, event: events.HealthSeen) -> tuple[Job, ...]:
    """Keep the newest health; each tile degrades by itself, and staff are told once of a change."""
    before, no_scan, warned = session.blocked, session.no_scan, _warnings(session.health)
    session.health = event
    session.waiting = event.people_waiting or 0
    session.blocked = _blocked(event)
    session.no_scan = _no_scan(event)
    for tile in sorted(session.blocked.keys() - before.keys()):
        session.call_staff(session.blocked[tile])
    if session.no_scan and not no_scan:
        session.call_staff(session.no_scan)
    for warning in sorted(_warnings(event) - warned):
        session.call_staff(warning)
    return ()


def _warnings(event: events.HealthSeen | None) -> frozenset[str]:
    """Return what staff should look at in the queue; citizens go on."""
    queue = event.queue if event else None
    return frozenset(f"queue.{name}" for name in queue.warnings) if queue else frozenset()


def _blocked(event: events.HealthSeen) -> dict[str, str]:
    """Return which tile cannot keep its promise, and why; a sick device never blocks more than it must.

    A missing printer blocks nothing (the number stands on the screen), nor does a missing card reader (one
    types), a missing camera (staff take the papers) or a dead line (the dossier waits). A kiosk of no
    backend has no key to seal a dossier with: that is said before anything is filled.
    """
    if event.queue is None:
        return {"submit": event.queue_error, "take_number": event.queue_error}
    if event.line_trouble == "not_enrolled":
        return {"submit": "queue.not_enrolled"}
    return {} if event.queue.intake_open else {"submit": "queue.full"}


def _no_scan(event: events.HealthSeen) -> str:
    """Return why papers cannot be taken now, or empty."""
    camera = next((status for status in event.devices if status.device == "document_scanner"), None)
    if camera is not None and camera.state in _DEAD:
        return NO_CAMERA
    full = event.queue is not None and not event.queue.scanning_open
    return "papers.no_space" if full else ""


def view(session: Session) -> StaffView:
    """Return devices and queue."""
    health = session.health
    return StaffView(
        devices=health.devices if health else (),
        queue=health.queue if health else None,
        line_trouble=health.line_trouble if health else "not_heard",
        said=session.bench.said,
        show_code=session.bench.show,
        busy=session.bench.busy,
        tools=session.services.technician is not None,
    )


EVENTS: Final[Handlers] = {
    events.PinTyped: pin_typed,
    events.PinChecked: pin_checked,
    events.HealthSeen: health_seen,
}
