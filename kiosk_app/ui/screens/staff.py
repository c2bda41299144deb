"""What the technician sees first: each device a row with a word, the likely cause and a button to try it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from drivers.ports import DeviceState, DeviceStatus
from kiosk_app.flow.events import BackPressed, Went
from kiosk_app.flow.steps import Step
from kiosk_app.flow.technician import DEVICES
from kiosk_app.flow.technician_events import TechnicianAsked
from kiosk_app.health import describe, device_name
from kiosk_app.i18n import _, mark
from kiosk_app.queue_words import clock_words, disk_words, line_words, queue_words
from kiosk_app.ui.widgets.buttons import SecondaryButton
from kiosk_app.ui.widgets.columns import in_a_row, in_columns
from kiosk_app.ui.widgets.notice_slot import NoticeSlot
from kiosk_app.ui.widgets.notices import StatusRow
from kiosk_app.ui.widgets.qr_picture import QrPicture
from kiosk_app.ui.widgets.screen import Screen, ScreenContext

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from kiosk_app.flow.staff_view import StaffView
    from kiosk_app.flow.steps import Notice

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
CODE_PX: Final = 360
PAGES: Final = (
    (Step.TECH_HISTORY, mark("Nhật ký"), "scroll-text"),
    (Step.TECH_CENTRE, mark("Trung tâm"), "landmark"),
    (Step.TECH_NETWORK, mark("Mạng"), "globe"),
    (Step.TECH_CARDS, mark("Thẻ kỹ thuật"), "id-card"),
    (Step.TECH_MACHINE, mark("Máy này"), "power"),
)
"""The further screens, each behind one button."""
A_ROW: Final = 3
GAP_PX: Final = 12
"""Between rows, so that ways on and devices fit on one portrait screen."""


class StaffScreen(Screen):
    """Devices, backend and queue; above them what a test says, and the ways to the further screens."""

    def __init__(self, context: ScreenContext) -> None:
        super().__init__(context, Step.STAFF)
        self._rows: dict[str, StatusRow] = {}
        self._drawn: dict[str, Row] = {}
        self._places: list[QWidget] = []
        self._notice = NoticeSlot(self.theme)
        self._said: Notice | None = None
        self._code: QrPicture | None = None
        self._code_drawn = ""
        self.frame.body.setSpacing(GAP_PX)
        self.frame.body.addWidget(self._notice)
        self._pages = self._place_pages([self._page(*page) for page in PAGES])
        self.frame.body.addStretch(1)
        self.frame.set_title(_("Kiểm tra thiết bị"))
        self.frame.set_left(_("Thoát"))
        if self.frame.left_button is not None:
            self.frame.left_button.setObjectName("back")
        self.frame.left_pressed.connect(lambda: self.act(BackPressed()))
        self.frame.right_pressed.connect(lambda: self.act(TechnicianAsked(what="export")))

    def show_view(self, view: StaffView) -> None:
        """Draw the rows; only a row that changed is touched."""
        rows = _rows(view)
        if tuple(rows) != tuple(self._rows):
            self._rebuild(rows, tools=view.tools)
        for key, row in rows.items():
            if self._drawn.get(key) != row:
                self._drawn[key] = row
                self._rows[key].set_state(*row[1:])
            self._rows[key].set_ready(ready=not view.busy)
        bad = sum(row[1] != "ok" for row in rows.values())
        words = _("{n} chỗ cần xem").format(n=bad) if bad else ""
        say = self.frame.set_counter if self.theme.wide else self.frame.set_lead
        say(words)
        self._show_tools(view)

    def _place_pages(self, pages: list[SecondaryButton]) -> list[QWidget]:
        """Put the ways to the further screens beside the rows, above them, or, enlarged, under them."""
        if self.theme.landscape and self.theme.wide:
            rows: list[QWidget] = list(pages)
            for row in rows:
                self.frame.side.addWidget(row)
        else:
            rows = [in_a_row(self.theme, pages[at : at + A_ROW]) for at in range(0, len(pages), A_ROW)]
            for row in rows:
                self.frame.body.addWidget(row)
        self.frame.set_say("")
        return rows

    def _page(self, step: Step, words: str, icon: str) -> SecondaryButton:
        button = SecondaryButton(self.theme, _(words), icon=icon, small=True)
        button.setObjectName(f"page-{step.value}")
        button.clicked.connect(lambda: self.act(Went(to=step)))
        return button

    def _show_tools(self, view: StaffView) -> None:
        """Say what came of the last button; the code to hold the scanner at stands under it."""
        if view.said != self._said:
            self._said = view.said
            self._notice.show_notice(view.said)
            if view.said is not None:
                self.frame.scroll_to_top()
        for row in self._pages:
            row.setVisible(view.tools)
        if view.tools and self.frame.right_button is None:
            self.frame.set_right(_("Chép chẩn đoán ra USB"), icon="usb")
        if self.frame.right_button is not None:
            self.frame.right_button.setObjectName("primary")
            self.frame.right_button.setEnabled(not view.busy)
        if view.show_code != self._code_drawn:
            self._show_code(view.show_code)

    def _show_code(self, text: str) -> None:
        self._code_drawn = text
        if self._code is not None:
            self.frame.body.removeWidget(self._code)
            self._code.hide()
            self._code.deleteLater()
            self._code = None
        if text:
            self._code = QrPicture(text, side_px=CODE_PX, label=_("Mã để thử máy đọc mã"))
            self.frame.body.insertWidget(1, self._code)

    def _rebuild(self, rows: dict[str, Row], *, tools: bool) -> None:
        for place in self._places:
            self.frame.body.removeWidget(place)
            place.hide()
            place.deleteLater()
        self._rows = {key: self._row(key, row, tools=tools) for key, row in rows.items()}
        devices = [row for key, row in self._rows.items() if key in DEVICES]
        # Nothing of the other parts is tried here, so there is room for two side by side.
        parts = [row for key, row in self._rows.items() if key not in DEVICES]
        pairs = [in_a_row(self.theme, parts[at : at + 2]) for at in range(0, len(parts), 2)]
        self._places = [in_columns(self.theme, devices, gap=GAP_PX), *pairs]
        above = [
            self._notice,
            *([self._code] if self._code else []),
            *(self._pages if self.theme.wide else []),
        ]
        first = max(self.frame.body.indexOf(part) for part in above) + 1
        for at, place in enumerate(self._places, first):
            self.frame.body.insertWidget(at, place)
        self._drawn = dict(rows)

    def _row(self, key: str, row: Row, *, tools: bool) -> StatusRow:
        made = StatusRow(self.theme, *row, button=_("Thử") if tools and key in DEVICES else "")
        made.name_button(f"tech-{key}")
        made.button_pressed.connect(lambda: self.act(TechnicianAsked(what=key)))
        return made


def _rows(view: StaffView) -> dict[str, Row]:
    """Return the devices, then the other parts, those that are ill first."""
    rows = {status.device: _device_row(status) for status in view.devices}
    devices = {key: row for key, row in rows.items() if key in DEVICES}
    parts = {key: row for key, row in rows.items() if key not in DEVICES} | _queue_rows(view)
    return devices | dict(sorted(parts.items(), key=lambda part: part[1][1] == "ok"))


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
