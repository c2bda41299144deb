"""The first screens: what is it about, and what does it need."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from kiosk_app.flow import events
from kiosk_app.flow.jobs import Job, Lane
from kiosk_app.flow.machine import Trigger
from kiosk_app.flow.sentences import sentence
from kiosk_app.flow.steps import (
    ChooseView,
    ProcedureTile,
    ProcedureView,
    Step,
    UnavailableView,
    WelcomeView,
)
from kiosk_app.i18n import _, language
from offline_queue.errors import QueueError

if TYPE_CHECKING:
    from forms.ports import Procedure
    from kiosk_app.flow.jobs import Handlers
    from kiosk_app.flow.session import Session

_TRIGGERS: Final = {
    Step.CHOOSE: (Trigger.SUBMIT, "submit"),
    Step.PROCEDURE: (Trigger.BROWSE, "procedures"),
    Step.TAKE_NUMBER: (Trigger.TAKE_NUMBER, "take_number"),
    Step.LOOK_UP: (Trigger.LOOK_UP, "look_up"),
    Step.STAFF_PIN: (Trigger.STAFF_DOOR, "staff"),
    Step.TECH_HISTORY: (Trigger.HISTORY, "staff"),
    Step.TECH_CENTRE: (Trigger.CENTRE, "staff"),
    Step.TECH_NETWORK: (Trigger.NETWORK, "staff"),
    Step.TECH_CARDS: (Trigger.CARDS, "staff"),
    Step.TECH_MACHINE: (Trigger.MACHINE, "staff"),
}


def welcome_view(session: Session) -> WelcomeView:
    """Return the first screen, each tile with its reason where it does not work."""
    blocked = {name: sentence(code) for name, code in session.blocked.items()}
    return WelcomeView(waiting=session.waiting, hotline=session.services.centre.hotline, blocked=blocked)


def welcome_jobs(session: Session) -> tuple[Job, ...]:
    """Look at the devices and the queue, so that a tile never promises what cannot be done."""
    services = session.services

    def work(_report: object) -> events.HealthSeen:
        queue, error = None, ""
        try:
            queue = services.queue.status()
        except QueueError as shut:
            error = shut.code
        return events.HealthSeen(
            devices=services.devices(),
            queue=queue,
            queue_error=error,
            line_trouble=services.progress.trouble(),
            people_waiting=services.progress.people_waiting(),
            at=services.now(),
        )

    return (Job(name="health", lane=Lane.HEALTH, work=work),)


def went(session: Session, event: events.Went) -> tuple[Job, ...]:
    """Follow a tile; one that does not work leads to the screen that says why and what else there is."""
    if event.to not in _TRIGGERS:
        return ()
    trigger, tile = _TRIGGERS[event.to]
    if tile in session.blocked and session.step is Step.WELCOME:
        session.visit.unavailable = session.blocked[tile]
        trigger = Trigger.MISSING
    return session.go(trigger)


def unavailable_view(session: Session) -> UnavailableView:
    """Return the screen for something that does not work now."""
    code = session.visit.unavailable
    return UnavailableView(
        title=_("Hiện chưa làm được việc này"),
        reason=sentence(code),
        can_take_number="take_number" not in session.blocked,
    )


def choose_view(session: Session) -> ChooseView:
    """Return the procedures: those with a form first, or what fits the typed words."""
    forms = session.services.forms
    query = session.visit.query
    found = forms.search(query) if query.strip() else forms.procedures()
    tiles = tuple(_tile(procedure) for procedure in found[:12])
    return ChooseView(procedures=tiles, query=query, notice=session.visit.notice)


def _tile(procedure: Procedure) -> ProcedureTile:
    lang = language()
    minutes = _("Thẻ điền sẵn {share} %").format(share=round(procedure.autofill_share * 100))
    return ProcedureTile(
        code=procedure.code,
        title=procedure.title.in_language(lang),
        subtitle=minutes if procedure.has_form else procedure.field.in_language(lang),
        icon=procedure.icon,
        has_form=procedure.has_form,
    )


def searched(session: Session, event: events.Searched) -> tuple[Job, ...]:
    """Keep the typed words; the view answers them."""
    session.visit.query = event.text
    return ()


def find_procedure(session: Session, code: str) -> Procedure | None:
    """Return the procedure of a code, None where no table knows it."""
    forms = session.services.forms
    known = (*forms.procedures(), *forms.search(code))
    return next((procedure for procedure in known if procedure.code == code), None)


def picked(session: Session, event: events.ProcedurePicked) -> tuple[Job, ...]:
    """Stand before one procedure."""
    found = find_procedure(session, event.code)
    if found is None:
        return session.say("form.unknown_procedure")
    session.visit.filling.procedure = found
    return session.go(Trigger.PICKED)


def procedure_view(session: Session) -> ProcedureView:
    """Return papers, time and fee, so that nobody starts work that cannot end."""
    procedure = session.visit.filling.procedure
    if procedure is None:
        raise LookupError("a procedure is shown before one was picked")
    lang = language()
    return ProcedureView(
        code=procedure.code,
        title=procedure.title.in_language(lang),
        sector=procedure.field.in_language(lang),
        time=procedure.time.in_language(lang),
        fee=procedure.fee.in_language(lang),
        papers=tuple((paper.title.in_language(lang), paper.required) for paper in procedure.papers),
        legal=procedure.decision,
        papers_known=procedure.papers_known,
        can_submit=procedure.has_form and "submit" not in session.blocked,
        notice=session.visit.notice,
    )


def start(session: Session) -> tuple[Job, ...]:
    """Begin the hand-in, or take a number where the kiosk has no form for it."""
    filling = session.visit.filling
    procedure = filling.procedure
    if procedure is None or not procedure.has_form or "submit" in session.blocked:
        return session.go(Trigger.TAKE_NUMBER)
    filling.form = session.services.forms.form(procedure.code)
    return session.go(Trigger.STARTED)


EVENTS: Final[Handlers] = {
    events.Went: went,
    events.Searched: searched,
    events.ProcedurePicked: picked,
}
