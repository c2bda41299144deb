"""The pages of a form as the screen turns them: what is asked now, with what was answered so far."""

from __future__ import annotations

from typing import TYPE_CHECKING

from forms.answers import settled
from forms.code_lists import COMMUNES
from forms.display import card_note, shown
from forms.expressions import holds
from forms.old_places import suggest_places
from forms.ports import FieldKind, FieldSpec, PageSpec, RowsSpec, RowSpec
from forms.rows import counted
from forms.rules import problems

if TYPE_CHECKING:
    import datetime as dt

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
    _seen, scope = settled(form, answers, today)
    asked: dict[str, list[Question]] = {sheet.name: [] for sheet in form.sheets}
    for question in form.questions.values():
        if question.page and all(holds(node, scope, default=True) for node in question.visible_if):
            asked[question.page].append(question)
    return tuple(
        PageSpec(
            name=sheet.name,
            title=sheet.title,
            fields=_specs(form, asked[sheet.name], answers, scope),
            audio=sheet.audio,
            parent=sheet.parent,
        )
        for sheet in form.sheets
        if asked[sheet.name]
    )


def _specs(
    form: Blueprint, questions: list[Question], answers: Answers, scope: Scope
) -> tuple[FieldSpec, ...]:
    specs = []
    panel: Text | None = None
    for i, question in enumerate(questions):
        next_beside = i + 1 < len(questions) and not questions[i + 1].new_line
        begins = question.panel if question.panel != panel else None
        panel = question.panel
        specs.append(
            FieldSpec(
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
                rows=_rows(form, form.repeats[question.repeat], answers, scope.today)
                if question.kind is FieldKind.ROWS
                else None,
                audio=question.audio,
            )
        )
    return tuple(specs)


def _hint(question: Question, answers: Answers) -> Text | None:
    note = answers.get(question.hint_from) if question.hint_from else None
    if note is None:
        return question.hint
    return card_note(
        str(note.value), suggest_places(str(note.value)) if question.codelist == COMMUNES else ()
    )


def _rows(form: Blueprint, repeat: Repeat, answers: Answers, today: dt.date) -> RowsSpec:
    count = counted(repeat, answers)
    wrong = {p.field.rpartition("].")[0] + "]" for p in problems(form, answers, today, page=None) if p.blocking}
    return RowsSpec(
        rows=tuple(
            RowSpec(
                title=repeat.title(index),
                shown=_told(form, repeat, index, answers),
                complete=repeat.row(index) not in wrong,
            )
            for index in range(count)
        ),
        low=repeat.low,
        high=repeat.high,
        add=repeat.add,
        remove=repeat.remove,
        next_card=repeat.row(count) if repeat.card and count < repeat.high else "",
    )


def _told(form: Blueprint, repeat: Repeat, index: int, answers: Answers) -> str:
    """Return the first answer of a row: the name of its person."""
    start = f"{repeat.row(index)}."
    for question in form.questions.values():
        answer = answers.get(question.name)
        if question.name.startswith(start) and answer is not None and answer.value != "":
            return shown(question, answer, lang="vi", mask=True)
    return ""
