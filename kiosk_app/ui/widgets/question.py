"""One question of a form on the screen: the field that suits its kind, and what is said under it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QEvent, QObject, Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QApplication, QLineEdit, QVBoxLayout, QWidget

from drivers.ports import Said
from forms.ports import FieldKind
from kiosk_app.i18n import _
from kiosk_app.ui.widgets.buttons import ChoiceButton
from kiosk_app.ui.widgets.dates import DateField
from kiosk_app.ui.widgets.family_names import family_names
from kiosk_app.ui.widgets.fields import (
    Choice,
    ChoiceField,
    ChoicesField,
    LockedField,
    TextField,
    YesNoField,
)
from kiosk_app.ui.widgets.lists import ListField
from kiosk_app.ui.widgets.notices import NoteBar
from kiosk_app.ui.widgets.place_field import PlaceField
from kiosk_app.ui.widgets.reading import sentence
from kiosk_app.ui.widgets.rows import RowsField
from kiosk_app.ui.widgets.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable

    from forms.ports import Place
    from kiosk_app.flow.fill_view import FieldView
    from kiosk_app.ui.theme import Theme
    from kiosk_app.ui.widgets.field import Field

CHOICES_SAID: Final = 6
"""Choices read aloud at most: nobody keeps more in mind."""
NAMES: Final = 5
NAMES_ENLARGED: Final = 2
"""Family names offered at most: as many as stand in one line."""
DIGITS: Final = frozenset({FieldKind.TEL, FieldKind.ID_NUMBER, FieldKind.NUMBER})
TYPED: Final = DIGITS | {FieldKind.TEXT, FieldKind.NAME, FieldKind.EMAIL, FieldKind.COMMENT}


def structure(view: FieldView) -> tuple[object, ...]:
    """Return what a question is built from; while this stays, its widgets stay."""
    spec = view.spec
    return (
        spec.name,
        spec.kind,
        view.locked and view.chip,
        view.locked,
        view.title,
        view.hint,
        view.choices,
        spec.required,
    )


class Question(QWidget):
    """A field of the kit, its warning, and where its value came from."""

    answered = Signal(str, object)
    """Field name and value; an empty text takes the answer away."""
    place_searched = Signal(str)
    """Letters typed into a place field."""
    places_shown = Signal()
    """What was found stands under the field now."""
    place_picked = Signal()
    row_added = Signal(str)
    """Field that counts the rows."""
    row_opened = Signal(int)
    row_removed = Signal(str, int)
    card_asked = Signal(str)

    def __init__(self, theme: Theme, view: FieldView) -> None:
        super().__init__()
        self._theme = theme
        self._view = view
        self._filling = False
        self.name = view.spec.name
        self.field = _make_field(theme, view)
        self._line: QLineEdit | None = None
        self._origin: Text | None = None
        self._warning: NoteBar | None = None
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(theme.space.rhythm)
        self._column.addWidget(self.field)
        if not theme.wide and _hint(view):  # enlarged, it has no room beside the label
            self._column.addWidget(Text(theme, "small", _hint(view), colour="soft"))
        self._column.addStretch(1)
        self._prepare(view)
        self.show_view(view)

    def show_view(self, view: FieldView, places: tuple[Place, ...] | None = None) -> None:
        """Show value, mistake and warning; what is being typed is left alone.

        Args:
            view: The question now.
            places: What was found for the letters typed here; None where this field did not ask.
        """
        self._view = view
        if isinstance(self.field, PlaceField):
            self.field.show_places(places)
        if isinstance(self.field, RowsField) and view.spec.rows:
            self.field.show_rows(view.spec.rows)
        self._show_value(view)
        self.field.set_error(view.problem or None)
        self._show_origin(view)
        self._show_warning(view)

    def said(self) -> Said | None:
        """Return what is asked here, with what one may choose; None where it is answered well."""
        view = self._view
        if view.locked or not (view.problem or view.value in (None, "", [])):
            return None
        choices = ", ".join(text for _code, text in view.choices[:CHOICES_SAID])
        mend = _("Xin xem lại ô này.") if view.problem else ""
        return Said(prompt=view.spec.audio, text=sentence((view.title, choices, mend)))

    def focus_input(self) -> None:
        """Let the person answer here now."""
        self.field.focus_input()

    def worth_seeing(self) -> list[QWidget]:
        """Return what should be seen above the keyboard, the most important last."""
        parts: list[QWidget] = [self]
        return parts + (self.field.worth_seeing() if isinstance(self.field, PlaceField) else [])

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """Show a sensitive number whole, and names to pick, only while something is being typed."""
        if watched is self._line and event.type() in (QEvent.Type.FocusIn, QEvent.Type.FocusOut):
            editing = event.type() == QEvent.Type.FocusIn
            if self._view.spec.sensitive:
                self._fill(self._wanted(self._view, editing=editing))
            if self._view.spec.kind is FieldKind.NAME:
                self._offer_names(editing=editing)
        return False

    def _offer_names(self, *, editing: bool) -> None:
        """Offer family names that begin as what is typed; choosing is quicker than typing."""
        if self._line is None or not isinstance(self.field, TextField):
            return
        most = NAMES if self._theme.wide else NAMES_ENLARGED
        self.field.suggest(family_names(self._line.text(), most=most) if editing else ())

    def _prepare(self, view: FieldView) -> None:
        self.field.setObjectName(f"field-{self.name}")
        for button, (value, _text) in zip(
            self.field.findChildren(ChoiceButton), _answers(view), strict=False
        ):
            button.setObjectName(f"choice-{self.name}-{value}")
        self.field.value_changed.connect(self._send)
        if isinstance(self.field, PlaceField):
            self.field.searched.connect(self.place_searched)
            self.field.found.connect(self.places_shown)
            self.field.picked.connect(self.place_picked)
        if isinstance(self.field, RowsField):
            self._connect_rows(self.field)
        if isinstance(self.field, TextField):
            self._line = self.field.findChild(QLineEdit)
        if self._line is not None and view.spec.kind is FieldKind.NAME:
            capitals = self._line.font()
            capitals.setCapitalization(QFont.Capitalization.AllUppercase)
            self._line.setFont(capitals)
            self._line.textChanged.connect(lambda: self._offer_names(editing=self._editing()))
        if self._line is not None:
            self._line.installEventFilter(self)

    def _connect_rows(self, field: RowsField) -> None:
        field.added.connect(lambda: self.row_added.emit(self.name))
        field.opened.connect(self.row_opened)
        field.removed.connect(lambda index: self.row_removed.emit(self.name, index))
        field.card_asked.connect(self.card_asked)

    def _show_value(self, view: FieldView) -> None:
        if view.locked:
            self._fill(view.shown)
        elif isinstance(self.field, PlaceField):
            self.field.show_picked(str(view.value or ""), view.shown)
        elif not (isinstance(self.field, TextField) and self._editing()):
            self._fill(self._wanted(view, editing=False))

    def _editing(self) -> bool:
        return self._line is not None and QApplication.focusWidget() is self._line

    def _wanted(self, view: FieldView, *, editing: bool) -> object:
        """Return what the field should hold; a sensitive number that was judged right is masked."""
        masked = view.spec.sensitive and not editing and not view.problem and bool(view.value)
        if view.spec.kind in TYPED:
            return view.shown if masked else _text(view.value)
        if view.spec.kind is FieldKind.YES_NO:
            return view.value if isinstance(view.value, bool) else None
        if view.spec.kind is FieldKind.CHOICES:
            return view.value if isinstance(view.value, list) else []
        if view.spec.kind is FieldKind.ROWS:
            return view.value if isinstance(view.value, int) else 0
        return _text(view.value)

    def _fill(self, value: object) -> None:
        if self.field.value() == value:
            return
        self._filling = True
        if self._line is not None and self._view.spec.sensitive:
            # The dots and gaps of a masked number are more letters than may be typed.
            self._line.setMaxLength(max(self._view.spec.max_length, len(str(value))))
        try:
            self.field.set_value(value)
        finally:
            self._filling = False

    def _send(self, value: object) -> None:
        if self._filling or self._view.locked:
            return
        answer = _answer(self._view.spec.kind, value)
        self.answered.emit(self.name, answer)

    def _show_origin(self, view: FieldView) -> None:
        words = (
            _("{chip}, xin xem lại cho đúng").format(chip=view.chip) if view.chip and not view.locked else ""
        )
        if self._origin is None and words:
            self._origin = Text(self._theme, "small", colour="ok")
            self._column.insertWidget(1, self._origin)
        if self._origin is not None:
            if self._origin.text() != words:
                self._origin.set_text(words)
            self._origin.setVisible(bool(words))

    def _show_warning(self, view: FieldView) -> None:
        if self._warning is None and view.warning:
            self._warning = NoteBar(self._theme, view.warning, icon="triangle-alert", kind="warn")
            self._warning.setObjectName(f"warning-{self.name}")
            self._column.insertWidget(self._column.count() - 1, self._warning)
        if self._warning is not None:
            if self._warning.accessibleName() != view.warning and view.warning:
                self._warning.set_text(view.warning)
            self._warning.setVisible(bool(view.warning))


def _answers(view: FieldView) -> tuple[tuple[str, str], ...]:
    if view.spec.kind is FieldKind.YES_NO:
        return (("yes", ""), ("no", ""))
    return view.choices


def _text(value: object) -> str:
    return "" if value is None or isinstance(value, bool | list) else str(value)


def _answer(kind: FieldKind, value: object) -> object:
    """Return a value as the form wants it: names in capitals, numbers as numbers, nothing as empty text."""
    if value is None:
        return ""
    if kind is FieldKind.NAME and isinstance(value, str):
        return value.upper()
    if kind is FieldKind.NUMBER and isinstance(value, str) and value.isdecimal():
        return int(value)
    return value


def _make_field(theme: Theme, view: FieldView) -> Field | PlaceField:
    if view.locked:
        return LockedField(theme, view.title, view.shown, chip=view.chip)
    made = _MAKERS.get(view.spec.kind)
    return _typed(theme, view) if made is None else made(theme, view)


def _hint(view: FieldView) -> str:
    return view.hint or ("" if view.spec.required else _("không bắt buộc"))


def _beside(theme: Theme, view: FieldView) -> str:
    return _hint(view) if theme.wide else ""


def _typed(theme: Theme, view: FieldView) -> TextField:
    typing = "digits" if view.spec.kind in DIGITS else "text"
    if view.spec.kind is FieldKind.NAME:
        typing = "name"
    return TextField(
        theme, view.title, hint=_beside(theme, view), typing=typing, max_length=view.spec.max_length
    )


def _date(theme: Theme, view: FieldView) -> DateField:
    return DateField(theme, view.title, hint=_beside(theme, view), partial=view.spec.partial_date)


def _choices(view: FieldView) -> list[Choice]:
    return [Choice(value=value, text=text) for value, text in view.choices]


def _choice(theme: Theme, view: FieldView) -> ChoiceField:
    return ChoiceField(theme, view.title, _choices(view), hint=_beside(theme, view))


def _several(theme: Theme, view: FieldView) -> ChoicesField:
    return ChoicesField(theme, view.title, _choices(view), hint=_beside(theme, view))


def _rows(theme: Theme, view: FieldView) -> RowsField:
    rows = view.spec.rows
    if rows is None:
        raise LookupError(f"the field {view.spec.name} counts rows and lists none")
    return RowsField(theme, view.title, rows, hint=_beside(theme, view))


def _list(theme: Theme, view: FieldView) -> ListField:
    return ListField(theme, view.title, _choices(view), hint=_beside(theme, view))


def _place(theme: Theme, view: FieldView) -> PlaceField:
    return PlaceField(theme, view.title, hint=_beside(theme, view))


def _yes_no(theme: Theme, view: FieldView) -> YesNoField:
    return YesNoField(theme, view.title, hint=_beside(theme, view))


_MAKERS: Final[dict[FieldKind, Callable[[Theme, FieldView], Field | PlaceField]]] = {
    FieldKind.DATE: _date,
    FieldKind.CHOICE: _choice,
    FieldKind.CHOICES: _several,
    FieldKind.ROWS: _rows,
    FieldKind.LIST: _list,
    FieldKind.PLACE: _place,
    FieldKind.YES_NO: _yes_no,
}
