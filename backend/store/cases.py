"""Dossiers as a clerk sees them. The sealed bytes are opened for one look and never written anywhere."""

from __future__ import annotations

import io
import json
import re
import zipfile
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from backend.keys import SealError
from backend.services import Refusal
from backend.store import audit
from backend.store.models import Dossier, ProgressStep

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    from backend.services import Services
    from backend.store.staff import SignedIn

PAGE = 50
NEXT: dict[int, tuple[int, ...]] = {
    1: (2, 3, 5, 7),
    2: (4, 5, 6, 7, 8, 9),
    3: (),
    4: (5, 6, 7, 8, 9),
    5: (2, 4, 7, 8),
    6: (4, 7, 8, 9),
    7: (),
    8: (),
    9: (10,),
    10: (),
}
"""Where a dossier may go from each state. Source: DOMAIN.md 2.3; 3, 7, 8 and 10 are ends."""
NEED_REASON = frozenset({3, 5, 7, 8})
Counts = dict[tuple[int, str], int]
"""Dossiers by state and procedure."""
_ID_NUMBER = re.compile(r"\d{9}|\d{12}")
_CODE_IN_URL = re.compile(r"/d/([A-Za-z0-9._-]+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One dossier, opened."""

    dossier: Dossier = field(repr=False)
    steps: tuple[ProgressStep, ...] = field(repr=False)
    answers: dict[str, Any] = field(repr=False)
    manifest: dict[str, Any] = field(repr=False)


def procedure_name(dossier: Dossier) -> str:
    """Return what a dossier is about, in words where its kiosk said them."""
    return str((dossier.contents or {}).get("procedure_name") or dossier.procedure)


def inbox(services: Services, unit: str, *, state: int, procedure: str = "") -> Sequence[Dossier]:
    """Return dossiers of a unit in a state, oldest first: who waited longest is next."""
    query = select(Dossier).where(
        Dossier.unit_code == unit, Dossier.state == "stored", Dossier.progress == state
    )
    if procedure:
        query = query.where(Dossier.procedure == procedure)
    with Session(services.engine) as session:
        return session.scalars(query.order_by(Dossier.stored_at).limit(PAGE)).all()


def on_the_way(services: Services, unit: str) -> int:
    """Return how many dossiers are announced and not yet here whole."""
    query = select(func.count()).where(Dossier.unit_code == unit, Dossier.state == "receiving")
    with Session(services.engine) as session:
        return int(session.scalar(query) or 0)


def counts(services: Services, unit: str) -> Counts:
    """Return how many stored dossiers a unit has, by state and procedure."""
    query = (
        select(Dossier.progress, Dossier.procedure, func.count())
        .where(Dossier.unit_code == unit, Dossier.state == "stored")
        .group_by(Dossier.progress, Dossier.procedure)
    )
    with Session(services.engine) as session:
        return {(state, procedure): number for state, procedure, number in session.execute(query)}


def search(services: Services, unit: str, wanted: str) -> Sequence[Dossier]:
    """Find dossiers of a unit by code, by what a QR scanner types (an address or a code), or by ID number."""
    text = wanted.strip()
    in_url = _CODE_IN_URL.search(text)
    code = (in_url.group(1) if in_url else text).upper()
    number = text.partition("|")[0]  # the QR of the ID card begins with the number
    query = select(Dossier).where(Dossier.unit_code == unit, Dossier.state == "stored")
    if _ID_NUMBER.fullmatch(number):
        query = query.where(Dossier.person_hash == services.keys.person_hash(number))
    else:
        query = query.where(or_(Dossier.official_code == code, Dossier.receipt_code == code))
    with Session(services.engine) as session:
        return session.scalars(query.order_by(Dossier.stored_at.desc()).limit(PAGE)).all()


def open_case(services: Services, who: SignedIn, dossier_id: str) -> Case:
    """Open a dossier for a look, which is noted.

    Raises:
        Refusal: 404 not a stored dossier of this unit; 409 sealed to somebody else or damaged.
    """
    with Session(services.engine, expire_on_commit=False) as session, session.begin():
        dossier = _own(session, who, dossier_id)
        steps = session.scalars(
            select(ProgressStep).where(ProgressStep.dossier_id == dossier_id).order_by(ProgressStep.id)
        ).all()
        audit.note(session, services, who=who.name, did="viewed", about=dossier_id)
    with _unsealed(services, dossier_id) as archive:
        return Case(
            dossier=dossier,
            steps=tuple(steps),
            answers=json.loads(archive.read("answers.json")),
            manifest=json.loads(archive.read("manifest.json")),
        )


def document(services: Services, who: SignedIn, dossier_id: str, name: str) -> tuple[str, bytes]:
    """Return media type and bytes of one document, a look that is noted.

    Raises:
        Refusal: 404 no such document; 409 the dossier does not open.
    """
    with Session(services.engine) as session, session.begin():
        _own(session, who, dossier_id)
        audit.note(session, services, who=who.name, did=f"opened {name}"[:40], about=dossier_id)
    with _unsealed(services, dossier_id) as archive:
        listed = {entry["name"]: entry for entry in json.loads(archive.read("manifest.json"))["documents"]}
        if name not in listed:
            raise Refusal(404, "document.unknown", "the dossier has no such document")
        return str(listed[name]["media_type"]), archive.read(f"documents/{name}")


def move(
    services: Services, who: SignedIn, dossier_id: str, state: int, *, reason: str, due: dt.date | None
) -> None:
    """Move a dossier to its next state.

    Raises:
        Refusal: 404 unknown; 409 not possible from where it stands; 422 a reason is needed.
    """
    if state in NEED_REASON and not reason.strip():
        raise Refusal(422, "case.reason", "say why: the citizen will ask")
    with Session(services.engine) as session, session.begin():
        row = _own(session, who, dossier_id, lock=True)
        if state not in NEXT[row.progress]:
            raise Refusal(409, "case.state", f"a dossier in state {row.progress} cannot go to {state}")
        now = services.now()
        row.progress, row.progress_at, row.due = state, now, due or row.due
        session.add(
            ProgressStep(dossier_id=dossier_id, state=state, at=now, by=who.name, reason=reason.strip()[:500])
        )
        audit.note(session, services, who=who.name, did=f"moved to {state}", about=dossier_id)


def _own(session: Session, who: SignedIn, dossier_id: str, *, lock: bool = False) -> Dossier:
    row = session.get(Dossier, dossier_id, with_for_update=lock)
    if row is None or row.unit_code != who.unit_code or row.state != "stored":
        raise Refusal(404, "dossier.unknown", "no such dossier in this unit")
    return row


def _unsealed(services: Services, dossier_id: str) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(io.BytesIO(services.keys.open_sealed(services.blobs.read(dossier_id))))
    except (SealError, zipfile.BadZipFile) as error:
        raise Refusal(
            409, "case.sealed", "this dossier does not open with the key of this backend"
        ) from error
