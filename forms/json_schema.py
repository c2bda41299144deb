"""The contract of a form for the backend: JSON Schema (2020-12) of what `clean` hands in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from forms.blueprint import PatternCheck, RangeCheck
from forms.ports import FieldKind

if TYPE_CHECKING:
    from forms.blueprint import Blueprint, Question

_DATE = r"^\d{4}(-\d{2}(-\d{2})?)?$"
_WHOLE_DATE = r"^\d{4}-\d{2}-\d{2}$"
_PATTERNS = {FieldKind.ID_NUMBER: r"^\d{12}$", FieldKind.TEL: r"^0\d{9}$", FieldKind.PLACE: r"^\d{5}$"}


def json_schema(form: Blueprint) -> dict[str, Any]:
    """Return the schema: one property a field, required where every visit is asked.

    A field that is asked under a condition is not required here: only the rules know when. Keys of the
    national and the older forms stand in `x-map`, what is provisional in `x-certainty`.
    """
    definition = form.definition
    elements = [element for page in definition.pages for element in page.elements]
    notes = {item.name: item for item in (*elements, *definition.calculated_values)}
    handed_in = [question for question in form.questions.values() if question.in_result]
    properties = {}
    for question in handed_in:
        note = notes[question.name]
        marks = {"x-map": note.keys, "x-certainty": note.certainty if note.certainty != "sourced" else ""}
        properties[question.name] = _property(question) | {k: v for k, v in marks.items() if v}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:kiosk:form:{definition.procedure.code}:{definition.version}",
        "title": definition.title.default,
        "type": "object",
        "properties": properties,
        "required": [q.name for q in handed_in if q.page and q.required and not q.visible_if],
        "additionalProperties": False,
    }


def _property(question: Question) -> dict[str, Any]:
    told: dict[str, Any] = {"title": question.title.vi, **_value(question)}
    for check in question.checks:
        if isinstance(check, PatternCheck):
            told["pattern"] = f"^(?:{check.pattern.pattern})$"
        elif isinstance(check, RangeCheck):
            told |= {"minimum": check.low, "maximum": check.high}
    return told


def _value(question: Question) -> dict[str, Any]:
    if question.kind is FieldKind.YES_NO:
        return {"type": "boolean"}
    if question.kind is FieldKind.NUMBER:
        return {"type": "integer"}
    if question.choices:
        return {"type": "string", "enum": [choice.value for choice in question.choices]}
    if question.kind is FieldKind.DATE:
        partial = question.partial_date or not question.page
        return {"type": "string", "pattern": _DATE if partial else _WHOLE_DATE}
    if question.kind in _PATTERNS:
        return {"type": "string", "pattern": _PATTERNS[question.kind]}
    return {"type": "string", "minLength": 1} | ({"maxLength": question.max_length} if question.page else {})
