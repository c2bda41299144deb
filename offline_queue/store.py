"""The durable table as the kiosk sees it: hand in, find, take a number, count."""

from __future__ import annotations

import hashlib
import json
import logging
import threading
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from offline_queue import guards, identifiers, journal, pace
from offline_queue.errors import QueueError, StorageFullError
from offline_queue.ports import HandInReceipt, LocalDossier, PrintState, QueueStatus, QueueTicket
from offline_queue.seal import seal_dossier
from offline_queue.states import DossierState

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from uuid import UUID

    from sqlite_utils import Database

    from offline_queue.enrol import Enrolment
    from offline_queue.ports import HandIn
    from offline_queue.schema import Vault
    from offline_queue.seal import SealedDossier

log = logging.getLogger(__name__)

WAITING_WINDOW_S = 3600.0
"""Tickets older than this are taken as called: counters do not report calls to the kiosk yet."""
RECEIPTS = "receipt"
"""Counter of the receipt codes of a day."""
BIG_BYTES = 8 * 1024 * 1024
"""A dossier this long lets smaller ones go first."""


class LocalQueue:
    """The queue in one SQLCipher file; implements `DossierQueue` and `RatingBox`.

    Args:
        vault: The open database.
        enrolment: Returns the backend to seal to, or raises NotEnrolledError.
        kiosk_number: From the configuration.
        now: The wall clock, with a time zone.
        randomness: Returns that many random bytes.
        room: Measures the file system the database lies on.
        on_wake: Wakes whoever sends.
    """

    def __init__(
        self,
        *,
        vault: Vault,
        enrolment: Callable[[], Enrolment],
        kiosk_number: int,
        now: Callable[[], datetime],
        randomness: Callable[[int], bytes],
        room: Callable[[], guards.Room],
        on_wake: Callable[[], None] = lambda: None,
    ) -> None:
        self.vault = vault
        self.now = now
        self.randomness = randomness
        self.on_wake = on_wake
        self._enrolment = enrolment
        self._kiosk_number = kiosk_number
        self._room = room
        self._handing_in = threading.Lock()

    def put(self, hand_in: HandIn) -> HandInReceipt:
        """Seal and store a dossier in one transaction; see `DossierQueue.put`."""
        enrolment = self._enrolment()
        self._guard_intake(2 * sum(len(document.data) for document in hand_in.documents))
        moment = self.now()
        dossier_id = identifiers.uuid7(moment, self.randomness(identifiers.UUID_RANDOM_BYTES))
        token = identifiers.make_token(self.randomness(identifiers.TOKEN_BYTES))
        with self._handing_in:
            sealed = None
            while sealed is None:  # each turn ends at once, or another process has handed in meanwhile
                sealed = self._seal_and_store(
                    hand_in, enrolment.recipients, dossier_id=dossier_id, token=token, at=moment
                )
        log.info("queue.handed_in", extra={"bytes": sealed.size})
        self.on_wake()
        return HandInReceipt(
            dossier_id=dossier_id,
            receipt_code=sealed.receipt_code,
            token=token,
            created_at=moment,
            tracking_url=f"{enrolment.public_url.rstrip('/')}/d/{sealed.receipt_code}?t={token}",
        )

    def _seal_and_store(
        self, hand_in: HandIn, recipients: Sequence[str], *, dossier_id: UUID, token: str, at: datetime
    ) -> SealedDossier | None:
        """Seal under the next number, then store in one transaction; a look-up waits for the second only.

        Returns None when another process took the number in between: it stands inside the seal.
        """
        day = identifiers.local_day(at)
        with self.vault.transaction() as db:
            last = _last(db, RECEIPTS, day)
        sealed = seal_dossier(
            hand_in,
            recipients,
            dossier_id=dossier_id,
            receipt_code=identifiers.receipt_code(self._kiosk_number, day, last + 1),
            token=token,
            created_at=at,
            part_bytes=pace.part_bytes(self.line_speed()),
        )
        with self.vault.transaction() as db:
            if _last(db, RECEIPTS, day) != last:
                return None
            _next(db, RECEIPTS, day)
            _insert(db, sealed, at=at)
            journal.note(db, at=at, kind="handed_in", about=str(dossier_id), detail=sealed.receipt_code)
        return sealed

    def status(self) -> QueueStatus:
        """Count what is here; see `DossierQueue.status`."""
        counts = {
            row["state"]: row
            for row in self.vault.rows(
                "SELECT state, count(*) AS number, min(created_at) AS oldest, sum(size) AS size "
                "FROM dossiers GROUP BY state"
            )
        }
        waiting = [counts[state] for state in ("ready", "sending", "quarantined") if state in counts]
        oldest = min((datetime.fromisoformat(row["oldest"]) for row in waiting), default=None)
        known = {row["key"]: row["value"] for row in self.vault.rows("SELECT key, value FROM meta")}
        slips = self.vault.rows(
            "SELECT (SELECT count(*) FROM tickets WHERE sent IS NULL) + "
            "(SELECT count(*) FROM ratings WHERE sent IS NULL) AS number"
        )
        storage = guards.storage(self._room())
        status = QueueStatus(
            ready=_number(counts, DossierState.READY),
            sending=_number(counts, DossierState.SENDING),
            stored=_number(counts, DossierState.STORED),
            quarantined=_number(counts, DossierState.QUARANTINED),
            paused=known.get("paused"),
            oldest_age_s=0.0 if oldest is None else max(0.0, (self.now() - oldest).total_seconds()),
            bytes=sum(int(row["size"]) for row in waiting),
            storage=storage.value,
            intake_open=storage is not guards.Storage.NO_INTAKE,
            scanning_open=storage in {guards.Storage.WELL, guards.Storage.WARN},
            clock_skew_s=float(known["clock_skew_s"]) if "clock_skew_s" in known else None,
            slips_unsent=int(slips[0]["number"]),
        )
        return replace(status, warnings=guards.warnings(status))

    def line_speed(self) -> float | None:
        """Return the speed of the line when it was last measured, bytes per second."""
        found = self.vault.rows("SELECT value FROM meta WHERE key = 'line_bytes_per_s'")
        return float(found[0]["value"]) if found else None

    def find(self, receipt_code: str, *, token: str | None) -> LocalDossier | None:
        """Return what this kiosk knows of its own dossier; see `DossierQueue.find`."""
        if token is None:
            return None
        code = identifiers.normal_code(receipt_code)
        found = self.vault.rows(
            "SELECT receipt_code, official_code, state, procedure, created_at FROM dossiers "
            "WHERE (receipt_code = ? OR official_code = ?) AND token_sha256 = ?",
            (code, code, identifiers.token_digest(token)),
        )
        return local_dossier(found[0]) if found else None

    def dossiers(self) -> tuple[LocalDossier, ...]:
        """Return every dossier still known here, oldest first."""
        found = self.vault.rows(
            "SELECT receipt_code, official_code, state, procedure, created_at FROM dossiers ORDER BY id"
        )
        return tuple(local_dossier(row) for row in found)

    def issue_ticket(self, *, series: str, service: str) -> QueueTicket:
        """Take the next number of a series, durably; see `DossierQueue.issue_ticket`."""
        self._guard_slip()
        moment = self.now()
        day = identifiers.local_day(moment)
        seconds = moment.timestamp()
        name = identifiers.uuid7(moment, self.randomness(identifiers.UUID_RANDOM_BYTES))
        with self.vault.transaction() as db:
            count = _next(db, f"ticket {series}", day)
            number = identifiers.ticket_number(series, self._kiosk_number, count)
            waiting = db.execute(
                "SELECT count(*) FROM tickets WHERE series = ? AND day = ? AND issued_at > ?",
                [series, day, seconds - WAITING_WINDOW_S],
            ).fetchone()[0]
            db.execute(
                "INSERT INTO tickets (id, number, series, service, day, issued_at) VALUES (?, ?, ?, ?, ?, ?)",
                [str(name), number, series, service, day, seconds],
            )
            journal.note(db, at=moment, kind="ticket", about=number)
        self.on_wake()
        return QueueTicket(number=number, service=service, waiting=int(waiting), issued_at=moment)

    def rate(self, *, score: int, reasons: tuple[str, ...] = ()) -> None:
        """Keep one anonymous rating; see `RatingBox.rate`."""
        self._guard_slip()
        moment = self.now()
        name = identifiers.uuid7(moment, self.randomness(identifiers.UUID_RANDOM_BYTES))
        with self.vault.transaction() as db:
            db.execute(
                "INSERT INTO ratings (id, score, reasons, given_at) VALUES (?, ?, ?, ?)",
                [str(name), score, json.dumps(list(reasons)), moment.isoformat()],
            )

    def note_print(self, number: str, state: PrintState) -> None:
        """Record what became of a paper; see `DossierQueue.note_print`."""
        with self.vault.transaction() as db:
            db.execute("UPDATE dossiers SET print_state = ? WHERE receipt_code = ?", [state.value, number])
            db.execute(
                "UPDATE tickets SET print_state = ? WHERE id = "
                "(SELECT id FROM tickets WHERE number = ? ORDER BY issued_at DESC LIMIT 1)",
                [state.value, number],
            )
            journal.note(db, at=self.now(), kind="print", about=number, detail=state.value)

    def wake(self) -> None:
        """Ask the sync thread to look now; see `DossierQueue.wake`."""
        self.on_wake()

    def close(self) -> None:
        """Close the database; safe to call twice."""
        self.vault.close()

    def _guard_intake(self, needed: int) -> None:
        room = self._room()
        if guards.storage(room) is guards.Storage.NO_INTAKE or not guards.has_room(room, needed):
            log.error("queue.disk_full", extra={"bytes": needed})
            raise StorageFullError(StorageFullError.next_step)

    def _guard_slip(self) -> None:
        # A number is a few bytes: it may dip into the reserve.
        if not guards.has_room(self._room(), 0, reserve=guards.RESERVE_BYTES // 4, files=8):
            log.error("queue.disk_full", extra={"bytes": 0})
            raise StorageFullError(StorageFullError.next_step)


def local_dossier(row: dict[str, str]) -> LocalDossier:
    """Return a row of the dossiers table as what may be said about it."""
    return LocalDossier(
        receipt_code=row["receipt_code"],
        official_code=row["official_code"],
        state=row["state"],
        procedure=row["procedure"],
        created_at=datetime.fromisoformat(row["created_at"]),
    )


def _number(counts: dict[str, dict[str, int]], state: DossierState) -> int:
    return int(counts[state]["number"]) if state in counts else 0


def _next(db: Database, name: str, day: str) -> int:
    row = db.execute(
        "INSERT INTO counters (name, day, last) VALUES (?, ?, 1) "
        "ON CONFLICT (name, day) DO UPDATE SET last = last + 1 RETURNING last",
        [name, day],
    ).fetchone()
    if row is None:
        raise QueueError("the queue's counter gave no number; call a technician")
    return int(row[0])


def _last(db: Database, name: str, day: str) -> int:
    row = db.execute("SELECT last FROM counters WHERE name = ? AND day = ?", [name, day]).fetchone()
    return 0 if row is None else int(row[0])


def _insert(db: Database, sealed: SealedDossier, *, at: datetime) -> None:
    dossier_id = str(sealed.dossier_id)
    db.execute(
        "INSERT INTO dossiers (id, receipt_code, token_sha256, procedure, manifest, manifest_sha256, size, "
        "created_at, state, next_try_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'ready', ?)",
        [
            dossier_id,
            sealed.receipt_code,
            sealed.token_sha256,
            sealed.procedure,
            sealed.manifest,
            hashlib.sha256(sealed.manifest).hexdigest(),
            sealed.size,
            at.isoformat(),
            # Long ago, whatever the clock says: due at once, and small ones before big ones.
            0.5 if sealed.size > BIG_BYTES else 0.0,
        ],
    )
    for seq, (digest, data) in enumerate(sealed.parts):
        db.execute(
            "INSERT INTO parts (dossier_id, seq, sha256, data) VALUES (?, ?, ?, ?)",
            [dossier_id, seq, digest, data],
        )
