"""Photocopies: lay a page, take it, take more or print, wait for the sheets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QSizePolicy

from kiosk_app.flow.events import (
    BackPressed,
    CopiesSet,
    MorePagesAsked,
    NextPressed,
    PageKept,
    PageRetaken,
    PictureAsked,
)
from kiosk_app.flow.live_picture import trouble
from kiosk_app.flow.sheet_view import CopyPhase, CopyView, SheetPhase
from kiosk_app.flow.steps import Notice, Step, Tone
from kiosk_app.i18n import _
from kiosk_app.ui.widgets.buttons import SecondaryButton
from kiosk_app.ui.widgets.counter import Counter
from kiosk_app.ui.widgets.notice_slot import NoticeSlot
from kiosk_app.ui.widgets.page_picture import PagePicture
from kiosk_app.ui.widgets.preview import Preview
from kiosk_app.ui.widgets.round_icon import RoundIcon
from kiosk_app.ui.widgets.screen import Screen, ScreenContext

if TYPE_CHECKING:
    from kiosk_app.flow.events import Event

    Button = tuple[str, str, str, Event | None]
    """Words, icon, object name, event; without an event the button rests."""

LEAST_PICTURE_PX: Final = 280
_ICONS: Final = {SheetPhase.OUT: "check", SheetPhase.FAILED: "x", SheetPhase.CANCELLED: "x"}


class CopyScreen(Screen):
    """The live picture, then the page, then how many copies, then the printer."""

    def __init__(self, context: ScreenContext) -> None:
        super().__init__(context, Step.COPY)
        self._drawn_number: int | None = None
        self._left: Event = BackPressed()
        self._right: Event | None = None
        self._preview = Preview(self.theme)
        self._page = PagePicture(self.theme)
        self._notice = NoticeSlot(self.theme)
        self._signs = {
            name: RoundIcon(self.theme, name, colour=colour, ground=ground)
            for name, colour, ground in (
                ("copy", "main", "tint"),
                ("printer", "main", "tint"),
                ("check", "ok", "ok_tint"),
                ("x", "warn", "warn_tint"),
            )
        }
        self._copies = Counter(self.theme, _("Bớt"), _("Thêm"))
        self._copies.changed.connect(lambda number: self.act(CopiesSet(copies=number)))
        self._more = SecondaryButton(self.theme, _("Chụp thêm trang"), icon="camera")
        self._more.setObjectName("more-pages")
        self._more.clicked.connect(lambda: self.act(MorePagesAsked()))
        self.frame.left_pressed.connect(lambda: self.act(self._left))
        self.frame.right_pressed.connect(self._press_right)
        self._lay_out()

    def show_view(self, view: CopyView) -> None:
        """Draw the newest frame, the page or the printer; called for each camera frame."""
        self._show_phase(view)
        self._show_buttons(view)
        self._notice.show_notice(_notice(view))
        self._page.show_page(view.page_jpeg if view.phase is CopyPhase.JUDGED else None)
        if view.phase is not CopyPhase.AIM:
            self._drawn_number = None
        self._show_frame(view)

    def _lay_out(self) -> None:
        body = self.frame.body
        for picture in (self._preview, self._page):
            picture.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Ignored)
            picture.setMinimumHeight(LEAST_PICTURE_PX)
            body.addWidget(picture, 1)
        for sign in self._signs.values():
            body.addWidget(sign, 1, Qt.AlignmentFlag.AlignCenter)
        for part in (self._notice, self._copies, self._more):
            body.addWidget(part)
        body.addStretch(0)  # the picture takes all room while it is seen

    def _show_phase(self, view: CopyView) -> None:
        title, lead, counter = _words(view)
        self.frame.set_title(title)
        self.frame.set_lead(lead)
        self.frame.set_counter(counter, done=True)
        self._preview.setVisible(view.phase in {CopyPhase.AIM, CopyPhase.WORKING})
        self._page.setVisible(view.phase is CopyPhase.JUDGED)
        shown = _sign(view)
        for name, sign in self._signs.items():
            sign.setVisible(name == shown)
        ready = view.phase is CopyPhase.READY
        self._copies.setVisible(ready)
        self._copies.show_number(view.copies, most=view.most_copies)
        self._more.setVisible(ready)
        self._more.setEnabled(view.more)
        self._more.set_reason("" if view.more else _("Đã đủ số tờ miễn phí. Cần thêm, xin hỏi cán bộ."))

    def _show_buttons(self, view: CopyView) -> None:
        words, icon, name, left = _left_of(view)
        self._left = left
        self.frame.set_left(words, icon=icon)
        if self.frame.left_button is not None:
            self.frame.left_button.setObjectName(name)
        words, icon, name, self._right = _right_of(view)
        self.frame.set_right(words, icon=icon)
        button = self.frame.right_button
        if button is not None:
            button.setObjectName(name)
            button.setEnabled(self._right is not None)

    def _press_right(self) -> None:
        if self._right is not None:
            self.act(self._right)

    def _show_frame(self, view: CopyView) -> None:
        seen = view.preview
        if view.phase is not CopyPhase.AIM or seen is None or seen.number == self._drawn_number:
            return
        self._drawn_number = seen.number
        glance = seen.glance
        self._preview.show_frame(glance.bgr, glance.width, glance.height)
        told = _notice(view)
        good = told is None or told.tone in {Tone.OK, Tone.INFO}
        self._preview.set_outline(glance.outline.corners if glance.outline.found else None, good=good)


def _words(view: CopyView) -> tuple[str, str, str]:
    """Return the title, what to do, and how many pages there are."""
    counter = _("{n} trang").format(n=view.pages) if view.pages else ""
    match view.phase:
        case CopyPhase.AIM:
            return _("Phô-tô miễn phí"), _("Đặt một trang giấy lên bàn quét rồi chạm Chụp."), counter
        case CopyPhase.WORKING:
            return _("Đang làm phẳng ảnh…"), "", counter
        case CopyPhase.JUDGED:
            return _("Ảnh có rõ không?"), "", counter
        case CopyPhase.READY:
            return _("In mấy bản?"), _("Máy không giữ lại bản nào."), counter
        case CopyPhase.PRINTING:
            return _printing_words(view.sheet), "", counter
    raise AssertionError(view.phase)


def _printing_words(sheet: SheetPhase) -> str:
    match sheet:
        case SheetPhase.OUT:
            return _("Đã in xong")
        case SheetPhase.CANCELLED:
            return _("Đã dừng in")
        case SheetPhase.FAILED:
            return _("Chưa in được")
        case _:
            return _("Đang in…")


def _sign(view: CopyView) -> str:
    if view.phase is CopyPhase.READY:
        return "copy"
    return _ICONS.get(view.sheet, "printer") if view.phase is CopyPhase.PRINTING else ""


def _refused(view: CopyView) -> bool:
    return view.notice is not None and view.notice.tone is Tone.ERROR


def _left_of(view: CopyView) -> tuple[str, str, str, Event]:
    """Return words, icon, object name and event of the button on the left."""
    if view.phase is CopyPhase.JUDGED and not _refused(view):
        return _("Chụp lại"), "rotate-ccw", "retake", PageRetaken()
    if view.phase is CopyPhase.PRINTING and view.sheet is SheetPhase.PRINTING:
        return _("Dừng in"), "x", "stop", BackPressed()
    if view.phase is CopyPhase.PRINTING:
        return _("In thêm"), "arrow-left", "again", BackPressed()
    return _("Quay lại"), "arrow-left", "back", BackPressed()


def _right_of(view: CopyView) -> Button:
    """Return the primary action."""
    match view.phase:
        case CopyPhase.AIM:
            return _("Chụp"), "camera", "capture", PictureAsked()
        case CopyPhase.JUDGED if _refused(view):
            return _("Chụp lại"), "rotate-ccw", "retake", PageRetaken()
        case CopyPhase.JUDGED:
            return _("Giữ trang này"), "check", "keep", PageKept()
        case CopyPhase.READY:
            sheets = view.pages * view.copies
            return _("In {n} tờ").format(n=sheets), "printer", "print", NextPressed()
        case CopyPhase.PRINTING if view.sheet is not SheetPhase.PRINTING:
            return _("Xong"), "check", "primary", NextPressed()
        case _:
            return _("Xin chờ một chút"), "hourglass", "wait", None


def _notice(view: CopyView) -> Notice | None:
    if view.notice is not None:
        return view.notice
    if view.phase is CopyPhase.AIM:
        return trouble(view.preview)
    if view.phase is not CopyPhase.PRINTING:
        return None
    match view.sheet:
        case SheetPhase.OUT:
            text = _("Xin lấy **bản chụp** ở máy in A4 và **cầm lại bản chính** trên bàn quét.")
            return Notice(tone=Tone.OK, text=text)
        case SheetPhase.CANCELLED:
            return Notice(tone=Tone.INFO, text=_("Các tờ chưa in đã được hủy. Xin cầm lại bản chính."))
        case _:
            return None
