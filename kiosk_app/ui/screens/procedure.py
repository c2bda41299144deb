"""One procedure before the work starts: papers, time, fee, so that nobody begins what cannot end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kiosk_app.flow.events import BackPressed, NextPressed
from kiosk_app.flow.steps import Notice, Step, Tone
from kiosk_app.i18n import _
from kiosk_app.ui.widgets.columns import in_columns
from kiosk_app.ui.widgets.notice_slot import NoticeSlot
from kiosk_app.ui.widgets.notices import InfoCard
from kiosk_app.ui.widgets.screen import Screen
from kiosk_app.ui.widgets.text import Text
from kiosk_app.ui.widgets.ways import set_way_back, set_way_on

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from kiosk_app.flow.steps import ProcedureView
    from kiosk_app.ui.widgets.screen import ScreenContext


class ProcedureScreen(Screen):
    """Papers first, because people come without them; then the time, the fee and the law."""

    def __init__(self, context: ScreenContext) -> None:
        super().__init__(context, Step.PROCEDURE)
        self._shown: ProcedureView | None = None
        self._counter_only = NoticeSlot(self.theme)
        self._said = NoticeSlot(self.theme)
        self._cards: QWidget | None = None
        self._legal = Text(self.theme, "small", colour="soft")
        self.frame.body.addWidget(self._said)
        self.frame.body.addWidget(self._counter_only)
        self.frame.body.addWidget(self._legal)
        self.frame.body.addStretch(1)
        set_way_back(self.frame)
        self.frame.left_pressed.connect(lambda: self.act(BackPressed()))
        self.frame.right_pressed.connect(lambda: self.act(NextPressed()))

    def show_view(self, view: ProcedureView) -> None:
        """Show the procedure; the same one again changes nothing."""
        if view == self._shown:
            return
        self._shown = view
        self.frame.set_title(view.title)
        self.frame.set_lead(view.sector)
        self._said.show_notice(view.notice)
        self._counter_only.show_notice(None if view.can_submit else _at_the_counter())
        if self._cards is not None:
            self.frame.body.removeWidget(self._cards)
            self._cards.hide()
            self._cards.deleteLater()
        self._cards = in_columns(self.theme, (self._papers(view), self._terms(view)))
        self.frame.body.insertWidget(2, self._cards)
        self._legal.set_text(_("Căn cứ: {legal}").format(legal=view.legal) if view.legal else "")
        self._legal.setVisible(bool(view.legal))
        self._primary(view)

    def _papers(self, view: ProcedureView) -> InfoCard:
        card = InfoCard(self.theme, _("Giấy tờ cần có"))
        for title, required in view.papers:
            words = _("{paper} · **bắt buộc**") if required else _("{paper} · nếu có")
            card.add_line("file-check" if required else "file-text", words.format(paper=title))
        if not view.papers_known:
            card.add_line("circle-help", _("Xin hỏi cán bộ cần giấy tờ gì."))
        elif not view.papers:
            card.add_line("circle-check", _("Không cần giấy tờ nào khác ngoài thẻ căn cước."))
        card.body.addStretch(1)
        return card

    def _terms(self, view: ProcedureView) -> InfoCard:
        card = InfoCard(self.theme, _("Thời gian và lệ phí"))
        card.add_line("clock", view.time)
        card.add_line("banknote", view.fee)
        card.body.addStretch(1)
        return card

    def _primary(self, view: ProcedureView) -> None:
        if view.can_submit:
            set_way_on(self.frame, _("Bắt đầu"))
        else:
            set_way_on(self.frame, _("Lấy số"), icon="ticket")


def _at_the_counter() -> Notice:
    return Notice(tone=Tone.INFO, text=_("Việc này làm tại quầy. Xin lấy số, cán bộ sẽ hướng dẫn ông bà."))
