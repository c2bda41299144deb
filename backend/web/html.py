"""Pages for staff: one small stylesheet, no script, every value escaped."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qs

from fastapi.responses import HTMLResponse

from backend.services import LOCAL_ZONE

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Mapping

    from backend.store.staff import SignedIn

HEADERS: Final = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; "
    "media-src 'self'; frame-src 'self'; frame-ancestors 'self'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
}
_STYLE: Final = """
*{box-sizing:border-box}body{margin:0;background:#FAF7F2;color:#211C18;font:17px/1.45 system-ui,sans-serif}
header{border-top:8px solid #9E1B22;background:#fff;border-bottom:1px solid #D9D0C4;padding:10px 24px;
display:flex;gap:20px;align-items:center;flex-wrap:wrap}header b{margin-right:auto}
main{padding:16px 24px;max-width:96rem;margin:auto}a{color:#74121A}h1{font-size:24px;margin:8px 0 14px}
h2{font-size:19px;margin:22px 0 8px}table{border-collapse:collapse;width:100%;background:#fff}
th,td{border:1px solid #D9D0C4;padding:8px 10px;text-align:left;vertical-align:middle}th{background:#F1EAE0}
input,select,button,textarea{font:inherit;padding:8px 12px;border:2px solid #B6AA9B;border-radius:8px}
button{background:#9E1B22;color:#fff;border-color:#9E1B22;cursor:pointer}
.top{display:flex;gap:16px;align-items:center;justify-content:space-between;flex-wrap:wrap}
.button{display:inline-block;background:#9E1B22;color:#fff;border:2px solid #9E1B22;border-radius:8px;
padding:8px 14px;text-decoration:none}
button.quiet,.button.quiet{background:#fff;color:#211C18;border-color:#6B6058}
button.big{font-size:22px;padding:14px 28px}
button.stop{background:#fff;color:#A30000;border-color:#A30000}.code{font-weight:700;white-space:nowrap}
nav{display:flex;gap:8px;flex-wrap:wrap;margin:0 0 10px}.pill{border:2px solid #D9D0C4;border-radius:999px;
padding:5px 14px;background:#fff;text-decoration:none;max-width:30rem;overflow:hidden;
text-overflow:ellipsis;white-space:nowrap}.pill[aria-current]{background:#211C18;color:#fff;
border-color:#211C18}.chip{font-size:16px;font-weight:400;background:#F1EAE0;border-radius:999px;
padding:4px 12px}.halves{display:grid;grid-template-columns:minmax(0,1fr) minmax(0,1fr);gap:24px}
@media(max-width:60rem){.halves{grid-template-columns:1fr}}.halves h2:first-child{margin-top:0}
form.card{background:#fff;border:1px solid #D9D0C4;border-radius:12px;padding:14px;display:grid;gap:12px}
.deeds{display:flex;gap:8px;flex-wrap:wrap}label.wide input{width:100%;display:block}small{font-weight:400}
.now{font-size:40px;font-weight:700}
form.row{display:inline-flex;gap:10px;flex-wrap:wrap;margin:0 8px 8px 0;align-items:center}
td form.row,header form.row{margin:0}form.row label{display:inline-flex;gap:10px;align-items:center}
.line1,summary{white-space:nowrap}summary{cursor:pointer}.facts span{display:inline-block;margin-right:16px}
.empty{background:#fff;border:2px dashed #D9D0C4;border-radius:12px;padding:24px;text-align:center;
color:#544B45}form.door{max-width:26rem;margin:8vh auto;padding:28px;gap:16px}
form.door label,form.door input{display:block;width:100%}form.door input{margin-top:6px}
.bad{color:#A30000;font-weight:600}.well{color:#1B5E20;font-weight:600}
.notice{background:#FFF3CD;padding:10px 14px}
:focus-visible{outline:4px solid #1B4F9C;outline-offset:2px}
iframe{width:100%;height:80vh;border:1px solid #B6AA9B}
.board td,.board th{font-size:min(6vw,8vh);line-height:1.15;padding:.2em .3em;border:0;text-align:center}
.board th{font-size:min(2.4vw,4.4vh);font-weight:400}.board tr+tr td{border-top:2px solid #D9D0C4}
.board .new td{font-size:min(7vw,10vh);background:#9E1B22;color:#fff;font-weight:700}
.line{font-size:min(2.4vw,4.4vh)}
"""
_HOUR = 60
_LINKS: Final = (
    ("/staff", "Hồ sơ", ("clerk", "admin")),
    ("/staff/counter", "Gọi số", ("clerk", "admin")),
    ("/staff/fleet", "Kiosk", ("technician", "admin")),
    ("/staff/audit", "Nhật ký", ("admin",)),
)


def page(
    title: str,
    body: str,
    *,
    who: SignedIn | None = None,
    status: int = 200,
    refresh_s: int = 0,
    refresh_to: str = "",
) -> HTMLResponse:
    """Return a whole page.

    Args:
        title: Shown in the tab.
        body: HTML, escaped already.
        who: Signed in, or None.
        status: HTTP status.
        refresh_s: Seconds after which the browser asks again; 0 = never.
        refresh_to: What it asks for then; empty = the same.
    """
    to = f";url={escape(refresh_to)}" if refresh_to else ""
    again = f'<meta http-equiv="refresh" content="{refresh_s}{to}">' if refresh_s else ""
    return HTMLResponse(
        f'<!doctype html><html lang="vi"><head><meta charset="utf-8">{again}'
        f'<meta name="viewport" content="width=device-width,initial-scale=1"><title>{escape(title)}</title>'
        f"<style>{_STYLE}</style></head><body>{_head(who)}<main>{body}</main></body></html>",
        status_code=status,
        headers=HEADERS,
    )


def _head(who: SignedIn | None) -> str:
    if who is None:
        return ""
    links = "".join(f'<a href="{url}">{name}</a>' for url, name, roles in _LINKS if who.role in roles)
    out = form("/staff/sign-out", who.csrf, '<button class="quiet">Đăng xuất</button>')
    return f"<header><b>{escape(who.name)} · {escape(who.unit_code)}</b>{links}{out}</header>"


def form(action: str, csrf: str, inside: str, *, kind: str = "row") -> str:
    """Return a form that proves it came from our own page."""
    hidden = f'<input type="hidden" name="csrf" value="{escape(csrf)}">'
    return f'<form class="{kind}" method="post" action="{escape(action)}">{hidden}{inside}</form>'


def pill(url: str, words: str, *, here: bool) -> str:
    """Return one choice of several that are always in sight."""
    current = ' aria-current="page"' if here else ""
    return f'<a class="pill" href="{escape(url)}"{current}>{escape(words)}</a>'


def moment(when: dt.datetime) -> str:
    """Return a moment as people in Viet Nam write it."""
    return f"{when.astimezone(LOCAL_ZONE):%H:%M %d/%m/%Y}"


def age(span: dt.timedelta) -> str:
    """Return how long something has waited."""
    minutes = int(span.total_seconds() // 60)
    if minutes < _HOUR:
        return f"{minutes} phút"
    return f"{span.days} ngày" if span.days else f"{minutes // _HOUR} giờ {minutes % _HOUR} phút"


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """Return a table; cells are HTML, escaped already."""
    top = "".join(f"<th>{escape(name)}</th>" for name in head)
    body = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
    return f"<table><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table>"


def nothing(words: str) -> str:
    """Return what stands where a list would be.

    Args:
        words: Not escaped yet.
    """
    return f'<p class="empty">{escape(words)}</p>'


def options(values: Mapping[str, str], chosen: str = "") -> str:
    """Return the options of a select."""
    return "".join(
        f'<option value="{escape(value)}"{" selected" if value == chosen else ""}>{escape(shown)}</option>'
        for value, shown in values.items()
    )


def fields(body: bytes) -> dict[str, str]:
    """Return the fields of a form as a browser sends it; the last value of a name counts."""
    found = parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=50)
    return {name: values[-1] for name, values in found.items()}
