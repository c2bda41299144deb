"""What every field is made of: a label, a box in one of four looks, and what is wrong."""

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from kiosk_app.ui.icons import icon as picture
from kiosk_app.ui.theme import Theme
from kiosk_app.ui.widgets.notices import ErrorLine
from kiosk_app.ui.widgets.pressable import Face, draw_face
from kiosk_app.ui.widgets.text import UNBOUND, Lettering, Text

BESIDE_LETTERS = 36
"""Letters of a hint that may stand beside the question; more would wrap there."""


class Chip(QWidget):
    """A small green sign: where a value came from."""

    def __init__(self, theme: Theme, text: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._words = Lettering(text, theme.type.small, UNBOUND, weight=600)
        self._px = theme.type.small.px + 6
        self.setAccessibleName(text)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Return the size of icon and word."""
        return QSize(self._words.width + self._px + 44, self._words.height + 16)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Draw the sign."""
        del event
        colour = self._theme.palette
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        draw_face(
            painter,
            self.rect(),
            Face(ground=colour.ok_tint, ink=colour.ok, radius=self._theme.shape.chip),
        )
        y = (self.height() - self._px) // 2
        painter.drawPixmap(16, y, picture("id-card", colour.ok, self._px))
        self._words.draw(painter, self._px + 28, self._words.top_in(0, self.height()), colour.ok)
        painter.end()


class FieldBox(QWidget):
    """The box of a field: white to fill, blue while filled, red when wrong, grey when locked."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self.active = False
        self.wrong = False
        self.locked = False
        self.setMinimumHeight(theme.size.field)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        self.line = QHBoxLayout(self)
        self.line.setContentsMargins(theme.space.block + 4, 4, theme.space.block, 4)
        self.line.setSpacing(theme.space.rhythm * 2)

    def mark(
        self, *, active: bool | None = None, wrong: bool | None = None, locked: bool | None = None
    ) -> None:
        """Change how the box looks; what is not given stays."""
        self.active = self.active if active is None else active
        self.wrong = self.wrong if wrong is None else wrong
        self.locked = self.locked if locked is None else locked
        self.update()

    def face(self) -> Face:
        """Return how the box looks now."""
        colour, shape = self.theme.palette, self.theme.shape
        strong = self.active or self.wrong
        border = colour.focus if self.active else colour.bad if self.wrong else colour.edge
        return Face(
            ground=colour.locked if self.locked else colour.card,
            ink=colour.ink,
            border=colour.line if self.locked else border,
            border_px=shape.active_border if strong and not self.locked else shape.field_border,
            radius=shape.field,
        )

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Draw ground and border."""
        del event
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        draw_face(painter, self.rect(), self.face())
        painter.end()


class Field(QWidget):
    """A question and its answer."""

    value_changed = Signal(object)

    def __init__(self, theme: Theme, label: str, *, hint: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self.label_text = label
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.setSpacing(theme.space.grid + 2)
        if label:
            self.column.addLayout(self._label(label, hint))
        self.editor = self.make_editor()
        self.column.addWidget(self.editor)
        self._locked: QWidget | None = None
        self._error = ErrorLine(theme, parent=self)
        self.column.addWidget(self._error)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        self.setAccessibleName(label)

    def make_editor(self) -> QWidget:
        """Make what the person fills."""
        raise NotImplementedError

    def value(self) -> object:
        """Return the answer as the form stores it."""
        raise NotImplementedError

    def set_value(self, value: object) -> None:
        """Show an answer; tells nobody."""
        raise NotImplementedError

    def shown(self) -> str:
        """Return the answer as it is read."""
        raise NotImplementedError

    def error_text(self) -> str:
        """Return the error shown, or an empty text."""
        return self._error.text()

    def set_error(self, text: str | None) -> None:
        """Show what is wrong and how to mend it, or nothing; what was filled stays."""
        self._error.set_text(text or "")
        if isinstance(self.editor, FieldBox):
            self.editor.mark(wrong=bool(text))

    def set_locked(self, chip: str | None) -> None:
        """Lock the answer and say where it came from; None lets it be filled again."""
        if self._locked is not None:
            self.column.removeWidget(self._locked)
            self._locked.deleteLater()
            self._locked = None
        self.editor.setVisible(chip is None)
        if chip is not None:
            self._locked = locked_box(self.theme, self.shown(), chip)
            self.column.insertWidget(self.column.indexOf(self.editor), self._locked)

    def locked(self) -> bool:
        """Return whether the answer cannot be changed here."""
        return self._locked is not None

    def focus_input(self) -> None:
        """Put the caret, or the keyboard's ring, on what is to be filled."""
        self.editor.setFocus()

    def _label(self, label: str, hint: str) -> QBoxLayout:
        """Return the question with its hint beside it, or under it where that is a whole sentence."""
        below = len(hint) > BESIDE_LETTERS
        way = QBoxLayout.Direction.TopToBottom if below else QBoxLayout.Direction.LeftToRight
        line = QBoxLayout(way)
        line.setSpacing(0 if below else self.theme.space.rhythm)
        line.addWidget(Text(self.theme, "label", label))
        if hint:
            line.addWidget(Text(self.theme, "hint", hint, colour="soft"), 0 if below else 1)
        line.addStretch(0 if hint else 1)
        return line


def locked_box(theme: Theme, text: str, chip: str) -> FieldBox:
    """Return a box that only shows a value, with a chip saying where it came from."""
    box = FieldBox(theme)
    box.mark(locked=True)
    box.line.addWidget(Text(theme, "field", text), 1)
    if chip:
        box.line.addWidget(Chip(theme, chip), 0, Qt.AlignmentFlag.AlignVCenter)
    return box
