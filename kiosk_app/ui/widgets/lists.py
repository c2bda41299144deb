"""A long list to choose from: one box, and a page with a search of its own."""

import unicodedata
from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from kiosk_app.i18n import _
from kiosk_app.ui.theme import Theme
from kiosk_app.ui.widgets.emptied import emptied
from kiosk_app.ui.widgets.field import Field, FieldBox
from kiosk_app.ui.widgets.fields import Choice, TextField
from kiosk_app.ui.widgets.focus import ring_gained, ring_lost
from kiosk_app.ui.widgets.notices import IconLabel
from kiosk_app.ui.widgets.pads import host_of
from kiosk_app.ui.widgets.scroll import ScrollColumn
from kiosk_app.ui.widgets.text import Text
from kiosk_app.ui.widgets.tiles import TileButton

SHOWN_AT_ONCE = 40
_PRESS_KEYS = (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter)


def folded(text: str) -> str:
    """Return text as search compares it: small letters without any mark, đ as d."""
    bare = unicodedata.normalize("NFD", text.casefold().replace("đ", "d"))
    return "".join(letter for letter in bare if not unicodedata.combining(letter))


def matching(choices: Sequence[Choice], wanted: str) -> list[Choice]:
    """Return the choices that have every word wanted, those beginning with it first."""
    words = folded(wanted).split()
    found = [choice for choice in choices if all(word in folded(choice.text) for word in words)]
    start = " ".join(words)
    return sorted(found, key=lambda choice: not folded(choice.text).startswith(start))


class ListBox(FieldBox):
    """Shows the answer; a touch opens the page."""

    opened = Signal()

    def __init__(self, theme: Theme, placeholder: str) -> None:
        super().__init__(theme)
        self._placeholder = placeholder
        self._words = Text(theme, "field")
        self.line.addWidget(self._words, 1)
        self.line.addWidget(IconLabel(theme, "chevron-right", colour="soft"))
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.show_text("")

    def show_text(self, text: str) -> None:
        """Show an answer, or the placeholder."""
        self._words.set_text(text or self._placeholder)
        self._words.set_colour("ink" if text else "soft")

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Open the page when the finger leaves the box where it came."""
        if self.rect().contains(event.position().toPoint()):
            self.opened.emit()

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Take the touch, so that its end comes here too."""
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Open the page by Space or Enter."""
        if event.key() in _PRESS_KEYS:
            self.opened.emit()
            return
        super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:  # noqa: N802 - Qt's name
        """Show that the keyboard is here."""
        super().focusInEvent(event)
        self.mark(active=True)
        ring_gained(self.theme, self, event.reason())

    def focusOutEvent(self, event: QFocusEvent) -> None:  # noqa: N802 - Qt's name
        """Show that the keyboard has gone."""
        super().focusOutEvent(event)
        self.mark(active=False)
        ring_lost(self)


class ListField(Field):
    """An answer out of many: nations, communes, hospitals."""

    def __init__(
        self,
        theme: Theme,
        label: str,
        choices: Sequence[Choice],
        *,
        hint: str = "",
        placeholder: str = "",
        parent: QWidget | None = None,
    ) -> None:
        self._choices = tuple(choices)
        self._value = ""
        self.box = ListBox(theme, placeholder or _("Chạm để chọn"))
        super().__init__(theme, label, hint=hint, parent=parent)
        self.box.setAccessibleName(label)
        self.box.opened.connect(self.open_page)

    def make_editor(self) -> QWidget:
        """Return the box."""
        return self.box

    def value(self) -> str:
        """Return the value chosen, or an empty text."""
        return self._value

    def set_value(self, value: object) -> None:
        """Choose an answer; tells nobody."""
        known = {choice.value: choice.text for choice in self._choices}
        self._value = str(value) if value in known else ""
        self.box.show_text(known.get(self._value, ""))

    def shown(self) -> str:
        """Return the words of the answer."""
        return next((choice.text for choice in self._choices if choice.value == self._value), "")

    def open_page(self) -> None:
        """Show the page to choose from."""
        host = host_of(self)
        if host is None:
            return
        page = PickerPage(self.theme, self.label_text, self._choices)
        page.chosen.connect(self._take)
        host.open_page(page)

    def _take(self, value: str) -> None:
        host = host_of(self)
        if host is not None:
            host.close_page()
        self.set_value(value)
        self.value_changed.emit(self._value)


class PickerPage(QWidget):
    """The page of a long list: search above, answers below."""

    chosen = Signal(str)

    def __init__(
        self, theme: Theme, title: str, choices: Sequence[Choice], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._choices = tuple(choices)
        self.setObjectName("page")
        self.search = TextField(theme, "", placeholder=_("Gõ vài chữ để tìm"), icon="search")
        self.search.value_changed.connect(self.show_matches)
        self._list = ScrollColumn(theme)
        self._list.body.setSpacing(theme.space.rhythm * 2)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.space.block)
        column.addWidget(Text(theme, "h1", title))
        column.addWidget(self.search)
        column.addWidget(self._list, 1)
        self.rows: list[TileButton] = []
        self.show_matches("")

    def show_matches(self, wanted: object) -> None:
        """List what has the wanted words, and say when there is more than is shown."""
        body = self._list.body
        for old in emptied(body):
            old.hide()
            old.deleteLater()
        found = matching(self._choices, str(wanted))
        self.rows = [self._row(choice) for choice in found[:SHOWN_AT_ONCE]]
        for row in self.rows:
            body.addWidget(row)
        note = self._note(len(found))
        if note:
            body.addWidget(Text(self._theme, "body", note, colour="soft"))
        body.addStretch(1)

    def _row(self, choice: Choice) -> TileButton:
        row = TileButton(self._theme, choice.text, compact=True)
        row.clicked.connect(lambda _checked=False, value=choice.value: self.chosen.emit(value))
        return row

    def _note(self, count: int) -> str:
        if count == 0:
            return _("Không tìm thấy. Xin gõ ít chữ hơn hoặc gọi cán bộ.")
        if count > SHOWN_AT_ONCE:
            return _("Còn {n} dòng nữa. Xin gõ thêm chữ để tìm.").format(n=count - SHOWN_AT_ONCE)
        return ""
