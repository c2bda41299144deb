"""A date chosen by touch: day, month and year, each on its own large keys; parts may be unknown."""

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QWidget

from kiosk_app.i18n import _
from kiosk_app.ui.theme import Theme
from kiosk_app.ui.widgets.field import Field, FieldBox
from kiosk_app.ui.widgets.focus import ring_gained, ring_lost
from kiosk_app.ui.widgets.notices import IconLabel
from kiosk_app.ui.widgets.pads import Key, KeyRows, Slot
from kiosk_app.ui.widgets.text import Text

DAYS, MONTHS, YEAR_DIGITS = 31, 12, 4
DAY_COLUMNS = 8
DATE_DIGITS = 8
PARTS = ("day", "month", "year")
Parts = tuple[str, str, str]


def iso(parts: Parts) -> str:
    """Return day, month, year as ISO text, as far as they are known; empty without a whole year."""
    day, month, year = parts
    if len(year) < YEAR_DIGITS:
        return ""
    if not month:
        return year
    return f"{year}-{month:0>2}-{day:0>2}" if day else f"{year}-{month:0>2}"


def parted(text: str) -> Parts:
    """Return day, month, year of an ISO text, empty where unknown."""
    year, month, day = [*text.split("-"), "", ""][:3] if text else ("", "", "")
    return day.lstrip("0"), month.lstrip("0"), year


class DateBox(FieldBox):
    """Shows the three parts; the pad opens when it has the focus."""

    changed = Signal()

    def __init__(self, theme: Theme, *, partial: bool) -> None:
        super().__init__(theme)
        self.partial = partial
        self.parts: Parts = ("", "", "")
        self._typed = ""  # digits of a hardware keypad, in the order they came
        self._words = Text(theme, "field", colour="soft")
        self.line.addWidget(self._words, 1)
        self.line.addWidget(IconLabel(theme, "calendar", colour="soft"))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.show_parts(self.parts)

    def show_parts(self, parts: Parts) -> None:
        """Show other parts; tells nobody."""
        self.parts = parts
        self._typed = "".join(f"{part:0>2}" for part in parts if part)
        filled = any(parts)
        day, month, year = parts
        shown = f"{day or '··':0>2} / {month or '··':0>2} / {year or '····'}"
        self._words.set_text(shown if filled else _("Ngày / tháng / năm"))
        self._words.set_colour("ink" if filled else "soft")

    def set_part(self, index: int, text: str) -> None:
        """Change one part by hand."""
        parts = list(self.parts)
        parts[index] = text
        self.show_parts((parts[0], parts[1], parts[2]))
        self.changed.emit()

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Take the focus by touch."""
        self.setFocus(Qt.FocusReason.MouseFocusReason)
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Take digits from a hardware keypad: two for the day, two for the month, four for the year."""
        if event.key() == Qt.Key.Key_Backspace:
            self._spread(self._typed[:-1])
        elif event.text().isdecimal() and event.text().isascii() and len(self._typed) < DATE_DIGITS:
            self._spread(self._typed + event.text())
        else:
            super().keyPressEvent(event)

    def _spread(self, digits: str) -> None:
        self.show_parts((digits[:2], digits[2:4], digits[4:]))
        self._typed = digits
        self.changed.emit()

    def focusInEvent(self, event: QFocusEvent) -> None:  # noqa: N802 - Qt's name
        """Show that it is being filled."""
        super().focusInEvent(event)
        self.mark(active=True)
        ring_gained(self.theme, self, event.reason())

    def focusOutEvent(self, event: QFocusEvent) -> None:  # noqa: N802 - Qt's name
        """Show that it is left."""
        super().focusOutEvent(event)
        self.mark(active=False)
        ring_lost(self)


class DateField(Field):
    """A date; ``partial`` lets day, or day and month, be unknown.

    A day that is in no calendar is returned as chosen: the form's rules say what is wrong with it.
    """

    def __init__(
        self, theme: Theme, label: str, *, hint: str = "", partial: bool = True, parent: QWidget | None = None
    ) -> None:
        self.box = DateBox(theme, partial=partial)
        super().__init__(theme, label, hint=hint, parent=parent)
        self.box.setAccessibleName(label)
        self.box.changed.connect(self._changed)

    def make_editor(self) -> QWidget:
        """Return the box."""
        return self.box

    def value(self) -> str:
        """Return ISO text, partial where parts are unknown, empty while there is no whole year."""
        return iso(self.box.parts)

    def set_value(self, value: object) -> None:
        """Show a date given as ISO text; tells nobody."""
        self.box.show_parts(parted("" if value is None else str(value)))

    def shown(self) -> str:
        """Return the date as it is read in Việt Nam."""
        return "/".join(f"{part:0>2}" for part in self.box.parts if part)

    def _changed(self) -> None:
        self.value_changed.emit(self.value())


class DatePad(KeyRows):
    """Keys for one part at a time; a choice leads on to the next part."""

    finished = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self._box: DateBox | None = None
        self._part = 0
        self._tabs: list[Key] = []
        self.keys: dict[str, Key] = {}

    def feed(self, box: DateBox | None) -> None:
        """Fill this box from now on, beginning with the first part still empty."""
        self._box = box
        if box is not None:
            self.show_part(next((i for i in range(len(PARTS)) if not box.parts[i]), 0))

    def show_part(self, part: int) -> None:
        """Show the keys of the day (0), the month (1) or the year (2)."""
        self._part = part
        old = list(self.keys.values())
        self.keys = {}
        rows = (self._day_rows, self._month_rows, self._year_rows)[part]()
        self.set_rows([self._tab_row(), *rows])
        for key in old:
            key.hide()
            key.deleteLater()

    def _tab_row(self) -> list[Slot]:
        names = (_("Ngày"), _("Tháng"), _("Năm"))
        row = []
        for index, name in enumerate(names):
            key = self._key(PARTS[index], name, partial(self.show_part, index))
            key.setCheckable(True)
            key.setChecked(index == self._part)
            row.append(Slot(key=key))
        done = self._key("done", _("Xong"), self.finished.emit, kind="done")
        return [*row, Slot(key=done)]

    def _day_rows(self) -> list[list[Slot]]:
        keys = [Slot(key=self._pick(str(day))) for day in range(1, DAYS + 1)]
        rows = [keys[at : at + DAY_COLUMNS] for at in range(0, DAYS, DAY_COLUMNS)]
        rows[-1].append(Slot())
        return [*rows, *self._unknown_row(_("Không rõ ngày"))]

    def _month_rows(self) -> list[list[Slot]]:
        keys = [Slot(key=self._pick(str(month))) for month in range(1, MONTHS + 1)]
        return [keys[0:4], keys[4:8], keys[8:12], *self._unknown_row(_("Không rõ tháng"))]

    def _year_rows(self) -> list[list[Slot]]:
        rows = [[Slot(key=self._pick(one)) for one in row] for row in ("123", "456", "789")]
        back = self._key("backspace", "", self._backspace, icon="delete", spoken=_("Xóa một chữ số"))
        return [*rows, [Slot(), Slot(key=self._pick("0")), Slot(key=back)]]

    def _unknown_row(self, words: str) -> list[list[Slot]]:
        if self._box is None or not self._box.partial:
            return []
        return [[Slot(key=self._key("unknown", words, self._unknown))]]

    def _key(
        self,
        name: str,
        text: str,
        act: Callable[[], None],
        *,
        icon: str = "",
        spoken: str = "",
        kind: str = "plain",
    ) -> Key:
        key = Key(self.theme, text, icon=icon, spoken=spoken, kind=kind)
        key.clicked.connect(lambda _checked=False: act())
        self.keys[name] = key
        return key

    def _pick(self, text: str) -> Key:
        key = self._key(text, text, lambda: self._take(text))
        if self._box is not None and self._part < 2 and self._box.parts[self._part].lstrip("0") == text:  # noqa: PLR2004 - day and month
            key.setCheckable(True)
            key.setChecked(True)
        return key

    def _take(self, text: str) -> None:
        box = self._box
        if box is None:
            return
        year = len(PARTS) - 1
        if self._part < year:
            box.set_part(self._part, text)
            self.show_part(self._part + 1)
            return
        kept = "" if len(box.parts[year]) >= YEAR_DIGITS else box.parts[year]
        box.set_part(year, kept + text)
        if len(box.parts[year]) == YEAR_DIGITS:
            self.finished.emit()

    def _backspace(self) -> None:
        if self._box is not None:
            self._box.set_part(self._part, self._box.parts[self._part][:-1])

    def _unknown(self) -> None:
        if self._box is None:
            return
        for part in range(self._part + 1):
            self._box.set_part(part, "")
        self.show_part(self._part + 1)
