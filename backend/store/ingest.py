"""Taking dossiers in, exactly once: manifest, commit, official code, signed receipt.

What many requests ask at once is done in one transaction (`backend.batching`): one wait for the disk, one
visit to the counter of codes.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, insert, select, text, update
from sqlalchemy.dialects import postgresql, sqlite

from backend.blobs.ports import BlobMismatchError, Expected, PartsMissingError
from backend.messages import Manifest, Receipt, canonical_json, sha256_hex
from backend.services import LOCAL_ZONE, Refusal
from backend.store.models import Dossier, ProgressStep

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection, Row

    from backend.services import Services
    from backend.store.admission import KnownKiosk

_MINT = text(
    "INSERT INTO code_counters (unit_code, day, last) VALUES (:unit, :day, :count) "
    "ON CONFLICT (unit_code, day) DO UPDATE SET last = code_counters.last + :count RETURNING last"
)
_KNOWN = (Dossier.id, Dossier.kiosk_id, Dossier.unit_code, Dossier.manifest_sha256, Dossier.state)
_TO_STORE = (Dossier.id, Dossier.unit_code, Dossier.manifest_sha256, Dossier.receipt)
_STORE = (
    update(Dossier)
    .where(Dossier.id == bindparam("dossier"))
    .values(
        state="stored",
        opened="pending",
        progress=1,
        official_code=bindparam("code"),
        receipt=bindparam("promise"),
        stored_at=bindparam("moment"),
        progress_at=bindparam("moment"),
    )
    .execution_options(synchronize_session=False)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Announced:
    """A manifest that came."""

    kiosk: KnownKiosk = field(repr=False)
    dossier_id: str
    """Minted by the kiosk at hand-in."""
    manifest: Manifest = field(repr=False)
    canonical: str = field(repr=False)
    """The manifest as it was sent, in canonical form: its digest is what the receipt names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What became of a manifest."""

    new: bool
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Assembled:
    """A dossier that is put together; its row, number and receipt are still to come."""

    dossier_id: str
    base_url: str
    """Where phones reach the backend."""
    expected: Expected
    """Its parts are not needed any more once it is stored."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """A promise kept."""

    new: bool
    """False where an earlier request stored it."""
    receipt: str
    """JSON, the same bytes for ever."""


def announced(kiosk: KnownKiosk, dossier_id: str, manifest: Manifest, raw: dict[str, Any]) -> Announced:
    """Return a manifest ready to be kept.

    Args:
        kiosk: Who sends it.
        dossier_id: Minted by the kiosk at hand-in.
        manifest: Checked.
        raw: The same as it was sent.
    """
    return Announced(
        kiosk=kiosk, dossier_id=dossier_id, manifest=manifest, canonical=canonical_json(raw).decode()
    )


def keep_manifests(services: Services, asked: Sequence[Announced]) -> list[Kept | Refusal]:
    """Note that dossiers are coming.

    Args:
        services: The running backend.
        asked: Manifests, in any order, the same id perhaps more than once.

    Returns:
        For each: whether it is new, and its state; or 422 when the id is known with other contents.
    """
    rows = {one.dossier_id: _row(one, services.now()) for one in reversed(asked)}
    with services.engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            # Nothing is promised yet: what a power cut takes away is announced again before its commit.
            connection.execute(text("SET LOCAL synchronous_commit TO OFF"))
        fresh = _add(connection, list(rows.values()))
        known: dict[str, Row[*tuple[Any, ...]]] = {}
        if len(fresh) < len(asked):
            known = {row.id: row for row in connection.execute(select(*_KNOWN).where(Dossier.id.in_(rows)))}
        answers: list[Kept | Refusal] = []
        for one in asked:
            if one.dossier_id in fresh:
                fresh.discard(one.dossier_id)
                answers.append(Kept(new=True, state="receiving"))
            else:
                answers.append(_same_or_refuse(connection, one, known[one.dossier_id]))
        return answers


def _add(connection: Connection, rows: list[dict[str, Any]]) -> set[str]:
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    adding = dialect.insert(Dossier).on_conflict_do_nothing().returning(Dossier.id)
    return set(connection.scalars(adding, rows))


def _row(one: Announced, now: datetime) -> dict[str, Any]:
    return {
        "id": one.dossier_id,
        "kiosk_id": one.kiosk.id,
        "unit_code": one.kiosk.unit_code,
        "unit_name": one.kiosk.unit_name,
        "procedure": one.manifest.procedure,
        "receipt_code": one.manifest.receipt_code,
        "token_sha256": one.manifest.token_sha256,
        "manifest": one.canonical,
        "manifest_sha256": sha256_hex(one.canonical.encode()),
        "received_at": now,
        "state": "receiving",
    }


def _same_or_refuse(connection: Connection, one: Announced, known: Row[*tuple[Any, ...]]) -> Kept | Refusal:
    if known.manifest_sha256 != sha256_hex(one.canonical.encode()):
        return Refusal(422, "dossier.differs", "this id is known with other contents; never reuse an id")
    if known.unit_code != one.kiosk.unit_code:
        return Refusal(422, "dossier.differs", "this id belongs to another unit; never reuse an id")
    if known.kiosk_id != one.kiosk.id:
        # The same box, enrolled again with a new key, goes on with its own dossier.
        connection.execute(update(Dossier).where(Dossier.id == known.id).values(kiosk_id=one.kiosk.id))
    return Kept(new=False, state=known.state)


def assemble(services: Services, kiosk: KnownKiosk, dossier_id: str, *, base_url: str) -> Assembled | Stored:
    """Put the bytes of a dossier together.

    Args:
        services: The running backend.
        kiosk: Who sends it.
        dossier_id: Known from its manifest.
        base_url: Where phones reach the backend.

    Returns:
        What `store` needs; or the receipt, where the dossier is stored already.

    Raises:
        Refusal: 404 unknown; 409 with the missing parts; 422 when they are not the dossier of the manifest.
    """
    row = _row_of(services, dossier_id)
    if row is None or row.kiosk_id != kiosk.id:
        raise Refusal(404, "dossier.unknown", "send the manifest first")
    if row.receipt is not None:
        return Stored(new=False, receipt=row.receipt)
    expected = expected_of(dossier_id, json.loads(row.manifest))
    try:
        services.blobs.assemble(expected)
    except PartsMissingError as error:
        again = _row_of(services, dossier_id)
        if again is not None and again.receipt is not None:
            return Stored(new=False, receipt=again.receipt)  # another process was quicker and tidied up
        raise Refusal(
            409, "dossier.missing_parts", "send the missing parts, then commit", missing=error.digests
        ) from error
    except BlobMismatchError as error:
        raise Refusal(422, "dossier.mismatch", str(error)) from error
    return Assembled(dossier_id=dossier_id, base_url=base_url, expected=expected)


def expected_of(dossier_id: str, manifest: Mapping[str, Any]) -> Expected:
    """Return what a manifest promises, as the store of sealed bytes needs it.

    Args:
        dossier_id: Minted by the kiosk at hand-in.
        manifest: Checked when it came.
    """
    return Expected(
        dossier_id=dossier_id,
        # JSON has one kind of number: a kiosk may write 1000 as 1000.0.
        parts=tuple((part["sha256"], int(part["size"])) for part in manifest["parts"]),
        sealed_sha256=manifest["sealed_sha256"],
        size=int(manifest["size"]),
    )


def _row_of(services: Services, dossier_id: str) -> Row[*tuple[Any, ...]] | None:
    query = select(Dossier.kiosk_id, Dossier.manifest, Dossier.receipt).where(Dossier.id == dossier_id)
    with services.reader.connect() as connection:
        return connection.execute(query).one_or_none()


def store(services: Services, asked: Sequence[Assembled]) -> list[Stored | Refusal]:
    """Make dossiers safe: bytes to the disk, then row, number and receipt in one transaction, all or nothing.

    Args:
        services: The running backend.
        asked: The same dossier perhaps more than once.
    """
    urls = {one.dossier_id: one.base_url for one in asked}
    now = services.now()
    services.blobs.settle(list(urls))
    # From here on the bytes are on the disk; now rows, numbers and receipts.
    with services.engine.begin() as connection:
        # Rows are locked in the order of their ids, counters in that of units: two processes never cross.
        query = select(*_TO_STORE).where(Dossier.id.in_(urls)).order_by(Dossier.id).with_for_update()
        rows = {row.id: row for row in connection.execute(query)}
        new = [rows[name] for name in urls if name in rows and rows[name].receipt is None]
        codes = _mint(connection, [row.unit_code for row in new], now)
        promises = [
            _promise(services, row, code, now=now, base_url=urls[row.id])
            for row, code in zip(new, codes, strict=True)
        ]
        if promises:
            connection.execute(_STORE, promises)
            steps = [{"dossier_id": row.id, "state": 1, "at": now, "by": "backend"} for row in new]
            connection.execute(insert(ProgressStep), steps)
    services.to_open.set()
    fresh = {str(promise["dossier"]): str(promise["promise"]) for promise in promises}
    receipts = {**{name: row.receipt for name, row in rows.items()}, **fresh}
    return [
        Stored(new=fresh.pop(one.dossier_id, None) is not None, receipt=receipts[one.dossier_id])
        for one in asked
    ]


def _mint(connection: Connection, units: Sequence[str], now: datetime) -> list[str]:
    """Return the next official code for each of these units, without a gap."""
    day = now.astimezone(LOCAL_ZONE).strftime("%y%m%d")
    wanted = Counter(units)
    following = {}
    for unit in sorted(wanted):
        counted = {"unit": unit, "day": day, "count": wanted[unit]}
        following[unit] = connection.execute(_MINT, counted).scalar_one() - wanted[unit]
    codes = []
    for unit in units:
        following[unit] += 1
        codes.append(f"{unit}-{day}-{following[unit]:04d}")
    return codes


def _promise(
    services: Services, row: Row[*tuple[Any, ...]], code: str, *, now: datetime, base_url: str
) -> dict[str, object]:
    promise = {
        "dossier_id": row.id,
        "official_code": code,
        "tracking_url": f"{base_url}/d/{code}",
        "manifest_sha256": row.manifest_sha256,
        "stored_at": row_time(now),
    }
    receipt = Receipt(**promise, signature=services.keys.sign(canonical_json(promise)))
    return {"dossier": row.id, "code": code, "promise": receipt.model_dump_json(), "moment": now}


def row_time(moment: datetime) -> str:
    """Return a moment as receipts write it."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")
