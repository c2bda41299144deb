"""Calling numbers at a desk, and the display everybody in the room sees."""

import io
import math
import struct
import wave
from functools import cache
from html import escape
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.responses import Response

from backend.api.access import Backend
from backend.services import LOCAL_ZONE, Refusal
from backend.store import line
from backend.store.models import Ticket
from backend.store.staff import SignedIn
from backend.web import html
from backend.web.signing_in import Posted, posted, somebody

router = APIRouter(include_in_schema=False)

Clerk = Annotated[SignedIn, Depends(somebody("clerk", "admin"))]
ClerkForm = Annotated[Posted, Depends(posted("clerk", "admin"))]
Desk = Annotated[str, Query(max_length=20, pattern=r"^[\w .-]*$")]
REFRESH_S = 4
_SEE_OTHER = 303
_PRIORITIES = {
    "": "Thường",
    "elderly": "Người cao tuổi",
    "disabled": "Người khuyết tật",
    "pregnant": "Phụ nữ mang thai",
    "merit": "Người có công",
}


@router.get("/staff/counter")
def get_counter(services: Backend, who: Clerk, desk: Desk = "1", series: Desk = "") -> HTMLResponse:
    """Show the line and the buttons of one desk."""
    here = f"?desk={escape(desk)}&series={escape(series)}"
    choose = (
        '<form class="row" method="get" action="/staff/counter">'
        f'<label>Quầy <input name="desk" value="{escape(desk)}" size="4"></label>'
        f'<label>Loại số <input name="series" value="{escape(series)}" size="2"></label>'
        '<button class="quiet">Chọn</button></form>'
    )
    board = line.board(services, who.unit_code)
    hidden = _hidden(desk, series)
    call = html.form(
        f"/staff/counter/next{here}", who.csrf, f"{hidden}<button autofocus>Gọi số tiếp theo</button>"
    )
    called = [_called(who, ticket, hidden) for ticket in board.called if ticket.desk == desk]
    rows = [_waiting(who, ticket, hidden) for ticket in line.waiting(services, who.unit_code)]
    body = (
        f"<h1>Quầy {escape(desk)}</h1>{choose}{call}<h2>Đang phục vụ</h2>{''.join(called) or '<p>—</p>'}"
        f"<h2>Đang chờ: {board.waiting}</h2>"
        + html.table(("Số", "Dịch vụ", "Lấy số lúc", "Ưu tiên", "Chuyển"), rows)
    )
    return html.page(f"Quầy {desk}", body, who=who, refresh_s=30)


def _hidden(desk: str, series: str) -> str:
    return (
        f'<input type="hidden" name="desk" value="{escape(desk)}">'
        f'<input type="hidden" name="only" value="{escape(series)}">'
    )


def _called(who: SignedIn, ticket: Ticket, hidden: str) -> str:
    buttons = "".join(
        html.form(
            f"/staff/counter/{ticket.id}/{verb}", who.csrf, f'{hidden}<button class="quiet">{shown}</button>'
        )
        for verb, shown in (("recall", "Gọi lại"), ("done", "Xong"), ("no_show", "Vắng mặt"))
    )
    on = html.form(
        f"/staff/counter/{ticket.id}/transfer",
        who.csrf,
        f'{hidden}<label>Chuyển sang loại <input name="series" size="2" maxlength="2"></label>'
        '<button class="quiet">Chuyển</button>',
    )
    shown = f"<b>{escape(ticket.number)}</b> {escape(ticket.service)} (gọi {ticket.calls} lần)"
    return f"<p>{shown}</p>{buttons}{on}"


def _waiting(who: SignedIn, ticket: Ticket, hidden: str) -> tuple[str, ...]:
    prefer = html.form(
        f"/staff/counter/{ticket.id}/prefer",
        who.csrf,
        f'{hidden}<select name="priority" aria-label="Ưu tiên">'
        f"{html.options(_PRIORITIES, ticket.priority)}</select>"
        '<button class="quiet">Ghi</button>',
    )
    return (
        escape(ticket.number),
        escape(ticket.service),
        f"{ticket.issued_at.astimezone(LOCAL_ZONE):%H:%M}",
        prefer,
        escape(ticket.series),
    )


def _back(form: Posted) -> RedirectResponse:
    from urllib.parse import urlencode

    query = urlencode({"desk": form["desk"], "series": form["only"]})
    return RedirectResponse(f"/staff/counter?{query}", status_code=_SEE_OTHER)


@router.post("/staff/counter/next")
def post_next(services: Backend, form: ClerkForm) -> RedirectResponse:
    """Call the next number to this desk."""
    line.call_next(services, form.who, form["desk"][:20] or "1", series=form["only"])
    return _back(form)


@router.post("/staff/counter/{ticket_id}/{verb}")
def post_ticket_deed(
    services: Backend,
    form: ClerkForm,
    ticket_id: Annotated[str, Path(pattern=r"^[0-9a-f-]{36}$")],
    verb: Annotated[str, Path(max_length=12)],
) -> RedirectResponse:
    """Recall, end, transfer or prefer one number."""
    if verb == "recall":
        line.recall(services, form.who, ticket_id)
    elif verb in {"done", "no_show"}:
        line.end(services, form.who, ticket_id, verb)
    elif verb == "transfer":
        line.transfer(services, form.who, ticket_id, form["series"].upper())
    elif verb == "prefer":
        line.prefer(services, form.who, ticket_id, form["priority"])
    else:
        raise Refusal(404, "line.verb", "no such button")
    return _back(form)


@router.get("/display/chime.wav")
def get_chime() -> Response:
    """Send two soft tones."""
    return Response(_chime(), media_type="audio/wav", headers={"Cache-Control": "max-age=86400"})


@router.get("/display/{unit}")
def get_display(services: Backend, unit: Annotated[str, Path(max_length=40)]) -> HTMLResponse:
    """Show which number goes to which desk; a fresh call chimes. Numbers only, so nobody needs to sign in."""
    board = line.board(services, unit)
    now = services.now()
    rows = "".join(
        f'<tr class="{"new" if n == 0 else ""}">'
        f"<td>{escape(ticket.number)}</td><td>{escape(ticket.desk)}</td></tr>"
        for n, ticket in enumerate(board.called)
    )
    fresh = board.newest is not None and (now - board.newest).total_seconds() < 2 * REFRESH_S
    chime = '<audio autoplay src="/display/chime.wav"></audio>' if fresh else ""
    minutes = math.ceil(board.wait.total_seconds() / 60)
    body = (
        '<div class="board" aria-live="polite"><table><thead>'
        "<tr><th>Số · Number</th><th>Quầy · Desk</th></tr></thead>"
        f"<tbody>{rows}</tbody></table></div><p>Đang chờ: {board.waiting} · ước chừng {minutes} phút "
        f'<span lang="en">(about {minutes} min)</span></p>{chime}'
    )
    return html.page("Mời số", body, refresh_s=REFRESH_S)


@cache
def _chime() -> bytes:
    rate, buffer = 16_000, io.BytesIO()
    with wave.open(buffer, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(rate)
        for tone_hz in (660, 523):
            count = rate // 2
            sound.writeframes(
                b"".join(
                    struct.pack(
                        "<h", int(9000 * math.exp(-4 * n / count) * math.sin(math.tau * tone_hz * n / rate))
                    )
                    for n in range(count)
                )
            )
    return buffer.getvalue()
