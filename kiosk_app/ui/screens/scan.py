"""Papers under the camera: aim, take, look, keep or take again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QSizePolicy

from drivers.ports import PaperSource
from kiosk_app.flow.events import (
    BackPressed,
    CornersAsked,
    CornersSet,
    NextPressed,
    PageKept,
    PageRetaken,
    PaperSkipped,
    PictureAsked,
)
from kiosk_app.flow.live_picture import trouble
from kiosk_app.flow.steps import Notice, PaperView, ScanPhase, ScanView, Step, Tone
from kiosk_app.i18n import _
from kiosk_app.ui.widgets.buttons import SecondaryButton
from kiosk_app.ui.widgets.corner_editor import CornerEditor
from kiosk_app.ui.widgets.notice_slot import NoticeSlot
from kiosk_app.ui.widgets.page_picture import PagePicture
from kiosk_app.ui.widgets.paper_list import BESIDE, PaperList
from kiosk_app.ui.widgets.preview import Preview
from kiosk_app.ui.widgets.round_icon import RoundIcon
from kiosk_app.ui.widgets.screen import Screen, ScreenContext
from kiosk_app.ui.widgets.telling import beside

if TYPE_CHECKING:
    from kiosk_app.flow.events import Event


LEAST_PICTURE_PX: Final = 280
"""Lower than this nobody sees whether the four corners are there."""


class ScanScreen(Screen):
    """The live picture with the page's outline, then the page itself, and the list of papers."""

    def __init__(self, context: ScreenContext) -> None:
        super().__init__(context, Step.SCAN)
        self._bar: tuple[ScanPhase, bool] | None = None
        self._drawn_number: int | None = None
        self._source = PaperSource.CAMERA
        self._left: Event = BackPressed()
        self._right: Event | None = None
        self._preview = Preview(self.theme)
        self._corners = CornerEditor(self.theme)
        self._page = PagePicture(self.theme)
        self._notice = NoticeSlot(self.theme)
        self._papers = PaperList(self.theme)
        self._face_down = RoundIcon(self.theme, "scan-line")
        self._all_there = RoundIcon(self.theme, "check", colour="ok", ground="ok_tint")
        self._skip = SecondaryButton(self.theme, _("Tôi không có giấy này"), small=True)
        self._skip.setObjectName("skip-paper")
        self._skip.clicked.connect(lambda: self.act(PaperSkipped()))
        self._show_corners = SecondaryButton(self.theme, _("Chỉnh bốn góc"), small=True)
        self._show_corners.setObjectName("show-corners")
        self._show_corners.clicked.connect(lambda: self.act(CornersAsked()))
        self.frame.left_pressed.connect(lambda: self.act(self._left))
        self.frame.right_pressed.connect(self._press_right)
        self._lay_out()

    def show_view(self, view: ScanView) -> None:
        """Draw the newest frame or the page taken; called for each camera frame."""
        refused = view.notice is not None and view.notice.tone is Tone.ERROR
        self._source = view.source
        if (view.phase, refused) != self._bar:
            self._bar = (view.phase, refused)
            self._show_phase(view.phase, refused=refused)
        current = next((paper for paper in view.papers if paper.current), None)
        self._show_words(view, current)
        if beside(self.theme) and len(view.papers) <= BESIDE and self.frame.side.indexOf(self._papers) < 0:
            self.frame.body.removeWidget(self._papers)
            self.frame.side.insertWidget(0, self._papers)  # the picture needs the height
            self.frame.set_say("")
        self._papers.show_papers(view.papers)
        self._notice.show_notice(_notice(view))
        self._page.show_page(view.page_jpeg if view.phase is ScanPhase.JUDGED else None)
        self._show_frame(view)
        optional = current is not None and not current.required and view.phase is ScanPhase.AIM
        self._skip.setVisible(optional)
        self._show_corners.setVisible(_may_show_corners(view, refused=refused))

    def _lay_out(self) -> None:
        body = self.frame.body
        for picture in (self._preview, self._corners, self._page):
            picture.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Ignored)
            picture.setMinimumHeight(LEAST_PICTURE_PX)
        body.addWidget(self._preview, 1)
        body.addWidget(self._corners, 1)
        body.addWidget(self._page, 1)
        body.addWidget(self._face_down, 1, Qt.AlignmentFlag.AlignCenter)
        body.addWidget(self._all_there, 1, Qt.AlignmentFlag.AlignCenter)
        body.addWidget(self._notice)
        body.addWidget(self._papers)
        for button in (self._show_corners, self._skip):
            (self.frame.side if beside(self.theme) else body).addWidget(button)
        body.addStretch(0)  # the picture takes all room while it is seen

    def _show_phase(self, phase: ScanPhase, *, refused: bool) -> None:
        live = self._source is PaperSource.CAMERA
        titles = {
            ScanPhase.AIM: _("Đặt giấy lên bàn quét") if live else _("Đặt giấy vào máy quét"),
            ScanPhase.WORKING: _("Đang làm phẳng ảnh…") if live else _("Máy đang quét…"),
            ScanPhase.CORNERS: _("Kéo bốn góc vào mép giấy"),
            ScanPhase.JUDGED: _("Xin chụp lại") if refused else _("Ảnh có rõ không?"),
            ScanPhase.FINISHED: _("Đã đủ giấy tờ"),
            ScanPhase.AT_COUNTER: _("Giấy tờ nộp tại quầy"),
        }
        self.frame.set_title(titles[phase])
        judged = phase is ScanPhase.JUDGED
        before = phase in {ScanPhase.AIM, ScanPhase.WORKING}
        self._preview.setVisible(before and live)
        self._face_down.setVisible(before and not live)
        self._corners.setVisible(phase is ScanPhase.CORNERS)
        self._page.setVisible(judged)
        self._all_there.setVisible(phase is ScanPhase.FINISHED)
        if phase is not ScanPhase.AIM:
            self._drawn_number = None
        self._set_left(again=judged and not refused)
        self._set_right(phase, refused=refused)

    def _set_left(self, *, again: bool) -> None:
        if again:
            self._left = PageRetaken()
            self.frame.set_left(_("Chụp lại"), icon="rotate-ccw")
        else:
            self._left = BackPressed()
            self.frame.set_left(_("Quay lại"))
        if self.frame.left_button is not None:
            self.frame.left_button.setObjectName("retake" if again else "back")

    def _set_right(self, phase: ScanPhase, *, refused: bool) -> None:
        text, icon, name, self._right = _right(phase, self._source, refused=refused)
        self.frame.set_right(text, icon=icon)
        button = self.frame.right_button
        if button is not None:
            button.setObjectName(name)
            button.setEnabled(self._right is not None)

    def _press_right(self) -> None:
        if isinstance(self._right, CornersSet):
            self.act(CornersSet(corners=self._corners.corners))
        elif self._right is not None:
            self.act(self._right)

    def _show_words(self, view: ScanView, current: PaperView | None) -> None:
        done = sum(bool(paper.pages) for paper in view.papers)
        total = sum(not paper.skipped for paper in view.papers)
        told = _("{done}/{total} giấy tờ").format(done=done, total=total)
        self.frame.set_counter(told, done=done == total)
        if view.phase is ScanPhase.AT_COUNTER:
            self.frame.set_lead("")
        elif view.phase is ScanPhase.FINISHED or current is None:
            self.frame.set_lead(_("Xin cầm lại giấy tờ trên bàn quét."))
        elif view.phase is ScanPhase.JUDGED and view.stack > 1:
            self.frame.set_lead(
                _("{paper} · máy đã quét {n} trang").format(paper=current.title, n=view.stack)
            )
        elif current.pages:
            page = _("{paper} · trang {n}").format(paper=current.title, n=current.pages + 1)
            self.frame.set_lead(page)
        else:
            self.frame.set_lead(current.title)

    def _show_frame(self, view: ScanView) -> None:
        seen = view.preview
        live = view.phase in {ScanPhase.AIM, ScanPhase.CORNERS}
        if not live or seen is None or seen.number == self._drawn_number:
            return
        self._drawn_number = seen.number
        glance = seen.glance
        if view.phase is ScanPhase.CORNERS:
            self._corners.show_frame(glance.bgr, glance.width, glance.height)
            self._corners.start(glance.outline.corners)
            self._corners.setFocus()
            return
        self._preview.show_frame(glance.bgr, glance.width, glance.height)
        told = _notice(view)
        good = told is None or told.tone in {Tone.OK, Tone.INFO}
        self._preview.set_outline(glance.outline.corners if glance.outline.found else None, good=good)


def _right(phase: ScanPhase, source: PaperSource, *, refused: bool) -> tuple[str, str, str, Event | None]:
    """Return words, icon, object name and event of the primary action."""
    scans = source is not PaperSource.CAMERA
    on_ward = (_("Tiếp tục"), "arrow-right", "primary", NextPressed())
    actions: dict[ScanPhase, tuple[str, str, str, Event | None]] = {
        ScanPhase.AIM: (
            _("Quét") if scans else _("Chụp"),
            "scan-line" if scans else "camera",
            "capture",
            PictureAsked(),
        ),
        ScanPhase.CORNERS: (_("Chụp theo khung"), "camera", "capture", CornersSet(corners=())),
        ScanPhase.WORKING: (_("Xin chờ một chút"), "hourglass", "capture", None),
        ScanPhase.FINISHED: on_ward,
        ScanPhase.AT_COUNTER: on_ward,
    }
    if phase in actions:
        return actions[phase]
    if refused:
        return _("Chụp lại"), "rotate-ccw", "retake", PageRetaken()
    return _("Giữ trang này"), "check", "keep", PageKept()


def _may_show_corners(view: ScanView, *, refused: bool) -> bool:
    """Offer it where the outline may be wrong: none was found, or a page was made and may be cut badly."""
    if view.preview is None:
        return False
    if view.phase is ScanPhase.AIM:
        return not view.preview.glance.outline.found
    return view.phase is ScanPhase.JUDGED and not refused


def _notice(view: ScanView) -> Notice | None:
    if view.notice is not None:
        return view.notice
    if view.phase is ScanPhase.CORNERS:
        return Notice(tone=Tone.INFO, text=_("Xin kéo **bốn nút tròn** vào đúng bốn góc tờ giấy."))
    return _aiming(view) if view.phase is ScanPhase.AIM else None


def _aiming(view: ScanView) -> Notice | None:
    if view.source is PaperSource.FLATBED:
        return Notice(
            tone=Tone.INFO, text=_("Xin **úp mặt có chữ xuống kính**, sát góc có dấu, đậy nắp rồi bấm Quét.")
        )
    if view.source is PaperSource.FEEDER:
        return Notice(
            tone=Tone.INFO, text=_("Xin đặt **cả xấp giấy vào khay**, bỏ ghim và kẹp, rồi bấm Quét.")
        )
    if view.preview is None:
        return None
    wrong = trouble(view.preview)
    if wrong is not None:
        return wrong
    if view.preview.glance.outline.found:
        return Notice(tone=Tone.OK, text=_("**Thấy đủ tờ giấy.** Xin bấm Chụp."))
    return Notice(tone=Tone.INFO, text=_("Xin đặt **một tờ giấy phẳng** vào khung, đủ bốn góc."))
