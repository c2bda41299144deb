"""What every screen is: a full-size frame that shows one view and sends events of the flow."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from kiosk_app.flow.steps import Step, stepper_position
from kiosk_app.i18n import _
from kiosk_app.ui.app import apply_theme
from kiosk_app.ui.widgets import reading
from kiosk_app.ui.widgets.frame import ScreenFrame

if TYPE_CHECKING:
    import datetime as dt

    from drivers.ports import Said
    from kiosk_app.flow.events import Event
    from kiosk_app.ui.theme import Theme
    from kiosk_app.ui.widgets.frame import Centre


@dataclass(frozen=True, slots=True, kw_only=True)
class ScreenContext:
    """What a screen is built with; a new context (language, text size, contrast) means a new screen."""

    theme: Theme
    centre: Centre
    now: dt.datetime
    voice: bool = False
    """Whether the kiosk can read the screen aloud."""


def step_words() -> tuple[str, ...]:
    """Return the six words over a hand-in, in the language spoken now."""
    return (_("Chọn"), _("Thẻ"), _("Điền"), _("Giấy tờ"), _("Xem lại"), _("Nhận phiếu"))


class Screen(QWidget):
    """One screen of the kiosk. Subclasses build `self.frame` once and update it in `show_view`."""

    acted = Signal(object)
    """Carries one `kiosk_app.flow.events.Event`."""
    strip_pressed = Signal(str)
    """Carries a `StripKey` value; the window answers."""

    def __init__(self, context: ScreenContext, step: Step) -> None:
        super().__init__()
        self.context = context
        self.theme = context.theme
        self.setObjectName(f"screen-{step.value}")
        apply_theme(self, context.theme)
        position = stepper_position(step)
        words = () if position is None else step_words()
        self.frame = ScreenFrame(
            context.theme,
            centre=context.centre,
            now=context.now,
            steps=words,
            step=position or 0,
            voice=context.voice,
        )
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.frame)
        self.frame.strip_pressed.connect(self.strip_pressed)

    def act(self, event: Event) -> None:
        """Send an event to the session."""
        self.acted.emit(event)

    def set_now(self, now: dt.datetime) -> None:
        """Move the clock in the head."""
        self.frame.set_now(now)

    def said(self, prompt: str) -> tuple[Said, ...]:
        """Return what is read aloud: what the screen asks and what can be touched, no answers.

        Args:
            prompt: Name of the recorded prompt for the screen as it stands now.
        """
        first = reading.title(self.frame, prompt)
        return (
            first,
            *reading.told(self.frame),
            *reading.notices(self.frame),
            *reading.ways(self.frame),
        )

    def show_view(self, view: Any) -> None:
        """Draw what the session knows now; called often, so only what changed may be touched."""
        raise NotImplementedError
