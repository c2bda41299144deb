"""Kiosks: one-time codes, enrolment, signs of life, what counters hand over."""

from __future__ import annotations

import datetime as dt
import secrets
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from backend.messages import sha256_hex
from backend.services import Refusal
from backend.store import audit
from backend.store.models import EnrolCode, Kiosk, Rating, Ticket

if TYPE_CHECKING:
    from collections.abc import Sequence

    from backend.messages import EnrolRequest, Heartbeat, RatingGiven, TicketGiven
    from backend.services import Services
    from backend.store.admission import KnownKiosk

CODE_LIFE = dt.timedelta(minutes=15)
_ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""No 0, 1, I, L, O: a technician types it from a phone."""
_CODE_LENGTH = 10


def make_enrol_code(services: Services, *, kiosk_name: str = "", unit: str = "", unit_name: str = "") -> str:
    """Return a new one-time code, good for 15 minutes.

    Args:
        services: The backend.
        kiosk_name: How the kiosk is listed; empty takes the name it gives itself.
        unit: Unit identification code; empty takes that of the settings.
        unit_name: Name of the unit, as citizens read it.
    """
    code = "".join(secrets.choice(_ALPHABET) for _ in range(_CODE_LENGTH))
    with Session(services.engine) as session, session.begin():
        session.add(
            EnrolCode(
                code_sha256=sha256_hex(code.encode()),
                kiosk_name=kiosk_name,
                unit_code=unit or services.settings.unit_code,
                unit_name=unit_name or services.settings.unit_name,
                expires_at=services.now() + CODE_LIFE,
            )
        )
    return code


def enrol(services: Services, asked: EnrolRequest) -> Kiosk:
    """Let a kiosk in for a code; the same key gets the same identity again.

    Raises:
        Refusal: 403 when the code is wrong, used or too old, or the key was revoked.
    """
    now = services.now()
    digest = sha256_hex(asked.code.strip().upper().encode())
    with Session(services.engine, expire_on_commit=False) as session, session.begin():
        code = session.get(EnrolCode, digest, with_for_update=True)
        if code is None or code.used_at is not None or code.expires_at < now:
            raise Refusal(403, "enrol.code", "the code is wrong, used or too old; make a new one")
        code.used_at = now
        kiosk = session.scalars(select(Kiosk).where(Kiosk.public_key == asked.kiosk_public_key)).one_or_none()
        if kiosk is not None and kiosk.revoked_at is not None:
            raise Refusal(403, "enrol.revoked", "this kiosk's key was revoked; delete it on the kiosk first")
        if kiosk is None:
            kiosk = Kiosk(id=f"k-{secrets.token_hex(8)}", public_key=asked.kiosk_public_key)
            session.add(kiosk)
        kiosk.name = code.kiosk_name or asked.name
        kiosk.unit_code = code.unit_code
        kiosk.unit_name = code.unit_name
        kiosk.enrolled_at = now
        return kiosk


def kiosks(services: Services) -> Sequence[Kiosk]:
    """Return every kiosk that was ever let in, but the door of imports."""
    with Session(services.engine) as session:
        return session.scalars(select(Kiosk).where(Kiosk.id.not_like("import-%")).order_by(Kiosk.id)).all()


def revoke(services: Services, kiosk_id: str, *, by: str) -> None:
    """Shut a kiosk out, at once and for good: it must be enrolled anew with a new key.

    Raises:
        Refusal: 404 when there is no such kiosk.
    """
    with Session(services.engine) as session, session.begin():
        row = session.get(Kiosk, kiosk_id)
        if row is None:
            raise Refusal(404, "kiosk.unknown", f"no kiosk has the id {kiosk_id}")
        row.revoked_at = row.revoked_at or services.now()
        audit.note(session, services, who=by, did="revoked", about=kiosk_id)


def note_heartbeat(services: Services, kiosk: KnownKiosk, beat: Heartbeat) -> None:
    """Keep when a kiosk was last heard and how it is; a heartbeat that tells nothing leaves what is known."""
    with Session(services.engine) as session, session.begin():
        row = session.get_one(Kiosk, kiosk.id)
        row.seen_at = services.now()
        if beat.health:
            row.health = dict(beat.health)


def keep_ticket(services: Services, kiosk: KnownKiosk, given: TicketGiven) -> bool:
    """Keep a number a kiosk gave out; return False when it is known."""
    return _keep(services, Ticket(kiosk_id=kiosk.id, unit_code=kiosk.unit_code, **given.model_dump()))


def keep_rating(services: Services, kiosk: KnownKiosk, given: RatingGiven) -> bool:
    """Keep a rating; return False when it is known."""
    return _keep(services, Rating(kiosk_id=kiosk.id, **given.model_dump()))


def _keep(services: Services, row: Ticket | Rating) -> bool:
    try:
        with Session(services.engine) as session, session.begin():
            session.add(row)
    except IntegrityError:
        return False  # the same id again: the kiosk did not hear the first answer
    return True
