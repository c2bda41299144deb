"""The visit in motion: an event comes in, the visit changes, a view and some jobs come out.

No Qt, no device call, no clock of its own: blocking work leaves as `Job`, time comes in as `Tick`. The window
draws `view()` and runs the jobs; tests do the same without a screen.
"""

from __future__ import annotations

import logging
import math
from typing import TYPE_CHECKING, Final

from kiosk_app import i18n
from kiosk_app.flow import (
    choosing,
    code_turns,
    copying,
    declaring,
    ending,
    events,
    filling,
    guests,
    identify,
    looking_up,
    papers,
    rating,
    reviewing,
    sheets,
    staff,
    technician,
    technician_cards,
)
from kiosk_app.flow import waiting_line as line
from kiosk_app.flow.machine import Trigger, next_step
from kiosk_app.flow.sentences import notice
from kiosk_app.flow.steps import OneMomentView, Step, View
from kiosk_app.flow.visit import Visit

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Iterable

    from kiosk_app.flow.jobs import Handlers, Job
    from kiosk_app.flow.services import Services

    Jobs = tuple[Job, ...]

log = logging.getLogger(__name__)

MORE_S: Final = 180
"""What `Cần thêm 3 phút` gives, seconds."""
_LOOK_EVERY_S: Final = {Step.WELCOME: 10.0, Step.FILL: 10.0, Step.STAFF: 3.0}
"""Filling too: whether papers can be scanned is known before the first one is laid down."""
_BACK_OWN: Final = {
    Step.FILL: filling.back,
    Step.SCAN: papers.back,
    Step.COPY: copying.back,
    Step.IDENTIFY_QR: identify.back_from_code,
}
_VIEWS: Final[dict[Step, Callable[[Session], View]]] = {
    Step.WELCOME: choosing.welcome_view,
    Step.CHOOSE: choosing.choose_view,
    Step.PROCEDURE: choosing.procedure_view,
    Step.IDENTIFY_QR: identify.code_view,
    Step.IDENTIFY_CARD: identify.card_view,
    Step.FILL: filling.view,
    Step.SCAN: papers.view,
    Step.REVIEW: reviewing.view,
    Step.DONE: ending.view,
    Step.RATE: rating.view,
    Step.LOOK_UP: looking_up.view,
    Step.TAKE_NUMBER: line.view,
    Step.COPY: copying.view,
    Step.UNAVAILABLE: choosing.unavailable_view,
    Step.HELP: staff.help_view,
    Step.STAFF_PIN: staff.pin_view,
    Step.STAFF: staff.view,
    Step.TECH_HISTORY: technician.history_view,
    Step.TECH_CENTRE: technician.centre_view,
    Step.TECH_NETWORK: technician.network_view,
    Step.TECH_CARDS: technician_cards.view,
    Step.TECH_MACHINE: technician.machine_view,
    Step.ONE_MOMENT: lambda _session: OneMomentView(),
}
_NEXT: Final[dict[Step, Callable[[Session], Jobs]]] = {
    Step.PROCEDURE: choosing.start,
    Step.IDENTIFY_CARD: identify.next_pressed,
    Step.FILL: filling.next_pressed,
    Step.SCAN: papers.finished,
    Step.COPY: copying.next_pressed,
    Step.DONE: rating.offered,
    Step.ONE_MOMENT: lambda session: session.end("crash_over"),
}


def _between_visits(session: Session) -> Jobs:
    """Look at the devices, and keep nothing of a code somebody shows at a screen that reads none."""
    return (*choosing.welcome_jobs(session), *code_turns.forget_codes(session))


_ENTER: Final[dict[Step, Callable[[Session], Jobs]]] = {
    Step.WELCOME: _between_visits,
    Step.ONE_MOMENT: code_turns.forget_codes,
    Step.IDENTIFY_QR: code_turns.read_code,
    Step.IDENTIFY_CARD: identify.wait_for_card,
    Step.SCAN: papers.aim,
    Step.COPY: copying.aim,
    Step.DONE: ending.entered,
    Step.LOOK_UP: code_turns.read_code,
    Step.CHOOSE: code_turns.read_code,
    Step.STAFF_PIN: technician_cards.door_entered,
    Step.STAFF: staff.look,
    **dict.fromkeys(technician.STEPS - {Step.STAFF}, technician.entered),
}
_CODES: Final = {
    Step.IDENTIFY_QR: identify.code_seen,
    Step.LOOK_UP: looking_up.code_seen,
    Step.CHOOSE: declaring.code_seen,
    Step.STAFF_PIN: technician_cards.code_seen,
    Step.TECH_CARDS: technician_cards.code_seen,
}
_TYPING: Final = {Step.IDENTIFY_QR: identify.type_instead, Step.LOOK_UP: looking_up.type_instead}
_FAILED: Final = {
    "read_code": technician_cards.code_failed,
    "wait_for_card": identify.card_failed,
    "wait_empty": identify.card_failed,
    "read_card": identify.card_failed,
    "preview": papers.failed,
    "take_page": papers.failed,
    "copy_preview": copying.failed,
    "copy_page": copying.failed,
    "print_sheets": sheets.failed,
    "hand_in": reviewing.failed,
    "print": ending.print_failed,
    "look_up": looking_up.failed,
    "issue_ticket": line.failed,
    "technician": technician.failed,
    "technician_page": technician.failed,
    "technician_card": technician_cards.card_failed,
    "rate": rating.not_kept,
}
_EVENTS: Final[Handlers] = {
    **choosing.EVENTS,
    events.CopyAsked: copying.asked,
    **sheets.EVENTS,
    **identify.EVENTS,
    **guests.EVENTS,
    **filling.EVENTS,
    **papers.EVENTS,
    **reviewing.EVENTS,
    **ending.EVENTS,
    **looking_up.EVENTS,
    **line.EVENTS,
    **rating.EVENTS,
    **staff.EVENTS,
    **technician.EVENTS,
    **technician_cards.EVENTS,
}


_OWN_EVENTS: Final[dict[Step, Handlers]] = {Step.COPY: copying.EVENTS}
"""What a station answers itself while it stands, instead of the one that answers elsewhere."""


class Session:
    """All visits of a kiosk, one after the other. Lives in the screen's thread; never blocks."""

    def __init__(self, services: Services) -> None:
        self.services = services
        self.visit = Visit()
        self.step = Step.WELCOME
        self.before_help = Step.WELCOME
        self.waiting = 0
        """People in the line, as the backend told a moment ago; 0 while it does not: never invented."""
        self.blocked: dict[str, str] = {}
        """Tile to the code of why it does not work now."""
        self.no_scan = ""
        """Code of why papers cannot be taken now; staff take them then."""
        self.calls: list[tuple[dt.datetime, str]] = []
        self.health: events.HealthSeen | None = None
        self.bench = technician.Bench()
        self.pin_until = 0.0
        self.pin_wrong_in_a_row = 0
        self.idle_left_s: int | None = None
        """Seconds until the wipe while the question "still here?" stands; None otherwise."""
        self._touched_at = services.monotonic()
        self._quiet_until = -math.inf
        """Until then nobody is asked, because a citizen needs longer."""
        self._looked_at = self._touched_at
        self._running: set[str] = set()

    # --- what the window calls ------------------------------------------------------------------------

    def start(self) -> Jobs:
        """Return the jobs of the first screen."""
        return self._fresh(_ENTER[Step.WELCOME](self))

    def view(self) -> View:
        """Return what the current screen shows, in the language spoken now."""
        return _VIEWS[self.step](self)

    def handle(self, event: events.Event) -> Jobs:
        """Let an event change the visit and return the jobs that follow."""
        if isinstance(event, events.Tick):
            return self._fresh(self._tick(event.at))
        if isinstance(event, events.Touched | events.StillHere):
            self.touch()
            return ()
        if isinstance(event, events.MoreTimeAsked):
            self.touch()
            self._quiet_until = self._touched_at + MORE_S
            return ()
        if isinstance(event, events.Crashed):
            return self._crashed()
        return self._fresh(self._answer(event))

    def finished(self, job: str) -> None:
        """Note that a job of this visit has ended, so it may be asked for again."""
        self._running.discard(job)

    # --- what the stations call -----------------------------------------------------------------------

    def go(self, trigger: Trigger) -> Jobs:
        """Move along the table of transitions; a trigger that means nothing here changes nothing."""
        target = next_step(self.step, trigger)
        if target is None:
            log.info("visit.trigger_ignored", extra={"step": self.step.value, "kind": trigger.value})
            return ()
        return self.enter(target)

    def enter(self, target: Step) -> Jobs:
        """Stand at a step: the notice of the last one goes, its jobs are asked for."""
        log.info("visit.step", extra={"step": target.value})
        self.step = target
        self.visit.notice = None
        jobs = _ENTER.get(target)
        return () if jobs is None else jobs(self)

    def say(self, code: str) -> Jobs:
        """Put the sentence of an error code on the screen."""
        self.visit.notice = notice(code)
        return ()

    def call_staff(self, reason: str) -> None:
        """Tell staff: kept for the staff screen and logged once per call."""
        self.calls.insert(0, (self.services.now(), reason))
        del self.calls[20:]
        log.warning("staff.called", extra={"reason": reason})

    def end(self, reason: str) -> Jobs:
        """End the visit: wipe the citizen, back to Vietnamese, back to the first screen."""
        log.info("visit.ended", extra={"reason": reason, "step": self.step.value})
        self.visit.wipe()
        self._running.clear()
        self.idle_left_s = None
        self._quiet_until = -math.inf
        i18n.set_language("vi")
        return self.enter(Step.WELCOME)

    # --- inner ----------------------------------------------------------------------------------------

    def _answer(self, event: events.Event) -> Jobs:
        match event:
            case events.EndPressed():
                return rating.over(self) if self.step is Step.RATE else self.end("button")
            case events.BackPressed():
                own = _BACK_OWN.get(self.step)
                return own(self) if own else self._back()
            case events.NextPressed():
                step = _NEXT.get(self.step)
                return step(self) if step else ()
            case events.Went(to=Step.HELP):
                return staff.called(self)
            case events.TypeInstead():
                typing = _TYPING.get(self.step)
                return typing(self) if typing else ()
            case _:
                return self._from_station(event)

    def _from_station(self, event: events.Event) -> Jobs:
        if isinstance(event, events.CodeSeen):
            seen = _CODES.get(self.step)
            return seen(self, event) if seen else ()
        if isinstance(event, events.JobFailed):
            log.warning("job.failed", extra={"kind": event.job, "code": event.code})
            failed = _FAILED.get(event.job)
            return failed(self, event) if failed else ()
        own = _OWN_EVENTS.get(self.step, {})
        handler = own.get(type(event)) or _EVENTS.get(type(event))
        return handler(self, event) if handler else ()

    def _back(self) -> Jobs:
        if self.step is Step.HELP:
            return self.enter(self.before_help)
        target = next_step(self.step, Trigger.BACK)
        if target is Step.WELCOME:
            return self.end("back")
        return self.go(Trigger.BACK)

    def _fresh(self, jobs: Iterable[Job]) -> Jobs:
        """Return the jobs that do not run yet and count them as running: once a way out, or they are lost."""
        fresh = tuple(job for job in jobs if job.name not in self._running)
        self._running.update(job.name for job in fresh)
        return fresh

    def touch(self) -> None:
        """Count the silence of the visit from now on."""
        self._touched_at = self.services.monotonic()
        self.idle_left_s = None

    def _tick(self, at: float) -> Jobs:
        looked = self._look_again(at)
        if self.step is Step.WELCOME:
            self._touched_at = at
            return looked
        if self.visit.outcome.busy or papers.is_at_work(self):
            return ()  # the machine works, the citizen waits: that is no silence
        centre = self.services.centre
        rested = at - self._touched_at
        idle_s = technician.IDLE_S if self.step in technician.STEPS else centre.idle_s
        if self.step in {Step.DONE, Step.ONE_MOMENT} or ending.number_given(self) or copying.is_over(self):
            return self.end("done") if rested >= ending.stay_s(self) else ending.ticked(self)
        if self.step is Step.RATE:
            return rating.over(self) if rested >= rating.stay_s(self) else ()
        rested = min(rested, at - self._quiet_until + idle_s)
        if rested >= idle_s + centre.goodbye_s:
            return self.end("idle")
        self.idle_left_s = None if rested < idle_s else int(idle_s + centre.goodbye_s - rested) + 1
        return looked

    def _look_again(self, at: float) -> Jobs:
        """Look at the devices now and then, while a screen stands that shows or depends on them."""
        every = _LOOK_EVERY_S.get(self.step)
        if every is None or at - self._looked_at < every:
            return ()
        self._looked_at = at
        return _between_visits(self) if self.step is Step.WELCOME else choosing.welcome_jobs(self)

    def _crashed(self) -> Jobs:
        again = self.step is Step.ONE_MOMENT
        self.visit.wipe()
        self._running.clear()
        self.touch()
        self.call_staff("crash")
        i18n.set_language("vi")
        jobs = self.enter(Step.ONE_MOMENT)
        return () if again else self._fresh(jobs)  # what crashed here is not begun again at once
