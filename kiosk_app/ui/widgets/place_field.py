"""A commune, found by a few letters: a search box with what was found under it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from kiosk_app.i18n import _
from kiosk_app.ui.widgets.buttons import SecondaryButton
from kiosk_app.ui.widgets.fields import TextField
from kiosk_app.ui.widgets.text import Text

if TYPE_CHECKING:
    from forms.ports import Place
    from kiosk_app.ui.theme import Theme

SHOWN: Final = 6
"""More rows than this are not read; two more letters are quicker."""
COLUMNS: Final = 2
LEAST_LETTERS: Final = 2


class PlaceField(QWidget):
    """Letters in, a commune code out."""

    value_changed = Signal(object)
    """The code of the commune, empty when letters are typed again."""
    searched = Signal(str)
    """The letters typed so far."""
    found = Signal()
    """New rows stand under the box, or the words that nothing was found."""
    picked = Signal()
    """One of the communes found was touched."""

    def __init__(self, theme: Theme, label: str, *, hint: str = "") -> None:
        super().__init__()
        self._theme = theme
        self._code = ""
        self._letters = ""
        self._filling = False
        self._places: tuple[Place, ...] = ()
        self._rows: list[QWidget] = []
        self._grid = QGridLayout()
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(theme.space.rhythm * 2)
        self.label_text = label
        placeholder = _("Gõ vài chữ tên xã, phường")
        self._box = TextField(theme, label, hint=hint, placeholder=placeholder, icon="search")
        self._box.value_changed.connect(self._type)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(theme.space.rhythm)
        self._column.addWidget(self._box)
        self._column.addLayout(self._grid)

    def value(self) -> str:
        """Return the commune code, empty for none."""
        return self._code

    def set_value(self, code: object) -> None:
        """Take a commune code; the words come with `show_picked`."""
        self._code = str(code)

    def set_error(self, text: str | None) -> None:
        """Say what is wrong, or nothing."""
        self._box.set_error(text)

    def focus_input(self) -> None:
        """Let the person type here now."""
        self._box.focus_input()

    def worth_seeing(self) -> list[QWidget]:
        """Return the first of what was found, and the line typed into."""
        return [*self._rows[:1], self._box.input]

    def show_picked(self, code: str, words: str) -> None:
        """Show the commune the form holds; letters being typed are left alone."""
        if code == self._code:
            return
        self._code = code
        if code or not self._letters:
            self._fill(words)

    def show_places(self, places: tuple[Place, ...] | None) -> None:
        """Show what was found for the letters, or nothing for None, before two letters and after picking."""
        asked = places is not None and len(self._letters) >= LEAST_LETTERS and not self._code
        wanted = places[:SHOWN] if places is not None and asked else ()
        nothing = asked and not places
        if wanted == self._places and nothing == (len(self._rows) == 1 and not self._places):
            return
        self._places = wanted
        for row in self._rows:
            self._grid.removeWidget(row)
            row.hide()
            row.deleteLater()
        self._rows = [self._row(place) for place in wanted]
        if nothing:
            words = _("Chưa thấy xã, phường nào tên như vậy. Xin gõ ít chữ hơn.")
            self._rows = [Text(self._theme, "body", words, colour="soft")]
        columns = COLUMNS if self._theme.wide and not nothing else 1
        for index, row in enumerate(self._rows):
            self._grid.addWidget(row, index // columns, index % columns)
        if self._rows:
            self.found.emit()

    def _row(self, place: Place) -> SecondaryButton:
        row = SecondaryButton(self._theme, place.full_name, icon="map-pin", small=True)
        row.setObjectName(f"place-{place.code}")
        row.clicked.connect(partial(self._pick, place))
        return row

    def _pick(self, place: Place) -> None:
        self._code = place.code
        self._letters = ""
        self._fill(place.full_name)
        self.show_places(None)
        self.value_changed.emit(place.code)
        self.picked.emit()

    def _type(self, text: object) -> None:
        if self._filling:
            return
        self._letters = str(text).strip()
        if self._code:
            self._code = ""
            self.value_changed.emit("")
        self.searched.emit(self._letters)

    def _fill(self, words: str) -> None:
        self._letters = ""
        self._filling = True
        try:
            self._box.set_value(words)
        finally:
            self._filling = False
