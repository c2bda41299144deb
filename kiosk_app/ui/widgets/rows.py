"""People listed one under the other: who they are, how far each is, one more, one fewer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from kiosk_app.i18n import _, language
from kiosk_app.ui.widgets.buttons import SecondaryButton
from kiosk_app.ui.widgets.field import Field
from kiosk_app.ui.widgets.notices import Card, IconLabel
from kiosk_app.ui.widgets.text import Text

if TYPE_CHECKING:
    from forms.ports import RowSpec, RowsSpec
    from kiosk_app.ui.theme import Theme


class RowsField(Field):
    """The rows of a repeating panel; each is opened, taken away, or added by hand or by card."""

    added = Signal()
    opened = Signal(int)
    """The row, counted from 0."""
    removed = Signal(int)
    card_asked = Signal(str)
    """The role whose card adds a row."""

    def __init__(self, theme: Theme, label: str, rows: RowsSpec, *, hint: str = "") -> None:
        self._add_words = rows.add.in_language(language())
        self._shown: RowsSpec | None = None
        self._cards: list[QWidget] = []
        super().__init__(theme, label, hint=hint)
        self.show_rows(rows)

    def make_editor(self) -> QWidget:
        """Make the place of the rows, and the ways to add one."""
        place = QWidget()
        column = QVBoxLayout(place)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(self.theme.space.rhythm * 2)
        self._list = QVBoxLayout()
        self._list.setSpacing(self.theme.space.rhythm * 2)
        column.addLayout(self._list)
        ways = QHBoxLayout() if self.theme.wide else QVBoxLayout()
        ways.setSpacing(self.theme.space.block)
        self._by_card = SecondaryButton(self.theme, _("Thêm bằng thẻ"), icon="id-card")
        self._by_card.setObjectName("row-by-card")
        self._by_card.clicked.connect(self._ask_card)
        self._by_hand = SecondaryButton(self.theme, self._add_words, icon="plus")
        self._by_hand.setObjectName("row-add")
        self._by_hand.clicked.connect(self.added)
        ways.addWidget(self._by_card, 1)
        ways.addWidget(self._by_hand, 1)
        column.addLayout(ways)
        return place

    def show_rows(self, rows: RowsSpec) -> None:
        """Show who is listed; unchanged lists keep their buttons and the ring on them."""
        if rows == self._shown:
            return
        self._shown = rows
        for card in self._cards:
            self._list.removeWidget(card)
            card.hide()
            card.deleteLater()
        self._cards = [self._row(index, row, rows) for index, row in enumerate(rows.rows)]
        for card in self._cards:
            self._list.addWidget(card)
        self._by_card.setVisible(bool(rows.next_card))
        self._by_hand.setVisible(len(rows.rows) < rows.high)

    def value(self) -> object:
        """Return how many rows there are."""
        return len(self._cards)

    def set_value(self, value: object) -> None:
        """Rows come with `show_rows`; their number alone shows nothing."""

    def shown(self) -> str:
        """Return who is listed."""
        return ", ".join(row.shown for row in self._shown.rows) if self._shown else ""

    def focus_input(self) -> None:
        """Put the keyboard's ring on the first way to add somebody."""
        ways = (self._by_card, self._by_hand)
        next((way for way in ways if not way.isHidden()), self._by_hand).setFocus(
            Qt.FocusReason.TabFocusReason
        )

    def _row(self, index: int, row: RowSpec, rows: RowsSpec) -> Card:
        card = Card(self.theme)
        card.setObjectName(f"row-{index}")
        line = QHBoxLayout() if self.theme.wide else QVBoxLayout()
        line.setSpacing(self.theme.space.rhythm * 2)
        words = QHBoxLayout()
        words.setSpacing(self.theme.space.rhythm * 2)
        sign, tint = ("circle-check", "ok") if row.complete else ("circle-alert", "warn")
        words.addWidget(IconLabel(self.theme, sign, colour=tint))
        words.addLayout(self._words(row), 1)
        line.addLayout(words, 1)
        edit = self._button(_("Sửa"), _("Sửa"), "pencil", f"row-edit-{index}", row)
        edit.clicked.connect(lambda: self.opened.emit(index))
        line.addWidget(edit)
        if len(rows.rows) > rows.low:
            told = rows.remove.in_language(language())
            remove = self._button(_("Bỏ"), told, "trash-2", f"row-remove-{index}", row)
            remove.clicked.connect(lambda: self.removed.emit(index))
            line.addWidget(remove)
        card.body.addLayout(line)
        return card

    def _words(self, row: RowSpec) -> QVBoxLayout:
        column = QVBoxLayout()
        column.setSpacing(0)
        state = "" if row.complete else f" · {_('chưa khai đủ')}"
        column.addWidget(Text(self.theme, "label", row.title.in_language(language()) + state, colour="soft"))
        if row.shown:
            column.addWidget(Text(self.theme, "field", row.shown))
        return column

    def _button(self, words: str, told: str, icon: str, name: str, row: RowSpec) -> SecondaryButton:
        button = SecondaryButton(self.theme, words, icon=icon, small=True)
        button.setObjectName(name)
        button.setAccessibleName(f"{told}: {row.title.in_language(language())} {row.shown}".strip())
        return button

    def _ask_card(self) -> None:
        if self._shown and self._shown.next_card:
            self.card_asked.emit(self._shown.next_card)


class CardBar(Card):
    """The invitation to put in somebody's card, with the button that leads to the slot."""

    pressed = Signal(str)

    def __init__(self, theme: Theme, role: str, words: str, *, read: bool) -> None:
        super().__init__(theme)
        line = QHBoxLayout() if theme.wide else QVBoxLayout()
        line.setSpacing(theme.space.rhythm * 2)
        told = QHBoxLayout()
        told.setSpacing(theme.space.rhythm * 2)
        told.addWidget(
            IconLabel(theme, "circle-check" if read else "id-card", colour="ok" if read else "main")
        )
        said = QVBoxLayout()
        said.setSpacing(0)
        said.addWidget(Text(theme, "body", words))
        if read:
            said.addWidget(Text(theme, "label", _("Đã đọc xong"), colour="ok"))
        told.addLayout(said, 1)
        line.addLayout(told, 1)
        label = _("Đọc lại thẻ") if read else _("Đặt thẻ")
        button = SecondaryButton(theme, label, icon="rotate-ccw" if read else "id-card", small=True)
        button.setObjectName(f"card-{role}")
        button.setAccessibleName(f"{label}: {words}")
        button.clicked.connect(lambda: self.pressed.emit(role))
        line.addWidget(button)
        self.body.addLayout(line)
