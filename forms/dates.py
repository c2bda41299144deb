"""Dates as people know them: whole, month and year, or a year alone."""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass, field

from forms.numbers import in_words, under_hundred

_ISO = re.compile(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?")
_VIETNAMESE = re.compile(r"(?:(?:(\d{1,2})[/.-])?(\d{1,2})[/.-])?(\d{4})")

_MONTHS = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class PartialDate:
    """A date as written, in the calendar or not; `month` and `day` are 0 where nobody knows them."""

    year: int = field(repr=False)
    month: int = field(default=0, repr=False)
    day: int = field(default=0, repr=False)

    @property
    def complete(self) -> bool:
        """Day, month and year are all told."""
        return self.day > 0

    @property
    def exists(self) -> bool:
        """The calendar has this date (30 February is never; year 0 neither)."""
        if self.year < 1 or self.month > _MONTHS:
            return False
        return not self.day or self.day <= calendar.monthrange(self.year, self.month)[1]

    @property
    def iso(self) -> str:
        """`1962`, `1962-03` or `1962-03-05`."""
        year = f"{self.year:04}"
        if not self.month:
            return year
        return f"{year}-{self.month:02}" + (f"-{self.day:02}" if self.day else "")

    @property
    def shown(self) -> str:
        """`1962`, `03/1962` or `05/03/1962`."""
        return "/".join(reversed(self.iso.split("-")))

    @property
    def in_words(self) -> str:
        """The date as the civil-status papers spell it: `Ngày năm tháng ba năm một nghìn chín trăm …`."""
        parts = [f"ngày {under_hundred(self.day)}"] if self.day else []
        if self.month:
            parts.append(f"tháng {under_hundred(self.month)}")
        parts.append(f"năm {in_words(self.year)}")
        words = " ".join(parts)
        return words[0].upper() + words[1:]


def parse_date(text: str) -> PartialDate | None:
    """Return the date a text tells, ISO 8601 or Vietnamese order, None where it tells none.

    The date need not exist in the calendar: the caller tells the person what is wrong with it.
    """
    text = text.strip()
    if match := _ISO.fullmatch(text):
        year, month, day = match.groups()
    elif match := _VIETNAMESE.fullmatch(text):
        day, month, year = match.groups()
    else:
        return None
    written = (month is not None and int(month) == 0) or (day is not None and int(day) == 0)
    return None if written else PartialDate(year=int(year), month=int(month or 0), day=int(day or 0))
