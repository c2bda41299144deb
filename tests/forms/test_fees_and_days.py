from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forms.calendar import WorkCalendar, public_holidays
from forms.fees import FeeRule, certified_copy_fee, fee_due

if TYPE_CHECKING:
    from collections.abc import Callable

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
