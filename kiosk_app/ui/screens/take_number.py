"""Choose a counter, get a number; no card, no form."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kiosk_app.flow.events import BackPressed, EndPressed, ServicePicked
from kiosk_app.flow.steps import Notice, PaperState, Step, Tone
from kiosk_app.i18n import _
from kiosk_app.ui.widgets.big_number import BigNumber
from kiosk_app.ui.widgets.columns import in_columns
from kiosk_app.ui.widgets.notice_slot import NoticeSlot
from kiosk_app.ui.widgets.screen import Screen
from kiosk_app.ui.widgets.telling import tell
from kiosk_app.ui.widgets.tiles import TileButton
from kiosk_app.ui.widgets.ways import set_way_back, set_way_on

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from kiosk_app.flow.steps import TakeNumberView
    from kiosk_app.ui.widgets.screen import ScreenContext


class TakeNumberScreen(Screen):
    """Rows of counters; after one is touched, the number as large as the hand."""

    def __init__(self, context: ScreenContext) -> None:
        super().__init__(context, Step.TAKE_NUMBER)
        self._shown: tuple[object, ...] | None = None
        self._parts: list[QWidget] = []
        self._notice = NoticeSlot(self.theme)
        self._paper = NoticeSlot(self.theme)
        self.frame.body.addWidget(self._notice)
        self.frame.body.addWidget(self._paper)
        self.frame.body.addStretch(1)
        self.frame.left_pressed.connect(lambda: self.act(BackPressed()))
        self.frame.right_pressed.connect(lambda: self.act(EndPressed()))

    def show_view(self, view: TakeNumberView) -> None:
        """Show the counters, or the number; the paper's state changes without a rebuild."""
        wanted = (view.services, view.prints, view.number, view.service, view.waiting)
        if wanted != self._shown:
            self._shown = wanted
            self._clear()
            if view.number:
                self._show_number(view)
            else:
                self._show_services(view)
        self._notice.show_notice(view.notice)
        self._paper.show_notice(_paper_notice(view))

    def _clear(self) -> None:
        for part in self._parts:
            self.frame.body.removeWidget(part)
            part.hide()
            part.deleteLater()
        self._parts = []

    def _put(self, part: QWidget) -> None:
        self.frame.body.insertWidget(1 + len(self._parts), part)
        self._parts.append(part)

    def _show_services(self, view: TakeNumberView) -> None:
        self.frame.set_title(_("Lấy số cho việc gì?"))
        slip, screen = _("Phiếu in ra ngay. Không cần thẻ."), _("Số hiện trên màn hình. Không cần thẻ.")
        tell(self.frame, slip if view.prints else screen)
        set_way_back(self.frame)
        self.frame.set_right(None)
        rows: list[QWidget] = []
        for series, title, _icon in view.services:
            row = TileButton(self.theme, title, mark=series, row=True)
            row.setObjectName(f"service-{series}")
            row.clicked.connect(lambda _checked=False, key=series: self.act(ServicePicked(series=key)))
            rows.append(row)
        self._put(in_columns(self.theme, rows))

    def _show_number(self, view: TakeNumberView) -> None:
        self.frame.set_title(_("Đã lấy số"), centred=True, icon="circle-check", colour="ok")
        tell(self.frame, "")
        self.frame.set_left(None)
        set_way_on(self.frame, _("Xong"), icon="check")
        card = BigNumber(
            self.theme,
            _("Số thứ tự của ông bà"),
            view.number,
            _("Xin ngồi chờ đến khi nghe gọi số"),
            _before(view.service, view.waiting),
        )
        self._put(card)


def _before(service: str, waiting: int) -> str:
    line = _("Trước ông bà còn {n} người").format(n=waiting) if waiting else _("Ông bà là người tiếp theo")
    return f"{service}\n{line}"


def _paper_notice(view: TakeNumberView) -> Notice | None:
    """Return where the slip is; the notice of a failure already says what to do, so it is not said twice."""
    if not view.number or view.paper is None:
        return None
    if view.paper is PaperState.ON_SCREEN and view.notice is not None:
        return None
    if view.paper is PaperState.ON_SCREEN:
        words = _("**Không có phiếu giấy.** Xin ghi lại hoặc chụp số này; cán bộ vẫn gọi đúng số.")
        return Notice(tone=Tone.WARN, text=words)
    if view.paper is PaperState.PRINTING:
        return Notice(tone=Tone.INFO, text=_("Phiếu đang in, xin chờ ở khe bên phải."))
    return Notice(tone=Tone.OK, text=_("**Xin lấy phiếu** ở khe bên phải."))
