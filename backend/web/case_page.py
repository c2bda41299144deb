"""One dossier as a clerk sees it: what to do on the right, papers on the left, nothing to look for."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from backend.store import cases
from backend.web import html
from backend.web.progress_page import STATES

if TYPE_CHECKING:
    import datetime as dt

    from backend.store.models import Dossier
    from backend.store.staff import SignedIn

_DEEDS: Final = {
    2: "Tiếp nhận",
    3: "Không tiếp nhận",
    4: "Chuyển giải quyết",
    5: "Yêu cầu bổ sung giấy tờ",
    6: "Yêu cầu nộp phí, thuế",
    7: "Công dân rút hồ sơ",
    8: "Dừng giải quyết",
    9: "Đã có kết quả",
    10: "Đã trả kết quả",
}
_REASONS: Final = (
    "Thiếu bản chính để đối chiếu",
    "Thiếu giấy tờ theo quy định",
    "Ảnh giấy tờ mờ, xin chụp lại",
    "Thông tin khai chưa khớp với giấy tờ",
    "Không thuộc thẩm quyền của đơn vị",
    "Công dân đề nghị",
)
_SOURCES: Final = {
    "chip": "chip thẻ",
    "qr": "mã QR trên thẻ",
    "typed": "công dân nhập",
    "derived": "máy suy ra",
    "default": "có sẵn",
    "session": "máy ghi",
}
_PROOF: Final = {
    "access": "Cách mở chip",
    "passive_auth": "Chữ ký của nơi cấp",
    "chip_auth": "Chip thật (chip authentication)",
    "active_auth": "Chip thật (active authentication)",
    "version": "Bản đồng ý",
    "purpose": "Mục đích",
    "language": "Ngôn ngữ",
    "given_at": "Đồng ý lúc",
    "method": "Cách đồng ý",
}
_VERDICTS: Final = {
    "valid": '<span class="well">hợp lệ</span>',
    "untrusted": '<span class="bad">chưa xác minh được, xin đối chiếu thẻ</span>',
    "invalid": '<span class="bad">KHÔNG hợp lệ</span>',
    "absent": "thẻ không có",
}
PAPERS: Final = {"form.pdf": "Tờ khai đã điền", "scan.pdf": "Giấy tờ đã chụp"}


def case_page(who: SignedIn, case: cases.Case, *, now: dt.datetime, following: Dossier | None) -> str:
    """Return the body of the page.

    Args:
        who: Looks at it.
        case: Opened.
        now: The backend's clock.
        following: The dossier that waits longest, to go on with; None when there is none.
    """
    dossier = case.dossier
    code = dossier.official_code or dossier.receipt_code
    came = dossier.stored_at or dossier.received_at
    waited = f"đến lúc {html.moment(came)}, đã chờ {html.age(now - came)}"
    onward = ""
    if following is not None:
        onward = f'<a class="button quiet" href="/staff/d/{following.id}">Hồ sơ chờ lâu nhất →</a>'
    due = f" · hẹn trả {dossier.due:%d/%m/%Y}" if dossier.due else ""
    return (
        f'<div class="top"><h1>{escape(code)} <span class="chip">{escape(STATES[dossier.progress][0])}</span>'
        f"</h1>{onward}</div><p><b>{escape(cases.procedure_name(dossier))}</b> · mã trên giấy "
        f"{escape(dossier.receipt_code)} · {waited}{due}</p>"
        f'<div class="halves"><section>{_papers(dossier.id, case.manifest)}</section><section>'
        f"{_deeds(who, dossier)}<h2>Nội dung khai</h2>{_answers(case.answers)}"
        f"<h2>Thẻ và sự đồng ý</h2>{_proof(case.manifest)}<h2>Quá trình</h2>{_history(case)}</section></div>"
    )


def _deeds(who: SignedIn, dossier: Dossier) -> str:
    following = cases.NEXT[dossier.progress]
    if not following:
        return '<p class="notice">Hồ sơ đã kết thúc.</p>'
    buttons = "".join(_deed(state, first=place == 0) for place, state in enumerate(following))
    reasons = "".join(f'<option value="{escape(reason)}">' for reason in _REASONS)
    due = dossier.due.isoformat() if dossier.due else ""
    inside = (
        f'<div class="deeds">{buttons}</div><label class="wide">Lý do (bắt buộc với nút viền đỏ; công dân sẽ '
        'hỏi) <input name="reason" list="reasons" maxlength="500" required></label>'
        f'<datalist id="reasons">{reasons}</datalist>'
        f'<label>Ngày hẹn trả <input name="due" type="date" value="{due}"></label>'
    )
    return html.form(f"/staff/d/{dossier.id}/state", who.csrf, inside, kind="card")


def _deed(state: int, *, first: bool) -> str:
    reasoned = state in cases.NEED_REASON
    look = "" if first else ' class="stop"' if reasoned else ' class="quiet"'
    free = "" if reasoned else " formnovalidate"
    return f'<button name="state" value="{state}"{look}{free}>{_DEEDS[state]}</button>'


def _papers(dossier_id: str, manifest: dict[str, Any]) -> str:
    shown = ""
    for entry in manifest["documents"]:
        name = str(entry["name"])
        url = f"/staff/d/{dossier_id}/documents/{quote(name)}"
        title = escape(PAPERS.get(name, name))
        link = f'<a href="{url}" target="_blank" rel="noopener">mở riêng</a>'
        shown += f"<h2>{title} <small>({entry['size'] // 1000:,} kB) {link}</small></h2>"
        if entry["media_type"] == "application/pdf":
            shown += f'<iframe src="{url}" title="{title}"></iframe>'
    return shown or "<p>Không có giấy tờ.</p>"


def _answers(answers: dict[str, Any]) -> str:
    rows = [
        (
            escape(str(entry.get("label") or name)),
            f"<b>{escape(_text(entry.get('shown', entry.get('value'))))}</b>",
            escape(_SOURCES.get(str(entry.get("source")), str(entry.get("source", "")))),
        )
        for name, entry in answers.items()
        if isinstance(entry, dict)
    ]
    return html.table(("Mục", "Nội dung", "Nguồn"), rows)


def _text(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _proof(manifest: dict[str, Any]) -> str:
    facts = {**manifest.get("card_proof", {}), **manifest.get("consent", {})}
    rows = [
        (escape(_PROOF.get(name, name)), _VERDICTS.get(str(value)) or escape(_text(value)))
        for name, value in facts.items()
    ]
    return html.table(("Mục", "Giá trị"), rows)


def _history(case: cases.Case) -> str:
    rows = [
        (html.moment(step.at), escape(STATES[step.state][0]), escape(step.by), escape(step.reason))
        for step in case.steps
    ]
    return html.table(("Lúc", "Trạng thái", "Ai", "Lý do"), rows)
