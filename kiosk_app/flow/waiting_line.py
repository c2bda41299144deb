"""A place in the waiting line: works with no dossier and with no backend."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from drivers.ports import DeviceState, Ticket, TicketKind, TicketRow
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
_NO_PAPER: Final = frozenset(
    {DeviceState.ABSENT, DeviceState.BLOCKED, DeviceState.FAULT, DeviceState.DISABLED}
)


def service_picked(session: Session, event: events.ServicePicked) -> tuple[Job, ...]:
    """Take the next number of a series."""
    if session.visit.outcome.ticket is not None:
        return ()
    queue, service = session.services.queue, _title(event.series)
    line_page = session.services.line_page

    def work(_report: Report) -> events.NumberIssued:
        ticket = queue.issue_ticket(series=event.series, service=service)
        return events.NumberIssued(ticket=ticket, line_page=line_page())

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
    slip = queue_slip(session.services.centre, session.visit.outcome.ticket, line_page=event.line_page)
    return (print_job(session, slip, event.ticket.number),)


def queue_slip(centre: CentreInfo, ticket: QueueTicket, *, line_page: str = "") -> Ticket:
    """Return the paper of a number.

    Args:
        centre: Its name, telephone and counters.
        ticket: The number.
        line_page: The page that shows which number is called. The slip's code opens it on a phone; the number
            is its fragment, which no phone sends anywhere, so whoever reads the code sees whose slip it is.
    """
    waiting = TicketRow(label=_("Đang chờ trước"), value=_("{n} người").format(n=ticket.waiting))
    call = _("Xin ngồi chờ. Số sẽ được gọi tại quầy.")
    watch = _("Quét mã này bằng điện thoại để xem đang gọi đến số nào.")
    return Ticket(
        kind=TicketKind.QUEUE,
        centre=centre.name,
        number=ticket.number,
        heading=_("Số thứ tự"),
        service=ticket.service,
        issued_at=ticket.issued_at,
        rows=(*_counter(centre, ticket), waiting),
        notes=(call, watch) if line_page else (call,),
        qr_text=f"{line_page}#{ticket.number}" if line_page else None,
        hotline=centre.hotline,
    )


def _counter(centre: CentreInfo, ticket: QueueTicket) -> tuple[TicketRow, ...]:
    """Return where the number is served, if that is known; the first row is drawn as large as the service."""
    where = centre.counters.get(ticket.number.rstrip("0123456789"), "").strip()
    if not where:
        return ()
    return (TicketRow(label=_("Quầy") if where.isdigit() else "", value=where),)


def _served(centre: CentreInfo, ticket: QueueTicket) -> str:
    """Return the service with its counter, for the screen: there may be no paper."""
    where = (f"{row.label} {row.value}".strip() for row in _counter(centre, ticket))
    return " · ".join((ticket.service, *where))


def failed(session: Session, event: events.JobFailed) -> tuple[Job, ...]:
    """No number was stored: say so and tell staff."""
    session.call_staff(event.code)
    return session.say(event.code)


def _prints(session: Session) -> bool:
    """Tell whether a slip can be promised; what was not looked at yet promises one."""
    seen = session.health.devices if session.health else ()
    return not any(status.device == "ticket_printer" and status.state in _NO_PAPER for status in seen)


def view(session: Session) -> TakeNumberView:
    """Return the screen of the waiting line."""
    outcome = session.visit.outcome
    services = tuple((letter, _(title), icon) for letter, title, icon in SERVICES)
    ticket = outcome.ticket
    if ticket is None:
        return TakeNumberView(services=services, prints=_prints(session), notice=session.visit.notice)
    return TakeNumberView(
        services=services,
        number=ticket.number,
        service=_served(session.services.centre, ticket),
        waiting=ticket.waiting,
        paper=outcome.paper,
        notice=session.visit.notice,
    )


EVENTS: Final[Handlers] = {events.ServicePicked: service_picked, events.NumberIssued: number_issued}
