"""The durable table as the sender sees it: claim, tell the fate, recover, retry, export.

A lease belongs to one living process. Whoever dies in the middle of sending leaves a lease that the next one
takes over, and sending twice is harmless: the id is the idempotency key for ever.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from offline_queue import journal
from offline_queue.backoff import CAP_S, delay_s
from offline_queue.store import BIG_BYTES

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from sqlite_utils import Database

    from offline_queue.messages import StoredReceipt
    from offline_queue.schema import Vault

LEASE_S = 600.0
FRESH_BIG = 0.5
"""`next_try_at` of a big dossier never tried: due at once, behind the small ones (`store`)."""
ANNOUNCED_AT_ONCE = 200
_STARTTIME_FIELD = 19  # of /proc/PID/stat counted after the command's closing bracket (proc(5): field 22)


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimed:
    """A dossier this sender may send now."""

    dossier_id: str
    manifest: bytes = field(repr=False)
    manifest_sha256: str
    parts: tuple[str, ...]
    """Digests, in order."""
    tries: int
    big: bool = False


class Outbox:
    """What waits to be sent.

    Args:
        vault: The open database, shared with `LocalQueue`.
        now: The wall clock, with a time zone.
        share: Random shares, 0.0 to 1.0, for the jitter.
        owner: Names this sender; `process_name()` outside tests.
        alive: Tells whether the sender of that name still lives.
    """

    def __init__(
        self,
        *,
        vault: Vault,
        now: Callable[[], datetime],
        share: Callable[[], float],
        owner: str,
        alive: Callable[[str], bool],
    ) -> None:
        self.vault = vault
        self._now = now
        self._share = share
        self._owner = owner
        self._alive = alive

    def recover(self) -> int:
        """Make every dossier ready whose sender has died; return how many."""
        with self.vault.transaction() as db:
            owners = [
                row[0]
                for row in db.execute(
                    "SELECT DISTINCT lease_owner FROM dossiers WHERE state = 'sending'"
                ).fetchall()
            ]
            dead = [owner for owner in owners if owner == self._owner or not self._alive(owner)]
            count = 0
            for owner in dead:
                count += db.execute(
                    "UPDATE dossiers SET state = 'ready', lease_owner = NULL, lease_until = NULL "
                    "WHERE state = 'sending' AND lease_owner = ?",
                    [owner],
                ).rowcount
            return count

    def claim(self) -> Claimed | None:
        """Take the dossier that is due, never tried and oldest first, or None.

        Nobody else gets it while the lease holds. Each question walks an index: the cost does not grow with
        what waits.
        """
        now = self._now().timestamp()
        with self.vault.transaction() as db:
            row = _first(
                db,
                ("state = 'ready' AND next_try_at <= ? ORDER BY next_try_at, id", now),
                # A time further away than the longest wait comes from a clock that jumped: it is due.
                ("state = 'ready' AND next_try_at > ? ORDER BY next_try_at, id", now + CAP_S),
                ("state = 'sending' AND (lease_until <= ? OR lease_until > ?)", now, now + LEASE_S),
            )
            if row is None:
                return None
            db.execute(
                "UPDATE dossiers SET state = 'sending', lease_owner = ?, lease_until = ? WHERE id = ?",
                [self._owner, now + LEASE_S, row[0]],
            )
            parts = db.execute("SELECT sha256 FROM parts WHERE dossier_id = ? ORDER BY seq", [row[0]])
            return Claimed(
                dossier_id=row[0],
                manifest=bytes(row[1]),
                manifest_sha256=row[2],
                parts=tuple(part[0] for part in parts.fetchall()),
                tries=int(row[3]),
                big=int(row[4]) > BIG_BYTES,
            )

    def smaller_waits(self) -> bool:
        """Tell whether a small dossier, never tried, waits behind a big one that is being sent."""
        found = self.vault.rows(
            "SELECT 1 FROM dossiers INDEXED BY dossiers_by_turn "
            "WHERE state = 'ready' AND next_try_at < ? LIMIT 1",
            (FRESH_BIG,),
        )
        return bool(found)

    def unannounced(self) -> tuple[tuple[str, bytes], ...]:
        """Return id and manifest of dossiers the backend has not heard of yet, oldest first."""
        rows = self.vault.rows(
            "SELECT id, manifest FROM dossiers INDEXED BY dossiers_unannounced "
            "WHERE announced_at IS NULL AND state = 'ready' ORDER BY id LIMIT ?",
            (ANNOUNCED_AT_ONCE,),
        )
        return tuple((row["id"], bytes(row["manifest"])) for row in rows)

    def note_announced(self, dossier_id: str) -> None:
        """Keep that the backend knows of a dossier."""
        with self.vault.transaction() as db:
            db.execute(
                "UPDATE dossiers SET announced_at = ? WHERE id = ?", [self._now().timestamp(), dossier_id]
            )

    def part(self, dossier_id: str, sha256: str) -> bytes | None:
        """Return one sealed part, or None when it is gone (another sender was first)."""
        found = self.vault.rows(
            "SELECT data FROM parts WHERE dossier_id = ? AND sha256 = ? LIMIT 1", (dossier_id, sha256)
        )
        return bytes(found[0]["data"]) if found else None

    def release(self, claimed: Claimed) -> None:
        """Give a dossier back as it was claimed."""
        with self.vault.transaction() as db:
            db.execute(
                "UPDATE dossiers SET state = 'ready', lease_owner = NULL, lease_until = NULL "
                "WHERE id = ? AND state = 'sending' AND lease_owner = ?",
                [claimed.dossier_id, self._owner],
            )

    def put_back(self, claimed: Claimed, *, retry_after_s: float | None) -> None:
        """Let a dossier wait and try again later."""
        tries = claimed.tries + 1
        wait = delay_s(tries, self._share(), retry_after_s=retry_after_s)
        with self.vault.transaction() as db:
            db.execute(
                "UPDATE dossiers SET state = 'ready', tries = ?, next_try_at = ?, lease_owner = NULL, "
                "lease_until = NULL WHERE id = ? AND state = 'sending' AND lease_owner = ?",
                [tries, self._now().timestamp() + wait, claimed.dossier_id, self._owner],
            )

    def mark_stored(self, claimed: Claimed, receipt: StoredReceipt, raw: bytes) -> None:
        """Keep the backend's receipt and delete the sealed bytes: a tombstone stays."""
        with self.vault.transaction() as db:
            db.execute(
                "UPDATE dossiers SET state = 'stored', official_code = ?, stored_at = ?, receipt = ?, "
                "manifest = NULL, reason = NULL, lease_owner = NULL, lease_until = NULL WHERE id = ?",
                [receipt.official_code, receipt.stored_at, raw.decode("utf-8"), claimed.dossier_id],
            )
            db.execute("DELETE FROM parts WHERE dossier_id = ?", [claimed.dossier_id])
            self._note(db, "stored", claimed.dossier_id, receipt.official_code)

    def quarantine(self, claimed: Claimed, reason: str) -> None:
        """Set a dossier aside that will never be accepted as it is; its bytes stay for staff."""
        with self.vault.transaction() as db:
            changed = db.execute(
                "UPDATE dossiers SET state = 'quarantined', reason = ?, lease_owner = NULL, "
                "lease_until = NULL WHERE id = ? AND state != 'stored'",
                [reason, claimed.dossier_id],
            ).rowcount
            if changed:
                self._note(db, "quarantined", claimed.dossier_id, reason)

    def pause(self, reason: str) -> None:
        """Stop sending altogether until `resume`."""
        with self.vault.transaction() as db:
            db.execute("INSERT OR REPLACE INTO meta (key, value) VALUES ('paused', ?)", [reason])
            self._note(db, "paused", detail=reason)

    def resume(self) -> None:
        """Send again."""
        with self.vault.transaction() as db:
            if db.execute("DELETE FROM meta WHERE key = 'paused'").rowcount:
                self._note(db, "resumed")

    def paused(self) -> str | None:
        """Return why sending is paused, or None."""
        found = self.vault.rows("SELECT value FROM meta WHERE key = 'paused'")
        return str(found[0]["value"]) if found else None

    def make_due(self) -> None:
        """Make every waiting dossier due now, the least tried first: a person asked."""
        with self.vault.transaction() as db:
            db.execute(_DUE_NOW)

    def retry(self) -> int:
        """Give quarantined dossiers another chance and lift the pause; return how many came back."""
        with self.vault.transaction() as db:
            count = db.execute(
                "UPDATE dossiers SET state = 'ready', next_try_at = 0, reason = NULL "
                "WHERE state = 'quarantined'"
            ).rowcount
            db.execute(_DUE_NOW)
            db.execute("DELETE FROM meta WHERE key = 'paused'")
            self._note(db, "retried", detail=str(count))
            return int(count)

    def next_due_in_s(self) -> float | None:
        """Return the seconds until the next dossier is due, or None when nothing waits."""
        found = self.vault.rows(
            "SELECT min(next_try_at) AS at FROM dossiers INDEXED BY dossiers_by_turn WHERE state = 'ready'"
        )
        if found[0]["at"] is None:
            return None
        wait = float(found[0]["at"]) - self._now().timestamp()
        return 0.0 if wait > CAP_S else max(0.0, wait)

    def quarantined_reasons(self) -> dict[str, str]:
        """Return receipt code to reason of everything set aside."""
        rows = self.vault.rows("SELECT receipt_code, reason FROM dossiers WHERE state = 'quarantined'")
        return {row["receipt_code"]: row["reason"] for row in rows}

    def unsent(self) -> tuple[str, ...]:
        """Return the id of everything the backend has not confirmed, oldest first."""
        rows = self.vault.rows("SELECT id FROM dossiers WHERE state != 'stored' ORDER BY id")
        return tuple(row["id"] for row in rows)

    def manifest(self, dossier_id: str) -> bytes | None:
        """Return the manifest of a dossier, or None when it was confirmed in the meantime."""
        rows = self.vault.rows("SELECT manifest FROM dossiers WHERE id = ?", (dossier_id,))
        return bytes(rows[0]["manifest"]) if rows and rows[0]["manifest"] is not None else None

    def keep(self, name: str, value: str) -> None:
        """Keep something learnt from the line (`clock_skew_s`, `line_bytes_per_s`) over a restart."""
        with self.vault.transaction() as db:
            db.execute("INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)", [name, value])

    def kept(self, name: str) -> str | None:
        """Return what was kept under a name."""
        found = self.vault.rows("SELECT value FROM meta WHERE key = ?", (name,))
        return str(found[0]["value"]) if found else None

    def _note(self, db: Database, kind: str, about: str = "", detail: str = "") -> None:
        journal.note(db, at=self._now(), kind=kind, about=about, detail=detail)

    def sealed(self, dossier_id: str) -> bytes:
        """Return the sealed dossier, put together from its parts."""
        rows = self.vault.rows("SELECT data FROM parts WHERE dossier_id = ? ORDER BY seq", (dossier_id,))
        return b"".join(row["data"] for row in rows)


_DUE_NOW = "UPDATE dossiers SET next_try_at = min(tries, 300) / 1000.0 WHERE state = 'ready'"
_COLUMNS = (
    "SELECT id, manifest, manifest_sha256, tries, size FROM dossiers INDEXED BY dossiers_by_turn WHERE "
)


def _first(db: Database, *questions: tuple[object, ...]) -> tuple[Any, ...] | None:
    for where, *values in questions:
        row: tuple[Any, ...] | None = db.execute(f"{_COLUMNS}{where} LIMIT 1", values).fetchone()
        if row is not None:
            return row
    return None


def process_name(suffix: str = "0", *, pid: int | None = None) -> str:
    """Return a name of a sender that no later process has: process number, its start time, and a suffix."""
    number = os.getpid() if pid is None else pid
    return f"{number}.{_start_time(number)}.{suffix}"


def process_alive(owner: str) -> bool:
    """Tell whether the process of that name still runs."""
    pid, _, rest = owner.partition(".")
    started = rest.partition(".")[0]
    return pid.isdigit() and started.isdigit() and _start_time(int(pid)) == started


def _start_time(pid: int) -> str:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return "gone"
    state_and_on = stat.rpartition(")")[2].split()
    return "gone" if state_and_on[0] in "ZX" else state_and_on[_STARTTIME_FIELD]
