"""Calling numbers at a desk, and the display everybody in the room sees."""

import datetime as dt
import math
from collections.abc import Mapping, Sequence
from html import escape
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Depends, Path, Query
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.responses import Response

from backend.api.access import Backend
from backend.services import LOCAL_ZONE, Refusal, Services
from backend.store import line
from backend.store.models import Ticket
from backend.store.staff import SignedIn
from backend.web import html
from backend.web.call_sound import call_sound, seconds, words_of
from backend.web.signing_in import Posted, posted, somebody

router = APIRouter(include_in_schema=False)

Clerk = Annotated[SignedIn, Depends(somebody("clerk", "admin"))]
ClerkForm = Annotated[Posted, Depends(posted("clerk", "admin"))]
Unit = Annotated[str, Path(max_length=40)]
Desk = Annotated[str, Query(max_length=20, pattern=r"^[\w .-]*$")]
Heard = Annotated[int, Query(ge=0, le=10**13, description="Unix milliseconds of the newest call heard")]
REFRESH_S = 4
FRESH = dt.timedelta(seconds=30)
"""Older calls are not said any more, whatever a display has missed."""
SHOWN = 5
"""Calls on the display: the newest can be read from the last row of chairs."""
_SEE_OTHER = 303
PRIORITIES = {
    "": "Thường",
    "elderly": "Người cao tuổi",
    "disabled": "Người khuyết tật",
    "pregnant": "Phụ nữ mang thai",
    "merit": "Người có công",
}


@router.get("/staff/counter")
def get_counter(services: Backend, who: Clerk, desk: Desk = "1", series: Desk = "") -> HTMLResponse:
    """Show the line and the buttons of one desk."""
    board = line.board(services, who.unit_code)
    kinds = {"": "Mọi loại", **_kinds(services, who.unit_code)}
    hidden = _hidden(desk, series)
    choose = (
        '<form class="row" method="get" action="/staff/counter">'
        f'<label>Quầy <input name="desk" value="{escape(desk)}" size="4"></label>'
        f'<label>Loại số <select name="series">{html.options(kinds, series)}</select></label>'
        '<button class="quiet">Chọn</button></form>'
    )
    call = html.form(
        "/staff/counter/next", who.csrf, f'{hidden}<button class="big" autofocus>Gọi số tiếp theo</button>'
    )
    called = [_called(who, ticket, hidden, kinds) for ticket in board.called if ticket.desk == desk]
    rows = [_waiting(who, ticket, hidden) for ticket in line.waiting(services, who.unit_code)]
    minutes = math.ceil(board.wait.total_seconds() / 60)
    body = (
        f'<div class="top"><h1>Quầy {escape(desk)}</h1>{choose}</div>{call}'
        f"<h2>Đang phục vụ</h2>{''.join(called) or html.nothing('Quầy này chưa gọi ai.')}"
        f"<h2>Đang chờ: {board.waiting} · người mới đến chờ chừng {minutes} phút</h2>"
    )
    head = ("Số", "Loại", "Dịch vụ", "Lấy số lúc", "Ưu tiên")
    body += html.table(head, rows) if rows else html.nothing("Không có ai đang chờ.")
    return html.page(f"Quầy {desk}", body, who=who, refresh_s=30)


def _kinds(services: Services, unit: str) -> dict[str, str]:
    return {letter: f"{letter} · {name}" for letter, name in line.services_today(services, unit).items()}


def _hidden(desk: str, series: str) -> str:
    return (
        f'<input type="hidden" name="desk" value="{escape(desk)}">'
        f'<input type="hidden" name="only" value="{escape(series)}">'
    )


def _called(who: SignedIn, ticket: Ticket, hidden: str, kinds: Mapping[str, str]) -> str:
    buttons = "".join(
        html.form(f"/staff/counter/{ticket.id}/{verb}", who.csrf, f"{hidden}<button{look}>{shown}</button>")
        for verb, shown, look in (
            ("done", "Xong", ""),
            ("recall", "Gọi lại", ' class="quiet"'),
            ("no_show", "Vắng mặt", ' class="quiet"'),
        )
    )
    others = {letter: name for letter, name in kinds.items() if letter not in {"", ticket.series}}
    on = html.form(
        f"/staff/counter/{ticket.id}/transfer",
        who.csrf,
        f'{hidden}<label>Chuyển sang <select name="series">{html.options(others)}</select></label>'
        '<button class="quiet">Chuyển</button>',
    )
    shown = f'<span class="now">{escape(ticket.number)}</span> {escape(ticket.service)}'
    return f"<p>{shown} (gọi {ticket.calls} lần)</p>{buttons}{on if others else ''}"


def _waiting(who: SignedIn, ticket: Ticket, hidden: str) -> tuple[str, ...]:
    prefer = html.form(
        f"/staff/counter/{ticket.id}/prefer",
        who.csrf,
        f'{hidden}<select name="priority" aria-label="Ưu tiên">'
        f"{html.options(PRIORITIES, ticket.priority)}</select>"
        '<button class="quiet">Ghi</button>',
    )
    return (
        f"<b>{escape(ticket.number)}</b>",
        escape(ticket.series),
        escape(ticket.service),
        f"{ticket.issued_at.astimezone(LOCAL_ZONE):%H:%M}",
        prefer,
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


@router.get("/display/{unit}/call.wav")
def get_call(services: Backend, unit: Unit, heard: Heard = 0) -> Response:
    """Send the sound of the calls since one was heard: two soft tones, then each number and its desk."""
    sound = _sound(services, _since(line.board(services, unit), heard))
    return Response(sound, media_type="audio/wav", headers={"Cache-Control": "no-store"})


def _sound(services: Services, calls: Sequence[Ticket]) -> bytes:
    words = words_of([(ticket.number, ticket.desk) for ticket in calls])
    return call_sound(services.settings.voice_dir, words)


def _since(board: line.Board, heard: int) -> list[Ticket]:
    """Return the calls after a moment, the first one first."""
    return [ticket for ticket in reversed(board.called) if _moment(ticket.called_at) > heard]


def _moment(called_at: dt.datetime | None) -> int:
    """Return a call's moment as the display's address holds it, Unix milliseconds."""
    return 0 if called_at is None else round(called_at.timestamp() * 1000)


@router.get("/display/{unit}")
def get_display(services: Backend, unit: Unit, heard: Heard = 0) -> HTMLResponse:
    """Show which number goes to which desk; a new call is heard once, to its end, before the page asks again.

    Numbers only, so nobody needs to sign in.
    """
    board = line.board(services, unit)
    now = services.now()
    heard = max(heard, _moment(now - FRESH))
    fresh = _since(board, heard)
    rows = "".join(
        f'<tr class="{"new" if n == 0 else ""}">'
        f"<td>{escape(ticket.number)}</td><td>{escape(ticket.desk)}</td></tr>"
        for n, ticket in enumerate(board.called[:SHOWN])
    )
    place = f"/display/{quote(unit)}"
    sound = f'<audio autoplay src="{place}/call.wav?heard={heard}"></audio>' if fresh else ""
    lasts_s = math.ceil(seconds(_sound(services, fresh))) + 1 if fresh else 0
    minutes = math.ceil(board.wait.total_seconds() / 60)
    body = (
        f'<div class="top line"><b>{escape(board.unit_name)}</b>'
        f"<span>{now.astimezone(LOCAL_ZONE):%H:%M}</span></div>"
        '<div class="board" aria-live="polite"><table><thead><tr><th>Mời số · <span lang="en">Number</span>'
        '</th><th>Đến quầy · <span lang="en">Desk</span></th></tr></thead>'
        f'<tbody>{rows}</tbody></table></div><p class="line">Đang chờ · <span lang="en">Waiting</span>: '
        f"<b>{board.waiting}</b>{_estimate(minutes)}</p>{sound}"
    )
    again = f"{place}?heard={max([heard, *(_moment(ticket.called_at) for ticket in fresh)])}"
    return html.page("Mời số", body, refresh_s=max(REFRESH_S, lasts_s), refresh_to=again)


def _estimate(minutes: int) -> str:
    """Return what somebody who takes a number now is told; nothing where nobody waits."""
    if not minutes:
        return ""
    return f'<br>Lấy số bây giờ: chờ chừng <b>{minutes} phút</b> <span lang="en">(about {minutes} min)</span>'
