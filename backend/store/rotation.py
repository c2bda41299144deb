"""A kiosk changes its key: the next one is announced under the present one, and takes over when it signs.

Both hold in between, so that an answer that is lost, or a kiosk that loses power half-way, locks nobody out.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from backend.services import Refusal
from backend.store import audit
from backend.store.models import Kiosk

if TYPE_CHECKING:
    from backend.services import Services

OVERLAP = dt.timedelta(minutes=15)
"""How long a key is good after the next one has signed: requests under way still come through."""


def announce(services: Services, kiosk_id: str, public_key: str) -> None:
    """Note the key a kiosk will sign with; the same announcement again changes nothing.

    Args:
        services: The running backend.
        kiosk_id: Who says so, proved by a key of now and by the announced one.
        public_key: Base64url.

    Raises:
        Refusal: 422 the key is another kiosk's, or one this kiosk has given up.
    """
    with Session(services.engine) as session, session.begin():
        row = session.get_one(Kiosk, kiosk_id, with_for_update=True)
        if public_key in {row.public_key, row.next_key}:
            return
        taken = or_(Kiosk.public_key == public_key, Kiosk.next_key == public_key, Kiosk.old_key == public_key)
        if session.scalars(select(Kiosk.id).where(taken).limit(1)).one_or_none() is not None:
            raise Refusal(422, "key.used", "this key was in use before; make a new one")
        row.next_key = public_key
        audit.note(session, services, who=kiosk_id, did="announced a key", about=kiosk_id)


def promote(services: Services, kiosk_id: str, public_key: str) -> None:
    """Make the announced key the usual one, now that it has signed; the one before ends soon.

    Args:
        services: The running backend.
        kiosk_id: Whose.
        public_key: The key that signed, base64url.
    """
    with Session(services.engine) as session, session.begin():
        changed = session.execute(
            update(Kiosk)
            .where(Kiosk.id == kiosk_id, Kiosk.next_key == public_key)
            .values(
                old_key=Kiosk.public_key,
                old_key_until=services.now() + OVERLAP,
                public_key=public_key,
                next_key=None,
            )
            .returning(Kiosk.id)
        ).one_or_none()
        if changed is not None:
            audit.note(session, services, who=kiosk_id, did="changed its key", about=kiosk_id)
