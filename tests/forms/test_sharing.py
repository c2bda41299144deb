from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from forms.catalogue import DEFINITIONS, load_blueprint
from forms.errors import DefinitionError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Write = Callable[[str, Any], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write a definition or a block into a folder of its own."""
    (tmp_path / "blocks").mkdir()

    def put(name: str, content: Any) -> Path:
        path = tmp_path / f"{name}.json"
        path.write_text(json.dumps(content), encoding="utf-8")
        return path

    return put


def question(name: str, **more: Any) -> dict[str, Any]:
    return {"type": "text", "name": name, "title": {"default": "Tên", "en": "Name"}, **more}


@pytest.fixture
def small(document: dict[str, Any]) -> dict[str, Any]:
    """A form of one page with one block, free, without values of its own."""
    page = {"name": "mot", "title": {"default": "Một", "en": "One"}}
    block = {"x-use": "nguoi", "x-with": {"as": "me"}}
    elements = [question("dau"), block, question("cuoi")]
    kept = {k: v for k, v in document.items() if k not in ("calculatedValues", "x-cards")}
    return {**kept, "pages": [{**page, "elements": elements}]}


PERSON = {"parameters": ["as"], "items": [question("%as%.ten"), question("%as%.que")]}


def test_a_block_stands_where_it_is_named(write: Write, small: dict[str, Any]) -> None:
    write("blocks/nguoi", PERSON)
    assert list(load_blueprint(write("a", small)).questions) == ["dau", "me.ten", "me.que", "cuoi"]


def test_a_form_that_extends_another_keeps_what_it_does_not_say(write: Write, small: dict[str, Any]) -> None:
    write("blocks/nguoi", PERSON)
    write("a", small)
    head = {**small["x-procedure"], "code": "9.000001"}
    blueprint = load_blueprint(write("b", {"x-extends": "a", "x-procedure": head}))
    assert blueprint.definition.procedure.code == "9.000001"
    assert "me.que" in blueprint.questions


def spoiled_block(items: list[Any]) -> dict[str, Any]:
    return {"parameters": ["as"], "items": items}


BLOCK_FAULTS: list[tuple[str, Any, str, str]] = [
    ("unknown key", [question("%as%.ten", colour=1)], "$.items[0]", "'colour'"),
    ("bad name", [question("a"), question("1")], "$.items[1].name", "'1'"),
    (
        "bad code list",
        [question("a", **{"x-autofill": ["card.x"]})],
        "$.items[0].x-autofill",
        "card.x",
    ),
    ("unknown parameter", [question("%who%.ten")], "$.items[0].name", "%who%"),
    (
        "endless",
        [{"x-use": "nguoi", "x-with": {"as": "a"}}],
        "$.items[0]",
        "within itself",
    ),
    ("a missing block", [{"x-use": "none"}], "$.items[0].x-use", "no none.json"),
    ("too few parameters", [{"x-use": "nguoi"}], "$.items[0].x-with", "none"),
    ("a path", [{"x-use": "../../etc"}], "$.items[0].x-use", "'../../etc'"),
    ("more than a use", [{"x-use": "nguoi", "name": "x"}], "$.items[0]", "'name'"),
]


@pytest.mark.parametrize(
    ("items", "spot", "found"), [f[1:] for f in BLOCK_FAULTS], ids=[f[0] for f in BLOCK_FAULTS]
)
def test_a_fault_in_a_block_is_told_in_the_block(
    write: Write, small: dict[str, Any], items: list[Any], spot: str, found: str
) -> None:
    write("blocks/nguoi", spoiled_block(items))
    with pytest.raises(DefinitionError) as e:
        load_blueprint(write("a", small))
    assert (e.value.file, e.value.path) == ("blocks/nguoi.json", spot)
    assert found in e.value.found


def test_a_fault_after_a_block_is_told_where_it_was_written(write: Write, small: dict[str, Any]) -> None:
    write("blocks/nguoi", PERSON)
    small["pages"][0]["elements"][2]["inputType"] = "color"
    with pytest.raises(DefinitionError) as e:
        load_blueprint(write("a", small))
    assert (e.value.file, e.value.path) == ("a.json", "$.pages[0].elements[2].inputType")


def test_a_fault_in_the_original_is_told_of_the_original(write: Write, small: dict[str, Any]) -> None:
    write("blocks/nguoi", PERSON)
    small["pages"][0]["elements"][0]["maxLength"] = "long"
    write("a", small)
    with pytest.raises(DefinitionError) as e:
        load_blueprint(write("b", {"x-extends": "a"}))
    assert (e.value.file, e.value.path) == ("a.json", "$.pages[0].elements[0].maxLength")


@pytest.mark.parametrize(("content", "found"), [({"x-extends": "none"}, "no none.json"), ([1], "list")])
def test_what_cannot_be_opened_is_told(write: Write, content: Any, found: str) -> None:
    with pytest.raises(DefinitionError) as e:
        load_blueprint(write("b", content))
    assert found in e.value.found


def test_a_form_extends_one_that_stands_alone(write: Write, small: dict[str, Any]) -> None:
    write("blocks/nguoi", PERSON)
    write("a", small)
    write("b", {"x-extends": "a"})
    with pytest.raises(DefinitionError, match="extends another"):
        load_blueprint(write("c", {"x-extends": "b"}))


@pytest.mark.parametrize("content", ["{", "[]"])
def test_a_block_that_is_no_object_is_told(
    write: Write, small: dict[str, Any], tmp_path: Path, content: str
) -> None:
    (tmp_path / "blocks" / "nguoi.json").write_text(content, encoding="utf-8")
    with pytest.raises(DefinitionError, match=r"nguoi\.json"):
        load_blueprint(write("a", small))


def test_every_block_that_ships_is_used() -> None:
    blocks = {path.stem for path in (DEFINITIONS / "blocks").glob("*.json")}
    told = "".join(path.read_text(encoding="utf-8") for path in DEFINITIONS.rglob("*.json"))
    assert {block for block in blocks if f'"x-use": "{block}"' not in told} == set()


UNREACHABLE = [
    ("a choice the list does not have", "{nyc.quanHe} = 'ong'", "{nyc.quanHe} is never ong"),
    ("two values at once", "{nyc.quanHe} = 'me' and {nyc.quanHe} = 'cha'", "several values at once"),
    ("none of the choices", "{nyc.quanHe} anyof ['ong', 'ba']", "never ba or ong"),
    ("plain false", "false", "always false"),
]


@pytest.mark.parametrize(
    ("condition", "found"), [u[1:] for u in UNREACHABLE], ids=[u[0] for u in UNREACHABLE]
)
def test_a_page_that_nobody_can_reach_is_refused(
    write: Write, document: dict[str, Any], condition: str, found: str
) -> None:
    document["pages"][1]["visibleIf"] = condition
    with pytest.raises(DefinitionError) as e:
        load_blueprint(write("a", document))
    assert found in e.value.found
    assert e.value.path == "$.pages[1].elements[0].visibleIf"


def test_a_condition_that_may_hold_is_left_alone(write: Write, document: dict[str, Any]) -> None:
    document["pages"][1]["visibleIf"] = (
        "{nyc.quanHe} = 'me' and ({nyc.sdt} = '1' or {nyc.sdt} = '2') and true"
    )
    assert "nks.hoTen" in load_blueprint(write("a", document)).questions
