from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forms.blueprint import Blueprint, draw_blueprint
from forms.catalogue import load_catalogue
from forms.ports import Answer, Source
from forms.reading import decode_definition
from forms.rules import problems
from forms.sentences import SENTENCES

if TYPE_CHECKING:
    from collections.abc import Callable

    from forms.form import DefinedForm
    from forms.ports import Problem

TODAY = dt.date(2026, 11, 23)


def problem(form: DefinedForm, answers: dict[str, Answer], name: str) -> Problem | None:
    return next((p for p in form.check(answers) if p.field == name), None)


def test_a_complete_form_has_no_problem(
    birth: DefinedForm, answered: Callable[..., Any], birth_answers: dict[str, Any]
) -> None:
    assert birth.check(answered(birth, birth_answers)) == ()


@pytest.mark.parametrize(
    ("name", "value", "code", "vi"),
    [
        ("nks.hoTen", "", "required", "Ô “Họ, chữ đệm, tên của trẻ” còn trống. Xin điền vào."),
        ("nks.gioiTinh", "", "required", "“Giới tính” chưa chọn. Xin chọn một mục."),
        (
            "me.ngaySinh",
            "1960-02-31",
            "date_unknown",
            "Ngày sinh mẹ 31/02/1960 không có trong lịch. Xin kiểm tra lại ngày.",
        ),
        ("me.ngaySinh", "hôm qua", "date_format", "hôm qua"),
        ("me.ngaySinh", "1799", "date_old", "1799 quá xa"),
        ("nks.ngaySinh", "2026-11-24", "date_future", "Ngày sinh 24/11/2026 chưa tới."),
        ("nks.ngaySinh", "11/2026", "date_partial", "11/2026 chưa đủ"),
        ("nyc.soDDCN", "08719400041", "id_number", "phải có đúng 12 chữ số, ở đây có 11."),
        ("nyc.soDDCN", "08719400041X", "id_number", "ở đây có 11"),
        ("nyc.sdt", "919555128", "tel", "“919555128”"),
        ("nyc.sdt", "09195551288", "tel", "10 chữ số"),
        ("nyc.email", "huong@", "email", "huong@vidu.vn"),
        ("nks.hoTen", "Bảo 2", "name", "“BẢO 2”"),
        ("nks.hoTen", "'-'", "name", "chỉ gồm chữ cái"),
        ("nks.hoTen", "A" * 201, "too_long", "dài quá 200 chữ"),
        ("nks.quocTich", "V" * 41, "too_long", "dài quá 40 chữ"),
        ("soLuongBanSao", "hai", "number", "“hai” không phải là số"),
        ("soLuongBanSao", 21, "number_range", "từ 0 đến 20"),
        ("soLuongBanSao", True, "number", "không phải là số"),
        ("nks.danToc", "99", "not_in_list", "“99” không có trong danh sách"),
        ("nks.noiSinh.xa", "99999", "not_in_list", "không có trong danh sách"),
        ("camDoan", "có", "not_in_list", "không có trong danh sách"),
        ("camDoan", False, "rule", "Phải cam đoan"),
    ],
)
def test_a_mistake_is_told_with_its_fix_and_keeps_what_was_typed(
    *,
    birth: DefinedForm,
    answered: Callable[..., Any],
    birth_answers: dict[str, Any],
    name: str,
    value: object,
    code: str,
    vi: str,
) -> None:
    answers = answered(birth, {**birth_answers, name: value})
    found = problem(birth, answers, name)
    assert found is not None
    assert found.code == code
    assert vi in found.message.vi
    assert found.message.en
    assert found.message.en != found.message.vi
    assert found.blocking
    assert answers[name].value == value
    assert found.message.vi not in repr(found)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("nyc.sdt", "0919 555 128"),
        ("nyc.sdt", "+84919555128"),
        ("me.ngaySinh", "1960"),
        ("me.ngaySinh", "3/1960"),
        ("nks.ngaySinh", "2026-11-23"),
        ("nks.hoTen", "H’Hen Niê"),
        ("nks.hoTen", "Ksor Ơ̆i"),
        ("soLuongBanSao", "3"),
        ("nyc.email", "a.b@c.d.vn"),
    ],
)
def test_what_is_right_in_another_writing_is_taken(
    birth: DefinedForm, answered: Callable[..., Any], birth_answers: dict[str, Any], name: str, value: str
) -> None:
    assert problem(birth, answered(birth, {**birth_answers, name: value}), name) is None


@pytest.mark.parametrize(
    ("number", "codes"),
    [
        ("087194000412", []),
        ("087094000412", ["id_sex"]),
        ("087195000412", ["id_year"]),
        ("087394000412", ["id_year"]),
        ("999194000412", ["id_prefix"]),
        ("999000000412", ["id_prefix", "id_sex", "id_year"]),
    ],
)
def test_an_id_number_that_does_not_fit_is_a_warning_not_an_error(
    birth: DefinedForm, answered: Callable[..., Any], number: str, codes: list[str]
) -> None:
    answers = answered(birth, {"nyc.soDDCN": number})
    found = [p for p in birth.check(answers) if p.field == "nyc.soDDCN"]
    assert [p.code for p in found] == codes
    assert not any(p.blocking for p in found)


def test_an_id_number_alone_is_not_compared(birth: DefinedForm, answered: Callable[..., Any]) -> None:
    answers = answered(birth, {"nyc.soDDCN": "087000000412"}, card={})
    assert problem(birth, answers, "nyc.soDDCN") is None


def test_the_same_card_for_both_parents_is_refused(birth: DefinedForm, answered: Callable[..., Any]) -> None:
    values = {"cha.coKhai": True, "cha.hoTen": "Lê Văn Tám", "cha.soDDCN": "087194000412"}
    found = problem(birth, answered(birth, values), "cha.soDDCN")
    assert found is not None
    assert (found.code, found.blocking) == ("rule", True)


def test_one_page_is_checked_alone(birth: DefinedForm, answered: Callable[..., Any]) -> None:
    answers = answered(birth, {})
    assert birth.check(answers, page="nguoi-di-khai") == ()
    assert {p.field for p in birth.check(answers, page="cha-me")} == {"cha.coKhai"}


def form_of(**element: object) -> Blueprint:
    """A form of two fields: `a` is asked as told, `b` is a plain line."""
    import json

    from forms.catalogue import DEFINITIONS

    text = {"default": "Ô a", "en": "Box a"}
    head = json.loads((DEFINITIONS / "1.001193.json").read_text(encoding="utf-8"))
    head["pages"] = [
        {
            "name": "p",
            "title": text,
            "elements": [
                {"type": "text", "name": "a", "title": text, **element},
                {"type": "text", "name": "b", "title": text},
            ],
        }
    ]
    head["calculatedValues"] = head["x-cards"] = []
    return draw_blueprint(decode_definition(json.dumps(head).encode(), file="t.json"), file="t.json")


def codes(form: Blueprint, **values: object) -> list[tuple[str, bool]]:
    answers = {n: Answer(value=v, source=Source.TYPED) for n, v in values.items() if isinstance(v, str | int)}
    return [(p.code, p.blocking) for p in problems(form, answers, TODAY, page=None)]


def test_a_pattern_is_the_whole_answer() -> None:
    sentence = {"default": "Sai", "en": "Wrong"}
    form = form_of(validators=[{"type": "regex", "regex": "[0-9]+/20[0-9]{2}", "text": sentence}])
    assert codes(form, a="12/2026") == []
    assert codes(form, a="12/2026x") == [("pattern", True)]
    assert codes(form) == []


def test_a_rule_may_warn_only() -> None:
    rule = {"type": "expression", "expression": "{a} <> {b}", "text": {"default": "Trùng", "en": "Same"}}
    form = form_of(validators=[{**rule, "x-blocking": False}])
    assert codes(form, a="x", b="x") == [("rule", False)]
    assert codes(form, a="x", b="y") == []


def test_a_field_may_be_required_or_asleep_by_condition() -> None:
    assert codes(form_of(requiredIf="{b} = 'x'"), b="x") == [("required", True)]
    assert codes(form_of(requiredIf="{b} = 'x'"), b="y") == []
    assert codes(form_of(isRequired=True, enableIf="{b} notempty")) == []
    assert codes(form_of(isRequired=True, enableIf="{b} notempty"), b="x") == [("required", True)]


def test_several_lines_may_be_long_but_not_endless() -> None:
    form = form_of(type="comment", maxLength=10)
    assert codes(form, a="x" * 10) == []
    assert codes(form, a="x" * 11) == [("too_long", True)]


def test_every_sentence_is_there_twice_and_says_please() -> None:
    for code, text in SENTENCES.items():
        assert text.vi != text.en, code
        assert "Xin" in text.vi or "Ví dụ" in text.vi, code
        assert "lease" in text.en or "such as" in text.en or "example" in text.en, code


@settings(deadline=None)  # two cores, many tests: a slow moment is no finding
@given(
    st.text(max_size=30),
    st.sampled_from(["nks.hoTen", "nks.ngaySinh", "nyc.sdt", "nyc.soDDCN", "nks.queQuan"]),
)
def test_no_typed_text_breaks_the_rules(text: str, name: str) -> None:
    form = BIRTH
    answers = {name: Answer(value=text, source=Source.TYPED)}
    for found in form.check(answers):
        assert found.message.vi
    form.clean(answers)
    form.show(name, answers[name], lang="vi", mask=True)


BIRTH = load_catalogue(lambda: TODAY).form("1.001193")
