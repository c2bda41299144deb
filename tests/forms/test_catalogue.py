from __future__ import annotations

import datetime as dt
import json
import time
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forms.blueprint import draw_blueprint
from forms.catalogue import Catalogue, load_catalogue
from forms.code_lists import code_lists, code_of, places
from forms.errors import DefinitionError, UnknownProcedureError
from forms.folding import fold, initials, tidy
from forms.places import PlaceIndex
from forms.reading import decode_definition

if TYPE_CHECKING:
    from collections.abc import Callable

    from forms.blueprint import Blueprint
    from forms.form import DefinedForm
    from forms.ports import FormCatalogue

TODAY = dt.date(2026, 11, 23)


def test_the_catalogue_keeps_the_promise_of_the_port(catalogue: Catalogue) -> None:
    promised: FormCatalogue = catalogue
    shown = promised.procedures()
    assert [p.code for p in shown[:3]] == ["2.000635", "1.001193", "2.000815"]
    assert len(shown) == 33
    for procedure in promised.procedures():
        assert procedure.has_form
        assert procedure.title.en
        assert promised.form(procedure.code).procedure == procedure


def test_all_588_procedures_are_there(catalogue: Catalogue) -> None:
    everything = catalogue.all_procedures()
    assert len({p.code for p in everything}) == len(everything) == 588 + 4, (
        "four forms serve procedures that the crawl did not list"
    )
    assert sum(p.has_form for p in everything) == 33
    assert all(p.title.vi and p.time.vi and p.fee.vi for p in everything)
    by_code = {p.code: p for p in everything}
    assert by_code["1.014063"].time.vi == "7 ngày làm việc"
    assert by_code["2.001159"].time.vi == "1 giờ"
    assert by_code["1.012537"].fee.vi == "Xin hỏi cán bộ"


def test_an_unknown_procedure_is_refused(catalogue: Catalogue) -> None:
    with pytest.raises(UnknownProcedureError, match=r"9\.999999"):
        catalogue.form("9.999999")


def test_most_of_an_extract_comes_from_the_card(catalogue: Catalogue) -> None:
    share = {p.code: p.autofill_share for p in catalogue.procedures()}
    assert share["2.000635"] >= 0.6
    assert share["1.001193"] >= 0.5
    assert catalogue.form("1.001193").share_of_all_cards >= 0.6, "a birth with both parents' cards"
    for code in (
        "1.004222",
        "1.004194",
        "1.002755",
        "1.003197",
        "1.010028",
        "1.010038",
        "1.010039",
        "1.010041",
    ):
        assert catalogue.form(code).share_of_all_cards >= 0.5, "CT01 with the head's card and one member's"


def version(document: dict[str, Any], name: str, since: str, until: str) -> Blueprint:
    document["x-effective"] = {"from": since, "until": until}
    document["x-version"] = name
    content = json.dumps(document).encode()
    return draw_blueprint(decode_definition(content, file=f"{name}.json"), file=f"{name}.json")


def test_the_form_of_the_day_is_used(document: dict[str, Any]) -> None:
    day = [dt.date(2027, 2, 28)]
    old = version(document, "old", "2025-07-01", "2027-02-28")
    new = version(document, "new", "2027-03-01", "9999-12-31")
    catalogue = Catalogue([old, new], today=lambda: day[0])
    assert catalogue.form("1.001193").version == "old"
    assert catalogue.search("khai sinh")[0].has_form
    day[0] = dt.date(2027, 3, 1)
    assert catalogue.form("1.001193").version == "new"
    day[0] = dt.date(2025, 6, 30)
    assert catalogue.procedures() == ()
    assert not catalogue.search("khai sinh")[0].has_form


def test_two_definitions_of_one_day_are_refused(document: dict[str, Any]) -> None:
    old = version(document, "old", "2025-07-01", "2027-03-01")
    new = version(document, "new", "2027-03-01", "9999-12-31")
    with pytest.raises(DefinitionError, match=r"new\.json: \$\.x-effective: found days that old\.json"):
        Catalogue([old, new], today=lambda: TODAY)


def test_loading_is_quick_and_brings_nothing_heavy() -> None:
    start = time.process_time()
    load_catalogue(lambda: TODAY)
    assert time.process_time() - start < 0.5  # 4 ms alone; coverage traces, others compute


# --- search ------------------------------------------------------------------------------------------

QUERIES = [
    ("khai sinh", "1.001193"),
    ("Khai Sinh", "1.001193"),
    ("đăng ký khai sinh", "1.001193"),
    ("dang ky khai sinh", "1.001193"),
    ("khaisinh", "1.001193"),
    ("ks", "1.001193"),
    ("dkks", "1.001193"),
    ("khai sihn", "1.001193"),
    ("khia sinh", "1.001193"),
    ("giay khai sinh", "1.001193"),
    ("birth", "1.001193"),
    ("1.001193", "1.001193"),
    ("trích lục", "2.000635"),
    ("trich luc", "2.000635"),
    ("trichluc", "2.000635"),
    ("trich luc ho tich", "2.000635"),
    ("trich lux", "2.000635"),
    ("ban sao trich luc", "2.000635"),
    ("trích lục khai sinh", "2.000635"),
    ("kết hôn", "1.000894"),
    ("dang ky ket hon", "1.000894"),
    ("dkkh", "1.000894"),
    ("khai tử", "1.000656"),
    ("độc thân", "1.004873"),
    ("tinh trang hon nhan", "1.004873"),
    ("tạm trú", "1.004194"),
    ("thuong tru", "1.004222"),
    ("hộ khẩu", "1.004222"),
    ("sao y", "2.000815"),
    ("chung thuc ban sao", "2.000815"),
    ("chung thuc chu ky", "2.000884"),
    ("ho kinh doanh", "1.001612"),
    ("hộ nghèo", "1.011607"),
    ("mất căn cước", "1.014064"),
]


@pytest.mark.parametrize(("text", "code"), QUERIES)
def test_the_right_procedure_comes_first(catalogue: Catalogue, text: str, code: str) -> None:
    assert catalogue.search(text)[0].code == code


def test_nothing_fits_nothing(catalogue: Catalogue) -> None:
    assert catalogue.search("") == ()
    assert catalogue.search("  ?? ") == ()
    assert catalogue.search("zzzqqq") == ()


@settings(deadline=None)  # two cores, many tests: a slow moment is no finding
@given(st.text(max_size=40))
def test_any_text_may_be_searched(text: str) -> None:
    found = SEARCHED.search(text)
    assert len(found) <= 20


SEARCHED = load_catalogue(lambda: TODAY)


# --- places ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("sa", "Phường Sa Đéc, Tỉnh Đồng Tháp"),
        ("sa dec", "Phường Sa Đéc, Tỉnh Đồng Tháp"),
        ("Phường Sa Đéc", "Phường Sa Đéc, Tỉnh Đồng Tháp"),
        ("sd", "Phường Sa Đéc, Tỉnh Đồng Tháp"),
        ("sadec", "Phường Sa Đéc, Tỉnh Đồng Tháp"),
        ("mỹ an hưng", "Xã Mỹ An Hưng, Tỉnh Đồng Tháp"),
        ("mi an hung", "Xã Mỹ An Hưng, Tỉnh Đồng Tháp"),
        ("dakrong", "Xã Đakrông, Tỉnh Quảng Trị"),
        ("le chan hai phong", "Phường Lê Chân, Thành phố Hải Phòng"),
    ],
)
def test_a_commune_is_found_by_few_letters(catalogue: Catalogue, text: str, name: str) -> None:
    assert catalogue.search_places(text)[0].full_name == name


def test_communes_of_the_own_province_come_first() -> None:
    north, south = PlaceIndex(home_province="19"), PlaceIndex(home_province="86")
    assert south.search("tan")[0].province_code == "86"
    assert north.search("tan")[0].province_code == "19"


def test_the_indexes_can_be_made_beforehand() -> None:
    catalogue = load_catalogue(lambda: TODAY, commune="29905")
    catalogue.warm_up()
    start = time.process_time()
    assert catalogue.search_places("sa dec")
    assert catalogue.search("trich luc")
    assert time.process_time() - start < 0.5  # 4 ms alone


def test_no_more_places_than_asked(catalogue: Catalogue) -> None:
    assert len(catalogue.search_places("a", limit=6)) == 6
    assert catalogue.search_places(" ") == ()
    assert catalogue.search_places("zzz") == ()
    assert load_catalogue(lambda: TODAY, commune="none").search_places("sa dec")


def test_the_map_is_todays() -> None:
    assert len(places()) == 3321
    assert len({p.province_code for p in places().values()}) == 34
    assert places()["29905"].full_name == "Phường Sa Đéc, Tỉnh Đồng Tháp"


@settings(deadline=None)  # two cores, many tests: a slow moment is no finding
@given(st.sampled_from(sorted(places())))
def test_every_commune_is_found_by_its_name_in_any_writing(code: str) -> None:
    place = places()[code]
    for text in (place.name, fold(place.name), place.name.upper()):
        found = INDEX.search(f"{text} {place.province}", limit=3321)
        assert place in found


INDEX = PlaceIndex()


@settings(deadline=None)  # two cores, many tests: a slow moment is no finding
@given(st.text())
def test_folding_is_plain_and_settled(text: str) -> None:
    folded = fold(text)
    assert fold(folded) == folded
    assert set(folded) <= set("0123456789abcdefghijklmnopqrstuvwxz ")
    assert "  " not in folded
    assert initials(folded) == "".join(w[0] for w in folded.split())
    assert tidy(tidy(text)) == tidy(text)


@pytest.mark.parametrize(("one", "other"), [("Hoà", "Hòa"), ("Thuỷ", "Thủy"), ("Mỹ", "Mĩ"), ("ĐẮK", "dak")])
def test_two_writings_of_one_word_fold_alike(one: str, other: str) -> None:
    assert fold(one) == fold(other)


def test_the_lists_are_whole() -> None:
    assert len(code_lists()["ethnic_groups"]) == 56
    assert len(code_lists()["id_prefixes"]) == 63
    assert code_of("sex", "female") == "2"
    assert code_of("sex", "?") is None
    assert code_of("no such list", "x") is None


def test_portal_keys_are_there_for_the_export(birth: DefinedForm) -> None:
    assert birth.portal_keys["nks.hoTen"] == {"btp": "nksHoTen", "national": "citizenHoVaTen_NgdcKS"}
    assert "nyc.hoTen" in birth.field_names
    assert "kinhGui" not in birth.field_names


def test_a_keystroke_costs_little(birth: DefinedForm, answered: Callable[..., Any]) -> None:
    answers = answered(birth, {})
    start = time.process_time()
    for _ in range(20):
        birth.check(birth.derive(answers), page="tre")
        birth.pages(answers)
    assert (time.process_time() - start) / 20 < 0.1  # 0.6 ms alone


def test_papers_are_listed_where_they_are_known_and_never_denied_where_not(catalogue: Catalogue) -> None:
    will = catalogue.search("2.001019")[0]
    assert any("Dự thảo di chúc" in paper.title.vi for paper in will.papers)
    assert not any(paper.required for paper in will.papers), "which of them a case needs, an officer says"
    untold = next(p for p in catalogue.all_procedures() if not p.papers_known)
    assert untold.papers == ()
    listed = [p for p in catalogue.all_procedures() if not p.has_form and p.papers]
    assert len(listed) >= 40
