"""Where is my dossier: the code on the receipt, or its number and four digits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from drivers.ports import CodeKind
from kiosk_app.flow import events
from kiosk_app.flow.code_turns import classified, code_turn
from kiosk_app.flow.declaring import opened
from kiosk_app.flow.jobs import Job, Lane
from kiosk_app.flow.sentences import notice
from kiosk_app.flow.steps import LookUpPhase, LookUpView, Step, Tone
from kiosk_app.i18n import _, language, mark

if TYPE_CHECKING:
    from kiosk_app.flow.jobs import Handlers, Report
    from kiosk_app.flow.session import Session

TAIL_DIGITS: Final = 4

STATES: Final[dict[int, tuple[str, Tone]]] = {
    0: (mark("Đã lưu ở máy này, đang chờ mạng để gửi"), Tone.WARN),
    1: (mark("Đã gửi, chờ cán bộ tiếp nhận"), Tone.INFO),
    2: (mark("Đã tiếp nhận"), Tone.INFO),
    3: (mark("Chưa được nhận – xem lý do"), Tone.ERROR),
    4: (mark("Đang giải quyết"), Tone.INFO),
    5: (mark("Cần bổ sung giấy tờ"), Tone.WARN),
    6: (mark("Cần nộp phí hoặc thuế"), Tone.WARN),
    7: (mark("Đã rút"), Tone.INFO),
    8: (mark("Dừng giải quyết – xem lý do"), Tone.ERROR),
    9: (mark("Đã có kết quả – mời đến nhận"), Tone.OK),
    10: (mark("Đã trả kết quả"), Tone.OK),
}
"""The ten national states and our own 0, in plain words. Source: DOMAIN.md 2.3."""

NEXT_STEPS: Final[dict[str, str]] = {
    "wait": mark("Ông bà chưa cần làm gì. Giữ phiếu và chờ báo."),
    "bring_papers": mark("Xin mang giấy tờ còn thiếu đến quầy."),
    "pay": mark("Xin nộp tiền tại quầy, có thể nộp tiền mặt."),
    "collect": mark("Xin mang phiếu và thẻ căn cước đến quầy nhận kết quả."),
    "ask_staff": mark("Xin hỏi cán bộ tại quầy để biết lý do."),
    "none": mark("Việc này đã xong."),
}


def code_seen(session: Session, event: events.CodeSeen) -> tuple[Job, ...]:
    """Look the dossier of a receipt up; say what any other code is."""
    outcome = session.visit.outcome
    if outcome.looking is LookUpPhase.WORKING:
        return ()
    payload = classified(session, event)
    if payload is None:
        return code_turn(session)
    if payload.kind is CodeKind.DECLARATION:
        return opened(session, payload)
    if payload.kind is not CodeKind.RECEIPT or payload.receipt_code is None:
        code = "qr.card_here" if payload.kind is CodeKind.ID_CARD else "qr.not_receipt"
        session.visit.notice = notice(code, tone=Tone.WARN)
        return code_turn(session)
    return _ask(session, payload.receipt_code, token=payload.token, id_tail=None)


def type_instead(session: Session) -> tuple[Job, ...]:
    """Open the fields for a typed code."""
    session.visit.outcome.looking = LookUpPhase.TYPING
    session.visit.notice = None
    return ()


def dossier_asked(session: Session, event: events.DossierAsked) -> tuple[Job, ...]:
    """Look a typed code up; four digits of the ID number stand for the token."""
    code, tail = event.code.strip().upper(), event.id_tail.strip()
    if not code or not (tail.isdigit() and len(tail) == TAIL_DIGITS):
        return session.say("dossier.digits")
    return _ask(session, code, token=None, id_tail=tail)


def _ask(session: Session, code: str, *, token: str | None, id_tail: str | None) -> tuple[Job, ...]:
    session.visit.outcome.looking = LookUpPhase.WORKING
    session.visit.notice = None
    desk = session.services.progress

    def work(_report: Report) -> events.ProgressFound:
        return events.ProgressFound(progress=desk.look_up(code, token=token, id_tail=id_tail))

    return (Job(name="look_up", lane=Lane.LINE, work=work),)


def progress_found(session: Session, event: events.ProgressFound) -> tuple[Job, ...]:
    """Show where the dossier is, and go on listening for the next code."""
    outcome = session.visit.outcome
    if session.step is not Step.LOOK_UP:
        return ()
    outcome.progress = event.progress
    outcome.looking = LookUpPhase.FOUND
    return code_turn(session)


def failed(session: Session, event: events.JobFailed) -> tuple[Job, ...]:
    """Say why nothing was found and ask again."""
    if session.step is not Step.LOOK_UP:
        return ()
    session.visit.outcome.looking = LookUpPhase.ASK
    session.say(event.code)
    return code_turn(session)


def view(session: Session) -> LookUpView:
    """Return the look-up's screen."""
    outcome, lang = session.visit.outcome, language()
    progress = outcome.progress
    if progress is None or outcome.looking is not LookUpPhase.FOUND:
        return LookUpView(phase=outcome.looking, notice=session.visit.notice)
    text, tone = STATES.get(progress.state, (mark("Chưa rõ – xin hỏi cán bộ"), Tone.WARN))
    known = (item for item in session.services.forms.procedures() if item.code == progress.procedure)
    procedure = next(known, None)
    return LookUpView(
        phase=outcome.looking,
        progress=progress,
        state_text=_(text),
        state_tone=tone,
        next_step=_(NEXT_STEPS.get(progress.next_step, NEXT_STEPS["ask_staff"])),
        procedure=procedure.title.in_language(lang) if procedure else progress.procedure,
        notice=session.visit.notice,
    )


EVENTS: Final[Handlers] = {events.DossierAsked: dossier_asked, events.ProgressFound: progress_found}
