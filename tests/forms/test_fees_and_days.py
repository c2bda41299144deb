from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forms.calendar import WorkCalendar, public_holidays
from forms.fees import FeeRule, certified_copy_fee, fee_due
from forms.ports import Answer, Source

if TYPE_CHECKING:
    from collections.abc import Callable

    from forms.catalogue import Catalogue
    from forms.form import DefinedForm

TODAY = dt.date(2026, 11, 23)


def test_an_extract_costs_eight_thousand_a_copy(
    extract: DefinedForm, answered: Callable[..., Any], extract_answers: dict[str, Any]
) -> None:
    assert extract.fee(answered(extract, extract_answers)) == Decimal(24_000)
    assert extract.fee(answered(extract, {})) == Decimal(8_000)
    assert extract.fee(answered(extract, {"hoSo.soLuong": "mười"})) == Decimal(0)


def test_a_birth_is_free(birth: DefinedForm, answered: Callable[..., Any]) -> None:
    assert birth.fee(answered(birth, {})) == Decimal(0)


def test_a_fee_changes_on_its_day() -> None:
    rules = (
        FeeRule(kind="fixed", amount=35_000, since="2025-01-01", until="2026-12-31"),
        FeeRule(kind="fixed", amount=70_000, since="2027-01-01"),
    )
    assert fee_due(rules, {}, dt.date(2026, 12, 31)) == Decimal(35_000)
    assert fee_due(rules, {}, dt.date(2027, 1, 1)) == Decimal(70_000)
    assert fee_due(rules, {}, dt.date(2024, 1, 1)) is None


def test_where_the_province_decides_no_fee_is_told() -> None:
    assert fee_due((FeeRule(kind="province"),), {}, TODAY) is None


@pytest.mark.parametrize(
    ("pages", "copies", "fee"),
    [(1, 1, 2_000), (2, 1, 4_000), (3, 1, 5_000), (5, 2, 14_000), (500, 1, 200_000)],
)
def test_certified_copies(pages: int, copies: int, fee: int) -> None:
    assert certified_copy_fee(pages=pages, copies=copies) == Decimal(fee)


@settings(deadline=None)  # two cores, many tests: a slow moment is no finding
@given(st.integers(1, 1000), st.integers(1, 50))
def test_more_pages_never_cost_less(pages: int, copies: int) -> None:
    fee = certified_copy_fee(pages=pages, copies=copies)
    assert fee <= certified_copy_fee(pages=pages + 1, copies=copies)
    assert fee <= Decimal(200_000) * copies


# 2026-11-23 is a Monday.
@pytest.mark.parametrize(
    ("received", "days", "due"),
    [
        ("2026-11-23T09:00", 0, "2026-11-23"),
        ("2026-11-23T14:59", 0, "2026-11-23"),
        ("2026-11-23T15:00", 0, "2026-11-24"),
        ("2026-11-27T15:30", 0, "2026-11-30"),
        ("2026-11-28T09:00", 0, "2026-11-30"),
        ("2026-11-23T16:00", 3, "2026-11-26"),
        ("2026-11-26T09:00", 3, "2026-12-01"),
        ("2026-12-31T16:00", 0, "2027-01-04"),
        ("2027-02-04T15:00", 0, "2027-02-12"),
    ],
)
def test_when_a_result_is_due(received: str, days: int, due: str) -> None:
    calendar = WorkCalendar(holidays=public_holidays())
    found = calendar.due(dt.datetime.fromisoformat(received), working_days=days, same_day_until=dt.time(15))
    assert found == dt.date.fromisoformat(due)


def test_residence_offices_open_on_saturday() -> None:
    saturday = dt.date(2026, 11, 28)
    assert not WorkCalendar(holidays=frozenset()).works_on(saturday)
    assert WorkCalendar(holidays=frozenset(), saturday=True).works_on(saturday)
    assert not WorkCalendar(holidays=frozenset((saturday,)), saturday=True).works_on(saturday)
    assert not WorkCalendar(holidays=frozenset(), saturday=True).works_on(dt.date(2026, 11, 29))


@settings(deadline=None)  # two cores, many tests: a slow moment is no finding
@given(st.dates(dt.date(2026, 1, 1), dt.date(2027, 12, 31)), st.integers(1, 60))
def test_a_term_ends_on_a_working_day_with_its_days_between(day: dt.date, days: int) -> None:
    calendar = WorkCalendar(holidays=public_holidays())
    received = dt.datetime.combine(day, dt.time(10))
    due = calendar.due(received, working_days=days, same_day_until=None)
    between = sum(calendar.works_on(day + dt.timedelta(days=n)) for n in range(1, (due - day).days + 1))
    assert calendar.works_on(due)
    assert between == days


def test_a_form_tells_its_indicative_day(birth: DefinedForm) -> None:
    assert birth.due(dt.datetime(2026, 11, 23, 9)) == TODAY  # noqa: DTZ001 - local office time
    late = dt.datetime(2026, 11, 23, 15, 1)  # noqa: DTZ001 - local office time
    assert birth.due(late) == dt.date(2026, 11, 24)
    assert birth.due(late, holidays=frozenset((dt.date(2026, 11, 24),))) == dt.date(2026, 11, 25)


# --- every rule of DOMAIN.md 1.2 that a shipped form has -------------------------------------------------


@pytest.mark.parametrize(
    ("code", "counts", "fee"),
    [
        ("1.001193", {}, 0),
        ("1.000894", {}, 0),
        ("1.004837", {}, 0),
        ("2.000635", {"hoSo.soLuong": 1}, 8_000),
        ("2.000635", {"hoSo.soLuong": 5}, 40_000),
        ("2.000815", {"giayTo.soTrang": 2, "giayTo.soBan": 3}, 12_000),
        ("2.000815", {"giayTo.soTrang": 10, "giayTo.soBan": 1}, 12_000),
        ("2.000884", {"giayTo.so": 1}, 10_000),
        ("2.000884", {"giayTo.so": 4}, 40_000),
        ("1.004222", {}, 20_000),
        ("1.004194", {}, 15_000),
        ("1.010038", {}, 10_000),
        ("1.010039", {}, 0),
        ("1.010041", {}, 0),
        ("1.003583", {}, 0),
        ("1.000593", {}, 0),
        ("1.000419", {}, 0),
        ("1.001776", {}, 0),
        ("1.011607", {}, 0),
    ],
)
def test_the_fee_of_a_procedure(catalogue: Catalogue, code: str, counts: dict[str, int], fee: int) -> None:
    form = catalogue.form(code)
    answers = {name: Answer(value=count, source=Source.TYPED) for name, count in counts.items()}
    rule = form.blueprint.definition.procedure.fee
    assert fee_due(rule, counts, TODAY) == Decimal(fee)
    if counts:
        assert form.fee(form.derive(answers)) == Decimal(fee)


@pytest.mark.parametrize("code", ["1.004873", "1.000656", "1.004859", "1.001022"])
def test_exemptions_stand_word_for_word_where_the_province_decides(catalogue: Catalogue, code: str) -> None:
    form = catalogue.form(code)
    assert form.fee({}) is None
    note = (
        "Miễn lệ phí cho người thuộc gia đình có công với cách mạng; người thuộc hộ nghèo; người khuyết tật"
    )
    assert note in form.procedure.fee.vi


@pytest.mark.parametrize("code", ["1.014063", "1.014064"])
def test_the_half_fee_of_cards_is_told_with_its_last_day(catalogue: Catalogue, code: str) -> None:
    told = catalogue.search(code)[0].fee.vi
    assert "đến hết ngày 31/12/2026" in told
    assert "50%" in told


@pytest.mark.parametrize(
    ("code", "days", "until", "saturday"),
    [
        ("1.001193", 0, "15:00", False),
        ("1.000656", 0, "15:00", False),
        ("2.000635", 0, "15:00", False),
        ("1.004859", 0, "15:00", False),
        ("1.001022", 3, "", False),
        ("1.003583", 5, "", False),
        ("1.004222", 7, "", True),
        ("1.004194", 3, "", True),
        ("1.003197", 5, "", True),
        ("1.010028", 2, "", True),
        ("1.010038", 5, "", True),
        ("1.010041", 1, "", True),
        ("1.001612", 3, "", False),
        ("1.001266", 1, "", False),
    ],
)
def test_the_term_of_a_procedure(
    *, catalogue: Catalogue, code: str, days: int, until: str, saturday: bool
) -> None:
    head = catalogue.form(code).blueprint.definition.procedure
    assert (head.working_days, head.same_day_until or "", head.saturday) == (days, until, saturday)


def test_tet_comes_from_the_table_and_a_province_corrects_it(catalogue: Catalogue) -> None:
    form = catalogue.form("1.001022")
    before = dt.datetime(2027, 2, 4, 9)  # noqa: DTZ001 - local office time
    assert form.due(before) == dt.date(2027, 2, 16), "the week of Tết does not count"
    longer = public_holidays() | {dt.date(2027, 2, 12), dt.date(2027, 2, 15)}
    assert form.due(before, holidays=longer) == dt.date(2027, 2, 18)
    assert dt.date(2027, 4, 16) in public_holidays(), "the ancestors' day moves with the moon"
