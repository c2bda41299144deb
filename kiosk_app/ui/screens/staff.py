"""What the technician sees: each device a row with a word and the likely cause; never a citizen's datum."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from drivers.ports import DeviceState, DeviceStatus
from kiosk_app.flow.events import BackPressed, TechnicianAsked
from kiosk_app.flow.sentences import codes, sentence
from kiosk_app.flow.steps import Step
from kiosk_app.health import describe, device_name
from kiosk_app.i18n import _, mark
from kiosk_app.queue_words import clock_words, disk_words, line_words, queue_words, warning_text
from kiosk_app.ui.widgets.buttons import SecondaryButton
from kiosk_app.ui.widgets.columns import in_a_row, in_columns
from kiosk_app.ui.widgets.fields import TextField
from kiosk_app.ui.widgets.notice_slot import NoticeSlot
from kiosk_app.ui.widgets.notices import InfoCard, StatusRow
from kiosk_app.ui.widgets.qr_picture import QrPicture
from kiosk_app.ui.widgets.screen import Screen, ScreenContext

if TYPE_CHECKING:
    import datetime as dt

    from PySide6.QtWidgets import QWidget

    from kiosk_app.flow.staff_view import StaffView, Transition

Row = tuple[str, str, str, str]
"""Name, state of the row, word, detail."""

_STATES: Final[dict[DeviceState, str]] = {
    DeviceState.READY: "ok",
    DeviceState.DISABLED: "ok",
    DeviceState.CONNECTING: "warn",
    DeviceState.DEGRADED: "warn",
    DeviceState.BLOCKED: "bad",
    DeviceState.ABSENT: "bad",
    DeviceState.FAULT: "bad",
}
CALLS_SHOWN: Final = 6
CODE_PX: Final = 360
BUTTONS: Final = (
    ("card_reader", mark("Thử đầu đọc thẻ")),
    ("qr_scanner", mark("Thử máy đọc mã")),
    ("document_scanner", mark("Thử máy chụp giấy")),
    ("ticket_printer", mark("Thử máy in phiếu")),
    ("a4_printer", mark("Thử máy in A4")),
    ("print_status", mark("In phiếu tình trạng")),
    ("log", mark("Xem nhật ký")),
    ("export", mark("Chép chẩn đoán ra USB")),
    ("reboot", mark("Khởi động lại máy")),
)
A_ROW: Final = 3
CALLED_BY_HAND: Final = "button"


class StaffScreen(Screen):
    """Devices, the backend, the queue and the calls for help of today."""

    def __init__(self, context: ScreenContext) -> None:
        super().__init__(context, Step.STAFF)
        self._rows: dict[str, StatusRow] = {}
        self._drawn: dict[str, Row] = {}
        self._place: QWidget | None = None
        self._calls_drawn: tuple[tuple[dt.datetime, str], ...] = ()
        self._calls: InfoCard | None = None
        self._buttons = self._make_buttons()
        self._said = NoticeSlot(self.theme)
        self._code: QrPicture | None = None
        self._code_drawn = ""
        self._lists: list[InfoCard] = []
        self._lists_drawn: tuple[object, ...] = ()
        self._enrol_code = TextField(self.theme, _("Mã ghi danh của máy chủ"), icon="lock", max_length=64)
        self._enrol_code.setObjectName("enrol-code")
        enrol = SecondaryButton(self.theme, _("Ghi danh máy này"), small=True)
        enrol.setObjectName("tech-enrol")
        enrol.clicked.connect(self._enrol)
        self._enrolling: tuple[QWidget, ...] = (self._enrol_code, enrol)
        for part in (self._said, *self._buttons, *self._enrolling):
            self.frame.body.addWidget(part)
        self.frame.body.addStretch(1)
        self.frame.set_title(_("Kiểm tra thiết bị"))
        self.frame.set_left(_("Thoát"))
        if self.frame.left_button is not None:
            self.frame.left_button.setObjectName("back")
        self.frame.left_pressed.connect(lambda: self.act(BackPressed()))

    def show_view(self, view: StaffView) -> None:
        """Draw the rows; only a row that changed is touched."""
        rows = {status.device: _device_row(status) for status in view.devices}
        rows.update(_queue_rows(view))
        if tuple(rows) != tuple(self._rows):
            self._rebuild(rows)
        for key, row in rows.items():
            if self._drawn.get(key) != row:
                self._drawn[key] = row
                self._rows[key].set_state(*row[1:])
        bad = sum(row[1] != "ok" for row in rows.values())
        words = _("{n} chỗ cần xem").format(n=bad) if bad else ""
        say = self.frame.set_counter if self.theme.wide else self.frame.set_lead
        say(words)
        self._show_tools(view)
        self._show_lists(view)
        self._show_calls(view.calls)

    def _make_buttons(self) -> list[QWidget]:
        made = []
        for what, words in BUTTONS:
            button = SecondaryButton(self.theme, _(words), small=True)
            button.setObjectName(f"tech-{what}")
            button.clicked.connect(lambda _checked=False, what=what: self.act(TechnicianAsked(what=what)))
            made.append(button)
        return [in_a_row(self.theme, made[at : at + A_ROW]) for at in range(0, len(made), A_ROW)]

    def _enrol(self) -> None:
        code = str(self._enrol_code.value()).strip()
        if not code:
            self._enrol_code.focus_input()
            return
        self._enrol_code.set_value("")
        self.act(TechnicianAsked(what="enrol", text=code))

    def _show_tools(self, view: StaffView) -> None:
        """Say what came of the last button; the code to hold the scanner at stands under it."""
        self._said.show_notice(view.said)
        for row in (*self._buttons, *self._enrolling):
            row.setVisible(view.tools)
            row.setEnabled(not view.busy)
        if view.show_code == self._code_drawn:
            return
        self._code_drawn = view.show_code
        if self._code is not None:
            self.frame.body.removeWidget(self._code)
            self._code.hide()
            self._code.deleteLater()
            self._code = None
        if view.show_code:
            self._code = QrPicture(view.show_code, side_px=CODE_PX, label=_("Mã để thử máy đọc mã"))
            self.frame.body.insertWidget(self.frame.body.indexOf(self._said) + 1, self._code)

    def _show_lists(self, view: StaffView) -> None:
        """Show what changed at the devices, and the log where it was asked for."""
        if (view.transitions, view.log) == self._lists_drawn:
            return
        self._lists_drawn = (view.transitions, view.log)
        for card in self._lists:
            self.frame.body.removeWidget(card)
            card.hide()
            card.deleteLater()
        lists = (
            (_("Nhật ký"), view.log),
            (_("Thay đổi gần đây"), tuple(_change(one) for one in view.transitions)),
        )
        self._lists = []
        for title, rows in lists:
            if rows:
                card = InfoCard(self.theme, title)
                card.rows(list(rows))
                self.frame.body.insertWidget(self.frame.body.count() - 1, card)
                self._lists.append(card)

    def _rebuild(self, rows: dict[str, Row]) -> None:
        if self._place is not None:
            self.frame.body.removeWidget(self._place)
            self._place.hide()
            self._place.deleteLater()
        self._rows = {key: StatusRow(self.theme, *row) for key, row in rows.items()}
        self._place = in_columns(self.theme, list(self._rows.values()))
        self.frame.body.insertWidget(0, self._place)
        self._drawn = dict(rows)

    def _show_calls(self, calls: tuple[tuple[dt.datetime, str], ...]) -> None:
        if calls == self._calls_drawn:
            return
        self._calls_drawn = calls
        if self._calls is not None:
            self.frame.body.removeWidget(self._calls)
            self._calls.hide()
            self._calls.deleteLater()
            self._calls = None
        if calls:
            self._calls = InfoCard(self.theme, _("Đã gọi cán bộ"))
            self._calls.rows([(f"{at:%H:%M}", _reason(why)) for at, why in calls[:CALLS_SHOWN]])
            self.frame.body.insertWidget(1, self._calls)


def _change(change: Transition) -> tuple[str, str]:
    """Return when, and what became how and why, with the raw bytes where the device gave some."""
    now = DeviceStatus(device=change.device, state=change.after, cause=change.cause)
    parts = (device_name(change.device), describe(now)[0], change.cause, change.detail)
    return f"{change.at:%d/%m %H:%M:%S}", " · ".join(part for part in parts if part and part != "ok")


def _reason(why: str) -> str:
    if why == CALLED_BY_HAND:
        return _("Có người chạm “Gọi cán bộ”")
    return warning_text(why) or (sentence(why) if why in codes() else why)


def _device_row(status: DeviceStatus) -> Row:
    word, cause = describe(status)
    parts = [cause] if status.state is not DeviceState.READY or status.cause != "ok" else []
    if any(letter.isalpha() for letter in status.detail):  # bytes alone tell nobody anything here
        parts.append(status.detail)
    if status.cause != "ok" and _STATES[status.state] != "ok":
        parts.append(status.cause)
    return device_name(status.device), _STATES[status.state], word, " · ".join(parts)


def _queue_rows(view: StaffView) -> dict[str, Row]:
    parts = {"backend": line_words(view.line_trouble), "queue": queue_words(view.queue)}
    if view.queue is not None:
        parts["disk"] = disk_words(view.queue)
        clock = clock_words(view.queue)
        if clock is not None:
            parts["clock"] = clock
    return {key: (part.name, part.level, part.word, part.detail) for key, part in parts.items()}
