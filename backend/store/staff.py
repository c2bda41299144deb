"""Members of staff: passwords, one-time codes, sessions."""

from __future__ import annotations

import base64
import datetime as dt
import hmac
import secrets
import struct
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError
from sqlalchemy import delete
from sqlalchemy.orm import Session

from backend.messages import sha256_hex
from backend.services import Refusal
from backend.store import audit
from backend.store.models import LookUpFailure, Staff, StaffSession

if TYPE_CHECKING:
    from backend.services import Services

ROLES: Final = ("clerk", "technician", "admin")
IDLE = dt.timedelta(minutes=30)
LONGEST = dt.timedelta(hours=12)
FAILURES_ALLOWED = 5
PAUSE = dt.timedelta(minutes=15)
MIN_PASSWORD = 10
_TOTP_STEP_S = 30
_NOBODY = PasswordHasher().hash("nobody has this password")
"""Checked for names that do not exist, so that the time of an answer tells nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """Somebody at a browser."""

    name: str
    role: str
    unit_code: str
    csrf: str = field(repr=False)
    token: str = field(repr=False)


def add_staff(
    services: Services, *, name: str, password: str, role: str, unit: str, totp: bool = False
) -> str | None:
    """Add a member of staff, or give an old one a new password and role.

    Returns:
        The secret for an authenticator app where one is wanted.

    Raises:
        ValueError: The role is unknown or the password too short.
    """
    if role not in ROLES:
        raise ValueError(f"--role {role}: give one of {', '.join(ROLES)}")
    if len(password) < MIN_PASSWORD:
        raise ValueError(f"the password must have at least {MIN_PASSWORD} characters")
    secret = base64.b32encode(secrets.token_bytes(20)).decode() if totp else None
    with Session(services.engine) as session, session.begin():
        row = session.get(Staff, name) or Staff(name=name)
        row.role, row.unit_code, row.totp_secret = role, unit or services.settings.unit_code, secret
        row.password_hash, row.disabled_at = PasswordHasher().hash(password), None
        session.add(row)
        session.flush()
        session.execute(delete(StaffSession).where(StaffSession.name == name))
        audit.note(session, services, who="command line", did=f"made {role}", about=name)
    return secret


def disable_staff(services: Services, name: str) -> bool:
    """Shut a member of staff out, at once; return False when there is none of that name."""
    with Session(services.engine) as session, session.begin():
        row = session.get(Staff, name)
        if row is None:
            return False
        row.disabled_at = services.now()
        session.execute(delete(StaffSession).where(StaffSession.name == name))
        audit.note(session, services, who="command line", did="disabled", about=name)
        return True


def sign_in(services: Services, name: str, password: str, code: str, *, asker: str) -> SignedIn:
    """Begin a session.

    Args:
        services: The running backend.
        name: Of the member of staff.
        password: As typed.
        code: Six digits, where an authenticator was set up.
        asker: The address: five failures pause this name from there.

    Raises:
        Refusal: 403 name, password or code do not fit; 429 too many failures.
    """
    now = services.now()
    key = sha256_hex(f"sign-in|{asker}|{name}".encode())
    with Session(services.engine, expire_on_commit=False) as session, session.begin():
        failure = session.get(LookUpFailure, key)
        if failure is not None and failure.failures >= FAILURES_ALLOWED and now - failure.last_at < PAUSE:
            raise Refusal(429, "staff.paused", "too many wrong tries; wait", retry_after_s=900)
        row = session.get(Staff, name)
        if row is not None and row.disabled_at is None and _fits(row, password, code, now):
            if failure is not None:
                session.delete(failure)
            return _begin(session, services, row)
        _password_fits(_NOBODY, password) if row is None else None
        old = failure is None or now - failure.last_at >= PAUSE
        session.merge(
            LookUpFailure(
                key=key, failures=1 if old or failure is None else failure.failures + 1, last_at=now
            )
        )
        audit.note(session, services, who=name[:60], did="was refused")
    raise Refusal(403, "staff.wrong", "name, password or code do not fit")


def session_of(services: Services, token: str) -> SignedIn | None:
    """Return who holds a cookie, or None when the session is over."""
    now = services.now()
    with Session(services.engine) as session, session.begin():
        found = session.get(StaffSession, sha256_hex(token.encode()))
        if found is None:
            return None
        row = session.get_one(Staff, found.name)
        if row.disabled_at is not None or now - found.seen_at > IDLE or now - found.began_at > LONGEST:
            session.delete(found)
            return None
        found.seen_at = now
        return SignedIn(name=row.name, role=row.role, unit_code=row.unit_code, csrf=found.csrf, token=token)


def sign_out(services: Services, who: SignedIn) -> None:
    """End a session."""
    with Session(services.engine) as session, session.begin():
        session.execute(
            delete(StaffSession).where(StaffSession.token_sha256 == sha256_hex(who.token.encode()))
        )
        audit.note(session, services, who=who.name, did="signed out")


def totp(secret: str, moment: dt.datetime) -> str:
    """Return the six digits of an authenticator app. Source: RFC 6238, 4 (SHA-1, 30 s)."""
    counter = struct.pack(">Q", int(moment.timestamp()) // _TOTP_STEP_S)
    digest = hmac.digest(base64.b32decode(secret), counter, "sha1")
    start = digest[-1] & 0x0F
    return f"{(int.from_bytes(digest[start : start + 4], 'big') & 0x7FFFFFFF) % 1_000_000:06d}"


def _begin(session: Session, services: Services, row: Staff) -> SignedIn:
    token, csrf, now = secrets.token_urlsafe(32), secrets.token_urlsafe(24), services.now()
    session.execute(delete(StaffSession).where(StaffSession.seen_at < now - LONGEST))
    session.add(
        StaffSession(
            token_sha256=sha256_hex(token.encode()), name=row.name, csrf=csrf, seen_at=now, began_at=now
        )
    )
    audit.note(session, services, who=row.name, did="signed in")
    return SignedIn(name=row.name, role=row.role, unit_code=row.unit_code, csrf=csrf, token=token)


def _fits(row: Staff, password: str, code: str, now: dt.datetime) -> bool:
    if not _password_fits(row.password_hash, password):
        return False
    if row.totp_secret is None:
        return True
    step = dt.timedelta(seconds=_TOTP_STEP_S)
    good = [totp(row.totp_secret, now + shift * step) for shift in (-1, 0, 1)]
    return any(hmac.compare_digest(digits.encode(), code.strip().encode()) for digits in good)


def _password_fits(hashed: str, password: str) -> bool:
    try:
        return PasswordHasher().verify(hashed, password)
    except (Argon2Error, InvalidHashError):
        return False
