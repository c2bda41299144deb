"""What a province decides for itself: fees, their note, days off. One JSON file beside the kiosk's data.

Without the file the shipped definitions and the shipped table of holidays hold, and a fee that the province
decides is told as "ask an officer".
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import msgspec

from forms.calendar import public_holidays
from forms.definition import IsoDate, Localized
from forms.errors import DefinitionError
from forms.fees import FeeRule

if TYPE_CHECKING:
    from pathlib import Path


class Province(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, rename="camel"):
    """The decisions of one province."""

    source: str = ""
    """The resolution of the People's Council, for whoever reads the file."""
    fees: dict[str, tuple[FeeRule, ...]] = {}
    """Procedure code to its fee rules, instead of those of the definition."""
    fee_notes: dict[str, Localized] = {}
    """Procedure code to the note about the fee, word for word, exemptions included."""
    days_off: tuple[IsoDate, ...] = ()
    """Days off besides the shipped ones."""
    working_days: tuple[IsoDate, ...] = ()
    """Shipped days off on which this province works."""

    @property
    def holidays(self) -> frozenset[dt.date]:
        """The days on which no office works."""
        added = frozenset(map(dt.date.fromisoformat, self.days_off))
        taken = frozenset(map(dt.date.fromisoformat, self.working_days))
        return public_holidays() - taken | added


def read_province(path: Path) -> Province:
    """Read the file of a province; what is not there is as shipped.

    Raises:
        DefinitionError: The file is no JSON or says what is not known here.
    """
    if not path.is_file():
        return Province()
    try:
        province = msgspec.json.decode(path.read_bytes(), type=Province)
        _ = province.holidays  # a day such as 2027-02-30 is told now, not in front of a citizen
    except (OSError, ValueError) as e:
        expected = "JSON as docs/forms.md describes"
        raise DefinitionError(file=path.name, path="$", found=str(e), expected=expected) from e
    return province
