"""Every step of the schema goes forward with rows in the tables, not only on an empty database."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory

from backend.store.database import MIGRATIONS, migrate, open_database

if TYPE_CHECKING:
    from pathlib import Path

CONFIG = Config()
CONFIG.set_main_option("script_location", str(MIGRATIONS))
STEPS = [step.revision for step in reversed(list(ScriptDirectory.from_config(CONFIG).walk_revisions()))]


def fill(connection: sa.Connection) -> dict[str, int]:
    """Put one row into every table, filled by type, parents first; return how many each holds."""
    tables = sa.MetaData()
    tables.reflect(connection)
    for table in tables.sorted_tables:
        if table.name != "alembic_version":
            connection.execute(table.insert().values({one.name: value_of(one) for one in table.columns}))
    return {
        table.name: int(connection.scalar(sa.select(sa.func.count()).select_from(table)) or 0)
        for table in tables.sorted_tables
    }


def value_of(column: sa.Column[Any]) -> object:
    """Return something that fits a column; keys are alike, so that references hold."""
    kind = column.type.python_type
    if column.primary_key and kind is int:
        return 1
    fitting: dict[type, object] = {
        str: "1",
        int: 1,
        float: 1.0,
        bool: True,
        bytes: b"1",
        dict: {},
        dt.datetime: dt.datetime(2026, 11, 22, tzinfo=dt.UTC),
        dt.date: dt.date(2026, 11, 22),
    }
    return fitting.get(kind, "1")


@pytest.mark.parametrize("start", STEPS[:-1])
def test_a_used_backend_can_be_brought_forward(start: str, tmp_path: Path) -> None:
    engine = open_database(f"sqlite:///{tmp_path / 'backend.db'}")
    try:
        with engine.begin() as connection:
            CONFIG.attributes["connection"] = connection
            command.upgrade(CONFIG, start)
            before = fill(connection)
        migrate(engine)
        with engine.connect() as connection:
            assert connection.exec_driver_sql("PRAGMA foreign_key_check").all() == []
            for name, number in before.items():
                kept = connection.scalar(sa.text(f'SELECT count(*) FROM "{name}"'))  # noqa: S608 - names from the schema
                assert kept == number, name
            assert connection.scalar(sa.text("SELECT version_num FROM alembic_version")) == STEPS[-1]
    finally:
        engine.dispose()
