"""Everything that will be handed in, then the consent: two answers that weigh the same."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QTimer

from kiosk_app.flow.events import ConsentAnswered, EditAsked, FormPrintAsked
from kiosk_app.flow.sheet_view import SheetPhase
from kiosk_app.flow.steps import Notice, ReviewBlock, ReviewView, Step, Tone
from kiosk_app.i18n import _, mark
from kiosk_app.ui.widgets.buttons import SecondaryButton
from kiosk_app.ui.widgets.notice_slot import NoticeSlot
from kiosk_app.ui.widgets.notices import InfoCard, NoteBar
from kiosk_app.ui.widgets.screen import Screen, ScreenContext

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget


_SHEET: Final[dict[SheetPhase, str]] = {
    SheetPhase.OFFERED: mark("In tờ khai để ký (miễn phí)"),
    SheetPhase.PRINTING: mark("Đang in tờ khai…"),
    SheetPhase.OUT: mark("Đã in. In thêm một tờ nữa"),
    SheetPhase.CANCELLED: mark("In tờ khai để ký (miễn phí)"),
    SheetPhase.FAILED: mark("In lại tờ khai"),
}


class ReviewScreen(Screen):
    """The form as it reads, block by block, the fee, and the question."""

    def __init__(self, context: ScreenContext) -> None:
        super().__init__(context, Step.REVIEW)
        self._blocks: tuple[ReviewBlock, ...] | None = None
        self._words: tuple[str, str] | None = None
        self._busy: bool | None = None
        self._parts: list[QWidget] = []
        self._notice = NoticeSlot(self.theme)
        self._told: Notice | None = None
        self.frame.body.addWidget(self._notice)
        self._sheet = SecondaryButton(self.theme, "", icon="printer", tinted=True)
        self._sheet.setObjectName("print-form")
        self._sheet.clicked.connect(lambda: self.act(FormPrintAsked()))
        self._sheet.hide()
        self.frame.body.addWidget(self._sheet)
        self.frame.body.addStretch(1)
        self.frame.set_title(_("Xin xem lại"))
        no, yes = ("x", "check") if self.theme.wide else ("", "")  # enlarged, the words need the room
        self.frame.set_left(_("Không nộp"), icon=no)
        self.frame.set_right(_("Đồng ý nộp"), icon=yes, kind="equal")
        self._name_answers()
        self.frame.left_pressed.connect(partial(self._answer, agreed=False))
        self.frame.right_pressed.connect(partial(self._answer, agreed=True))
        if self.theme.wide:  # enlarged, the side has no room for more than the answers
            self.frame.set_say(
                _("Xin xem lại từng phần."),
                _("Bấm **Sửa** ở phần nào chưa đúng. Chưa bấm nộp thì máy chưa gửi gì."),
            )

    def show_view(self, view: ReviewView) -> None:
        """Draw the blocks; called again only little changes."""
        if view.blocks != self._blocks or (view.fee, view.consent) != self._words:
            self._blocks, self._words = view.blocks, (view.fee, view.consent)
            self._rebuild(view)
        if view.busy != self._busy:
            self._busy = view.busy
            self._show_busy()
        self._show_sheet(view)
        self._tell(self._notice_of(view))
        self.frame.set_lead(view.procedure)

    def _show_sheet(self, view: ReviewView) -> None:
        """Offer the form on A4 where there is a printer for it, and say what became of it."""
        self._sheet.setVisible(view.sheet is not None)
        if view.sheet is not None:
            self._sheet.set_text(_(_SHEET[view.sheet]))
            self._sheet.setEnabled(view.sheet is not SheetPhase.PRINTING and not view.busy)

    def _notice_of(self, view: ReviewView) -> Notice | None:
        if view.busy:
            return Notice(tone=Tone.INFO, text=_("**Đang lưu hồ sơ…** Xin chờ một chút."))
        return view.notice

    def _tell(self, notice: Notice | None) -> None:
        self._notice.show_notice(notice)
        if notice is not None and notice != self._told:
            # The layout makes room for the notice at the next turn of the event loop.
            QTimer.singleShot(0, self, partial(self.frame.reveal, self._notice))
        self._told = notice

    def _rebuild(self, view: ReviewView) -> None:
        for part in self._parts:
            self.frame.body.removeWidget(part)
            part.hide()
            part.deleteLater()
        # The consent stands first: a long form pushes its end under the fold, and nobody agrees unseen.
        question = _("**Ông bà đồng ý nộp hồ sơ này?** {consent}").format(consent=view.consent)
        self._parts = [NoteBar(self.theme, question, icon="shield-check")]
        self._parts += [self._card(block) for block in view.blocks]
        if view.fee:
            fee = _("**Lệ phí:** {fee}").format(fee=view.fee)
            self._parts.append(NoteBar(self.theme, fee, icon="banknote"))
        for place, part in enumerate(self._parts):
            self.frame.body.insertWidget(place, part)
        self.frame.body.insertWidget(1, self._sheet)  # under the consent: below the blocks nobody finds it

    def _card(self, block: ReviewBlock) -> InfoCard:
        card = InfoCard(self.theme, block.title, button=_("Sửa"))
        card.rows(block.rows)
        card.button_pressed.connect(partial(self._edit, block.name))
        for button in card.findChildren(SecondaryButton):
            button.setObjectName(f"edit-{block.name}")
        return card

    def _edit(self, block: str) -> None:
        self.act(EditAsked(block=block))

    def _answer(self, *, agreed: bool) -> None:
        if not self._busy:
            self.act(ConsentAnswered(agreed=agreed))

    def _name_answers(self) -> None:
        for button, name in (
            (self.frame.left_button, "consent-no"),
            (self.frame.right_button, "consent-yes"),
        ):
            if button is not None:
                button.setObjectName(name)

    def _show_busy(self) -> None:
        for button in (self.frame.left_button, self.frame.right_button, *self.findChildren(SecondaryButton)):
            if button is not None:
                button.setEnabled(not self._busy)
        for button in (self.frame.left_button, self.frame.right_button):
            if button is not None:
                button.set_reason(_("Đang lưu hồ sơ…") if self._busy else "")
