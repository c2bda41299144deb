"""The tables. Times are ISO 8601 text in UTC with microseconds, so that every database sorts them alike."""

import datetime as dt
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Dialect,
    ForeignKey,
    Index,
    String,
    Text,
    TypeDecorator,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Instant(TypeDecorator[dt.datetime]):
    """A moment, with its time zone."""

    impl = String(32)
    cache_ok = True

    def process_bind_param(self, value: dt.datetime | None, dialect: Dialect) -> str | None:
        """Write a moment as text."""
        del dialect
        return None if value is None else value.astimezone(dt.UTC).isoformat(timespec="microseconds")

    def process_result_value(self, value: Any | None, dialect: Dialect) -> dt.datetime | None:
        """Read a moment from text."""
        del dialect
        return None if value is None else dt.datetime.fromisoformat(value)


class Table(DeclarativeBase):
    """Every table of the backend."""


class Kiosk(Table):
    """A kiosk that was let in."""

    __tablename__ = "kiosks"
    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    public_key: Mapped[str] = mapped_column(String(64), unique=True)
    unit_code: Mapped[str] = mapped_column(String(40))
    unit_name: Mapped[str] = mapped_column(String(200))
    enrolled_at: Mapped[dt.datetime] = mapped_column(Instant)
    revoked_at: Mapped[dt.datetime | None] = mapped_column(Instant)
    seen_at: Mapped[dt.datetime | None] = mapped_column(Instant)
    health: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    next_key: Mapped[str | None] = mapped_column(String(64))
    """Announced by the kiosk; becomes `public_key` when it signs for the first time."""
    old_key: Mapped[str | None] = mapped_column(String(64))
    old_key_until: Mapped[dt.datetime | None] = mapped_column(Instant)

    __table_args__ = (Index("kiosks_next_key", "next_key", unique=True),)


class SeenRequest(Table):
    """A signed request that was here, until its token ends; only where several processes may serve."""

    __tablename__ = "seen_requests"
    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    until: Mapped[int] = mapped_column(BigInteger)
    """Unix seconds."""

    __table_args__ = (Index("seen_requests_until", "until"),)


class EnrolCode(Table):
    """A one-time code; only its hash is kept."""

    __tablename__ = "enrol_codes"
    code_sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    kiosk_name: Mapped[str] = mapped_column(String(200))
    unit_code: Mapped[str] = mapped_column(String(40))
    unit_name: Mapped[str] = mapped_column(String(200))
    expires_at: Mapped[dt.datetime] = mapped_column(Instant)
    used_at: Mapped[dt.datetime | None] = mapped_column(Instant)


class Dossier(Table):
    """A dossier: known from its manifest on, safe from `state = 'stored'` on."""

    __tablename__ = "dossiers"
    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    kiosk_id: Mapped[str] = mapped_column(ForeignKey("kiosks.id"))
    unit_code: Mapped[str] = mapped_column(String(40))
    unit_name: Mapped[str] = mapped_column(String(200))
    procedure: Mapped[str] = mapped_column(String(40))
    receipt_code: Mapped[str] = mapped_column(String(40))
    token_sha256: Mapped[str | None] = mapped_column(String(64))
    manifest: Mapped[str] = mapped_column(Text)
    manifest_sha256: Mapped[str] = mapped_column(String(64))
    received_at: Mapped[dt.datetime] = mapped_column(Instant)
    state: Mapped[str] = mapped_column(String(12))
    """`receiving` or `stored`."""
    official_code: Mapped[str | None] = mapped_column(String(60), unique=True)
    stored_at: Mapped[dt.datetime | None] = mapped_column(Instant)
    receipt: Mapped[str | None] = mapped_column(Text)
    opened: Mapped[str] = mapped_column(String(12), default="no")
    """`no`, `pending`, `opened`, `quarantined`."""
    open_tries: Mapped[int] = mapped_column(default=0)
    contents: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    """Names, kinds and sizes of the documents; no person."""
    digits_hash: Mapped[str | None] = mapped_column(String(64))
    person_hash: Mapped[str | None] = mapped_column(String(64))
    """Keyed hash of the whole ID number: staff find a person's dossiers, the database names nobody."""
    progress: Mapped[int] = mapped_column(default=1)
    progress_at: Mapped[dt.datetime | None] = mapped_column(Instant)
    due: Mapped[dt.date | None] = mapped_column()

    __table_args__ = (
        Index("dossiers_by_receipt", "receipt_code"),
        Index("dossiers_to_open", "opened"),
        Index("dossiers_by_person", "person_hash"),
        Index("dossiers_inbox", "unit_code", "progress", "stored_at"),
    )


class ProgressStep(Table):
    """Who moved a dossier, when, to what, why."""

    __tablename__ = "progress_steps"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    dossier_id: Mapped[str] = mapped_column(ForeignKey("dossiers.id"), index=True)
    state: Mapped[int] = mapped_column()
    at: Mapped[dt.datetime] = mapped_column(Instant)
    by: Mapped[str] = mapped_column(String(100))
    reason: Mapped[str] = mapped_column(String(500), default="", server_default="")


class CodeCounter(Table):
    """The last official number of a unit on a day."""

    __tablename__ = "code_counters"
    unit_code: Mapped[str] = mapped_column(String(40), primary_key=True)
    day: Mapped[str] = mapped_column(String(6), primary_key=True)
    last: Mapped[int] = mapped_column()


class LookUpFailure(Table):
    """Wrong guesses of one asker about one code."""

    __tablename__ = "look_up_failures"
    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    failures: Mapped[int] = mapped_column()
    last_at: Mapped[dt.datetime] = mapped_column(Instant)


class Ticket(Table):
    """A place in a waiting line, given out by a kiosk."""

    __tablename__ = "tickets"
    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    kiosk_id: Mapped[str] = mapped_column(ForeignKey("kiosks.id"))
    number: Mapped[str] = mapped_column(String(12))
    series: Mapped[str] = mapped_column(String(4))
    service: Mapped[str] = mapped_column(String(200))
    issued_at: Mapped[dt.datetime] = mapped_column(Instant)
    unit_code: Mapped[str] = mapped_column(String(40), default="", server_default="")
    state: Mapped[str] = mapped_column(String(12), default="waiting", server_default="waiting")
    """`waiting`, `called`, `done`, `no_show`."""
    priority: Mapped[str] = mapped_column(String(20), default="", server_default="")
    """`elderly`, `disabled`, `pregnant`, `merit`, or empty."""
    desk: Mapped[str] = mapped_column(String(20), default="", server_default="")
    calls: Mapped[int] = mapped_column(default=0, server_default="0")
    called_at: Mapped[dt.datetime | None] = mapped_column(Instant)
    ended_at: Mapped[dt.datetime | None] = mapped_column(Instant)

    __table_args__ = (Index("tickets_in_line", "unit_code", "state", "issued_at"),)


class Rating(Table):
    """How somebody found the service; anonymous."""

    __tablename__ = "ratings"
    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    kiosk_id: Mapped[str] = mapped_column(ForeignKey("kiosks.id"))
    score: Mapped[int] = mapped_column()
    reasons: Mapped[list[str]] = mapped_column(JSON)
    given_at: Mapped[dt.datetime] = mapped_column(Instant)


class Staff(Table):
    """Somebody who works with dossiers (`clerk`), machines (`technician`) or both (`admin`)."""

    __tablename__ = "staff"
    name: Mapped[str] = mapped_column(String(60), primary_key=True)
    role: Mapped[str] = mapped_column(String(12))
    unit_code: Mapped[str] = mapped_column(String(40))
    password_hash: Mapped[str] = mapped_column(String(200))
    totp_secret: Mapped[str | None] = mapped_column(String(64))
    disabled_at: Mapped[dt.datetime | None] = mapped_column(Instant)


class StaffSession(Table):
    """A browser somebody signed in with; only the hash of its cookie is kept."""

    __tablename__ = "staff_sessions"
    token_sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    name: Mapped[str] = mapped_column(ForeignKey("staff.name"))
    csrf: Mapped[str] = mapped_column(String(64))
    seen_at: Mapped[dt.datetime] = mapped_column(Instant)
    began_at: Mapped[dt.datetime] = mapped_column(Instant)


class Deed(Table):
    """One row of the audit log; `chain` is the hash of this row and the one before."""

    __tablename__ = "audit"
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[dt.datetime] = mapped_column(Instant)
    who: Mapped[str] = mapped_column(String(60))
    did: Mapped[str] = mapped_column(String(40))
    about: Mapped[str] = mapped_column(String(80))
    chain: Mapped[str] = mapped_column(String(64))
