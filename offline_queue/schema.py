"""The encrypted table: opening it, moving its schema forward, and one way to make a transaction."""

from __future__ import annotations

import sys
import threading
from contextlib import ExitStack, closing, contextmanager
from sqlite3 import complete_statement
from typing import TYPE_CHECKING, Any, cast

from sqlcipher3 import dbapi2

if "numpy" not in sys.modules:
    # sqlite-utils loads NumPy, if it is installed, to know its types: 16 MiB the kiosk does not need.
    # `None` there is Python's own way to say "not installed".
    sys.modules["numpy"] = cast("ModuleType", None)
    from sqlite_utils import Database

    del sys.modules["numpy"]
else:
    from sqlite_utils import Database

from offline_queue.errors import QueueError, QueueLockedError, StorageFullError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path
    from types import ModuleType

BUSY_TIMEOUT_S = 10.0
CACHE_KIB = 512
"""Pages each of the two connections keeps in memory; with more they would grow visit by visit, for days."""

MIGRATIONS: tuple[str, ...] = (
    """
    CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);
    CREATE TABLE counters (
        name TEXT NOT NULL, day TEXT NOT NULL, last INTEGER NOT NULL, PRIMARY KEY (name, day)
    );
    CREATE TABLE dossiers (
        id TEXT PRIMARY KEY,
        receipt_code TEXT NOT NULL UNIQUE,
        token_sha256 TEXT NOT NULL,
        procedure TEXT NOT NULL,
        manifest BLOB,
        manifest_sha256 TEXT NOT NULL,
        size INTEGER NOT NULL,
        created_at TEXT NOT NULL,
        state TEXT NOT NULL CHECK (state IN ('ready', 'sending', 'stored', 'quarantined')),
        tries INTEGER NOT NULL DEFAULT 0,
        next_try_at REAL NOT NULL DEFAULT 0,
        lease_owner TEXT,
        lease_until REAL,
        reason TEXT,
        official_code TEXT,
        stored_at TEXT,
        receipt TEXT,
        print_state TEXT NOT NULL DEFAULT 'pending'
    );
    CREATE INDEX dossiers_waiting ON dossiers (state, next_try_at);
    CREATE TABLE parts (
        dossier_id TEXT NOT NULL REFERENCES dossiers (id),
        seq INTEGER NOT NULL,
        sha256 TEXT NOT NULL,
        data BLOB NOT NULL,
        PRIMARY KEY (dossier_id, seq)
    );
    CREATE TABLE tickets (
        id TEXT PRIMARY KEY,
        number TEXT NOT NULL,
        series TEXT NOT NULL,
        service TEXT NOT NULL,
        day TEXT NOT NULL,
        issued_at REAL NOT NULL,
        print_state TEXT NOT NULL DEFAULT 'pending',
        UNIQUE (day, number)
    );
    """,
    """
    ALTER TABLE dossiers ADD COLUMN announced_at REAL;
    DROP INDEX dossiers_waiting;
    CREATE INDEX dossiers_by_turn ON dossiers (state, next_try_at, id);
    CREATE INDEX dossiers_counted ON dossiers (state, created_at, size);
    CREATE INDEX dossiers_unannounced ON dossiers (id) WHERE announced_at IS NULL AND state = 'ready';
    ALTER TABLE tickets ADD COLUMN sent TEXT;
    CREATE INDEX tickets_unsent ON tickets (id) WHERE sent IS NULL;
    CREATE INDEX tickets_by_time ON tickets (series, day, issued_at);
    CREATE TABLE ratings (
        id TEXT PRIMARY KEY,
        score INTEGER NOT NULL CHECK (score IN (1, 2, 3)),
        reasons TEXT NOT NULL,
        given_at TEXT NOT NULL,
        sent TEXT
    );
    CREATE INDEX ratings_unsent ON ratings (id) WHERE sent IS NULL;
    CREATE TABLE events (
        seq INTEGER PRIMARY KEY,
        at TEXT NOT NULL,
        kind TEXT NOT NULL,
        about TEXT NOT NULL,
        detail TEXT NOT NULL,
        chain TEXT NOT NULL
    );
    CREATE TRIGGER events_stay BEFORE UPDATE ON events BEGIN
        SELECT RAISE(ABORT, 'constraint: events are append-only');
    END;
    """,
)
"""Forward only: a later version adds an entry, nobody edits one that was shipped."""


class Vault:
    """One SQLCipher connection behind a lock: any thread may use it, one at a time.

    Other processes (the command line beside the running kiosk) share the file through WAL.

    Args:
        path: The database file; made when it is not there.
        key: 32 bytes.
        max_pages: Upper bound of the file in pages, for tests of a full disk.

    Raises:
        QueueLockedError: The key does not open the file, or the file is damaged or from a newer kiosk.
    """

    def __init__(self, path: Path, key: bytes, *, max_pages: int | None = None) -> None:
        self._lock = threading.RLock()
        self._reading = threading.Lock()
        with ExitStack() as opened:
            self._connection = opened.enter_context(closing(_connect(path, key)))
            if max_pages is not None:
                self._connection.execute(f"PRAGMA max_page_count = {max_pages}").fetchone()
            self._db = Database(self._connection)
            self._migrate()
            self._reader = opened.enter_context(closing(_connect(path, key)))
            self._reader.execute("PRAGMA query_only = ON")
            self._reads = Database(self._reader)
            opened.pop_all()

    def _migrate(self) -> None:
        with self.transaction() as db:
            version = int(db.execute("PRAGMA user_version").fetchone()[0])
            if version > len(MIGRATIONS):
                raise QueueLockedError("the database belongs to a newer kiosk release; install that release")
            for script in MIGRATIONS[version:]:
                for statement in _statements(script):
                    db.execute(statement)
            db.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")

    @contextmanager
    def transaction(self) -> Iterator[Database]:
        """Run a block as one durable transaction: all of it is on the disk afterwards, or nothing.

        Raises:
            StorageFullError: No room; nothing was written.
            QueueLockedError: The file is damaged.
            QueueError: Another process kept the file too long.
        """
        with self._lock:
            try:
                self._connection.execute("BEGIN IMMEDIATE")
                try:
                    yield self._db
                    self._connection.execute("COMMIT")
                except BaseException:
                    if self._connection.in_transaction:
                        self._connection.execute("ROLLBACK")
                    raise
            except dbapi2.Error as error:
                raise _translated(error) from error

    def rows(self, sql: str, parameters: Sequence[object] = ()) -> list[dict[str, Any]]:
        """Return what a SELECT finds, each row by column name; never waits for a transaction.

        Raises:
            QueueLockedError: The file is damaged.
        """
        with self._reading:
            try:
                return list(self._reads.query(sql, list(parameters)))
            except dbapi2.Error as error:
                raise _translated(error) from error

    def checkpoint(self) -> None:
        """Fold the write-ahead log into the file, so that deleted bytes do not linger in it."""
        with self._lock, self._reading:
            self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()

    def close(self) -> None:
        """Close the file; safe to call twice."""
        with self._lock, self._reading:
            self._reader.close()
            self._connection.close()


def _connect(path: Path, key: bytes) -> dbapi2.Connection:
    connection: dbapi2.Connection | None = None
    try:
        connection = dbapi2.connect(
            str(path), timeout=BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False
        )
        run = connection.execute
        run(f"PRAGMA key = \"x'{key.hex()}'\"")
        run("SELECT count(*) FROM sqlite_master").fetchone()
        run("PRAGMA journal_mode = WAL").fetchone()
        run("PRAGMA synchronous = FULL")
        run("PRAGMA secure_delete = ON")
        run("PRAGMA temp_store = MEMORY")
        run("PRAGMA foreign_keys = ON")
        run(f"PRAGMA cache_size = -{CACHE_KIB}")
    except dbapi2.Error as error:
        if connection is not None:
            connection.close()
        raise _translated(error) from error
    return connection


def _statements(script: str) -> Iterator[str]:
    pending = ""
    for piece in script.split(";")[:-1]:
        pending += piece + ";"
        if complete_statement(pending):  # a trigger holds semicolons of its own
            yield pending
            pending = ""


def _translated(error: Exception) -> QueueError:
    text = str(error)
    if "full" in text:
        return StorageFullError("no room for the queue's database; free disk space, then try again")
    if "locked" in text or "busy" in text:
        return QueueError("another program holds the queue's database; try again in a moment")
    if "unable to open" in text or "readonly" in text:
        return QueueError("the queue's database cannot be opened; check the owner and rights of data_dir")
    if "constraint" in text:
        return QueueError("the queue's database refused a row that is already there; call a technician")
    return QueueLockedError(
        "the queue's database does not open; the key is wrong or the file is damaged: restore the backup"
    )
