"""Fate table, backoff, ids and numbers: pure, so every branch is walked."""

from __future__ import annotations

import datetime as dt
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offline_queue import identifiers
from offline_queue.backoff import BASE_S, CAP_S, delay_s, is_due
from offline_queue.messages import Manifested, StoredReceipt, canonical_json, decode
from offline_queue.states import Fate, fate

NOON = dt.datetime(2026, 11, 22, 12, 0, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("status", "ours", "expected"),
    [
        (200, True, Fate.GO_ON),
        (201, True, Fate.GO_ON),
        (200, False, Fate.RETRY),
        (201, False, Fate.RETRY),
        (204, True, Fate.RETRY),
        (301, True, Fate.RETRY),
        (400, True, Fate.QUARANTINE),
        (401, True, Fate.PAUSE),
        (403, False, Fate.PAUSE),
        (404, True, Fate.RETRY),
        (408, True, Fate.RETRY),
        (409, True, Fate.RETRY),
        (413, False, Fate.QUARANTINE),
        (418, True, Fate.RETRY),
        (422, True, Fate.QUARANTINE),
        (429, True, Fate.RETRY),
        (500, True, Fate.RETRY),
        (503, True, Fate.RETRY),
        (507, True, Fate.RETRY),
        (None, False, Fate.RETRY),
    ],
)
def test_each_answer_has_its_row(status: int | None, ours: bool, expected: Fate) -> None:  # noqa: FBT001 - a table's column
    assert fate(status, ours=ours) is expected


@given(st.integers(0, 10**6), st.floats(0, 1), st.none() | st.floats(-10, 10**9))
def test_no_wait_is_longer_than_the_cap_or_shorter_than_was_asked(
    tries: int, share: float, asked: float | None
) -> None:
    wait = delay_s(tries, share, retry_after_s=asked)
    assert 0 <= wait <= CAP_S
    assert wait >= min(CAP_S, asked or 0)


def test_waits_grow_to_five_minutes_and_are_spread_over_all_of_it() -> None:
    assert [delay_s(tries, 1.0) for tries in (1, 2, 3, 8, 9, 400)] == [BASE_S, 4, 8, 256, CAP_S, CAP_S]
    assert delay_s(400, 0.25) == CAP_S / 4


@given(st.floats(0, 4e9), st.floats(0, 4e9))
def test_a_dossier_never_waits_longer_than_the_cap_whatever_the_clock_does(at: float, now: float) -> None:
    assert is_due(at, now) == (not 0 < at - now <= CAP_S)


@given(
    st.integers(31_536_000, 221_000_000_000).map(lambda s: dt.datetime.fromtimestamp(s / 1, dt.UTC)),
    st.binary(min_size=10, max_size=10),
)
def test_ids_are_version_7_and_hold_their_time(moment: dt.datetime, randomness: bytes) -> None:
    made = identifiers.uuid7(moment, randomness)
    assert (made.version, made.variant) == (7, "specified in RFC 4122")
    assert made.int >> 80 == int(moment.timestamp() * 1000)


def test_ids_need_all_their_randomness() -> None:
    with pytest.raises(ValueError, match="10 random bytes"):
        identifiers.uuid7(NOON, b"short")


def test_ids_differ_in_the_same_millisecond() -> None:
    source = random.Random(1)
    assert len({identifiers.uuid7(NOON, source.randbytes(10)) for _ in range(1000)}) == 1000


def test_the_day_begins_at_midnight_in_viet_nam() -> None:
    assert identifiers.local_day(dt.datetime(2026, 11, 22, 16, 59, tzinfo=dt.UTC)) == "261122"
    assert identifiers.local_day(dt.datetime(2026, 11, 22, 17, 0, tzinfo=dt.UTC)) == "261123"


def test_numbers_look_as_printed() -> None:
    assert identifiers.receipt_code(1, "261122", 7) == "K01-261122-0007"
    assert identifiers.ticket_number("A", 1, 15) == "A015"
    assert identifiers.ticket_number("A", 2, 1) == "A201"
    assert identifiers.ticket_number("B", 1, 201) == "B1001"


def test_no_two_kiosks_ever_give_the_same_number() -> None:
    given_out = [
        identifiers.ticket_number("A", kiosk, count) for kiosk in range(1, 13) for count in range(1, 1500)
    ]
    assert len(set(given_out)) == len(given_out)


@given(st.dictionaries(st.text(), st.text() | st.integers() | st.none()))
def test_canonical_json_does_not_depend_on_order(value: dict[str, str | int | None]) -> None:
    assert canonical_json(value) == canonical_json(dict(reversed(list(value.items()))))


@given(st.binary())
def test_foreign_bytes_are_nobodys_answer(body: bytes) -> None:
    assert decode(body, StoredReceipt) is None


def test_an_old_kiosk_understands_a_newer_backend() -> None:
    told = decode(b'{"state":"receiving","missing":["a"],"news":1}', Manifested)
    assert told == Manifested(state="receiving", missing=["a"])
