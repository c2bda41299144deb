from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING, Any

import pytest

from forms.catalogue import DEFINITIONS, load_catalogue
from forms.errors import DefinitionError
from forms.json_schema import json_schema
from forms.province import read_province
from tests.forms.personas import fill

if TYPE_CHECKING:
    from pathlib import Path

TODAY = dt.date(2026, 11, 23)
HANOI = dt.timezone(dt.timedelta(hours=7))
DECIDED = """{
 "source": "made up for this test",
 "fees": {"1.001612": [{"kind": "fixed", "amount": 100000, "from": "2026-01-01", "until": "2026-12-31"}]},
 "feeNotes": {"1.001612": {"default": "100.000 đồng theo nghị quyết", "en": "100,000 đồng by resolution"}},
 "daysOff": ["2026-11-24"], "workingDays": ["2026-09-01"]}"""


def test_a_province_decides_its_fees_and_days_off(tmp_path: Path) -> None:
    path = tmp_path / "province.json"
    path.write_text(DECIDED, encoding="utf-8")
    day = [TODAY]
    form = load_catalogue(lambda: day[0], province=read_province(path)).form("1.001612")
    assert form.fee({}) == 100_000
    assert form.procedure.fee.vi == "100.000 đồng theo nghị quyết"
    assert form.due(dt.datetime(2026, 11, 23, 9, tzinfo=HANOI)) == dt.date(2026, 11, 27)
    assert form.due(dt.datetime(2026, 8, 31, 9, tzinfo=HANOI)) == dt.date(2026, 9, 4)
    day[0] = dt.date(2027, 1, 4)
    assert form.fee({}) is None, "the resolution has ended"


def test_without_a_file_the_shipped_rules_hold(tmp_path: Path) -> None:
    form = load_catalogue(lambda: TODAY, province=read_province(tmp_path / "none.json")).form("1.001612")
    assert form.fee({}) is None
    assert form.due(dt.datetime(2026, 11, 23, 9, tzinfo=HANOI)) == dt.date(2026, 11, 26)


@pytest.mark.parametrize(
    "content", ["{", '{"tax": 1}', '{"daysOff": ["2027-02-30"]}', '{"fees": {"1": [{"kind": "x"}]}}']
)
def test_a_wrong_file_of_the_province_is_told_at_the_start(tmp_path: Path, content: str) -> None:
    path = tmp_path / "province.json"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(DefinitionError, match=r"province\.json"):
        read_province(path)


# --- the schema for the backend ----------------------------------------------------------------------


def faults(schema: dict[str, Any], handed_in: dict[str, Any]) -> list[str]:
    """What the part of JSON Schema that we write finds wrong."""
    found = [name for name in schema["required"] if name not in handed_in]
    rules = {name: rule_of(schema, name) for name in handed_in}
    found += [name for name, rule in rules.items() if rule is None]
    types = {"string": str, "integer": int, "boolean": bool, "array": list}
    for name, rule in rules.items():
        value = handed_in[name]
        if rule is None:
            continue
        if rule["type"] == "array":
            found += [f"{name}: {item}" for item in value if item not in rule["items"]["enum"]]
        elif type(value) is not types[rule["type"]]:
            found.append(f"{name}: type")
        elif value not in rule.get("enum", [value]) or not re.search(rule.get("pattern", ""), str(value)):
            found.append(f"{name}: {value}")
        elif isinstance(value, str) and not rule.get("minLength", 0) <= len(value) <= rule.get(
            "maxLength", 999
        ):
            found.append(f"{name}: length")
        elif type(value) is int and not rule.get("minimum", value) <= value <= rule.get("maximum", value):
            found.append(f"{name}: range")
    return found


def rule_of(schema: dict[str, Any], name: str) -> dict[str, Any] | None:
    """The rule of a field, by its name or as one of a row."""
    patterns = (rule for pattern, rule in schema["patternProperties"].items() if re.search(pattern, name))
    found: dict[str, Any] | None = schema["properties"].get(name) or next(patterns, None)
    return found


@pytest.mark.parametrize("code", sorted(path.stem for path in DEFINITIONS.glob("*.json")))
def test_what_a_form_hands_in_fits_its_schema(code: str) -> None:
    form = load_catalogue(lambda: TODAY, commune="29905").form(code)
    schema = json_schema(form.blueprint)
    assert schema["$id"] == f"urn:kiosk:form:{code}:{form.version}"
    handed_in = {n: a.value for n, a in form.clean(fill(form, "a young mother", members=2)).items()}
    assert faults(schema, handed_in) == []
    assert faults(schema, {**handed_in, "strange": "x"}) == ["strange"]


def test_the_schema_tells_portal_keys_and_what_is_provisional() -> None:
    catalogue = load_catalogue(lambda: TODAY)
    death = json_schema(catalogue.form("1.000656").blueprint)["properties"]
    assert death["ndk.hoTen"]["x-map"] == {"national": "NDK_HoVaTen"}
    assert death["ndk.loaiDangKy"]["x-certainty"] == "general"
    assert "x-certainty" not in death["ndk.hoTen"]
