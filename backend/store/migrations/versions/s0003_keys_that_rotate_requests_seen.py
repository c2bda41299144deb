"""Kiosks change their keys with an overlap; requests seen by one process are seen by all."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Step forward."""
    # Not as a batch: on SQLite that makes the table anew, and dossiers refer to the one there is.
    op.add_column("kiosks", sa.Column("next_key", sa.String(64), nullable=True))
    op.add_column("kiosks", sa.Column("old_key", sa.String(64), nullable=True))
    op.add_column("kiosks", sa.Column("old_key_until", sa.String(32), nullable=True))
    op.create_index("kiosks_next_key", "kiosks", ["next_key"], unique=True)
    op.create_table(
        "seen_requests",
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
        # Not worth a write-ahead log: rows live for minutes, and a crash ends the requests as well.
        prefixes=["UNLOGGED"] if op.get_bind().dialect.name == "postgresql" else [],
    )
    op.create_index("seen_requests_until", "seen_requests", ["until"])
