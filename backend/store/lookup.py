"""Where a dossier stands, for whoever holds its receipt. Three wrong guesses pause the asker."""

from __future__ import annotations

import datetime as dt
import hmac
from typing import TYPE_CHECKING

from sqlalchemy import delete, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from backend.messages import sha256_hex
from backend.services import Refusal
from backend.store.models import Dossier, LookUpFailure, ProgressStep

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from backend.services import Services

FAILURES_ALLOWED = 3
PAUSE = dt.timedelta(minutes=15)
NEXT_STEPS = {
    1: "wait",
    2: "wait",
    3: "ask_staff",
    4: "wait",
    5: "bring_papers",
    6: "pay",
    7: "ask_staff",
    8: "ask_staff",
    9: "collect",
    10: "done",
}
"""Source: DOMAIN.md 2.3."""


def by_token(services: Services, code: str, token: str, *, asker: str) -> Dossier:
    """Return a stored dossier by its code and the token of its receipt.

    Args:
        services: The backend.
        code: Official or receipt code.
        token: From the QR.
        asker: Who guesses: an address or a kiosk; its failures are counted for this code.

    Raises:
        Refusal: 404 unknown or wrong token; 429 after three failures.
    """
    digest = sha256_hex(token.encode("utf-8"))

    def fits(dossier: Dossier) -> bool:
        return dossier.token_sha256 is not None and hmac.compare_digest(dossier.token_sha256, digest)

    return _find(services, code, fits, asker=asker, unit=None)


def by_digits(services: Services, code: str, tail: str, *, asker: str, unit: str) -> Dossier:
    """Return a stored dossier of a unit by its code and the last four digits of the ID number.

    Raises:
        Refusal: 404 unknown or wrong digits; 429 after three failures.
    """

    def fits(dossier: Dossier) -> bool:
        hashed = services.keys.digits_hash(dossier.id, tail)
        return dossier.digits_hash is not None and hmac.compare_digest(dossier.digits_hash, hashed)

    return _find(services, code, fits, asker=asker, unit=unit)


def _find(
    services: Services, code: str, fits: Callable[[Dossier], bool], *, asker: str, unit: str | None
) -> Dossier:
    try:
        found = _find_counting(services, code, fits, asker=asker, unit=unit)
    except IntegrityError:
        found = None  # the same asker guessed twice at once; the other guess was counted
    if found is None:
        raise Refusal(404, "dossier.unknown", "no dossier has this code, or the token or digits do not fit")
    return found


def _find_counting(
    services: Services, code: str, fits: Callable[[Dossier], bool], *, asker: str, unit: str | None
) -> Dossier | None:
    wanted = code.strip().upper()
    key = sha256_hex(f"{asker}|{wanted}".encode())
    now = services.now()
    with Session(services.engine, expire_on_commit=False) as session, session.begin():
        failure = session.get(LookUpFailure, key, with_for_update=True)
        if failure is not None and now - failure.last_at > PAUSE:
            session.delete(failure)
            session.flush()
            failure = None
        if failure is not None and failure.failures >= FAILURES_ALLOWED:
            wait = int((failure.last_at + PAUSE - now).total_seconds()) + 1
            raise Refusal(429, "look_up.paused", "three wrong tries; wait a while", retry_after_s=wait)
        found = [dossier for dossier in _candidates(session, wanted, unit) if fits(dossier)]
        if found:
            if failure is not None:
                session.delete(failure)
            return found[-1]
        if failure is None:
            # Guesses of any code by anybody make rows here: those that no longer count must not pile up.
            session.execute(delete(LookUpFailure).where(LookUpFailure.last_at < now - PAUSE))
            session.add(LookUpFailure(key=key, failures=1, last_at=now))
        else:
            failure.failures += 1
            failure.last_at = now
    return None


def _candidates(session: Session, code: str, unit: str | None) -> Sequence[Dossier]:
    query = select(Dossier).where(
        Dossier.state == "stored", or_(Dossier.official_code == code, Dossier.receipt_code == code)
    )
    if unit is not None:
        query = query.where(Dossier.unit_code == unit)
    return session.scalars(query.order_by(Dossier.stored_at)).all()


def set_progress(services: Services, code: str, state: int, *, due: dt.date | None, by: str) -> None:
    """Move a dossier to another state, by official code.

    Raises:
        Refusal: 404 when there is no such dossier.
    """
    with Session(services.engine) as session, session.begin():
        row = session.scalars(select(Dossier).where(Dossier.official_code == code)).one_or_none()
        if row is None:
            raise Refusal(404, "dossier.unknown", f"no dossier has the official code {code}")
        row.progress = state
        row.progress_at = services.now()
        row.due = due or row.due
        session.add(ProgressStep(dossier_id=row.id, state=state, at=services.now(), by=by))


def dossier_list(services: Services) -> list[dict[str, object]]:
    """Return every dossier, oldest first; no person."""
    with Session(services.engine) as session:
        rows = session.execute(
            select(Dossier, Dossier.kiosk_id).order_by(Dossier.received_at, Dossier.id)
        ).all()
        return [
            {
                "dossier_id": dossier.id,
                "official_code": dossier.official_code,
                "receipt_code": dossier.receipt_code,
                "procedure": dossier.procedure,
                "kiosk": kiosk,
                "state": dossier.state,
                "opened": dossier.opened,
                "stored_at": None if dossier.stored_at is None else dossier.stored_at.isoformat(),
            }
            for dossier, kiosk in rows
        ]
