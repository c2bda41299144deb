"""The staff console: what came in, one dossier with its answers and papers, its next state, search, audit."""

import datetime as dt
from html import escape
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Depends, Path, Query
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.responses import Response

from backend.api.access import Backend
from backend.services import LOCAL_ZONE, Refusal, Services
from backend.store import audit, cases
from backend.store.models import Dossier
from backend.store.staff import SignedIn
from backend.web import html
from backend.web.progress_page import STATES
from backend.web.signing_in import Posted, posted, somebody

router = APIRouter(include_in_schema=False)

Clerk = Annotated[SignedIn, Depends(somebody("clerk", "admin"))]
ClerkForm = Annotated[Posted, Depends(posted("clerk", "admin"))]
Admin = Annotated[SignedIn, Depends(somebody("admin"))]
CaseId = Annotated[str, Path(pattern=r"^[0-9a-f-]{36}$")]
_SEE_OTHER = 303
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
    by_state = {n: sum(v for (s, _), v in counted.items() if s == n) for n in STATES}
    tabs = " · ".join(
        f'<a href="/staff?state={n}"{" aria-current=page" if n == state else ""}>{escape(STATES[n][0])}'
        f" ({by_state[n]})</a>"
        for n in STATES
        if by_state[n] or n == state
    )
    kinds = "".join(
        f'<a href="/staff?state={state}&amp;procedure={quote(name)}">{escape(name)} ({count})</a> '
        for (s, name), count in sorted(counted.items())
        if s == state
    )
    coming = cases.on_the_way(services, who.unit_code)
    body = (
        f"<h1>Hồ sơ</h1>{_search_form()}<p>{tabs}</p><p>Thủ tục: {kinds or '—'}</p>"
        f"<p>Đang được gửi đến: {coming}</p>{_listed(services, found)}"
    )
    return html.page("Hồ sơ", body, who=who)


def _search_form(wanted: str = "") -> str:
    return (
        '<form class="row" method="get" action="/staff/search"><label>Tìm: mã hồ sơ, quét QR, số căn cước '
        f'<input name="q" value="{escape(wanted)}" autofocus size="34" maxlength="600"></label>'
        "<button>Tìm</button></form>"
    )


def _listed(services: Services, found: Any) -> str:
    if not found:
        return "<p>Không có hồ sơ.</p>"
    return html.table(
        ("Mã hồ sơ", "Mã kiosk", "Thủ tục", "Đến lúc", "Đã chờ", "Trạng thái"), map(_row_of(services), found)
    )


def _row_of(services: Services) -> Any:
    now = services.now()

    def row(dossier: Dossier) -> tuple[str, ...]:
        came = dossier.stored_at or dossier.received_at
        return (
            f'<a href="/staff/d/{dossier.id}">{escape(dossier.official_code or "")}</a>',
            escape(dossier.receipt_code),
            escape(dossier.procedure),
            _when(came),
            _age(now - came),
            escape(STATES[dossier.progress][0])
            + (' <span class="bad">không mở được</span>' if dossier.opened == "quarantined" else ""),
        )

    return row


@router.get("/staff/search")
def get_search(services: Backend, who: Clerk, q: Annotated[str, Query(max_length=600)] = "") -> Response:
    """Find dossiers; a single hit is shown at once, as after a scan."""
    found = cases.search(services, who.unit_code, q) if q.strip() else ()
    if len(found) == 1:
        return RedirectResponse(f"/staff/d/{found[0].id}", status_code=_SEE_OTHER)
    return html.page("Tìm hồ sơ", f"<h1>Tìm hồ sơ</h1>{_search_form()}{_listed(services, found)}", who=who)


@router.get("/staff/d/{dossier_id}")
def get_case(services: Backend, who: Clerk, dossier_id: CaseId) -> HTMLResponse:
    """Show one dossier with its answers, papers and history."""
    case = cases.open_case(services, who, dossier_id)
    dossier = case.dossier
    facts = html.table(
        ("Mã hồ sơ", "Mã kiosk", "Thủ tục", "Trạng thái", "Dự kiến trả"),
        [
            (
                escape(dossier.official_code or ""),
                escape(dossier.receipt_code),
                escape(dossier.procedure),
                escape(STATES[dossier.progress][0]),
                dossier.due.strftime("%d/%m/%Y") if dossier.due else "—",
            )
        ],
    )
    body = (
        f"<h1>{escape(dossier.official_code or dossier.receipt_code)}</h1>{facts}{_moves(who, dossier)}"
        f"<h2>Giấy tờ</h2>{_papers(dossier.id, case.manifest)}<h2>Nội dung khai</h2>{_answers(case.answers)}"
        f"<h2>Thẻ và sự đồng ý</h2>{_proof(case.manifest)}<h2>Quá trình</h2>{_history(case)}"
    )
    return html.page(dossier.official_code or dossier.receipt_code, body, who=who)


def _moves(who: SignedIn, dossier: Dossier) -> str:
    following = {str(state): STATES[state][0] for state in cases.NEXT[dossier.progress]}
    if not following:
        return "<p>Hồ sơ đã kết thúc.</p>"
    inside = (
        f'<label>Chuyển sang <select name="state">{html.options(following)}</select></label>'
        "<label>Lý do (bắt buộc khi từ chối, cần bổ sung, rút, dừng) "
        '<input name="reason" maxlength="500" size="40">'
        '</label><label>Ngày trả <input name="due" type="date"></label><button>Ghi</button>'
    )
    return html.form(f"/staff/d/{dossier.id}/state", who.csrf, inside)


def _papers(dossier_id: str, manifest: dict[str, Any]) -> str:
    links, shown = [], ""
    for entry in manifest["documents"]:
        url = f"/staff/d/{dossier_id}/documents/{quote(entry['name'])}"
        links.append(
            f'<a href="{url}" target="_blank" rel="noopener">{escape(entry["name"])}</a> '
            f"({entry['size']:,} B)"
        )
        if entry["media_type"] == "application/pdf":
            shown += f'<iframe src="{url}" title="{escape(entry["name"])}"></iframe>'
    return f"<p>{' · '.join(links) or 'Không có giấy tờ.'}</p>{shown}"


def _answers(answers: dict[str, Any]) -> str:
    rows = [
        (escape(name), escape(_text(entry.get("value"))), escape(str(entry.get("source", ""))))
        for name, entry in answers.items()
        if isinstance(entry, dict)
    ]
    return html.table(("Mục", "Nội dung", "Nguồn"), rows)


def _text(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _proof(manifest: dict[str, Any]) -> str:
    facts = {**manifest.get("card_proof", {}), **manifest.get("consent", {})}
    return html.table(
        ("Mục", "Giá trị"), [(escape(name), escape(_text(value))) for name, value in facts.items()]
    )


def _history(case: cases.Case) -> str:
    rows = [
        (_when(step.at), escape(STATES[step.state][0]), escape(step.by), escape(step.reason))
        for step in case.steps
    ]
    return html.table(("Lúc", "Trạng thái", "Ai", "Lý do"), rows)


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
        (str(deed.seq), _when(deed.at), escape(deed.who), escape(deed.did), escape(deed.about))
        for deed in audit.newest(services)
    ]
    return html.page(
        "Nhật ký", f"<h1>Nhật ký</h1>{whole}{html.table(('#', 'Lúc', 'Ai', 'Việc', 'Về'), rows)}", who=who
    )


def _when(moment: dt.datetime) -> str:
    return f"{moment.astimezone(LOCAL_ZONE):%H:%M %d/%m/%Y}"


def _age(span: dt.timedelta) -> str:
    return f"{span.days} ngày" if span.days else f"{int(span.total_seconds() // 60)} phút"
