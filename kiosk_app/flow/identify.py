"""Who is it: the code on the card gives the number that opens the chip; the chip gives the person."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final

from drivers.errors import (
    CardMismatchError,
    ScannerMisconfiguredError,
)
from drivers.ports import CanKey, CardReading, CodeKind, DeviceState, Verdict
from forms.ports import Source
from kiosk_app.flow import events, form_events, guests
from kiosk_app.flow.code_turns import RETRY_S, TURN_S, classified, code_turn
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
    from kiosk_app.flow.steps import Notice
    from kiosk_app.flow.visit import Identity

log = logging.getLogger(__name__)

CAN_DIGITS: Final = 6
READ_TIMEOUT_S: Final = 30.0
_WRONG: Final = {
    CodeKind.RECEIPT: "qr.receipt_here",
    CodeKind.DECLARATION: "qr.declaration_here",
    CodeKind.VNEID: "qr.vneid",
}
DAMAGED: Final = "card_text_damaged"
NO_READER: Final = "card.no_reader"
NOT_THERE: Final = frozenset({DeviceState.ABSENT, DeviceState.FAULT, DeviceState.DISABLED})
DOUBTS: Final = {
    "qr_": "card.qr_differs",
    "card_expired": "card.expired",
    "dg1_dg13_": "card.doubtful",
    "id_": "card.doubtful",
    "mrz_": "card.doubtful",
}
"""How a warning of the proof begins, and what the citizen is told; other warnings concern staff only."""


def code_view(session: Session) -> IdentifyQrView:
    """Return the screen that asks for the code on the card."""
    return IdentifyQrView(
        typing=session.visit.at_slot.typing_can, whose=guests.whose(session), notice=session.visit.notice
    )


def code_seen(session: Session, event: events.CodeSeen) -> tuple[Job, ...]:
    """Take the card number from a card's code; say what any other code is."""
    payload = classified(session, event)
    if payload is None:
        return code_turn(session)
    if payload.reason == DAMAGED and payload.fields.get("id_number"):
        return _numbers_only(session, payload.fields["id_number"])
    if payload.kind is not CodeKind.ID_CARD or payload.card is None:
        session.visit.notice = notice(_wrong_code(payload), tone=Tone.WARN)
        return code_turn(session)
    identity = session.visit.at_slot
    identity.qr_card = payload.card
    identity.can = payload.card.id_number[-CAN_DIGITS:]
    return session.go(Trigger.CODE_OK)


def _numbers_only(session: Session, id_number: str) -> tuple[Job, ...]:
    """Open the chip with the number of a code whose letters came damaged; nothing else of it is used."""
    identity = session.visit.at_slot
    identity.qr_card = None
    identity.can = id_number[-CAN_DIGITS:]
    session.call_staff(ScannerMisconfiguredError.code)
    jobs = session.go(Trigger.CODE_OK)
    session.visit.notice = notice("qr.damaged", tone=Tone.WARN)
    return jobs


def _wrong_code(payload: CodePayload) -> str:
    return _WRONG.get(payload.kind, "qr.unknown")


def type_instead(session: Session) -> tuple[Job, ...]:
    """Open the pad for six digits."""
    session.visit.at_slot.typing_can = True
    session.visit.notice = None
    return ()


def back_from_code(session: Session) -> tuple[Job, ...]:
    """Close the pad first; without it, go back to the procedure, or to the form that asked for the card."""
    identity = session.visit.at_slot
    if identity.typing_can:
        identity.typing_can = False
        return ()
    if session.visit.guest:
        return guests.back_to_form(session)
    return session.go(Trigger.BACK)


def can_typed(session: Session, event: events.CanTyped) -> tuple[Job, ...]:
    """Take six typed digits as the card's access number."""
    if not (event.digits.isdigit() and len(event.digits) == CAN_DIGITS):
        return session.say("can.digits")
    identity = session.visit.at_slot
    identity.can = event.digits
    identity.qr_card = None
    return session.go(Trigger.CODE_OK)


def card_skipped(session: Session, _event: events.CardSkipped) -> tuple[Job, ...]:
    """Go on without the chip: what the code said is kept as from the code."""
    if session.visit.guest:
        return guests.without_chip(session, session.visit.guest)
    begin_form(session)
    return session.go(Trigger.NO_CARD)


def code_failed(session: Session, event: events.JobFailed) -> tuple[Job, ...]:
    """Say that the code reader is ill and open the pad: six digits do as well. It is tried again."""
    if session.step is Step.IDENTIFY_QR:
        session.visit.at_slot.typing_can = True
    elif session.step is Step.LOOK_UP:
        session.visit.outcome.looking = LookUpPhase.TYPING
    else:
        return ()
    session.say(event.code)
    return code_turn(session, after_s=RETRY_S)


# --- the slot -----------------------------------------------------------------------------------------


def wait_for_card(session: Session) -> tuple[Job, ...]:
    """Wait one turn for a card in the slot; for another person's, until the last one is out."""
    identity = session.visit.at_slot
    identity.phase = CardPhase.REMOVE if session.visit.guest else CardPhase.INSERT
    identity.known = identity.reading = None
    identity.share = 0.0
    return _empty_turn(session) if session.visit.guest else _wait_turn(session)


def _empty_turn(session: Session) -> tuple[Job, ...]:
    card = session.services.card

    def work(_report: Report) -> form_events.SlotCleared:
        return form_events.SlotCleared(empty=card.wait_for_card(present=False, timeout_s=TURN_S))

    return (Job(name="wait_empty", lane=Lane.CARD, work=work),)


def slot_cleared(session: Session, event: form_events.SlotCleared) -> tuple[Job, ...]:
    """Ask for the next card once the last one is out: its number would not open the other chip."""
    identity = session.visit.at_slot
    if session.step is not Step.IDENTIFY_CARD or identity.phase is not CardPhase.REMOVE:
        return ()
    if not event.empty:
        return _empty_turn(session)
    identity.phase = CardPhase.INSERT
    return _wait_turn(session)


def _wait_turn(session: Session) -> tuple[Job, ...]:
    card = session.services.card

    def work(_report: Report) -> events.CardInserted:
        present = card.wait_for_card(present=True, timeout_s=TURN_S)
        return events.CardInserted(
            present=present, slot_there=present or card.status().state not in NOT_THERE
        )

    return (Job(name="wait_for_card", lane=Lane.CARD, work=work),)


def _say_of_slot(session: Session, *, there: bool) -> None:
    """Say that the reader is gone while it is, and nothing more once it is back."""
    visit = session.visit
    if not there:
        visit.notice = notice(NO_READER, tone=Tone.WARN)
    elif visit.notice is not None and visit.notice.code == NO_READER:
        visit.notice = None


def card_inserted(session: Session, event: events.CardInserted) -> tuple[Job, ...]:
    """Read the card as soon as it is in."""
    identity = session.visit.at_slot
    if session.step is not Step.IDENTIFY_CARD or identity.phase is not CardPhase.INSERT:
        return ()
    if not event.present:
        _say_of_slot(session, there=event.slot_there)
        return _wait_turn(session)
    identity.phase = CardPhase.READING
    session.visit.notice = None
    card = session.services.card
    key = CanKey(can=identity.can)

    def work(report: Report) -> events.CardReadOut:
        def progress(share: float) -> None:
            report(events.CardProgressed(share=share))

        def known(reading: CardReading) -> None:
            report(events.CardKnown(reading=reading))

        reading = card.read(key, timeout_s=READ_TIMEOUT_S, progress=progress, known=known)
        return events.CardReadOut(reading=reading)

    return (Job(name="read_card", lane=Lane.CARD, work=work),)


def card_progressed(session: Session, event: events.CardProgressed) -> tuple[Job, ...]:
    """Show how far the reading is."""
    session.visit.at_slot.share = event.share
    return ()


def card_known(session: Session, event: events.CardKnown) -> tuple[Job, ...]:
    """Greet the citizen while the portrait is still on its way; a card that will be refused greets nobody."""
    identity = session.visit.at_slot
    if session.step is not Step.IDENTIFY_CARD or identity.phase is not CardPhase.READING:
        return ()
    guest = session.visit.guest
    wrong = guests.refused(session, guest, event.reading.holder) if guest else None
    if wrong is None and not _refusal(identity, event.reading):
        identity.known = event.reading.holder
    return ()


def card_read_out(session: Session, event: events.CardReadOut) -> tuple[Job, ...]:
    """Take the person, unless the chip lies or is somebody else's; say what does not agree."""
    identity = session.visit.at_slot
    if session.step is not Step.IDENTIFY_CARD:
        return ()
    code = _refusal(identity, event.reading)
    if code:
        return _refuse(session, code)
    reading = event.reading
    if identity.qr_card is not None:
        reading = session.services.cross_check(reading, identity.qr_card)
    guest = session.visit.guest
    wrong = guests.refused(session, guest, reading.holder) if guest else None
    if wrong is not None:
        _refuse(session, wrong.code)
        session.visit.notice = wrong
        return ()
    identity.known, identity.reading = None, reading
    identity.phase = CardPhase.READ
    identity.share = 1.0
    if guest:
        guests.take_in(session, guest, reading.holder, source=Source.CHIP)
        guests.note_proof(session, guest, reading)
    else:
        begin_form(session)
    session.visit.notice = _doubt(reading.proof.warnings)
    return ()


def _refusal(identity: Identity, reading: CardReading) -> str:
    """Return the code of why a card is not used, empty for one that is."""
    if reading.proof.passive_auth is Verdict.INVALID:
        return "card.forged"
    if Verdict.INVALID in {reading.proof.chip_auth, reading.proof.active_auth}:
        return "card.copied"
    if identity.qr_card is not None and identity.qr_card.id_number != reading.holder.id_number:
        return CardMismatchError.code
    return ""


def _doubt(warnings: tuple[str, ...]) -> Notice | None:
    """Return what the citizen is told of the warnings of a card that is used all the same."""
    for warning in warnings:
        log.warning("card.doubt", extra={"code": warning})
    told = (code for start, code in DOUBTS.items() if any(warning.startswith(start) for warning in warnings))
    first = next(told, None)
    return notice(first, tone=Tone.WARN) if first else None


def card_failed(session: Session, event: events.JobFailed) -> tuple[Job, ...]:
    """Say why the card was not read; a wrong number leads back to the code."""
    identity = session.visit.at_slot
    if session.step is not Step.IDENTIFY_CARD:
        return ()
    identity.reading = None
    return _refuse(session, event.code)


def _refuse(session: Session, code: str) -> tuple[Job, ...]:
    identity = session.visit.at_slot
    identity.known, identity.phase = None, CardPhase.FAILED
    return session.say(code)


def next_pressed(session: Session) -> tuple[Job, ...]:
    """Go on to the form after a good reading; try again after a failed one."""
    phase = session.visit.at_slot.phase
    if phase is CardPhase.READ:
        return guests.back_to_form(session) if session.visit.guest else session.go(Trigger.CARD_OK)
    if phase is CardPhase.FAILED:
        session.visit.notice = None
        return wait_for_card(session)
    return ()


def card_view(session: Session) -> IdentifyCardView:
    """Return the slot's screen."""
    identity = session.visit.at_slot
    if identity.reading is None:
        return IdentifyCardView(
            phase=identity.phase,
            share=identity.share,
            greeting=_greeted(session, identity.known) if identity.known else "",
            whose=guests.whose(session),
            notice=session.visit.notice,
        )
    holder = identity.reading.holder
    proof, tone = _proof_line(identity.reading)
    return IdentifyCardView(
        phase=identity.phase,
        share=identity.share,
        greeting=_greeted(session, holder),
        rows=((_("Số định danh"), mask_id(holder.id_number)), (_("Ngày sinh"), _date(holder.birth_date))),
        portrait=holder.portrait,
        proof=proof,
        proof_tone=tone,
        whose=guests.whose(session),
        notice=session.visit.notice,
    )


def _greeted(session: Session, holder: IdCard) -> str:
    """Greet the citizen; of another person's card only say whose it is."""
    if session.visit.guest:
        return _("Thẻ của {name}").format(name=holder.full_name)
    return greeting(holder)


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
    form_events.SlotCleared: slot_cleared,
    events.CardProgressed: card_progressed,
    events.CardKnown: card_known,
    events.CardReadOut: card_read_out,
}
