"""The hands of the tour on fields: picks choices, types on the on-screen keys, finds places."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, Final

from PySide6.QtWidgets import QAbstractButton, QWidget

from forms.ports import FieldKind
from kiosk_app.flow import events
from kiosk_app.flow.fill_view import FieldView, FillView
from kiosk_app.ui.widgets.keyboard import Keyboard, TypingPad
from kiosk_app.ui.widgets.telex import Method

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kiosk_app.ui.tour import Tour

WORDS: Final[dict[FieldKind, str]] = {
    FieldKind.NAME: "Trần Gia Hân",
    FieldKind.TEXT: "phường Sa Đéc",
    FieldKind.COMMENT: "12 Nguyễn Huệ",
    FieldKind.NUMBER: "2",
    FieldKind.TEL: "0919555012",
    FieldKind.ID_NUMBER: "087324000177",
}
DATE: Final = "2024-03-08"
PLACE: Final = "sa dec"
_TYPED: Final = frozenset(WORDS)
_TONES: Final = {"\u0301": "á", "\u0300": "à", "\u0309": "ả", "\u0303": "ã", "\u0323": "ạ"}


def fill_page(tour: Tour, page: str) -> None:
    """Answer every required field of the page that the card left open; pictures bear the page's name."""
    done: set[str] = set()
    while (field := _next_open(tour, done)) is not None:
        done.add(field.spec.name)
        _answer(tour, field, page=page)
        tour.settle()


def _next_open(tour: Tour, done: set[str]) -> FieldView | None:
    view = tour.session.view()
    if not isinstance(view, FillView):
        return None
    left = (
        field
        for field in view.fields
        if field.spec.required and field.value in (None, "") and field.spec.name not in done
    )
    return next(left, None)


def _answer(tour: Tour, field: FieldView, *, page: str) -> None:
    spec = field.spec
    if spec.kind in {FieldKind.CHOICE, FieldKind.YES_NO}:
        value = field.choices[0][0] if field.choices else "true"
        tour.find(f"choice-{spec.name}-{value}", QAbstractButton).click()
    elif spec.kind in _TYPED:
        question = tour.find(f"field-{spec.name}", QWidget)
        getattr(question, "focus_input")()  # noqa: B009 - every question of a page has it, whatever its kind
        tour.settle()
        type_text(tour, WORDS[spec.kind])
        tour.shoot(f"{page}-keyboard")
        pad(tour).press("done")
    elif spec.kind is FieldKind.PLACE:
        tour.window.act(events.PlaceSearched(text=PLACE))
        tour.settle()
        tour.window.act(events.FieldAnswered(name=spec.name, value=tour.session.visit.filling.places[0].code))
    else:
        value = DATE if spec.kind is FieldKind.DATE else field.choices[0][0]
        tour.window.act(events.FieldAnswered(name=spec.name, value=value))


def pad(tour: Tour) -> TypingPad:
    """Return the keys now on the screen."""
    return tour.find("pad", TypingPad)


def type_text(tour: Tour, text: str) -> None:
    """Press the on-screen keys for a text: letters, then tones, as a person does."""
    keys = pad(tour)
    if isinstance(keys, Keyboard):
        while keys.method is not Method.DIRECT:
            keys.press("method")
    for name in key_names(text):
        keys.press(name)
        tour.settle()


def key_names(text: str) -> Iterator[str]:
    """Yield the names of the keys that write a text."""
    for letter in unicodedata.normalize("NFC", text):
        if letter == " ":
            yield "space"
            continue
        if letter.isupper():
            yield "shift"
        parts = unicodedata.normalize("NFD", letter.lower())
        yield unicodedata.normalize("NFC", "".join(part for part in parts if part not in _TONES))
        yield from (_TONES[part] for part in parts if part in _TONES)
