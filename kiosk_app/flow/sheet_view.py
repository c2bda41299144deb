"""What the copier's screen shows, and what became of sheets from the A4 printer."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kiosk_app.flow.steps import Notice, Preview


class SheetPhase(StrEnum):
    """What became of the sheets from the A4 printer."""

    OFFERED = "offered"
    PRINTING = "printing"
    OUT = "out"
    CANCELLED = "cancelled"
    FAILED = "failed"


class CopyPhase(StrEnum):
    """What the copier's screen is doing."""

    AIM = "aim"
    WORKING = "working"
    JUDGED = "judged"
    READY = "ready"
    """Some pages are taken: more, or print."""
    PRINTING = "printing"
    """In the printer, or out of it; `sheet` tells which."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CopyView:
    """Photocopies."""

    phase: CopyPhase
    pages: int = 0
    copies: int = 1
    most_copies: int = 1
    """Copies of each page that are free."""
    more: bool = True
    """One page more is free."""
    sheet: SheetPhase = SheetPhase.OFFERED
    preview: Preview | None = None
    page_jpeg: bytes | None = field(default=None, repr=False)
    """The page just taken, flattened."""
    notice: Notice | None = None
