"""A definition made ready to use: questions in working order, pages as the screen turns them, whose cards.

Everything that can be wrong with a definition beyond its shape is found here, when it is loaded. The rows of
a repeating panel become questions of their own, as many as there may be: `thanhVien[0].hoTen`; which of them
are asked follows from `thanhVien.length`.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from graphlib import CycleError, TopologicalSorter
from typing import TYPE_CHECKING

from forms.definition import Definition, PanelDynamicElement, PanelElement
from forms.errors import DefinitionError
from forms.expressions import Field, Literal, Node, Operation, field_names
from forms.ports import CardRole, FieldKind, Text
from forms.questions import (
    CARD_FIELDS,
    SESSION_FIELDS,
    ExpressionCheck,
    Question,
    RangeCheck,
    Spot,
    asked,
    calculated,
)
from forms.reach import never_holds

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from forms.definition import AnyElement, Page

_COUNT = ("countField", "count_field")
_FEE_FIELDS = {"perCopy": (_COUNT,), "certifiedCopy": (_COUNT, ("pageField", "page_field"))}
_INDEX = "{panelIndex}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """One page as the screen turns it: a page of the definition, or one row of a repeating panel."""

    name: str
    title: Text
    audio: str = ""
    parent: str = ""
    """Of a row: the page on which the rows are listed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Repeat:
    """A repeating panel: the same questions for each of several people."""

    name: str
    sheet: str
    """The page on which the rows are listed, added and taken away."""
    row_title: Text
    """`{panelIndex}` is the number of the row, from 1."""
    low: int
    high: int
    add: Text
    remove: Text
    key: str
    """A field that no two rows may answer alike; empty where there is none."""
    invitation: Text | None
    """Invitation to put in the card of a row's person."""

    @property
    def count_field(self) -> str:
        """The field that says how many rows there are."""
        return f"{self.name}.length"

    def row(self, index: int) -> str:
        """Return what the names of a row's fields begin with, and what the card of its person is called."""
        return f"{self.name}[{index}]"

    def title(self, index: int) -> Text:
        """Return the title of a row."""
        return self.row_title.filled(_INDEX, str(index + 1))


@dataclass(frozen=True, slots=True, kw_only=True)
class Blueprint:
    """A whole form, ready to use."""

    file: str
    definition: Definition = field(repr=False)
    questions: Mapping[str, Question] = field(repr=False)
    """In the order of the file, calculated values last."""
    order: tuple[str, ...] = field(repr=False)
    """Names so that each stands after all it looks at."""
    sheets: tuple[Sheet, ...] = field(repr=False)
    repeats: Mapping[str, Repeat] = field(repr=False)
    roles: tuple[CardRole, ...] = field(repr=False)
    """The other people whose cards may be put in: those the definition names, then each row's."""
    from_card: Mapping[str, tuple[Question, ...]] = field(repr=False)
    """Role to the fields that its card fills."""

    def on_page(self, page: str) -> tuple[Question, ...]:
        """Return the questions of a page in order."""
        return tuple(q for q in self.questions.values() if q.page == page)


def draw_blueprint(definition: Definition, *, file: str) -> Blueprint:
    """Check a definition and make it ready.

    Raises:
        DefinitionError: A second field of a name, an unknown field, code list or source, a cycle.
    """
    draft = _Draft(definition, file)
    draft.draw()
    _check_references(definition, draft.questions, file)
    questions = draft.questions
    roles = (*_named_roles(definition), *_row_roles(draft.repeats))
    return Blueprint(
        file=file,
        definition=definition,
        questions=questions,
        order=_working_order(questions, file),
        sheets=tuple(draft.sheets.values()),
        repeats=draft.repeats,
        roles=roles,
        from_card={
            role.role: tuple(q for q in questions.values() if q.takes_from(f"card.{role.role}"))
            for role in roles
        },
    )


class _Draft:
    """A blueprint while it is drawn, page by page."""

    def __init__(self, definition: Definition, file: str) -> None:
        self.definition = definition
        self.file = file
        self.sources = _sources(definition)
        self.questions: dict[str, Question] = {}
        self.sheets: dict[str, Sheet] = {}
        self.repeats: dict[str, Repeat] = {}

    def draw(self) -> None:
        for p, page in enumerate(self.definition.pages):
            self._page(page, f"$.pages[{p}]")
        for c, value in enumerate(self.definition.calculated_values):
            self._add(calculated(value, self._spot(f"$.calculatedValues[{c}]")))

    def _spot(self, path: str) -> Spot:
        return Spot(file=self.file, path=path, sources=self.sources)

    def _page(self, page: Page, path: str) -> None:
        if page.name in self.sheets:
            raise self._twice(f"{path}.name", f"a second page {page.name!r}", "one of each name")
        self.sheets[page.name] = Sheet(name=page.name, title=page.title.text, audio=page.audio)
        spot = self._spot(path)
        spot = replace(spot, page=page.name, visible_if=spot.nodes(page.visible_if, "visibleIf"))
        for e, element in enumerate(page.elements):
            self._element(element, replace(spot, path=f"{path}.elements[{e}]"))

    def _element(self, element: AnyElement, spot: Spot) -> None:
        if isinstance(element, PanelElement):
            self._panel(element, spot)
        elif isinstance(element, PanelDynamicElement):
            self._repeat(element, spot)
        else:
            self._add(asked(element, spot))

    def _panel(self, panel: PanelElement, spot: Spot) -> None:
        inside = replace(
            spot,
            visible_if=(*spot.visible_if, *spot.nodes(panel.visible_if, "visibleIf")),
            enable_if=(*spot.enable_if, *spot.nodes(panel.enable_if, "enableIf")),
        )
        for e, element in enumerate(panel.elements):
            at = replace(inside, path=f"{spot.path}.elements[{e}]")
            self._add(asked(element, at, panel=panel.title.text))

    def _repeat(self, panel: PanelDynamicElement, spot: Spot) -> None:
        if not panel.min_panel_count <= panel.panel_count <= panel.max_panel_count:
            expected = f"{panel.min_panel_count} to {panel.max_panel_count}"
            raise spot.error("panelCount", str(panel.panel_count), expected)
        if panel.key_name not in ("", *(element.name for element in panel.template_elements)):
            raise spot.error("keyName", f"the unknown field {panel.key_name!r}", "one of templateElements")
        repeat = _repeat_of(panel, spot.page)
        if repeat.name in self.repeats:
            raise self._twice(
                f"{spot.path}.name", f"a second field {repeat.name!r}", "one field of each name"
            )
        self.repeats[repeat.name] = repeat
        shown = (*spot.visible_if, *spot.nodes(panel.visible_if, "visibleIf"))
        self._add(_counter(panel, repeat, replace(spot, visible_if=shown)))
        row_sources = frozenset(f"card.{repeat.row(i)}.{f}" for i in range(repeat.high) for f in CARD_FIELDS)
        for i in range(repeat.high):
            sheet = f"{spot.page}[{i}]"
            self.sheets[sheet] = Sheet(name=sheet, title=repeat.title(i), audio=panel.audio, parent=spot.page)
            row = replace(
                spot,
                page=sheet,
                row=repeat.row(i),
                visible_if=(*shown, _at_least(repeat.count_field, i + 1)),
                sources=self.sources | row_sources if repeat.invitation else self.sources,
            )
            for e, element in enumerate(panel.template_elements):
                at = replace(row, path=f"{spot.path}.templateElements[{e}]")
                self._add(asked(element, at, repeat=repeat.name))

    def _add(self, question: Question) -> None:
        if question.name in self.questions:
            found = f"a second field {question.name!r}"
            raise self._twice(f"{question.path}.name", found, "one field of each name")
        self.questions[question.name] = question

    def _twice(self, path: str, found: str, expected: str) -> DefinitionError:
        return DefinitionError(file=self.file, path=path, found=found, expected=expected)


def _repeat_of(panel: PanelDynamicElement, sheet: str) -> Repeat:
    return Repeat(
        name=panel.name,
        sheet=sheet,
        row_title=panel.template_title.text,
        low=panel.min_panel_count,
        high=panel.max_panel_count,
        add=panel.add_panel_text.text,
        remove=panel.remove_panel_text.text,
        key=panel.key_name,
        invitation=panel.card.text if panel.card else None,
    )


def _counter(panel: PanelDynamicElement, repeat: Repeat, spot: Spot) -> Question:
    return Question(
        name=repeat.count_field,
        page=spot.page,
        path=spot.path,
        kind=FieldKind.ROWS,
        title=panel.title.text,
        visible_if=spot.visible_if,
        enable_if=spot.enable_if,
        default_value=panel.panel_count,
        hint=panel.description.text if panel.description else None,
        required=True,
        repeat=repeat.name,
        checks=(RangeCheck(low=repeat.low, high=repeat.high),),
        audio=panel.audio,
        certainty=panel.certainty,
    )


def _at_least(name: str, number: int) -> Node:
    return Operation(name=">=", operands=(Field(name=name), Literal(value=number)))


def _sources(definition: Definition) -> frozenset[str]:
    """Return what `x-autofill` may name: the citizen's card, the cards of other roles, the session."""
    cards = ("card", *(f"card.{card.role}" for card in definition.cards))
    of_cards = (f"{card}.{name}" for card in cards for name in CARD_FIELDS)
    return frozenset((*of_cards, *(f"session.{name}" for name in SESSION_FIELDS)))


def _named_roles(definition: Definition) -> Iterator[CardRole]:
    for card in definition.cards:
        yield CardRole(
            role=card.role, title=card.title.text, only_sex=card.sex, may_also_be=frozenset(card.may_also_be)
        )


def _row_roles(repeats: Mapping[str, Repeat]) -> Iterator[CardRole]:
    for repeat in repeats.values():
        if repeat.invitation:
            for i in range(repeat.high):
                yield CardRole(role=repeat.row(i), title=repeat.invitation.filled(_INDEX, str(i + 1)))


# --- what points to nothing, and what comes back to itself --------------------------------------------


def _check_references(definition: Definition, questions: Mapping[str, Question], file: str) -> None:
    for question in questions.values():
        for key, names in _references(question):
            for name in sorted(names - questions.keys()):
                raise _no_field(file, f"{question.path}.{key}", name)
        reason = never_holds(question.visible_if, questions)
        if reason:
            raise DefinitionError(
                file=file,
                path=f"{question.path}.visibleIf",
                found=reason,
                expected="a field that somebody can see",
            )
    _check_fees(definition, questions, file)
    _check_roles(definition, questions, file)


def _no_field(file: str, path: str, name: str) -> DefinitionError:
    return DefinitionError(
        file=file, path=path, found=f"the unknown field {name!r}", expected="a field of this form"
    )


def _check_fees(definition: Definition, questions: Mapping[str, Question], file: str) -> None:
    for r, rule in enumerate(definition.procedure.fee):
        for key, name in _FEE_FIELDS.get(rule.kind, ()):
            found = getattr(rule, name)
            if found not in questions:
                raise _no_field(file, f"$.x-procedure.fee[{r}].{key}", found)


def _check_roles(definition: Definition, questions: Mapping[str, Question], file: str) -> None:
    """Refuse a card that would fill nothing, and a role that is named twice."""
    names = [card.role for card in definition.cards]
    for c, card in enumerate(definition.cards):
        if names.index(card.role) != c:
            raise DefinitionError(
                file=file,
                path=f"$.x-cards[{c}].role",
                found=f"a second role {card.role!r}",
                expected="one of each name",
            )
        known = {*names, *(question.repeat for question in questions.values())}
        for name in card.may_also_be:
            if name not in known:
                raise DefinitionError(
                    file=file,
                    path=f"$.x-cards[{c}].mayAlsoBe",
                    found=f"the unknown role {name!r}",
                    expected="a role or a repeating panel",
                )
        if not any(question.takes_from(f"card.{card.role}") for question in questions.values()):
            raise DefinitionError(
                file=file,
                path=f"$.x-cards[{c}].role",
                found=f"the role {card.role!r} that fills no field",
                expected="a field with x-autofill from it",
            )


def _references(question: Question) -> Iterator[tuple[str, frozenset[str]]]:
    """Return each place of a question that names fields, with the names."""
    nodes = [("visibleIf", node) for node in question.visible_if]
    nodes += [("enableIf", node) for node in question.enable_if]
    optional = (("requiredIf", question.required_if), ("defaultValueExpression", question.default_node))
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
            path=f"{questions[e.args[1][0]].path}.visibleIf",
            found=f"a cycle: {' → '.join(reversed(e.args[1]))}",
            expected="visibleIf and defaults that never come back to themselves",
        ) from e
