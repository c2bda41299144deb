"""Every form that the kiosk shows can be filled to its end, by anybody, and comes out on paper."""

from __future__ import annotations

import datetime as dt
import io
import re
import unicodedata
from functools import cache
from typing import TYPE_CHECKING, Any

import pikepdf
import pytest

from forms.catalogue import DEFINITIONS, Catalogue, load_catalogue
from forms.ports import FieldKind, Source
from tests.forms.personas import PERSONAS, SESSION, fill

if TYPE_CHECKING:
    from forms.form import DefinedForm

TODAY = dt.date(2026, 11, 23)
CODES = sorted(path.stem for path in DEFINITIONS.glob("*.json"))
HANOI = dt.timezone(dt.timedelta(hours=7))
RECEIPT = "K01-261123-0007"
ROWS_ON_A_PAGE = 7


@cache
def shipped() -> Catalogue:
    return load_catalogue(lambda: TODAY, commune="29905")


@pytest.mark.parametrize("persona", PERSONAS)
@pytest.mark.parametrize("code", CODES)
def test_a_persona_fills_a_form_to_complete_and_gets_its_a4(code: str, persona: str) -> None:
    form = shipped().form(code)
    answers = fill(form, persona, members=2 if persona == "a young mother" else 0)
    assert [p for p in form.check(answers) if p.blocking] == []
    assert all(form.clean(answers)[name].source is Source.CHIP for name in ("nyc.hoTen", "nyc.soDDCN"))
    pdf = form.render_pdf(answers, receipt_code=RECEIPT, today=TODAY)
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        assert 1 <= len(opened.pages) <= 2
        assert all(box_of(page) == (595, 842) for page in opened.pages)
        assert letters_of_fonts(opened) >= set(
            unicodedata.normalize("NFC", name_of(persona)).replace(" ", "")
        )


def name_of(persona: str) -> str:
    return str(PERSONAS[persona]["full_name"]).upper()


def box_of(page: pikepdf.Page) -> tuple[int, int]:
    return round(float(page.MediaBox[2])), round(float(page.MediaBox[3]))


def letters_of_fonts(opened: pikepdf.Pdf) -> set[str]:
    """The letters that a search in the PDF can find, by its fonts' own tables."""
    found = ""
    for page in opened.pages:
        for font in dict(page.Resources.Font.items()).values():
            hexes = re.findall(rb"<[0-9A-Fa-f]+>\s*<([0-9A-Fa-f]+)>", font.ToUnicode.read_bytes())
            found += "".join(bytes.fromhex(h.decode()).decode("utf-16-be") for h in hexes)
    return set(unicodedata.normalize("NFC", found))


@pytest.mark.parametrize("code", CODES)
def test_no_page_is_longer_than_the_screen(code: str) -> None:
    form = shipped().form(code)
    for persona in PERSONAS:
        for page in form.pages(fill(form, persona, members=1)):
            rows = sum(0.5 if spec.half_width else 1 for spec in page.fields)
            assert rows <= ROWS_ON_A_PAGE, (page.name, [spec.name for spec in page.fields])


@pytest.mark.parametrize("code", CODES)
def test_an_empty_form_says_what_is_missing_and_never_breaks(code: str) -> None:
    form = shipped().form(code)
    answers = form.derive({})
    assert {p.code for p in form.check(answers)} <= {"required"}
    assert form.check(answers)
    assert form.render_pdf(answers, receipt_code="", today=TODAY)[:5] == b"%PDF-"


def test_titles_and_choices_are_told_in_both_languages() -> None:
    same_word = re.compile(r"^[A-Z0-9 ]*$|^E-?mail$")
    for code in CODES:
        for question in shipped().form(code).blueprint.questions.values():
            if question.page:
                assert question.title.vi != question.title.en or same_word.match(question.title.vi), code
                assert "%" not in question.title.vi + question.title.en
            assert question.kind in FieldKind


def test_every_form_tells_time_fee_papers_law_and_its_first_day() -> None:
    for code in CODES:
        definition = shipped().form(code).blueprint.definition
        assert definition.procedure.time.default
        assert definition.procedure.fee_note.default
        assert definition.legal
        assert definition.effective.since == "2025-07-01"
        assert definition.source


# --- two cards in one form ---------------------------------------------------------------------------

GROOM = dict(PERSONAS["a man with a code only"])
BRIDE = dict(PERSONAS["a young mother"])


@pytest.fixture
def marriage() -> DefinedForm:
    return shipped().form("1.000894")


def both_cards(form: DefinedForm) -> dict[str, Any]:
    hers = form.autofill(BRIDE, source=Source.CHIP, session=SESSION)
    his = form.autofill(GROOM, source=Source.CHIP, session=SESSION, role="nam")
    return dict(form.derive({**hers, **his}))


def test_each_card_fills_its_own_column(marriage: DefinedForm) -> None:
    assert [role.role for role in marriage.card_roles] == ["nam", "nu"]
    answers = marriage.clean(both_cards(marriage))
    assert answers["nu.hoTen"].value == "NGUYỄN THỊ HƯƠNG"
    assert answers["nam.hoTen"].value == "GIÀNG A SÙNG"
    assert answers["nam.soDDCN"].value == "012088004567"
    assert answers["nam.hoTen"].source is Source.CHIP
    assert answers["nyc.soDDCN"].value == BRIDE["id_number"]


def test_the_wrong_card_and_the_same_card_twice_are_refused(marriage: DefinedForm) -> None:
    answers = marriage.derive(marriage.autofill(BRIDE, source=Source.CHIP, session=SESSION))
    assert marriage.refuse_card(GROOM, answers, role="nam") is None
    wrong = marriage.refuse_card(BRIDE, answers, role="nam")
    assert wrong
    assert "bên nam" in wrong.vi
    twice = marriage.refuse_card({**GROOM, "id_number": BRIDE["id_number"]}, answers, role="nam")
    assert twice
    assert "người khác" in twice.vi


def test_one_number_for_both_blocks_and_young_age_only_warns(marriage: DefinedForm) -> None:
    answers = fill(marriage, "a young mother")
    same = {**answers, "nam.soDDCN": answers["nu.soDDCN"]}
    assert "nam.soDDCN" in {p.field for p in marriage.check(same) if p.blocking}
    ages = [p for p in marriage.check(answers) if p.field == "nam.ngaySinh"]
    assert [p.blocking for p in ages] == [False], "the made-up groom is a baby: told, not refused"


def test_fees_follow_the_answers() -> None:
    copies = shipped().form("2.000815")
    answers = dict(fill(copies, "a young mother"))
    for pages, count, fee in ((1, 1, 2_000), (3, 2, 10_000), (500, 1, 200_000)):
        told = {"giayTo.soTrang": pages, "giayTo.soBan": count}
        changed = {name: type(answers[name])(value=v, source=Source.TYPED) for name, v in told.items()}
        assert copies.fee({**answers, **changed}) == fee
    assert shipped().form("1.004222").fee({}) == 20_000
    assert shipped().form("1.004873").fee({}) is None


def test_days_on_saturday_and_terms_that_are_not_working_days() -> None:
    friday = dt.datetime(2026, 11, 20, 10, 0, tzinfo=HANOI)
    assert shipped().form("1.010041").due(friday) == dt.date(2026, 11, 21), "the residence office opens"
    assert shipped().form("1.004873").due(friday) == dt.date(2026, 11, 25)
    assert shipped().form("1.012812").due(friday) is None
