"""What is forgotten and when. Only tombstones and old tickets: a dossier not stored is never touched."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from offline_queue import journal

if TYPE_CHECKING:
    from offline_queue.schema import Vault

TOMBSTONE_DAYS = 90
"""A receipt can be looked up here without a line for so long."""
TICKET_DAYS = 31
EVENT_DAYS = 400


def forget(vault: Vault, now: dt.datetime) -> int:
    """Delete tombstones, tickets, ratings and events past their time; return how many rows went.

    Counters stay: a clock that falls back must not give a number twice.

    Args:
        vault: The open database.
        now: The wall clock.
    """
    oldest = (now.astimezone(dt.UTC) - dt.timedelta(days=TOMBSTONE_DAYS)).isoformat()
    with vault.transaction() as db:
        gone = db.execute("DELETE FROM dossiers WHERE state = 'stored' AND stored_at < ?", [oldest]).rowcount
        gone += db.execute(
            "DELETE FROM tickets WHERE issued_at < ?",
            [(now - dt.timedelta(days=TICKET_DAYS)).timestamp()],
        ).rowcount
        gone += db.execute("DELETE FROM ratings WHERE sent IS NOT NULL").rowcount
        gone += journal.forget(db, before=(now - dt.timedelta(days=EVENT_DAYS)).isoformat())
    vault.checkpoint()
    return int(gone)
