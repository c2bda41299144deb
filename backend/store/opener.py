"""The worker that opens stored dossiers: what they hold, and keyed hashes of the ID number for look-ups.

Nothing of the person is written: answers and papers stay sealed; a clerk who looks opens them (`cases`).
"""

from __future__ import annotations

import datetime as dt
import io
import json
import logging
import threading
import zipfile
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from backend.keys import SealError
from backend.store.models import Dossier
from backend.store.sweeping import sweep_parts

if TYPE_CHECKING:
    from backend.services import Services

log = logging.getLogger(__name__)

TRIES = 5
AT_ONCE = 8
"""Dossiers opened in one transaction: a clerk who moves one of them waits no longer than for these."""
POLL_S = 2.0
"""Seconds between two looks where another process stores dossiers and cannot wake this one."""
TAIL_DIGITS = 4
SWEEP_EVERY = dt.timedelta(hours=6)
NAME_LIMIT = 300
"""Characters of a procedure's name; the longest official one has some 200."""
FORMAT = "kiosk-dossier"
FORMAT_VERSION = 1
CONTENTS_LIMIT = 1024 * 1024
"""Bytes of `manifest.json` inside a dossier: more is no dossier of ours."""


def open_pending(services: Services) -> int:
    """Open every dossier that waits, until one cannot be read; return how many were dealt with."""
    count = 0
    while found := _open_some(services):
        good = found.count(True)
        count += good
        if good < len(found):
            break  # the store may be ill: the rest waits for the next turn
    return count


def _open_some(services: Services) -> list[bool]:
    with Session(services.engine) as session, session.begin():
        rows = session.scalars(
            select(Dossier)
            .where(Dossier.opened == "pending")
            .order_by(Dossier.open_tries, Dossier.stored_at)
            .limit(AT_ONCE)
            .with_for_update(skip_locked=True)
        ).all()
        if services.engine.dialect.name != "sqlite":
            # The rows stay locked while they are opened: a second worker takes the next ones.
            return [_note(services, row, _look(services, row.id)) for row in rows]
        names = [row.id for row in rows]
    # SQLite has one lock for all: kiosks must not wait for it while dossiers are opened.
    looks = {name: _look(services, name) for name in names}
    with Session(services.engine) as session, session.begin():
        return [_note(services, session.get_one(Dossier, name), look) for name, look in looks.items()]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Look:
    """What opening one dossier came to: contents, or the error."""

    contents: dict[str, Any] | None = None
    number: str | None = field(default=None, repr=False)
    error: Exception | None = field(default=None, repr=False)


def _look(services: Services, dossier_id: str) -> _Look:
    try:
        contents, number = _read(services.keys.open_sealed(services.blobs.read(dossier_id)), dossier_id)
    except (SealError, ValueError, TypeError, KeyError, zipfile.BadZipFile, OSError) as error:
        return _Look(error=error)
    return _Look(contents=contents, number=number)


def _note(services: Services, row: Dossier, look: _Look) -> bool:
    """Write down what was seen; return False when the store may be ill."""
    if isinstance(look.error, OSError):
        row.open_tries += 1
        row.opened = "quarantined" if row.open_tries >= TRIES else "pending"
        log.warning("dossier.not_read", extra={"cause": type(look.error).__name__, "tries": row.open_tries})
        return False
    if look.error is not None:
        row.opened = "quarantined"
        log.error("dossier.not_opened", extra={"cause": type(look.error).__name__})
        return True
    row.opened = "opened"
    row.contents = look.contents
    if look.number is not None:
        row.digits_hash = services.keys.digits_hash(row.id, look.number[-TAIL_DIGITS:])
        row.person_hash = services.keys.person_hash(look.number)
    return True


def _read(plain: bytes, dossier_id: str) -> tuple[dict[str, Any], str | None]:
    with zipfile.ZipFile(io.BytesIO(plain)) as archive:
        if archive.getinfo("manifest.json").file_size > CONTENTS_LIMIT:
            raise ValueError("manifest.json is too long")
        manifest = json.loads(archive.read("manifest.json"))
    if (manifest["format"], manifest["version"]) != (FORMAT, FORMAT_VERSION):
        raise ValueError("a format this release does not know")
    if manifest["dossier_id"] != dossier_id:
        raise ValueError("another dossier's contents")
    documents = [
        {key: document[key] for key in ("name", "media_type", "size")} for document in manifest["documents"]
    ]
    contents = {
        "form_version": manifest["form_version"],
        "procedure_name": str(manifest.get("procedure_name", ""))[:NAME_LIMIT],
        "documents": documents,
    }
    number = manifest["id_number"]
    return contents, str(number) if number else None


class Opener:
    """One thread that opens dossiers after their commit."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._sweep_at = services.now() + SWEEP_EVERY
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="dossier-opener", daemon=True)

    def start(self) -> None:
        """Start working, beginning with what an earlier run left."""
        self._thread.start()

    def stop(self, *, timeout_s: float = 10.0) -> None:
        """End after the dossier under way."""
        self._stopping.set()
        self._services.to_open.set()
        self._thread.join(timeout_s)

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._services.to_open.clear()
            try:
                open_pending(self._services)
                self._sweep_when_due()
            except SQLAlchemyError as error:
                log.error("opener.database", extra={"cause": type(error).__name__})  # noqa: TRY400 - may quote data
            self._services.to_open.wait(POLL_S)

    def _sweep_when_due(self) -> None:
        now = self._services.now()
        if now < self._sweep_at:
            return
        self._sweep_at = now + SWEEP_EVERY
        try:
            sweep_parts(self._services)
        except OSError as error:
            log.warning("parts.not_swept", extra={"cause": type(error).__name__})
