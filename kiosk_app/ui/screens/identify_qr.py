"""Show the code on the card to the reader, or type six digits of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kiosk_app.flow.events import BackPressed, CanTyped, CardSkipped, TypeInstead
from kiosk_app.flow.steps import Step
from kiosk_app.i18n import _
from kiosk_app.ui.widgets.buttons import SecondaryButton
from kiosk_app.ui.widgets.drawing import QrDrawing
from kiosk_app.ui.widgets.fields import TextField
from kiosk_app.ui.widgets.notice_slot import NoticeSlot
from kiosk_app.ui.widgets.notices import NoteBar
from kiosk_app.ui.widgets.screen import Screen
from kiosk_app.ui.widgets.telling import beside, tell
from kiosk_app.ui.widgets.ways import set_way_back, set_way_on

if TYPE_CHECKING:
    from PySide6.QtGui import QShowEvent

    from kiosk_app.flow.steps import IdentifyQrView
    from kiosk_app.ui.widgets.screen import ScreenContext

_DIGITS = 6


class IdentifyQrScreen(Screen):
    """A drawing of what to show; after `Gõ 6 số cuối`, one field of digits instead."""

    def __init__(self, context: ScreenContext) -> None:
        super().__init__(context, Step.IDENTIFY_QR)
        self._typing: bool | None = None
        self._notice = NoticeSlot(self.theme)
        self._field = TextField(
            self.theme, _("6 số cuối của số định danh"), typing="digits", max_length=_DIGITS
        )
        self._field.setObjectName("can")
        self._field.entered.connect(self._send)
        self._drawing = QrDrawing(self.theme, _("Hình: mã vuông trên thẻ căn cước trước máy đọc"))
        if not self.theme.wide:
            self._drawing.setMaximumHeight(self.theme.size.tile)  # large words need the room
        self._hint = NoteBar(self.theme, _("Thẻ mới: mã ở **mặt sau**. Máy tự nhận, không cần chạm."))
        self._instead = SecondaryButton(self.theme, _("Gõ 6 số cuối"), icon="keyboard", tinted=True)
        self._instead.setObjectName("type-instead")
        self._instead.clicked.connect(lambda: self.act(TypeInstead()))
        self.frame.body.addWidget(self._notice)
        self.frame.body.addWidget(self._drawing, 1)
        self.frame.body.addWidget(self._hint)
        self.frame.body.addWidget(self._field)
        place = self.frame.body
        if beside(self.theme):
            place = self.frame.side
            place.addSpacing(self.theme.space.rhythm)
        place.addWidget(self._instead)
        self.frame.body.addStretch(0)
        set_way_back(self.frame)
        self.frame.left_pressed.connect(lambda: self.act(BackPressed()))
        self.frame.right_pressed.connect(self._right)

    def show_view(self, view: IdentifyQrView) -> None:
        """Show the drawing or the field, and what was wrong with the last code."""
        if view.typing is not self._typing:
            self._turn(view)
        self._notice.show_notice(None if view.typing else view.notice)
        self._hint.setVisible(not view.typing and view.notice is None)
        wrong = view.notice.text if view.typing and view.notice else ""
        if wrong != self._field.error_text():
            self._field.set_error(wrong or None)

    def _turn(self, view: IdentifyQrView) -> None:
        self._typing = view.typing
        if not view.typing and self.frame.pad is not None:
            self.frame.close_pad()
            self.setFocus()  # else Qt hands the hidden field's focus on, with a ring nobody asked for
        self._drawing.setVisible(not view.typing)
        self._instead.setVisible(not view.typing)
        self._field.setVisible(view.typing)
        if view.typing:
            self.frame.set_title(_("Gõ 6 số cuối trên thẻ"))
            tell(self.frame, _("Đó là 6 chữ số cuối của số định danh, in ở mặt trước thẻ."))
            set_way_on(self.frame, _("Tiếp tục"))
            self._field.set_value(view.typed)
            if self.isVisible():
                self._field.focus_input()
        else:
            self.frame.set_title(view.whose.removesuffix(".") or _("Cho máy xem mã trên thẻ"))
            lead = _("Đưa mã vuông trên thẻ căn cước vào khung, cách một gang tay.")
            tell(self.frame, lead)
            none = _("Không có thẻ này") if view.whose else _("Tôi không có thẻ")
            set_way_on(self.frame, none, name="skip-card", kind="secondary", icon="")
        if view.typing:
            self._drawing.stop()
        else:
            self._drawing.start()

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802 - Qt's name
        """Open the digits at once on a screen that was rebuilt while typing."""
        super().showEvent(event)
        if self._typing:
            self._field.focus_input()

    def _right(self) -> None:
        if self._typing:
            self._send()
        else:
            self.act(CardSkipped())

    def _send(self) -> None:
        self.act(CanTyped(digits=str(self._field.value())))
