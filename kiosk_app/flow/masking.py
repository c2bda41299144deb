"""What a hall may see of a number."""

from __future__ import annotations

from typing import Final

_ID_DIGITS: Final = 12


def mask_id(number: str) -> str:
    """Return an ID number with its middle hidden: `087 ••• ••• 412`. Source: DOMAIN.md 5.7."""
    if len(number) < _ID_DIGITS:
        return "•" * len(number)
    return f"{number[:3]} ••• ••• {number[-3:]}"
