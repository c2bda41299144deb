"""Kiosks change their keys with an overlap; requests seen by one process are seen by all."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Step forward."""
    with op.batch_alter_table("kiosks") as kiosks:
        kiosks.add_column(sa.Column("next_key", sa.String(64), nullable=True))
        kiosks.add_column(sa.Column("old_key", sa.String(64), nullable=True))
        kiosks.add_column(sa.Column("old_key_until", sa.String(32), nullable=True))
        kiosks.create_unique_constraint("kiosks_next_key", ["next_key"])
    op.create_table(
        "seen_requests",
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
        # Not worth a write-ahead log: rows live for minutes, and a crash ends the requests as well.
        prefixes=["UNLOGGED"] if op.get_bind().dialect.name == "postgresql" else [],
    )
    op.create_index("seen_requests_until", "seen_requests", ["until"])
