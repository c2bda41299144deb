"""After the hand-in: the slip, the number on the screen, the card, the goodbye."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from drivers.ports import PrintOutcome, Ticket, TicketKind, TicketRow
from kiosk_app.flow import events
from kiosk_app.flow.jobs import Job, Lane
from kiosk_app.flow.machine import Trigger
from kiosk_app.flow.reviewing import fee_text, forget_papers
from kiosk_app.flow.sentences import notice
from kiosk_app.flow.steps import DoneView, PaperState, Step, Tone
from kiosk_app.i18n import _, language
from offline_queue.ports import PrintState

if TYPE_CHECKING:
    from kiosk_app.flow.jobs import Handlers, Report, Work
    from kiosk_app.flow.session import Session
    from offline_queue.ports import DossierQueue, HandInReceipt

PRINT_TIMEOUT_S: Final = 12.0
TURN_S: Final = 1.0
NUMBER_ON_SCREEN_S: Final = 60
"""A number that has no paper stays longer, to be noted down."""


def handed_in(session: Session, event: events.HandedIn) -> tuple[Job, ...]:
    """Keep the receipt only, print the slip, watch for the card and the official code."""
    visit = session.visit
    ticket = _receipt_ticket(session, event)
    forget_papers(visit)
    outcome = visit.outcome
    outcome.busy = False
    outcome.receipt = event.receipt
    outcome.will_send_later = not event.reachable
    jobs = session.go(Trigger.HANDED_IN)
    return (*jobs, print_job(session, ticket, event.receipt.receipt_code))


def entered(session: Session) -> tuple[Job, ...]:
    """Watch the slot and the delivery while the last screen stands."""
    return (*_watch_card(session), *_watch_delivery(session))


def _receipt_ticket(session: Session, event: events.HandedIn) -> Ticket:
    filling, centre, lang = session.visit.filling, session.services.centre, language()
    form = filling.form
    title = form.procedure.title.in_language(lang) if form else ""
    receipt = event.receipt
    rows = [TicketRow(label=_("Nộp lúc"), value=f"{receipt.created_at:%H:%M %d/%m/%Y}")]
    if form is not None:
        rows.append(TicketRow(label=_("Lệ phí"), value=fee_text(form.fee(form.clean(filling.answers)))))
        rows.append(TicketRow(label=_("Thời hạn"), value=form.procedure.time.in_language(lang)))
    papers = sum(len(pages) for pages in session.visit.papers.pages.values())
    rows.append(TicketRow(label=_("Giấy tờ đã chụp"), value=_("{n} trang").format(n=papers)))
    return Ticket(
        kind=TicketKind.RECEIPT,
        centre=centre.name,
        number=receipt.receipt_code,
        heading=_("Mã hồ sơ"),
        service=title,
        issued_at=receipt.created_at,
        rows=tuple(rows),
        notes=_lines(reachable=event.reachable),
        qr_text=receipt.tracking_url,
        hotline=centre.hotline,
    )


def _lines(*, reachable: bool) -> tuple[str, ...]:
    sending = _("Hồ sơ đã gửi về trung tâm.") if reachable else _("Hồ sơ đã lưu an toàn, sẽ gửi khi có mạng.")
    return (
        _("Giữ phiếu này. Đưa mã trên phiếu vào máy để xem hồ sơ đến đâu."),
        sending,
        _("Mang bản chính giấy tờ đến quầy khi cán bộ gọi."),
    )


def print_job(session: Session, ticket: Ticket, number: str) -> Job:
    """Return the job that prints one slip once and records what became of it."""
    printer, queue = session.services.printer, session.services.queue

    def work(_report: Report) -> events.SlipPrinted:
        queue.note_print(number, PrintState.PENDING)
        outcome = printer.print_ticket(ticket, timeout_s=PRINT_TIMEOUT_S)
        state = PrintState.ISSUED if outcome is PrintOutcome.ISSUED else PrintState.UNCERTAIN
        queue.note_print(number, state)
        return events.SlipPrinted(outcome=outcome.value)

    return Job(name="print", lane=Lane.PRINTER, work=work)


def slip_printed(session: Session, event: events.SlipPrinted) -> tuple[Job, ...]:
    """Say that the paper is out, or put the number on the screen when that is not sure."""
    outcome = session.visit.outcome
    if event.outcome == PrintOutcome.ISSUED.value:
        outcome.paper = PaperState.OUT
        return ()
    return _on_screen(session, "printer.uncertain")


def print_failed(session: Session, event: events.JobFailed) -> tuple[Job, ...]:
    """Put the number large on the screen and tell staff; the dossier itself is safe."""
    queue = session.services.queue
    number = _number(session)

    def work(_report: Report) -> events.SlipPrinted:
        queue.note_print(number, PrintState.FAILED)
        return events.SlipPrinted(outcome="failed")

    _on_screen(session, "printer.blocked" if event.code == "printer.blocked" else "printer.failed")
    return (Job(name="note_print", lane=Lane.QUEUE, work=work),) if number else ()


def _number(session: Session) -> str:
    outcome = session.visit.outcome
    if outcome.receipt is not None:
        return outcome.receipt.receipt_code
    return outcome.ticket.number if outcome.ticket else ""


def _on_screen(session: Session, code: str) -> tuple[Job, ...]:
    outcome = session.visit.outcome
    if outcome.paper is not PaperState.ON_SCREEN:
        session.call_staff(code)
        session.visit.notice = notice(code, tone=Tone.WARN)
    outcome.paper = PaperState.ON_SCREEN
    return ()


# --- the slot and the delivery ------------------------------------------------------------------------


def _watch_card(session: Session) -> tuple[Job, ...]:
    card = session.services.card

    def work(report: Report) -> events.CardTaken:
        if not card.card_present():
            return events.CardTaken(gone=True)
        report(events.CardTaken(gone=False))
        return events.CardTaken(gone=card.wait_for_card(present=False, timeout_s=TURN_S))

    return (Job(name="watch_card", lane=Lane.CARD, work=work),)


def card_taken(session: Session, event: events.CardTaken) -> tuple[Job, ...]:
    """Remind of a card left in the slot; a card taken at the end ends the visit when the paper is out."""
    outcome = session.visit.outcome
    if session.step is not Step.DONE:
        return ()
    was_in, outcome.card_in_slot = outcome.card_in_slot, not event.gone
    if event.gone and was_in and outcome.paper is PaperState.OUT:
        return session.end("card_taken")
    return () if event.gone else _watch_card(session)


def _watch_delivery(session: Session) -> tuple[Job, ...]:
    queue, receipt = session.services.queue, session.visit.outcome.receipt
    if receipt is None:
        return ()
    return (Job(name="watch_delivery", lane=Lane.QUEUE, work=_delivery(queue, receipt)),)


def _delivery(queue: DossierQueue, receipt: HandInReceipt) -> Work:
    def work(_report: Report) -> events.DeliverySeen:
        return events.DeliverySeen(dossier=queue.find(receipt.receipt_code, token=receipt.token))

    return work


def delivery_seen(session: Session, event: events.DeliverySeen) -> tuple[Job, ...]:
    """Show the official code as soon as the backend has given it."""
    outcome = session.visit.outcome
    if event.dossier is not None and event.dossier.official_code:
        outcome.official_code = event.dossier.official_code
        outcome.will_send_later = False
    return ()


def ticked(session: Session) -> tuple[Job, ...]:
    """Look again for the delivery, once a second, while the last screen stands."""
    if session.step is not Step.DONE or session.visit.outcome.official_code is not None:
        return ()
    return _watch_delivery(session)


def number_given(session: Session) -> bool:
    """Tell whether a waiting number stands on the screen: that visit ends by itself."""
    return session.step is Step.TAKE_NUMBER and session.visit.outcome.ticket is not None


def stay_s(session: Session) -> int:
    """Return how long the last screen stays untouched, seconds; longer when there is no paper."""
    on_screen = session.visit.outcome.paper is PaperState.ON_SCREEN
    return NUMBER_ON_SCREEN_S if on_screen else session.services.centre.done_s


def view(session: Session) -> DoneView:
    """Return the last screen."""
    outcome = session.visit.outcome
    receipt = outcome.receipt
    if receipt is None:
        raise LookupError("the last screen is asked for before a hand-in")
    return DoneView(
        number=receipt.receipt_code,
        official_code=outcome.official_code,
        paper=outcome.paper,
        will_send_later=outcome.will_send_later,
        lines=_lines(reachable=not outcome.will_send_later),
        qr_text=receipt.tracking_url,
        card_in_slot=outcome.card_in_slot,
        notice=session.visit.notice,
    )


EVENTS: Final[Handlers] = {
    events.HandedIn: handed_in,
    events.SlipPrinted: slip_printed,
    events.CardTaken: card_taken,
    events.DeliverySeen: delivery_seen,
}
