"""Opening the database and bringing its schema up to date."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import create_engine, event

if TYPE_CHECKING:
    from sqlite3 import Connection as SqliteConnection

    from sqlalchemy import Connection, Engine

MIGRATIONS = Path(__file__).parent / "migrations"
BUSY_TIMEOUT_S = 15
ONLY_READS = "kiosk_only_reads"
"""Execution option of an engine whose transactions only read: they need no write lock on SQLite."""


def open_database(url: str) -> Engine:
    """Return an engine for SQLite or PostgreSQL.

    Args:
        url: SQLAlchemy URL.
    """
    if url.startswith("sqlite:///"):
        Path(url.removeprefix("sqlite:///")).parent.mkdir(parents=True, exist_ok=True)
        engine = create_engine(url, connect_args={"timeout": BUSY_TIMEOUT_S})
        event.listen(engine, "connect", _set_up_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    # No ping before each use: after a restart of PostgreSQL the first request is told to come back, and
    # SQLAlchemy then forgets every connection of before.
    return create_engine(url, pool_size=20, max_overflow=30)


def reader_of(engine: Engine) -> Engine:
    """Return the same database for single statements, each of which commits by itself.

    Args:
        engine: From `open_database`.
    """
    if engine.dialect.name == "sqlite":
        return engine.execution_options(**{ONLY_READS: True})
    return create_engine(
        engine.url, isolation_level="AUTOCOMMIT", pool_size=20, max_overflow=30, pool_reset_on_return=None
    )


def _set_up_sqlite(connection: SqliteConnection, record: object) -> None:
    del record
    connection.isolation_level = None  # SQLAlchemy's own BEGIN below, not the driver's
    # Not WAL: the SQLite in Debian 12's Python can corrupt a WAL file on reset (QUEUE.md).
    connection.execute("PRAGMA journal_mode = TRUNCATE")
    connection.execute("PRAGMA synchronous = EXTRA")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA secure_delete = ON")


def _begin_sqlite(connection: Connection) -> None:
    # The write lock is taken first, so two writers wait for each other instead of failing half-way.
    reads = connection.get_execution_options().get(ONLY_READS, False)
    connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")


def migrate(engine: Engine) -> None:
    """Bring the schema to the newest step."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
