"""The quiet question laid over everything when nobody has touched the kiosk for a while."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QBoxLayout, QVBoxLayout, QWidget

from kiosk_app.i18n import _
from kiosk_app.ui.app import apply_theme
from kiosk_app.ui.widgets.buttons import PrimaryButton, SecondaryButton
from kiosk_app.ui.widgets.progress import ProgressLine
from kiosk_app.ui.widgets.round_icon import RoundIcon
from kiosk_app.ui.widgets.text import Text

if TYPE_CHECKING:
    from PySide6.QtGui import QShowEvent

    from kiosk_app.ui.theme import Theme


class IdlePanel(QWidget):
    """Hides the citizen's data, counts down, and offers one large way back."""

    still_here = Signal()
    more_asked = Signal()
    ended = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._seconds = -1
        self.setObjectName("screen")
        apply_theme(self, theme)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._stay = PrimaryButton(theme, _("Tôi vẫn ở đây"), icon="hand", icon_left=True)
        self._stay.setObjectName("still-here")
        self._stay.setMinimumHeight(theme.size.row)
        self._stay.clicked.connect(self.still_here)
        self._more = SecondaryButton(theme, _("Cần thêm 3 phút"))
        self._more.setObjectName("more-time")
        self._more.clicked.connect(self.more_asked)
        self._end = SecondaryButton(theme, _("Kết thúc, xóa hết"))
        self._end.setObjectName("end")
        self._end.clicked.connect(self.ended)
        self._words = Text(theme, "lead", colour="soft", centred=True)
        self._share = ProgressLine(theme)
        self._lay_out()

    def _lay_out(self) -> None:
        theme = self._theme
        side = theme.space.page_side * (8 if theme.landscape and theme.wide else 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(side, theme.space.page_side, side, theme.space.page_side)
        column.setSpacing(theme.space.block)
        column.addStretch(2)
        if theme.wide or not theme.landscape:  # large words take its place on a low screen
            column.addWidget(RoundIcon(theme, "user-round"), 0, Qt.AlignmentFlag.AlignHCenter)
        column.addWidget(Text(theme, "h1", _("Ông bà còn ở đây không?"), centred=True))
        for part in (self._words, self._share, self._stay):
            column.addWidget(part)
            column.addSpacing(theme.space.rhythm)
        beside = theme.wide or theme.landscape
        others = QBoxLayout(QBoxLayout.Direction.LeftToRight if beside else QBoxLayout.Direction.TopToBottom)
        others.setSpacing(theme.space.block)
        others.addWidget(self._more, 1)
        others.addWidget(self._end, 1)
        column.addLayout(others)
        column.addStretch(3)

    def set_seconds(self, seconds: int, total: int) -> None:
        """Show how long is left.

        Args:
            seconds: Left until everything is wiped.
            total: What the count began with, seconds; at least 1.
        """
        if seconds == self._seconds:
            return
        self._seconds = seconds
        sentence = _("Sau {n} giây máy xóa những gì đã điền, giữ kín cho ông bà.")
        self._words.set_text(sentence.format(n=seconds))
        self._share.set_progress(min(1.0, max(0.0, seconds / max(total, 1))), "")

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802 - Qt's name
        """Take the keyboard, so that Enter means `Tôi vẫn ở đây`."""
        super().showEvent(event)
        self._stay.setFocus()
