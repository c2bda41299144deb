"""What a kiosk's heartbeat says of it, in the words of those who read it: what is wrong, and the figures.

A heartbeat names each device of the kiosk, and its line, queue, disk and clock, with `STATE` or
`STATE CAUSE`, such as `ready` or `blocked printer.paper_out` (`kiosk_app/wiring/watch.py`). A kiosk may say
anything: what is not known here is shown as it came.
"""

from __future__ import annotations

import datetime as dt
from typing import Any, Final

from backend.web import html

OLD_S: Final = 24 * 3600
SKEW_S: Final = 120
_FIGURES: Final = {
    "quarantined": "có hồ sơ bị giữ lại",
    "oldest_age_s": "hồ sơ chờ gửi hơn một ngày",
    "paused": "đang ngừng gửi",
    "storage": "đĩa gần đầy",
    "clock_skew_s": "đồng hồ sai",
}
_DEVICES: Final = {
    "card_reader": "đầu đọc thẻ",
    "qr_scanner": "máy đọc mã",
    "document_scanner": "máy chụp giấy",
    "ticket_printer": "máy in phiếu",
    "a4_printer": "máy in A4",
    "card_authorities": "chứng thư kiểm thẻ",
    "backend_certificate": "chứng thư máy chủ",
    "kiosk_key": "khóa của máy",
    "queue": "kho hồ sơ",
    "disk": "ổ đĩa",
    "clock": "đồng hồ",
}
_TOLD_ALREADY: Final = {
    "queue": ("quarantined", "oldest_age_s", "paused"),
    "disk": ("storage",),
    "clock": ("clock_skew_s",),
}
"""Figures that say it better."""
_STATES: Final = {
    "absent": "không thấy",
    "connecting": "đang nối",
    "ready": "tốt",
    "degraded": "cần chú ý",
    "blocked": "cần người giúp",
    "fault": "hỏng",
    "disabled": "không lắp",
}
_MACHINES: Final = ("card_reader", "qr_scanner", "document_scanner", "ticket_printer", "a4_printer")
"""A kiosk of which none is known is not known to be well."""
_NOT_KNOWN: Final = ("connecting", "")
_ILL: Final = frozenset({"absent", "degraded", "blocked", "fault"})
_CAUSES: Final = {
    "device.missing": "không trả lời",
    "printer.paper_out": "hết giấy",
    "printer.paper_near_end": "sắp hết giấy",
    "printer.cover_open": "nắp mở",
    "printer.unreachable": "không nối được",
    "a4.paper_out": "hết giấy",
    "a4.jam": "kẹt giấy",
    "a4.toner_out": "hết mực",
}
_FACTS: Final = {
    "waiting": "chờ gửi",
    "quarantined": "bị giữ lại",
    "oldest_age_s": "chờ lâu nhất",
    "waiting_bytes": "dung lượng chờ gửi",
    "slips_unsent": "số và đánh giá chờ gửi",
    "storage": "đĩa",
    "clock_skew_s": "đồng hồ lệch",
    "paused": "ngừng gửi vì",
    "version": "bản",
}
_VALUES: Final = {
    "storage": {"well": "đủ chỗ", "warn": "gần đầy", "no_scanning": "ngừng quét", "no_intake": "ngừng nhận"},
    "paused": {"auth": "chưa được cho vào", "clock": "đồng hồ sai"},
}


def device_states(health: dict[str, Any]) -> dict[str, tuple[str, str]]:
    """Return state and cause (maybe empty) of each device a heartbeat names.

    Args:
        health: What the kiosk told.
    """
    told = {}
    for name in (*_DEVICES, "backend"):
        state, _, cause = str(health.get(name, "")).partition(" ")
        if state in _STATES:
            told[name] = (state, cause)
    return told


def complaints(health: dict[str, Any]) -> list[str]:
    """Return in words what is wrong, gravest first: the dossiers, then the devices, or that they are unknown.

    The kiosk's own word on its line is left out: a kiosk that is heard has one.

    Args:
        health: What the kiosk told.
    """
    found = {
        "quarantined": bool(health.get("quarantined")),
        "oldest_age_s": number(health.get("oldest_age_s")) > OLD_S,
        "paused": bool(health.get("paused")),
        "storage": health.get("storage") not in {None, "well"},
        "clock_skew_s": abs(number(health.get("clock_skew_s"))) > SKEW_S,
    }
    states = device_states(health)
    ill = {name: told for name, told in states.items() if told[0] in _ILL and name in _DEVICES}
    wrong = [_FIGURES[name] for name, true in found.items() if true] + [
        f"{_DEVICES[name]}: {_state(told)}"
        for name, told in ill.items()
        if not any(found[figure] for figure in _TOLD_ALREADY.get(name, ()))
    ]
    known = any(states.get(name, _NOT_KNOWN)[0] != "connecting" for name in _MACHINES)
    return wrong if known else [*wrong, "chưa rõ"]


def figures(health: dict[str, Any]) -> list[tuple[str, str]]:
    """Return name and value, in words, of what stands beside the complaints; devices have their own.

    Args:
        health: What the kiosk told.
    """
    devices = device_states(health)
    return [
        (_FACTS.get(name, name), _shown(name, value))
        for name, value in health.items()
        if value not in {None, 0} and name not in devices
    ]


def number(value: Any) -> float:
    """Return a number that a kiosk told; what is none counts as 0."""
    return float(value) if isinstance(value, int | float) else 0.0


def _state(told: tuple[str, str]) -> str:
    state, cause = told
    if not cause:
        return _STATES[state]
    return _CAUSES.get(cause) or f"{_STATES[state]} ({cause})"


def _shown(name: str, value: Any) -> str:
    if name in _VALUES:
        return _VALUES[name].get(str(value), str(value))
    if not isinstance(value, int | float):
        return str(value)
    if name == "oldest_age_s":
        return html.age(dt.timedelta(seconds=value))
    if name == "waiting_bytes":
        return f"{value / 1e6:.1f} MB".replace(".", ",")
    return f"{value:g} giây".replace(".", ",") if name == "clock_skew_s" else f"{value:g}"
