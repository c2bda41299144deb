"""How it was: one touch of three faces after a hand-in, anonymous, left out by whoever walks away.

The receipt is forgotten before the question is asked, so nothing ties an answer to a dossier or a person.
Source: DOMAIN.md, Satisfaction / index (three faces, optional reasons, anonymous).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from kiosk_app.flow import events
from kiosk_app.flow.jobs import Job, Lane
from kiosk_app.flow.machine import Trigger
from kiosk_app.flow.steps import RatePhase, RateView, Step
from kiosk_app.flow.visit import Outcome, Rating
from kiosk_app.i18n import _, mark

if TYPE_CHECKING:
    from kiosk_app.flow.jobs import Handlers, Report
    from kiosk_app.flow.session import Session

UNHAPPY: Final = 1
REASONS: Final = (
    ("slow", mark("Phải chờ lâu")),
    ("unclear", mark("Lời hướng dẫn khó hiểu")),
    ("device", mark("Máy bị trục trặc")),
    ("other", mark("Lý do khác")),
)
ASKED_S: Final = 15
"""The question stays so long untouched."""
THANKED_S: Final = 4


def offered(session: Session) -> tuple[Job, ...]:
    """Ask how it was; what was handed in is forgotten first."""
    session.visit.outcome = Outcome()
    return session.go(Trigger.RATE)


def rated(session: Session, event: events.Rated) -> tuple[Job, ...]:
    """Keep a touch of a face; whoever was not satisfied may say why, with one more touch."""
    rating = session.visit.rating
    if session.step is not Step.RATE or rating.score:
        return ()
    rating.score = event.score
    if event.score == UNHAPPY:
        rating.phase = RatePhase.WHY
        return ()
    return _keep(session, ())


def reason_given(session: Session, event: events.ReasonGiven) -> tuple[Job, ...]:
    """Keep why."""
    known = {code for code, _words in REASONS}
    if session.visit.rating.phase is not RatePhase.WHY or event.reason not in known:
        return ()
    return _keep(session, (event.reason,))


def over(session: Session) -> tuple[Job, ...]:
    """End the visit, by a touch or by silence; a face that was touched still counts."""
    if session.visit.rating.phase is RatePhase.WHY:
        return _keep(session, ())
    return session.end("rated" if session.visit.rating.score else "not_rated")


def not_kept(session: Session, _event: events.JobFailed) -> tuple[Job, ...]:
    """End quietly: whoever gave an opinion for nothing is not troubled with it; the log and staff know."""
    return session.end("not_rated")


def stay_s(session: Session) -> int:
    """Return how long the screen stays untouched, seconds."""
    return THANKED_S if session.visit.rating.phase is RatePhase.THANKS else ASKED_S


def _keep(session: Session, reasons: tuple[str, ...]) -> tuple[Job, ...]:
    box, score = session.services.ratings, session.visit.rating.score
    session.visit.rating = Rating(phase=RatePhase.THANKS, score=score)
    session.handle(events.Touched())

    def work(_report: Report) -> events.RatingKept:
        box.rate(score=score, reasons=reasons)
        return events.RatingKept()

    return (Job(name="rate", lane=Lane.QUEUE, work=work),)


def view(session: Session) -> RateView:
    """Return the question, the reasons or the thanks."""
    phase = session.visit.rating.phase
    reasons = tuple((code, _(words)) for code, words in REASONS) if phase is RatePhase.WHY else ()
    return RateView(phase=phase, reasons=reasons)


EVENTS: Final[Handlers] = {events.Rated: rated, events.ReasonGiven: reason_given}
