"""Taking dossiers in, exactly once: manifest, commit, official code, signed receipt."""

from __future__ import annotations

import json
from datetime import UTC
from typing import TYPE_CHECKING

from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from backend.blobs.ports import BlobMismatchError, PartsMissingError
from backend.messages import Manifest, Receipt, canonical_json, sha256_hex
from backend.services import LOCAL_ZONE, Refusal
from backend.store.models import Dossier, Kiosk, ProgressStep

if TYPE_CHECKING:
    from datetime import datetime

    from backend.services import Services

_MINT = text(
    "INSERT INTO code_counters (unit_code, day, last) VALUES (:unit, :day, 1) "
    "ON CONFLICT (unit_code, day) DO UPDATE SET last = code_counters.last + 1 RETURNING last"
)


def keep_manifest(
    services: Services, kiosk: Kiosk, dossier_id: str, manifest: Manifest, raw: dict[str, object]
) -> tuple[bool, str, list[str]]:
    """Note that a dossier is coming.

    Args:
        services: The running backend.
        kiosk: Who sends it.
        dossier_id: Minted by the kiosk at hand-in.
        manifest: Checked.
        raw: The manifest as it was sent: its canonical form is what the receipt names.

    Returns:
        Whether it is new, its state, and the parts still missing.

    Raises:
        Refusal: 409 while it is being committed; 422 when the id is known with other contents.
    """
    canonical = canonical_json(raw)
    digest = sha256_hex(canonical)
    with Session(services.engine) as session, session.begin():
        known = session.get(Dossier, dossier_id, with_for_update=True)
        if known is not None:
            _same_or_refuse(known, kiosk, digest)
            return False, known.state, _missing(services, known)
    if not services.committing.enter(dossier_id):
        raise Refusal(409, "dossier.in_progress", "another request is at this dossier; try again")
    now, text = services.now(), canonical.decode()
    try:
        _add(services, _new(dossier_id, manifest, kiosk=kiosk, now=now, canonical=text, digest=digest))
    finally:
        services.committing.leave(dossier_id)
    return True, "receiving", services.blobs.missing([part.sha256 for part in manifest.parts])


def _add(services: Services, row: Dossier) -> None:
    try:
        with Session(services.engine) as session, session.begin():
            session.add(row)
    except IntegrityError:
        raise Refusal(409, "dossier.in_progress", "another request was first; try again") from None


def _new(
    dossier_id: str, manifest: Manifest, *, kiosk: Kiosk, now: datetime, canonical: str, digest: str
) -> Dossier:
    return Dossier(
        id=dossier_id,
        kiosk_id=kiosk.id,
        unit_code=kiosk.unit_code,
        unit_name=kiosk.unit_name,
        procedure=manifest.procedure,
        receipt_code=manifest.receipt_code,
        token_sha256=manifest.token_sha256,
        manifest=canonical,
        manifest_sha256=digest,
        received_at=now,
        state="receiving",
    )


def _same_or_refuse(known: Dossier, kiosk: Kiosk, digest: str) -> None:
    if known.manifest_sha256 != digest:
        raise Refusal(422, "dossier.differs", "this id is known with other contents; never reuse an id")
    if known.kiosk_id == kiosk.id:
        return
    if known.unit_code != kiosk.unit_code:
        raise Refusal(422, "dossier.differs", "this id belongs to another unit; never reuse an id")
    known.kiosk_id = kiosk.id  # the same box, enrolled again with a new key, goes on with its own dossier


def _digests(dossier: Dossier) -> list[str]:
    return [part["sha256"] for part in json.loads(dossier.manifest)["parts"]]


def _missing(services: Services, dossier: Dossier) -> list[str]:
    return [] if dossier.state == "stored" else services.blobs.missing(_digests(dossier))


def commit(services: Services, kiosk: Kiosk, dossier_id: str, *, base_url: str) -> tuple[bool, Receipt]:
    """Make a dossier safe and give its receipt; the same receipt for ever after.

    Args:
        services: The running backend.
        kiosk: Who sends it.
        dossier_id: Known from its manifest.
        base_url: Where phones reach the backend.

    Returns:
        Whether this call stored it, and the receipt.

    Raises:
        Refusal: 404 unknown; 409 with the missing parts, or while another request commits it; 422 when the
            parts are not the dossier of the manifest.
    """
    if not services.committing.enter(dossier_id):
        raise Refusal(409, "dossier.in_progress", "another request is at this dossier; try again")
    try:
        return _commit(services, kiosk, dossier_id, base_url=base_url)
    finally:
        services.committing.leave(dossier_id)


def _commit(services: Services, kiosk: Kiosk, dossier_id: str, *, base_url: str) -> tuple[bool, Receipt]:
    with Session(services.engine) as session:
        dossier = session.get(Dossier, dossier_id)
    if dossier is None or dossier.kiosk_id != kiosk.id:
        raise Refusal(404, "dossier.unknown", "send the manifest first")
    if dossier.receipt is not None:
        return False, Receipt.model_validate_json(dossier.receipt)
    digests = _digests(dossier)
    _assemble(services, dossier, digests)
    # From here on the bytes are on the disk; now the row, the number and the receipt, all or nothing.
    with Session(services.engine) as session, session.begin():
        row = session.get_one(Dossier, dossier_id, with_for_update=True)
        if row.receipt is not None:
            return False, Receipt.model_validate_json(row.receipt)
        receipt = _store(services, session, row, base_url=base_url)
    services.blobs.drop_parts(digests)
    services.to_open.set()
    return True, receipt


def _assemble(services: Services, dossier: Dossier, digests: list[str]) -> None:
    missing = services.blobs.missing(digests)
    if missing:
        raise Refusal(
            409, "dossier.missing_parts", "send the missing parts, then commit", missing=tuple(missing)
        )
    manifest = json.loads(dossier.manifest)
    try:
        services.blobs.assemble(
            dossier.id, digests, sealed_sha256=manifest["sealed_sha256"], size=manifest["size"]
        )
    except PartsMissingError as error:
        raise Refusal(
            409, "dossier.missing_parts", "send the missing parts, then commit", missing=error.digests
        ) from error
    except BlobMismatchError as error:
        raise Refusal(422, "dossier.mismatch", str(error)) from error


def _store(services: Services, session: Session, row: Dossier, *, base_url: str) -> Receipt:
    now = services.now()
    day = now.astimezone(LOCAL_ZONE).strftime("%y%m%d")
    number = session.execute(_MINT, {"unit": row.unit_code, "day": day}).scalar_one()
    code = f"{row.unit_code}-{day}-{number:04d}"
    promise = {
        "dossier_id": row.id,
        "official_code": code,
        "tracking_url": f"{base_url}/d/{code}",
        "manifest_sha256": row.manifest_sha256,
        "stored_at": row_time(now),
    }
    receipt = Receipt(**promise, signature=services.keys.sign(canonical_json(promise)))
    row.state = "stored"
    row.official_code = code
    row.stored_at = now
    row.receipt = receipt.model_dump_json()
    row.opened = "pending"
    row.progress = 1
    row.progress_at = now
    session.add(ProgressStep(dossier_id=row.id, state=1, at=now, by="backend"))
    return receipt


def row_time(moment: datetime) -> str:
    """Return a moment as receipts write it."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")
