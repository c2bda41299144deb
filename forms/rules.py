"""The rules: answers in, problems out. A problem blocks, or it is a warning that lets the citizen go on."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from forms.answers import normalised, settled
from forms.code_lists import code_lists, places
from forms.dates import parse_date
from forms.expressions import Scope, evaluate, holds, is_empty
from forms.ports import Answer, Answers, FieldKind, Problem, Text
from forms.questions import ExpressionCheck, PatternCheck
from forms.sentences import sentence

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Iterator, Mapping
    from collections.abc import Set as AbstractSet

    from forms.blueprint import Blueprint
    from forms.questions import Question

_ID_DIGITS = 12
_OLD_DIGITS = 9  # chứng minh nhân dân; DOMAIN.md 7 rule 3: expired since 01/01/2025, say so kindly
_OLDEST_YEAR = 1800  # extracts are asked for people long dead; nobody's papers are older
_TEL = re.compile(r"0\d{9}", re.ASCII)
_EMAIL = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+")
_NAME_SIGNS = frozenset(" '’.-")
_MALE, _FEMALE = "1", "2"
_ASKED_BY_CHOICE = (
    FieldKind.CHOICE,
    FieldKind.CHOICES,
    FieldKind.LIST,
    FieldKind.PLACE,
    FieldKind.YES_NO,
)


def problems(form: Blueprint, answers: Answers, today: dt.date, *, page: str | None) -> tuple[Problem, ...]:
    """Return what is wrong with the fields that are seen, in the order of the form.

    Args:
        form: The form.
        answers: All answers so far.
        today: The day of the visit.
        page: Only this page; None is the whole form.
    """
    seen, scope = settled(form, answers, today)
    pages = {sheet.name for sheet in form.sheets} if page is None else {page}
    return problems_on(form, seen, scope, pages)


def problems_on(form: Blueprint, seen: Answers, scope: Scope, pages: AbstractSet[str]) -> tuple[Problem, ...]:
    """Return what is wrong on some pages.

    Args:
        form: The form.
        seen: The answers of the fields that are seen, as `settled` returns them.
        scope: Their values.
        pages: The pages.
    """
    found: list[Problem] = []
    for name, question in form.questions.items():
        if question.page not in pages:
            continue
        if not all(holds(node, scope, default=True) for node in question.visible_if):
            continue
        if all(holds(node, scope, default=True) for node in question.enable_if):
            found.extend(_field_problems(question, seen.get(name), scope))
            found.extend(_same_as_another_row(form, question, scope))
    return tuple(found)


def _same_as_another_row(form: Blueprint, question: Question, scope: Scope) -> Iterator[Problem]:
    """Refuse in a row what a row before it has, where the panel wants no two alike."""
    repeat = form.repeats.get(question.repeat)
    value = scope.values.get(question.name)
    if repeat is None or not repeat.key or is_empty(value):
        return
    for index in range(repeat.high):
        name = f"{repeat.row(index)}.{repeat.key}"
        if name == question.name or not question.name.endswith(f"].{repeat.key}"):
            return
        if scope.values.get(name) == value:
            yield _wrong(question, "row_twice", typed=repeat.title(index))
            return


def _field_problems(question: Question, answer: Answer | None, scope: Scope) -> Iterator[Problem]:
    value = normalised(question, answer.value) if answer else ""
    if value in ("", []):
        if question.required or holds(question.required_if, scope, default=False):
            code = "required_choice" if question.kind in _ASKED_BY_CHOICE else "required"
            yield _problem(question, "required", sentence(code, question.title))
        return
    wrong = _KIND_RULES[question.kind](question, value, scope.today) if question.kind in _KIND_RULES else None
    if wrong is not None:
        yield wrong
        return
    yield from _own_checks(question, value, scope)
    if question.agrees_with and isinstance(value, str):
        yield from _id_warnings(question, value, scope)


def _problem(question: Question, code: str, message: Text, *, blocking: bool = True) -> Problem:
    return Problem(field=question.name, code=code, message=message, blocking=blocking)


def _wrong(question: Question, code: str, **words: object) -> Problem:
    return _problem(question, code, sentence(code, question.title, **words))


# --- one rule for each kind of field ------------------------------------------------------------------


def _check_text(question: Question, value: object, _today: dt.date) -> Problem | None:
    if len(str(value)) > question.max_length:
        return _wrong(question, "too_long", count=question.max_length)
    return None


def _check_name(question: Question, value: object, today: dt.date) -> Problem | None:
    text = str(value)
    if not all(map(_in_name, text)) or not any(map(str.isalpha, text)):
        return _wrong(question, "name", typed=text)
    return _check_text(question, value, today)


def _in_name(sign: str) -> bool:
    # Some letters of Ba Na, Gia Rai and Ê Đê exist only as letter and combining mark: Ơ̆, Ư̆.
    return sign.isalpha() or sign in _NAME_SIGNS or unicodedata.combining(sign) > 0


def _check_date(question: Question, value: object, today: dt.date) -> Problem | None:
    date = parse_date(str(value))
    if date is None:
        return _wrong(question, "date_format", typed=value)
    if not date.exists:
        return _wrong(question, "date_unknown", typed=date.shown)
    if not date.complete and not question.partial_date:
        return _wrong(question, "date_partial", typed=date.shown)
    if date.year < _OLDEST_YEAR:
        return _wrong(question, "date_old", typed=date.shown)
    if question.past_only and date.iso > today.isoformat()[: len(date.iso)]:
        return _wrong(question, "date_future", typed=date.shown)
    return None


def _check_number(question: Question, value: object, _today: dt.date) -> Problem | None:
    return None if type(value) is int else _wrong(question, "number", typed=value)


def _check_tel(question: Question, value: object, _today: dt.date) -> Problem | None:
    return None if _TEL.fullmatch(str(value)) else _wrong(question, "tel", typed=value)


def _check_email(question: Question, value: object, _today: dt.date) -> Problem | None:
    return None if _EMAIL.fullmatch(str(value)) else _wrong(question, "email", typed=value)


def _check_id_number(question: Question, value: object, _today: dt.date) -> Problem | None:
    text = str(value)
    digits = sum(c.isdigit() for c in text)
    if text.isascii() and text.isdigit() and digits == _ID_DIGITS:
        return None
    old = digits == _OLD_DIGITS and text.isdigit()
    return _problem(
        question,
        "id_number",
        sentence("id_number_old" if old else "id_number", question.title, count=digits),
    )


def _check_choice(question: Question, value: object, _today: dt.date) -> Problem | None:
    known = any(choice.value == value for choice in question.choices)
    return None if known else _wrong(question, "not_in_list", typed=value)


def _check_choices(question: Question, value: object, _today: dt.date) -> Problem | None:
    known = {choice.value for choice in question.choices}
    strange = [item for item in value if item not in known] if isinstance(value, list) else [value]
    return _wrong(question, "not_in_list", typed=strange[0]) if strange else None


def _check_place(question: Question, value: object, _today: dt.date) -> Problem | None:
    return None if value in places() else _wrong(question, "not_in_list", typed=value)


def _check_yes_no(question: Question, value: object, _today: dt.date) -> Problem | None:
    return None if isinstance(value, bool) else _wrong(question, "not_in_list", typed=value)


_KIND_RULES: Mapping[FieldKind, Callable[[Question, object, dt.date], Problem | None]] = {
    FieldKind.TEXT: _check_text,
    FieldKind.COMMENT: _check_text,
    FieldKind.NAME: _check_name,
    FieldKind.DATE: _check_date,
    FieldKind.NUMBER: _check_number,
    FieldKind.TEL: _check_tel,
    FieldKind.EMAIL: _check_email,
    FieldKind.ID_NUMBER: _check_id_number,
    FieldKind.CHOICE: _check_choice,
    FieldKind.CHOICES: _check_choices,
    FieldKind.LIST: _check_choice,
    FieldKind.PLACE: _check_place,
    FieldKind.YES_NO: _check_yes_no,
    FieldKind.ROWS: _check_number,
}


# --- the field's own checks, and what an ID number tells ---------------------------------------------


def _own_checks(question: Question, value: object, scope: Scope) -> Iterator[Problem]:
    for check in question.checks:
        if isinstance(check, PatternCheck):
            if not check.pattern.fullmatch(str(value)):
                yield _problem(question, "pattern", check.text)
        elif isinstance(check, ExpressionCheck):
            if not evaluate(check.node, scope):
                yield _problem(question, "rule", check.text, blocking=check.blocking)
        elif not isinstance(value, int) or not check.low <= value <= check.high:
            yield _wrong(question, "number_range", low=check.low, high=check.high)


def _id_warnings(question: Question, number: str, scope: Scope) -> Iterator[Problem]:
    """Warn where an ID number does not fit the person; never refuse, for corrected cards exist.

    Source: NĐ 137/2015/NĐ-CP Article 13; TT 59/2021/TT-BCA: three digits of the province of birth, one of
    century and sex, two of the year.
    """
    birth_field, sex_field = question.agrees_with or ("", "")
    codes: list[str] = []
    if all(choice.value != number[:3] for choice in code_lists()["id_prefixes"]):
        codes.append("id_prefix")
    century, odd = divmod(int(number[3]), 2)
    sex = scope.values.get(sex_field)
    if sex in (_MALE, _FEMALE) and sex != (_FEMALE if odd else _MALE):
        codes.append("id_sex")
    born = parse_date(str(scope.values.get(birth_field) or ""))
    if born is not None and born.year != 1900 + 100 * century + int(number[4:6]):
        codes.append("id_year")
    for code in codes:
        yield _problem(question, code, sentence(code, question.title), blocking=False)
