"""The event log of this kiosk: what happened to dossiers, tickets and the line; no person, append-only.

Each row carries the SHA-256 of the row before it, so a row that was changed, removed or slipped in is found.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from offline_queue.messages import canonical_json

if TYPE_CHECKING:
    import datetime as dt

    from sqlite_utils import Database

    from offline_queue.schema import Vault

ANCHOR = "events_anchor"
"""Where the chain begins after the oldest rows were forgotten: the last forgotten row's number and hash."""
_START = "0" * 64


def note(db: Database, *, at: dt.datetime, kind: str, about: str = "", detail: str = "") -> None:
    """Add an event inside the transaction that makes it true.

    Args:
        db: From `Vault.transaction`.
        at: The wall clock.
        kind: Such as `handed_in`, `stored`, `quarantined`.
        about: A dossier id or a ticket number.
        detail: A reason or a state; no person.
    """
    last = db.execute("SELECT seq, chain FROM events ORDER BY seq DESC LIMIT 1").fetchone()
    seq, chain = (int(last[0]), str(last[1])) if last is not None else _anchor(db)
    moment = at.isoformat()
    fresh = _link(chain, seq=seq + 1, at=moment, kind=kind, about=about, detail=detail)
    db.execute(
        "INSERT INTO events (seq, at, kind, about, detail, chain) VALUES (?, ?, ?, ?, ?, ?)",
        [seq + 1, moment, kind, about, detail, fresh],
    )


def first_broken(vault: Vault) -> int | None:
    """Return the number of the first event that does not follow from the one before it, or None.

    Args:
        vault: The open database.
    """
    found = vault.rows("SELECT value FROM meta WHERE key = ?", (ANCHOR,))
    seq, chain = _read_anchor(str(found[0]["value"]) if found else None)
    for row in vault.rows("SELECT seq, at, kind, about, detail, chain FROM events ORDER BY seq"):
        seq += 1
        stored = row.pop("chain")
        chain = _link(chain, **row)
        if row["seq"] != seq or stored != chain:
            return seq
    return None


def forget(db: Database, *, before: str) -> int:
    """Forget events older than a moment (ISO 8601) and anchor the chain at the last of them; return how many.

    Only a run from the beginning goes: a clock that once stood wrong leaves no hole.
    """
    kept = db.execute("SELECT min(seq) FROM events WHERE at >= ?", [before]).fetchone()[0]
    last = db.execute(
        "SELECT seq, chain FROM events WHERE ? IS NULL OR seq < ? ORDER BY seq DESC LIMIT 1", [kept, kept]
    ).fetchone()
    if last is None:
        return 0
    db.execute("INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)", [ANCHOR, f"{last[0]} {last[1]}"])
    return int(db.execute("DELETE FROM events WHERE seq <= ?", [last[0]]).rowcount)


def _anchor(db: Database) -> tuple[int, str]:
    found = db.execute("SELECT value FROM meta WHERE key = ?", [ANCHOR]).fetchone()
    return _read_anchor(None if found is None else str(found[0]))


def _read_anchor(text: str | None) -> tuple[int, str]:
    if text is None:
        return 0, _START
    seq, _, chain = text.partition(" ")
    return int(seq), chain


def _link(chain: str, **row: Any) -> str:
    return hashlib.sha256(chain.encode("ascii") + canonical_json(row)).hexdigest()
