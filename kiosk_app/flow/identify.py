"""Who is it: the code on the card gives the number that opens the chip; the chip gives the person."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from drivers.errors import CardMismatchError
from drivers.ports import CanKey, CardReading, CodeKind, Verdict
from kiosk_app.flow import events
from kiosk_app.flow.filling import begin_form
from kiosk_app.flow.jobs import Job, Lane
from kiosk_app.flow.machine import Trigger
from kiosk_app.flow.masking import mask_id
from kiosk_app.flow.sentences import notice, sentence
from kiosk_app.flow.steps import CardPhase, IdentifyCardView, IdentifyQrView, LookUpPhase, Step, Tone
from kiosk_app.i18n import _

if TYPE_CHECKING:
    from drivers.ports import CodePayload, IdCard
    from kiosk_app.flow.jobs import Handlers, Report
    from kiosk_app.flow.session import Session

CAN_DIGITS: Final = 6
TURN_S: Final = 1.0
"""How long one waiting turn at a device lasts; a visit that ends frees the device within this time."""
READ_TIMEOUT_S: Final = 30.0


def code_view(session: Session) -> IdentifyQrView:
    """Return the screen that asks for the code on the card."""
    return IdentifyQrView(typing=session.visit.identity.typing_can, notice=session.visit.notice)


def read_code(session: Session) -> tuple[Job, ...]:
    """Forget codes shown before, then wait one turn for a new one."""
    codes = session.services.codes

    def work(_report: Report) -> events.CodeSeen:
        codes.flush()
        return events.CodeSeen(text=codes.read(timeout_s=TURN_S))

    return (Job(name="read_code", lane=Lane.CODES, work=work),)


def code_seen(session: Session, event: events.CodeSeen) -> tuple[Job, ...]:
    """Take the card number from a card's code; say what any other code is."""
    if event.text is None:
        return code_turn(session)
    payload = session.services.classify(event.text)
    if payload.kind is not CodeKind.ID_CARD or payload.card is None:
        session.visit.notice = notice(_wrong_code(payload), tone=Tone.WARN)
        return code_turn(session)
    identity = session.visit.identity
    identity.qr_card = payload.card
    identity.can = payload.card.id_number[-CAN_DIGITS:]
    return session.go(Trigger.CODE_OK)


def _wrong_code(payload: CodePayload) -> str:
    return "qr.receipt_here" if payload.kind is CodeKind.RECEIPT else "qr.unknown"


def code_turn(session: Session) -> tuple[Job, ...]:
    """Wait one turn for any code."""
    codes = session.services.codes

    def work(_report: Report) -> events.CodeSeen:
        return events.CodeSeen(text=codes.read(timeout_s=TURN_S))

    return (Job(name="read_code", lane=Lane.CODES, work=work),)


def type_instead(session: Session) -> tuple[Job, ...]:
    """Open the pad for six digits."""
    session.visit.identity.typing_can = True
    session.visit.notice = None
    return ()


def back_from_code(session: Session) -> tuple[Job, ...]:
    """Close the pad first; without it, go back to the procedure."""
    identity = session.visit.identity
    if identity.typing_can:
        identity.typing_can = False
        return ()
    return session.go(Trigger.BACK)


def can_typed(session: Session, event: events.CanTyped) -> tuple[Job, ...]:
    """Take six typed digits as the card's access number."""
    if not (event.digits.isdigit() and len(event.digits) == CAN_DIGITS):
        return session.say("can.digits")
    identity = session.visit.identity
    identity.can = event.digits
    identity.qr_card = None
    return session.go(Trigger.CODE_OK)


def card_skipped(session: Session, _event: events.CardSkipped) -> tuple[Job, ...]:
    """Go on without the chip: what the code said is kept as from the code."""
    begin_form(session)
    return session.go(Trigger.NO_CARD)


def code_failed(session: Session, event: events.JobFailed) -> tuple[Job, ...]:
    """Say that the code reader is ill and open the pad: six digits do as well."""
    if session.step is Step.IDENTIFY_QR:
        session.visit.identity.typing_can = True
        return session.say(event.code)
    if session.step is Step.LOOK_UP:
        session.visit.outcome.looking = LookUpPhase.TYPING
        return session.say(event.code)
    return ()


# --- the slot -----------------------------------------------------------------------------------------


def wait_for_card(session: Session) -> tuple[Job, ...]:
    """Wait one turn for a card in the slot."""
    identity = session.visit.identity
    identity.phase = CardPhase.INSERT
    identity.reading = None
    identity.share = 0.0
    return _wait_turn(session)


def _wait_turn(session: Session) -> tuple[Job, ...]:
    card = session.services.card

    def work(_report: Report) -> events.CardInserted:
        return events.CardInserted(present=card.wait_for_card(present=True, timeout_s=TURN_S))

    return (Job(name="wait_for_card", lane=Lane.CARD, work=work),)


def card_inserted(session: Session, event: events.CardInserted) -> tuple[Job, ...]:
    """Read the card as soon as it is in."""
    identity = session.visit.identity
    if session.step is not Step.IDENTIFY_CARD or identity.phase is not CardPhase.INSERT:
        return ()
    if not event.present:
        return _wait_turn(session)
    identity.phase = CardPhase.READING
    session.visit.notice = None
    card = session.services.card
    key = CanKey(can=identity.can)

    def work(report: Report) -> events.CardReadOut:
        def progress(share: float) -> None:
            report(events.CardProgressed(share=share))

        return events.CardReadOut(reading=card.read(key, timeout_s=READ_TIMEOUT_S, progress=progress))

    return (Job(name="read_card", lane=Lane.CARD, work=work),)


def card_progressed(session: Session, event: events.CardProgressed) -> tuple[Job, ...]:
    """Show how far the reading is."""
    session.visit.identity.share = event.share
    return ()


def card_read_out(session: Session, event: events.CardReadOut) -> tuple[Job, ...]:
    """Take the person, unless the chip lies or is somebody else's."""
    identity = session.visit.identity
    if session.step is not Step.IDENTIFY_CARD:
        return ()
    reading = event.reading
    if reading.proof.passive_auth is Verdict.INVALID:
        return _refuse(session, "card.forged")
    if Verdict.INVALID in {reading.proof.chip_auth, reading.proof.active_auth}:
        return _refuse(session, "card.copied")
    if identity.qr_card is not None and identity.qr_card.id_number != reading.holder.id_number:
        return _refuse(session, CardMismatchError.code)
    identity.reading = reading
    identity.phase = CardPhase.READ
    identity.share = 1.0
    begin_form(session)
    return ()


def card_failed(session: Session, event: events.JobFailed) -> tuple[Job, ...]:
    """Say why the card was not read; a wrong number leads back to the code."""
    identity = session.visit.identity
    if session.step is not Step.IDENTIFY_CARD:
        return ()
    identity.reading = None
    return _refuse(session, event.code)


def _refuse(session: Session, code: str) -> tuple[Job, ...]:
    session.visit.identity.phase = CardPhase.FAILED
    return session.say(code)


def next_pressed(session: Session) -> tuple[Job, ...]:
    """Go on to the form after a good reading; try again after a failed one."""
    phase = session.visit.identity.phase
    if phase is CardPhase.READ:
        return session.go(Trigger.CARD_OK)
    if phase is CardPhase.FAILED:
        session.visit.notice = None
        return wait_for_card(session)
    return ()


def card_view(session: Session) -> IdentifyCardView:
    """Return the slot's screen."""
    identity = session.visit.identity
    if identity.reading is None:
        return IdentifyCardView(phase=identity.phase, share=identity.share, notice=session.visit.notice)
    holder = identity.reading.holder
    proof, tone = _proof_line(identity.reading)
    return IdentifyCardView(
        phase=identity.phase,
        share=identity.share,
        greeting=greeting(holder),
        rows=((_("Số định danh"), mask_id(holder.id_number)), (_("Ngày sinh"), _date(holder.birth_date))),
        portrait=holder.portrait,
        proof=proof,
        proof_tone=tone,
        notice=session.visit.notice,
    )


def greeting(holder: IdCard) -> str:
    """Return the greeting with the form of address and the name as printed on the card."""
    words = {"male": _("Chào ông {name}"), "female": _("Chào bà {name}")}
    return words.get(holder.sex or "", _("Chào ông bà {name}")).format(name=holder.full_name)


def _date(iso: str | None) -> str:
    return "/".join(reversed(iso.split("-"))) if iso else "–"


def _proof_line(reading: CardReading) -> tuple[str, Tone]:
    proof = reading.proof
    if proof.passive_auth is Verdict.VALID and Verdict.VALID in {proof.chip_auth, proof.active_auth}:
        return _("Thẻ thật: con dấu điện tử đúng, chip là chip gốc."), Tone.OK
    if proof.passive_auth is Verdict.VALID:
        return _("Con dấu điện tử trên chip đúng."), Tone.OK
    return sentence("card.untrusted"), Tone.WARN


EVENTS: Final[Handlers] = {
    events.CanTyped: can_typed,
    events.CardSkipped: card_skipped,
    events.CardInserted: card_inserted,
    events.CardProgressed: card_progressed,
    events.CardReadOut: card_read_out,
}
