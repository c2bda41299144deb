"""Which kiosk is ill or silent: a page for technicians, and the same numbers for Prometheus."""

import datetime as dt
import hmac
from collections.abc import Iterator
from html import escape
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, PlainTextResponse, RedirectResponse
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend.api.access import Backend, address_of
from backend.services import LOCAL_ZONE, Refusal, Services
from backend.store import fleet
from backend.store.models import Dossier, Kiosk, Ticket
from backend.store.staff import SignedIn
from backend.web import health_words, html
from backend.web.signing_in import Posted, posted, somebody

router = APIRouter(include_in_schema=False)

Technician = Annotated[SignedIn, Depends(somebody("technician", "admin"))]
TechnicianForm = Annotated[Posted, Depends(posted("technician", "admin"))]
SILENT = dt.timedelta(minutes=10)
_LOOPBACK = frozenset({"127.0.0.1", "::1"})


def complaints(kiosk: Kiosk, now: dt.datetime) -> list[str]:
    """Return in words what is wrong with a kiosk.

    Args:
        kiosk: With its last heartbeat.
        now: The backend's clock.
    """
    if kiosk.revoked_at is not None:
        return ["đã thu hồi"]
    told = health_words.complaints(kiosk.health or {})
    return ["không nghe thấy", *told] if _silent(kiosk, now) else told


def _silent(kiosk: Kiosk, now: dt.datetime) -> bool:
    return kiosk.seen_at is None or now - kiosk.seen_at > SILENT


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
    wrong = complaints(kiosk, now)
    listed = "<br>".join(escape(one) for one in wrong)
    state = f'<span class="bad">{listed}</span>' if wrong else '<span class="well">tốt</span>'
    seen = "—" if kiosk.seen_at is None else f"{kiosk.seen_at.astimezone(LOCAL_ZONE):%H:%M:%S %d/%m}"
    facts = "".join(
        f"<span>{escape(name)}: <b>{escape(value)}</b></span>"
        for name, value in health_words.figures(kiosk.health or {})
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
    kiosks = [kiosk for kiosk in fleet.kiosks(services) if kiosk.revoked_at is None]
    for name in ("up", "ill", "last_seen_seconds", "waiting", "oldest_age_s", "quarantined"):
        yield f"# TYPE kiosk_{name} gauge\n"
        for kiosk in kiosks:
            yield f"kiosk_{name}{{{_labels(kiosk)}}} {_metric(kiosk, name, now):g}\n"
    yield "# TYPE kiosk_device_state gauge\n"
    for kiosk in kiosks:
        for device, (state, _cause) in health_words.device_states(kiosk.health or {}).items():
            yield f'kiosk_device_state{{{_labels(kiosk)},device="{device}",state="{state}"}} 1\n'


def _labels(kiosk: Kiosk) -> str:
    return f'kiosk="{kiosk.id}",unit="{kiosk.unit_code}"'


def _metric(kiosk: Kiosk, name: str, now: dt.datetime) -> float:
    if name == "up":
        return float(not _silent(kiosk, now))
    if name == "ill":
        return float(bool(complaints(kiosk, now)))
    if name == "last_seen_seconds":
        return -1.0 if kiosk.seen_at is None else (now - kiosk.seen_at).total_seconds()
    return health_words.number((kiosk.health or {}).get(name))
