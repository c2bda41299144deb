"""The network: how this machine is connected now, and the few settings that matter."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kiosk_app.flow.steps import Notice, Step, Tone
from kiosk_app.flow.technician_events import ChangeKept, SettingsGiven
from kiosk_app.flow.technician_view import DHCP, FIXED
from kiosk_app.i18n import _
from kiosk_app.ui.widgets.bench_page import BenchPage
from kiosk_app.ui.widgets.buttons import SecondaryButton
from kiosk_app.ui.widgets.columns import in_columns
from kiosk_app.ui.widgets.fields import Choice, ChoiceField
from kiosk_app.ui.widgets.notices import InfoCard
from kiosk_app.ui.widgets.text import breakable

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from kiosk_app.flow.technician_view import NetworkState, TechNetworkView
    from kiosk_app.ui.widgets.screen import ScreenContext


class TechnicianNetworkScreen(BenchPage):
    """What is, then what can be changed; a change that cuts the kiosk off takes itself back."""

    def __init__(self, context: ScreenContext) -> None:
        super().__init__(context, Step.TECH_NETWORK, _("Mạng"))
        self._facts: InfoCard | None = None
        self._drawn: NetworkState | None = None
        self._keep = SecondaryButton(self.theme, _("Giữ thiết lập này"), icon="check")
        self._keep.setObjectName("keep")
        self._keep.clicked.connect(lambda: self.act(ChangeKept()))
        self._method = self._make_method()
        self._fixed = self._make_fixed()
        self._wifi = self._make_wifi()
        self._backend = self._make_backend()
        self._restart = self.small_button("restart", _("Mở lại chương trình"), icon="rotate-ccw")
        self.put(self._keep, self._method, self._fixed, self._wifi, self._backend, self._restart)
        self.frame.body.addStretch(1)
        self.save_button(_("Thử và lưu"))
        self.frame.right_pressed.connect(lambda: self.act(SettingsGiven(values=self.values())))

    def _make_method(self) -> ChoiceField:
        choices = (
            Choice(value=DHCP, text=_("Tự nhận (DHCP)")),
            Choice(value=FIXED, text=_("Địa chỉ cố định")),
        )
        field = ChoiceField(self.theme, _("Địa chỉ của máy"), choices)
        field.setObjectName("setting-method")
        field.value_changed.connect(lambda _value: self._show_fixed())
        self.fields["method"] = field
        return field

    def _make_fixed(self) -> QWidget:
        return in_columns(
            self.theme,
            [
                self.text_field("address", _("Địa chỉ"), hint="192.168.1.20/24", typing="address"),
                self.text_field("gateway", _("Cổng ra"), hint="192.168.1.1", typing="address"),
                self.text_field("dns", _("Máy chủ tên miền"), hint=_("cách bằng dấu cách"), typing="address"),
            ],
            top=True,
        )

    def _make_wifi(self) -> QWidget:
        parts = [
            self.text_field("ssid", _("Tên mạng Wi-Fi"), typing="address"),
            self.text_field("password", _("Mật khẩu Wi-Fi"), hint=_("trống: như cũ"), typing="address"),
        ]
        return in_columns(self.theme, list(parts), top=True)

    def _make_backend(self) -> QWidget:
        parts = [
            self.text_field("url", _("Địa chỉ máy chủ"), typing="address"),
            self.text_field("proxy", _("Máy trung gian"), hint=_("nếu có"), typing="address"),
        ]
        return in_columns(self.theme, list(parts), top=True)

    def show_view(self, view: TechNetworkView) -> None:
        """Show how the machine is connected, what may be changed, and a change on trial."""
        self.say(_on_trial(view.trial_left_s) if view.trial_left_s else view.said)
        self._keep.setVisible(view.trial_left_s > 0)
        self._restart.setVisible(view.restart_due)
        state = view.state
        if state is not None and state != self._drawn:
            self._drawn = state
            self._show_facts(state)
        self.fill(state.settings() if state else {}, view.problems)
        for part in (self._method, self._fixed, self._wifi, self._backend):
            part.setEnabled(not view.busy)
        self._method.setVisible(state is not None and state.editable)
        self._wifi.setVisible(state is not None and state.editable and state.wifi)
        self._backend.setVisible(state is not None)
        self._show_fixed()
        if self.frame.right_button is not None:
            self.frame.right_button.setEnabled(state is not None and not view.busy and not view.trial_left_s)

    def _show_fixed(self) -> None:
        editable = self._drawn is not None and self._drawn.editable
        self._fixed.setVisible(editable and self._method.value() == FIXED)

    def _show_facts(self, state: NetworkState) -> None:
        if self._facts is not None:
            self.frame.body.removeWidget(self._facts)
            self._facts.hide()
            self._facts.deleteLater()
        self._facts = InfoCard(self.theme)
        self._facts.rows(_rows(state))
        if not state.editable:
            self._facts.add_line("info", _("Máy này không có NetworkManager: mạng chỉ xem, không sửa ở đây."))
        self.frame.body.insertWidget(2, self._facts)


def _on_trial(left_s: int) -> Notice:
    text = _("**Đang thử mạng mới.** Không nối được máy chủ thì máy trở lại mạng cũ sau {n} giây.")
    return Notice(tone=Tone.WARN, text=text.format(n=left_s))


def _rows(state: NetworkState) -> list[tuple[str, str]]:
    """Return what there is to tell, each with its name."""
    synced = {True: _("Đúng, tự chỉnh qua mạng"), False: _("Chưa tự chỉnh qua mạng"), None: ""}
    told = (
        (_("Cổng mạng"), state.interface or _("Không thấy")),
        (_("Đường dây"), _link(state)),
        (_("Địa chỉ"), ", ".join(state.addresses) or _("Chưa có")),
        (_("Cổng ra"), state.gateway or _("Chưa có")),
        (_("Máy chủ tên miền"), ", ".join(state.dns) or _("Chưa có")),
        (
            _("Máy chủ của trung tâm"),
            breakable(state.backend_url or state.backend_known) or _("Chưa ghi danh"),
        ),
        (_("Đồng hồ"), synced[state.clock_synced]),
    )
    return [(name, value) for name, value in told if value]


def _link(state: NetworkState) -> str:
    if state.link is None:
        return ""
    if not state.link:
        return _("Không có tín hiệu")
    if state.signal_percent is not None:
        return _("Wi-Fi “{name}”, sóng {n} %").format(name=state.ssid, n=state.signal_percent)
    speed = f" · {state.speed_mbit_s} Mbit/s" if state.speed_mbit_s else ""
    return _("Có tín hiệu") + speed
