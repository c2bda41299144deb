from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forms.dates import parse_date


@pytest.mark.parametrize(
    ("text", "iso", "shown"),
    [
        ("1994-02-14", "1994-02-14", "14/02/1994"),
        ("14/02/1994", "1994-02-14", "14/02/1994"),
        ("14-2-1994", "1994-02-14", "14/02/1994"),
        (" 14.2.1994 ", "1994-02-14", "14/02/1994"),
        ("1962-03", "1962-03", "03/1962"),
        ("3/1962", "1962-03", "03/1962"),
        ("1962", "1962", "1962"),
        ("31/02/1960", "1960-02-31", "31/02/1960"),
    ],
)
def test_a_date_is_read_and_shown(text: str, iso: str, shown: str) -> None:
    date = parse_date(text)
    assert date is not None
    assert (date.iso, date.shown) == (iso, shown)


@pytest.mark.parametrize(
    "text", ["", "xưa", "14/02/94", "1994-00-01", "00/02/1994", "1994-1-0", "1/1/1/1994"]
)
def test_what_is_no_date_is_none(text: str) -> None:
    assert parse_date(text) is None


@settings(deadline=None)  # two cores, many tests: a slow moment is no finding
@given(st.integers(1, 9999), st.integers(1, 14), st.integers(1, 33))
def test_a_date_exists_exactly_when_python_can_make_it(year: int, month: int, day: int) -> None:
    date = parse_date(f"{day}/{month}/{year:04}")
    try:
        expected: dt.date | None = dt.date(year, month, day)
    except ValueError:
        expected = None
    assert date is not None
    assert date.exists == (expected is not None)
    if expected:
        assert date.iso == expected.isoformat()


@settings(deadline=None)  # two cores, many tests: a slow moment is no finding
@given(st.dates())
def test_the_shown_date_reads_back(day: dt.date) -> None:
    date = parse_date(day.isoformat())
    assert date is not None
    assert parse_date(date.shown) == date


@settings(deadline=None)  # two cores, many tests: a slow moment is no finding
@given(st.text(max_size=12))
def test_any_text_is_a_date_or_none(text: str) -> None:
    date = parse_date(text)
    if date is not None:
        assert isinstance(date.exists, bool)


def test_the_year_zero_does_not_exist() -> None:
    date = parse_date("0000")
    assert date is not None
    assert not date.exists


@pytest.mark.parametrize(
    ("iso", "words"),
    [
        ("2026-11-18", "Ngày mười tám tháng mười một năm hai nghìn không trăm hai mươi sáu"),
        ("1905-01-21", "Ngày hai mươi mốt tháng một năm một nghìn chín trăm linh năm"),
        ("2015-10-25", "Ngày hai mươi lăm tháng mười năm hai nghìn không trăm mười lăm"),
        ("1990-05-30", "Ngày ba mươi tháng năm năm một nghìn chín trăm chín mươi"),
        ("2000-04-11", "Ngày mười một tháng bốn năm hai nghìn"),
        ("1962-03", "Tháng ba năm một nghìn chín trăm sáu mươi hai"),
        ("1962", "Năm một nghìn chín trăm sáu mươi hai"),
        ("0900", "Năm chín trăm"),
    ],
)
def test_a_date_in_words(iso: str, words: str) -> None:
    date = parse_date(iso)
    assert date is not None
    assert date.in_words == words


@settings(deadline=None)  # two cores, many tests: a slow moment is no finding
@given(st.dates(min_value=dt.date(1800, 1, 1)))
def test_no_two_days_are_spelt_alike(day: dt.date) -> None:
    today, tomorrow = (parse_date((day + dt.timedelta(days=n)).isoformat()) for n in (0, -1))
    assert today is not None
    assert tomorrow is not None
    assert today.in_words != tomorrow.in_words
