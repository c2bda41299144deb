"""What the technician's further screens show on the committed pictures."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from drivers.ports import DeviceState
from kiosk_app.flow.staff_view import Transition
from kiosk_app.flow.steps import Notice, StaffPinView, Step, Tone
from kiosk_app.flow.technician_view import (
    FIXED,
    EnrolledCard,
    MachineFacts,
    NetworkState,
    TechCardsView,
    TechCentreView,
    TechHistoryView,
    TechMachineView,
    TechNetworkView,
)

if TYPE_CHECKING:
    from kiosk_app.flow.steps import View

ZONE: Final = dt.timezone(dt.timedelta(hours=7))


def _at(hour: int, minute: int, second: int = 0) -> dt.datetime:
    return dt.datetime(2026, 11, 23, hour, minute, second, tzinfo=ZONE)


HISTORY: Final = TechHistoryView(
    transitions=(
        Transition(
            at=_at(8, 54, 7),
            device="ticket_printer",
            before=DeviceState.READY,
            after=DeviceState.DEGRADED,
            cause="printer.paper_near_end",
            detail="12 12 12 1e",
        ),
        Transition(
            at=_at(8, 31, 40),
            device="document_scanner",
            before=DeviceState.READY,
            after=DeviceState.ABSENT,
            cause="device.missing",
        ),
    ),
    log=(("08:54:07", "health.changed · ticket_printer · printer.paper_near_end"),),
    calls=((_at(8, 55), "button"), (_at(8, 32), "papers.no_camera")),
)
CENTRE: Final = TechCentreView(
    values={
        "unit_code": "H20.17",
        "name": "Trung tâm Phục vụ hành chính công phường Sa Đéc",
        "commune": "29905",
        "kiosk_number": "1",
        "hotline": "1022",
    },
    problems={},
)
CENTRE_WRONG: Final = replace(
    CENTRE,
    values={**CENTRE.values, "commune": "29999"},
    problems={"commune": "Không có xã, phường nào mang mã này. Mã có năm chữ số."},
)
NETWORK: Final = TechNetworkView(
    state=NetworkState(
        interface="enp3s0",
        link=True,
        speed_mbit_s=1000,
        addresses=("192.168.1.20/24",),
        gateway="192.168.1.1",
        dns=("192.168.1.1", "8.8.8.8"),
        clock_synced=True,
        backend_url="https://mot-cua.dongthap.example",
        editable=True,
        method=FIXED,
        fixed_address="192.168.1.20/24",
        fixed_gateway="192.168.1.1",
        fixed_dns=("192.168.1.1", "8.8.8.8"),
    ),
    problems={},
)
TRIAL: Final = replace(NETWORK, busy=True, trial_left_s=42)
ONLY_SEEN: Final = TechNetworkView(
    state=NetworkState(
        interface="wlp2s0",
        wifi=True,
        link=True,
        signal_percent=61,
        ssid="UBND Sa Đéc",
        addresses=("10.20.0.31/22",),
        gateway="10.20.0.1",
        dns=("10.20.0.1",),
        clock_synced=False,
        backend_known="https://mot-cua.dongthap.example",
    ),
    problems={},
)
CARDS: Final = TechCardsView(
    cards=(
        EnrolledCard(label="thẻ 1", enrolled_on=dt.date(2026, 9, 4)),
        EnrolledCard(label="thẻ 3", enrolled_on=dt.date(2026, 11, 20)),
    ),
)
CARDS_WAITING: Final = replace(
    CARDS, cards=(), listening=True, said=Notice(tone=Tone.INFO, text="Đưa mã QR trên thẻ vào máy đọc mã.")
)
MACHINE: Final = TechMachineView(
    facts=MachineFacts(
        version="0.1.0", unit_code="H20.17", kiosk_number=1, backend="https://mot-cua.dongthap.example"
    ),
    said=Notice(
        tone=Tone.WARN, text="Chạm lần nữa để khởi động lại cả máy. Máy nghỉ chừng hai phút.", code="sure"
    ),
    sure="reboot",
)


def views() -> dict[str, tuple[Step, View]]:
    """Return the name of each picture with its step and view."""
    return {
        "staff-pin-card": (Step.STAFF_PIN, StaffPinView(takes_card=True)),
        "tech-history": (Step.TECH_HISTORY, HISTORY),
        "tech-centre": (Step.TECH_CENTRE, CENTRE),
        "tech-centre-wrong": (Step.TECH_CENTRE, CENTRE_WRONG),
        "tech-network": (Step.TECH_NETWORK, NETWORK),
        "tech-network-trial": (Step.TECH_NETWORK, TRIAL),
        "tech-network-seen": (Step.TECH_NETWORK, ONLY_SEEN),
        "tech-cards": (Step.TECH_CARDS, CARDS),
        "tech-cards-waiting": (Step.TECH_CARDS, CARDS_WAITING),
        "tech-machine": (Step.TECH_MACHINE, MACHINE),
    }
