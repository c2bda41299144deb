"""Staff were called: say so, say whom to ring, and let staff in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QHBoxLayout

from kiosk_app.flow.events import BackPressed, Went
from kiosk_app.flow.steps import Step
from kiosk_app.i18n import _
from kiosk_app.ui.widgets.buttons import SecondaryButton
from kiosk_app.ui.widgets.notices import InfoCard
from kiosk_app.ui.widgets.screen import Screen
from kiosk_app.ui.widgets.ways import set_way_back

if TYPE_CHECKING:
    from kiosk_app.flow.steps import HelpView
    from kiosk_app.ui.widgets.screen import ScreenContext


class HelpScreen(Screen):
    """A quiet answer to `Gọi cán bộ`; the work goes on where it was."""

    def __init__(self, context: ScreenContext) -> None:
        super().__init__(context, Step.HELP)
        self.frame.set_title(_("Đã gọi cán bộ"), centred=True, icon="circle-check", colour="ok")
        self._shown: HelpView | None = None
        self._card: InfoCard | None = None
        self.frame.body.addStretch(1)
        door = SecondaryButton(self.theme, _("Dành cho cán bộ"), icon="lock", small=True)
        door.setObjectName("staff-door")
        door.clicked.connect(lambda: self.act(Went(to=Step.STAFF_PIN)))
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(door)
        self.frame.body.addLayout(row)
        set_way_back(self.frame)
        self.frame.left_pressed.connect(lambda: self.act(BackPressed()))

    def show_view(self, view: HelpView) -> None:
        """Show when staff were called and the number to ring."""
        if view == self._shown:
            return
        self._shown = view
        if self._card is not None:
            self.frame.body.removeWidget(self._card)
            self._card.hide()
            self._card.deleteLater()
        card = InfoCard(self.theme)
        called = _("Cán bộ được gọi lúc **{time}** và sẽ đến máy này.")
        card.add_line("hand", called.format(time=view.called_at.strftime("%H:%M")))
        card.add_line("shield-check", _("Những gì ông bà đã khai vẫn còn. Chạm “Quay lại” để làm tiếp."))
        if view.hotline:
            card.add_line("phone", _("Cần gấp, xin gọi **{hotline}**.").format(hotline=view.hotline))
        self._card = card
        self.frame.body.insertWidget(0, card)
