"""What the technician sees."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import TYPE_CHECKING

import pytest
from PySide6.QtWidgets import QWidget

from drivers.ports import DeviceState, DeviceStatus
from kiosk_app.flow.events import BackPressed, TechnicianAsked
from kiosk_app.flow.sentences import sentence
from kiosk_app.flow.staff_view import StaffView, Transition
from kiosk_app.flow.steps import Notice, Tone
from kiosk_app.i18n import set_language
from kiosk_app.ui.screens.staff import BUTTONS, StaffScreen
from kiosk_app.ui.widgets.fields import TextField
from kiosk_app.ui.widgets.notices import StatusRow
from kiosk_app.ui.widgets.qr_picture import QrPicture
from offline_queue.ports import QueueStatus

if TYPE_CHECKING:
    from tests.kiosk_app.ui.screens.conftest import Stage

QUEUE = QueueStatus(
    ready=2, sending=1, stored=41, quarantined=0, paused=None, oldest_age_s=130, bytes=123_456
)
AT = dt.datetime(2026, 11, 23, 8, 55, tzinfo=dt.UTC)
VIEW = StaffView(
    devices=(
        DeviceStatus(device="card_reader", state=DeviceState.READY, detail="ACS ACR39U"),
        DeviceStatus(device="ticket_printer", state=DeviceState.DEGRADED, cause="printer.paper_near_end"),
        DeviceStatus(device="document_scanner", state=DeviceState.ABSENT, cause="device.missing"),
    ),
    queue=QUEUE,
    line_trouble="",
    calls=((AT, "printer.blocked"),),
)


def row(screen: QWidget, name: str) -> StatusRow:
    found = [
        one
        for one in screen.findChildren(StatusRow)
        if one.isVisible() and one.accessibleName().startswith(f"{name}: ")
    ]
    assert len(found) == 1, f"{len(found)} rows are called {name}"
    return found[0]


def told(screen: QWidget, name: str) -> str:
    return row(screen, name).accessibleName().partition(": ")[2]


def test_each_device_has_a_row_with_a_word_and_a_likely_cause(stage: Stage) -> None:
    screen = stage.build(StaffScreen, VIEW)
    assert told(screen, "Đầu đọc thẻ") == "Tốt"
    assert told(screen, "Máy in phiếu") == "Cần chú ý"
    words = stage.words(screen)
    assert "ACS ACR39U" in words
    assert "Sắp hết giấy" in words
    assert "dây USB" in words
    assert "device.missing" in words
    assert "2 chỗ cần xem" in words


def test_the_queue_counts_what_waits(stage: Stage) -> None:
    screen = stage.build(StaffScreen, VIEW)
    assert "3 chờ gửi · lâu nhất 2 phút · 0 bị giữ lại" in stage.words(screen)


@pytest.mark.parametrize(
    ("queue", "word"),
    [
        (None, "Không mở được"),
        (dataclasses.replace(QUEUE, paused="auth"), "Đang ngừng gửi"),
        (dataclasses.replace(QUEUE, quarantined=2), "Có hồ sơ bị giữ lại"),
        (dataclasses.replace(QUEUE, warnings=("old",)), "Chờ lâu"),
        (dataclasses.replace(QUEUE, warnings=("many", "clock")), "Chờ lâu"),
        (QUEUE, "Tốt"),
    ],
)
def test_the_queue_row_names_its_state(stage: Stage, queue: QueueStatus | None, word: str) -> None:
    screen = stage.build(StaffScreen, dataclasses.replace(VIEW, queue=queue))
    assert told(screen, "Hàng chờ hồ sơ") == word


def test_a_lost_line_is_told_and_taken_back_on_the_same_row(stage: Stage) -> None:
    screen = stage.build(StaffScreen, dataclasses.replace(VIEW, line_trouble="line"))
    before = row(screen, "Máy chủ của trung tâm")
    assert told(screen, "Máy chủ của trung tâm") == "Mất đường truyền"
    screen.show_view(VIEW)
    stage.settle()
    assert told(screen, "Máy chủ của trung tâm") == "Nối được"
    assert row(screen, "Máy chủ của trung tâm") is before


@pytest.mark.parametrize(
    ("trouble", "word", "step"),
    [
        ("portal", "Bị trang khác chắn", "Đăng nhập mạng"),
        ("clock", "Giờ của máy sai", "Chỉnh lại giờ"),
        ("auth", "Máy chủ không nhận máy này", "kiosk enrol"),
        ("not_enrolled", "Chưa nối với trung tâm", "kiosk enrol"),
        ("not_heard", "Đang hỏi", "lời đáp đầu tiên"),
        ("something new", "Mất đường truyền", "dây mạng"),
    ],
)
def test_why_there_is_no_line_is_told_in_words(stage: Stage, trouble: str, word: str, step: str) -> None:
    screen = stage.build(StaffScreen, dataclasses.replace(VIEW, line_trouble=trouble))
    assert told(screen, "Máy chủ của trung tâm") == word
    assert step in stage.words(screen)


@pytest.mark.parametrize(
    ("storage", "word"),
    [("well", "Tốt"), ("warn", "Sắp đầy"), ("no_scanning", "Gần đầy"), ("no_intake", "Đầy")],
)
def test_the_disk_is_told_before_it_is_full(stage: Stage, storage: str, word: str) -> None:
    screen = stage.build(
        StaffScreen, dataclasses.replace(VIEW, queue=dataclasses.replace(QUEUE, storage=storage))
    )
    assert told(screen, "Đĩa") == word


@pytest.mark.parametrize(
    ("skew_s", "words"),
    [(3.0, "Đúng"), (-400.0, "Chậm 7 phút"), (9000.0, "Nhanh 2 giờ"), (-9e8, "ngày so với máy chủ")],
)
def test_a_clock_that_is_off_is_told(stage: Stage, skew_s: float, words: str) -> None:
    queue = dataclasses.replace(QUEUE, clock_skew_s=skew_s)
    screen = stage.build(StaffScreen, dataclasses.replace(VIEW, queue=queue))
    assert words in stage.words(screen)


def test_a_device_that_comes_makes_a_new_list(stage: Stage) -> None:
    screen = stage.build(StaffScreen, VIEW)
    more = (*VIEW.devices, DeviceStatus(device="a4_printer", state=DeviceState.FAULT, cause="jam"))
    screen.show_view(dataclasses.replace(VIEW, devices=more))
    stage.settle()
    assert told(screen, "Máy in A4") == "Hỏng"
    assert len([one for one in screen.findChildren(StatusRow) if one.isVisible()]) == len(more) + 3


def test_calls_for_help_stand_with_their_time_and_reason(stage: Stage) -> None:
    screen = stage.build(StaffScreen, VIEW)
    assert "08:55" in stage.words(screen)
    assert sentence("printer.blocked") in stage.words(screen)
    screen.show_view(dataclasses.replace(VIEW, calls=()))
    stage.settle()
    assert "08:55" not in stage.words(screen)


def test_leaving_goes_back(stage: Stage) -> None:
    screen = stage.build(StaffScreen, VIEW)
    stage.press(screen, "back")
    assert stage.events == [BackPressed()]


@pytest.mark.parametrize("lang", ["vi", "en"])
@pytest.mark.parametrize("landscape", [False, True])
def test_nothing_is_cut_at_200_per_cent(stage: Stage, lang: str, *, landscape: bool) -> None:
    set_language(lang)
    screen = stage.build(StaffScreen, VIEW, scale=200, landscape=landscape)
    assert stage.cut(screen) == []


def test_a_call_by_hand_is_told_in_words_and_bytes_are_not(stage: Stage) -> None:
    printer = DeviceStatus(device="ticket_printer", state=DeviceState.READY, detail="12 12 12 12")
    screen = stage.build(StaffScreen, dataclasses.replace(VIEW, devices=(printer,), calls=((AT, "button"),)))
    words = stage.words(screen)
    assert "Có người chạm" in words
    assert "12 12" not in words


TOOLS = dataclasses.replace(
    VIEW,
    tools=True,
    said=Notice(tone=Tone.INFO, text="Đưa máy đọc mã vào mã dưới đây."),
    show_code="NGUYỄN THỊ HƯƠNG 3f8a",
    log=(("08:54:07", "health.changed · ticket_printer"),),
    transitions=(
        Transition(
            at=AT,
            device="ticket_printer",
            before=DeviceState.READY,
            after=DeviceState.BLOCKED,
            cause="printer.paper_out",
            detail="1a 32 12 7e",
        ),
    ),
)


def test_each_button_of_the_technician_asks_for_its_own_thing(stage: Stage) -> None:
    screen = stage.build(StaffScreen, TOOLS)
    for what, _words in BUTTONS:
        stage.press(screen, f"tech-{what}")
    assert stage.events == [TechnicianAsked(what=what) for what, _words in BUTTONS]


def test_a_code_is_needed_to_enrol_and_goes_once(stage: Stage) -> None:
    screen = stage.build(StaffScreen, TOOLS)
    stage.press(screen, "tech-enrol")
    assert stage.events == []
    field = screen.findChild(TextField, "enrol-code")
    assert field is not None
    field.set_value("AB12-CD34")
    stage.press(screen, "tech-enrol")
    stage.press(screen, "tech-enrol")
    assert stage.events == [TechnicianAsked(what="enrol", text="AB12-CD34")]


def test_without_tools_there_are_no_buttons_and_while_one_works_none_answers(stage: Stage) -> None:
    screen = stage.build(StaffScreen, VIEW)
    assert "Khởi động lại máy" not in stage.words(screen)
    screen.show_view(dataclasses.replace(TOOLS, busy=True))
    stage.settle()
    assert "Khởi động lại máy" in stage.words(screen)
    button = screen.findChild(QWidget, "tech-reboot")
    assert button is not None
    assert not button.isEnabled()


def test_changes_stand_with_raw_bytes_and_the_code_comes_and_goes(stage: Stage) -> None:
    screen = stage.build(StaffScreen, TOOLS)
    words = stage.words(screen)
    assert "1a 32 12 7e" in words
    assert "health.changed · ticket_printer" in words
    assert len([one for one in screen.findChildren(QrPicture) if one.isVisible()]) == 1
    screen.show_view(dataclasses.replace(TOOLS, show_code="", log=(), transitions=()))
    stage.settle()
    assert not [one for one in screen.findChildren(QrPicture) if one.isVisible()]
    assert "1a 32 12 7e" not in stage.words(screen)


@pytest.mark.parametrize("lang", ["vi", "en"])
@pytest.mark.parametrize("landscape", [False, True])
def test_nothing_of_the_tools_is_cut_at_200_per_cent(stage: Stage, lang: str, *, landscape: bool) -> None:
    set_language(lang)
    screen = stage.build(StaffScreen, TOOLS, scale=200, landscape=landscape)
    assert stage.cut(screen) == []
