"""Answers at work: what the card gives, which fields are seen, what follows from what, what is handed in.

All functions are pure: they take a form and answers and return new answers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from forms.code_lists import code_of, places
from forms.dates import parse_date
from forms.errors import UnknownFieldError
from forms.expressions import Scope, Value, evaluate, holds, is_empty
from forms.folding import tidy
from forms.ports import Answer, Answers, FieldKind, Source

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Mapping

    from forms.blueprint import Blueprint
    from forms.questions import Question

Raw = str | int | bool | list[str]
"""What an answer may be."""

CARD_NOTE = "card."
"""Answers of this prefix are notes from the card for a hint on the screen; they are never handed in."""

_REPLACEABLE = (Source.DERIVED, Source.DEFAULT)
_SESSION = "session."
_TRUNK = "+84"


def check_names(form: Blueprint, answers: Answers) -> None:
    """Refuse answers to fields that the form does not have.

    Raises:
        UnknownFieldError: The message names the field.
    """
    for name in answers:
        if name not in form.questions and not name.startswith(CARD_NOTE):
            raise UnknownFieldError(f"form {form.file} has no field {name!r}; see `kiosk forms check`")


def normalised(question: Question, value: Raw) -> Raw:
    """Return a value in the one way it is kept; what cannot be understood stays as it was typed."""
    if isinstance(value, list):
        return [choice.value for choice in question.choices if choice.value in value] + [
            item for item in value if all(choice.value != item for choice in question.choices)
        ]
    if not isinstance(value, str):
        return value
    text = tidy(value)
    return _NORMAL[question.kind](text) if question.kind in _NORMAL else text


def _date(text: str) -> Raw:
    date = parse_date(text)
    return date.iso if date else text


def _tel(text: str) -> Raw:
    digits = "".join(c for c in text if c not in " .-")
    return "0" + digits.removeprefix(_TRUNK) if digits.startswith(_TRUNK) else digits


_NORMAL: Mapping[FieldKind, Callable[[str], Raw]] = {
    FieldKind.NAME: str.upper,
    FieldKind.DATE: _date,
    FieldKind.NUMBER: lambda text: int(text) if text.isascii() and text.isdigit() else text,
    FieldKind.ID_NUMBER: lambda text: text.replace(" ", ""),
    FieldKind.TEL: _tel,
}


def from_card(
    form: Blueprint,
    card: Mapping[str, str | None],
    *,
    source: Source,
    session: Mapping[str, str],
    role: str = "",
) -> Answers:
    """Return the answers that the card and the session give; what a list does not know is left out.

    Args:
        form: The form.
        card: Field names of the card to values.
        source: What the card values came from.
        session: `centre`, `commune`, `today`.
        role: Whose card it is, as `x-cards` names it; empty is the person at the kiosk.
    """
    prefix = f"{CARD_NOTE}{role}." if role else CARD_NOTE
    found: dict[str, Answer] = {}
    for question in form.questions.values():
        for spot in question.autofill:
            at_session = spot.startswith(_SESSION)
            raw = (
                session.get(spot.removeprefix(_SESSION))
                if at_session
                else card.get(spot.removeprefix(prefix))
            )
            value = _given(question, raw) if raw else None
            if value is not None:
                found[question.name] = Answer(value=value, source=Source.SESSION if at_session else source)
                break
        note = card.get(question.hint_from.removeprefix(prefix)) if question.hint_from else None
        if note:
            found[question.hint_from] = Answer(value=tidy(note), source=source)
    return found


def _given(question: Question, raw: str) -> Raw | None:
    """Return what a card or session value means for a field, None where it means nothing there."""
    if question.kind is FieldKind.PLACE:
        return raw if raw in places() else None
    if question.choices:
        return code_of(question.codelist, raw)
    if question.kind is FieldKind.DATE:
        date = parse_date(raw)
        return date.iso if date and date.exists and (date.complete or question.partial_date) else None
    return normalised(question, raw) or None


def settled(form: Blueprint, answers: Answers, today: dt.date) -> tuple[Answers, Scope]:
    """Return the answers of all fields that are seen, defaults and derived values renewed, and their scope.

    A field that is not seen has no answer for the others, whatever was once typed into it; an answer that
    somebody gave is never replaced.
    """
    values: dict[str, Value] = {}
    scope = Scope(values=values, today=today)
    seen: dict[str, Answer] = {}
    for name in form.order:
        question = form.questions[name]
        if not all(holds(node, scope, default=True) for node in question.visible_if):
            continue
        answer = answers.get(name)
        if answer is None or answer.source in _REPLACEABLE:
            answer = _derived(question, scope)
        if answer is not None:
            seen[name] = answer
            values[name] = _plain(normalised(question, answer.value))
    return seen, scope


def _plain(value: Raw) -> Value:
    return [*value] if isinstance(value, list) else value


def _derived(question: Question, scope: Scope) -> Answer | None:
    if question.default_node is not None:
        value = evaluate(question.default_node, scope)
        if not is_empty(value) and isinstance(value, str | int):
            return Answer(value=value, source=Source.DERIVED)
    if question.default_value is not None:
        return Answer(value=question.default_value, source=Source.DEFAULT)
    return None


def derived(form: Blueprint, answers: Answers, today: dt.date) -> Answers:
    """Return all answers, with defaults and derived values renewed; a hidden typed answer is kept aside."""
    seen, _scope = settled(form, answers, today)
    kept = {n: a for n, a in answers.items() if n not in seen and a.source not in _REPLACEABLE}
    return {**kept, **seen}


def cleaned(form: Blueprint, answers: Answers, today: dt.date) -> Answers:
    """Return what is handed in: seen, answered, in the one way it is kept, in the order of the form."""
    seen, _scope = settled(form, answers, today)
    result: dict[str, Answer] = {}
    for name, question in form.questions.items():
        answer = seen.get(name)
        if answer is None or not question.in_result:
            continue
        value = normalised(question, answer.value)
        if not is_empty(_plain(value)):
            result[name] = Answer(value=value, source=answer.source)
    return result
