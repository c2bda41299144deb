"""Working days and the indicative day a result is due; the binding date is the officer's, never ours."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cache

import msgspec

from forms.code_lists import TABLES

_DAY = dt.timedelta(days=1)
_SATURDAY, _SUNDAY = 5, 6


class _HolidayTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    source: str
    licence: str
    date: str
    certainty: str
    rows: tuple[tuple[str, str], ...]


@cache
def public_holidays() -> frozenset[dt.date]:
    """Return the days off of the shipped table; a province corrects them in its configuration."""
    table = msgspec.json.decode((TABLES / "holidays.json").read_bytes(), type=_HolidayTable)
    return frozenset(dt.date.fromisoformat(day) for day, _name in table.rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkCalendar:
    """When an office works."""

    holidays: frozenset[dt.date]
    saturday: bool = False
    """The office opens on Saturday morning (residence matters)."""

    def works_on(self, day: dt.date) -> bool:
        """Tell whether the office works on a day."""
        if day in self.holidays or day.weekday() == _SUNDAY:
            return False
        return self.saturday or day.weekday() != _SATURDAY

    def next_working_day(self, day: dt.date) -> dt.date:
        """Return the first working day after a day."""
        day += _DAY
        while not self.works_on(day):
            day += _DAY
        return day

    def due(self, received: dt.datetime, *, working_days: int, same_day_until: dt.time | None) -> dt.date:
        """Return the indicative day of the result.

        Args:
            received: When the dossier is handed in, local time.
            working_days: The term; counting starts on the next working day. 0 is the same day.
            same_day_until: For a same-day result: what comes later waits for the next working day.

        Source: portal notes on same-day civil-status procedures (after 15:00 the next working day).
        """
        day = received.date()
        if working_days == 0:
            late = same_day_until is not None and received.time() >= same_day_until
            return self.next_working_day(day) if late or not self.works_on(day) else day
        for _ in range(working_days):
            day = self.next_working_day(day)
        return day
