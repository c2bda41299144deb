"""Kiosks, dossiers, codes, look-ups."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Step forward."""
    op.create_table(
        "code_counters",
        sa.Column("unit_code", sa.String(40), nullable=False),
        sa.Column("day", sa.String(6), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("unit_code", "day"),
    )
    op.create_table(
        "enrol_codes",
        sa.Column("code_sha256", sa.String(64), nullable=False),
        sa.Column("kiosk_name", sa.String(200), nullable=False),
        sa.Column("unit_code", sa.String(40), nullable=False),
        sa.Column("unit_name", sa.String(200), nullable=False),
        sa.Column("expires_at", sa.String(32), nullable=False),
        sa.Column("used_at", sa.String(32), nullable=True),
        sa.PrimaryKeyConstraint("code_sha256"),
    )
    op.create_table(
        "kiosks",
        sa.Column("id", sa.String(40), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("public_key", sa.String(64), nullable=False),
        sa.Column("unit_code", sa.String(40), nullable=False),
        sa.Column("unit_name", sa.String(200), nullable=False),
        sa.Column("enrolled_at", sa.String(32), nullable=False),
        sa.Column("revoked_at", sa.String(32), nullable=True),
        sa.Column("seen_at", sa.String(32), nullable=True),
        sa.Column("health", sa.JSON(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("public_key"),
    )
    _look_ups()
    _dossiers()
    _at_the_counter()


def _look_ups() -> None:
    op.create_table(
        "look_up_failures",
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("last_at", sa.String(32), nullable=False),
        sa.PrimaryKeyConstraint("key"),
    )


def _dossiers() -> None:
    op.create_table(
        "dossiers",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("kiosk_id", sa.String(40), nullable=False),
        sa.Column("unit_code", sa.String(40), nullable=False),
        sa.Column("unit_name", sa.String(200), nullable=False),
        sa.Column("procedure", sa.String(40), nullable=False),
        sa.Column("receipt_code", sa.String(40), nullable=False),
        sa.Column("token_sha256", sa.String(64), nullable=True),
        sa.Column("manifest", sa.Text(), nullable=False),
        sa.Column("manifest_sha256", sa.String(64), nullable=False),
        sa.Column("received_at", sa.String(32), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("official_code", sa.String(60), nullable=True),
        sa.Column("stored_at", sa.String(32), nullable=True),
        sa.Column("receipt", sa.Text(), nullable=True),
        sa.Column("opened", sa.String(12), nullable=False),
        sa.Column("open_tries", sa.Integer(), nullable=False),
        sa.Column("contents", sa.JSON(), nullable=True),
        sa.Column("digits_hash", sa.String(64), nullable=True),
        sa.Column("progress", sa.Integer(), nullable=False),
        sa.Column("progress_at", sa.String(32), nullable=True),
        sa.Column("due", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["kiosk_id"], ["kiosks.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("official_code"),
    )
    op.create_index("dossiers_by_receipt", "dossiers", ["receipt_code"], unique=False)
    op.create_index("dossiers_to_open", "dossiers", ["opened"], unique=False)


def _at_the_counter() -> None:
    op.create_table(
        "ratings",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("kiosk_id", sa.String(40), nullable=False),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("reasons", sa.JSON(), nullable=False),
        sa.Column("given_at", sa.String(32), nullable=False),
        sa.ForeignKeyConstraint(["kiosk_id"], ["kiosks.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "tickets",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("kiosk_id", sa.String(40), nullable=False),
        sa.Column("number", sa.String(12), nullable=False),
        sa.Column("series", sa.String(4), nullable=False),
        sa.Column("service", sa.String(200), nullable=False),
        sa.Column("issued_at", sa.String(32), nullable=False),
        sa.ForeignKeyConstraint(["kiosk_id"], ["kiosks.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "progress_steps",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("dossier_id", sa.String(36), nullable=False),
        sa.Column("state", sa.Integer(), nullable=False),
        sa.Column("at", sa.String(32), nullable=False),
        sa.Column("by", sa.String(100), nullable=False),
        sa.ForeignKeyConstraint(["dossier_id"], ["dossiers.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_progress_steps_dossier_id"), "progress_steps", ["dossier_id"], unique=False)
