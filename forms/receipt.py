"""The receipt of a hand-in beside the fields of the law's form; the officer adds code, day and name."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from forms.document import compile_template, document_data

if TYPE_CHECKING:
    import datetime as dt

    from forms.form import DefinedForm
    from forms.ports import Answers

TEMPLATE = "giay-tiep-nhan.typ"


@dataclass(frozen=True, slots=True, kw_only=True)
class Intake:
    """What the centre knows about the hand-in besides the answers."""

    centre: str
    hotline: str
    received_at: dt.datetime
    """Local time."""
    receipt_code: str
    """The kiosk's own number; the official one is never made here."""
    tracking_url: str = field(default="", repr=False)
    """Drawn as a QR where it is known."""


def render_receipt(form: DefinedForm, answers: Answers, intake: Intake) -> bytes:
    """Draw the receipt (giấy tiếp nhận hồ sơ và hẹn trả kết quả) as PDF/A-2b, ready for the officer's pen.

    Args:
        form: The form handed in.
        answers: Its answers.
        intake: Where, when, under which number.

    Raises:
        DocumentError: The template or the fonts are broken.

    Source: TT 03/2025/TT-VPCP, annex I, form 01; residence matters have a receipt of their own (CT04).
    """
    today = intake.received_at.date()
    clean = form.clean(answers)
    data = document_data(
        form.blueprint, clean, receipt_code=intake.receipt_code, today=today, fee=form.fee(clean)
    )
    due = form.due(intake.received_at)
    data["intake"] = {
        "centre": intake.centre,
        "hotline": intake.hotline,
        "code": form.code,
        "time": form.procedure.time.vi,
        "received": f"{intake.received_at:%H giờ %M phút, ngày %d/%m/%Y}",
        "due": f"ngày {due:%d/%m/%Y}" if due else "",
        "papers": [paper.title.vi for paper in form.procedure.papers],
        "qr": _qr(intake.tracking_url),
    }
    return compile_template(TEMPLATE, data, today=today)


def _qr(text: str) -> str:
    """Return a QR code as SVG, empty for no text."""
    if not text:
        return ""
    import segno  # only where a receipt is drawn

    code: str = segno.make(text, error="m", micro=False).svg_inline(border=0, omitsize=True)
    return code.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1)
