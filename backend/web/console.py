"""The staff console: what came in, one dossier and its next state, search, audit."""

import datetime as dt
from collections.abc import Callable, Sequence
from html import escape
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Depends, Path, Query
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.responses import Response

from backend.api.access import Backend
from backend.services import Refusal, Services
from backend.store import audit, cases
from backend.store.models import Dossier
from backend.store.staff import SignedIn
from backend.web import html
from backend.web.case_page import case_page
from backend.web.deed_words import deed_words
from backend.web.progress_page import STATES
from backend.web.signing_in import Posted, posted, somebody

router = APIRouter(include_in_schema=False)

Clerk = Annotated[SignedIn, Depends(somebody("clerk", "admin"))]
ClerkForm = Annotated[Posted, Depends(posted("clerk", "admin"))]
Admin = Annotated[SignedIn, Depends(somebody("admin"))]
CaseId = Annotated[str, Path(pattern=r"^[0-9a-f-]{36}$")]
_SEE_OTHER = 303
LATE = dt.timedelta(hours=8)
"""A dossier nobody has received for so long is marked: a working day."""
_SHOWN_INLINE = frozenset({"application/pdf", "image/png", "image/jpeg"})


@router.get("/staff")
def get_inbox(
    services: Backend,
    who: Clerk,
    state: Annotated[int, Query(ge=1, le=10)] = 1,
    procedure: Annotated[str, Query(max_length=40)] = "",
) -> HTMLResponse:
    """Show what waits, oldest first."""
    found = cases.inbox(services, who.unit_code, state=state, procedure=procedure)
    counted = cases.counts(services, who.unit_code)
    coming = cases.on_the_way(services, who.unit_code)
    oldest = f'<a class="button" href="/staff/d/{found[0].id}">Mở hồ sơ chờ lâu nhất</a>' if found else ""
    body = (
        f'<div class="top"><h1>Hồ sơ</h1>{oldest}</div>{_search_form()}'
        f"<nav>{_states(counted, state)}</nav><nav>{_procedures(counted, state, procedure, found)}</nav>"
        f"{_coming(coming)}{_listed(services, found, 'Không có hồ sơ nào ở đây.')}"
    )
    return html.page("Hồ sơ", body, who=who)


def _coming(count: int) -> str:
    return f"<p>Đang được kiosk gửi đến: <b>{count}</b></p>" if count else ""


def _states(counted: cases.Counts, state: int) -> str:
    by_state = {n: sum(v for (s, _), v in counted.items() if s == n) for n in STATES}
    return "".join(
        html.pill(f"/staff?state={n}", f"{STATES[n][0]} ({by_state[n]})", here=n == state)
        for n in STATES
        if by_state[n] or n == state
    )


def _procedures(counted: cases.Counts, state: int, procedure: str, found: Sequence[Dossier]) -> str:
    names = {dossier.procedure: cases.procedure_name(dossier) for dossier in found}
    pills = [
        html.pill(
            f"/staff?state={state}&procedure={quote(name)}",
            f"{names.get(name, name)} ({count})",
            here=name == procedure,
        )
        for (s, name), count in sorted(counted.items())
        if s == state
    ]
    every = html.pill(f"/staff?state={state}", "Mọi thủ tục", here=not procedure)
    return every + "".join(pills) if len(pills) > 1 else ""


def _search_form(wanted: str = "") -> str:
    return (
        '<form class="row" method="get" action="/staff/search"><label>Tìm: mã hồ sơ, quét QR, số căn cước '
        f'<input name="q" value="{escape(wanted)}" autofocus size="34" maxlength="600"></label>'
        "<button>Tìm</button></form>"
    )


def _listed(services: Services, found: Sequence[Dossier], nothing: str) -> str:
    if not found:
        return html.nothing(nothing)
    head = ("Mã hồ sơ", "Thủ tục", "Đến lúc", "Đã chờ", "Mã trên giấy", "Trạng thái")
    return html.table(head, map(_row_of(services), found))


def _row_of(services: Services) -> Callable[[Dossier], tuple[str, ...]]:
    now = services.now()

    def row(dossier: Dossier) -> tuple[str, ...]:
        came = dossier.stored_at or dossier.received_at
        waited = html.age(now - came)
        return (
            f'<a class="code" href="/staff/d/{dossier.id}">{escape(dossier.official_code or "")}</a>',
            escape(cases.procedure_name(dossier)),
            f'<span class="line1">{html.moment(came)}</span>',
            f'<span class="line1{" bad" if _late(dossier, now - came) else ""}">{waited}</span>',
            f'<span class="line1">{escape(dossier.receipt_code)}</span>',
            escape(STATES[dossier.progress][0])
            + (' <span class="bad">không mở được</span>' if dossier.opened == "quarantined" else ""),
        )

    return row


def _late(dossier: Dossier, waited: dt.timedelta) -> bool:
    return dossier.progress == 1 and waited > LATE


@router.get("/staff/search")
def get_search(services: Backend, who: Clerk, q: Annotated[str, Query(max_length=600)] = "") -> Response:
    """Find dossiers; a single hit is shown at once, as after a scan."""
    found = cases.search(services, who.unit_code, q) if q.strip() else ()
    if len(found) == 1:
        return RedirectResponse(f"/staff/d/{found[0].id}", status_code=_SEE_OTHER)
    nothing = f"Không có hồ sơ nào khớp “{q.strip()}”." if q.strip() else "Xin nhập mã hoặc số cần tìm."
    body = f"<h1>Tìm hồ sơ</h1>{_search_form(q.strip())}{_listed(services, found, nothing)}"
    return html.page("Tìm hồ sơ", body, who=who)


@router.get("/staff/d/{dossier_id}")
def get_case(services: Backend, who: Clerk, dossier_id: CaseId) -> HTMLResponse:
    """Show one dossier with its answers, papers and history."""
    case = cases.open_case(services, who, dossier_id)
    waiting = cases.inbox(services, who.unit_code, state=1)
    following = next((dossier for dossier in waiting if dossier.id != dossier_id), None)
    body = case_page(who, case, now=services.now(), following=following)
    return html.page(case.dossier.official_code or case.dossier.receipt_code, body, who=who)


@router.get("/staff/d/{dossier_id}/documents/{name}")
def get_document(
    services: Backend, who: Clerk, dossier_id: CaseId, name: Annotated[str, Path(max_length=100)]
) -> Response:
    """Send one paper to the browser of a clerk."""
    media_type, data = cases.document(services, who, dossier_id, name)
    inline = media_type in _SHOWN_INLINE
    return Response(
        data,
        media_type=media_type if inline else "application/octet-stream",
        headers={
            **html.HEADERS,
            "Content-Security-Policy": "default-src 'none'; frame-ancestors 'self'",
            "Content-Disposition": "inline" if inline else "attachment",
        },
    )


@router.post("/staff/d/{dossier_id}/state")
def post_state(services: Backend, form: ClerkForm, dossier_id: CaseId) -> RedirectResponse:
    """Move a dossier on."""
    if not form["state"].isdecimal():
        raise Refusal(422, "case.state", "choose a state")
    try:
        due = dt.date.fromisoformat(form["due"]) if form["due"] else None
    except ValueError as error:
        raise Refusal(422, "case.due", "give the date as YYYY-MM-DD") from error
    cases.move(services, form.who, dossier_id, int(form["state"]), reason=form["reason"], due=due)
    return RedirectResponse(f"/staff/d/{dossier_id}", status_code=_SEE_OTHER)


@router.get("/staff/audit")
def get_audit(services: Backend, who: Admin) -> HTMLResponse:
    """Show who did what, newest first, and whether the log is whole."""
    broken = audit.first_broken(services)
    whole = '<p class="well">Nhật ký nguyên vẹn.</p>'
    if broken is not None:
        whole = f'<p class="bad">Nhật ký bị sửa từ dòng {broken}.</p>'
    rows = [
        (
            str(deed.seq),
            html.moment(deed.at),
            escape(deed.who),
            escape(deed_words(deed.did)),
            escape(deed.about),
        )
        for deed in audit.newest(services)
    ]
    return html.page(
        "Nhật ký", f"<h1>Nhật ký</h1>{whole}{html.table(('#', 'Lúc', 'Ai', 'Việc', 'Về'), rows)}", who=who
    )
