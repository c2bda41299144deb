"""Handed in: the number, what to do next in order, and what became of the slip."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt

from kiosk_app.flow.events import NextPressed
from kiosk_app.flow.steps import DoneView, Notice, PaperState, Step, Tone
from kiosk_app.i18n import _, mark
from kiosk_app.ui.widgets.big_number import BigNumber
from kiosk_app.ui.widgets.columns import in_columns
from kiosk_app.ui.widgets.notice_slot import NoticeSlot
from kiosk_app.ui.widgets.notices import InfoCard
from kiosk_app.ui.widgets.qr_picture import QrPicture
from kiosk_app.ui.widgets.screen import Screen, ScreenContext
from kiosk_app.ui.widgets.telling import beside
from kiosk_app.ui.widgets.text import Text

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

_PAPER: Final[dict[PaperState, tuple[str, str]]] = {
    PaperState.PRINTING: ("printer", mark("Đang in phiếu. Xin chờ một chút.")),
    PaperState.OUT: (
        "receipt-text",
        mark("Xin lấy **phiếu** ở khe in."),
    ),
    PaperState.ON_SCREEN: (
        "camera",
        mark("Máy chưa in được phiếu. Xin **chụp hoặc ghi lại** mã trên màn hình; đã báo cán bộ."),
    ),
}
QR_SIDE_PX: Final = 300
PAY_QR_SIDE_PX: Final = 250
"""Beside the body, under its words; five pixels a module."""


class DoneScreen(Screen):
    """The last screen of a hand-in; the paper says the same."""

    def __init__(self, context: ScreenContext) -> None:
        super().__init__(context, Step.DONE)
        self._drawn: DoneView | None = None
        self._parts: list[QWidget] = []
        self._card_notice = NoticeSlot(self.theme)
        self._notice = NoticeSlot(self.theme)
        self.frame.set_title(_("Đã nhận hồ sơ"), centred=True, icon="circle-check", colour="ok")
        self.frame.set_right(_("Xong"), icon="check")
        if self.frame.right_button is not None:
            self.frame.right_button.setObjectName("primary")
        self.frame.right_pressed.connect(lambda: self.act(NextPressed()))
        (self.frame.side if beside(self.theme) else self.frame.body).addWidget(self._card_notice)
        self.frame.body.addWidget(self._notice)
        self.frame.body.addStretch(1)

    def show_view(self, view: DoneView) -> None:
        """Draw the number and the lines; drawn anew only when something changed."""
        if view == self._drawn:
            return
        self._drawn = view
        self._card_notice.show_notice(_card_notice(view))
        self._notice.show_notice(view.notice)
        for part in self._parts:
            self.frame.body.removeWidget(part)
            self.frame.side.removeWidget(part)
            part.hide()
            part.deleteLater()
        number, lines = self._number(view), self._lines(view)
        if beside(self.theme):  # a low screen: all of it is seen at once, nothing is scrolled
            self._parts = [in_columns(self.theme, (number, lines))]
        else:
            self._parts = [number, lines]
        self.frame.body.insertWidget(self.frame.body.indexOf(self._notice), self._parts[0])
        below = self.frame.body.indexOf(self._notice) + 1
        for part in self._parts[1:]:
            self.frame.body.insertWidget(below, part)
        if view.paper is PaperState.ON_SCREEN and view.qr_text:
            code = QrPicture(view.qr_text, side_px=QR_SIDE_PX, label=_("Mã vuông để xem hồ sơ đến đâu"))
            self._parts.append(code)
            if beside(self.theme):
                self.frame.side.addWidget(code, 0, Qt.AlignmentFlag.AlignHCenter)
            else:
                self.frame.body.insertWidget(below, code, 0, Qt.AlignmentFlag.AlignHCenter)
        elif _takes_transfer(view):
            self._offer_transfer(view, below)
        self.frame.set_say("")  # the card beside is there only while something stands in it

    def _offer_transfer(self, view: DoneView, below: int) -> None:
        """Show the code of a transfer; cash at the counter is said in the lines."""
        side = PAY_QR_SIDE_PX if beside(self.theme) else QR_SIDE_PX
        code = QrPicture(view.pay_text, side_px=side, label=_("Mã VietQR để chuyển khoản lệ phí"))
        told = _("Lệ phí **{fee}**: nộp tiền mặt tại quầy, hoặc chuyển khoản theo mã này rồi báo cán bộ.")
        words = Text(self.theme, "body", told.format(fee=view.fee), centred=True)
        self._parts += [words, code]
        if beside(self.theme):
            self.frame.side.addWidget(words)
            self.frame.side.addWidget(code, 0, Qt.AlignmentFlag.AlignHCenter)
        else:
            self.frame.body.insertWidget(below, code, 0, Qt.AlignmentFlag.AlignHCenter)
            self.frame.body.insertWidget(below, words)

    def _number(self, view: DoneView) -> BigNumber:
        below = _("Xin giữ mã này")
        if view.official_code is not None:
            below = _("Mã của trung tâm: {code}").format(code=view.official_code)
        return BigNumber(self.theme, _("Mã hồ sơ"), view.number, below)

    def _lines(self, view: DoneView) -> InfoCard:
        card = InfoCard(self.theme)
        if view.notice is None:  # the notice tells of the paper more exactly
            icon, words = _PAPER[view.paper]
            card.add_line(icon, _(words))
        card.add_line(*_sending(view))
        if view.fee and not _takes_transfer(view):
            card.add_line("banknote", _("Lệ phí **{fee}**: nộp tiền mặt tại quầy.").format(fee=view.fee))
        for icon, line in view.lines:
            card.add_line(icon, line)
        return card


def _takes_transfer(view: DoneView) -> bool:
    """Tell whether the code of a transfer is shown; never beside the code of a dossier without a slip."""
    return bool(view.pay_text) and view.paper is not PaperState.ON_SCREEN


def _sending(view: DoneView) -> tuple[str, str]:
    """Return a sign and words: with the centre, on its way, or waiting for the line."""
    if view.official_code is not None:
        return "circle-check", _("Hồ sơ đã gửi về trung tâm.")
    if view.will_send_later:
        return "hourglass", _("Hồ sơ đã lưu an toàn, sẽ gửi khi có mạng.")
    return "hourglass", _("Hồ sơ đã lưu an toàn, đang gửi về trung tâm.")


def _card_notice(view: DoneView) -> Notice | None:
    if not view.card_in_slot:
        return None
    return Notice(tone=Tone.WARN, text=_("**Xin lấy thẻ** căn cước ra khỏi khe."))
