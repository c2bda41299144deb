"""The slip that says how the kiosk is, with a code that a helper far away reads from a photo of it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from drivers.ports import DeviceState, Ticket, TicketKind, TicketRow
from kiosk_app.health import describe, device_name
from kiosk_app.i18n import _, mark
from offline_queue.errors import NotEnrolledError

if TYPE_CHECKING:
    import datetime as dt

    from drivers.ports import DeviceStatus
    from kiosk_app.config import Config
    from kiosk_app.wiring.queue import Health

MOST_ROWS: Final = 4
"""More ill parts than that, the line's figures among them, are in the code only: the slip stays short."""
_NO_ROW: Final = frozenset({DeviceState.READY, DeviceState.DISABLED})
_NAMES: Final = {
    "card_reader": "CARD",
    "qr_scanner": "QR",
    "document_scanner": "SCAN",
    "ticket_printer": "TICKET",
    "a4_printer": "A4",
    "card_authorities": "CSCA",
    "backend_certificate": "TLS",
    "kiosk_key": "KEY",
    "backend": "LINK",
    "queue": "Q",
    "disk": "DISK",
    "clock": "SKEW",
}
"""What a part is called in the code; another keeps its own name."""
_FIGURES: Final = frozenset({"Q", "SKEW"})
"""Have figures, and behind them a cause that those do not tell."""
_TOLD: Final = frozenset({"queue.quarantined", "clock.skewed", "clock.not_compared"})
"""The figures tell these."""
_OWN_ROW: Final = "backend"
"""Has its row in any case."""
_LOST: Final = mark("Mất đường truyền")
_LINES: Final = {
    "backend.portal": mark("Trang khác chắn"),
    "backend.auth": mark("Không được nhận"),
    "backend.clock": mark("Giờ sai"),
    NotEnrolledError.code: mark("Chưa ghi danh"),
    "part.not_seen": mark("Đang hỏi"),
}
"""Why there is no line, short enough to stand beside its name on 58 mm."""
_MBIT_FROM: Final = 10_000
"""From so many kbit/s a line is told in Mbit/s."""
_NOT_SAYABLE: Final = re.compile(r"[^0-9A-Z $%*+\-./:]")
"""Source: ISO/IEC 18004, 7.4.4, alphanumeric mode: such a text takes two thirds of the modules of another."""


def status_slip(
    devices: tuple[DeviceStatus, ...], facts: Health, *, config: Config, version: str, now: dt.datetime
) -> Ticket:
    """Return the slip: who this kiosk is, its version, each part that is ill, the line, what waits.

    Args:
        devices: Every part of the health model.
        facts: Queue, disk, clock and line, as a monitoring system is told; the line measured just now.
        config: The effective configuration.
        version: Of this release.
        now: Printed at the foot.
    """
    centre = config.centre
    quality = _quality_row(facts)
    ill = _ill_rows(devices, most=MOST_ROWS - len(quality))
    line = _("Nối được") if facts.get("link_up") else _(_LINES.get(_line_cause(devices), _LOST))
    waiting, held = facts.get("waiting", "?"), facts.get("quarantined", "?")
    return Ticket(
        kind=TicketKind.STATUS,
        centre=centre.name,
        number=f"{centre.unit_code} K{centre.kiosk_number:02}",
        heading=_("Tình trạng máy"),
        service=_("Phiên bản {version}").format(version=version),
        issued_at=now,
        rows=(
            *(ill or [TicketRow(label=_("Thiết bị"), value=_("Tốt"))]),
            TicketRow(label=_("Máy chủ của trung tâm"), value=line),
            *quality,
            TicketRow(label=_("Chờ gửi · bị giữ lại"), value=f"{waiting} · {held}"),
        ),
        notes=(_("Chụp phiếu này gửi kỹ thuật. Mã chỉ chứa tình trạng máy, không có gì của người dân."),),
        qr_text=summary(devices, facts, config=config, version=version),
        hotline=centre.hotline,
    )


def _line_cause(devices: tuple[DeviceStatus, ...]) -> str:
    return next((one.cause for one in devices if one.device == _OWN_ROW), "")


def _ill_rows(devices: tuple[DeviceStatus, ...], *, most: int) -> list[TicketRow]:
    ill = [
        TicketRow(label=device_name(status.device), value=describe(status)[0])
        for status in devices
        if status.state not in _NO_ROW and status.device != _OWN_ROW
    ]
    if len(ill) > most:
        more = _("{n} chỗ cần xem").format(n=len(ill) - most + 1)
        ill[most - 1 :] = [TicketRow(label=_("Còn nữa"), value=more)]
    return ill


def _quality_row(facts: Health) -> tuple[TicketRow, ...]:
    """Return delay and width of the line, where they were measured."""
    wide = int(facts.get("line_up_kbit_s") or 0) >= _MBIT_FROM
    told = _quality(facts, "{ms} ms · {mbit} Mbit/s" if wide else "{ms} ms · {kbit} kbit/s")
    return (TicketRow(label=_("Đường truyền"), value=told),) if told else ()


def _quality(facts: Health, pattern: str) -> str:
    delay, width = facts.get("line_answer_ms"), facts.get("line_up_kbit_s")
    if delay is None or width is None:
        return ""
    return pattern.format(ms=delay, kbit=width, mbit=round(float(width) / 1000))


def summary(devices: tuple[DeviceStatus, ...], facts: Health, *, config: Config, version: str) -> str:
    """Return the health of the kiosk for a QR code: `KIOSK1` and `NAME:VALUE` parts, about 200 letters.

    A part's value is `OK`, its state, or its cause without the word before the point; queue and clock have
    their figures instead, and a cause behind them where it is another than those show.
    """
    told = {
        "V": version,
        "U": config.centre.unit_code,
        "K": config.centre.kiosk_number,
        "LINK": facts.get("link_up", "-"),
        "LINE": _quality(facts, "{ms}MS/{kbit}K"),
        "Q": f"{facts.get('waiting', '-')}/{facts.get('quarantined', '-')}",
        "DISK": facts.get("storage", "-"),
        "SKEW": facts.get("clock_skew_s", "-"),
    }
    for status in devices:
        name = _NAMES.get(status.device, status.device)
        if name not in _FIGURES:
            told[name] = _word(status)
        elif status.cause not in _TOLD | {"ok"}:
            told[name] = f"{'-' if told[name] is None else told[name]}/{_word(status)}"
    said = [f"{_sayable(name)}:{_sayable(value)}" for name, value in told.items() if value != ""]
    return " ".join(["KIOSK1", *said])


def _word(status: DeviceStatus) -> str:
    if status.cause != "ok":
        return status.cause.rpartition(".")[2]
    return "ok" if status.state is DeviceState.READY else status.state.value


def _sayable(value: object) -> str:
    return _NOT_SAYABLE.sub("-", str("-" if value is None else value).upper()).replace(" ", "-")
