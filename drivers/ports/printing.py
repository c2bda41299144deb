"""Paper that comes out: slips and A4 sheets."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from drivers.ports.device import Device

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable


class TicketKind(StrEnum):
    """What a slip of paper is for."""

    QUEUE = "queue"
    RECEIPT = "receipt"
    STATUS = "status"


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketRow:
    """One line of a ticket: a label on the left, a value on the right or below."""

    label: str
    value: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """What is printed on a slip, without saying how it looks. All text is ready in its language."""

    kind: TicketKind
    centre: str
    number: str
    """The queue number (`A015`) or the receipt code (`K01-261121-0007`)."""
    heading: str
    """Over the number: `Số thứ tự`, `Mã hồ sơ`."""
    service: str
    issued_at: dt.datetime
    rows: tuple[TicketRow, ...] = ()
    notes: tuple[str, ...] = ()
    """What happens next, one sentence a line."""
    qr_text: str | None = field(default=None, repr=False)
    hotline: str = ""
    reprint: bool = False
    """Marks the slip `BẢN IN LẠI`."""


class PrintOutcome(StrEnum):
    """Issued: the printer's fence came back. Uncertain: it did not in time; never print again by itself."""

    ISSUED = "issued"
    UNCERTAIN = "uncertain"


class TicketPrinter(Device, Protocol):
    """A receipt printer with its own paper."""

    def print_ticket(self, ticket: Ticket, *, timeout_s: float) -> PrintOutcome:
        """Draw the ticket, send it, and wait for the printer to say it is out.

        Raises:
            DeviceMissingError: Nothing answers at the printer's address; nothing was printed.
            PrinterBlockedError: Paper out, cover open or cutter error before anything was sent.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetProgress:
    """How a job at the A4 printer is."""

    sheets: int = 0
    """Sheets that are out, as far as the printer tells."""
    cause: str = "ok"
    """`ok`, or why the printer waits for a person: `a4.paper_out`, `a4.jam`, `a4.cover_open`, …"""


class SheetOutcome(StrEnum):
    """Done: the printer has taken and finished the job. Cancelled: it was asked to stop and has."""

    DONE = "done"
    CANCELLED = "cancelled"


class SheetPrinter(Device, Protocol):
    """An A4 printer behind a print queue: finished forms and photocopies."""

    def print_pdf(
        self,
        pdf: bytes,
        *,
        title: str,
        copies: int,
        told: Callable[[SheetProgress], None],
        stop: Callable[[], bool],
    ) -> SheetOutcome:
        """Print a PDF and follow the job to its end; blocks.

        Args:
            pdf: The document.
            title: The job's name in the print queue; must hold no personal data.
            copies: 1 or more.
            told: Called on the working thread when something changed.
            stop: Asked several times a second; True cancels the job.

        Raises:
            DeviceMissingError: The queue does not answer, or does not take the job.
            PrinterBlockedError: The printer waited too long for a person; the job was cancelled.
            DeviceTimeoutError: Nothing moved for too long; the job was cancelled.
            PrinterError: The printer gave the job up.
        """
        ...
