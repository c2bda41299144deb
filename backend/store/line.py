"""The waiting line of a unit: who is next, who is called where, how long it takes."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sqlalchemy import Select, case, func, select
from sqlalchemy.orm import Session

from backend.services import LOCAL_ZONE, Refusal
from backend.store import audit
from backend.store.models import Kiosk, Ticket

if TYPE_CHECKING:
    from collections.abc import Sequence

    from backend.services import Services
    from backend.store.staff import SignedIn

PRIORITIES: Final = ("elderly", "disabled", "pregnant", "merit")
"""Source: DOMAIN.md, 5.12: served before the others."""
USUAL = dt.timedelta(minutes=8)
"""Taken for a visit while fewer than five were measured today."""
LONGEST = dt.timedelta(hours=1)
_MEASURED = 20
_ENOUGH = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """What the display shows; numbers only."""

    called: tuple[Ticket, ...]
    """Newest call first."""
    waiting: int
    wait: dt.timedelta
    """Estimate for somebody who takes a number now."""
    unit_name: str


def waiting(services: Services, unit: str) -> Sequence[Ticket]:
    """Return who waits today, in the order of calls: priority first, then who came first."""
    with Session(services.engine) as session:
        return session.scalars(_in_line(services, unit)).all()


def services_today(services: Services, unit: str) -> dict[str, str]:
    """Return the letters of the numbers given out today, each with its service."""
    query = (
        select(Ticket.series, func.min(Ticket.service).label("service"))
        .where(Ticket.unit_code == unit, Ticket.issued_at >= _today(services))
        .group_by(Ticket.series)
        .order_by(Ticket.series)
    )
    with Session(services.engine) as session:
        return {row.series: row.service for row in session.execute(query)}


def call_next(services: Services, who: SignedIn, desk: str, *, series: str = "") -> Ticket | None:
    """Call the next number to a desk; the one served there before is done. None when nobody waits."""
    with Session(services.engine, expire_on_commit=False) as session, session.begin():
        _end_at(services, session, who, desk)
        query = _in_line(services, who.unit_code)
        if series:
            query = query.where(Ticket.series == series)
        found = session.scalars(query.limit(1).with_for_update(skip_locked=True)).one_or_none()
        if found is None:
            return None
        found.state, found.desk = "called", desk
        found.called_at, found.calls = services.now(), found.calls + 1
        audit.note(session, services, who=who.name, did=f"called to {desk}"[:40], about=found.number)
        return found


def recall(services: Services, who: SignedIn, ticket_id: str) -> None:
    """Call the same number once more."""
    with Session(services.engine) as session, session.begin():
        row = _own(session, who, ticket_id, states=("called", "no_show"))
        row.state, row.calls, row.called_at = "called", row.calls + 1, services.now()
        audit.note(session, services, who=who.name, did="recalled", about=row.number)


def end(services: Services, who: SignedIn, ticket_id: str, how: str) -> None:
    """Note that a number is served (`done`) or nobody came (`no_show`)."""
    if how not in {"done", "no_show"}:
        raise Refusal(422, "line.how", "done or no_show")
    with Session(services.engine) as session, session.begin():
        row = _own(session, who, ticket_id, states=("called",))
        row.state, row.ended_at = how, services.now()
        audit.note(session, services, who=who.name, did=how, about=row.number)


def transfer(services: Services, who: SignedIn, ticket_id: str, series: str) -> None:
    """Send somebody on to another service, keeping the time of arrival."""
    if not series.isascii() or not series.isupper() or len(series) > 2:  # noqa: PLR2004 - `A` or `AB`, as on the wire
        raise Refusal(422, "line.series", "give the letter of the other service")
    with Session(services.engine) as session, session.begin():
        row = _own(session, who, ticket_id, states=("called", "waiting"))
        row.state, row.series, row.desk, row.called_at = "waiting", series, "", None
        audit.note(session, services, who=who.name, did=f"transferred to {series}", about=row.number)


def prefer(services: Services, who: SignedIn, ticket_id: str, priority: str) -> None:
    """Give somebody precedence, or take it back with an empty text."""
    if priority and priority not in PRIORITIES:
        raise Refusal(422, "line.priority", f"one of {', '.join(PRIORITIES)}")
    with Session(services.engine) as session, session.begin():
        row = _own(session, who, ticket_id, states=("waiting",))
        row.priority = priority
        audit.note(session, services, who=who.name, did=f"priority {priority or 'none'}", about=row.number)


def board(services: Services, unit: str) -> Board:
    """Return what the display of a unit shows now."""
    with Session(services.engine) as session:
        called = session.scalars(
            select(Ticket)
            .where(Ticket.unit_code == unit, Ticket.state == "called", Ticket.issued_at >= _today(services))
            .order_by(Ticket.called_at.desc())
            .limit(8)
        ).all()
        number = len(session.scalars(_in_line(services, unit)).all())
        mean = _mean_visit(services, session, unit)
        name = session.scalars(
            select(Kiosk.unit_name).where(Kiosk.unit_code == unit).order_by(Kiosk.enrolled_at.desc()).limit(1)
        ).one_or_none()
    desks = max(1, len({ticket.desk for ticket in called}))
    return Board(
        called=tuple(called),
        waiting=number,
        wait=mean * (number + 1) / desks if number else dt.timedelta(),
        unit_name=name or unit,
    )


def _mean_visit(services: Services, session: Session, unit: str) -> dt.timedelta:
    done = session.scalars(
        select(Ticket)
        .where(Ticket.unit_code == unit, Ticket.state == "done", Ticket.issued_at >= _today(services))
        .order_by(Ticket.ended_at.desc())
        .limit(_MEASURED)
    ).all()
    spans = [
        row.ended_at - row.called_at for row in done if row.ended_at is not None and row.called_at is not None
    ]
    spans = [min(LONGEST, span) for span in spans]
    return sum(spans, dt.timedelta()) / len(spans) if len(spans) >= _ENOUGH else USUAL


def _today(services: Services) -> dt.datetime:
    return services.now().astimezone(LOCAL_ZONE).replace(hour=0, minute=0, second=0, microsecond=0)


def _in_line(services: Services, unit: str) -> Select[Ticket]:
    return (
        select(Ticket)
        .where(Ticket.unit_code == unit, Ticket.state == "waiting", Ticket.issued_at >= _today(services))
        .order_by(case((Ticket.priority != "", 0), else_=1), Ticket.issued_at, Ticket.id)
    )


def _end_at(services: Services, session: Session, who: SignedIn, desk: str) -> None:
    for row in session.scalars(
        select(Ticket).where(Ticket.unit_code == who.unit_code, Ticket.state == "called", Ticket.desk == desk)
    ):
        row.state, row.ended_at = "done", services.now()


def _own(session: Session, who: SignedIn, ticket_id: str, *, states: tuple[str, ...]) -> Ticket:
    row = session.get(Ticket, ticket_id, with_for_update=True)
    if row is None or row.unit_code != who.unit_code:
        raise Refusal(404, "ticket.unknown", "no such number in this unit")
    if row.state not in states:
        raise Refusal(409, "ticket.state", f"the number is {row.state} already")
    return row
