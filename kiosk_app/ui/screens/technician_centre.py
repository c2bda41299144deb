"""The centre's settings: which unit, what it is called, which kiosk of it this is, whom to call."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kiosk_app.flow.steps import Step
from kiosk_app.flow.technician_events import SettingsGiven
from kiosk_app.i18n import _
from kiosk_app.ui.widgets.bench_page import BenchPage
from kiosk_app.ui.widgets.columns import in_columns
from kiosk_app.ui.widgets.text import Text

if TYPE_CHECKING:
    from kiosk_app.flow.technician_view import TechCentreView
    from kiosk_app.ui.widgets.screen import ScreenContext


class TechnicianCentreScreen(BenchPage):
    """Five fields, each checked by itself."""

    def __init__(self, context: ScreenContext) -> None:
        super().__init__(context, Step.TECH_CENTRE, _("Trung tâm"))
        name = self.text_field("name", _("Tên trung tâm"), hint=_("như trên biển"))
        parts = [
            self.text_field("unit_code", _("Mã đơn vị"), hint=_("tỉnh cấp"), typing="address"),
            self.text_field("commune", _("Mã xã, phường"), hint=_("5 chữ số"), typing="digits"),
            self.text_field("kiosk_number", _("Số của máy này"), hint=_("1 đến 99"), typing="digits"),
            self.text_field("hotline", _("Số điện thoại hỗ trợ"), typing="digits"),
        ]
        warning = _("Mỗi máy trong trung tâm một số. Chỉ đổi số khi không còn hồ sơ chờ gửi.")
        self._restart = self.small_button("restart", _("Mở lại chương trình"), icon="rotate-ccw")
        self.put(
            name, in_columns(self.theme, parts, top=True), Text(self.theme, "body", warning, colour="soft")
        )
        self.put(self._restart)
        self.frame.body.addStretch(1)
        self.save_button(_("Lưu"))
        self.frame.right_pressed.connect(lambda: self.act(SettingsGiven(values=self.values())))

    def show_view(self, view: TechCentreView) -> None:
        """Show what is set, what is wrong, and the way to use it."""
        self.say(view.said)
        self.fill(view.values, view.problems)
        self._restart.setVisible(view.restart_due)
        if self.frame.right_button is not None:
            self.frame.right_button.setEnabled(bool(view.values) and not view.busy)
