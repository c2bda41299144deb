"""What happened of late: changes at the devices with raw bytes, warnings of the log, calls for help."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from drivers.ports import DeviceStatus
from kiosk_app.flow.sentences import codes, sentence
from kiosk_app.flow.steps import Step
from kiosk_app.health import describe, device_name
from kiosk_app.i18n import _
from kiosk_app.queue_words import warning_text
from kiosk_app.ui.widgets.bench_page import BenchPage
from kiosk_app.ui.widgets.notices import InfoCard

if TYPE_CHECKING:
    from kiosk_app.flow.staff_view import Transition
    from kiosk_app.flow.technician_view import TechHistoryView
    from kiosk_app.ui.widgets.screen import ScreenContext

CALLS_SHOWN: Final = 6
CALLED_BY_HAND: Final = "button"


class TechnicianHistoryScreen(BenchPage):
    """Three lists, newest first; a list with nothing in it says so."""

    def __init__(self, context: ScreenContext) -> None:
        super().__init__(context, Step.TECH_HISTORY, _("Nhật ký và thay đổi"))
        self._cards: list[InfoCard] = []
        self._drawn: TechHistoryView | None = None
        self.frame.body.addStretch(1)

    def show_view(self, view: TechHistoryView) -> None:
        """Draw the lists; unchanged ones are left alone."""
        if view == self._drawn:
            return
        self._drawn = view
        for card in self._cards:
            self.frame.body.removeWidget(card)
            card.hide()
            card.deleteLater()
        calls = [(f"{at:%H:%M}", _reason(why)) for at, why in view.calls[:CALLS_SHOWN]]
        self._cards = [
            self._list(_("Đã gọi cán bộ"), calls, _("Chưa ai gọi từ lúc máy bật.")),
            self._list(
                _("Thiết bị thay đổi"),
                [_change(one) for one in view.transitions],
                _("Chưa có gì thay đổi từ lúc máy bật."),
            ),
            self._list(_("Cảnh báo trong nhật ký"), list(view.log), _("Không có cảnh báo nào.")),
        ]
        for at, card in enumerate(self._cards, 1):
            self.frame.body.insertWidget(at, card)

    def _list(self, title: str, rows: list[tuple[str, str]], nothing: str) -> InfoCard:
        card = InfoCard(self.theme, title)
        if rows:
            card.rows(rows)
        else:
            card.add_line("check", nothing)
        return card


def _change(change: Transition) -> tuple[str, str]:
    """Return when, and what became how and why, with the raw bytes where the device gave some."""
    now = DeviceStatus(device=change.device, state=change.after, cause=change.cause)
    parts = (device_name(change.device), describe(now)[0], change.cause, change.detail)
    return f"{change.at:%d/%m %H:%M:%S}", " · ".join(part for part in parts if part and part != "ok")


def _reason(why: str) -> str:
    if why == CALLED_BY_HAND:
        return _("Có người chạm “Gọi cán bộ”")
    return warning_text(why) or (sentence(why) if why in codes() else why)
