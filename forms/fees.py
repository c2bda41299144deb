"""Fees: rules with the days on which they hold, so that a fee can change on its date without a release."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Literal

from msgspec import Meta, Struct, field

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

_PAGE_FEE = Decimal(2_000)
_LATER_PAGE_FEE = Decimal(1_000)
_COPY_CAP = Decimal(200_000)
_FULL_FEE_PAGES = 2


class FeeRule(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, rename="camel"):
    """One fee rule.

    `free`, `fixed`, `perCopy` (amount × answer of `countField`), `certifiedCopy` (by `pageField` and
    `countField`) or `province` (it decides).
    """

    kind: Literal["free", "fixed", "perCopy", "certifiedCopy", "province"]
    amount: Annotated[int, Meta(ge=0)] = 0
    """Đồng."""
    count_field: str = ""
    page_field: str = ""
    since: str = field(default="0001-01-01", name="from")
    until: str = "9999-12-31"


def fee_due(rules: tuple[FeeRule, ...], counts: Mapping[str, int], today: dt.date) -> Decimal | None:
    """Return the fee of today's rule in đồng, None where the province decides or no rule holds today.

    Args:
        rules: The first rule that holds today counts.
        counts: Whole numbers among the answers, by field name.
        today: The day of filing.
    """
    day = today.isoformat()
    rule = next((r for r in rules if r.since <= day <= r.until), None)
    if rule is None or rule.kind == "province":
        return None
    if rule.kind == "certifiedCopy":
        return certified_copy_fee(
            pages=counts.get(rule.page_field, 0), copies=counts.get(rule.count_field, 0)
        )
    if rule.kind == "perCopy":
        return Decimal(rule.amount) * counts.get(rule.count_field, 0)
    return Decimal(rule.amount if rule.kind == "fixed" else 0)


def certified_copy_fee(*, pages: int, copies: int) -> Decimal:
    """Return the fee for certified copies (chứng thực bản sao) in đồng.

    Args:
        pages: Pages of the original.
        copies: How many copies.

    Source: national portal, procedure 2.000815: 2,000 a page, 1,000 from the third, at most 200,000 a copy.
    """
    full = min(pages, _FULL_FEE_PAGES)
    return copies * min(_COPY_CAP, _PAGE_FEE * full + _LATER_PAGE_FEE * max(pages - _FULL_FEE_PAGES, 0))
