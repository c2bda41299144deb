"""After the hand-in: the slip, the number on the screen, the card, the goodbye."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final

from drivers.errors import DriverError
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
    from forms.ports import Form
    from kiosk_app.flow.jobs import Handlers, Report, Work
    from kiosk_app.flow.services import CentreInfo, Services
    from kiosk_app.flow.session import Session
    from offline_queue.ports import DossierQueue, HandInReceipt, LocalDossier

PRINT_TIMEOUT_S: Final = 12.0
GRACE_S: Final = 1.5
"""How long the slip waits for the official code while the line is up."""
GRACE_TURN_S: Final = 0.05
TURN_S: Final = 1.0
NUMBER_ON_SCREEN_S: Final = 60
"""A number that has no paper stays longer, to be noted down."""
NO_PRINTER: Final = "printer.not_configured"
"""Detail of what a kiosk without a ticket printer says to every slip."""


log = logging.getLogger(__name__)


def handed_in(session: Session, event: events.HandedIn) -> tuple[Job, ...]:
    """Keep the receipt only, print the slip, watch for the card and the official code."""
    visit = session.visit
    rows = _rows(session, event.receipt)
    title = _title(session)
    form, lang = visit.filling.form, language()
    term = _term(form, event.receipt, lang) if form else None
    fee, pay_text = _due(session, event.receipt)
    forget_papers(visit)
    outcome = visit.outcome
    outcome.busy = False
    outcome.receipt = event.receipt
    outcome.term = f"{term.label}: **{term.value}**" if term else ""
    outcome.fee, outcome.pay_text = fee, pay_text
    session.handle(events.Touched())  # storing took its time: the last screen stands from now on
    jobs = session.go(Trigger.HANDED_IN)
    return (*jobs, _receipt_job(session, event.receipt, title, rows))


def entered(session: Session) -> tuple[Job, ...]:
    """Watch the slot and the delivery while the last screen stands."""
    return (*_watch_card(session), *_watch_delivery(session))


def _due(session: Session, receipt: HandInReceipt) -> tuple[str, str]:
    """Return what is due, in words and as the code of a transfer; both empty where that is nothing."""
    filling = session.visit.filling
    amount = filling.form.fee(filling.form.clean(filling.answers)) if filling.form else None
    if not amount:
        return "", ""
    return fee_text(amount), session.services.pay_code(amount, purpose=receipt.receipt_code)


def _title(session: Session) -> str:
    form = session.visit.filling.form
    return form.procedure.title.in_language(language()) if form else ""


def _rows(session: Session, receipt: HandInReceipt) -> tuple[TicketRow, ...]:
    filling, lang = session.visit.filling, language()
    form = filling.form
    rows: list[TicketRow] = []
    if form is not None:
        rows.append(TicketRow(label=_("Lệ phí"), value=fee_text(form.fee(form.clean(filling.answers)))))
        rows.append(_term(form, receipt, lang))
    papers = sum(len(pages) for pages in session.visit.papers.pages.values())
    rows.append(TicketRow(label=_("Giấy tờ đã chụp"), value=_("{n} trang").format(n=papers)))
    return tuple(rows)


def _term(form: Form, receipt: HandInReceipt, lang: str) -> TicketRow:
    """Return the indicative day of the result, or the term in words where no day can be told."""
    due = form.due(receipt.created_at)
    if due is None:
        return TicketRow(label=_("Thời hạn"), value=form.procedure.time.in_language(lang))
    return TicketRow(label=_("Hẹn trả (dự kiến)"), value=f"{due:%d/%m/%Y}")


def _receipt_job(session: Session, receipt: HandInReceipt, title: str, rows: tuple[TicketRow, ...]) -> Job:
    """Return the job that gives the line a moment, then prints the receipt with what is true by then."""
    services = session.services

    pay_slip = _pay_slip(session, receipt, title)

    def work(report: Report) -> events.SlipPrinted:
        code = _official_code(services, receipt)
        report(events.DeliverySeen(dossier=code) if code else events.SendingDelayed())
        ticket = receipt_slip(services.centre, receipt, title, rows, code)
        printed = _print(services, ticket, receipt.receipt_code)
        if pay_slip is not None and printed.outcome == PrintOutcome.ISSUED.value:
            _print_pay_slip(services, pay_slip)
        return printed

    return Job(name="print", lane=Lane.PRINTER, work=work)


def receipt_slip(
    centre: CentreInfo,
    receipt: HandInReceipt,
    title: str,
    rows: tuple[TicketRow, ...],
    delivered: LocalDossier | None,
) -> Ticket:
    """Return the slip of a hand-in.

    Args:
        centre: Where it was handed in.
        receipt: The kiosk's own promise.
        title: Of the procedure, in the citizen's language.
        rows: Fee, term and papers.
        delivered: The dossier with the centre's own code, None while it waits.
    """
    official = (
        (TicketRow(label=_("Mã của trung tâm"), value=delivered.official_code or ""),) if delivered else ()
    )
    return Ticket(
        kind=TicketKind.RECEIPT,
        centre=centre.name,
        number=receipt.receipt_code,
        heading=_("Mã hồ sơ"),
        service=title,
        issued_at=receipt.created_at,
        rows=(*official, *rows),
        notes=_lines(sent=delivered is not None),
        qr_text=receipt.tracking_url,
        hotline=centre.hotline,
    )


def _pay_slip(session: Session, receipt: HandInReceipt, title: str) -> Ticket | None:
    """Return the slip with the code of a transfer, None where nothing is to be transferred."""
    outcome, centre = session.visit.outcome, session.services.centre
    if not outcome.pay_text:
        return None
    return Ticket(
        kind=TicketKind.RECEIPT,
        centre=centre.name,
        number=outcome.fee,
        heading=_("Lệ phí cần nộp"),
        service=title,
        issued_at=receipt.created_at,
        rows=(TicketRow(label=_("Mã hồ sơ"), value=receipt.receipt_code),),
        notes=(
            _("Nộp tiền mặt tại quầy, hoặc quét mã này bằng ứng dụng ngân hàng."),
            _("Máy không biết tiền đã đến hay chưa: xin báo cán bộ kiểm tra."),
        ),
        qr_text=outcome.pay_text,
        hotline=centre.hotline,
    )


def _print_pay_slip(services: Services, slip: Ticket) -> None:
    """Print it; without it the code stands on the screen and cash is taken at the counter."""
    try:
        services.printer.print_ticket(slip, timeout_s=PRINT_TIMEOUT_S)
    except DriverError as error:
        log.warning("pay_slip.not_printed", extra={"code": error.code})


def _official_code(services: Services, receipt: HandInReceipt) -> LocalDossier | None:
    """Wait for the backend's receipt while the line is up, at most the grace; None when it did not come."""
    deadline = services.monotonic() + GRACE_S
    while services.progress.reachable():
        found = services.queue.find(receipt.receipt_code, token=receipt.token)
        if found is not None and found.official_code:
            return found
        if services.monotonic() >= deadline:
            return None
        services.pause(GRACE_TURN_S)
    return None


def _lines(*, sent: bool) -> tuple[str, ...]:
    """Return what the paper says to do next; the screen says the first two by itself."""
    sending = _("Hồ sơ đã gửi về trung tâm.") if sent else _("Hồ sơ đã lưu an toàn, sẽ gửi khi có mạng.")
    return (
        _("Giữ phiếu này. Đưa mã trên phiếu vào máy để xem hồ sơ đến đâu."),
        sending,
        _bring(),
    )


def _bring() -> str:
    return _("Mang bản chính giấy tờ đến quầy khi cán bộ gọi.")


def print_job(session: Session, ticket: Ticket, number: str) -> Job:
    """Return the job that prints one slip once and records what became of it."""
    services = session.services

    def work(_report: Report) -> events.SlipPrinted:
        return _print(services, ticket, number)

    return Job(name="print", lane=Lane.PRINTER, work=work)


def _print(services: Services, ticket: Ticket, number: str) -> events.SlipPrinted:
    services.queue.note_print(number, PrintState.PENDING)
    outcome = services.printer.print_ticket(ticket, timeout_s=PRINT_TIMEOUT_S)
    state = PrintState.ISSUED if outcome is PrintOutcome.ISSUED else PrintState.UNCERTAIN
    services.queue.note_print(number, state)
    return events.SlipPrinted(outcome=outcome.value)


def slip_printed(session: Session, event: events.SlipPrinted) -> tuple[Job, ...]:
    """Say that the paper is out, or put the number on the screen when that is not sure."""
    outcome = session.visit.outcome
    if event.outcome == PrintOutcome.ISSUED.value:
        outcome.paper = PaperState.OUT
        session.touch()  # however long the slip took, there is time to take it and to read
        return ()
    return _on_screen(session, "printer.uncertain")


def print_failed(session: Session, event: events.JobFailed) -> tuple[Job, ...]:
    """Put the number large on the screen and tell staff; the dossier itself is safe.

    Where there is no printer by intent, nobody is called: staff can do nothing, and know it.
    """
    queue = session.services.queue
    number = _number(session)

    def work(_report: Report) -> events.SlipPrinted:
        queue.note_print(number, PrintState.FAILED)
        return events.SlipPrinted(outcome="failed")

    if event.detail == NO_PRINTER:
        session.visit.notice = notice(NO_PRINTER, tone=Tone.INFO)
        session.visit.outcome.paper = PaperState.ON_SCREEN
    else:
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


def _on_screen_lines(session: Session) -> tuple[tuple[str, str], ...]:
    """Return what the screen says beside the number, with signs: what to bring, when, whom to call."""
    outcome = session.visit.outcome
    call = _("Cần hỏi, xin gọi **{hotline}**.").format(hotline=session.services.centre.hotline)
    lines = (("files", _bring()), ("calendar-check", outcome.term), ("phone", call))
    return tuple((sign, line) for sign, line in lines if line)


def delayed(session: Session, _event: events.SendingDelayed) -> tuple[Job, ...]:
    """Say that the dossier goes out later."""
    session.visit.outcome.will_send_later = session.visit.outcome.official_code is None
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
    """Return how long the last screen stays untouched, seconds; longer while the number has no paper."""
    paper = session.visit.outcome.paper
    no_paper = paper is PaperState.ON_SCREEN or (paper is PaperState.PRINTING and bool(_number(session)))
    return NUMBER_ON_SCREEN_S if no_paper else session.services.centre.done_s


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
        lines=_on_screen_lines(session),
        qr_text=receipt.tracking_url,
        card_in_slot=outcome.card_in_slot,
        fee=outcome.fee,
        pay_text=outcome.pay_text,
        notice=session.visit.notice,
    )


EVENTS: Final[Handlers] = {
    events.HandedIn: handed_in,
    events.SlipPrinted: slip_printed,
    events.CardTaken: card_taken,
    events.DeliverySeen: delivery_seen,
    events.SendingDelayed: delayed,
}
