"""The expression language of the forms: a tokeniser, a Pratt parser and an evaluator, no `eval`.

Operators, weakest first: `or`; `and`; `!`; `= <> > < >= <= contains anyof`; `empty notempty` (after the
value). Values: `{field}`, `'text'`, numbers, `true`, `false`, `[…]`. Functions: `age(date)`,
`dateDiff(from, to, 'days')`, `iif(condition, then, else)`, `today()`.

A missing answer is empty: it equals nothing but another missing answer, and no order holds for it.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, NoReturn

from forms.dates import parse_date
from forms.errors import DefinitionError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

Value = str | int | float | bool | list["Value"] | None

_TOKEN = re.compile(
    r"\s+|(?P<field>\{[A-Za-z][\w.\[\]]*\})|(?P<number>-?\d{1,15}(?:\.\d{1,9})?)|(?P<text>'[^']*'|\"[^\"]*\")"
    r"|(?P<word>[A-Za-z]+)|(?P<sign><>|>=|<=|[=<>!()\[\],])"
)
_MAX_LENGTH = 2_000
_MAX_DEPTH = 40  # nobody writes deeper; a hostile file must not exhaust the stack

_POWER = {"or": 1, "and": 2} | dict.fromkeys(("=", "<>", ">", "<", ">=", "<=", "contains", "anyof"), 4)
_NOT_POWER = 3
_ARITY = {"age": 1, "dateDiff": 3, "iif": 3, "today": 0}
_ORDER: Mapping[str, Callable[[int], bool]] = {
    ">": lambda sign: sign > 0,
    "<": lambda sign: sign < 0,
    ">=": lambda sign: sign >= 0,
    "<=": lambda sign: sign <= 0,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Literal:
    """A value written in the expression."""

    value: str | int | float | bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """The answer of a field."""

    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """An operator, a function or a list (`[`) with what it works on."""

    name: str
    operands: tuple[Node, ...]


Node = Literal | Field | Operation


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What an expression can see: the answers (missing ones are None) and the day."""

    values: Mapping[str, Value]
    today: dt.date


def parse(text: str, *, file: str, path: str) -> Node:
    """Read an expression.

    Args:
        text: The expression.
        file: The definition file, for the error.
        path: Where in the file it stands, for the error.

    Raises:
        DefinitionError: The text is no expression; the message tells the character.
    """
    return _Parser(text, file, path).whole()


def field_names(node: Node) -> frozenset[str]:
    """Return the fields an expression looks at."""
    if isinstance(node, Field):
        return frozenset((node.name,))
    if isinstance(node, Operation):
        return frozenset().union(*map(field_names, node.operands))
    return frozenset()


def evaluate(node: Node, scope: Scope) -> Value:
    """Return what an expression comes to; it never fails on an answer of the wrong kind."""
    if isinstance(node, Literal):
        return node.value
    if isinstance(node, Field):
        return scope.values.get(node.name)
    if node.name in _LAZY:
        return _LAZY[node.name](node.operands, scope)
    values = [evaluate(operand, scope) for operand in node.operands]
    if node.name in _ORDER:
        sign = _compared(values[0], values[1])
        return sign is not None and _ORDER[node.name](sign)
    return _EAGER[node.name](values, scope)


def holds(node: Node | None, scope: Scope, *, default: bool) -> bool:
    """Tell whether a condition holds; `default` where there is none."""
    return default if node is None else bool(evaluate(node, scope))


def is_empty(value: Value) -> bool:
    """Tell whether nothing was answered; `False` and 0 are answers."""
    return value is None or value in ("", [])


# --- reading ------------------------------------------------------------------------------------------


class _Parser:
    def __init__(self, text: str, file: str, path: str) -> None:
        self.text, self.file, self.path = text, file, path
        if len(text) > _MAX_LENGTH:
            self.fail(f"{len(text)} characters", f"an expression of at most {_MAX_LENGTH}")
        self.tokens = [*self.tokenise(), ("end", "", len(text))]
        self.at = 0
        self.depth = 0

    def tokenise(self) -> Iterator[tuple[str, str, int]]:
        at = 0
        while at < len(self.text):
            match = _TOKEN.match(self.text, at)
            if match is None:
                self.fail(f"{self.text[at]!r} at character {at + 1}", "an operator, a value or a {field}")
            if match.lastgroup is not None:
                yield match.lastgroup, match.group(), at
            at = match.end()

    def fail(self, found: str, expected: str) -> NoReturn:
        raise DefinitionError(file=self.file, path=self.path, found=found, expected=expected)

    def unexpected(self, expected: str) -> NoReturn:
        kind, text, at = self.tokens[self.at]
        found = "the end of the expression" if kind == "end" else f"{text!r} at character {at + 1}"
        self.fail(found, expected)

    def take(self) -> tuple[str, str]:
        kind, text, _at = self.tokens[self.at]
        self.at += 1
        return kind, text

    def next_is(self, text: str) -> bool:
        kind, found, _at = self.tokens[self.at]
        return found == text and kind in ("sign", "word")

    def expect(self, text: str) -> None:
        if not self.next_is(text):
            self.unexpected(repr(text))
        self.at += 1

    def whole(self) -> Node:
        node = self.expression(0)
        if self.tokens[self.at][0] != "end":
            self.unexpected("an operator or the end of the expression")
        return node

    def expression(self, power: int) -> Node:
        self.depth += 1
        if self.depth > _MAX_DEPTH:
            self.fail("brackets too deep", f"at most {_MAX_DEPTH} levels")
        left = self.first()
        while True:
            word = self.tokens[self.at][1]
            if self.next_is("empty") or self.next_is("notempty"):
                self.at += 1
                left = Operation(name=word, operands=(left,))
            elif self.tokens[self.at][0] in ("sign", "word") and _POWER.get(word, 0) > power:
                self.at += 1
                left = Operation(name=word, operands=(left, self.expression(_POWER[word])))
            else:
                break
        self.depth -= 1
        return left

    def first(self) -> Node:
        kind, text = self.take()
        if kind == "field":
            return Field(name=text[1:-1])
        if kind == "text":
            return Literal(value=text[1:-1])
        if kind == "number":
            return Literal(value=float(text) if "." in text else int(text))
        if kind == "word":
            return self.word(text)
        return self.sign(text)

    def word(self, text: str) -> Node:
        if text in ("true", "false"):
            return Literal(value=text == "true")
        if text not in _ARITY:
            self.at -= 1
            self.unexpected(f"a value, a {{field}} or one of the functions {', '.join(sorted(_ARITY))}")
        self.expect("(")
        operands = self.operands(")")
        if len(operands) != _ARITY[text]:
            self.fail(f"{text}() with {len(operands)} values", f"{_ARITY[text]}")
        return Operation(name=text, operands=operands)

    def sign(self, text: str) -> Node:
        if text == "!":
            return Operation(name="!", operands=(self.expression(_NOT_POWER),))
        if text == "(":
            node = self.expression(0)
            self.expect(")")
            return node
        if text != "[":
            self.at -= 1
            self.unexpected("a value, a {field}, '!', '(' or '['")
        return Operation(name="[", operands=self.operands("]"))

    def operands(self, end: str) -> tuple[Node, ...]:
        found: list[Node] = []
        while not self.next_is(end):
            if found:
                self.expect(",")
            found.append(self.expression(0))
        self.at += 1
        return tuple(found)


# --- working out --------------------------------------------------------------------------------------


def _number(value: Value) -> float | None:
    """Return the number a value is, also when it was typed as text."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    try:
        return float(value)
    except ValueError:
        return None


def _same(left: Value, right: Value) -> bool:
    if is_empty(left) or is_empty(right):
        return is_empty(left) and is_empty(right)
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if isinstance(left, str) and isinstance(right, str):
        return left == right  # codes such as '01' and '1' are two codes
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and _contains(left, right)
    numbers = _number(left), _number(right)
    return left == right if None in numbers else numbers[0] == numbers[1]


def _compared(left: Value, right: Value) -> int | None:
    """Return -1, 0 or 1 as left is less, the same or more; None where no order holds."""
    numbers = _number(left), _number(right)
    if numbers[0] is not None and numbers[1] is not None:
        return (numbers[0] > numbers[1]) - (numbers[0] < numbers[1])
    if isinstance(left, str) and isinstance(right, str) and left and right:
        return (left > right) - (left < right)  # ISO dates order as text
    return None


def _items(value: Value) -> list[Value]:
    if isinstance(value, list):
        return value
    return [] if is_empty(value) else [value]


def _contains(left: Value, right: Value) -> bool:
    if isinstance(left, str):
        return isinstance(right, str) and right != "" and right in left
    return bool(_items(right)) and all(any(_same(a, b) for a in _items(left)) for b in _items(right))


def _anyof(left: Value, right: Value) -> bool:
    return any(_same(a, b) for a in _items(left) for b in _items(right))


def _day(value: Value) -> dt.date | None:
    """Return the first day that a whole or partial date can mean."""
    date = parse_date(value) if isinstance(value, str) else None
    if date is None or not date.exists:
        return None
    return dt.date(date.year, date.month or 1, date.day or 1)


def _age(value: Value, today: dt.date) -> int | None:
    """Return the completed years; None for no date or a day to come."""
    born = _day(value)
    if born is None or born > today:
        return None
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))


def _date_diff(values: list[Value]) -> int | None:
    start, end, unit = _day(values[0]), _day(values[1]), values[2]
    return None if start is None or end is None or unit != "days" else (end - start).days


def _iif(operands: tuple[Node, ...], scope: Scope) -> Value:
    return evaluate(operands[1 if evaluate(operands[0], scope) else 2], scope)


_LAZY: Mapping[str, Callable[[tuple[Node, ...], Scope], Value]] = {
    "and": lambda nodes, scope: all(bool(evaluate(node, scope)) for node in nodes),
    "or": lambda nodes, scope: any(bool(evaluate(node, scope)) for node in nodes),
    "iif": _iif,
}
_EAGER: Mapping[str, Callable[[list[Value], Scope], Value]] = {
    "[": lambda values, _scope: values,
    "!": lambda values, _scope: not values[0],
    "empty": lambda values, _scope: is_empty(values[0]),
    "notempty": lambda values, _scope: not is_empty(values[0]),
    "=": lambda values, _scope: _same(values[0], values[1]),
    "<>": lambda values, _scope: not _same(values[0], values[1]),
    "contains": lambda values, _scope: _contains(values[0], values[1]),
    "anyof": lambda values, _scope: _anyof(values[0], values[1]),
    "age": lambda values, scope: _age(values[0], scope.today),
    "dateDiff": lambda values, _scope: _date_diff(values),
    "today": lambda _values, scope: scope.today.isoformat(),
}
