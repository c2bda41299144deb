"""The rules across fields that the domain asks for, each with the place where DOMAIN.md has it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from forms.ports import Source
from tests.forms.conftest import CARD, SESSION, typed

if TYPE_CHECKING:
    from forms.catalogue import Catalogue
    from forms.form import DefinedForm
    from forms.ports import Answers, Problem


def told(form: DefinedForm, values: dict[str, Any], card: Any = CARD) -> Answers:
    given = form.autofill(card, source=Source.CHIP, session=SESSION)
    return form.derive({**given, **typed(values)})


def found(form: DefinedForm, values: dict[str, Any], name: str) -> list[Problem]:
    return [p for p in form.check(told(form, values)) if p.field == name and p.code != "required"]


def names(form: DefinedForm, values: dict[str, Any]) -> set[str]:
    return {spec.name for page in form.pages(told(form, values)) for spec in page.fields}


def test_a_nine_digit_number_is_told_kindly_to_be_over(birth: DefinedForm) -> None:
    """7 rule 3."""
    (problem,) = found(birth, {"nyc.quanHe": "khac", "me.soDDCN": "341234567"}, "me.soDDCN")
    assert problem.blocking
    assert "hết giá trị từ 01/01/2025" in problem.message.vi
    (short,) = found(birth, {"nyc.quanHe": "khac", "me.soDDCN": "3412345"}, "me.soDDCN")
    assert "có 7" in short.message.vi


@pytest.mark.parametrize(
    ("number", "code"),
    [("999194000412", "id_prefix"), ("087094000412", "id_sex"), ("087195000412", "id_year")],
)
def test_an_id_number_that_does_not_fit_the_person_warns_only(
    catalogue: Catalogue, number: str, code: str
) -> None:
    """4 and 7 rule 2: no check digit; corrected years exist."""
    form = catalogue.form("1.001699")
    values = {
        "nyc.quanHe": "con",
        "ndk.hoTen": "A B",
        "ndk.ngaySinh": "1994-02-14",
        "ndk.gioiTinh": "2",
        "ndk.soDDCN": number,
    }  # fmt: skip - one person
    assert [(p.code, p.blocking) for p in found(form, values, "ndk.soDDCN")] == [(code, False)]


@pytest.mark.parametrize(("issued", "by"), [("2024-06-30", "Cục Cảnh sát"), ("2024-07-01", "Bộ Công an")])
def test_the_issuing_authority_follows_from_the_day(catalogue: Catalogue, issued: str, by: str) -> None:
    """1.3 F0 and 7 rule 3."""
    form = catalogue.form("1.000894")
    cleaned = form.clean(told(form, {}, {**CARD, "issue_date": issued}))
    assert str(cleaned["nyc.giayTo.noiCap"].value).startswith(by)


def test_without_a_father_his_block_stays_empty(birth: DefinedForm) -> None:
    """1.1: the child follows the mother; 7 rule 9: hidden values are dropped."""
    values = {"cha.coKhai": True, "cha.hoTen": "TRẦN VĂN NAM", "cha.ngaySinh": "1990"}
    assert birth.clean(told(birth, values))["cha.hoTen"].value == "TRẦN VĂN NAM"
    cleaned = birth.clean(told(birth, {**values, "cha.coKhai": False}))
    assert not [name for name in cleaned if name.startswith("cha.") and name != "cha.coKhai"]
    assert cleaned["nks.danToc"].value == "01"


@pytest.mark.parametrize(("born", "kind"), [("2026-09-24", "1"), ("2026-09-23", "4")])
def test_a_birth_is_late_after_sixty_days(birth: DefinedForm, born: str, kind: str) -> None:
    """1.1: 60-day term from birth."""
    late = [a.value for n, a in told(birth, {"nks.ngaySinh": born}).items() if n.endswith("loaiDangKy")]
    assert late == [kind]


@pytest.mark.parametrize(
    ("who", "born", "warned"),
    [
        ("nam", "2006-11-23", False),
        ("nam", "2006-11-24", True),
        ("nu", "2008-11-23", False),
        ("nu", "2008-11-24", True),
    ],
)  # fmt: skip - a table
def test_who_marries_young_is_warned_not_refused(
    catalogue: Catalogue, who: str, born: str, *, warned: bool
) -> None:
    """1.3 F3: men 20, women 18 [G]."""
    form = catalogue.form("1.000894")
    values = {f"{who}.ngaySinh": born}
    problems = [p for p in form.check(typed(values)) if p.field == f"{who}.ngaySinh"]
    assert [p.blocking for p in problems] == ([False] if warned else [])


def test_two_spouses_are_two_people(catalogue: Catalogue) -> None:
    """7 rule 8."""
    form = catalogue.form("1.000894")
    values = {"nam.soDDCN": CARD["id_number"]}
    assert [p.blocking for p in found(form, values, "nam.soDDCN") if p.code == "rule"] == [True]


BRANCHES = {
    "1": set(),
    "2": {"voChong.hoTen"},
    "3": {"lyHon.so"},
    "4": {"khaiTu.so"},
    "5": {"khoang.tuNgay", "khoang.denNgay"},
}


@pytest.mark.parametrize("kind", BRANCHES)
def test_each_marital_status_asks_its_own_and_drops_the_others(catalogue: Catalogue, kind: str) -> None:
    """1.3 F4: five branches."""
    form = catalogue.form("1.004873")
    seen = {k: names(form, {"ndk.tinhTrang": k}) for k in "12345"}
    common = set.intersection(*seen.values())
    own = seen[kind] - common
    assert bool(own) == bool(BRANCHES[kind])
    others = set().union(*(seen[k] - common for k in "12345" if k != kind))
    assert not own & others
    answers = {name: "2020-01-01" if "ngay" in name.lower() else "A" for name in others}
    cleaned = form.clean(told(form, {**answers, "ndk.tinhTrang": kind}))
    assert not others & cleaned.keys()


@pytest.mark.parametrize(("born", "asked"), [("2017-11-23", True), ("2017-11-24", False)])
def test_a_child_of_nine_is_asked_for_consent(catalogue: Catalogue, born: str, *, asked: bool) -> None:
    """1.3 F6 [G]."""
    form = catalogue.form("1.004859")
    seen = names(form, {"nyc.quanHe": "con", "ndk.ngaySinh": born})
    without = names(form, {"nyc.quanHe": "con", "ndk.ngaySinh": "2020-01-01"})
    assert bool(seen - without) is asked


@pytest.mark.parametrize(
    ("last", "blocks"), [("2026-11-22", [True]), ("2028-11-23", []), ("2028-11-25", [False])]
)
def test_temporary_residence_ends_after_it_began_within_two_years(
    catalogue: Catalogue, last: str, blocks: list[bool]
) -> None:
    """1.3 F7 [G]: 24 months warn; a span the wrong way round is refused."""
    form = catalogue.form("1.004194")
    values = {"noiDung.tuNgay": "2026-11-23", "noiDung.denNgay": last}
    assert [p.blocking for p in found(form, values, "noiDung.denNgay")] == blocks


def test_the_head_of_the_household_is_the_person_when_they_say_so(catalogue: Catalogue) -> None:
    """1.3 F7, boxes 7 to 9."""
    form = catalogue.form("1.004222")
    assert form.clean(told(form, {"chuHo.quanHe": "chuHo"}))["chuHo.soDDCN"].value == CARD["id_number"]
    assert "chuHo.soDDCN" not in form.clean(told(form, {"chuHo.quanHe": "con"}))


def test_a_household_business_is_no_company(catalogue: Catalogue) -> None:
    """1.3 F10; NĐ 168/2025/NĐ-CP."""
    form = catalogue.form("1.001612")
    assert [p.blocking for p in found(form, {"hkd.ten": "Công ty Hương"}, "hkd.ten")] == [True]
    assert not found(form, {"hkd.ten": "Tạp hóa Hương"}, "hkd.ten")


def test_old_people_may_know_a_year_only_but_a_birth_needs_its_day(birth: DefinedForm) -> None:
    """1.3, date fields."""
    assert not found(birth, {"nyc.quanHe": "khac", "me.ngaySinh": "1962"}, "me.ngaySinh")
    assert [p.code for p in found(birth, {"nks.ngaySinh": "2026-11"}, "nks.ngaySinh")] == ["date_partial"]
    assert [p.code for p in found(birth, {"nks.ngaySinh": "2026-12-01"}, "nks.ngaySinh")] == ["date_future"]
