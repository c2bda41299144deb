"""Looking over the whole table at start. It can only find work: it deletes nothing, marks nothing done."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from offline_queue import journal

if TYPE_CHECKING:
    import datetime as dt

    from sqlite_utils import Database

    from offline_queue.schema import Vault

log = logging.getLogger(__name__)

CHECKED_PAGES = 16_384
"""A file of more pages than this (64 MiB) is not read whole at start; parts are checked when sent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a look over the table came to."""

    unconfirmed: int
    """Marked stored without a receipt, bytes still here: sent again."""
    incomplete: int
    """Parts are gone: set aside, visible to staff."""
    damaged: int
    """Pages that do not hold what was written; 0 also when the file was too long to read."""
    broken_event: int | None
    """Number of the first event that was tampered with."""


def reconcile(vault: Vault, now: dt.datetime, *, every_page: bool = False) -> Found:
    """Compare rows with their parts, read a small file whole, follow the chain of events.

    Args:
        vault: The open database.
        now: The wall clock.
        every_page: Read a long file whole too: a person asked and waits.

    Raises:
        QueueLockedError: The file cannot be read at all.
    """
    with vault.transaction() as db:
        unconfirmed = _change(
            db,
            now,
            "unconfirmed",
            "UPDATE dossiers SET state = 'ready', next_try_at = 0 WHERE state = 'stored' AND receipt IS NULL "
            "AND manifest IS NOT NULL AND EXISTS (SELECT 1 FROM parts WHERE dossier_id = dossiers.id) "
            "RETURNING id",
        )
        incomplete = _change(
            db,
            now,
            "incomplete",
            "UPDATE dossiers SET state = 'quarantined', reason = 'parts_missing', lease_owner = NULL, "
            "lease_until = NULL WHERE state IN ('ready', 'sending') AND (manifest IS NULL OR "
            "size != (SELECT coalesce(sum(length(data)), 0) FROM parts WHERE dossier_id = dossiers.id)) "
            "RETURNING id",
        )
    found = Found(
        unconfirmed=unconfirmed,
        incomplete=incomplete,
        damaged=_damaged_pages(vault, every_page=every_page),
        broken_event=journal.first_broken(vault),
    )
    _log(found)
    return found


def _log(found: Found) -> None:
    for kind in ("unconfirmed", "incomplete", "damaged"):
        if count := getattr(found, kind):
            log.error("queue.reconciled", extra={"kind": kind, "count": count})
    if found.broken_event is not None:
        log.error("queue.events_broken", extra={"count": found.broken_event})


def _change(db: Database, now: dt.datetime, kind: str, sql: str) -> int:
    names = [row[0] for row in db.execute(sql).fetchall()]
    for name in names:
        journal.note(db, at=now, kind=kind, about=name)
    return len(names)


def _damaged_pages(vault: Vault, *, every_page: bool) -> int:
    pages = int(vault.rows("PRAGMA page_count")[0]["page_count"])
    if pages > CHECKED_PAGES and not every_page:
        return 0
    return len(vault.rows("PRAGMA cipher_integrity_check"))
