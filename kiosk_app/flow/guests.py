"""Other people's cards in the same form: the father's, both spouses', each member's of a household.

The card goes the same way as the citizen's own (code, slot, checks); what it says goes into the fields of its
role and nowhere else, and the reading itself is dropped at once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from forms.ports import Source
from kiosk_app.flow import form_events
from kiosk_app.flow.machine import Trigger
from kiosk_app.flow.prefill import card_values
from kiosk_app.flow.proof import proof_of
from kiosk_app.flow.steps import Notice, Step, Tone
from kiosk_app.flow.visit import Guest
from kiosk_app.i18n import language

if TYPE_CHECKING:
    from drivers.ports import CardReading, IdCard
    from kiosk_app.flow.jobs import Handlers, Job
    from kiosk_app.flow.session import Session

REFUSED: Final = "card.role_refused"


def asked(session: Session, event: form_events.OtherCardAsked) -> tuple[Job, ...]:
    """Go to the slot for another person's card."""
    form = session.visit.filling.form
    if session.step is not Step.FILL or form is None:
        return ()
    role = next((role for role in form.card_roles if role.role == event.role), None)
    if role is None:
        return ()
    session.visit.guest = Guest(role=role)
    return session.go(Trigger.OTHER_CARD)


def whose(session: Session) -> str:
    """Return the invitation for the card awaited, empty for the citizen's own."""
    guest = session.visit.guest
    return guest.role.title.in_language(language()) if guest else ""


def refused(session: Session, guest: Guest, card: IdCard) -> Notice | None:
    """Say why a card cannot be this person's: the wrong sex, or somebody already in the form."""
    filling = session.visit.filling
    if filling.form is None:
        return None
    reason = filling.form.refuse_card(card_values(card), filling.answers, role=guest.role.role)
    if reason is None:
        return None
    return Notice(tone=Tone.ERROR, text=reason.in_language(language()), code=REFUSED)


def take_in(session: Session, guest: Guest, card: IdCard, *, source: Source) -> None:
    """Put what a card says into the fields of its person."""
    filling = session.visit.filling
    if filling.form is not None:
        filling.answers = filling.form.with_card(
            filling.answers, card_values(card), source=source, role=guest.role.role
        )


def note_proof(session: Session, guest: Guest, reading: CardReading) -> None:
    """Keep for the officer what was proved about the card; nothing of the person."""
    session.visit.filling.proofs.append({"role": guest.role.role, **proof_of(reading)})


def without_chip(session: Session, guest: Guest) -> tuple[Job, ...]:
    """Go back to the form with what the code said, if there was one that fits."""
    card = guest.identity.qr_card
    if card is not None:
        wrong = refused(session, guest, card)
        if wrong is not None:
            session.visit.notice = wrong
            return ()
        take_in(session, guest, card, source=Source.QR)
    return back_to_form(session)


def back_to_form(session: Session) -> tuple[Job, ...]:
    """Forget the reading and stand at the page that asked for the card."""
    session.visit.guest = None
    return session.enter(Step.FILL)


EVENTS: Final[Handlers] = {form_events.OtherCardAsked: asked}
