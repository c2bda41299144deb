"""A definition made ready to use: expressions parsed, code lists looked up, fields in working order.

Everything that can be wrong with a definition beyond its shape is found here, when it is loaded.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from graphlib import CycleError, TopologicalSorter
from typing import TYPE_CHECKING

from forms.code_lists import COMMUNES, code_lists
from forms.definition import (
    AnyElement,
    BooleanElement,
    CalculatedValue,
    CommentElement,
    Definition,
    DropdownElement,
    ExpressionValidator,
    RadiogroupElement,
    RegexValidator,
    TextElement,
)
from forms.errors import DefinitionError
from forms.expressions import Node, field_names, parse
from forms.ports import Choice, FieldKind, Text
from forms.reach import never_holds

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

CARD_FIELDS = frozenset(
    (
        "full_name",
        "birth_date",
        "sex",
        "id_number",
        "old_id_number",
        "nationality",
        "ethnicity",
        "place_of_origin",
        "residence",
        "issue_date",
        "expiry_date",
        "father_name",
        "mother_name",
        "spouse_name",
    )
)
SESSION_FIELDS = frozenset(("centre", "commune", "today"))

_COUNT = ("countField", "count_field")
_FEE_FIELDS = {"perCopy": (_COUNT,), "certifiedCopy": (_COUNT, ("pageField", "page_field"))}

_KINDS = {
    "text": FieldKind.TEXT,
    "date": FieldKind.DATE,
    "number": FieldKind.NUMBER,
    "tel": FieldKind.TEL,
    "email": FieldKind.EMAIL,
    "name": FieldKind.NAME,
    "id_number": FieldKind.ID_NUMBER,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PatternCheck:
    """The answer matches a pattern, or the sentence is shown."""

    pattern: re.Pattern[str]
    text: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class RangeCheck:
    """The answer is a whole number from `low` to `high`."""

    low: int
    high: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpressionCheck:
    """An expression holds, or the sentence is shown."""

    node: Node
    text: Text
    blocking: bool


Check = PatternCheck | RangeCheck | ExpressionCheck


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One field, asked (`page` names where) or calculated (`page` is empty)."""

    name: str
    page: str
    kind: FieldKind
    title: Text
    visible_if: tuple[Node, ...] = ()
    """All of them: its page's and its own."""
    enable_if: Node | None = None
    required_if: Node | None = None
    default_node: Node | None = None
    default_value: str | int | bool | None = None
    hint: Text | None = None
    hint_from: str = ""
    required: bool = False
    new_line: bool = True
    choices: tuple[Choice, ...] = ()
    codelist: str = ""
    checks: tuple[Check, ...] = ()
    max_length: int = 200
    past_only: bool = False
    partial_date: bool = False
    lock: bool = False
    sensitive: bool = False
    agrees_with: tuple[str, str] | None = None
    """For an ID number: the fields of the birth date and the sex."""
    autofill: tuple[str, ...] = ()
    in_result: bool = True

    @property
    def looks_at(self) -> frozenset[str]:
        """The fields that decide whether it is seen and what it starts with."""
        nodes = (*self.visible_if, *((self.default_node,) if self.default_node else ()))
        return frozenset().union(*map(field_names, nodes))


@dataclass(frozen=True, slots=True, kw_only=True)
class Blueprint:
    """A whole form, ready to use."""

    file: str
    definition: Definition = field(repr=False)
    questions: Mapping[str, Question] = field(repr=False)
    """In the order of the file, calculated values last."""
    order: tuple[str, ...] = field(repr=False)
    """Names so that each stands after all it looks at."""

    def on_page(self, page: str) -> tuple[Question, ...]:
        """Return the questions of a page in order."""
        return tuple(q for q in self.questions.values() if q.page == page)


def _sources(definition: Definition) -> frozenset[str]:
    """Return what `x-autofill` may name: the citizen's card, the cards of other roles, the session."""
    cards = ("card", *(f"card.{card.role}" for card in definition.cards))
    of_cards = (f"{card}.{name}" for card in cards for name in CARD_FIELDS)
    return frozenset((*of_cards, *(f"session.{name}" for name in SESSION_FIELDS)))


def draw_blueprint(definition: Definition, *, file: str) -> Blueprint:
    """Check a definition and make it ready.

    Raises:
        DefinitionError: A second field of a name, an unknown field, code list or source, a cycle.
    """
    questions: dict[str, Question] = {}
    for path, question in _questions(definition, file):
        if question.name in questions:
            raise DefinitionError(
                file=file,
                path=f"{path}.name",
                found=f"a second field {question.name!r}",
                expected="one field of each name",
            )
        questions[question.name] = question
    _check_references(definition, questions, file)
    return Blueprint(
        file=file, definition=definition, questions=questions, order=_working_order(questions, file)
    )


def _questions(definition: Definition, file: str) -> Iterator[tuple[str, Question]]:
    seen: set[str] = set()
    sources = _sources(definition)
    for p, page in enumerate(definition.pages):
        path = f"$.pages[{p}]"
        if page.name in seen:
            raise DefinitionError(
                file=file,
                path=f"{path}.name",
                found=f"a second page {page.name!r}",
                expected="one of each name",
            )
        seen.add(page.name)
        page_node = _Spot(file, path, sources).parsed(page.visible_if, "visibleIf")
        for e, element in enumerate(page.elements):
            spot = _Spot(file, f"{path}.elements[{e}]", sources)
            yield spot.path, _asked(element, page.name, page_node, spot)
    for c, value in enumerate(definition.calculated_values):
        spot = _Spot(file, f"$.calculatedValues[{c}]", sources)
        yield spot.path, _calculated(value, spot)


@dataclass(frozen=True, slots=True)
class _Spot:
    file: str
    path: str
    sources: frozenset[str]

    def error(self, key: str, found: str, expected: str) -> DefinitionError:
        return DefinitionError(file=self.file, path=f"{self.path}.{key}", found=found, expected=expected)

    def parsed(self, text: str, key: str) -> Node | None:
        return parse(text, file=self.file, path=f"{self.path}.{key}") if text else None


def _asked(element: AnyElement, page: str, page_node: Node | None, spot: _Spot) -> Question:
    own_node = spot.parsed(element.visible_if, "visibleIf")
    _check_sources(element.autofill, "x-autofill", spot)
    _check_sources((element.hint_from,) if element.hint_from else (), "x-hint", spot)
    text = element if isinstance(element, TextElement) else None
    codelist = element.codelist if isinstance(element, RadiogroupElement | DropdownElement) else ""
    return Question(
        name=element.name,
        page=page,
        kind=_kind(element),
        title=element.title.text,
        visible_if=tuple(node for node in (page_node, own_node) if node is not None),
        enable_if=spot.parsed(element.enable_if, "enableIf"),
        required_if=spot.parsed(element.required_if, "requiredIf"),
        default_node=spot.parsed(element.default_value_expression, "defaultValueExpression"),
        default_value=element.default_value,
        hint=element.description.text if element.description else None,
        hint_from=element.hint_from,
        required=element.is_required,
        new_line=element.start_with_new_line,
        choices=_choices(element, spot),
        codelist=codelist,
        checks=tuple(_checks(element, spot)),
        max_length=element.max_length if isinstance(element, TextElement | CommentElement) else 200,
        past_only=bool(text and text.max_value_expression),
        partial_date=bool(text and text.partial_date),
        lock=element.lock,
        sensitive=element.sensitive,
        agrees_with=(text.matches.birth_date, text.matches.sex) if text and text.matches else None,
        autofill=element.autofill,
    )


def _kind(element: AnyElement) -> FieldKind:
    match element:
        case TextElement():
            return _KINDS[element.asked_as or element.input_type]
        case CommentElement():
            return FieldKind.COMMENT
        case BooleanElement():
            return FieldKind.YES_NO
        case RadiogroupElement():
            return FieldKind.CHOICE
        case _:
            return FieldKind.PLACE if element.codelist == COMMUNES else FieldKind.LIST


def _choices(element: AnyElement, spot: _Spot) -> tuple[Choice, ...]:
    if not isinstance(element, RadiogroupElement | DropdownElement):
        return ()
    if bool(element.choices) == bool(element.codelist):
        raise spot.error("choices", "both or neither of choices and x-codelist", "exactly one of them")
    if element.choices:
        return tuple(Choice(value=item.value, text=item.text.text) for item in element.choices)
    return _listed(element.codelist, spot)


def _listed(codelist: str, spot: _Spot) -> tuple[Choice, ...]:
    if codelist in ("", COMMUNES):
        return ()
    if codelist not in code_lists():
        expected = f"one of {', '.join(sorted((*code_lists(), COMMUNES)))}"
        raise spot.error("x-codelist", repr(codelist), expected)
    return code_lists()[codelist]


def _checks(element: AnyElement, spot: _Spot) -> Iterator[Check]:
    for v, validator in enumerate(element.validators):
        path = f"validators[{v}]"
        if isinstance(validator, RegexValidator):
            try:
                yield PatternCheck(pattern=re.compile(validator.regex), text=validator.text.text)
            except re.error as e:
                raise spot.error(f"{path}.regex", f"{validator.regex!r} ({e.msg})", "a pattern") from e
        elif isinstance(validator, ExpressionValidator):
            node = parse(validator.expression, file=spot.file, path=f"{spot.path}.{path}.expression")
            yield ExpressionCheck(node=node, text=validator.text.text, blocking=validator.blocking)
        else:
            yield RangeCheck(low=validator.min_value, high=validator.max_value)


def _check_sources(sources: tuple[str, ...], key: str, spot: _Spot) -> None:
    for source in sources:
        if source not in spot.sources:
            raise spot.error(key, repr(source), f"one of {', '.join(sorted(spot.sources))}")


def _calculated(value: CalculatedValue, spot: _Spot) -> Question:
    _check_sources(value.autofill, "x-autofill", spot)
    return Question(
        name=value.name,
        page="",
        kind=_calculated_kind(value),
        title=value.title.text,
        default_node=spot.parsed(value.expression, "expression"),
        choices=_listed(value.codelist, spot),
        codelist=value.codelist,
        autofill=value.autofill,
        in_result=value.include_into_result,
    )


def _calculated_kind(value: CalculatedValue) -> FieldKind:
    if value.date:
        return FieldKind.DATE
    if value.codelist == COMMUNES:
        return FieldKind.PLACE
    return FieldKind.LIST if value.codelist else FieldKind.TEXT


def _check_references(definition: Definition, questions: Mapping[str, Question], file: str) -> None:
    for question in questions.values():
        for key, names in _references(question):
            for name in sorted(names - questions.keys()):
                raise DefinitionError(
                    file=file,
                    path=f"$..{question.name}.{key}",
                    found=f"the unknown field {name!r}",
                    expected="a field of this form",
                )
    _check_reach(questions, file)
    _check_fees(definition, questions, file)


def _check_reach(questions: Mapping[str, Question], file: str) -> None:
    for question in questions.values():
        reason = never_holds(question.visible_if, questions)
        if reason:
            raise DefinitionError(
                file=file,
                path=f"$..{question.name}.visibleIf",
                found=reason,
                expected="a field that somebody can see",
            )


def _check_fees(definition: Definition, questions: Mapping[str, Question], file: str) -> None:
    for r, rule in enumerate(definition.procedure.fee):
        for key, name in _FEE_FIELDS.get(rule.kind, ()):
            found = getattr(rule, name)
            if found not in questions:
                raise DefinitionError(
                    file=file,
                    path=f"$.x-procedure.fee[{r}].{key}",
                    found=f"the unknown field {found!r}",
                    expected="a field of this form",
                )


def _references(question: Question) -> Iterator[tuple[str, frozenset[str]]]:
    """Return each place of a question that names fields, with the names."""
    nodes = [("visibleIf", node) for node in question.visible_if]
    optional = (
        ("enableIf", question.enable_if),
        ("requiredIf", question.required_if),
        ("defaultValueExpression", question.default_node),
    )
    nodes += [(key, node) for key, node in optional if node is not None]
    nodes += [("validators", check.node) for check in question.checks if isinstance(check, ExpressionCheck)]
    yield from ((key, field_names(node)) for key, node in nodes)
    yield "x-matches", frozenset(question.agrees_with or ())


def _working_order(questions: Mapping[str, Question], file: str) -> tuple[str, ...]:
    sorter = TopologicalSorter({name: sorted(question.looks_at) for name, question in questions.items()})
    try:
        return tuple(sorter.static_order())
    except CycleError as e:
        raise DefinitionError(
            file=file,
            path=f"$..{e.args[1][0]}",
            found=f"a cycle: {' → '.join(reversed(e.args[1]))}",
            expected="visibleIf and defaults that never come back to themselves",
        ) from e
