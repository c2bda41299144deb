"""Repeating panels, panels and several answers: rows come and go with all that was told of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from forms.errors import UnknownFieldError
from forms.json_schema import json_schema
from forms.ports import Answer, FieldKind, Source
from tests.forms.conftest import CARD, SESSION, typed

if TYPE_CHECKING:
    from forms.catalogue import Catalogue
    from forms.form import DefinedForm
    from forms.ports import Answers, FieldSpec, PageSpec

COUNT = "thanhVien.length"
SON = {"full_name": "Nguyễn Gia Bảo", "birth_date": "2008-05-01", "sex": "male", "id_number": "087208000011"}
HUSBAND = {
    "full_name": "Trần Văn Nam",
    "birth_date": "1990-08-10",
    "sex": "male",
    "id_number": "087090000012",
}


@pytest.fixture
def ct01(catalogue: Catalogue) -> DefinedForm:
    return catalogue.form("1.004222")


@pytest.fixture
def started(ct01: DefinedForm) -> Answers:
    return ct01.derive(ct01.autofill(CARD, source=Source.CHIP, session=SESSION))


def page(form: DefinedForm, answers: Answers, name: str) -> PageSpec:
    return next(page for page in form.pages(answers) if page.name == name)


def rows_of(form: DefinedForm, answers: Answers, name: str = "thanh-vien") -> FieldSpec:
    return next(spec for spec in page(form, answers, name).fields if spec.kind is FieldKind.ROWS)


def value(answers: Answers, name: str) -> Any:
    return answers[name].value if name in answers else None


def test_without_rows_there_are_no_row_pages(ct01: DefinedForm, started: Answers) -> None:
    assert not [page.name for page in ct01.pages(started) if "[" in page.name]
    spec = rows_of(ct01, started)
    assert spec.rows
    assert (spec.rows.rows, spec.rows.low, spec.rows.high) == ((), 0, 8)
    assert spec.rows.next_card == "thanhVien[0]"
    assert ct01.clean(started)[COUNT].value == 0


def test_a_row_is_a_page_of_its_own(ct01: DefinedForm, started: Answers) -> None:
    answers = ct01.with_row(ct01.with_row(started, COUNT), COUNT)
    assert [p.name for p in ct01.pages(answers) if "[" in p.name] == ["thanh-vien[0]", "thanh-vien[1]"]
    second = page(ct01, answers, "thanh-vien[1]")
    assert second.title.vi == "Người thứ 2"
    assert second.title.en == "Person 2"
    assert [spec.name for spec in second.fields][:2] == ["thanhVien[1].hoTen", "thanhVien[1].ngaySinh"]
    missing = {p.field for p in ct01.check(answers, page="thanh-vien[1]")}
    assert "thanhVien[1].hoTen" in missing
    rows = rows_of(ct01, answers).rows
    assert rows
    assert [row.complete for row in rows.rows] == [False, False]


def test_rows_are_listed_by_name_and_go_with_all_that_was_told(ct01: DefinedForm, started: Answers) -> None:
    answers = started
    for index, card in enumerate((SON, HUSBAND)):
        answers = ct01.with_card(answers, card, source=Source.CHIP, role=f"thanhVien[{index}]")
    answers = ct01.derive(
        {**answers, **typed({"thanhVien[0].quanHe": "con", "thanhVien[1].quanHe": "chong"})}
    )
    rows = rows_of(ct01, answers).rows
    assert rows
    assert [row.shown for row in rows.rows] == ["NGUYỄN GIA BẢO", "TRẦN VĂN NAM"]
    assert [row.complete for row in rows.rows] == [True, True]
    left = ct01.without_row(answers, COUNT, 0)
    assert value(left, COUNT) == 1
    assert value(left, "thanhVien[0].hoTen") == "TRẦN VĂN NAM"
    assert value(left, "thanhVien[0].quanHe") == "chong"
    assert left["thanhVien[0].hoTen"].source is Source.CHIP
    assert not [name for name in ct01.clean(left) if name.startswith("thanhVien[1]")]


def test_a_row_that_is_not_there_and_a_full_panel_change_nothing(ct01: DefinedForm, started: Answers) -> None:
    assert ct01.without_row(started, COUNT, 0) == ct01.derive(started)
    answers = started
    for _ in range(12):
        answers = ct01.with_row(answers, COUNT)
    assert value(answers, COUNT) == 8
    spec = rows_of(ct01, answers)
    assert spec.rows
    assert spec.rows.next_card == ""
    with pytest.raises(UnknownFieldError):
        ct01.with_row(answers, "nyc.hoTen")


def test_two_rows_with_one_number_are_refused_in_words(ct01: DefinedForm, started: Answers) -> None:
    answers = ct01.with_row(ct01.with_row(started, COUNT), COUNT)
    same = typed({"thanhVien[0].soDDCN": SON["id_number"], "thanhVien[1].soDDCN": SON["id_number"]})
    (problem,) = [p for p in ct01.check({**answers, **same}) if p.code == "row_twice"]
    assert problem.field == "thanhVien[1].soDDCN"
    assert problem.blocking
    assert "Người thứ 1" in problem.message.vi
    assert "Person 1" in problem.message.en


def test_rows_left_out_are_not_handed_in_but_come_back(ct01: DefinedForm, started: Answers) -> None:
    answers = ct01.with_card(started, SON, source=Source.CHIP, role="thanhVien[0]")
    none = ct01.derive({**answers, COUNT: Answer(value=0, source=Source.TYPED)})
    assert not [name for name in ct01.clean(none) if name.startswith("thanhVien[")]


def test_the_schema_has_one_pattern_for_a_field_of_all_rows(ct01: DefinedForm) -> None:
    schema = json_schema(ct01.blueprint)
    assert schema["properties"][COUNT] == {
        "title": "Những người cùng thay đổi",
        "type": "integer",
        "minimum": 0,
        "maximum": 8,
    }
    assert r"^thanhVien\[(0|1|2|3|4|5|6|7)\]\.hoTen$" in schema["patternProperties"]
    assert "thanhVien[0].hoTen" not in schema["properties"]


def test_the_law_wants_two_witnesses_and_no_fewer(catalogue: Catalogue) -> None:
    form = catalogue.form("1.001022")
    answers = form.derive(typed({"chungCu": "camDoan"}))
    rows = rows_of(form, answers, "lam-chung").rows
    assert rows
    assert len(rows.rows) == 2
    fewer = form.without_row(answers, "lamChung.length", 0)
    assert value(fewer, "lamChung.length") == 2


def test_a_panel_has_its_title_over_its_first_field_only(birth: DefinedForm) -> None:
    answers = birth.derive(typed({"cha.coKhai": True}))
    titles = {spec.name: spec.panel.vi for spec in page(birth, answers, "cha-me").fields if spec.panel}
    assert titles == {"me.hoTen": "Mẹ", "cha.hoTen": "Cha"}
    hidden = birth.derive(typed({"cha.coKhai": False}))
    assert "cha.hoTen" not in {spec.name for spec in page(birth, hidden, "cha-me").fields}


def test_several_answers_are_kept_in_the_order_of_the_list(catalogue: Catalogue) -> None:
    form = catalogue.form("1.001699")
    answers = form.derive(typed({"kt.dang": ["nhin", "vanDong"]}))
    assert form.clean(answers)["kt.dang"].value == ["vanDong", "nhin"]
    assert form.show("kt.dang", answers["kt.dang"], lang="vi", mask=False) == "Vận động, Nhìn"
    assert not [p for p in form.check(answers) if p.field == "kt.dang"]
    strange = form.check(typed({"kt.dang": ["vanDong", "mars"]}))
    assert [p.code for p in strange if p.field == "kt.dang"] == ["not_in_list"]
    assert [p.code for p in form.check(typed({"kt.dang": []})) if p.field == "kt.dang"] == ["required"]
