"""The status slip: what is ill stands on it, and its code tells a remote helper all of it."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import TYPE_CHECKING

import pytest
import segno
import zxingcpp

from drivers.ports import DeviceState, DeviceStatus
from drivers.printer.ticket import render
from kiosk_app.config import Config
from kiosk_app.i18n import set_language
from kiosk_app.wiring.status_slip import MOST_ROWS, status_slip, summary

if TYPE_CHECKING:
    from drivers.ports import Ticket
    from kiosk_app.wiring.queue import Health

AT = dt.datetime(2026, 11, 23, 9, 41, tzinfo=dt.UTC)
NAMES = ("card_reader", "qr_scanner", "document_scanner", "ticket_printer", "a4_printer")
CERTIFICATES = ("card_authorities", "backend_certificate", "kiosk_key")
INNER = ("backend", "queue", "disk", "clock")
MEASURED: Health = {"line_answer_ms": 40, "line_up_kbit_s": 900}
FACTS: Health = {"link_up": 1, "waiting": 3, "quarantined": 0, "storage": "well", "clock_skew_s": -0.4}


def slip_of(*devices: DeviceStatus, facts: Health = FACTS) -> Ticket:
    return status_slip(devices, facts, config=Config(), version="0.1.0", now=AT)


def inner_parts(*causes: str) -> tuple[DeviceStatus, ...]:
    return tuple(
        DeviceStatus(device=name, state=DeviceState.BLOCKED, cause=cause)
        for name, cause in zip(INNER, causes, strict=True)
    )


def coded(slip: Ticket) -> dict[str, str]:
    (code,) = zxingcpp.read_barcodes(render(slip).image().convert("L"))
    return dict(part.split(":", 1) for part in code.text.split(" ")[1:])


LOST = DeviceStatus(device="backend", state=DeviceState.ABSENT, cause="backend.line")


def narrow(slip: Ticket) -> int:
    """Return how high the slip is on 58 mm, without its code."""
    return render(dataclasses.replace(slip, qr_text=None), width_dots=384).height


def ill(name: str) -> DeviceStatus:
    return DeviceStatus(device=name, state=DeviceState.BLOCKED, cause="printer.paper_near_end")


def test_what_is_ill_has_a_row_and_the_code_tells_everything() -> None:
    slip = slip_of(
        DeviceStatus(device="card_reader", state=DeviceState.READY),
        DeviceStatus(device="ticket_printer", state=DeviceState.BLOCKED, cause="printer.paper_out"),
        DeviceStatus(device="kiosk_key", state=DeviceState.DEGRADED, cause="key.old"),
    )
    (code,) = zxingcpp.read_barcodes(render(slip).image().convert("L"))
    kind, *parts = code.text.split(" ")
    told = dict(part.split(":", 1) for part in parts)
    assert kind == "KIOSK1"
    assert (told["TICKET"], told["CARD"], told["KEY"]) == ("PAPER-OUT", "OK", "OLD")
    assert (told["Q"], told["LINK"], told["SKEW"], told["U"]) == ("3/0", "1", "-0.4", "H20.17")
    assert [row.label for row in slip.rows[:2]] == ["Máy in phiếu", "Khóa của máy"]
    assert slip.rows[0].value == "Cần người giúp"


def test_where_all_is_well_one_row_says_so() -> None:
    slip = slip_of(DeviceStatus(device="card_reader", state=DeviceState.READY))
    assert (slip.rows[0].label, slip.rows[0].value) == ("Thiết bị", "Tốt")


def test_with_everything_ill_the_slip_stays_short_and_says_that_there_is_more() -> None:
    slip = slip_of(*(ill(name) for name in (*NAMES, *CERTIFICATES)))
    assert (slip.rows[MOST_ROWS - 1].label, slip.rows[MOST_ROWS - 1].value) == ("Còn nữa", "5 chỗ cần xem")
    assert len(slip_of(*(ill(name) for name in NAMES[:MOST_ROWS])).rows) == MOST_ROWS + 2


def test_a_measured_line_has_a_row_and_its_figures_in_the_code() -> None:
    slip = slip_of(facts=FACTS | MEASURED)
    assert ("Đường truyền", "40 ms · 900 kbit/s") in [(row.label, row.value) for row in slip.rows]
    assert coded(slip)["LINE"] == "40MS/900K"
    wide = slip_of(facts=FACTS | {"line_answer_ms": 3, "line_up_kbit_s": 48_500})
    assert ("Đường truyền", "3 ms · 48 Mbit/s") in [(row.label, row.value) for row in wide.rows]


def test_a_line_that_was_not_measured_has_no_such_row() -> None:
    slip = slip_of()
    assert "Đường truyền" not in [row.label for row in slip.rows]
    assert "LINE" not in coded(slip)


@pytest.mark.parametrize(
    ("cause", "word"),
    [
        ("backend.line", "Mất đường truyền"),
        ("backend.auth", "Không được nhận"),
        ("backend.clock", "Giờ sai"),
        ("backend.portal", "Trang khác chắn"),
        ("queue.not_enrolled", "Chưa ghi danh"),
        ("part.not_seen", "Đang hỏi"),
    ],
)
def test_why_there_is_no_line_is_told_apart(cause: str, word: str) -> None:
    line = DeviceStatus(device="backend", state=DeviceState.BLOCKED, cause=cause)
    slip = slip_of(line, facts=FACTS | {"link_up": 0})
    assert ("Máy chủ của trung tâm", word) in [(row.label, row.value) for row in slip.rows]
    for lang in ("vi", "en"):
        set_language(lang)
        try:
            told, lost = (slip_of(one, facts=FACTS | {"link_up": 0}) for one in (line, LOST))
        finally:
            set_language("vi")
        assert narrow(told) <= narrow(lost), "no word takes a line more than the shortest trouble"
    assert ("Máy chủ của trung tâm", "Nối được") in [(row.label, row.value) for row in slip_of(line).rows]


def test_line_queue_disk_and_clock_are_told_once_each() -> None:
    parts = inner_parts("backend.portal", "queue.paused_auth", "disk.no_scanning", "clock.skewed")
    slip = slip_of(*parts, facts=FACTS | {"link_up": 0})
    labels = [row.label for row in slip.rows]
    assert labels == ["Kho hồ sơ", "Ổ đĩa", "Đồng hồ", "Máy chủ của trung tâm", "Chờ gửi · bị giữ lại"]
    told = coded(slip)
    assert (told["LINK"], told["DISK"]) == ("PORTAL", "NO-SCANNING")
    assert (told["Q"], told["SKEW"]) == ("3/0/PAUSED-AUTH", "-0.4")


def test_the_code_stays_in_the_letters_that_take_the_least_paper() -> None:
    everything = tuple(ill(name) for name in (*NAMES, *CERTIFICATES, "một máy lạ"))
    everything += inner_parts("backend.portal", "queue.paused_clock", "disk.no_scanning", "clock.lost")
    facts: Health = {"link_up": None, "line_answer_ms": 12345, "line_up_kbit_s": 9876}
    text = summary(everything, facts, config=Config(), version="10.20.30-rc1")
    assert segno.make_qr(text).mode == "alphanumeric"
    assert len(text) < 300, text
