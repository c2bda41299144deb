"""What a scripted citizen does in the flow tests, step by step."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from forms.ports import FieldKind
from kiosk_app.flow import events
from kiosk_app.flow.fill_view import FillView
from kiosk_app.flow.steps import ScanPhase, Step

if TYPE_CHECKING:
    from kiosk_app.flow.session import Session

CARD_CODE = "087194000412|card"
RECEIPT_CODE = "https://gateway.example/d/K01-261123-0001?t=token"
EXTRACT = "2.000635"
PICKS: dict[FieldKind, str] = {
    FieldKind.NAME: "TRẦN GIA HÂN",
    FieldKind.TEXT: "Ủy ban nhân dân phường Sa Đéc",
    FieldKind.DATE: "2020-03-08",
    FieldKind.NUMBER: "2",
    FieldKind.ID_NUMBER: "087220000177",
}


def at(session: Session) -> Step:
    """The step now; a call, so that a type checker does not believe the step of before."""
    return session.step


def left(session: Session) -> int | None:
    """Seconds until the wipe now; a call, for the same reason."""
    return session.idle_left_s


def to_code(walk: Any, procedure: str = EXTRACT) -> None:
    walk.act(events.Went(to=Step.CHOOSE), events.ProcedurePicked(code=procedure), events.NextPressed())


def to_card(walk: Any, hall: Any, procedure: str = EXTRACT) -> None:
    to_code(walk, procedure)
    hall.codes.shown.append(CARD_CODE)
    walk.walk()


def to_fill(walk: Any, hall: Any, procedure: str = EXTRACT) -> None:
    to_card(walk, hall, procedure)
    hall.card.present = True
    walk.walk()
    walk.act(events.NextPressed())


def fill_page(walk: Any, session: Session) -> None:
    view = session.view()
    assert isinstance(view, FillView)
    for field in view.fields:
        if not field.spec.required or field.value not in (None, ""):
            continue
        if field.spec.kind is FieldKind.PLACE:
            walk.act(events.PlaceSearched(text="sa dec"))
            value = session.visit.filling.places[0].code
        else:
            value = field.choices[0][0] if field.choices else PICKS[field.spec.kind]
        walk.act(events.FieldAnswered(name=field.spec.name, value=value))


def to_scan(walk: Any, hall: Any, session: Session) -> None:
    to_fill(walk, hall)
    for _page in range(8):
        if session.step is not Step.FILL:
            return
        fill_page(walk, session)
        walk.act(events.NextPressed())
    pytest.fail(f"the form does not end: {session.view()}")


def to_review(walk: Any, hall: Any, session: Session) -> None:
    to_scan(walk, hall, session)
    while session.visit.papers.phase is not ScanPhase.FINISHED:
        walk.act(events.PictureAsked(), events.PageKept())
    walk.act(events.NextPressed())


def to_done(walk: Any, hall: Any, session: Session) -> None:
    to_review(walk, hall, session)
    walk.act(events.ConsentAnswered(agreed=True))
