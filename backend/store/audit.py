"""Who looked at what and who changed what: append-only, each row holds the hash of the one before."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from backend.messages import canonical_json, sha256_hex
from backend.store.models import Deed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from backend.services import Services

_START = "0" * 64
_LOCK = 0x6B696F736B  # "kiosk": one writer of the chain at a time on PostgreSQL; SQLite has one writer anyway


def note(session: Session, services: Services, *, who: str, did: str, about: str = "") -> None:
    """Add a deed to the transaction that makes it true.

    Args:
        session: Of that transaction.
        services: The running backend.
        who: Name of the member of staff.
        did: Such as `viewed`, `moved to 2`, `signed in`.
        about: A dossier id, a ticket id or a name; never a citizen's.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
    last = session.scalars(select(Deed).order_by(Deed.seq.desc()).limit(1)).one_or_none()
    seq, chain = (last.seq + 1, last.chain) if last is not None else (1, _START)
    deed = Deed(seq=seq, at=services.now(), who=who, did=did, about=about)
    deed.chain = _link(chain, deed)
    session.add(deed)
    session.flush()


def newest(services: Services, *, limit: int = 200) -> Sequence[Deed]:
    """Return the newest deeds, newest first."""
    with Session(services.engine) as session:
        return session.scalars(select(Deed).order_by(Deed.seq.desc()).limit(limit)).all()


def first_broken(services: Services) -> int | None:
    """Return the number of the first row that does not follow from the one before it, or None."""
    chain, expected = _START, 1
    with Session(services.engine) as session:
        for deed in session.scalars(select(Deed).order_by(Deed.seq)):
            chain = _link(chain, deed)
            if deed.seq != expected or deed.chain != chain:
                return expected
            expected += 1
    return None


def _link(chain: str, deed: Deed) -> str:
    row = {"seq": deed.seq, "at": deed.at.isoformat(), "who": deed.who, "did": deed.did, "about": deed.about}
    return sha256_hex(chain.encode() + canonical_json(row))
