"""The worker that opens stored dossiers: what they hold, and the keyed hash of the last four ID digits."""

from __future__ import annotations

import io
import json
import logging
import threading
import zipfile
from typing import TYPE_CHECKING, Any

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from backend.keys import SealError
from backend.store.models import Dossier

if TYPE_CHECKING:
    from backend.services import Services

log = logging.getLogger(__name__)

TRIES = 5
POLL_S = 5.0
TAIL_DIGITS = 4
FORMAT = "kiosk-dossier"
FORMAT_VERSION = 1
CONTENTS_LIMIT = 1024 * 1024
"""Bytes of `manifest.json` inside a dossier: more is no dossier of ours."""


def open_pending(services: Services) -> int:
    """Open every dossier that waits, until one cannot be read; return how many were dealt with."""
    count = 0
    while _open_next(services):
        count += 1
    return count


def _open_next(services: Services) -> bool:
    with Session(services.engine) as session, session.begin():
        row = session.scalars(
            select(Dossier)
            .where(Dossier.opened == "pending")
            .order_by(Dossier.open_tries, Dossier.stored_at)
            .limit(1)
            .with_for_update(skip_locked=True)
        ).one_or_none()
        if row is None:
            return False
        try:
            contents, tail = _read(services.keys.open_sealed(services.blobs.read(row.id)), row.id)
        except (SealError, ValueError, TypeError, KeyError, zipfile.BadZipFile) as error:
            row.opened = "quarantined"
            log.error("dossier.not_opened", extra={"cause": type(error).__name__})  # noqa: TRY400 - may quote data
        except OSError as error:
            row.open_tries += 1
            row.opened = "quarantined" if row.open_tries >= TRIES else "pending"
            log.warning("dossier.not_read", extra={"cause": type(error).__name__, "tries": row.open_tries})
            return False  # the store may be ill: the next try waits for the next turn
        else:
            row.opened = "opened"
            row.contents = contents
            row.digits_hash = None if tail is None else services.keys.digits_hash(row.id, tail)
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
    contents = {"form_version": manifest["form_version"], "documents": documents}
    number = manifest["id_number"]
    return contents, str(number)[-TAIL_DIGITS:] if number else None


class Opener:
    """One thread that opens dossiers after their commit."""

    def __init__(self, services: Services) -> None:
        self._services = services
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
            except SQLAlchemyError as error:
                log.error("opener.database", extra={"cause": type(error).__name__})  # noqa: TRY400 - may quote data
            self._services.to_open.wait(POLL_S)
