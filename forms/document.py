"""The official A4 form: answers as data into a Typst template, out comes a PDF to be signed.

Answers are passed as JSON and never become source; the fonts are the product's own; the same answers give
the same bytes. Typst is loaded at the first form, so that the first screen does not wait for it.
"""

from __future__ import annotations

import datetime as dt
import json
import logging
import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from forms.dates import parse_date
from forms.display import shown
from forms.errors import FormError
from forms.numbers import GREATEST, in_words
from forms.ports import Answers, FieldKind

if TYPE_CHECKING:
    from collections.abc import Sequence
    from decimal import Decimal

    from forms.blueprint import Blueprint
    from forms.questions import Question

TEMPLATES = Path(__file__).parent / "templates"
FONTS = Path(__file__).resolve().parent.parent / "assets" / "fonts" / "paper"
"""Letters like those of the printed annexes; the screens' own stand a folder above."""

_ROUNDS_KEPT = 10
_MEMBER = re.compile(r"thanhVien\[(\d+)\]\.(.+)")
"""The answers of a row of the people who are listed."""
_DECISION = re.compile(r"\d+/QĐ-")
_LAWS = {"NĐ": "Nghị định số", "TT": "Thông tư số", "QĐ": "Quyết định số"}

log = logging.getLogger(__name__)


class DocumentError(FormError):
    """The form could not be drawn; its answers are untouched."""

    code = "form.document"


def document_data(
    form: Blueprint, answers: Answers, *, receipt_code: str, today: dt.date, fee: Decimal | None = None
) -> dict[str, Any]:
    """Return what a template sees.

    `title`, `procedure`, `office`, `legal`, `fee` (empty where it is not known); `fields` (name to `value`
    and `text`); `titles` (name to the question); `words` (dates and numbers spelled); `amounts` (numbers with
    points); `members` (the people who are listed); `sections` (the pages as they were asked); `today`;
    `receipt_code`.

    Args:
        form: The form.
        answers: Cleaned answers.
        receipt_code: The kiosk's own number of the dossier, `K03-261121-0007`.
        today: The day printed above the signature.
        fee: What is due in đồng, None where it is not known.
    """
    printed = {name: answer for name, answer in answers.items() if form.questions[name].print_as}
    fields = {
        form.questions[name].print_as: {
            "value": answer.value,
            "text": shown(form.questions[name], answer, lang="vi", mask=False),
        }
        for name, answer in printed.items()
    }
    head = form.definition.procedure
    return {
        "title": form.definition.title.default,
        "procedure": head.title.default,
        "office": head.office,
        "legal": "Căn cứ " + ", ".join(_spelled(law) for law in form.definition.legal),
        "fee": _fee_words(fee),
        "fields": fields,
        "titles": {form.questions[name].print_as: form.questions[name].title.vi for name in printed},
        **_words_and_amounts(form, printed),
        "members": _members(fields),
        "sections": _sections(form, fields),
        "today": {"day": today.day, "month": today.month, "year": today.year},
        "receipt_code": receipt_code,
    }


def grouped(number: int) -> str:
    """Return a number as it is written here: `1.234.567`."""
    return f"{number:,}".replace(",", ".")


def _fee_words(fee: Decimal | None) -> str:
    if fee is None:
        return ""
    return f"{grouped(int(fee))} đồng" if fee else "không mất phí"


def _words_and_amounts(form: Blueprint, answers: Answers) -> dict[str, dict[str, str]]:
    """Return dates and numbers in words, and numbers with points, by the field they are printed in."""
    numbers = {
        form.questions[name].print_as: value
        for name, value in ((name, answer.value) for name, answer in answers.items())
        if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= GREATEST
    }
    spelled = {name: _capital(in_words(number)) for name, number in numbers.items()}
    return {
        "words": _spelled_dates(form, answers) | spelled,
        "amounts": {name: grouped(number) for name, number in numbers.items()},
    }


def _capital(words: str) -> str:
    return words[0].upper() + words[1:]


def _spelled(law: str) -> str:
    """Return the name of a law as it is cited on paper: `Nghị định số 20/2021/NĐ-CP`."""
    short, _, rest = law.partition(" ")
    if _DECISION.match(law):
        return f"{_LAWS['QĐ']} {law}"
    return f"{_LAWS[short]} {rest}" if short in _LAWS else law


def _spelled_dates(form: Blueprint, answers: Answers) -> dict[str, str]:
    words = {}
    for name, answer in answers.items():
        question = form.questions[name]
        if question.kind is FieldKind.DATE:
            date = parse_date(str(answer.value))
            words[question.print_as] = date.in_words if date else ""
    return words


def _members(fields: dict[str, dict[str, Any]]) -> list[dict[str, str]]:
    """Return the people who are listed, each field's text by the last part of its name."""
    people: dict[int, dict[str, str]] = {}
    for name, field in fields.items():
        if row := _MEMBER.fullmatch(name):
            people.setdefault(int(row[1]), {})[row[2]] = field["text"]
    return [people[index] for index in sorted(people) if people[index].get("hoTen")]


def _sections(form: Blueprint, fields: dict[str, dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the pages with what was answered on them, each row with its title."""
    sections = []
    for page in form.sheets:
        rows = [
            {
                "name": question.name,
                "title": question.title.vi,
                "text": fields[question.print_as]["text"],
                "half": half,
            }
            for question, half in _with_halves(form.on_page(page.name))
            if question.print_as in fields and not _MEMBER.fullmatch(question.name)
        ]
        if rows:
            sections.append({"name": page.name, "title": page.title.vi, "rows": rows})
    return sections


def _with_halves(questions: Sequence[Question]) -> list[tuple[Question, bool]]:
    """Return each question and whether it shares its line with a neighbour."""
    beside = [not question.new_line for question in questions]
    follows = [*beside[1:], False]
    return [(one, (i > 0 and beside[i]) or follows[i]) for i, one in enumerate(questions)]


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
