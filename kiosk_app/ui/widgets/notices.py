"""What the screen tells: notes, errors, cards, states of devices."""

from collections.abc import Sequence

from PySide6.QtCore import QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPaintEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from kiosk_app.ui.icons import icon as picture
from kiosk_app.ui.theme import Theme
from kiosk_app.ui.widgets.buttons import SecondaryButton
from kiosk_app.ui.widgets.text import Lettering, Text, lowered, measure, plain, word_width


class IconLabel(QLabel):
    """An icon that stands beside words; it says nothing by itself."""

    def __init__(
        self,
        theme: Theme,
        name: str,
        *,
        colour: str = "main",
        px: int = 0,
        role: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._px = px or theme.size.icon
        drop = lowered(theme.type.style(role)) if role else 0  # to the middle of the capitals beside it
        self.setFixedSize(self._px, self._px + 2 * drop)
        self.setAlignment(Qt.AlignmentFlag.AlignBottom)
        self.set_icon(name, colour)

    def set_icon(self, name: str, colour: str) -> None:
        """Show another icon; the colour is a name of the palette."""
        self.setPixmap(picture(name, self._theme.palette.colour(colour), self._px))


class NoteBar(QWidget):
    """A note on a tinted ground with a bar at its left: gold, green, amber or red."""

    def __init__(
        self,
        theme: Theme,
        text: str,
        *,
        icon: str = "info",
        kind: str = "gold",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._icon = icon
        self._kind = kind
        self._text = ""
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.set_text(text)

    def set_text(self, text: str) -> None:
        """Show other words."""
        self._text = text
        self.setAccessibleName(plain(text))
        self.updateGeometry()
        self.update()

    def set_kind(self, kind: str, icon: str) -> None:
        """Change colour (gold, ok, warn, bad) and icon with what is told."""
        self._kind, self._icon = kind, icon
        self.update()

    def _left(self) -> int:
        return self._theme.shape.note_bar + self._theme.space.block * 2 + self._theme.size.icon

    def _words(self, width: int) -> Lettering:
        inner = max(1, width - self._left() - self._theme.space.block)
        return Lettering(self._text, self._theme.type.body, inner)

    def heightForWidth(self, width: int) -> int:  # noqa: N802 - Qt's name
        """Return the height in pixels at a width."""
        return max(92, self._words(width).height + 2 * self._theme.space.block)

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Return the size without wrapping."""
        words = measure(self._text, self._theme.type.body)
        return QSize(words.width() + self._left() + self._theme.space.block, max(92, words.height() + 48))

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Return the least width: the longest word beside the icon."""
        least = word_width(self._text, self._theme.type.body)
        return QSize(least + self._left() + self._theme.space.block, 92)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Draw ground, bar, icon and words."""
        del event
        colour, shape = self._theme.palette, self._theme.shape
        strong = colour.colour(self._kind)
        ground = colour.colour(f"{self._kind}_tint")
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        outline = QPainterPath()
        outline.addRoundedRect(QRectF(self.rect()), shape.note, shape.note)
        painter.fillPath(outline, QColor(ground))
        painter.save()
        painter.setClipRect(QRect(0, 0, shape.note_bar, self.height()))
        painter.fillPath(outline, QColor(strong))
        painter.restore()
        words = self._words(self.width())
        px = self._theme.size.icon
        y = (self.height() - px) // 2
        painter.drawPixmap(shape.note_bar + self._theme.space.block, y, picture(self._icon, strong, px))
        ink = colour.ink if self._kind == "gold" else strong
        words.draw(painter, self._left(), words.top_in(0, self.height()), ink)
        painter.end()


class ErrorLine(QWidget):
    """What is wrong with a field and how to mend it, right under the field."""

    def __init__(self, theme: Theme, text: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        line = QHBoxLayout(self)
        line.setContentsMargins(0, theme.space.grid, 0, 0)
        line.setSpacing(theme.space.rhythm * 2)
        self._icon = IconLabel(theme, "circle-alert", colour="bad", px=theme.type.body.px + 10, role="label")
        self._words = Text(theme, "label", colour="bad")
        line.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignVCenter)
        line.addWidget(self._words, 1)
        self.set_text(text)

    def set_text(self, text: str) -> None:
        """Show an error, or nothing for an empty text."""
        self._words.set_text(text)
        self.setAccessibleName(plain(text))
        self.setVisible(bool(text))

    def text(self) -> str:
        """Return what is shown."""
        return self._words.text()


class Card(QFrame):
    """A white ground with a thin line around it; put widgets into ``body``."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self.setProperty("card", True)  # noqa: FBT003 - Qt takes the value by position
        self.body = QVBoxLayout(self)
        pad = theme.space.inside_card
        self.body.setContentsMargins(pad, pad - theme.space.rhythm, pad, pad - theme.space.rhythm)
        self.body.setSpacing(theme.space.rhythm)


NAMES_SHARE = 38  # of a card's width, in per cent: "Số định danh cá nhân" stays on one line


class InfoCard(Card):
    """A block of answers under a title, with a small button to change them."""

    button_pressed = Signal()

    def __init__(
        self,
        theme: Theme,
        title: str = "",
        *,
        button: str = "",
        button_icon: str = "pencil",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(theme, parent)
        self.lines: list[Text] = []
        """The sentences that were added, in order."""
        if title:
            self.body.addLayout(self._head(title, button, button_icon))

    def _head(self, title: str, button: str, button_icon: str) -> QHBoxLayout:
        head = QHBoxLayout()
        head.addWidget(Text(self.theme, "h2", title), 1)
        if button:
            press = SecondaryButton(self.theme, button, icon=button_icon, small=True)
            press.setAccessibleName(f"{button}: {title}")
            press.clicked.connect(self.button_pressed)
            head.addWidget(press, 0)
        return head

    def rows(self, pairs: Sequence[tuple[str, str]]) -> None:
        """Add name and value pairs, the values in bold in one column."""
        if not self.theme.wide:
            for name, value in pairs:
                self.body.addWidget(Text(self.theme, "body", name, colour="soft"))
                self.body.addWidget(Text(self.theme, "label", value))
            return
        grid = QGridLayout()
        grid.setHorizontalSpacing(self.theme.space.block)
        grid.setVerticalSpacing(0)
        grid.setColumnStretch(0, NAMES_SHARE)
        grid.setColumnStretch(1, 100 - NAMES_SHARE)
        for row, (name, value) in enumerate(pairs):
            top = Qt.AlignmentFlag.AlignTop
            grid.addWidget(Text(self.theme, "body", name, colour="soft"), row, 0, top)
            grid.addWidget(Text(self.theme, "body", f"**{value}**" if value else ""), row, 1, top)
        self.body.addLayout(grid)

    def add_line(self, icon: str, text: str) -> Text:
        """Add an icon with a sentence beside it, and return the sentence."""
        line = QHBoxLayout()
        line.setContentsMargins(0, self.theme.space.rhythm, 0, self.theme.space.rhythm)
        line.setSpacing(self.theme.space.block)
        line.addWidget(IconLabel(self.theme, icon, role="body"), 0, Qt.AlignmentFlag.AlignVCenter)
        words = Text(self.theme, "body", text)
        line.addWidget(words, 1)
        self.body.addLayout(line)
        self.lines.append(words)
        return words


STATE_ICONS = {"ok": "circle-check", "warn": "triangle-alert", "bad": "circle-x"}


class StatusRow(Card):
    """One device: sign, name, state in a word, likely cause, and a button to try it."""

    button_pressed = Signal()

    def __init__(
        self,
        theme: Theme,
        name: str,
        state: str,
        word: str,
        detail: str = "",
        *,
        button: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(theme, parent)
        self._name = name
        self.body.setContentsMargins(theme.space.block, 12, theme.space.block, 12)
        line = QHBoxLayout()
        line.setSpacing(theme.space.block)
        self._icon = IconLabel(theme, STATE_ICONS[state], colour=state)
        line.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignVCenter)
        words = QVBoxLayout()
        words.setSpacing(0)
        self._detail = Text(theme, "small")
        words.addStretch(1)  # beside a taller row the words stay together
        words.addWidget(Text(theme, "body", f"**{name}**"))
        words.addWidget(self._detail)
        words.addStretch(1)
        line.addLayout(words, 1)
        self._button = SecondaryButton(theme, button, small=True) if button else None
        if self._button is not None:
            self._button.setAccessibleName(f"{button}: {name}")
            self._button.clicked.connect(self.button_pressed)
            line.addWidget(self._button, 0, Qt.AlignmentFlag.AlignVCenter)
        self.body.addLayout(line)
        self.set_state(state, word, detail)

    def name_button(self, name: str) -> None:
        """Give the button, where there is one, a name to find it by."""
        if self._button is not None:
            self._button.setObjectName(name)

    def set_ready(self, *, ready: bool) -> None:
        """Let the button answer, or not while something is being tried."""
        if self._button is not None:
            self._button.setEnabled(ready)

    def set_state(self, state: str, word: str, detail: str = "") -> None:
        """Show another state.

        Args:
            state: One of ok, warn and bad.
            word: The state in words; no colour is ever the only sign.
            detail: Since when, and the likely cause first.
        """
        self._icon.set_icon(STATE_ICONS[state], state)
        told = word if state == "ok" else f"**{word}**"
        self._detail.set_text(f"{told} · {detail}" if detail else told)
        self._detail.set_colour("soft" if state == "ok" else "ink")
        self.setAccessibleName(f"{self._name}: {word}")
        if self.property("state") != state:
            self.setProperty("state", state)
            self.style().unpolish(self)
            self.style().polish(self)
