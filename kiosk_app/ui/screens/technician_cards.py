"""The cards that open the technician's screens: a name and a date each, no person."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout

from kiosk_app.flow.steps import Step
from kiosk_app.flow.technician_events import CardAdded, CardRemoved
from kiosk_app.i18n import _
from kiosk_app.ui.widgets.bench_page import BenchPage
from kiosk_app.ui.widgets.buttons import SecondaryButton
from kiosk_app.ui.widgets.notices import Card, IconLabel
from kiosk_app.ui.widgets.text import Text

if TYPE_CHECKING:
    from kiosk_app.flow.technician_view import EnrolledCard, TechCardsView
    from kiosk_app.ui.widgets.screen import ScreenContext


class TechnicianCardsScreen(BenchPage):
    """The list, each card with a button that takes it off, and one action: add a card."""

    def __init__(self, context: ScreenContext) -> None:
        super().__init__(context, Step.TECH_CARDS, _("Thẻ mở màn hình này"))
        self._drawn: tuple[EnrolledCard, ...] | None = None
        self._listening: bool | None = None
        self._rows: list[Card] = []
        about = _("Máy không giữ tên hay số của chủ thẻ. Thẻ bị mất: bỏ khỏi danh sách này ngay.")
        self.put(Text(self.theme, "body", about, colour="soft"))
        self.frame.body.addStretch(1)
        self.frame.right_pressed.connect(lambda: self.act(CardAdded()))

    def show_view(self, view: TechCardsView) -> None:
        """Draw the list and the action; what did not change is left alone."""
        self.say(view.said)
        if view.cards != self._drawn:
            self._drawn = view.cards
            self._show_cards(view.cards)
        if view.listening != self._listening:
            self._listening = view.listening
            words, icon = (_("Thôi"), "x") if view.listening else (_("Thêm thẻ"), "id-card")
            self.save_button(words, icon=icon)
        if self.frame.right_button is not None:
            self.frame.right_button.setEnabled(not view.busy)
        for row in self._rows:
            row.setEnabled(not view.busy)

    def _show_cards(self, cards: tuple[EnrolledCard, ...]) -> None:
        for row in self._rows:
            self.frame.body.removeWidget(row)
            row.hide()
            row.deleteLater()
        self._rows = [self._row(card) for card in cards] or [self._nobody()]
        for at, row in enumerate(self._rows, 2):
            self.frame.body.insertWidget(at, row)

    def _row(self, card: EnrolledCard) -> Card:
        row = Card(self.theme)
        line = QHBoxLayout()
        line.setSpacing(self.theme.space.block)
        line.addWidget(IconLabel(self.theme, "id-card"), 0, Qt.AlignmentFlag.AlignVCenter)
        since = _("ghi ngày {day}").format(day=f"{card.enrolled_on:%d/%m/%Y}")
        line.addWidget(Text(self.theme, "body", f"**{card.label}** · {since}"), 1)
        button = SecondaryButton(self.theme, _("Bỏ"), icon="trash-2", small=True)
        button.setObjectName(f"remove-{card.label}")
        button.setAccessibleName(f"{_('Bỏ')}: {card.label}")
        button.clicked.connect(lambda: self.act(CardRemoved(label=card.label)))
        line.addWidget(button, 0, Qt.AlignmentFlag.AlignVCenter)
        row.body.addLayout(line)
        return row

    def _nobody(self) -> Card:
        card = Card(self.theme)
        card.body.addWidget(Text(self.theme, "body", _("Chưa có thẻ nào; màn hình này mở bằng mã PIN.")))
        return card
