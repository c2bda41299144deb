"""A place in the waiting line: works with no dossier and with no backend."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from drivers.ports import Ticket, TicketKind, TicketRow
from kiosk_app.flow import events
from kiosk_app.flow.ending import print_job
from kiosk_app.flow.jobs import Job, Lane
from kiosk_app.flow.steps import Step, TakeNumberView
from kiosk_app.i18n import _, mark

if TYPE_CHECKING:
    from kiosk_app.flow.jobs import Handlers, Report
    from kiosk_app.flow.services import CentreInfo
    from kiosk_app.flow.session import Session
    from offline_queue.ports import QueueTicket

SERVICES: Final = (
    ("A", mark("Hộ tịch: khai sinh, kết hôn, khai tử"), "baby"),
    ("B", mark("Chứng thực bản sao, chữ ký"), "stamp"),
    ("C", mark("Cư trú, căn cước"), "house"),
    ("D", mark("Việc khác, hỏi cán bộ"), "circle-help"),
)
"""Series letter, what it is for, icon."""


def service_picked(session: Session, event: events.ServicePicked) -> tuple[Job, ...]:
    """Take the next number of a series."""
    if session.visit.outcome.ticket is not None:
        return ()
    queue, service = session.services.queue, _title(event.series)

    def work(_report: Report) -> events.NumberIssued:
        return events.NumberIssued(ticket=queue.issue_ticket(series=event.series, service=service))

    return (Job(name="issue_ticket", lane=Lane.QUEUE, work=work),)


def _title(series: str) -> str:
    return _(next((title for letter, title, _icon in SERVICES if letter == series), SERVICES[-1][1]))


def number_issued(session: Session, event: events.NumberIssued) -> tuple[Job, ...]:
    """Show the number at once and print its slip."""
    if session.step is not Step.TAKE_NUMBER:
        return ()
    told = session.services.progress.people_waiting()
    # Other kiosks give out numbers as well, and desks call them: only the backend knows the whole line.
    before = event.ticket.waiting if told is None else told
    session.visit.outcome.ticket = replace(event.ticket, waiting=before)
    session.handle(events.Touched())
    slip = queue_slip(session.services.centre, session.visit.outcome.ticket)
    return (print_job(session, slip, event.ticket.number),)


def queue_slip(centre: CentreInfo, ticket: QueueTicket) -> Ticket:
    """Return the paper of a number."""
    return Ticket(
        kind=TicketKind.QUEUE,
        centre=centre.name,
        number=ticket.number,
        heading=_("Số thứ tự"),
        service=ticket.service,
        issued_at=ticket.issued_at,
        rows=(TicketRow(label=_("Đang chờ trước"), value=_("{n} người").format(n=ticket.waiting)),),
        notes=(_("Xin ngồi chờ. Số sẽ được gọi tại quầy."),),
        hotline=centre.hotline,
    )


def failed(session: Session, event: events.JobFailed) -> tuple[Job, ...]:
    """No number was stored: say so and tell staff."""
    session.call_staff(event.code)
    return session.say(event.code)


def view(session: Session) -> TakeNumberView:
    """Return the screen of the waiting line."""
    outcome = session.visit.outcome
    services = tuple((letter, _(title), icon) for letter, title, icon in SERVICES)
    ticket = outcome.ticket
    if ticket is None:
        return TakeNumberView(services=services, notice=session.visit.notice)
    return TakeNumberView(
        services=services,
        number=ticket.number,
        service=ticket.service,
        waiting=ticket.waiting,
        paper=outcome.paper,
        notice=session.visit.notice,
    )


EVENTS: Final[Handlers] = {events.ServicePicked: service_picked, events.NumberIssued: number_issued}
