"""Fields: a label, a box, what is wrong; all with the same few methods."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRect, Qt, Signal
from PySide6.QtGui import QColor, QFocusEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLineEdit, QWidget

from kiosk_app.i18n import _
from kiosk_app.ui.theme import Theme
from kiosk_app.ui.widgets.buttons import ChoiceButton, SecondaryButton
from kiosk_app.ui.widgets.emptied import emptied
from kiosk_app.ui.widgets.field import Field, FieldBox, locked_box
from kiosk_app.ui.widgets.focus import ring_gained, ring_lost
from kiosk_app.ui.widgets.notices import IconLabel
from kiosk_app.ui.widgets.pads import host_of
from kiosk_app.ui.widgets.text import measure

CARET_PX = 4
MANY_LETTERS = 9  # choices with longer words stand two in a row


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One answer to choose: what is stored and what is read."""

    value: str
    text: str


class LockedField(Field):
    """An answer the card gave."""

    def __init__(
        self, theme: Theme, label: str, text: str, *, chip: str = "", parent: QWidget | None = None
    ) -> None:
        self._text = text
        self._chip = chip or _("Từ thẻ")
        super().__init__(theme, label, parent=parent)

    def make_editor(self) -> QWidget:
        """Make the locked box."""
        return locked_box(self.theme, self._text, self._chip)

    def value(self) -> str:
        """Return the text."""
        return self._text

    def set_value(self, value: object) -> None:
        """Show another text."""
        self._text = str(value)
        old, self.editor = self.editor, self.make_editor()
        self.column.replaceWidget(old, self.editor)
        old.deleteLater()

    def shown(self) -> str:
        """Return the text."""
        return self._text

    def locked(self) -> bool:
        """Return True: it is never filled by hand."""
        return True


class LineInput(QLineEdit):
    """One line of text with a caret that can be seen from a step away."""

    focused = Signal(bool)

    def __init__(self, theme: Theme, typing: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.typing = typing
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)
        self.setDragEnabled(False)
        self.setFrame(False)
        self.setMinimumHeight(measure("A", theme.type.field).height() + theme.space.rhythm)

    def focusInEvent(self, event: QFocusEvent) -> None:  # noqa: N802 - Qt's name
        """Tell the box, and show the ring when the keyboard came here."""
        super().focusInEvent(event)
        ring_gained(self._theme, self.parentWidget() or self, event.reason())
        self.focused.emit(True)  # noqa: FBT003 - Qt's signals take values by position

    def focusOutEvent(self, event: QFocusEvent) -> None:  # noqa: N802 - Qt's name
        """Tell the box."""
        super().focusOutEvent(event)
        ring_lost(self)
        self.focused.emit(False)  # noqa: FBT003 - Qt's signals take values by position

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Draw the text as Qt does, and our own caret over its thin one."""
        super().paintEvent(event)
        if not self.hasFocus():
            return
        place = self.cursorRect()
        caret = QRect(place.center().x() + 1, place.top(), CARET_PX, place.height())
        painter = QPainter(self)
        painter.fillRect(caret, QColor(self._theme.palette.focus))
        painter.end()


class TextField(Field):
    """An answer that is typed."""

    entered = Signal()

    def __init__(
        self,
        theme: Theme,
        label: str,
        *,
        hint: str = "",
        placeholder: str = "",
        typing: str = "text",
        icon: str = "",
        max_length: int = 200,
        parent: QWidget | None = None,
    ) -> None:
        """Make the field.

        Args:
            theme: How it looks.
            label: The question; empty for a search box.
            hint: Said behind the question.
            placeholder: An example shown while nothing is typed.
            typing: text, name (each word begins with a capital), digits (the digit pad opens) or address
                (each key types itself: addresses, passwords).
            icon: Shown at the left, as for search.
            max_length: Characters taken at most.
            parent: Where it lies.
        """
        self._icon = icon
        self.input = LineInput(theme, typing)
        super().__init__(theme, label, hint=hint, parent=parent)
        self.input.setMaxLength(max_length)
        self.input.setPlaceholderText(placeholder)
        self.input.setAccessibleName(label or placeholder)
        self.input.textChanged.connect(self._changed)
        self.input.returnPressed.connect(self.entered)
        self._words = QWidget(self)
        self._words_line = QHBoxLayout(self._words)
        self._words_line.setContentsMargins(0, theme.space.rhythm, 0, 0)
        self._words_line.setSpacing(theme.space.rhythm * 2)
        self._words.hide()
        self.column.addWidget(self._words)

    def make_editor(self) -> QWidget:
        """Make the box with the line in it."""
        box = FieldBox(self.theme)
        if self._icon:
            box.line.addWidget(IconLabel(self.theme, self._icon, colour="soft"))
        box.line.addWidget(self.input, 1)
        self.input.focused.connect(lambda there: box.mark(active=there))
        box.setFocusProxy(self.input)
        return box

    def value(self) -> str:
        """Return the text without spaces around it."""
        return self.input.text().strip()

    def set_value(self, value: object) -> None:
        """Show a text; tells nobody."""
        blocked = self.input.blockSignals(True)  # noqa: FBT003 - Qt takes the switch by position
        self.input.setText("" if value is None else str(value))
        self.input.blockSignals(blocked)

    def shown(self) -> str:
        """Return the text."""
        return self.value()

    def focus_input(self) -> None:
        """Put the caret at the end of the text."""
        self.input.setFocus()
        self.input.end(False)  # noqa: FBT003 - Qt takes the switch by position

    def suggest(self, words: Sequence[str]) -> None:
        """Offer words under the box; a touch puts one in place of the word being typed."""
        for old in emptied(self._words_line):
            old.deleteLater()
        for word in words:
            button = SecondaryButton(self.theme, word, small=True)
            button.clicked.connect(lambda _checked=False, chosen=word: self._take(chosen))
            self._words_line.addWidget(button)
        self._words_line.addStretch(1)
        self._words.setVisible(bool(words))

    def _take(self, word: str) -> None:
        kept = self.input.text().rpartition(" ")[0]
        self.input.setText(f"{kept} {word} ".lstrip())  # the next word may begin at once

    def _changed(self) -> None:
        self.value_changed.emit(self.value())


class ChoiceField(Field):
    """An answer out of a few, all of them seen."""

    def __init__(
        self,
        theme: Theme,
        label: str,
        choices: Sequence[Choice],
        *,
        hint: str = "",
        parent: QWidget | None = None,
    ) -> None:
        self.choices = tuple(choices)
        self.buttons: dict[str, ChoiceButton] = {}
        super().__init__(theme, label, hint=hint, parent=parent)

    def make_editor(self) -> QWidget:
        """Make the buttons, in as many columns as their words allow."""
        place = QWidget()
        grid = QGridLayout(place)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(self.theme.space.block)
        columns = self._columns()
        for index, choice in enumerate(self.choices):
            button = ChoiceButton(self.theme, choice.text)
            button.setAccessibleName(f"{self.label_text}: {choice.text}")
            button.clicked.connect(lambda _checked=False, value=choice.value: self._choose(value))
            self.buttons[choice.value] = button
            grid.addWidget(button, index // columns, index % columns)
        for column in range(columns):
            grid.setColumnStretch(column, 1)
        return place

    def value(self) -> object:
        """Return the value chosen, or an empty text."""
        return next((value for value, button in self.buttons.items() if button.isChecked()), "")

    def set_value(self, value: object) -> None:
        """Choose an answer; tells nobody."""
        for name, button in self.buttons.items():
            button.setChecked(name == value)

    def shown(self) -> str:
        """Return the words of the answer."""
        return next((one.text for one in self.choices if self.buttons[one.value].isChecked()), "")

    def focus_input(self) -> None:
        """Put the keyboard's ring on the answer, or on the first."""
        chosen = [button for button in self.buttons.values() if button.isChecked()]
        (chosen or list(self.buttons.values()))[0].setFocus(Qt.FocusReason.TabFocusReason)

    def _columns(self) -> int:
        if not self.theme.wide:
            return 1
        longest = max((len(choice.text) for choice in self.choices), default=0)
        most = 3 if longest <= MANY_LETTERS + 3 else 2 if longest <= MANY_LETTERS * 3 else 1
        return max(1, min(most, len(self.choices)))

    def _choose(self, value: str) -> None:
        self.set_value(value)
        self.tell()

    def tell(self) -> None:
        """Put the keys away and say what is chosen."""
        host = host_of(self)
        if host is not None:
            host.close_pad()
        self.value_changed.emit(self.value())


class ChoicesField(ChoiceField):
    """Several answers out of a few; each button stays pressed until it is touched again."""

    def value(self) -> object:
        """Return the values chosen, in the order of the buttons."""
        return [value for value, button in self.buttons.items() if button.isChecked()]

    def set_value(self, value: object) -> None:
        """Choose answers; tells nobody."""
        chosen = value if isinstance(value, list) else []
        for name, button in self.buttons.items():
            button.setChecked(name in chosen)

    def shown(self) -> str:
        """Return the words of the answers."""
        return ", ".join(one.text for one in self.choices if self.buttons[one.value].isChecked())

    def _choose(self, value: str) -> None:
        del value  # a checkable button has turned itself over already
        self.tell()


class YesNoField(ChoiceField):
    """Yes or no."""

    def __init__(self, theme: Theme, label: str, *, hint: str = "", parent: QWidget | None = None) -> None:
        answers = (Choice(value="yes", text=_("Có")), Choice(value="no", text=_("Không")))
        super().__init__(theme, label, answers, hint=hint, parent=parent)

    def value(self) -> object:
        """Return True, False, or None where nothing is chosen."""
        return {"yes": True, "no": False}.get(str(super().value()))

    def set_value(self, value: object) -> None:
        """Choose an answer; tells nobody. Takes True, False, None, or the names of the buttons."""
        name = {True: "yes", False: "no"}.get(value) if isinstance(value, bool) else value
        super().set_value(name)
