from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from forms.errors import UnknownFieldError
from forms.ports import Answer, FieldKind, Source

if TYPE_CHECKING:
    from collections.abc import Callable

    from forms.form import DefinedForm


def test_the_card_fills_with_its_source(birth: DefinedForm, answered: Callable[..., Any]) -> None:
    answers = answered(birth, {})
    assert answers["nyc.hoTen"] == Answer(value="NGUYỄN THỊ HƯƠNG", source=Source.CHIP)
    assert answers["nyc.gioiTinh"] == Answer(value="2", source=Source.CHIP)
    assert answers["nyc.danToc"] == Answer(value="01", source=Source.CHIP)
    assert answers["kinhGui"] == Answer(value="29905", source=Source.SESSION)
    assert answers["nyc.quanHe"] == Answer(value="me", source=Source.DERIVED)
    assert answers["nks.quocTich"] == Answer(value="Việt Nam", source=Source.DEFAULT)
    assert answers["me.hoTen"].value == "NGUYỄN THỊ HƯƠNG"
    assert "cha.hoTen" not in answers
    assert answers["nyc.giayTo.loai"].value == "9"
    assert answers["nyc.giayTo.noiCap"].value == "Bộ Công an"


def test_an_older_card_was_issued_by_the_police_department(birth: DefinedForm) -> None:
    given = birth.autofill({"issue_date": "2022-05-06"}, source=Source.QR, session={})
    answers = birth.derive(given)
    assert answers["nyc.giayTo.loai"].value == "5"
    assert "Cục Cảnh sát" in str(answers["nyc.giayTo.noiCap"].value)


def test_a_man_is_the_father(birth: DefinedForm) -> None:
    given = birth.autofill({"sex": "male", "full_name": "Lê Văn Tám"}, source=Source.QR, session={})
    answers = birth.derive(given)
    assert answers["nyc.quanHe"].value == "cha"
    assert answers["cha.coKhai"].value is True
    assert answers["cha.hoTen"].value == "LÊ VĂN TÁM"
    assert "me.hoTen" not in answers


@pytest.mark.parametrize(
    ("field", "value", "name"),
    [
        ("sex", "other", "nyc.gioiTinh"),
        ("ethnicity", "Không có trong danh sách", "nyc.danToc"),
        ("birth_date", "1960-02-31", "nyc.ngaySinh"),
        ("issue_date", "1960", "nyc.giayTo.ngayCap"),
        ("full_name", "", "nyc.hoTen"),
    ],
)
def test_what_a_card_says_wrongly_is_left_to_the_person(
    birth: DefinedForm, field: str, value: str, name: str
) -> None:
    assert name not in birth.autofill({field: value}, source=Source.QR, session={"commune": "00000"})


@pytest.mark.parametrize(("spelt", "code"), [("Kinh", "01"), ("Mông", "08"), ("Khmer", "05"), ("Ê Đê", "12")])
def test_ethnic_groups_are_known_in_other_spellings(birth: DefinedForm, spelt: str, code: str) -> None:
    assert birth.autofill({"ethnicity": spelt}, source=Source.CHIP, session={})["nyc.danToc"].value == code


def test_an_old_address_is_a_hint_and_never_an_answer(
    birth: DefinedForm, answered: Callable[..., Any]
) -> None:
    answers = answered(birth, {})
    assert "nyc.noiCuTru.xa" not in answers
    fields = {f.name: f for page in birth.pages(answers) for f in page.fields}
    hint = fields["nyc.noiCuTru.xa"].hint
    assert hint is not None
    assert (
        hint.vi
        == "trên thẻ ghi: Ấp Khánh Mỹ, Tân Khánh Trung, Lấp Vò, Đồng Tháp; nay có thể là Xã Tân Khánh Trung"
    )
    assert not any(name.startswith("card.") for name in birth.clean(answers))
    assert birth.show("card.residence", answers["card.residence"], lang="vi", mask=True).startswith("Ấp")


def test_typed_answers_are_never_replaced(birth: DefinedForm, answered: Callable[..., Any]) -> None:
    answers = answered(birth, {"nyc.quanHe": "khac", "nks.quocTich": "", "me.hoTen": "Trần Thị Út"})
    assert answers["nyc.quanHe"].source is Source.TYPED
    assert answers["nks.quocTich"].value == ""
    assert answers["me.hoTen"].value == "Trần Thị Út"


def test_derived_answers_follow_when_their_reason_changes(
    birth: DefinedForm, answered: Callable[..., Any]
) -> None:
    answers = answered(birth, {})
    assert "me.hoTen" in answers
    changed = birth.derive({**answers, "nyc.quanHe": Answer(value="khac", source=Source.TYPED)})
    assert "me.hoTen" not in changed
    assert "nks.danToc" not in changed


def test_hidden_answers_are_dropped_and_come_back(birth: DefinedForm, answered: Callable[..., Any]) -> None:
    answers = answered(birth, {"cha.coKhai": True, "cha.hoTen": "Lê Văn Tám"})
    assert birth.clean(answers)["cha.hoTen"].value == "LÊ VĂN TÁM"
    hidden = birth.derive({**answers, "cha.coKhai": Answer(value=False, source=Source.TYPED)})
    assert "cha.hoTen" not in birth.clean(hidden)
    assert "cha.hoTen" not in {f.name for page in birth.pages(hidden) for f in page.fields}
    again = birth.derive({**hidden, "cha.coKhai": Answer(value=True, source=Source.TYPED)})
    assert birth.clean(again)["cha.hoTen"].value == "LÊ VĂN TÁM"


def test_a_hidden_field_hides_what_hangs_on_it(birth: DefinedForm, answered: Callable[..., Any]) -> None:
    answers = answered(birth, {"cha.coKhai": True, "cha.hoTen": "Lê Văn Tám"})
    assert "them-ve-cha" in {page.name for page in birth.pages(answers)}
    hidden = birth.derive({**answers, "cha.coKhai": Answer(value=False, source=Source.TYPED)})
    assert "them-ve-cha" not in {page.name for page in birth.pages(hidden)}


def test_clean_answers_are_normal_and_in_order(birth: DefinedForm, answered: Callable[..., Any]) -> None:
    answers = answered(
        birth,
        {
            "nks.hoTen": "  nguyễn   gia bảo ",
            "nks.ngaySinh": "18/11/2026",
            "nyc.sdt": "+84 919 555 128",
            "soLuongBanSao": "2",
            "gcs.so": "  ",
        },
    )
    cleaned = birth.clean(answers)
    assert cleaned["nks.hoTen"].value == "NGUYỄN GIA BẢO"
    assert cleaned["nks.ngaySinh"].value == "2026-11-18"
    assert cleaned["nyc.sdt"].value == "0919555128"
    assert cleaned["soLuongBanSao"].value == 2
    assert "gcs.so" not in cleaned
    order = [name for name in birth.blueprint.questions if name in cleaned]
    assert list(cleaned) == order
    assert cleaned["nks.loaiDangKy"].value == "1"


def test_cleaning_twice_changes_nothing(
    birth: DefinedForm, answered: Callable[..., Any], birth_answers: dict[str, Any]
) -> None:
    cleaned = birth.clean(answered(birth, birth_answers))
    assert birth.clean(cleaned) == cleaned
    assert birth.check(cleaned) == ()


def test_a_late_registration_is_told(birth: DefinedForm, answered: Callable[..., Any]) -> None:
    cleaned = birth.clean(answered(birth, {"nks.ngaySinh": "2026-09-23"}))
    assert cleaned["nks.loaiDangKy"].value == "4"


def test_an_answer_to_no_field_is_refused_by_name(birth: DefinedForm) -> None:
    wrong = {"nks.sai": Answer(value="x", source=Source.TYPED)}
    for call in (birth.derive, birth.check, birth.clean):
        with pytest.raises(UnknownFieldError, match=r"nks\.sai"):
            call(wrong)
    with pytest.raises(UnknownFieldError, match=r"nks\.sai"):
        birth.show("nks.sai", wrong["nks.sai"], lang="vi", mask=False)


@pytest.mark.parametrize(
    ("name", "value", "lang", "mask", "text"),
    [
        ("nyc.hoTen", "nguyễn thị hương", "vi", False, "NGUYỄN THỊ HƯƠNG"),
        ("nyc.ngaySinh", "1994-02-14", "vi", True, "14/02/1994"),
        ("nyc.ngaySinh", "1994-02", "vi", False, "02/1994"),
        ("nyc.ngaySinh", "1994", "vi", False, "1994"),
        ("nyc.ngaySinh", "hôm qua", "vi", False, "hôm qua"),
        ("nyc.gioiTinh", "2", "vi", False, "Nữ"),
        ("nyc.gioiTinh", "2", "en", False, "Female"),
        ("nyc.gioiTinh", "9", "en", False, "9"),
        ("nyc.soDDCN", "087194000412", "vi", True, "087 ••• ••• 412"),
        ("nyc.soDDCN", "087194000412", "vi", False, "087 194 000 412"),
        ("nyc.soDDCN", "0871", "vi", True, "••71"),
        ("nyc.soDDCN", "0871", "vi", False, "0871"),
        ("nyc.soDDCN", "abc", "vi", True, "abc"),
        ("nyc.sdt", "0919555128", "vi", True, "0919 555 ••8"),
        ("nyc.sdt", "0919555128", "vi", False, "0919 555 128"),
        ("me.giayTo.so", "B1234567", "vi", True, "•••"),
        ("me.giayTo.so", "B1234567", "vi", False, "B1234567"),
        ("nks.noiSinh.xa", "29905", "vi", False, "Phường Sa Đéc, Tỉnh Đồng Tháp"),
        ("nks.noiSinh.xa", "x", "vi", False, "x"),
        ("cha.coKhai", True, "vi", False, "Có"),
        ("cha.coKhai", False, "en", False, "No"),
        ("soLuongBanSao", 2, "vi", False, "2"),
        ("nyc.quanHe", ["me", "cha"], "vi", False, "Mẹ, Cha"),
    ],
)
def test_answers_are_shown_as_people_read_them(
    *,
    birth: DefinedForm,
    name: str,
    value: Any,
    lang: str,
    mask: bool,
    text: str,
) -> None:
    assert birth.show(name, Answer(value=value, source=Source.TYPED), lang=lang, mask=mask) == text


def test_the_first_page_is_the_picture(birth: DefinedForm, answered: Callable[..., Any]) -> None:
    page = birth.pages(answered(birth, {}))[0]
    assert page.title.vi == "Người đi khai"
    assert [f.title.vi for f in page.fields] == [
        "Họ, chữ đệm, tên",
        "Ngày sinh",
        "Giới tính",
        "Số định danh cá nhân",
        "Quan hệ với trẻ",
        "Số điện thoại",
    ]
    assert [f.half_width for f in page.fields] == [False, True, True, False, False, False]
    assert [f.lock_from_card for f in page.fields] == [True, True, True, True, False, False]
    assert page.fields[3].sensitive
    assert page.fields[3].kind is FieldKind.ID_NUMBER
    assert [c.text.vi for c in page.fields[4].choices] == ["Mẹ", "Cha", "Người khác"]
    assert page.fields[5].hint is not None
    assert page.fields[5].hint.vi == "để báo khi có kết quả"


def test_no_page_needs_scrolling(
    birth: DefinedForm, extract: DefinedForm, answered: Callable[..., Any]
) -> None:
    most = {"nyc.quanHe": "khac", "cha.coKhai": True, "cha.hoTen": "A", "me.hoTen": "B"}
    more = {"me.giayTo.loai": "6", "cha.giayTo.loai": "6"}
    forms = [(birth, {**most, **more}), (extract, {"nyc.quanHe": "khac", "hoSo.loaiYeuCau": "khac"})]
    for form, values in forms:
        for page in form.pages(answered(form, values, card={})):
            rows = sum(0.5 if f.half_width else 1 for f in page.fields)
            assert rows <= 6, (form.code, page.name, rows)


def test_personal_answers_do_not_show_in_repr(birth: DefinedForm, answered: Callable[..., Any]) -> None:
    answers = answered(birth, {"nyc.soDDCN": "12"})
    assert "HƯƠNG" not in repr(answers)
    assert "HƯƠNG" not in repr(birth.check(answers))
