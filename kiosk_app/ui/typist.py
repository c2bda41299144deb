"""The hands of the tour on a form page: picks choices, types names letter by letter, finds places."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtWidgets import QAbstractButton

from forms.ports import FieldKind
from kiosk_app.flow import events
from kiosk_app.flow.steps import FieldView, FillView

if TYPE_CHECKING:
    from kiosk_app.ui.tour import Tour

WORDS: Final[dict[FieldKind, str]] = {
    FieldKind.NAME: "TRẦN GIA HÂN",
    FieldKind.TEXT: "Ủy ban nhân dân phường Sa Đéc",
    FieldKind.COMMENT: "12 Nguyễn Huệ, khóm 2",
    FieldKind.DATE: "2024-03-08",
    FieldKind.NUMBER: "2",
    FieldKind.TEL: "0919555012",
    FieldKind.EMAIL: "huong@example.vn",
    FieldKind.ID_NUMBER: "087324000177",
}
PLACE: Final = "sa dec"


def fill_page(tour: Tour, page: int) -> None:
    """Answer every required field of the page that the card left open."""
    done: set[str] = set()
    shot = False
    while (field := _next_open(tour, done)) is not None:
        done.add(field.spec.name)
        shot = _answer(tour, field, page=page, shot=shot) or shot
        tour.settle()


def _next_open(tour: Tour, done: set[str]) -> FieldView | None:
    view = tour.session.view()
    if not isinstance(view, FillView):
        return None
    open_fields = (
        field
        for field in view.fields
        if field.spec.required and field.value in (None, "") and field.spec.name not in done
    )
    return next(open_fields, None)


def _answer(tour: Tour, field: FieldView, *, page: int, shot: bool) -> bool:
    """Answer one field; return True when a picture with the open keyboard was taken."""
    spec = field.spec
    if spec.kind in {FieldKind.CHOICE, FieldKind.YES_NO}:
        value = field.choices[0][0] if field.choices else "true"
        tour.find(f"choice-{spec.name}-{value}", QAbstractButton).click()
        return False
    if spec.kind is FieldKind.LIST:
        tour.window.act(events.FieldAnswered(name=spec.name, value=field.choices[0][0]))
        return False
    if spec.kind is FieldKind.PLACE:
        tour.window.act(events.PlaceSearched(text=PLACE))
        tour.settle()
        found = tour.session.visit.filling.places
        tour.window.act(events.FieldAnswered(name=spec.name, value=found[0].code))
        return False
    tour.window.act(events.FieldAnswered(name=spec.name, value=WORDS[spec.kind]))
    return False
