"""Something unexpected happened and the visit was wiped: calm words, nothing technical."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt

from kiosk_app.flow.events import NextPressed
from kiosk_app.flow.steps import Step
from kiosk_app.i18n import _
from kiosk_app.ui.widgets.round_icon import RoundIcon
from kiosk_app.ui.widgets.screen import Screen
from kiosk_app.ui.widgets.text import Text
from kiosk_app.ui.widgets.ways import set_way_on

if TYPE_CHECKING:
    from kiosk_app.flow.steps import OneMomentView
    from kiosk_app.ui.widgets.screen import ScreenContext


class OneMomentScreen(Screen):
    """`Xin chờ một chút`, and a way back to the beginning."""

    def __init__(self, context: ScreenContext) -> None:
        super().__init__(context, Step.ONE_MOMENT)
        body = self.frame.body
        body.addStretch(1)
        body.addWidget(RoundIcon(self.theme, "hourglass"), 0, Qt.AlignmentFlag.AlignHCenter)
        body.addWidget(Text(self.theme, "h1", _("Xin chờ một chút"), centred=True))
        sentences = (
            _("Máy gặp trục trặc và đang mở lại. Đã báo cán bộ."),
            _("Những gì vừa khai đã được xóa để giữ kín cho ông bà. Nếu đang có thẻ trong khe, xin cầm lại."),
        )
        for words in sentences:
            body.addWidget(Text(self.theme, "lead", words, colour="soft", centred=True))
        body.addStretch(2)
        set_way_on(self.frame, _("Về màn hình đầu"))
        self.frame.right_pressed.connect(lambda: self.act(NextPressed()))

    def show_view(self, view: OneMomentView) -> None:
        """Nothing changes here: the view carries nothing."""
        del view
