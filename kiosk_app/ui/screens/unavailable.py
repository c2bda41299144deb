"""Something does not work now: why, and what can be done instead."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kiosk_app.flow.events import BackPressed, Went
from kiosk_app.flow.steps import Notice, Step, Tone
from kiosk_app.i18n import _
from kiosk_app.ui.widgets.columns import in_columns
from kiosk_app.ui.widgets.notice_slot import NoticeSlot
from kiosk_app.ui.widgets.notices import NoteBar
from kiosk_app.ui.widgets.screen import Screen
from kiosk_app.ui.widgets.text import Text
from kiosk_app.ui.widgets.tiles import TileButton
from kiosk_app.ui.widgets.ways import set_way_back

if TYPE_CHECKING:
    from kiosk_app.flow.steps import UnavailableView
    from kiosk_app.ui.widgets.screen import ScreenContext


class UnavailableScreen(Screen):
    """The reason first, then the ways that are open."""

    def __init__(self, context: ScreenContext) -> None:
        super().__init__(context, Step.UNAVAILABLE)
        self._reason = NoticeSlot(self.theme)
        self._still = Text(self.theme, "h2", _("Ông bà vẫn làm được:"))
        self._number = TileButton(
            self.theme,
            _("Lấy số thứ tự"),
            _("Gặp cán bộ tại quầy, không cần khai gì"),
            icon="ticket",
            row=True,
        )
        self._number.setObjectName("tile-take_number")
        self._number.clicked.connect(lambda: self.act(Went(to=Step.TAKE_NUMBER)))
        self._home = TileButton(
            self.theme, _("Việc khác ở máy này"), _("Về màn hình đầu và chọn lại"), icon="house", row=True
        )
        self._home.setObjectName("tile-home")
        self._home.clicked.connect(lambda: self.act(BackPressed()))
        ways = in_columns(self.theme, (self._number, self._home))
        for part in (self._reason, self._still, ways):
            self.frame.body.addWidget(part)
        self.frame.body.addStretch(1)
        self.frame.body.addWidget(
            NoteBar(self.theme, _("Cần giúp ngay: chạm **Gọi cán bộ** ở dưới."), icon="hand")
        )
        set_way_back(self.frame)
        self.frame.left_pressed.connect(lambda: self.act(BackPressed()))

    def show_view(self, view: UnavailableView) -> None:
        """Show the reason, and the number only where it can be given."""
        self.frame.set_title(view.title)
        self._reason.show_notice(Notice(tone=Tone.WARN, text=view.reason))
        self._number.setVisible(view.can_take_number)
