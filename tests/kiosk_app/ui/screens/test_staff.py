"""What the technician sees."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import TYPE_CHECKING

import pytest
from PySide6.QtWidgets import QWidget

from drivers.ports import DeviceState, DeviceStatus
from kiosk_app.flow.events import BackPressed, Went
from kiosk_app.flow.staff_view import StaffView
from kiosk_app.flow.steps import Notice, Tone
from kiosk_app.flow.technician import DEVICES
from kiosk_app.flow.technician_events import TechnicianAsked
from kiosk_app.i18n import set_language
from kiosk_app.ui.screens.staff import PAGES, StaffScreen
from kiosk_app.ui.widgets.notices import StatusRow
from kiosk_app.ui.widgets.qr_picture import QrPicture
from offline_queue.ports import QueueStatus

if TYPE_CHECKING:
    from tests.kiosk_app.ui.screens.conftest import Stage

QUEUE = QueueStatus(
    ready=2, sending=1, stored=41, quarantined=0, paused=None, oldest_age_s=130, bytes=123_456
)
PARTS = ("card_authorities", "backend_certificate", "kiosk_key", "backend", "queue", "disk", "clock")
AT = dt.datetime(2026, 11, 23, 8, 55, tzinfo=dt.UTC)
VIEW = StaffView(
    devices=(
        DeviceStatus(device="card_reader", state=DeviceState.READY, detail="ACS ACR39U"),
        DeviceStatus(device="ticket_printer", state=DeviceState.DEGRADED, cause="printer.paper_near_end"),
        DeviceStatus(device="document_scanner", state=DeviceState.ABSENT, cause="device.missing"),
    ),
    queue=QUEUE,
    line_trouble="",
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


def test_bytes_that_say_nothing_are_left_to_the_history(stage: Stage) -> None:
    printer = DeviceStatus(device="ticket_printer", state=DeviceState.READY, detail="12 12 12 12")
    screen = stage.build(StaffScreen, dataclasses.replace(VIEW, devices=(printer,)))
    assert "12 12" not in stage.words(screen)


TOOLS = dataclasses.replace(
    VIEW,
    tools=True,
    said=Notice(tone=Tone.INFO, text="Đưa máy đọc mã vào mã dưới đây."),
    show_code="NGUYỄN THỊ HƯƠNG 3f8a",
)


def test_each_device_is_tried_by_its_own_button_and_the_queue_has_none(stage: Stage) -> None:
    screen = stage.build(StaffScreen, TOOLS)
    for status in TOOLS.devices:
        stage.press(screen, f"tech-{status.device}")
    assert stage.events == [TechnicianAsked(what=status.device) for status in TOOLS.devices]
    assert screen.findChildren(QWidget, "tech-queue") == []


def test_each_further_screen_has_its_button(stage: Stage) -> None:
    screen = stage.build(StaffScreen, TOOLS)
    for step, _words, _icon in PAGES:
        stage.press(screen, f"page-{step.value}")
    assert stage.events == [Went(to=step) for step, _words, _icon in PAGES]


def test_the_bundle_is_the_one_strong_button(stage: Stage) -> None:
    screen = stage.build(StaffScreen, TOOLS)
    stage.press(screen, "primary")
    assert stage.events == [TechnicianAsked(what="export")]


def test_without_tools_there_are_no_buttons_and_while_one_works_none_answers(stage: Stage) -> None:
    screen = stage.build(StaffScreen, VIEW)
    assert screen.findChildren(QWidget, "tech-card_reader") == []
    assert screen.findChildren(QWidget, "primary") == []
    busy = stage.build(StaffScreen, dataclasses.replace(TOOLS, busy=True))
    assert not stage.button(busy, "tech-card_reader").isEnabled()
    assert not stage.button(busy, "primary").isEnabled()


def test_the_code_comes_and_goes(stage: Stage) -> None:
    screen = stage.build(StaffScreen, TOOLS)
    assert len([one for one in screen.findChildren(QrPicture) if one.isVisible()]) == 1
    screen.show_view(dataclasses.replace(TOOLS, show_code=""))
    stage.settle()
    assert not [one for one in screen.findChildren(QrPicture) if one.isVisible()]


@pytest.mark.parametrize("landscape", [False, True])
def test_ways_on_and_devices_are_seen_without_scrolling(stage: Stage, *, landscape: bool) -> None:
    whole = dataclasses.replace(
        TOOLS,
        said=None,
        show_code="",
        devices=tuple(DeviceStatus(device=name, state=DeviceState.READY) for name in (*DEVICES, *PARTS)),
        queue=dataclasses.replace(QUEUE, clock_skew_s=0.2),
    )
    screen = stage.build(StaffScreen, whole, landscape=landscape)
    for name in (*(f"page-{step.value}" for step, _words, _icon in PAGES), f"tech-{DEVICES[-1]}"):
        button = stage.button(screen, name)
        assert button.visibleRegion().boundingRect() == button.rect(), name


def test_line_queue_disk_and_clock_have_one_row_each_with_their_figures(stage: Stage) -> None:
    parts = tuple(DeviceStatus(device=name, state=DeviceState.READY) for name in PARTS)
    whole = dataclasses.replace(VIEW, devices=(*VIEW.devices, *parts))
    screen = stage.build(StaffScreen, dataclasses.replace(whole, queue=QUEUE, line_trouble="portal"))
    names = [one.accessibleName().partition(":")[0] for one in screen.findChildren(StatusRow)]
    assert len(names) == len(set(names)) == len(VIEW.devices) + len(PARTS)
    assert "3 chờ gửi" in stage.words(screen)
    assert told(screen, "Máy chủ của trung tâm") == "Bị trang khác chắn"
    assert told(screen, "Đồng hồ") == "Tốt"


def test_what_is_ill_stands_before_what_is_well(stage: Stage) -> None:
    ill = dataclasses.replace(QUEUE, storage="no_intake")
    screen = stage.build(StaffScreen, dataclasses.replace(VIEW, queue=ill))
    disk, backend = row(screen, "Đĩa"), row(screen, "Máy chủ của trung tâm")
    tops = [one.mapTo(screen, one.rect().topLeft()) for one in (disk, backend)]
    assert (tops[0].y(), tops[0].x()) < (tops[1].y(), tops[1].x())


@pytest.mark.parametrize("lang", ["vi", "en"])
@pytest.mark.parametrize("landscape", [False, True])
def test_nothing_of_the_tools_is_cut_at_200_per_cent(stage: Stage, lang: str, *, landscape: bool) -> None:
    set_language(lang)
    screen = stage.build(StaffScreen, TOOLS, scale=200, landscape=landscape)
    assert stage.cut(screen) == []
