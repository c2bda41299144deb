"""Which kiosk is ill or silent: a page for technicians, and the same numbers for Prometheus."""

import datetime as dt
import hmac
from collections.abc import Iterator
from html import escape
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, PlainTextResponse, RedirectResponse
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend.api.access import Backend, address_of
from backend.services import LOCAL_ZONE, Refusal, Services
from backend.store import fleet
from backend.store.models import Dossier, Kiosk, Ticket
from backend.store.staff import SignedIn
from backend.web import html
from backend.web.signing_in import Posted, posted, somebody

router = APIRouter(include_in_schema=False)

Technician = Annotated[SignedIn, Depends(somebody("technician", "admin"))]
TechnicianForm = Annotated[Posted, Depends(posted("technician", "admin"))]
SILENT = dt.timedelta(minutes=10)
OLD_S = 24 * 3600
SKEW_S = 120
_COMPLAINTS = {
    "revoked": "đã thu hồi",
    "silent": "không nghe thấy",
    "quarantined dossiers": "có hồ sơ bị giữ lại",
    "old outbox": "hồ sơ chờ gửi hơn một ngày",
    "sending paused": "đang ngừng gửi",
    "disk": "đĩa gần đầy",
    "clock": "đồng hồ sai",
    "paper": "máy in phiếu",
}
_FACTS = {
    "waiting": "chờ gửi",
    "quarantined": "bị giữ lại",
    "oldest_age_s": "chờ lâu nhất",
    "waiting_bytes": "dung lượng chờ gửi",
    "slips_unsent": "số và đánh giá chờ gửi",
    "storage": "đĩa",
    "clock_skew_s": "đồng hồ lệch",
    "paused": "ngừng gửi vì",
    "paper": "giấy in",
    "version": "bản",
}
_VALUES = {
    "storage": {"well": "đủ chỗ", "warn": "gần đầy", "no_scanning": "ngừng quét", "no_intake": "ngừng nhận"},
    "paper": {"ok": "đủ", "paper_near_end": "sắp hết", "paper_out": "hết"},
    "paused": {"auth": "chưa được cho vào", "clock": "đồng hồ sai"},
}
_LOOPBACK = frozenset({"127.0.0.1", "::1"})


def complaints(kiosk: Kiosk, now: dt.datetime) -> list[str]:
    """Return what is wrong with a kiosk.

    Args:
        kiosk: With its last heartbeat.
        now: The backend's clock.
    """
    if kiosk.revoked_at is not None:
        return ["revoked"]
    health: dict[str, Any] = kiosk.health or {}
    silent = kiosk.seen_at is None or now - kiosk.seen_at > SILENT
    skew = health.get("clock_skew_s")
    found = {
        "silent": silent,
        "quarantined dossiers": bool(health.get("quarantined")),
        "old outbox": _number(health.get("oldest_age_s")) > OLD_S,
        "sending paused": bool(health.get("paused")),
        "disk": health.get("storage") not in {None, "well"},
        "clock": abs(_number(skew)) > SKEW_S,
        "paper": health.get("paper") not in {None, "ok", "well"},
    }
    return [name for name, true in found.items() if true]


def _number(value: Any) -> float:
    return float(value) if isinstance(value, int | float) else 0.0


@router.get("/staff/fleet")
def get_fleet(services: Backend, who: Technician) -> HTMLResponse:
    """Show every kiosk, the ill ones first."""
    now = services.now()
    kiosks = sorted(fleet.kiosks(services), key=lambda kiosk: (not complaints(kiosk, now), kiosk.name))
    rows = [_row(who, kiosk, now) for kiosk in kiosks]
    head = ("Kiosk", "Đơn vị", "Tình trạng", "Nghe lần cuối", "Số liệu", "")
    listed = html.table(head, rows) if rows else html.nothing("Chưa có kiosk nào được đăng ký.")
    return html.page("Kiosk", f"<h1>Kiosk</h1>{listed}", who=who, refresh_s=60)


def _row(who: SignedIn, kiosk: Kiosk, now: dt.datetime) -> tuple[str, ...]:
    wrong = [_COMPLAINTS[name] for name in complaints(kiosk, now)]
    state = f'<span class="bad">{", ".join(wrong)}</span>' if wrong else '<span class="well">tốt</span>'
    seen = "—" if kiosk.seen_at is None else f"{kiosk.seen_at.astimezone(LOCAL_ZONE):%H:%M:%S %d/%m}"
    facts = "".join(
        f"<span>{escape(_FACTS.get(name, name))}: <b>{escape(_shown(name, value))}</b></span>"
        for name, value in (kiosk.health or {}).items()
        if value not in {None, 0}
    )
    button = '<button class="stop">Thu hồi, máy này không gửi được nữa</button>'
    revoking = html.form(f"/staff/fleet/{kiosk.id}/revoke", who.csrf, button)
    shut = f"<details><summary>Thu hồi khóa</summary>{revoking}</details>"
    return (
        f"{escape(kiosk.name)}<br><small>{escape(kiosk.id)}</small>",
        escape(kiosk.unit_code),
        state,
        seen,
        f'<div class="facts">{facts}</div>',
        shut if kiosk.revoked_at is None else "",
    )


def _shown(name: str, value: Any) -> str:
    """Return a fact of a heartbeat as people say it."""
    if name in _VALUES:
        return _VALUES[name].get(str(value), str(value))
    if not isinstance(value, int | float):
        return str(value)
    if name == "oldest_age_s":
        return html.age(dt.timedelta(seconds=value))
    if name == "waiting_bytes":
        return f"{value / 1e6:.1f} MB".replace(".", ",")
    return f"{value:g} giây".replace(".", ",") if name == "clock_skew_s" else f"{value:g}"


@router.post("/staff/fleet/{kiosk_id}/revoke")
def post_revoke(services: Backend, form: TechnicianForm, kiosk_id: str) -> RedirectResponse:
    """Shut a kiosk out at once."""
    fleet.revoke(services, kiosk_id, by=form.who.name)
    return RedirectResponse("/staff/fleet", status_code=303)


@router.get("/metrics")
def get_metrics(services: Backend, request: Request) -> PlainTextResponse:
    """Tell Prometheus; from this machine, or with the token of the settings."""
    token = services.settings.metrics_token
    given = request.headers.get("authorization", "").removeprefix("Bearer ")
    allowed = (
        hmac.compare_digest(given.encode(), token.encode()) if token else address_of(request) in _LOOPBACK
    )
    if not allowed:
        raise Refusal(401, "metrics.token", "give the metrics token")
    return PlainTextResponse("".join(_metrics(services)), media_type="text/plain; version=0.0.4")


def _metrics(services: Services) -> Iterator[str]:
    now = services.now()
    with Session(services.engine) as session:
        dossiers = session.execute(
            select(Dossier.state, Dossier.opened, func.count()).group_by(Dossier.state, Dossier.opened)
        ).all()
        tickets = session.execute(select(Ticket.state, func.count()).group_by(Ticket.state)).all()
    yield "# TYPE kiosk_dossiers gauge\n"
    for state, opened, count in dossiers:
        yield f'kiosk_dossiers{{state="{state}",opened="{opened}"}} {count}\n'
    yield "# TYPE kiosk_tickets gauge\n"
    for state, count in tickets:
        yield f'kiosk_tickets{{state="{state}"}} {count}\n'
    for name in ("up", "ill", "last_seen_seconds", "waiting", "oldest_age_s", "quarantined"):
        yield f"# TYPE kiosk_{name} gauge\n"
        for kiosk in fleet.kiosks(services):
            if kiosk.revoked_at is None:
                labels = f'kiosk="{kiosk.id}",unit="{kiosk.unit_code}"'
                yield f"kiosk_{name}{{{labels}}} {_metric(kiosk, name, now):g}\n"


def _metric(kiosk: Kiosk, name: str, now: dt.datetime) -> float:
    wrong = complaints(kiosk, now)
    if name == "up":
        return float("silent" not in wrong)
    if name == "ill":
        return float(bool(wrong))
    if name == "last_seen_seconds":
        return -1.0 if kiosk.seen_at is None else (now - kiosk.seen_at).total_seconds()
    return _number((kiosk.health or {}).get(name))
