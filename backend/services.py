"""What every route needs, put together once at start."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from datetime import timedelta, timezone
from typing import TYPE_CHECKING

from backend.limits import Buckets

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable

    from sqlalchemy import Engine

    from backend.blobs.ports import BlobStore
    from backend.keys import KeyRing
    from backend.settings import Settings

LOCAL_ZONE = timezone(timedelta(hours=7), "ICT")
REPLAY_LIMIT = 20_000


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


class SeenOnce:
    """Remembers names of requests for as long as their tokens live."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._until: dict[str, float] = {}

    def first_time(self, name: str, *, until: float, now: float) -> bool:
        """Note a name; return False when it was noted before.

        Args:
            name: Of the request.
            until: Unix seconds when its token ends.
            now: Unix seconds.
        """
        with self._lock:
            if len(self._until) >= REPLAY_LIMIT:
                self._until = {key: end for key, end in self._until.items() if end > now}
            if name in self._until:
                return False
            self._until[name] = until
            return True


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
    blobs: BlobStore
    keys: KeyRing
    now: Callable[[], dt.datetime]
    seen: SeenOnce = field(default_factory=SeenOnce)
    committing: InProgress = field(default_factory=InProgress)
    to_open: threading.Event = field(default_factory=threading.Event)
    """Set when a dossier waits for the opener."""
    kiosk_rate: Buckets = field(default_factory=lambda: Buckets(per_s=100.0, burst=1000.0))
    door_rate: Buckets = field(default_factory=lambda: Buckets(per_s=0.2, burst=20.0))
    """For askers without a key: enrolment, sign-in."""

    def close(self) -> None:
        """Let database and store go."""
        self.engine.dispose()
        self.blobs.close()
