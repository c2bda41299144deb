"""The pages of a form as the screen turns them: what is asked now, with what was answered so far."""

from __future__ import annotations

from typing import TYPE_CHECKING

from forms.answers import settled
from forms.code_lists import COMMUNES
from forms.display import card_note, shown
from forms.expressions import holds
from forms.old_places import suggest_places
from forms.ports import FieldKind, FieldSpec, PageSpec, RowSpec, RowsSpec
from forms.rows import counted
from forms.rules import problems_on

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator
    from collections.abc import Set as AbstractSet

    from forms.blueprint import Blueprint, Repeat
    from forms.expressions import Scope
    from forms.ports import Answers, Text
    from forms.questions import Question


def page_specs(form: Blueprint, answers: Answers, today: dt.date) -> tuple[PageSpec, ...]:
    """Return the pages and fields that apply to these answers, in order.

    Args:
        form: The form.
        answers: All answers so far.
        today: The day of the visit.
    """
    seen, scope = settled(form, answers, today)
    row_pages = {sheet.name for sheet in form.sheets if sheet.parent}
    wrong = {problem.field for problem in problems_on(form, seen, scope, row_pages) if problem.blocking}
    asked: dict[str, list[Question]] = {sheet.name: [] for sheet in form.sheets}
    for question in form.questions.values():
        if question.page and all(holds(node, scope, default=True) for node in question.visible_if):
            asked[question.page].append(question)
    return tuple(
        PageSpec(
            name=sheet.name,
            title=sheet.title,
            fields=tuple(_specs(form, asked[sheet.name], answers, scope, wrong)),
            audio=sheet.audio,
            parent=sheet.parent,
        )
        for sheet in form.sheets
        if asked[sheet.name]
    )


def _specs(
    form: Blueprint, questions: list[Question], answers: Answers, scope: Scope, wrong: AbstractSet[str]
) -> Iterator[FieldSpec]:
    panel: Text | None = None
    for i, question in enumerate(questions):
        next_beside = i + 1 < len(questions) and not questions[i + 1].new_line
        begins = question.panel if question.panel != panel else None
        panel = question.panel
        rows = None
        if question.kind is FieldKind.ROWS:
            rows = _rows(form, form.repeats[question.repeat], answers, wrong)
        yield FieldSpec(
            name=question.name,
            kind=question.kind,
            title=question.title,
            hint=_hint(question, answers),
            required=question.required or holds(question.required_if, scope, default=False),
            enabled=all(holds(node, scope, default=True) for node in question.enable_if),
            choices=question.choices,
            max_length=question.max_length,
            partial_date=question.partial_date,
            lock_from_card=question.lock,
            sensitive=question.sensitive,
            half_width=next_beside or (not question.new_line and i > 0),
            panel=begins,
            rows=rows,
            audio=question.audio,
        )


def _hint(question: Question, answers: Answers) -> Text | None:
    note = answers.get(question.hint_from) if question.hint_from else None
    if note is None:
        return question.hint
    places = suggest_places(str(note.value)) if question.codelist == COMMUNES else ()
    return card_note(str(note.value), places)


def _rows(form: Blueprint, repeat: Repeat, answers: Answers, wrong: AbstractSet[str]) -> RowsSpec:
    count = counted(repeat, answers)
    return RowsSpec(
        rows=tuple(
            RowSpec(
                title=repeat.title(index),
                shown=_told(form, repeat, index, answers),
                complete=not any(name.startswith(f"{repeat.row(index)}.") for name in wrong),
            )
            for index in range(count)
        ),
        low=repeat.low,
        high=repeat.high,
        add=repeat.add,
        remove=repeat.remove,
        next_card=repeat.row(count) if repeat.invitation and count < repeat.high else "",
    )


def _told(form: Blueprint, repeat: Repeat, index: int, answers: Answers) -> str:
    """Return the first answer of a row: the name of its person."""
    start = f"{repeat.row(index)}."
    for question in form.questions.values():
        answer = answers.get(question.name)
        if question.name.startswith(start) and answer is not None and answer.value != "":
            return shown(question, answer, lang="vi", mask=True)
    return ""
