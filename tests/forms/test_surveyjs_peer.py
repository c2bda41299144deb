"""SurveyJS's own engine judges ours: every definition loads there, and random answers come to the same.

`KIOSK_PEER_SETS=1000 pytest tests/forms/test_surveyjs_peer.py` asks as often as docs/forms.md tells; without
it each form is asked 25 times. Differences on purpose are listed in docs/forms.md.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import random
import shutil
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from forms.answers import cleaned, settled
from forms.catalogue import DEFINITIONS, load_blueprint
from forms.code_lists import COMMUNES, code_lists
from forms.expressions import holds
from forms.ports import Answer, FieldKind, Source
from forms.questions import RangeCheck
from forms.reading import read_shared

ROOT = Path(__file__).resolve().parents[2]
PEERS = ROOT / ".peers" / "node_modules"
JUDGE = ROOT / "tests" / "peers" / "survey_judge.cjs"
TODAY = dt.date(2026, 11, 23)
SETS = int(os.environ.get("KIOSK_PEER_SETS", "25"))
WORKOUT = Path(__file__).parent / "definitions" / "9.999999.json"
"""A made-up form that uses every key and operator of the subset, which no real one does."""
FILES = {path.stem: path for path in (*sorted(DEFINITIONS.glob("*.json")), WORKOUT)}
CODES = tuple(FILES)
NODE = shutil.which("node")
PATIENCE_S = 110 if SETS <= 100 else 10 * SETS
ANSWERED = 0.65
"""Share of the fields that a random person answers."""

pytestmark = pytest.mark.timeout(PATIENCE_S + 60)

WORDS: dict[FieldKind, tuple[str, ...]] = {
    FieldKind.NAME: ("TRẦN THỊ MAI", "LÊ VĂN BẢY"),
    FieldKind.TEXT: ("Số 12, ấp Tân Bình", "công ty Sao Mai", "1"),
    FieldKind.COMMENT: ("Theo giấy tờ kèm theo.",),
    FieldKind.TEL: ("0912345678",),
    FieldKind.EMAIL: ("a@vidu.vn",),
    FieldKind.PLACE: ("29905", "30184"),
    FieldKind.ID_NUMBER: ("087194000412", "087090000012"),
    FieldKind.DATE: ("1994-02-14", "2026-11-01", "2008-11-23", "1941", "1962-03"),
}


_LIKE = {"soDDCN": FieldKind.ID_NUMBER, "hoTen": FieldKind.NAME}
"""What a calculated value really holds."""


def surveyjs(code: str) -> dict[str, Any]:
    """The definition as SurveyJS gets it: shared parts in place, code lists written out."""
    _definition, shared = read_shared(FILES[code])
    found: dict[str, Any] = json.loads(json.dumps(shared.content))
    _write_out(found)
    return found


def _write_out(node: Any) -> None:
    if isinstance(node, list):
        for item in node:
            _write_out(item)
    elif isinstance(node, dict):
        name = node.get("x-codelist")
        if name and name != COMMUNES and "type" in node:
            node["choices"] = [
                {"value": choice.value, "text": {"default": choice.text.vi, "en": choice.text.en}}
                for choice in code_lists()[name]
            ]
        for value in node.values():
            _write_out(value)


def random_answers(code: str, rng: random.Random) -> dict[str, Any]:
    """What a random person typed, by our names; fields that end up unseen are answered too."""
    every = load_blueprint_once(code).questions
    questions = {name: q for name, q in every.items() if q.page or q.default_node is None}
    chosen = {name: random_value(q, rng) for name, q in questions.items() if rng.random() <= ANSWERED}
    found = {name: value for name, value in chosen.items() if value != []}
    counts = {
        f"{r.row(i)}.": found.get(r.count_field, r.low) > i for r in repeats(code) for i in range(r.high)
    }
    if code == WORKOUT.stem:  # SurveyJS takes a year alone for milliseconds since 1970 when it counts an age
        found = {name: "1941-05" if value == "1941" else value for name, value in found.items()}
    return {
        name: value
        for name, value in found.items()
        if all(there or not name.startswith(row) for row, there in counts.items())
    }


def random_value(question: Any, rng: random.Random) -> Any:
    low, high = question_span(question)
    match question.kind:
        case FieldKind.ROWS:
            return rng.randint(low, min(3, high))
        case FieldKind.YES_NO:
            return rng.random() < 0.5
        case FieldKind.NUMBER:
            return rng.randint(low, min(high, low + 12))
        case FieldKind.CHOICES:
            return [choice.value for choice in question.choices if rng.random() < 0.4]
        case kind if question.choices:
            return rng.choice(question.choices[:6]).value
        case kind:
            return rng.choice(WORDS[_LIKE.get(question.name.rpartition(".")[2], kind)])


def question_span(question: Any) -> tuple[int, int]:
    return next(((c.low, c.high) for c in question.checks if isinstance(c, RangeCheck)), (0, 9))


@cache
def load_blueprint_once(code: str) -> Any:
    return load_blueprint(FILES[code])


def repeats(code: str) -> list[Any]:
    return list(load_blueprint_once(code).repeats.values())


def as_set(code: str, answers: dict[str, Any]) -> dict[str, Any]:
    """The same answers as SurveyJS keeps them: rows as a list, what nobody is asked as variables."""
    questions = load_blueprint_once(code).questions
    told: dict[str, Any] = {"answers": {}, "variables": {}, "rows": {}}
    for repeat in repeats(code):
        count = answers.get(repeat.count_field, questions[repeat.count_field].default_value)
        if count:
            told["rows"][repeat.name] = [
                {
                    name.removeprefix(f"{repeat.row(i)}."): value
                    for name, value in answers.items()
                    if name.startswith(f"{repeat.row(i)}.")
                }
                for i in range(count)
            ]
    for name, value in answers.items():
        if not questions[name].repeat:
            told["answers" if questions[name].page else "variables"][name] = value
    return told


def ours(code: str, answers: dict[str, Any]) -> dict[str, Any]:
    """What our engine says, in the judge's words."""
    form = load_blueprint_once(code)
    typed = {name: Answer(value=value, source=Source.TYPED) for name, value in answers.items()}
    _seen, scope = settled(form, typed, TODAY)
    visible = [
        q
        for q in form.questions.values()
        if q.page and all(holds(n, scope, default=True) for n in q.visible_if)
    ]
    kept = cleaned(form, typed, TODAY)
    required = [q for q in visible if q.required or holds(q.required_if, scope, default=False)]
    enabled = [q for q in visible if all(holds(node, scope, default=True) for node in q.enable_if)]
    return {
        "visible": sorted(q.name for q in visible),
        "enabled": sorted(q.name for q in enabled),
        "required": sorted(q.name for q in required if q.kind is not FieldKind.ROWS),
        "values": {q.name: kept[q.name].value for q in visible if q.name in kept},
    }


def judged(sets: dict[str, list[dict[str, Any]]]) -> dict[str, Any]:
    """Ask SurveyJS, all forms in one process."""
    assert NODE, "node is not here: run deploy/setup.sh"
    assert (PEERS / "survey-core").is_dir(), "survey-core is not here: run deploy/setup.sh"
    forms = [
        {"code": code, "json": surveyjs(code), "sets": [as_set(code, one) for one in asked]}
        for code, asked in sets.items()
    ]
    done = subprocess.run(
        [NODE, str(JUDGE), str(PEERS)],
        input=json.dumps({"today": TODAY.isoformat(), "forms": forms}),
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE_S,
        env={"TZ": "UTC", "PATH": os.environ["PATH"]},
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return {form["code"]: form for form in json.loads(done.stdout)}


@pytest.fixture(scope="module")
def asked() -> dict[str, list[dict[str, Any]]]:
    return {code: [random_answers(code, random.Random(f"{code} {n}")) for n in range(SETS)] for code in CODES}


@pytest.fixture(scope="module")
def told(asked: dict[str, list[dict[str, Any]]]) -> dict[str, Any]:
    return judged(asked)


@pytest.mark.parametrize("code", CODES)
def test_surveyjs_loads_the_definition_without_a_complaint(code: str, told: dict[str, Any]) -> None:
    assert told[code]["errors"] == []


@pytest.mark.parametrize("code", CODES)
def test_both_engines_agree_on_random_answers(
    code: str, told: dict[str, Any], asked: dict[str, list[dict[str, Any]]]
) -> None:
    assert len(told[code]["told"]) == SETS
    for answers, theirs in zip(asked[code], told[code]["told"], strict=True):
        mine = ours(code, answers)
        for what in ("visible", "enabled", "required"):
            assert mine[what] == sorted(theirs[what]), (what, answers)
        assert mine["values"] == as_text(mine["values"], theirs["values"]), answers


def as_text(mine: dict[str, Any], theirs: dict[str, Any]) -> dict[str, Any]:
    """Their values, with texts that SurveyJS made numbers of (a year copied from another field) as texts."""
    return {
        name: str(value) if type(value) is int and isinstance(mine.get(name), str) else value
        for name, value in theirs.items()
    }
