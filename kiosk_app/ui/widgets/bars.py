"""The bars every screen has: head, steps, actions, and the strip of services."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from kiosk_app.i18n import _, language
from kiosk_app.ui.icons import icon as picture
from kiosk_app.ui.theme import Theme
from kiosk_app.ui.widgets.buttons import EqualButton, PrimaryButton, SecondaryButton, StripButton
from kiosk_app.ui.widgets.emptied import emptied
from kiosk_app.ui.widgets.pressable import Pressable
from kiosk_app.ui.widgets.text import UNBOUND, Lettering, Text

BAR_PX = 8
BAR_TOP = 24
BAR_GAP = 12
LEFT_SHARE, RIGHT_SHARE = 391, 569


@dataclass(frozen=True, slots=True, kw_only=True)
class Centre:
    """Whose kiosk it is: the centre's name and its place."""

    name: str
    place: str = ""


class StripKey(StrEnum):
    """The services of the strip."""

    HELP = "help"
    LANGUAGE = "language"
    SIZE = "size"
    CONTRAST = "contrast"
    VOICE = "voice"
    END = "end"


def date_words(now: datetime) -> str:
    """Return weekday and date as the head shows them."""
    days = (
        _("Thứ Hai"),
        _("Thứ Ba"),
        _("Thứ Tư"),
        _("Thứ Năm"),
        _("Thứ Sáu"),
        _("Thứ Bảy"),
        _("Chủ nhật"),
    )
    return f"{days[now.weekday()]}, {now.day:02}/{now.month:02}"


class _Emblem(QWidget):
    """A small round sign; the task is always larger."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.setFixedSize(theme.size.emblem, theme.size.emblem)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Draw the sign."""
        del event
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(self._theme.palette.main))
        painter.drawEllipse(QRectF(self.rect()))
        px = self.width() // 2
        shift = (self.width() - px) // 2
        painter.drawPixmap(shift, shift - 1, picture("landmark", self._theme.palette.emblem, px))
        painter.end()


class Head(QWidget):
    """Whose kiosk it is, and what time it is."""

    def __init__(self, theme: Theme, centre: Centre, now: datetime, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("head")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setMinimumHeight(theme.size.head)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        line = QHBoxLayout(self)
        line.setContentsMargins(
            theme.space.page_side, theme.space.grid, theme.space.page_side, theme.space.grid
        )
        line.setSpacing(theme.space.block)
        line.addWidget(_Emblem(theme), 0, Qt.AlignmentFlag.AlignVCenter)
        names = QVBoxLayout()
        names.setSpacing(0)
        names.addStretch(1)
        names.addWidget(Text(theme, "head_name", centre.name))
        if centre.place:
            names.addWidget(Text(theme, "frame_small", centre.place, colour="soft"))
        names.addStretch(1)
        line.addLayout(names, 1)
        self._time = Text(theme, "clock", figures=True)
        self._date = Text(theme, "frame_small", colour="soft")
        times = QVBoxLayout()
        times.setSpacing(0)
        times.addStretch(1)
        times.addWidget(self._time, 0, Qt.AlignmentFlag.AlignRight)
        times.addWidget(self._date, 0, Qt.AlignmentFlag.AlignRight)
        times.addStretch(1)
        line.addLayout(times)
        self.set_now(now)

    def set_now(self, now: datetime) -> None:
        """Show another time; nothing is redrawn while the minute is the same."""
        shown = f"{now.hour:02}:{now.minute:02}"
        if self._time.text() != shown:
            self._time.set_text(shown)
        if self._date.text() != date_words(now):
            self._date.set_text(date_words(now))


class Stepper(QWidget):
    """The way of a visit in words: done green, now red and bold, later grey.

    Enlarged words stand in two rows in portrait, so that none is left away.
    """

    def __init__(
        self, theme: Theme, steps: Sequence[str], step: int = 0, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._steps: tuple[str, ...] = ()
        self._step = 0
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.set_steps(steps, step)

    def set_steps(self, steps: Sequence[str], step: int) -> None:
        """Show other words, or another step as being done (0 is the first)."""
        self._steps, self._step = tuple(steps), step
        if self._steps:
            told = _("Bước {n} trong {total}: {name}")
            name = self._steps[min(step, len(self._steps) - 1)]
            self.setAccessibleName(told.format(n=step + 1, total=len(self._steps), name=name))
        self.updateGeometry()
        self.update()

    def _rows(self) -> int:
        return 1 if self._theme.wide or self._theme.landscape else 2

    def _row_height(self) -> int:
        return BAR_TOP + BAR_PX + round(self._theme.type.frame_small.px * 1.43) + self._theme.space.rhythm

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Return the height of bars and words."""
        height = self._theme.size.stepper if self._theme.wide else self._row_height() * self._rows()
        return QSize(600, height)

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Return the same height."""
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Draw a bar and a word for each step."""
        del event
        if not self._steps:
            return
        painter = QPainter(self)
        rows, side = self._rows(), self._theme.space.page_side
        columns = -(-len(self._steps) // rows)
        wide = (self.width() - 2 * side - BAR_GAP * (columns - 1)) / columns
        for index, word in enumerate(self._steps):
            left = round(side + (index % columns) * (wide + BAR_GAP))
            top = BAR_TOP + (index // columns) * self._row_height()
            bar, ink, weight = self._look(index)
            painter.fillRect(left, top, round(wide), BAR_PX, QColor(bar))
            words = Lettering(word, self._theme.type.frame_small, UNBOUND, weight=weight)
            words.draw(painter, left, top + BAR_PX + self._theme.space.rhythm, ink)
        painter.end()

    def _look(self, index: int) -> tuple[str, str, int]:
        colour = self._theme.palette
        if index < self._step:
            return colour.ok, colour.ok, 500
        if index == self._step:
            return colour.main, colour.main, 700
        return colour.line, colour.soft, 400


class Strip(QWidget):
    """The services that are the same on every screen; reading aloud only where the kiosk has a voice."""

    pressed = Signal(str)

    def __init__(self, theme: Theme, *, voice: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("strip")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFixedHeight(theme.size.strip)
        self.buttons: dict[StripKey, StripButton] = {}
        other = _("English") if language() == "vi" else _("Tiếng Việt")
        words = {
            StripKey.HELP: (_("Gọi cán bộ"), "hand"),
            StripKey.LANGUAGE: (other, "languages"),
            StripKey.SIZE: (_("Cỡ chữ"), "a-arrow-up"),
            StripKey.CONTRAST: (_("Tương phản"), "contrast"),
            **({StripKey.VOICE: (_("Đọc to"), "volume-2")} if voice else {}),
            StripKey.END: (_("Kết thúc"), "log-out"),
        }
        row = QHBoxLayout(self)
        side = theme.space.rhythm
        row.setContentsMargins(side, theme.shape.hairline, side, 0)
        row.setSpacing(theme.space.rhythm)
        for key, (word, icon) in words.items():
            button = StripButton(theme, word, icon=icon, strong=key is StripKey.HELP)
            button.clicked.connect(lambda _checked=False, which=key: self.pressed.emit(which.value))
            button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
            self.buttons[key] = button
            row.addWidget(button, 1)


class ActionBar(QWidget):
    """What to do next at the right, the way back at the left; one above the other in landscape."""

    left_pressed = Signal()
    right_pressed = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.left_button: Pressable | None = None
        self.right_button: Pressable | None = None
        self._alone: SecondaryButton | None = None
        self._kind = "primary"
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        down = theme.landscape
        self._line = QBoxLayout(
            QBoxLayout.Direction.TopToBottom if down else QBoxLayout.Direction.LeftToRight, self
        )
        side = 0 if down else theme.space.page_side
        block = 0 if down else theme.space.block
        self._line.setContentsMargins(side, block, side, block)
        self._line.setSpacing(theme.space.block)
        if down:
            self.setFixedWidth(theme.size.aside)
        self.hide()

    def set_left(self, text: str | None, *, icon: str = "arrow-left") -> None:
        """Set the button at the left, or take it away."""
        old = self.left_button
        self.left_button = (
            SecondaryButton(self._theme, text, icon=icon, parent=self) if text is not None else None
        )
        if self.left_button is not None:
            self.left_button.clicked.connect(lambda _checked=False: self.left_pressed.emit())
        self._renew(old)

    def set_right(self, text: str | None, *, icon: str = "arrow-right", kind: str = "primary") -> None:
        """Set the button at the right (primary, secondary or equal), or take it away."""
        old, self._kind = self.right_button, kind
        self.right_button = self._made(text, icon, kind) if text is not None else None
        if self.right_button is not None:
            self.right_button.clicked.connect(lambda _checked=False: self.right_pressed.emit())
        self._renew(old)

    def set_alone(self, *, alone: bool) -> None:
        """While a page lies over the body, show only the way back from it."""
        if self._alone is not None:
            self._line.removeWidget(self._alone)
            self._alone.deleteLater()
            self._alone = None
        if alone:
            self._alone = SecondaryButton(self._theme, _("Quay lại"), icon="arrow-left", parent=self)
            self._alone.clicked.connect(lambda _checked=False: self.left_pressed.emit())
        self._renew(None)

    def _made(self, text: str, icon: str, kind: str) -> Pressable:
        if kind == "primary":
            return PrimaryButton(self._theme, text, icon=icon, parent=self)
        button = EqualButton if kind == "equal" else SecondaryButton
        return button(self._theme, text, icon=icon, parent=self)

    def _renew(self, old: Pressable | None) -> None:
        emptied(self._line)
        if old is not None:
            old.hide()
            old.deleteLater()
        left = self._alone or self.left_button
        right = None if self._alone else self.right_button
        for button in (self.left_button, self.right_button):
            if button is not None:
                button.hide()
        shares = self._shares(left, right)
        for button, share in zip((left, right), shares, strict=True):
            if button is not None:
                self._line.addWidget(button, share)
                button.show()
            elif not self._theme.landscape:
                self._line.addStretch(share)
        self.setVisible(left is not None or right is not None)

    def _shares(self, left: Pressable | None, right: Pressable | None) -> tuple[int, int]:
        if self._theme.landscape:
            return 0, 0
        if left is not None and right is not None and self._kind == "equal":
            return 1, 1
        if left is not None and right is None:
            return 422, 562  # alone it is a little wider, and still at the left
        return LEFT_SHARE, RIGHT_SHARE
