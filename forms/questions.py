"""One field of a definition made ready to use: expressions parsed, code lists looked up, sources known."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from forms.code_lists import COMMUNES, code_lists
from forms.definition import (
    AskedElement,
    BooleanElement,
    CalculatedValue,
    CheckboxElement,
    CommentElement,
    DropdownElement,
    ExpressionValidator,
    RadiogroupElement,
    RegexValidator,
    TextElement,
)
from forms.errors import DefinitionError
from forms.expressions import Node, field_names, parse
from forms.ports import Choice, FieldKind, Text

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
IN_ROW = "panel."
"""How a field of the same row is named within a repeating panel."""

ListedElement = RadiogroupElement | DropdownElement | CheckboxElement
_KINDS = {
    "text": FieldKind.TEXT,
    "date": FieldKind.DATE,
    "number": FieldKind.NUMBER,
    "tel": FieldKind.TEL,
    "email": FieldKind.EMAIL,
    "name": FieldKind.NAME,
    "id_number": FieldKind.ID_NUMBER,
}


_TAKEN_KINDS = {"full_name": FieldKind.NAME, "id_number": FieldKind.ID_NUMBER}
"""What a calculated value is that comes from these fields of a card."""


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
    path: str
    """Where it is written, for errors: `$.pages[0].elements[2]`."""
    kind: FieldKind
    title: Text
    visible_if: tuple[Node, ...] = ()
    """All of them: its page's, its panel's and its own."""
    enable_if: tuple[Node, ...] = ()
    required_if: Node | None = None
    default_node: Node | None = None
    default_value: str | int | bool | None = None
    hint: Text | None = None
    hint_from: str = ""
    required: bool = False
    new_line: bool = True
    panel: Text | None = None
    """Title of the panel it lies in."""
    repeat: str = ""
    """The repeating panel in a row of which it is asked, or whose rows it counts."""
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
    audio: str = ""
    print_as: str = ""
    """What templates call it; empty keeps it off the paper."""
    keys: Mapping[str, str] = field(default_factory=dict)
    """Its keys in the `national` and the older `btp` forms."""
    certainty: str = "sourced"

    @property
    def looks_at(self) -> frozenset[str]:
        """The fields that decide whether it is seen and what it starts with."""
        nodes = (*self.visible_if, *((self.default_node,) if self.default_node else ()))
        return frozenset().union(*map(field_names, nodes))

    def takes_from(self, card: str) -> bool:
        """Tell whether it is filled from a card: `card` for the person's own, `card.me` for another's."""
        return any(source.rpartition(".")[0] == card for source in self.autofill)


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """Where in a definition something is written, and what holds for all that is written there."""

    file: str
    path: str
    sources: frozenset[str] = frozenset()
    """What `x-autofill` may name."""
    page: str = ""
    visible_if: tuple[Node, ...] = ()
    enable_if: tuple[Node, ...] = ()
    row: str = ""
    """The row of a repeating panel, `thanhVien[0]`; empty outside."""

    def error(self, key: str, found: str, expected: str) -> DefinitionError:
        """Return the error of something wrong at a key."""
        return DefinitionError(file=self.file, path=f"{self.path}.{key}", found=found, expected=expected)

    def parsed(self, text: str, key: str) -> Node | None:
        """Return an expression, None where there is none.

        Raises:
            DefinitionError: It cannot be read.
        """
        if self.row:
            text = text.replace(f"{{{IN_ROW}", f"{{{self.row}.")
        return parse(text, file=self.file, path=f"{self.path}.{key}") if text else None

    def nodes(self, text: str, key: str) -> tuple[Node, ...]:
        """Return an expression as a condition among others."""
        node = self.parsed(text, key)
        return () if node is None else (node,)

    def whole_name(self, name: str) -> str:
        """Return the whole name of a field that is written here."""
        if not self.row:
            return name
        return f"{self.row}.{name.removeprefix(IN_ROW)}"

    def source(self, source: str) -> str:
        """Return the whole name of a source: `card.panel.full_name` is the card of this row."""
        return source.replace(f"card.{IN_ROW}", f"card.{self.row}.") if self.row else source


def asked(element: AskedElement, spot: Spot, *, panel: Text | None = None, repeat: str = "") -> Question:
    """Make a question of an element.

    Args:
        element: As the file says it.
        spot: Where it is written.
        panel: Title of the panel it lies in.
        repeat: The repeating panel in whose rows it is asked.

    Raises:
        DefinitionError: An unknown code list or source, an expression or pattern that cannot be read.
    """
    name = spot.whole_name(element.name)
    question = Question(
        name=name,
        page=spot.page,
        path=spot.path,
        kind=_kind(element),
        title=element.title.text,
        visible_if=(*spot.visible_if, *spot.nodes(element.visible_if, "visibleIf")),
        enable_if=(*spot.enable_if, *spot.nodes(element.enable_if, "enableIf")),
        required_if=spot.parsed(element.required_if, "requiredIf"),
        default_node=spot.parsed(element.default_value_expression, "defaultValueExpression"),
        default_value=element.default_value,
        hint=element.description.text if element.description else None,
        hint_from=_sources((element.hint_from,), "x-hint", spot)[0] if element.hint_from else "",
        required=element.is_required,
        new_line=element.start_with_new_line,
        panel=panel,
        repeat=repeat,
        checks=tuple(_checks(element, spot)),
        lock=element.lock,
        sensitive=element.sensitive,
        autofill=_sources(element.autofill, "x-autofill", spot),
        audio=element.audio,
        print_as=name if element.print_as is None else element.print_as,
        keys=element.keys,
        certainty=element.certainty,
    )
    return _of_its_kind(question, element, spot)


def _of_its_kind(question: Question, element: AskedElement, spot: Spot) -> Question:
    """Return the question with what only its kind of element has: choices, a length, a date."""
    match element:
        case TextElement():
            return replace(
                question,
                max_length=element.max_length,
                past_only=bool(element.max_value_expression),
                partial_date=element.partial_date,
                agrees_with=_agrees_with(element, spot),
            )
        case CommentElement():
            return replace(question, max_length=element.max_length)
        case RadiogroupElement() | CheckboxElement() | DropdownElement():
            return replace(question, choices=_choices(element, spot), codelist=element.codelist)
        case _:
            return question


def calculated(value: CalculatedValue, spot: Spot) -> Question:
    """Make a field that nobody is asked for.

    Raises:
        DefinitionError: As `asked`.
    """
    return Question(
        name=value.name,
        page="",
        path=spot.path,
        kind=_calculated_kind(value),
        title=value.title.text,
        default_node=spot.parsed(value.expression, "expression"),
        choices=_listed(value.codelist, spot),
        codelist=value.codelist,
        autofill=_sources(value.autofill, "x-autofill", spot),
        in_result=value.include_into_result,
        print_as=value.name,
        keys=value.keys,
        certainty=value.certainty,
    )


def _kind(element: AskedElement) -> FieldKind:
    match element:
        case TextElement():
            return _KINDS[element.asked_as or element.input_type]
        case CommentElement():
            return FieldKind.COMMENT
        case BooleanElement():
            return FieldKind.YES_NO
        case RadiogroupElement():
            return FieldKind.CHOICE
        case CheckboxElement():
            return FieldKind.CHOICES
        case _:
            return FieldKind.PLACE if element.codelist == COMMUNES else FieldKind.LIST


def _calculated_kind(value: CalculatedValue) -> FieldKind:
    if value.date:
        return FieldKind.DATE
    if value.codelist:
        return FieldKind.PLACE if value.codelist == COMMUNES else FieldKind.LIST
    taken = {source.rpartition(".")[2] for source in value.autofill}
    return next((kind for name, kind in _TAKEN_KINDS.items() if name in taken), FieldKind.TEXT)


def _choices(element: ListedElement, spot: Spot) -> tuple[Choice, ...]:
    if bool(element.choices) == bool(element.codelist):
        raise spot.error("choices", "both or neither of choices and x-codelist", "exactly one of them")
    if element.codelist:
        return _listed(element.codelist, spot)
    values = [item.value for item in element.choices]
    twice = next((value for value in values if values.count(value) > 1), None)
    if twice is not None:
        raise spot.error("choices", f"the value {twice!r} twice", "one choice of each value")
    return tuple(Choice(value=item.value, text=item.text.text) for item in element.choices)


def _listed(codelist: str, spot: Spot) -> tuple[Choice, ...]:
    if codelist in ("", COMMUNES):
        return ()
    if codelist not in code_lists():
        expected = f"one of {', '.join(sorted((*code_lists(), COMMUNES)))}"
        raise spot.error("x-codelist", repr(codelist), expected)
    return code_lists()[codelist]


def _checks(element: AskedElement, spot: Spot) -> Iterator[Check]:
    for v, validator in enumerate(element.validators):
        path = f"validators[{v}]"
        if isinstance(validator, RegexValidator):
            try:
                yield PatternCheck(pattern=re.compile(validator.regex), text=validator.text.text)
            except re.error as e:
                raise spot.error(f"{path}.regex", f"{validator.regex!r} ({e.msg})", "a pattern") from e
        elif isinstance(validator, ExpressionValidator):
            node = spot.parsed(validator.expression, f"{path}.expression")
            if node is None:
                raise spot.error(f"{path}.expression", "an empty text", "an expression")
            yield ExpressionCheck(node=node, text=validator.text.text, blocking=validator.blocking)
        elif validator.min_value > validator.max_value:
            raise spot.error(f"{path}.maxValue", str(validator.max_value), f"at least {validator.min_value}")
        else:
            yield RangeCheck(low=validator.min_value, high=validator.max_value)


def _sources(sources: tuple[str, ...], key: str, spot: Spot) -> tuple[str, ...]:
    named = tuple(map(spot.source, sources))
    for source, written in zip(named, sources, strict=True):
        if source not in spot.sources:
            raise spot.error(key, repr(written), f"one of {', '.join(sorted(spot.sources))}")
    return named


def _agrees_with(text: TextElement, spot: Spot) -> tuple[str, str] | None:
    if text.matches is None:
        return None
    return spot.whole_name(text.matches.birth_date), spot.whole_name(text.matches.sex)
