"""The screen of a kiosk that cannot stay up: it needs no device, no queue, no form and no session."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget

from kiosk_app import i18n
from kiosk_app.i18n import mark
from kiosk_app.ui.app import apply_theme, make_application
from kiosk_app.ui.theme import theme
from kiosk_app.ui.widgets.round_icon import RoundIcon
from kiosk_app.ui.widgets.text import Text

if TYPE_CHECKING:
    from kiosk_app.ui.theme import Theme

REST_MS: Final = 300_000
"""How long the screen stays before the kiosk is started as usual once more."""
LOOK_AGAIN_MS: Final = 60_000
"""How long it stays where a technician must mend something first."""
_TITLE: Final = mark("Máy tạm nghỉ")
_WHERE: Final = mark("Mời ông bà đến quầy: cán bộ nhận hồ sơ trực tiếp.")
_SAFE: Final = mark("Hồ sơ đã nộp ở máy này vẫn được giữ an toàn.")
_CALL: Final = mark("Cần hỏi, xin gọi {hotline}.")
_STAFF: Final = mark("Cán bộ: máy tự mở lại sau vài phút; nếu vẫn nghỉ, báo kỹ thuật (kiosk.restart_storm).")
_MEND: Final = mark("Cán bộ: đọc dòng dưới đây cho kỹ thuật; sửa xong máy tự mở lại.")


class SafeScreen(QWidget):
    """Says in both languages that the counter helps, that nothing is lost, and whom to call.

    Args:
        look: The theme; the screen never changes it.
        centre: The centre's full name; empty where no configuration tells it.
        hotline: Telephone number; empty = none is told.
        reason: What a technician must mend first; empty = the kiosk opens again by itself.
    """

    def __init__(self, look: Theme, *, centre: str, hotline: str, reason: str = "") -> None:
        super().__init__()
        self.setObjectName("screen")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        apply_theme(self, look)
        column = QVBoxLayout(self)
        # As large as the screen, whatever the words would like.
        column.setSizeConstraint(QVBoxLayout.SizeConstraint.SetNoConstraint)
        edge = look.space.rhythm * 2
        column.setContentsMargins(edge, edge, edge, edge)
        column.setSpacing(look.space.rhythm)
        column.addWidget(Text(look, "lead", centre, colour="soft", centred=True))
        column.addStretch(2)
        column.addWidget(RoundIcon(look, "hourglass"), 0, Qt.AlignmentFlag.AlignHCenter)
        for lang, title in (("vi", "h1"), ("en", "h2")):
            column.addSpacing(look.space.rhythm * 2)
            column.addWidget(Text(look, title, i18n.in_language(lang, _TITLE), centred=True))
            for sentence in (_WHERE, _SAFE, *((_CALL,) if hotline else ())):
                words = i18n.in_language(lang, sentence).format(hotline=hotline)
                column.addWidget(Text(look, "lead", words, centred=True))
        column.addStretch(3)
        for line in (i18n.in_language("vi", _MEND), reason) if reason else (i18n.in_language("vi", _STAFF),):
            column.addWidget(Text(look, "small", line, colour="soft", centred=True))


def rest(
    *, centre: str, hotline: str, size: tuple[int, int] | None, reason: str = "", rest_ms: int = REST_MS
) -> SafeScreen:
    """Show the screen and end the application after a while; the caller runs the loop.

    Args:
        centre: The centre's full name.
        hotline: Telephone number.
        size: Width and height in pixels; None fills the screen.
        reason: What a technician must mend first.
        rest_ms: Milliseconds until the end.
    """
    app = make_application()
    wide, high = size or app.primaryScreen().size().toTuple()
    look = theme(landscape=wide > high)
    screen = SafeScreen(look, centre=centre, hotline=hotline, reason=reason)
    screen.resize(wide, high)
    if size is None:
        screen.setCursor(Qt.CursorShape.BlankCursor)
        screen.showFullScreen()
    else:
        screen.show()
    QTimer.singleShot(rest_ms, screen, QApplication.quit)
    return screen
