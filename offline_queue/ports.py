"""What the offline queue promises.

`DossierQueue.put` returns only after one durable transaction; from then on the dossier reaches the backend
exactly once, whatever happens. The queue carries sealed bytes and cannot read them back.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping
    from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """One file of a dossier (`form.pdf`, `scan.pdf`)."""

    name: str
    media_type: str
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """What the citizen agreed to, provable later. Source: Law 91/2025/QH15, DOMAIN.md 5.7."""

    version: str
    purpose: str
    language: str
    given_at: dt.datetime
    method: str = "touch"


@dataclass(frozen=True, slots=True, kw_only=True)
class HandIn:
    """A finished dossier (hồ sơ) before sealing; lives in memory only."""

    procedure: str
    form_version: str
    answers: Mapping[str, object] = field(repr=False)
    """Field name to `{"value": …, "source": …, "label": …, "shown": …}`: JSON values only; the last two are
    question and answer in words, for the officer, where the question is on the form."""
    documents: tuple[Document, ...] = field(repr=False)
    consent: Consent
    card_proof: Mapping[str, object] = field(default_factory=dict)
    """How the card was opened and proved; no personal data."""
    id_number: str | None = field(default=None, repr=False)
    """Sealed with the rest; the backend keeps only keyed hashes of it, for look-up."""
    procedure_name: str = ""
    """As the officer knows it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HandInReceipt:
    """Given after the commit. The code is the kiosk's own; the official one comes from the backend."""

    dossier_id: UUID
    receipt_code: str
    """`K01-261122-0007`: kiosk number, date, number of the day."""
    token: str = field(repr=False)
    """Opens the progress page without asking anything else; printed in the QR only."""
    created_at: dt.datetime
    tracking_url: str = field(repr=False)
    """What the QR on the receipt holds: `<backend>/d/<receipt code>?t=<token>`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueStatus:
    """Counts for the staff screen and `kiosk queue status --json`."""

    ready: int
    sending: int
    stored: int
    quarantined: int
    paused: str | None
    """None, or why sending is paused (`auth`, `clock`)."""
    oldest_age_s: float
    """Age of the oldest dossier not yet stored, seconds; 0 when there is none."""
    bytes: int
    """Sealed bytes waiting on this disk."""
    storage: str = "well"
    """What the disk still allows: `well`, `warn`, `no_scanning`, `no_intake`."""
    intake_open: bool = True
    """False: tickets and look-up only, papers go to staff."""
    scanning_open: bool = True
    """False: hand in without scans, papers go to staff."""
    clock_skew_s: float | None = None
    """This clock minus the backend's, seconds; None while never heard."""
    slips_unsent: int = 0
    """Tickets and ratings the backend does not know yet."""
    warnings: tuple[str, ...] = ()
    """For staff: `old`, `many`, `disk`, `clock`, `quarantined`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueTicket:
    """A place in the waiting line, numbered on this kiosk alone."""

    number: str
    """`A015`."""
    service: str
    waiting: int
    """People before this one, as far as this kiosk knows."""
    issued_at: dt.datetime


class PrintState(StrEnum):
    """What became of the paper of a ticket or receipt."""

    PENDING = "pending"
    ISSUED = "issued"
    UNCERTAIN = "uncertain"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalDossier:
    """What this kiosk may say about a dossier it took: no person, no content."""

    receipt_code: str
    official_code: str | None
    state: str
    """`ready`, `sending`, `stored`, `quarantined`."""
    procedure: str
    created_at: dt.datetime


class RatingBox(Protocol):
    """Where a citizen's face touched at the end goes; anonymous."""

    def rate(self, *, score: int, reasons: tuple[str, ...] = ()) -> None:
        """Keep one rating, durably; it is sent with the next round.

        Args:
            score: 1 not satisfied, 2 satisfied, 3 very satisfied.
            reasons: Codes of the chips touched.

        Raises:
            StorageFullError: It could not be stored.
        """
        ...


class DossierQueue(Protocol):
    """The durable table of this kiosk. Safe to call from any thread."""

    def put(self, hand_in: HandIn) -> HandInReceipt:
        """Seal and store a dossier in one transaction; return after it is on the disk.

        Raises:
            StorageFullError: Too little room; nothing was stored.
            NotEnrolledError: No backend key to seal to.
        """
        ...

    def status(self) -> QueueStatus:
        """Count what is here."""
        ...

    def find(self, receipt_code: str, *, token: str | None) -> LocalDossier | None:
        """Return what this kiosk knows of its own dossier; None if unknown or the token does not fit."""
        ...

    def issue_ticket(self, *, series: str, service: str) -> QueueTicket:
        """Take the next number of a series (`A`, `B`, …), durably, restarting each day.

        Raises:
            StorageFullError: The number could not be stored.
        """
        ...

    def note_print(self, number: str, state: PrintState) -> None:
        """Record what became of the paper of a ticket number or a receipt code."""
        ...

    def wake(self) -> None:
        """Ask the sync thread to look now instead of at its next turn."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class DossierProgress:
    """What anybody holding the receipt may know about a dossier. Source: DOMAIN.md 2.3."""

    code: str
    """The official code, or the receipt code while there is none."""
    receipt_code: str
    state: int
    """1 to 10, the national states; 0 = handed in here and not yet sent."""
    since: dt.datetime
    unit: str
    due: dt.date | None
    """Indicative."""
    next_step: str
    """A code such as `wait`, `bring_papers`, `pay`, `collect`, `ask_staff`."""
    procedure: str = ""


class ProgressDesk(Protocol):
    """Where the state of a dossier is asked for: the backend, or this kiosk for its own unsent ones."""

    def look_up(self, code: str, *, token: str | None = None, id_tail: str | None = None) -> DossierProgress:
        """Return the progress of a dossier by receipt or official code.

        Args:
            code: As printed.
            token: From the QR of the receipt.
            id_tail: Last four digits of the ID number, where there is no token.

        Raises:
            UnknownDossierError: No such dossier, or token or digits do not fit.
            BackendUnreachableError: The line is down and this kiosk does not know the code itself.
        """
        ...

    def reachable(self) -> bool:
        """Tell whether the last authenticated heartbeat came through; never blocks."""
        ...

    def people_waiting(self) -> int | None:
        """Return how many numbers of this centre wait to be called, as the last heartbeat told.

        None while the backend is not reached or does not tell. Never blocks.
        """
        ...

    def trouble(self) -> str:
        """Return why the backend is not reached; empty while it is. Never blocks.

        `not_heard` (nothing asked yet), `line`, `portal` (something else answers in the backend's place),
        `auth` (it does not let this kiosk in), `clock` (because of the time here), `not_enrolled`.
        """
        ...

    def lost_heartbeats(self) -> int:
        """Return how many heartbeats in a row came to nothing; 0 while none is lost. Never blocks."""
        ...
