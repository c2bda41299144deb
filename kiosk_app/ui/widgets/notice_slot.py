"""The place where a notice of the flow stands, beside what it concerns; empty most of the time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtWidgets import QVBoxLayout, QWidget

from kiosk_app.flow.steps import Tone
from kiosk_app.ui.widgets.notices import NoteBar
from kiosk_app.ui.widgets.text import plain

if TYPE_CHECKING:
    from kiosk_app.flow.steps import Notice
    from kiosk_app.ui.theme import Theme

_LOOKS: Final = {
    Tone.INFO: ("gold", "info"),
    Tone.OK: ("ok", "circle-check"),
    Tone.WARN: ("warn", "triangle-alert"),
    Tone.ERROR: ("bad", "circle-alert"),
}


class NoticeSlot(QWidget):
    """Shows one notice, or nothing and takes no room; the same notice again changes nothing."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setObjectName("notice")
        self._shown: Notice | None = None
        self._bar = NoteBar(theme, "")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._bar)
        self.hide()

    def code(self) -> str:
        """Return the stable code of what is shown, empty where it has none."""
        return self._shown.code if self._shown else ""

    def show_notice(self, notice: Notice | None) -> None:
        """Show a notice, or take the last one away with None."""
        if notice == self._shown:
            return
        self._shown = notice
        if notice is not None:
            self._bar.set_kind(*_LOOKS[notice.tone])
            self._bar.set_text(notice.text)
        self.setAccessibleName(plain(notice.text) if notice else "")
        self.setVisible(notice is not None)
