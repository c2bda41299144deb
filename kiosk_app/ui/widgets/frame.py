"""The screen around every question: head, steps, title, room for the body, actions, strip."""

from collections.abc import Sequence
from datetime import datetime

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QApplication, QHBoxLayout, QLayout, QStackedWidget, QVBoxLayout, QWidget

from kiosk_app.ui.theme import SCALES, Theme
from kiosk_app.ui.widgets.address_pad import AddressPad
from kiosk_app.ui.widgets.bars import ActionBar, Centre, Head, Stepper, Strip, StripKey
from kiosk_app.ui.widgets.dates import DateBox, DatePad
from kiosk_app.ui.widgets.field import Field
from kiosk_app.ui.widgets.fields import LineInput
from kiosk_app.ui.widgets.heading import Heading
from kiosk_app.ui.widgets.keyboard import DigitPad, Keyboard
from kiosk_app.ui.widgets.notices import Card, IconLabel
from kiosk_app.ui.widgets.pads import KeyRows, PadHost
from kiosk_app.ui.widgets.pressable import Pressable
from kiosk_app.ui.widgets.scroll import ScrollColumn
from kiosk_app.ui.widgets.text import Text

__all__ = ["ActionBar", "Centre", "Head", "ScreenFrame", "Stepper", "Strip", "StripKey"]

AIR_TOP = 44  # above a title where no steps stand over it
AIR_UNDER_STEPS = 16


class ScreenFrame(PadHost):
    """A whole screen; put widgets into ``body``.

    Args:
        theme: How it looks.
        centre: Whose kiosk it is.
        now: Date and time shown; renew by ``set_now``.
        steps: Words of the stepper, none to leave it away.
        step: Index of the step being done.
        voice: Whether the strip offers to read the screen aloud.
        title: The one question.
        lead: What to do, under the title.
        counter: What is left, at the right.
    """

    left_pressed = Signal()
    right_pressed = Signal()
    strip_pressed = Signal(str)

    def __init__(
        self,
        theme: Theme,
        *,
        centre: Centre,
        now: datetime,
        steps: Sequence[str] = (),
        step: int = 0,
        voice: bool = False,
        title: str = "",
        lead: str = "",
        counter: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.theme = theme
        self._steps = bool(steps)
        self.setObjectName("screen")
        self.head = Head(theme, centre, now)
        self.stepper = Stepper(theme, steps, step)
        if not steps:
            # Never setVisible(True) here: a part without a parent yet would open as a window of its own.
            self.stepper.hide()
        self._make_middle(voice=voice)
        self._fill_column()
        self._assemble()
        if self._aside is None:
            for part in (self._say, self._more, self._say_sign):
                part.setParent(self)
                part.hide()
        self.set_title(title)
        self.set_lead(lead)
        self.set_counter(counter)
        self.set_say("")
        self._listen()

    def _make_middle(self, *, voice: bool) -> None:
        theme = self.theme
        self.strip = Strip(theme, voice=voice)
        self.strip.pressed.connect(self.strip_pressed)
        self.action_bar = ActionBar(theme)
        self.action_bar.left_pressed.connect(self._left)
        self.action_bar.right_pressed.connect(self.right_pressed)
        self._scroll = ScrollColumn(theme)
        self._heading = Heading(theme)
        self.body = QVBoxLayout()
        self.body.setSpacing(theme.space.rhythm * 2 if theme.landscape else theme.space.block)
        self.side = QVBoxLayout()
        self.side.setSpacing(theme.space.block)
        self._say = Text(theme, "body")
        self._more = Text(theme, "body", colour="soft")
        self._say_sign = IconLabel(theme, "info")
        self._pages = QStackedWidget()
        self._pages.addWidget(self._scroll)
        self._page: QWidget | None = None
        self._aside: QWidget | None = None
        self._beside: QWidget | None = None
        self._pads: dict[str, KeyRows] = {}
        self._pad: KeyRows | None = None
        self._pad_place = QVBoxLayout()

    def set_title(self, text: str, *, centred: bool = False, icon: str = "", colour: str = "ink") -> None:
        """Ask another question.

        Args:
            text: The question.
            centred: Whether it stands in the middle, as on the last screen.
            icon: Drawn before the words, in their colour.
            colour: Name of a palette colour.
        """
        self._heading.set_title(text, centred=centred, icon=icon, colour=colour)

    def set_lead(self, text: str) -> None:
        """Say what to do under the title."""
        self._heading.set_lead(text)

    def set_counter(self, text: str, *, done: bool = False) -> None:
        """Say at the right what is left to do, or in green that nothing is."""
        self._heading.set_counter(text, done=done)

    def set_steps(self, steps: Sequence[str], step: int) -> None:
        """Show other steps, or another one as being done."""
        self._steps = bool(steps)
        self.stepper.set_steps(steps, step)
        self.stepper.setVisible(self._steps)

    def set_now(self, now: datetime) -> None:
        """Show another time of day."""
        self.head.set_now(now)

    def words(self) -> tuple[str, ...]:
        """Return the question, and what is said under or beside it."""
        return (*self._heading.words(), self._say.text(), self._more.text())

    def set_say(self, say: str, more: str = "") -> None:
        """Say beside the body what is asked, where the screen is wide; portrait has the lead."""
        self._say.set_text(f"**{say}**" if say else "")
        self._more.set_text(more)
        if self._aside is not None:
            self._aside.setVisible((self.theme.wide and bool(say or more)) or self.side.count() > 0)
            self._say_sign.setVisible(self.theme.wide and bool(say or more))
        self._say.setVisible(self.theme.landscape and bool(say))
        self._more.setVisible(self.theme.landscape and bool(more))

    def take_whole_width(self) -> None:
        """Leave nothing beside the body: for a screen without actions and without words there."""
        if self._beside is not None:
            self._beside.hide()

    def set_left(self, text: str | None, *, icon: str = "arrow-left") -> None:
        """Set the way back at the left; None takes it away."""
        self.action_bar.set_left(text, icon=icon)

    def set_right(self, text: str | None, *, icon: str = "arrow-right", kind: str = "primary") -> None:
        """Set the action at the right: primary, secondary or equal; None takes it away."""
        self.action_bar.set_right(text, icon=icon, kind=kind)

    @property
    def left_button(self) -> Pressable | None:
        """The button at the left, if there is one."""
        return self.action_bar.left_button

    @property
    def right_button(self) -> Pressable | None:
        """The button at the right, if there is one."""
        return self.action_bar.right_button

    @property
    def pad(self) -> KeyRows | None:
        """The keyboard or pad shown now."""
        return self._pad

    @property
    def page(self) -> QWidget | None:
        """The page shown in place of the body now."""
        return self._page

    def reveal(self, widget: QWidget) -> None:
        """Scroll until a widget of the body is seen."""
        self._scroll.reveal(widget)

    def scroll_to_top(self) -> None:
        """Show the beginning of the body."""
        self._scroll.to_top()

    def close_pad(self) -> None:
        """Take the keyboard or pad away."""
        if self._pad is not None:
            self._pad.hide()
            self._pad = None
            self._scroll.allow_buttons(allowed=True)
            self.stepper.setVisible(self._steps)

    def open_page(self, page: QWidget) -> None:
        """Show a page in place of the body; the button at the left closes it."""
        self.close_pad()
        self.close_page()
        self._page = page
        self._pages.addWidget(page)
        self._pages.setCurrentWidget(page)
        self.action_bar.set_alone(alone=True)

    def close_page(self) -> None:
        """Go back to the body and delete the page."""
        self.close_pad()
        if self._page is not None:
            self._pages.setCurrentWidget(self._scroll)
            self._pages.removeWidget(self._page)
            self._page.deleteLater()
            self._page = None
            self.action_bar.set_alone(alone=False)

    def _left(self) -> None:
        if self._page is not None:
            self.close_page()
        else:
            self.left_pressed.emit()

    def _fill_column(self) -> None:
        column = self._scroll.body
        column.setSpacing(0)
        column.addLayout(self._heading)
        if self.theme.landscape and not self.theme.wide:
            # Enlarged, the sentence beside would be cut: it scrolls with the body.
            column.addWidget(self._say)
            column.addWidget(self._more)
        column.addSpacing(self.theme.space.rhythm if self.theme.landscape else self.theme.space.block)
        column.addLayout(self.body, 1)

    def _assemble(self) -> None:
        outer = QVBoxLayout(self)
        outer.setSizeConstraint(QLayout.SizeConstraint.SetNoConstraint)  # the screen is as large as it is
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addWidget(self.head)
        outer.addWidget(self.stepper)
        if self.theme.landscape:
            outer.addLayout(self._wide_middle(), 1)
        else:
            self._scroll.body.addLayout(self.side)
            outer.addWidget(self._padded(self._pages), 1)
            outer.addLayout(self._pad_place)
            outer.addWidget(self.action_bar)
        outer.addWidget(self.strip)

    def _padded(self, inner: QWidget) -> QWidget:
        place = QWidget()
        side = self.theme.space.page_side
        box = QVBoxLayout(place)
        wide = self.theme.landscape
        top = (self.theme.space.grid if wide else AIR_UNDER_STEPS) if self._steps else AIR_TOP
        bare = wide or self.theme.scale != SCALES[0]
        box.setContentsMargins(side, top, side, self.theme.space.block if bare else 0)
        box.addWidget(inner)
        return place

    def _wide_middle(self) -> QHBoxLayout:
        side = self.theme.space.page_side
        left = QVBoxLayout()
        left.setSpacing(0)
        left.addWidget(self._padded(self._pages), 1)
        left.addLayout(self._pad_place)
        self._beside = QWidget()
        right = QVBoxLayout(self._beside)
        right.setContentsMargins(0, self.theme.space.block, side, self.theme.space.block)
        right.setSpacing(self.theme.space.block)
        self._aside = self._make_aside()
        right.addWidget(self._aside, 100)
        right.addStretch(1)  # holds the buttons down where nothing stands beside
        right.addWidget(self.action_bar)
        middle = QHBoxLayout()
        middle.setSpacing(0)
        middle.addLayout(left, 1)
        middle.addWidget(self._beside)
        return middle

    def _make_aside(self) -> QWidget:
        card = Card(self.theme)
        card.setFixedWidth(self.theme.size.aside)
        if self.theme.wide:
            card.body.addWidget(self._say_sign)
            card.body.addWidget(self._say)
            card.body.addWidget(self._more)
        card.body.addLayout(self.side)
        card.body.addStretch(1)
        return card

    def _listen(self) -> None:
        if isinstance(app := QApplication.instance(), QApplication):
            app.focusChanged.connect(self._follow_focus)

    def _follow_focus(self, old: QWidget | None, new: QWidget | None) -> None:
        del old
        if new is None or not self.isAncestorOf(new):
            return
        if isinstance(new, LineInput):
            self._open_typing(new)
        elif isinstance(new, DateBox):
            pad = self._pads.get("date") or self._new_pad("date", DatePad(self.theme))
            if isinstance(pad, DatePad):
                pad.feed(new)
                self._show_pad(pad, new)
        elif not isinstance(new, Pressable) or self._pad is not None:
            self.close_pad()

    def _open_typing(self, line: LineInput) -> None:
        if line.typing == "digits":
            pad = self._pads.get("digits") or self._new_pad("digits", DigitPad(self.theme))
            if isinstance(pad, DigitPad):
                pad.feed(line)
        elif line.typing == "address":
            pad = self._pads.get("address") or self._new_pad("address", AddressPad(self.theme))
            if isinstance(pad, AddressPad):
                pad.feed(line)
        else:
            pad = self._pads.get("letters") or self._new_pad("letters", Keyboard(self.theme))
            if isinstance(pad, Keyboard):
                pad.feed(line, names=line.typing == "name")
        self._show_pad(pad, line.parentWidget() or line)

    def _new_pad(self, kind: str, pad: Keyboard | DigitPad | DatePad | AddressPad) -> KeyRows:
        self._pads[kind] = pad
        pad.finished.connect(self._finish)
        self._pad_place.addWidget(pad)
        pad.hide()
        return pad

    def _show_pad(self, pad: KeyRows, field: QWidget) -> None:
        if self._pad is not pad:
            self.close_pad()
            self._pad = pad
            roomy = self.theme.wide and not self.theme.landscape
            self.stepper.setVisible(self._steps and roomy)
            self._scroll.allow_buttons(allowed=False)
            pad.show()
        layout = self.layout()
        if layout is not None:
            layout.activate()
        if self._page is None:
            whole = field.parentWidget()  # the label above the box too
            if isinstance(whole, Field):
                self._scroll.reveal(whole)
            self._scroll.reveal(field)  # where the room is too low for both, the box

    def _finish(self) -> None:
        self.close_pad()
        typed = QApplication.focusWidget()
        if typed is None:
            return
        typed.clearFocus()
        if isinstance(typed, LineInput):
            typed.returnPressed.emit()
