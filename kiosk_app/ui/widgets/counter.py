"""A small number between a minus and a plus, for fingers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from kiosk_app.i18n import _
from kiosk_app.ui.widgets.buttons import SecondaryButton
from kiosk_app.ui.widgets.text import Text

if TYPE_CHECKING:
    from kiosk_app.ui.theme import Theme


class Counter(QWidget):
    """Asks for 1 to a greatest number.

    Args:
        theme: How it looks.
        less: Words of the button that takes one away.
        more: Words of the button that adds one.
    """

    changed = Signal(int)
    """Carries the number that is wanted; the one shown follows with `show_number`."""

    def __init__(self, theme: Theme, less: str, more: str) -> None:
        super().__init__()
        self._number = 1
        self._less = SecondaryButton(theme, less, icon="minus")
        self._more = SecondaryButton(theme, more, icon="plus")
        self._less.clicked.connect(lambda: self.changed.emit(self._number - 1))
        self._more.clicked.connect(lambda: self.changed.emit(self._number + 1))
        self._less.setObjectName("less")
        self._more.setObjectName("more")
        self._shown = Text(theme, "h2", centred=True)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.space.block)
        row.addWidget(self._less)
        row.addWidget(self._shown, 1, Qt.AlignmentFlag.AlignVCenter)
        row.addWidget(self._more)

    def show_number(self, number: int, *, most: int) -> None:
        """Show the number; a button that would leave 1 to `most` rests."""
        self._number = number
        self._shown.set_text(_("**{n} bản**").format(n=number))
        self._less.setEnabled(number > 1)
        self._more.setEnabled(number < most)
