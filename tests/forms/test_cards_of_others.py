"""Several cards in one form: by role, never mixed up, nobody twice, each goes when its row goes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forms.errors import UnknownFieldError
from forms.ports import Source
from tests.forms.conftest import CARD, SESSION, typed

if TYPE_CHECKING:
    from forms.catalogue import Catalogue
    from forms.form import DefinedForm
    from forms.ports import Answers

FATHER = {
    "full_name": "Trần Văn Nam",
    "birth_date": "1990-08-10",
    "sex": "male",
    "id_number": "087090000012",
    "residence": "Phường Sa Đéc, Đồng Tháp",
}


def begun(form: DefinedForm, card: Any = CARD) -> Answers:
    return form.derive(form.autofill(card, source=Source.CHIP, session=SESSION))


def asked(form: DefinedForm, answers: Answers, page: str) -> list[tuple[str, bool]]:
    return [(ask.role, ask.read) for ask in form.cards_asked(answers, page=page)]


def test_a_mother_at_the_kiosk_is_asked_for_the_fathers_card_only(birth: DefinedForm) -> None:
    answers = begun(birth)
    assert asked(birth, answers, "cha-me") == [("cha", False)]
    assert asked(birth, answers, "tre") == []
    with_father = birth.with_card(answers, FATHER, source=Source.CHIP, role="cha")
    assert asked(birth, with_father, "cha-me") == [("cha", True)]
    cleaned = birth.clean(with_father)
    assert cleaned["cha.coKhai"].value is True
    assert cleaned["cha.hoTen"].value == "TRẦN VĂN NAM"
    assert cleaned["cha.hoTen"].source is Source.CHIP
    assert cleaned["me.hoTen"].value == "NGUYỄN THỊ HƯƠNG"


def test_who_names_no_father_is_not_asked_for_his_card(birth: DefinedForm) -> None:
    answers = birth.derive({**begun(birth), **typed({"cha.coKhai": False})})
    assert asked(birth, answers, "cha-me") == []


def test_a_stranger_at_the_kiosk_is_asked_for_both(birth: DefinedForm) -> None:
    answers = birth.derive({**begun(birth), **typed({"nyc.quanHe": "khac"})})
    assert asked(birth, answers, "cha-me") == [("me", False), ("cha", False)]


def test_a_card_of_the_other_sex_or_of_somebody_already_there_is_refused(birth: DefinedForm) -> None:
    answers = birth.derive({**begun(birth), **typed({"nyc.quanHe": "khac"})})
    assert birth.refuse_card(FATHER, answers, role="me")
    assert birth.refuse_card(FATHER, answers, role="cha") is None
    assert birth.refuse_card(CARD, answers, role="me"), "she stands at the kiosk as somebody else"
    with_father = birth.with_card(answers, FATHER, source=Source.CHIP, role="cha")
    again = birth.refuse_card(FATHER, with_father, role="cha")
    assert again is None, "the same person's card may be read again for the same person"
    brother = {**FATHER, "sex": "female"}
    refused = birth.refuse_card(brother, with_father, role="me")
    assert refused
    assert "người khác" in refused.vi


def test_another_card_replaces_all_that_the_first_one_gave(catalogue: Catalogue) -> None:
    form = catalogue.form("1.000894")
    first = form.with_card(begun(form), {**FATHER, "ethnicity": "Kinh"}, source=Source.CHIP, role="nam")
    assert first["nam.danToc"].value == "01"
    assert first["card.nam.residence"].value == FATHER["residence"]
    other = {"full_name": "Lê Văn Ba", "birth_date": "1989-01-02", "sex": "male", "id_number": "087089000099"}
    second = form.with_card(first, other, source=Source.QR, role="nam")
    assert form.clean(second)["nam.hoTen"].value == "LÊ VĂN BA"
    assert "nam.danToc" not in second
    assert "card.nam.residence" not in second
    assert form.clean(second)["nu.hoTen"].value == "NGUYỄN THỊ HƯƠNG"


def test_the_head_may_also_be_one_of_those_who_move_but_nobody_twice(catalogue: Catalogue) -> None:
    form = catalogue.form("1.004222")
    answers = form.derive({**begun(form), **typed({"chuHo.quanHe": "vo"})})
    assert asked(form, answers, "chu-ho") == [("chuHo", False)]
    answers = form.with_card(answers, FATHER, source=Source.CHIP, role="chuHo")
    assert form.refuse_card(FATHER, answers, role="thanhVien[0]") is None
    answers = form.with_card(answers, FATHER, source=Source.CHIP, role="thanhVien[0]")
    assert answers["thanhVien.length"].value == 1
    assert form.refuse_card(FATHER, answers, role="thanhVien[1]")
    assert form.refuse_card(CARD, answers, role="thanhVien[1]"), "the person at the kiosk is no other"
    assert asked(form, answers, "thanh-vien[0]") == [("thanhVien[0]", True)]


def test_an_unknown_role_is_refused(birth: DefinedForm) -> None:
    with pytest.raises(UnknownFieldError):
        birth.with_card({}, FATHER, source=Source.CHIP, role="ong")


def test_what_the_others_cards_gave_can_be_told_apart(birth: DefinedForm) -> None:
    answers = birth.with_card(begun(birth), FATHER, source=Source.CHIP, role="cha")
    others = birth.cards_of_others(answers)
    assert {"cha.hoTen", "cha.ngaySinh", "cha.soDDCN"} <= others.keys()
    assert not any(name.startswith("nyc.") for name in others)


people = st.builds(
    lambda n, sex: {
        "full_name": f"Lê Thị {'ABCDEFGHIJ'[n]}",
        "birth_date": f"19{60 + n}-01-01",
        "sex": sex,
        "id_number": f"0871{60 + n:02d}00000{n}",
    },
    st.integers(0, 9),
    st.sampled_from(["male", "female"]),
)


@given(people=st.lists(people, max_size=9), gone=st.lists(st.integers(0, 8), max_size=4))
@settings(max_examples=60, deadline=None)
def test_rows_by_card_never_mix_two_people(
    catalogue: Catalogue, people: list[dict[str, str]], gone: list[int]
) -> None:
    form = catalogue.form("1.004222")
    answers: Answers = begun(form)
    listed: list[dict[str, str]] = []
    for card in people:
        role = f"thanhVien[{len(listed)}]"
        if len(listed) < 8 and form.refuse_card(card, answers, role=role) is None:
            answers = form.with_card(answers, card, source=Source.CHIP, role=role)
            listed.append(card)
    for index in gone:
        answers = form.without_row(answers, "thanhVien.length", index)
        del listed[index : index + 1]
    assert len({card["id_number"] for card in listed}) == len(listed)
    assert answers["thanhVien.length"].value == len(listed)
    for index, card in enumerate(listed):
        row = f"thanhVien[{index}]"
        assert answers[f"{row}.hoTen"].value == card["full_name"].upper()
        assert answers[f"{row}.ngaySinh"].value == card["birth_date"]
        assert answers[f"{row}.soDDCN"].value == card["id_number"]
    assert not any(name.startswith(f"thanhVien[{len(listed)}]") for name in form.clean(answers))
