"""The technician's door: one PIN, digits only."""

from __future__ import annotations

from PySide6.QtWidgets import QLineEdit

from kiosk_app.flow.events import BackPressed, PinTyped
from kiosk_app.flow.steps import Notice, StaffPinView, Step, Tone
from kiosk_app.i18n import _
from kiosk_app.ui.widgets.fields import TextField
from kiosk_app.ui.widgets.notice_slot import NoticeSlot
from kiosk_app.ui.widgets.notices import NoteBar
from kiosk_app.ui.widgets.screen import Screen, ScreenContext

LONGEST_PIN = 12


class StaffPinScreen(Screen):
    """Asks for the staff PIN and says why it was refused."""

    def __init__(self, context: ScreenContext) -> None:
        super().__init__(context, Step.STAFF_PIN)
        self._notice = NoticeSlot(self.theme)
        self._pin = TextField(self.theme, _("Mã PIN"), typing="digits", icon="lock", max_length=LONGEST_PIN)
        self._pin.setObjectName("pin")
        for line in self._pin.findChildren(QLineEdit):
            line.setEchoMode(QLineEdit.EchoMode.Password)
        self._pin.entered.connect(self._send)
        self.frame.set_title(_("Dành cho cán bộ"))
        self.frame.set_lead(_("Màn hình này để kiểm tra máy, không có dữ liệu của người dân."))
        card = _("Hoặc dùng thẻ kỹ thuật: đưa mã QR trên thẻ vào máy đọc mã, rồi đưa thẻ vào khe.")
        self._card = NoteBar(self.theme, card, icon="id-card")
        for part in (self._pin, self._notice, self._card):
            self.frame.body.addWidget(part)
        self.frame.body.addStretch(1)
        self.frame.set_left(_("Quay lại"))
        self.frame.set_right(_("Vào"), icon="door-open")
        if self.frame.left_button is not None:
            self.frame.left_button.setObjectName("back")
        if self.frame.right_button is not None:
            self.frame.right_button.setObjectName("primary")
        self.frame.left_pressed.connect(lambda: self.act(BackPressed()))
        self.frame.right_pressed.connect(self._send)

    def show_view(self, view: StaffPinView) -> None:
        """Say whether the last PIN was wrong, and how long to wait."""
        self._pin.setVisible(view.configured)
        self._notice.show_notice(_notice(view))
        self._card.setVisible(view.takes_card)
        button = self.frame.right_button
        if button is not None:
            button.setEnabled(view.configured and view.wait_s == 0)
            button.set_reason(_("Xin chờ {n} giây").format(n=view.wait_s) if view.wait_s else "")

    def _send(self) -> None:
        pin = str(self._pin.value())
        button = self.frame.right_button
        if not pin or button is None or not button.isEnabled():
            self._pin.focus_input()
            return
        self._pin.set_value("")
        self.act(PinTyped(pin=pin))


def _notice(view: StaffPinView) -> Notice | None:
    if not view.configured:
        return Notice(
            tone=Tone.WARN,
            text=_(
                "**Máy này chưa đặt mã PIN.** Trên máy, chạy lệnh kiosk config --hash-pin, "
                "rồi chép dòng in ra vào phần [staff] của tệp cấu hình."
            ),
        )
    if view.notice is not None and view.wait_s:
        wait = _("{said} Xin chờ {n} giây.").format(said=view.notice.text, n=view.wait_s)
        return Notice(tone=view.notice.tone, text=wait, code=view.notice.code)
    if view.notice is not None:
        return view.notice
    if view.wait_s:
        wait = _("**Mã PIN chưa đúng.** Xin chờ {n} giây rồi thử lại.")
        return Notice(tone=Tone.ERROR, text=wait.format(n=view.wait_s))
    if view.wrong:
        return Notice(tone=Tone.ERROR, text=_("**Mã PIN chưa đúng.** Xin gõ lại."))
    return None
