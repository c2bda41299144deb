"""The page a phone shows after the QR of a receipt: one small file, no script, no name, two languages."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Final

from backend.services import LOCAL_ZONE

if TYPE_CHECKING:
    import datetime as dt

    from backend.messages import ProgressAnswer

STATES: Final = {
    1: ("Đã gửi, chờ cán bộ tiếp nhận", "Sent, waiting for an officer to receive it"),
    2: ("Đã tiếp nhận", "Received"),
    3: ("Chưa được tiếp nhận", "Not received: ask at the counter why"),
    4: ("Đang giải quyết", "Being processed"),
    5: ("Cần bổ sung giấy tờ", "More papers are needed"),
    6: ("Cần nộp phí, thuế", "A fee or tax is due"),
    7: ("Đã rút hồ sơ", "Withdrawn"),
    8: ("Dừng giải quyết", "Stopped: ask at the counter why"),
    9: ("Đã có kết quả, mời đến nhận", "The result is ready to collect"),
    10: ("Đã trả kết quả", "The result was handed over"),
}
"""Source: DOMAIN.md 2.3."""
STEPS: Final = {
    "wait": (
        "Ông/bà chưa phải làm gì. Xin giữ giấy tiếp nhận.",
        "There is nothing to do now. Please keep the receipt.",
    ),
    "bring_papers": (
        "Mời ông/bà mang giấy tờ còn thiếu đến quầy.",
        "Please bring the missing papers to the counter.",
    ),
    "pay": ("Mời ông/bà đến quầy để nộp.", "Please pay at the counter."),
    "collect": (
        "Mời ông/bà mang thẻ căn cước và giấy tiếp nhận đến nhận kết quả.",
        "Please collect it with your ID card and the receipt.",
    ),
    "ask_staff": ("Mời ông/bà hỏi cán bộ tại quầy.", "Please ask the staff at the counter."),
    "done": ("Hồ sơ đã xong. Cảm ơn ông/bà.", "All is done. Thank you."),
}
_FOOT: Final = (
    "Ngày trả chỉ là dự kiến. Trang này không hiện tên ai.",
    "The date is an estimate. No name is shown on this page.",
)
_STYLE: Final = """
:root{color-scheme:light}*{box-sizing:border-box}
body{margin:0;background:#FAF7F2;color:#211C18;
font:18px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
header{border-top:10px solid #9E1B22;padding:20px 20px 0;max-width:38rem;margin:auto}
main{max-width:38rem;margin:auto;padding:12px 20px 32px}
.unit{font-weight:600}.en{color:#544B45;font-size:16px}
.code{font-size:22px;font-weight:700;letter-spacing:.02em;overflow-wrap:anywhere;margin:4px 0 0}
.card{background:#fff;border:2px solid #D9D0C4;border-radius:16px;padding:20px;margin:16px 0}
.state{border-left:12px solid #9E1B22}h1{font-size:28px;line-height:1.25;margin:0 0 6px;color:#74121A}
p{margin:0 0 6px}dl{margin:0}dt{color:#544B45;font-size:16px;margin-top:14px}dt:first-child{margin-top:0}
dd{margin:0;font-weight:600}footer{font-size:16px;color:#544B45}
"""


def _page(title: str, body: str) -> str:
    return (
        '<!doctype html><html lang="vi"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f'<meta name="robots" content="noindex"><title>{escape(title)}</title><style>{_STYLE}</style></head>'
        f"<body>{body}</body></html>"
    )


def _two(texts: tuple[str, str], tag: str = "p") -> str:
    vi, en = texts
    return f'<{tag}>{escape(vi)}</{tag}><p class="en" lang="en">{escape(en)}</p>'


def _row(vi: str, en: str, value: str) -> str:
    return f'<dt>{escape(vi)} · <span lang="en">{escape(en)}</span></dt><dd>{escape(value)}</dd>'


def _day(day: dt.date) -> str:
    return day.strftime("%d/%m/%Y")


def progress_page(progress: ProgressAnswer) -> str:
    """Return the page of one dossier.

    Args:
        progress: Where it stands.
    """
    since = progress.since.astimezone(LOCAL_ZONE)
    rows = [_row("Từ", "Since", f"{since:%H:%M} {_day(since.date())}")]
    if progress.due is not None:
        rows.append(_row("Dự kiến trả kết quả", "Expected by", _day(progress.due)))
    rows.append(_row("Thủ tục", "Procedure", progress.procedure_name or progress.procedure))
    if progress.receipt_code != progress.code:
        rows.append(_row("Mã trên giấy tiếp nhận", "Code on the receipt", progress.receipt_code))
    body = (
        f'<header><p class="unit">{escape(progress.unit)}</p>'
        '<p>Mã hồ sơ · <span class="en" lang="en">Dossier</span></p>'
        f'<p class="code">{escape(progress.code)}</p></header>'
        f'<main><section class="card state">{_two(STATES[progress.state], "h1")}</section>'
        f'<section class="card">{_two(STEPS[progress.next_step])}</section>'
        f'<section class="card"><dl>{"".join(rows)}</dl></section>'
        f"<footer>{_two(_FOOT)}</footer></main>"
    )
    return _page(f"Hồ sơ {progress.code}", body)


def unknown_page() -> str:
    """Return the page for a code and token that do not fit, or a dossier still on its way."""
    return _notice(
        ("Chưa tìm thấy hồ sơ", "Dossier not found yet"),
        (
            "Hồ sơ có thể đang được gửi đi. Xin thử lại sau, hoặc đưa giấy tiếp nhận cho cán bộ.",
            "It may still be on its way. Try again later, or show the receipt to the staff.",
        ),
    )


def paused_page() -> str:
    """Return the page after three wrong tries."""
    return _notice(
        ("Xin chờ 15 phút", "Please wait 15 minutes"),
        (
            "Đã thử sai ba lần. Xin chờ rồi quét lại mã QR trên giấy tiếp nhận.",
            "Three tries were wrong. Wait, then scan the QR code of the receipt again.",
        ),
    )


def _notice(heading: tuple[str, str], words: tuple[str, str]) -> str:
    body = (
        f'<header></header><main><section class="card state">{_two(heading, "h1")}</section>'
        f'<section class="card">{_two(words)}</section></main>'
    )
    return _page(heading[0], body)
