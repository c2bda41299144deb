"""The technician's card: it opens the door in place of the PIN, and is enrolled behind it.

The code printed on the card gives the six digits that open the chip, nothing more; whether the door opens is
decided by the chip's own proof (docs/security.md, "The technician's door"). Whose card it is is never shown.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final

from kiosk_app.flow import identify, staff
from kiosk_app.flow import technician_events as said
from kiosk_app.flow.code_turns import RETRY_S, TURN_S, classified, code_turn, read_code
from kiosk_app.flow.events import PinChecked
from kiosk_app.flow.identify import CAN_DIGITS, NOT_THERE
from kiosk_app.flow.jobs import Job, Lane
from kiosk_app.flow.sentences import notice
from kiosk_app.flow.steps import Notice, Step, Tone
from kiosk_app.flow.technician_tools import (
    CardUnknownError,
    CardUnprovenError,
    CardUntrustedError,
    NoCardSlotError,
)
from kiosk_app.flow.technician_view import TechCardsView
from kiosk_app.i18n import _, mark

if TYPE_CHECKING:
    from kiosk_app.flow.events import CodeSeen, JobFailed
    from kiosk_app.flow.jobs import Handlers, Report
    from kiosk_app.flow.session import Session
    from kiosk_app.flow.technician_tools import CardDesk

log = logging.getLogger(__name__)

SHOW: Final = mark("Đưa mã QR trên thẻ vào máy đọc mã.")
INSERT: Final = mark("Đưa thẻ vào khe, đầu có chip vào trước.")
READING: Final = mark("Đang kiểm thẻ. Để yên thẻ trong khe.")
_COUNTED: Final = frozenset({CardUnknownError.code, CardUnprovenError.code, CardUntrustedError.code})
"""Failures of the card, not of the reading: each shuts the door for longer, as a wrong PIN does."""


def door_entered(session: Session) -> tuple[Job, ...]:
    """Look whether a card opens the door at all."""
    tools = session.services.technician
    if tools is None:
        return ()
    desk = tools.cards
    session.visit.door_takes_card = False

    def work(_report: Report) -> said.CardsLooked:
        return said.CardsLooked(enrolled=bool(desk.cards()))

    return (Job(name="technician_cards", lane=Lane.SETTINGS, work=work),)


def looked(session: Session, event: said.CardsLooked) -> tuple[Job, ...]:
    """Wait for a card's code where a card opens the door."""
    if session.step is not Step.STAFF_PIN or not event.enrolled:
        return ()
    session.visit.door_takes_card = True
    return read_code(session)


def added(session: Session, _event: said.CardAdded) -> tuple[Job, ...]:
    """Wait for the code of the card to enrol, or stop waiting."""
    bench = session.bench
    if session.step is not Step.TECH_CARDS or bench.busy:
        return ()
    bench.clear()
    bench.listening = not bench.listening
    if not bench.listening:
        return ()
    bench.said = Notice(tone=Tone.INFO, text=_(SHOW))
    return read_code(session)


def code_seen(session: Session, event: CodeSeen) -> tuple[Job, ...]:
    """Take the six digits from the card's code and wait for the card; other codes are passed over."""
    if not _awaited(session):
        return ()
    payload = classified(session, event)
    if payload is None or payload.card is None or staff.shut(session):
        return code_turn(session)
    session.visit.identity.can = payload.card.id_number[-CAN_DIGITS:]
    _say(session, Notice(tone=Tone.INFO, text=_(INSERT)))
    return _card_turn(session)


def code_failed(session: Session, event: JobFailed) -> tuple[Job, ...]:
    """Say that no code can be read; at every other screen as there."""
    if session.step not in {Step.STAFF_PIN, Step.TECH_CARDS}:
        return identify.code_failed(session, event)
    if not _awaited(session):
        return ()
    _say(session, notice(event.code))
    return code_turn(session, after_s=RETRY_S)


def _awaited(session: Session) -> bool:
    """Tell whether a card is wanted now: at a door that takes one, or to be enrolled."""
    if session.step is Step.STAFF_PIN:
        return session.visit.door_takes_card
    return session.step is Step.TECH_CARDS and session.bench.listening


def _say(session: Session, told: Notice) -> None:
    if session.step is Step.STAFF_PIN:
        session.visit.notice = told
    else:
        session.bench.said = told


def _card_turn(session: Session) -> tuple[Job, ...]:
    """Wait one turn for the card; when it is there, read it. The person on it does not leave the desk."""
    tools, slot, can = session.services.technician, session.services.card, session.visit.identity.can
    if tools is None:
        return ()
    desk, at_door = tools.cards, session.step is Step.STAFF_PIN

    def work(report: Report) -> said.TechnicianCardSeen:
        if not slot.wait_for_card(present=True, timeout_s=TURN_S):
            if slot.status().state in NOT_THERE:
                raise NoCardSlotError
            return said.TechnicianCardSeen(came=False)
        report(said.TechnicianCardLies())
        return _opened(desk, can) if at_door else _enrolled(desk, can)

    return (Job(name="technician_card", lane=Lane.CARD, work=work),)


def _opened(desk: CardDesk, can: str) -> said.TechnicianCardSeen:
    desk.admit(can)
    return said.TechnicianCardSeen(came=True, opens=True)


def _enrolled(desk: CardDesk, can: str) -> said.TechnicianCardSeen:
    label = desk.enrol(can).label
    return said.TechnicianCardSeen(came=True, label=label, cards=desk.cards())


def card_lies(session: Session, _event: said.TechnicianCardLies) -> tuple[Job, ...]:
    """Say that the card is being read."""
    if _awaited(session):
        _say(session, Notice(tone=Tone.INFO, text=_(READING)))
    return ()


def card_seen(session: Session, event: said.TechnicianCardSeen) -> tuple[Job, ...]:
    """Open the door, or show the card on the list; wait on where none came."""
    if not _awaited(session):
        return ()
    if not event.came:
        return _card_turn(session)
    session.visit.identity.can = ""
    if session.step is Step.STAFF_PIN:
        log.info("technician.card_admitted")
        jobs = staff.pin_checked(session, PinChecked(right=event.opens))
        session.bench.said = Notice(tone=Tone.INFO, text=_("Đã mở bằng thẻ. Rút thẻ ra khỏi khe."))
        return jobs
    bench = session.bench
    bench.clear()
    bench.listening, bench.cards = False, event.cards
    text = _("Thẻ này từ nay mở được màn hình kỹ thuật, tên là “{label}”. Rút thẻ ra.").format(
        label=event.label
    )
    bench.said = Notice(tone=Tone.OK, text=text)
    return ()


def card_failed(session: Session, event: JobFailed) -> tuple[Job, ...]:
    """Say what is wrong with the card; one that is not ours shuts the door for a while."""
    session.visit.identity.can = ""
    if not _awaited(session):
        return ()
    if session.step is Step.TECH_CARDS:
        session.bench.clear()
        session.bench.listening = False
        session.bench.said = notice(event.code)
        return ()
    if event.code in _COUNTED:
        log.warning("technician.card_refused", extra={"code": event.code})
        staff.pin_checked(session, PinChecked(right=False))
    session.visit.notice = notice(event.code)
    return read_code(session)


def removed(session: Session, event: said.CardRemoved) -> tuple[Job, ...]:
    """Take a card off the list at the second touch."""
    tools, bench = session.services.technician, session.bench
    if session.step is not Step.TECH_CARDS or tools is None or bench.busy:
        return ()
    if bench.sure != event.label:
        bench.clear()
        bench.listening, bench.sure = False, event.label
        text = _("Chạm Bỏ lần nữa: thẻ “{label}” sẽ không mở được màn hình này.").format(label=event.label)
        bench.said = Notice(tone=Tone.WARN, text=text)
        return ()
    bench.clear()
    bench.busy = True
    desk, label = tools.cards, event.label

    def work(_report: Report) -> said.TechnicianDone:
        desk.remove(label)
        text = _("Đã bỏ thẻ “{label}”.").format(label=label)
        return said.TechnicianDone(notice=Notice(tone=Tone.OK, text=text), cards=desk.cards())

    return (Job(name="technician", lane=Lane.SETTINGS, work=work),)


def view(session: Session) -> TechCardsView:
    """Return the list."""
    bench = session.bench
    return TechCardsView(cards=bench.cards, listening=bench.listening, said=bench.said, busy=bench.busy)


EVENTS: Final[Handlers] = {
    said.CardsLooked: looked,
    said.CardAdded: added,
    said.CardRemoved: removed,
    said.TechnicianCardLies: card_lies,
    said.TechnicianCardSeen: card_seen,
}
