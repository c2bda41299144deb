"""Tickets as the kiosk makes them, and a simulated printer behind a real TCP port."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest

from drivers.ports import Ticket, TicketKind, TicketRow
from drivers.printer.profiles import PROFILES
from drivers.printer.receipt_printer import EscposPrinter
from drivers.simulated.printer.server import SimulatedPrinter

if TYPE_CHECKING:
    from collections.abc import Iterator

AT = dt.datetime(2026, 11, 23, 9, 41, tzinfo=dt.UTC)
CENTRE = "Trung tâm Phục vụ hành chính công phường Sa Đéc"
URL = "https://kiosk.sadec.example/d/K01-261123-0007?t=8f3a9c21d7"


@pytest.fixture
def queue_ticket() -> Ticket:
    return Ticket(
        kind=TicketKind.QUEUE,
        centre=CENTRE,
        number="A015",
        heading="Số thứ tự của ông bà",
        service="Đăng ký khai sinh",
        issued_at=AT,
        rows=(
            TicketRow(label="Quầy", value="3"),
            TicketRow(label="Trước ông bà còn", value="4 người · khoảng 12 phút"),
        ),
        notes=("Mã hồ sơ K01-261123-0007", "Quét mã này ở máy hoặc bằng điện thoại để xem hồ sơ."),
        qr_text=URL,
        hotline="1022",
    )


@pytest.fixture
def receipt() -> Ticket:
    return Ticket(
        kind=TicketKind.RECEIPT,
        centre=CENTRE,
        number="K01-261123-0007",
        heading="Mã hồ sơ tạm",
        service="Cấp bản sao trích lục hộ tịch",
        issued_at=AT,
        rows=(
            TicketRow(label="Giấy tờ đã nộp", value="2 giấy · 3 trang"),
            TicketRow(label="Dự kiến trả kết quả", value="Thứ Tư 25/11/2026"),
            TicketRow(label="Nơi nhận", value="Quầy trả kết quả số 5, tầng 1, nhà B"),
        ),
        notes=("1. Ngồi chờ gọi số ở quầy 3.", "2. Đưa phiếu này và bản giấy cho cán bộ."),
        qr_text=URL,
        hotline="1022",
    )


@pytest.fixture
def simulated() -> Iterator[SimulatedPrinter]:
    with SimulatedPrinter() as printer:
        yield printer


@pytest.fixture
def printer(simulated: SimulatedPrinter) -> Iterator[EscposPrinter]:
    device = EscposPrinter(simulated.address, PROFILES["generic-80"], settle_s=0)
    yield device
    device.close()


@pytest.fixture
def hasty_printer(simulated: SimulatedPrinter) -> Iterator[EscposPrinter]:
    """The same with little patience, for what must end at its deadline."""
    device = EscposPrinter(
        simulated.address, PROFILES["generic-80"], status_timeout_s=0.4, ask_timeout_s=0.4, settle_s=0
    )
    yield device
    device.close()
