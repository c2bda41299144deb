"""What the technician's further screens share: the way back, what came of the last button, fields to set."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from kiosk_app.flow.events import BackPressed
from kiosk_app.flow.technician_events import TechnicianAsked
from kiosk_app.i18n import _
from kiosk_app.ui.widgets.buttons import SecondaryButton
from kiosk_app.ui.widgets.fields import TextField
from kiosk_app.ui.widgets.notice_slot import NoticeSlot
from kiosk_app.ui.widgets.screen import Screen

if TYPE_CHECKING:
    from collections.abc import Mapping

    from PySide6.QtWidgets import QWidget

    from kiosk_app.flow.steps import Notice, Step
    from kiosk_app.ui.widgets.field import Field
    from kiosk_app.ui.widgets.screen import ScreenContext

LONGEST: Final = 120


class BenchPage(Screen):
    """A screen behind the technician's door, with the notice on top, where it is seen."""

    def __init__(self, context: ScreenContext, step: Step, title: str) -> None:
        super().__init__(context, step)
        self.fields: dict[str, Field] = {}
        self._shown: Mapping[str, str] = {}
        self._problems: Mapping[str, str] = {}
        self._said: Notice | None = None
        self._notice = NoticeSlot(self.theme)
        self.frame.body.addWidget(self._notice)
        self.frame.set_title(title)
        self.frame.set_left(_("Quay lại"))
        if self.frame.left_button is not None:
            self.frame.left_button.setObjectName("back")
        self.frame.left_pressed.connect(lambda: self.act(BackPressed()))

    def say(self, notice: Notice | None) -> None:
        """Say what came of the last button, and bring it into view."""
        if notice == self._said:
            return
        self._said = notice
        self._notice.show_notice(notice)
        if notice is not None:
            self.frame.scroll_to_top()

    def text_field(self, name: str, label: str, *, hint: str = "", typing: str = "text") -> TextField:
        """Make a field of a setting."""
        field = TextField(self.theme, label, hint=hint, typing=typing, max_length=LONGEST)
        field.setObjectName(f"setting-{name}")
        self.fields[name] = field
        return field

    def values(self) -> dict[str, str]:
        """Return what stands in the fields, by the names of the settings."""
        return {name: str(field.value() or "").strip() for name, field in self.fields.items()}

    def fill(self, values: Mapping[str, str], problems: Mapping[str, str]) -> None:
        """Show what is set and what is wrong; what a person types meanwhile is left alone."""
        if values != self._shown:
            self._shown = dict(values)
            for name, field in self.fields.items():
                field.set_value(values.get(name, ""))
        if problems == self._problems:
            return
        self._problems = dict(problems)
        for name, field in self.fields.items():
            field.set_error(problems.get(name))
        wrong = next((field for name, field in self.fields.items() if name in problems), None)
        if wrong is not None:
            self.frame.reveal(wrong)

    def small_button(self, name: str, words: str, *, icon: str = "") -> SecondaryButton:
        """Make a button that asks the technician's tools for something."""
        button = SecondaryButton(self.theme, words, icon=icon, small=True)
        button.setObjectName(f"tech-{name}")
        button.clicked.connect(lambda: self.act(TechnicianAsked(what=name)))
        return button

    def save_button(self, words: str, *, icon: str = "check") -> None:
        """Make the primary action: save what stands in the fields."""
        self.frame.set_right(words, icon=icon)
        if self.frame.right_button is not None:
            self.frame.right_button.setObjectName("primary")

    def put(self, *parts: QWidget) -> None:
        """Add parts to the body, one under the other."""
        for part in parts:
            self.frame.body.addWidget(part)
