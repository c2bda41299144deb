"""The schema goes forward only, with what is in it: from the first one that was ever used, in one step."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import pytest
from sqlcipher3 import dbapi2

from offline_queue import journal, schema, slips
from offline_queue.errors import QueueError
from offline_queue.reconcile import reconcile
from offline_queue.schema import MIGRATIONS, Vault

if TYPE_CHECKING:
    from pathlib import Path

KEY = bytes(range(32))
SHIPPED = (
    "4868761f03ba124d",
    "46c1e75a4665ebed",
)
"""First digits of the SHA-256 of each migration: what was shipped is never edited, only followed."""
STATES = ("ready", "sending", "stored", "quarantined")
SEALED_BYTES = 100


def first_row(number: int, state: str) -> dict[str, Any]:
    """Return a dossier as the first release kept it."""
    kept = state != "stored"
    return {
        "id": f"{number:036d}",
        "receipt_code": f"K01-261122-{number:04d}",
        "token_sha256": "aa",
        "procedure": "2.000635",
        "manifest": b"{}" if kept else None,
        "manifest_sha256": "bb",
        "size": SEALED_BYTES,
        "created_at": "2026-11-22T09:30:00+07:00",
        "state": state,
        "tries": number,
        "lease_owner": "a dead sender" if state == "sending" else None,
        "lease_until": 9e9 if state == "sending" else None,
        "reason": "commit 422" if state == "quarantined" else None,
        "official_code": None if kept else "H20.17-261122-0001",
        "stored_at": None if kept else "2026-11-22T02:31:00+00:00",
        "receipt": None if kept else "{}",
    }


def first_schema(path: Path) -> None:
    """Make a database of the first release, with a row of every kind."""
    connection = dbapi2.connect(str(path), isolation_level=None)
    try:
        connection.execute(f"PRAGMA key = \"x'{KEY.hex()}'\"")
        connection.execute("PRAGMA journal_mode = WAL").fetchone()
        connection.executescript(MIGRATIONS[0])
        connection.execute("PRAGMA user_version = 1")
        connection.execute("INSERT INTO meta VALUES ('line_bytes_per_s', '9000')")
        connection.execute("INSERT INTO counters VALUES ('receipt', '261122', 4)")
        for number, state in enumerate(STATES, start=1):
            row = first_row(number, state)
            names, marks = ", ".join(row), ", ".join("?" * len(row))
            connection.execute(f"INSERT INTO dossiers ({names}) VALUES ({marks})", list(row.values()))  # noqa: S608 - names from above
            if state != "stored":
                sealed = bytes([number]) * SEALED_BYTES
                digest = hashlib.sha256(sealed).hexdigest()
                connection.execute("INSERT INTO parts VALUES (?, 0, ?, ?)", [row["id"], digest, sealed])
        connection.execute(
            "INSERT INTO tickets (id, number, series, service, day, issued_at) "
            "VALUES ('t1', 'A001', 'A', 'x', '261122', 1)"
        )
    finally:
        connection.close()


@pytest.fixture
def old(tmp_path: Path) -> Path:
    path = tmp_path / "queue.db"
    first_schema(path)
    return path


def test_nobody_edits_a_migration_that_was_shipped() -> None:
    digests = [hashlib.sha256(script.encode()).hexdigest() for script in MIGRATIONS]
    assert [digest[:16] for digest in digests[: len(SHIPPED)]] == list(SHIPPED)


def test_everything_of_the_first_release_is_there_and_goes_on(old: Path, make_bench: Any) -> None:
    bench = make_bench()
    assert old.exists()
    vault, outbox = bench.queue.vault, bench.outbox
    assert vault.rows("PRAGMA user_version") == [{"user_version": len(MIGRATIONS)}]
    status = bench.queue.status()
    assert (status.ready, status.sending, status.stored, status.quarantined) == (1, 1, 1, 1)
    assert bench.queue.line_speed() == 9000
    found = reconcile(vault, bench.clock())
    assert (found.unconfirmed, found.incomplete, found.damaged, found.broken_event) == (0, 0, 0, None)
    assert [slip.name for slip in slips.unsent(vault)] == ["t1"], "an old ticket is told to the backend"

    assert outbox.recover() == 1, "the sender of the old release is dead"
    assert [outbox.sealed(name)[:1] for name in outbox.unsent()] == [b"\1", b"\2", b"\4"]
    assert {outbox.claim().dossier_id, outbox.claim().dossier_id} == {f"{1:036d}", f"{2:036d}"}
    assert outbox.retry() == 1
    assert outbox.claim().dossier_id == f"{4:036d}"


def test_hand_in_goes_on_with_the_next_number_and_the_log_begins(
    old: Path, make_bench: Any, make_hand_in: Any
) -> None:
    assert old.exists()
    bench = make_bench()
    assert bench.queue.put(make_hand_in()).receipt_code == "K01-261122-0005"
    assert bench.queue.issue_ticket(series="B", service="y").number == "B001"
    bench.queue.rate(score=2)
    assert journal.first_broken(bench.queue.vault) is None


def test_a_step_that_fails_leaves_the_old_schema_whole(old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The power may go, or the disk be full, in the middle of a step: it is one transaction."""
    broken = (*MIGRATIONS, "CREATE TABLE extra (x); INSERT INTO meta VALUES ('line_bytes_per_s', '1');")
    with monkeypatch.context() as patched:
        patched.setattr(schema, "MIGRATIONS", broken)
        with pytest.raises(QueueError):
            Vault(old, KEY)
    vault = Vault(old, KEY)
    try:
        names = {row["name"] for row in vault.rows("SELECT name FROM sqlite_master")}
        assert "extra" not in names
        assert vault.rows("SELECT count(*) AS number FROM dossiers") == [{"number": len(STATES)}]
    finally:
        vault.close()


def test_opening_twice_changes_nothing(old: Path) -> None:
    schemas = []
    for _ in range(2):
        vault = Vault(old, KEY)
        schemas.append(vault.rows("SELECT type, name, sql FROM sqlite_master ORDER BY name"))
        vault.close()
    assert schemas[0] == schemas[1]


def test_a_new_database_and_a_migrated_one_are_alike(old: Path, tmp_path: Path) -> None:
    made = []
    for path in (old, tmp_path / "new.db"):
        vault = Vault(path, KEY)
        columns = {
            row["name"]: vault.rows(f"PRAGMA table_info({row['name']})")
            for row in vault.rows("SELECT name FROM sqlite_master WHERE type = 'table'")
        }
        indexes = vault.rows("SELECT name, sql FROM sqlite_master WHERE type != 'table' ORDER BY name")
        vault.close()
        made.append((columns, indexes))
    assert made[0] == made[1]
