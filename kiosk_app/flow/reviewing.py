"""Everything once more, the consent, and the hand-in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from kiosk_app.flow import events, sheets
from kiosk_app.flow.filling import plain_answers
from kiosk_app.flow.jobs import Job, Lane
from kiosk_app.flow.machine import Trigger
from kiosk_app.flow.papers import again
from kiosk_app.flow.proof import proof_of
from kiosk_app.flow.sentences import notice
from kiosk_app.flow.sheet_view import SheetPhase
from kiosk_app.flow.steps import ReviewBlock, ReviewView, Step
from kiosk_app.i18n import _, language, mark
from offline_queue.ports import Consent, Document, HandIn

if TYPE_CHECKING:
    from decimal import Decimal

    from drivers.ports import PaperDesk, ScannedPage
    from forms.ports import Answers, Form
    from kiosk_app.flow.jobs import Handlers, Report, Work
    from kiosk_app.flow.session import Session
    from kiosk_app.flow.visit import Visit

CONSENT_VERSION: Final = "2026-11"
CONSENT: Final = mark(
    "Tôi đồng ý để trung tâm dùng các thông tin và giấy tờ trên đây để giải quyết thủ tục này. "
    "Tôi có thể rút lại sự đồng ý bằng cách báo cho cán bộ."
)
PAPERS_BLOCK: Final = "papers"


def view(session: Session) -> ReviewView:
    """Return the form as it reads, block by block."""
    filling, lang = session.visit.filling, language()
    form = _form(session)
    clean = form.clean(filling.answers)
    return ReviewView(
        procedure=form.procedure.title.in_language(lang),
        fee=fee_text(form.fee(clean)),
        blocks=(*_blocks(form, clean, lang), _papers_block(session)),
        consent=_(CONSENT),
        busy=session.visit.outcome.busy,
        sheet=None if sheets.why_not(session) else session.visit.sheets.phase,
        notice=session.visit.notice,
    )


def _blocks(form: Form, answers: Answers, lang: str) -> tuple[ReviewBlock, ...]:
    return tuple(
        ReviewBlock(
            name=page.name,
            title=page.title.in_language(lang),
            rows=tuple(
                (
                    spec.title.in_language(lang),
                    form.show(spec.name, answers[spec.name], lang=lang, mask=spec.sensitive),
                )
                for spec in page.fields
                if spec.name in answers
            ),
        )
        for page in form.pages(answers)
    )


def _papers_block(session: Session) -> ReviewBlock:
    papers, lang = session.visit.papers, language()
    procedure = session.visit.filling.procedure
    rows = tuple(
        (paper.title.in_language(lang), _pages_text(len(papers.pages.get(paper.name, ()))))
        for paper in (procedure.papers if procedure else ())
    )
    return ReviewBlock(name=PAPERS_BLOCK, title=_("Giấy tờ đã chụp"), rows=rows)


def _pages_text(count: int) -> str:
    return _("{n} trang").format(n=count) if count else _("không có")


def fee_text(fee: Decimal | None) -> str:
    """Return a fee in words: `8.000 đồng`, free, or as the province decides."""
    if fee is None:
        return _("Theo mức của tỉnh")
    if fee == 0:
        return _("Không mất phí")
    return _("{amount} đồng").format(amount=f"{int(fee):,}".replace(",", "."))


def edit_asked(session: Session, event: events.EditAsked) -> tuple[Job, ...]:
    """Go back to one block; the way from there leads to this screen again."""
    if session.visit.outcome.busy:
        return ()
    if event.block == PAPERS_BLOCK:
        return again(session)
    filling = session.visit.filling
    filling.page = event.block
    filling.editing = True
    return session.go(Trigger.EDIT_FORM)


def consent_answered(session: Session, event: events.ConsentAnswered) -> tuple[Job, ...]:
    """Hand in after a yes; a no keeps everything and sends nothing."""
    visit = session.visit
    if visit.outcome.busy:
        return ()
    if not event.agreed:
        return session.say("consent.refused")
    form, answers = _form(session), visit.filling.answers
    wrong = next((problem for problem in form.check(answers) if problem.blocking), None)
    if wrong is not None:
        return _to_mistake(session, form, wrong.field)
    visit.outcome.busy = True
    visit.notice = None
    return (Job(name="hand_in", lane=Lane.QUEUE, work=_hand_in(session, form)),)


def _to_mistake(session: Session, form: Form, field: str) -> tuple[Job, ...]:
    filling = session.visit.filling
    pages = form.pages(filling.answers)
    found = (page.name for page in pages if any(spec.name == field for spec in page.fields))
    filling.page = next(found, pages[0].name)
    filling.editing = True
    jobs = session.go(Trigger.EDIT_FORM)
    filling.asked = True
    session.visit.notice = notice("form.page_wrong")
    return jobs


def _hand_in(session: Session, form: Form) -> Work:
    """Gather the dossier here, in the session's thread; seal and store it in the job."""
    visit, services = session.visit, session.services
    answers = form.clean(visit.filling.answers)
    pages = tuple(page for taken in visit.papers.pages.values() for page in taken)
    reading = visit.identity.reading
    known = reading.holder if reading else visit.identity.qr_card
    others = list(visit.filling.proofs)
    now = services.now()
    consent = Consent(
        version=CONSENT_VERSION, purpose="dossier", language=language(), given_at=now, method="touch"
    )

    def work(_report: Report) -> events.HandedIn:
        pdf = services.draw_form(form.code, answers, receipt_code="", today=now.date())
        documents = [Document(name="form.pdf", media_type="application/pdf", data=pdf)]
        documents += scan_document(services.desk, pages, form.code)
        hand_in = HandIn(
            procedure=form.code,
            form_version=form.version,
            procedure_name=form.procedure.title.vi,
            answers=plain_answers(form, answers),
            documents=tuple(documents),
            consent=consent,
            card_proof=proof_of(reading) | ({"others": others} if others else {}),
            id_number=known.id_number if known else None,
        )
        receipt = services.queue.put(hand_in)
        services.queue.wake()
        return events.HandedIn(receipt=receipt)

    return work


def scan_document(desk: PaperDesk, pages: tuple[ScannedPage, ...], procedure: str) -> list[Document]:
    """Return the scanned pages as one PDF, or nothing when no paper was scanned."""
    if not pages:
        return []
    data = desk.make_pdf(pages, title=f"Giấy tờ kèm theo {procedure}")
    return [Document(name="scan.pdf", media_type="application/pdf", data=data)]


def failed(session: Session, event: events.JobFailed) -> tuple[Job, ...]:
    """Nothing was stored: say why, keep everything that was filled, tell staff."""
    session.visit.outcome.busy = False
    session.call_staff(event.code)
    if session.step is not Step.REVIEW:
        return ()
    return session.say(event.code)


def _form(session: Session) -> Form:
    form = session.visit.filling.form
    if form is None:
        raise LookupError("a review is asked for before a form was chosen")
    return form


def forget_papers(visit: Visit) -> None:
    """Drop pictures and answers as soon as the sealed dossier is on the disk."""
    visit.papers.pages.clear()
    visit.papers.taken = None
    visit.papers.stack = ()
    visit.papers.preview = None
    visit.filling.answers = {}
    visit.filling.proofs = []
    visit.guest = None
    visit.identity.reading = None
    visit.identity.qr_card = None


def print_asked(session: Session, _event: events.FormPrintAsked) -> tuple[Job, ...]:
    """Print the filled form on A4, to be signed; free, and as often as it is asked for."""
    services, form = session.services, _form(session)
    printing = session.visit.sheets.phase is SheetPhase.PRINTING
    if session.step is not Step.REVIEW or session.visit.outcome.busy or printing or sheets.why_not(session):
        return ()
    answers, today = form.clean(session.visit.filling.answers), services.now().date()

    def make() -> bytes:
        return services.draw_form(form.code, answers, receipt_code="", today=today)

    return (sheets.print_job(session, make, title=form.code),)


EVENTS: Final[Handlers] = {
    events.EditAsked: edit_asked,
    events.ConsentAnswered: consent_answered,
    events.FormPrintAsked: print_asked,
}
