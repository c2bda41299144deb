"""What every route needs, put together once at start."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from datetime import timedelta, timezone
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable

    from sqlalchemy import Engine

    from backend.blobs.ports import BlobStore
    from backend.keys import KeyRing
    from backend.limits import Buckets
    from backend.settings import Settings
    from backend.store.admission import Gate

LOCAL_ZONE = timezone(timedelta(hours=7), "ICT")


class Refusal(Exception):  # noqa: N818 - an answer, not a fault
    """A request is refused; becomes a `Problem` on the wire."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        *,
        missing: tuple[str, ...] = (),
        server_time: str = "",
        retry_after_s: int | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.missing = missing
        self.server_time = server_time
        self.retry_after_s = retry_after_s


class InProgress:
    """Dossiers that are being committed right now by this process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._ids: set[str] = set()

    def enter(self, dossier_id: str) -> bool:
        """Take a dossier; return False when another request holds it."""
        with self._lock:
            if dossier_id in self._ids:
                return False
            self._ids.add(dossier_id)
            return True

    def leave(self, dossier_id: str) -> None:
        """Let a dossier go."""
        with self._lock:
            self._ids.discard(dossier_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """One running backend."""

    settings: Settings
    engine: Engine
    reader: Engine
    """The same database for single statements that commit by themselves: no transaction, no write lock."""
    blobs: BlobStore
    keys: KeyRing
    now: Callable[[], dt.datetime]
    gate: Gate
    kiosk_rate: Buckets
    door_rate: Buckets
    """For askers without a key: enrolment, sign-in."""
    probe_rate: Buckets
    """For kiosks that measure the line."""
    kiosk_keys: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Public keys of kiosks that asked lately; whether they still hold is asked of the database each time."""
    committing: InProgress = field(default_factory=InProgress)
    to_open: threading.Event = field(default_factory=threading.Event)
    """Set when a dossier waits for the opener."""

    def close(self) -> None:
        """Let database and store go."""
        self.engine.dispose()
        self.reader.dispose()
        self.blobs.close()
