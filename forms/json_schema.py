"""The contract of a form for the backend: JSON Schema (2020-12) of what `clean` hands in."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from forms.ports import FieldKind
from forms.questions import PatternCheck, RangeCheck

if TYPE_CHECKING:
    from forms.blueprint import Blueprint, Repeat
    from forms.questions import Question

_DATE = r"^\d{4}(-\d{2}(-\d{2})?)?$"
_WHOLE_DATE = r"^\d{4}-\d{2}-\d{2}$"
_TYPES = {FieldKind.YES_NO: "boolean", FieldKind.NUMBER: "integer", FieldKind.ROWS: "integer"}
_PATTERNS = {FieldKind.ID_NUMBER: r"^\d{12}$", FieldKind.TEL: r"^0\d{9}$", FieldKind.PLACE: r"^\d{5}$"}


def json_schema(form: Blueprint) -> dict[str, Any]:
    """Return the schema: one property a field, required where every visit is asked.

    A field that is asked under a condition is not required here: only the rules know when. The fields of a
    repeating panel's rows are one pattern each. Keys of the national and the older forms stand in `x-map`,
    what is provisional in `x-certainty`.
    """
    definition = form.definition
    handed_in = [question for question in form.questions.values() if question.in_result]
    in_rows = [q for q in handed_in if q.repeat and q.kind is not FieldKind.ROWS]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:kiosk:form:{definition.procedure.code}:{definition.version}",
        "title": definition.title.default,
        "type": "object",
        "properties": {q.name: _property(q) for q in handed_in if q not in in_rows},
        "patternProperties": {
            _row_pattern(form.repeats[q.repeat], q): _property(q)
            for q in in_rows
            if q.name.startswith(f"{form.repeats[q.repeat].row(0)}.")
        },
        "required": [q.name for q in handed_in if q.page and q.required and not q.visible_if],
        "additionalProperties": False,
    }


def _row_pattern(repeat: Repeat, question: Question) -> str:
    indexes = "|".join(str(index) for index in range(repeat.high))
    name = re.escape(question.name.removeprefix(f"{repeat.row(0)}."))
    return rf"^{re.escape(repeat.name)}\[({indexes})\]\.{name}$"


def _property(question: Question) -> dict[str, Any]:
    marks = {
        "x-map": question.keys,
        "x-certainty": question.certainty if question.certainty != "sourced" else "",
    }
    told: dict[str, Any] = {"title": question.title.vi, **_value(question)}
    told |= {key: value for key, value in marks.items() if value}
    for check in question.checks:
        if isinstance(check, PatternCheck):
            told["pattern"] = f"^(?:{check.pattern.pattern})$"
        elif isinstance(check, RangeCheck):
            told |= {"minimum": check.low, "maximum": check.high}
    return told


def _value(question: Question) -> dict[str, Any]:
    if question.kind in _TYPES:
        return {"type": _TYPES[question.kind]}
    if question.kind is FieldKind.CHOICES:
        items = {"type": "string", "enum": [choice.value for choice in question.choices]}
        return {"type": "array", "items": items, "minItems": 1, "uniqueItems": True}
    if question.choices:
        return {"type": "string", "enum": [choice.value for choice in question.choices]}
    if question.kind is FieldKind.DATE:
        partial = question.partial_date or not question.page
        return {"type": "string", "pattern": _DATE if partial else _WHOLE_DATE}
    if question.kind in _PATTERNS:
        return {"type": "string", "pattern": _PATTERNS[question.kind]}
    return {"type": "string", "minLength": 1} | ({"maxLength": question.max_length} if question.page else {})
