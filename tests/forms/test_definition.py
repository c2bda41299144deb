from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from forms.blueprint import draw_blueprint
from forms.catalogue import DEFINITIONS, load_blueprint
from forms.document import TEMPLATES
from forms.errors import DefinitionError
from forms.reading import decode_definition, read_definition
from kiosk_app.__main__ import main
from tests.forms.broken_definitions import MUTATIONS

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

SHIPPED = sorted(DEFINITIONS.glob("*.json"))


def broken(document: dict[str, Any]) -> DefinitionError:
    content = json.dumps(document, ensure_ascii=False).encode()
    with pytest.raises(DefinitionError) as e:
        draw_blueprint(decode_definition(content, file="t.json"), file="t.json")
    assert e.value.file == "t.json"
    assert str(e.value).startswith(f"t.json: {e.value.path}: found ")
    return e.value


@pytest.mark.parametrize("path", SHIPPED, ids=lambda p: p.name)
def test_every_definition_that_ships_is_well(path: Path) -> None:
    blueprint = load_blueprint(path)
    assert path.name == f"{blueprint.definition.procedure.code}.json"
    assert (TEMPLATES / blueprint.definition.template).is_file()
    for question in blueprint.questions.values():
        assert question.title.vi
        assert question.title.en


@pytest.mark.parametrize(
    ("mutate", "path", "found", "expected"), [m[1:] for m in MUTATIONS], ids=[m[0] for m in MUTATIONS]
)
def test_a_broken_definition_names_the_spot(
    document: dict[str, Any], mutate: Callable[[dict[str, Any]], Any], path: str, found: str, expected: str
) -> None:
    mutate(document)
    error = broken(document)
    assert path in error.path
    assert found in error.found
    assert expected in error.expected


def test_kiosk_forms_check_names_the_spot_in_every_broken_file(
    tmp_path: Path, document: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    """`kiosk forms check FILE…` on one file for each mistake: more than the 25 that the issue asks for."""
    assert len(MUTATIONS) >= 25
    files = []
    for name, mutate, *_spot in MUTATIONS:
        wrong = json.loads(json.dumps(document))
        mutate(wrong)
        files.append(tmp_path / f"{name.replace(' ', '-')}.json")
        files[-1].write_text(json.dumps(wrong, ensure_ascii=False), encoding="utf-8")
    config = tmp_path / "kiosk.toml"
    config.write_text(f'data_dir = "{tmp_path}"\n', encoding="utf-8")
    code = main(["--config", str(config), "forms", "check", "--json", *map(str, files)])
    told = json.loads(capsys.readouterr().out)
    assert code == 1
    assert len(told) == len(MUTATIONS)
    for (name, _mutate, path, found, expected), result in zip(MUTATIONS, told, strict=True):
        assert result["error"] == "form.definition", name
        assert path in result["path"], name
        assert found in result["found"], name
        assert expected in result["expected"], name
        assert result["message"].startswith(f"{name.replace(' ', '-')}.json: {result['path']}: found "), name


def test_what_is_no_json_is_refused() -> None:
    for content in (b"", b"{", b"\xff\xfe", b"[]"):
        with pytest.raises(DefinitionError):
            decode_definition(content, file="t.json")


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DefinitionError, match=r"nope\.json"):
        read_definition(tmp_path / "nope.json")


def test_text_becomes_one_unicode_form(document: dict[str, Any]) -> None:
    import unicodedata

    content = unicodedata.normalize("NFD", json.dumps(document, ensure_ascii=False)).encode()
    assert decode_definition(content, file="t.json").title.default == "Tờ khai đăng ký khai sinh"
