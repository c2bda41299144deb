"""Waiting at the code scanner, a turn at a time, on every screen that reads codes."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Final

from drivers.errors import (
    DeviceBusyError,
    DeviceForbiddenError,
    DeviceMissingError,
    DeviceTimeoutError,
    DriverError,
)
from kiosk_app.flow import events
from kiosk_app.flow.jobs import Job, Lane

if TYPE_CHECKING:
    from drivers.ports import CodePayload
    from kiosk_app.flow.jobs import Report
    from kiosk_app.flow.session import Session

TURN_S: Final = 1.0
"""How long one waiting turn at a device lasts; a visit that ends frees the device within this time."""
RETRY_S: Final = 2.0
"""Rest before a scanner that failed is asked again."""
_GONE: Final = frozenset(
    kind.code for kind in (DeviceMissingError, DeviceTimeoutError, DeviceBusyError, DeviceForbiddenError)
)


def read_code(session: Session) -> tuple[Job, ...]:
    """Forget codes shown before, then wait one turn for a new one."""
    codes = session.services.codes

    def work(_report: Report) -> events.CodeSeen:
        codes.flush()
        return events.CodeSeen(text=codes.read(timeout_s=TURN_S))

    return (Job(name="read_code", lane=Lane.CODES, work=work),)


def code_turn(session: Session, *, after_s: float = 0.0) -> tuple[Job, ...]:
    """Wait one turn for any code; after a rest, where the scanner just failed."""
    codes, pause = session.services.codes, session.services.pause

    def work(_report: Report) -> events.CodeSeen:
        if after_s:
            pause(after_s)
        return events.CodeSeen(text=codes.read(timeout_s=TURN_S))

    return (Job(name="read_code", lane=Lane.CODES, work=work),)


def forget_codes(session: Session) -> tuple[Job, ...]:
    """Forget codes shown while nobody waits for one: they hold names and numbers of whoever was here."""
    codes = session.services.codes

    def work(_report: Report) -> events.CodesForgotten:
        with suppress(DriverError):  # a scanner that is away is told of by its state, and is asked again
            codes.flush()
        return events.CodesForgotten()

    return (Job(name="forget_codes", lane=Lane.CODES, work=work),)


def classified(session: Session, event: events.CodeSeen) -> CodePayload | None:
    """Return what was shown, None after a turn without a code; a scanner that answers is missed no longer."""
    said = session.visit.notice
    if event.text is not None:
        return session.services.classify(event.text)
    if said is not None and said.code in _GONE:
        session.visit.notice = None
    return None
