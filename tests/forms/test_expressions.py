from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forms.errors import DefinitionError
from forms.expressions import Scope, evaluate, field_names, holds, is_empty, parse

if TYPE_CHECKING:
    from forms.expressions import Value

TODAY = dt.date(2026, 11, 23)
VALUES: dict[str, Value] = {
    "sex": "2",
    "age": 32,
    "typed": "12",
    "born": "1994-02-14",
    "year": "1994",
    "later": "2030-01-01",
    "no.such": "1960-02-31",
    "yes": True,
    "no": False,
    "none": None,
    "blank": "",
    "list": ["a", "b"],
    "nothing": [],
    "name": "NGUYỄN THỊ HƯƠNG",
}


def value(text: str) -> Value:
    return evaluate(parse(text, file="f.json", path="$.x"), Scope(values=VALUES, today=TODAY))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{sex} = '2'", True),
        ("{sex} <> '2'", False),
        ("{sex} = 2", True),
        ("'01' = '1'", False),
        ("{age} = 32.0", True),
        ("{yes} = true", True),
        ("{no} = false", True),
        ("{yes} = 1", False),
        ("{none} = {blank}", True),
        ("{none} = {nothing}", True),
        ("{none} = 'x'", False),
        ("{none} <> 'x'", True),
        ("{list} = ['a', 'b']", True),
        ("{age} > 31", True),
        ("{age} < 32", False),
        ("{age} >= 32", True),
        ("{age} <= -1", False),
        ("{typed} > 9", True),
        ("{born} < '1994-03-01'", True),
        ("{born} > {year}", True),
        ("{none} > 1", False),
        ("{none} < 1", False),
        ("{blank} < 'a'", False),
        ("{name} < ''", False),
        ("{yes} > 0", False),
        ("{list} > 1", False),
        ("{none} empty", True),
        ("{no} empty", False),
        ("{nothing} notempty", False),
        ("{sex} notempty", True),
        ("!{no}", True),
        ("!{sex} empty", True),
        ("!({sex} = '2') or {age} = 32", True),
        ("true or false and false", True),
        ("(true or false) and false", False),
        ("false or false", False),
        ("{list} contains 'a'", True),
        ("{list} contains ['a', 'c']", False),
        ("{list} contains []", False),
        ("{name} contains 'THỊ'", True),
        ("{name} contains ''", False),
        ("{name} contains 5", False),
        ("{none} contains 'a'", False),
        ("{sex} anyof ['1', '2']", True),
        ("{sex} anyof ['1']", False),
        ("{none} anyof ['1']", False),
        ("{list} anyof 'b'", True),
        ("age({born})", 32),
        ("age('1994-11-24')", 31),
        ("age('1994-11-23')", 32),
        ("age({year})", 32),
        ("age({later})", None),
        ("age({none})", None),
        ("age({age})", None),
        ("age({no.such})", None),
        ("age('xưa')", None),
        ("dateDiff('2026-11-01', today(), 'days')", 22),
        ("dateDiff({none}, today(), 'days')", None),
        ("dateDiff(today(), {none}, 'days')", None),
        ("dateDiff('2026-11-01', today(), 'weeks')", None),
        ("today()", "2026-11-23"),
        ("iif({sex} = '2', 'me', 'cha')", "me"),
        ("iif({none}, 'me', 'cha')", "cha"),
        ('"it\'s"', "it's"),
        ("1.5", 1.5),
        ("-3", -3),
        ("[]", []),
        ("{unknown}", None),
    ],
)
def test_an_expression_comes_to_its_value(text: str, expected: Value) -> None:
    found = value(text)
    assert found == expected
    assert type(found) is type(expected)


@pytest.mark.parametrize(
    ("text", "found", "expected"),
    [
        ("", "the end of the expression", "a value"),
        ("{a} ~ 1", "'~' at character 5", "an operator"),
        ("{a} =", "the end", "a value"),
        ("{a} = 1 2", "'2' at character 9", "the end of the expression"),
        ("({a}", "the end", "')'"),
        ("foo(1)", "'foo' at character 1", "one of the functions"),
        ("age", "the end", "'('"),
        ("age()", "age() with 0 values", "1"),
        ("iif(1, 2)", "iif() with 2 values", "3"),
        ("age(1 2)", "'2'", "','"),
        ("[1", "the end", "','"),
        ("= 1", "'=' at character 1", "a value"),
        ("'open", '"\'" at character 1', "an operator"),
        ("{", "'{' at character 1", "an operator"),
        ("(" * 60 + "1" + ")" * 60, "brackets too deep", "at most"),
        ("!" * 60 + "true", "brackets too deep", "at most"),
        ("1 " * 2000, "4000 characters", "at most 2000"),
    ],
)
def test_a_bad_expression_names_the_spot(text: str, found: str, expected: str) -> None:
    with pytest.raises(DefinitionError) as e:
        parse(text, file="f.json", path="$.pages[0].visibleIf")
    assert e.value.file == "f.json"
    assert e.value.path == "$.pages[0].visibleIf"
    assert found in e.value.found
    assert expected in e.value.expected


def test_the_fields_an_expression_looks_at() -> None:
    node = parse("{a.b} = 1 and iif({c} empty, [{d}], 'x') notempty", file="f", path="$")
    assert field_names(node) == {"a.b", "c", "d"}


def test_no_condition_holds_as_told() -> None:
    scope = Scope(values={}, today=TODAY)
    assert holds(None, scope, default=True)
    assert not holds(None, scope, default=False)
    assert not holds(parse("{a} = 1", file="f", path="$"), scope, default=True)


def test_false_and_zero_are_answers() -> None:
    assert not is_empty(False)  # noqa: FBT003 - the value is the point
    assert not is_empty(0)
    assert is_empty("")


WORDS = "{a} {b.c} = <> > <= and or ! empty notempty ( ) [ ] , 'x' 1 -2.5 true age iif today anyof '"
words = st.sampled_from(WORDS.split())


@settings(deadline=None)  # two cores, many tests: a slow moment is no finding
@given(st.one_of(st.text(max_size=60), st.lists(words, max_size=25).map(" ".join)))
def test_any_text_is_an_expression_or_a_definition_error(text: str) -> None:
    try:
        node = parse(text, file="f", path="$")
    except DefinitionError:
        return
    evaluate(node, Scope(values={"a": "1", "b.c": ["x"]}, today=TODAY))


@settings(deadline=None)  # two cores, many tests: a slow moment is no finding
@given(st.booleans(), st.booleans(), st.booleans())
def test_and_binds_before_or_as_in_python(a: bool, b: bool, c: bool) -> None:  # noqa: FBT001 - drawn values
    text = f"{a} or {b} and !{c}".lower()
    assert value(text) == (a or (b and not c))


@settings(deadline=None)  # two cores, many tests: a slow moment is no finding
@given(st.integers(-99, 99), st.integers(-99, 99))
def test_numbers_compare_as_in_python(a: int, b: int) -> None:
    found = [value(f"{a} {sign} {b}") for sign in ("=", "<>", ">", "<", ">=", "<=")]
    assert found == [a == b, a != b, a > b, a < b, a >= b, a <= b]
