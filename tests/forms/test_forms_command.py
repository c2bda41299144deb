from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from forms.ports import Source
from kiosk_app.__main__ import main
from kiosk_app.config import Config
from kiosk_app.wiring.forms import check_definition, open_catalogue, shipped_definitions
from tests.forms.personas import PERSONAS, fill

if TYPE_CHECKING:
    from pathlib import Path

    from forms.ports import FormCatalogue


@pytest.fixture
def config_file(tmp_path: Path) -> Path:
    path = tmp_path / "kiosk.toml"
    path.write_text(f'data_dir = "{tmp_path}"\n', encoding="utf-8")
    return path


class Kiosk:
    """`kiosk forms …` with what it printed."""

    def __init__(self, config: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.config, self.capsys = config, capsys

    def forms(self, *words: str) -> tuple[int, str, str]:
        code = main(["--config", str(self.config), "forms", *words])
        out, err = self.capsys.readouterr()
        return code, out, err


@pytest.fixture
def kiosk(config_file: Path, capsys: pytest.CaptureFixture[str]) -> Kiosk:
    return Kiosk(config_file, capsys)


@pytest.fixture
def card_file(tmp_path: Path, card: dict[str, str | None]) -> Path:
    path = tmp_path / "card.json"
    holder = {**card, "portrait": {"width": 240, "height": 320}}
    path.write_text(json.dumps({"access": "PACE", "holder": holder}), encoding="utf-8")
    return path


def answers_file(tmp_path: Path, values: object) -> str:
    path = tmp_path / "answers.json"
    path.write_text(json.dumps(values), encoding="utf-8")
    return str(path)


def test_wiring_opens_the_catalogue() -> None:
    catalogue: FormCatalogue = open_catalogue(Config())
    assert catalogue.search_places("sa")[0].code == "29905"
    codes = [check_definition(path).code for path in shipped_definitions()]
    assert codes == [path.stem for path in shipped_definitions()]


def test_list(kiosk: Kiosk) -> None:
    code, out, _err = kiosk.forms("list", "--json")
    listed = json.loads(out)
    assert code == 0
    assert [item["code"] for item in listed[:2]] == ["2.000635", "1.001193"]
    assert {"code", "name", "field", "form", "autofill_share"} <= listed[0].keys()
    assert "Đăng ký khai sinh" in kiosk.forms("list")[1]
    assert len(json.loads(kiosk.forms("list", "--all", "--json")[1])) == 592


def test_search(kiosk: Kiosk) -> None:
    code, out, _err = kiosk.forms("search", "khaisinh", "--json")
    assert code == 0
    assert json.loads(out)[0]["code"] == "1.001193"
    assert "Kết hôn".lower() in kiosk.forms("search", "ket hon")[1].lower()


def test_fill_a_whole_form(
    kiosk: Kiosk, tmp_path: Path, card_file: Path, birth_answers: dict[str, Any]
) -> None:
    pdf = tmp_path / "form.pdf"
    answers = answers_file(tmp_path, birth_answers)
    words = ("fill", "1.001193", "--card", str(card_file), "--answers", answers, "--out", str(pdf), "--json")
    code, out, _err = kiosk.forms(*words)
    told = json.loads(out)
    assert code == 0
    assert told["complete"] is True
    assert told["problems"] == []
    assert told["answers"]["nyc.hoTen"] == {"value": "NGUYỄN THỊ HƯƠNG", "source": "chip"}
    assert told["answers"]["nks.hoTen"] == {"value": "NGUYỄN GIA BẢO", "source": "typed"}
    assert pdf.read_bytes().startswith(b"%PDF-")


def test_an_incomplete_form_says_what_is_left_and_is_still_drawn(kiosk: Kiosk, tmp_path: Path) -> None:
    pdf = tmp_path / "form.pdf"
    code, out, _err = kiosk.forms("fill", "2.000635", "--out", str(pdf), "--json")
    told = json.loads(out)
    assert code == 0
    assert told["complete"] is False
    assert {"field": "nyc.hoTen", "code": "required"}.items() <= told["problems"][0].items()
    assert pdf.is_file()
    assert kiosk.forms("fill", "2.000635")[1].endswith("not complete\n")


def test_a_warning_leaves_a_form_complete(
    kiosk: Kiosk, tmp_path: Path, card_file: Path, extract_answers: dict[str, Any]
) -> None:
    answers = answers_file(tmp_path, {**extract_answers, "nyc.soDDCN": "999194000412"})
    code, out, _err = kiosk.forms(
        "fill", "2.000635", "--card", str(card_file), "--answers", answers, "--json"
    )
    told = json.loads(out)
    assert code == 0
    assert told["complete"] is True
    assert "id_prefix" in {problem["code"] for problem in told["problems"]}


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ({"hoSo.sai": "x"}, "hoSo.sai"),
        ({"hoSo.so": 1.5}, "hoSo.so"),
        ({"hoSo.so": None}, "hoSo.so"),
        (["x"], "one JSON object"),
    ],
)
def test_answers_that_cannot_be_used_are_named(
    kiosk: Kiosk, tmp_path: Path, content: object, says: str
) -> None:
    answers = answers_file(tmp_path, content)
    code, out, err = kiosk.forms("fill", "2.000635", "--answers", answers, "--json")
    assert code == 1
    assert says in err
    assert says in json.loads(out)["error"]["message"]


def test_a_card_file_that_cannot_be_used_is_named(kiosk: Kiosk, tmp_path: Path) -> None:
    failed = answers_file(tmp_path, {"error": {"code": "card.no_card"}})
    assert "`holder`" in kiosk.forms("fill", "2.000635", "--card", failed)[2]
    assert "cannot be read" in kiosk.forms("fill", "2.000635", "--card", str(tmp_path / "none"))[2]
    assert kiosk.forms("fill", "2.000635", "--card", str(tmp_path / "none"))[0] == 1


def test_an_unknown_procedure_and_an_unwritable_file_are_told(kiosk: Kiosk, tmp_path: Path) -> None:
    code, _out, err = kiosk.forms("fill", "9.999999")
    assert (code, "9.999999" in err) == (1, True)
    code, _out, err = kiosk.forms("fill", "2.000635", "--out", str(tmp_path / "no" / "form.pdf"))
    assert (code, "cannot be written" in err) == (1, True)


def test_check_tells_well_from_wrong(kiosk: Kiosk, tmp_path: Path, document: dict[str, Any]) -> None:
    code, out, _err = kiosk.forms("check")
    assert (code, out.count(": well, ")) == (0, 33)
    document["pages"][0]["elements"][0]["colour"] = "red"
    bad = tmp_path / "bad.json"
    bad.write_text(json.dumps(document), encoding="utf-8")
    code, out, err = kiosk.forms("check", str(bad), "--json")
    told = json.loads(out)[0]
    assert code == 1
    assert (told["error"], told["path"]) == ("form.definition", "$.pages[0].elements[0]")
    assert "1 of 1" in err
    del document["pages"][0]["elements"][0]["colour"]
    document["x-template"] = "none.typ"
    bad.write_text(json.dumps(document), encoding="utf-8")
    assert "'none.typ'" in kiosk.forms("check", str(bad))[1]


def test_wrong_usage_is_exit_two(kiosk: Kiosk) -> None:
    with pytest.raises(SystemExit) as e:
        kiosk.forms("dance")
    assert e.value.code == 2


def test_schema_is_printed(kiosk: Kiosk) -> None:
    code, out, _err = kiosk.forms("schema", "2.000635", "--json")
    assert code == 0
    assert json.loads(out)["additionalProperties"] is False


def test_a_second_card_fills_its_role_and_never_anothers(kiosk: Kiosk, tmp_path: Path) -> None:
    def holder(name: str, **values: str) -> str:
        path = tmp_path / f"{name}.json"
        path.write_text(json.dumps({"holder": values}), encoding="utf-8")
        return str(path)

    hers = holder(
        "her", full_name="Trần Thị Mai", sex="female", id_number="087194000412", birth_date="1994-02-14"
    )
    his = holder("his", full_name="Lê Văn Bảy", sex="male", id_number="087092000413", birth_date="1992-02-14")
    code, out, _err = kiosk.forms("fill", "1.001193", "--card", hers, "--second-card", f"cha={his}", "--json")
    answers = json.loads(out)["answers"]
    assert code == 0
    assert (answers["me.hoTen"]["value"], answers["cha.hoTen"]["value"]) == ("TRẦN THỊ MAI", "LÊ VĂN BẢY")
    assert answers["cha.soDDCN"] == {"value": "087092000413", "source": "chip"}
    code, _out, err = kiosk.forms("fill", "1.001193", "--card", hers, "--second-card", f"cha={hers}")
    assert code == 1
    assert "not the card asked for" in err
    assert (
        "no card of the role"
        in kiosk.forms("fill", "1.001193", "--card", hers, "--second-card", f"ba={his}")[2]
    )


@pytest.mark.parametrize("code", [path.stem for path in shipped_definitions()])
def test_every_procedure_is_filled_by_a_persona_on_the_command_line(
    kiosk: Kiosk, tmp_path: Path, code: str
) -> None:
    persona = "a young mother"
    form = open_catalogue(Config()).form(code)
    typed = {n: a.value for n, a in fill(form, persona, members=2).items() if a.source is Source.TYPED}
    card = tmp_path / "card.json"
    card.write_text(json.dumps({"holder": PERSONAS[persona]}), encoding="utf-8")
    out, receipt = tmp_path / "form.pdf", tmp_path / "receipt.pdf"
    given = ("--card", str(card), "--answers", answers_file(tmp_path, typed), "--receipt-code", "K01-1")
    exit_code, told, err = kiosk.forms(
        "fill", code, *given, "--out", str(out), "--receipt", str(receipt), "--json"
    )
    assert (exit_code, err) == (0, "")
    filled = json.loads(told)
    assert filled["complete"], filled["problems"]
    name = filled["answers"]["nyc.hoTen"]
    assert (name["value"].upper(), name["source"]) == ("NGUYỄN THỊ HƯƠNG", "chip")
    assert out.read_bytes()[:5] == receipt.read_bytes()[:5] == b"%PDF-"
