"""Staff and their deeds; tickets that are called; dossiers found by a keyed hash of the ID number."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Step forward."""
    with op.batch_alter_table("dossiers") as dossiers:
        dossiers.add_column(sa.Column("person_hash", sa.String(64), nullable=True))
        dossiers.create_index("dossiers_by_person", ["person_hash"])
        dossiers.create_index("dossiers_inbox", ["unit_code", "progress", "stored_at"])
    with op.batch_alter_table("progress_steps") as steps:
        steps.add_column(sa.Column("reason", sa.String(500), nullable=False, server_default=""))
    with op.batch_alter_table("tickets") as tickets:
        tickets.add_column(sa.Column("unit_code", sa.String(40), nullable=False, server_default=""))
        tickets.add_column(sa.Column("state", sa.String(12), nullable=False, server_default="waiting"))
        tickets.add_column(sa.Column("priority", sa.String(20), nullable=False, server_default=""))
        tickets.add_column(sa.Column("desk", sa.String(20), nullable=False, server_default=""))
        tickets.add_column(sa.Column("calls", sa.Integer(), nullable=False, server_default="0"))
        tickets.add_column(sa.Column("called_at", sa.String(32), nullable=True))
        tickets.add_column(sa.Column("ended_at", sa.String(32), nullable=True))
        tickets.create_index("tickets_in_line", ["unit_code", "state", "issued_at"])
    _staff()


def _staff() -> None:
    op.create_table(
        "staff",
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("role", sa.String(12), nullable=False),
        sa.Column("unit_code", sa.String(40), nullable=False),
        sa.Column("password_hash", sa.String(200), nullable=False),
        sa.Column("totp_secret", sa.String(64), nullable=True),
        sa.Column("disabled_at", sa.String(32), nullable=True),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "staff_sessions",
        sa.Column("token_sha256", sa.String(64), nullable=False),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("csrf", sa.String(64), nullable=False),
        sa.Column("seen_at", sa.String(32), nullable=False),
        sa.Column("began_at", sa.String(32), nullable=False),
        sa.ForeignKeyConstraint(["name"], ["staff.name"]),
        sa.PrimaryKeyConstraint("token_sha256"),
    )
    op.create_table(
        "audit",
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", sa.String(32), nullable=False),
        sa.Column("who", sa.String(60), nullable=False),
        sa.Column("did", sa.String(40), nullable=False),
        sa.Column("about", sa.String(80), nullable=False),
        sa.Column("chain", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("seq"),
    )
