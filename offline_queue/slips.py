"""What else a kiosk sends: tickets and ratings. Small, soon, each kept by the backend once."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from offline_queue.identifiers import LOCAL_ZONE
from offline_queue.messages import canonical_json

if TYPE_CHECKING:
    from offline_queue.schema import Vault

AT_ONCE = 200
SENT = "yes"


@dataclass(frozen=True, slots=True, kw_only=True)
class Slip:
    """One thing to send."""

    table: str
    """`tickets` or `ratings`; the path on the wire has the same name."""
    name: str
    body: bytes


def unsent(vault: Vault) -> tuple[Slip, ...]:
    """Return what the backend does not know yet, tickets first (somebody waits), oldest first.

    Args:
        vault: The open database.
    """
    tickets = vault.rows(
        "SELECT id, number, series, service, issued_at FROM tickets WHERE sent IS NULL ORDER BY id LIMIT ?",
        (AT_ONCE,),
    )
    ratings = vault.rows(
        "SELECT id, score, reasons, given_at FROM ratings WHERE sent IS NULL ORDER BY id LIMIT ?", (AT_ONCE,)
    )
    found = [_slip("tickets", {**row, "issued_at": _moment(row["issued_at"])}) for row in tickets]
    found += [_slip("ratings", {**row, "reasons": json.loads(row["reasons"])}) for row in ratings]
    return tuple(found)


def note_sent(vault: Vault, slip: Slip, how: str) -> None:
    """Keep that a slip was answered for.

    Args:
        vault: The open database.
        slip: From `unsent`.
        how: `SENT`, or why the backend will never take it (`422`).
    """
    with vault.transaction() as db:
        db.execute(f"UPDATE {slip.table} SET sent = ? WHERE id = ?", [how, slip.name])  # noqa: S608 - one of two names above


def _slip(table: str, content: dict[str, object]) -> Slip:
    return Slip(table=table, name=str(content["id"]), body=canonical_json(content))


def _moment(seconds: float) -> str:
    return dt.datetime.fromtimestamp(seconds, LOCAL_ZONE).isoformat()
