"""The official A4 form: answers as data into a Typst template, out comes a PDF to be signed.

Answers are passed as JSON and never become source; the fonts are the product's own; the same answers give
the same bytes. Typst is loaded at the first form, so that the first screen does not wait for it.
"""

from __future__ import annotations

import datetime as dt
import json
import logging
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from forms.dates import parse_date
from forms.display import shown
from forms.errors import FormError
from forms.ports import Answers, FieldKind

if TYPE_CHECKING:
    from decimal import Decimal

    from forms.blueprint import Blueprint

TEMPLATES = Path(__file__).parent / "templates"
FONTS = Path(__file__).resolve().parent.parent / "assets" / "fonts"

_ROUNDS_KEPT = 10

log = logging.getLogger(__name__)


class DocumentError(FormError):
    """The form could not be drawn; its answers are untouched."""

    code = "form.document"


def document_data(
    form: Blueprint,
    answers: Answers,
    *,
    receipt_code: str,
    today: dt.date,
    fee: Decimal | None = None,
) -> dict[str, Any]:
    """Return what a template sees.

    `title`, `procedure`, `office`, `fee` (empty where it is not known); `fields` (name to `value` and
    `text`); `words` (dates); `sections` (the pages as they were asked); `today`; `receipt_code`.

    Args:
        form: The form.
        answers: Cleaned answers.
        receipt_code: The kiosk's own number of the dossier, `K03-261121-0007`.
        today: The day printed above the signature.
        fee: What is due in đồng, None where it is not known.
    """
    fields: dict[str, dict[str, Any]] = {}
    words: dict[str, str] = {}
    for name, answer in answers.items():
        question = form.questions[name]
        fields[name] = {"value": answer.value, "text": shown(question, answer, lang="vi", mask=False)}
        if question.kind is FieldKind.DATE:
            date = parse_date(str(answer.value))
            words[name] = date.in_words if date else ""
    head = form.definition.procedure
    return {
        "title": form.definition.title.default,
        "procedure": head.title.default,
        "office": head.office,
        "fee": "" if fee is None else f"{fee:,.0f} đồng".replace(",", "."),
        "fields": fields,
        "words": words,
        "sections": _sections(form, fields),
        "today": {"day": today.day, "month": today.month, "year": today.year},
        "receipt_code": receipt_code,
    }


def _sections(form: Blueprint, fields: dict[str, dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the pages with what was answered on them, each row with its title."""
    sections = []
    for page in form.definition.pages:
        rows = [
            {"name": question.name, "title": question.title.vi, "text": fields[question.name]["text"]}
            for question in form.on_page(page.name)
            if question.name in fields
        ]
        if rows:
            sections.append({"name": page.name, "title": page.title.default, "rows": rows})
    return sections


def render_pdf(
    form: Blueprint,
    answers: Answers,
    *,
    receipt_code: str,
    today: dt.date,
    fee: Decimal | None = None,
) -> bytes:
    """Draw the form as PDF/A-2b, fonts embedded.

    Raises:
        DocumentError: The template or the fonts are broken; the message names the template.
    """
    data = document_data(form, answers, receipt_code=receipt_code, today=today, fee=fee)
    return compile_template(form.definition.template, data, today=today)


def compile_template(
    template: str, data: dict[str, Any], *, today: dt.date, output: str = "pdf", folder: Path = TEMPLATES
) -> bytes:
    """Run one template.

    Args:
        template: File name in the folder.
        data: What the template reads as `sys.inputs.data`.
        today: The creation date written into the PDF.
        output: `pdf`, or `png` for a one-page preview.
        folder: Where the templates are.

    Raises:
        DocumentError: As `render_pdf`.
    """
    import typst  # 20 MiB that the first screen does not need

    noon = dt.datetime.combine(today, dt.time(12), tzinfo=dt.UTC)
    try:
        drawn = typst.compile(
            str(folder / template),
            root=str(folder),
            font_paths=_fonts(),
            ignore_system_fonts=True,
            format="png" if output == "png" else "pdf",
            sys_inputs={"data": json.dumps(data, ensure_ascii=False)},
            pdf_standards=["a-2b"] if output == "pdf" else [],
            timestamp=noon,
        )
    except (typst.TypstError, OSError) as e:
        # The diagnostic may quote answers: only the template is named, here and in the log.
        log.error("form.render_failed", extra={"code": DocumentError.code})  # noqa: TRY400 - a traceback would quote the answers
        raise DocumentError(
            f"template {template} could not be drawn; run `kiosk forms check` and reinstall the release"
        ) from _Redacted(type(e).__name__)
    finally:
        _forget()
    if not isinstance(drawn, bytes):
        raise DocumentError(f"template {template} gave no single document; make it one page set")
    return drawn


def _forget() -> None:
    """Make the compiler forget the answers: it keeps what it saw for ten rounds, so it gets ten empty ones.

    Measured: 8 ms; the next form takes 10 ms instead of 5.
    """
    import typst

    for _ in range(_ROUNDS_KEPT + 1):
        typst.compile(b" ", font_paths=_fonts(), ignore_system_fonts=True, format="svg")


class _Redacted(Exception):  # noqa: N818 - a stand-in for a cause whose text may hold answers
    """The kind of an error without its text."""


@cache
def _fonts() -> Any:
    import typst

    if not any(FONTS.glob("*.ttf")):
        raise DocumentError(f"no fonts in {FONTS}; reinstall the release")
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(FONTS)])
