"""Parts of the health model that are looked at now and then, not at each question."""

from __future__ import annotations

import logging
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from drivers.errors import DriverError
from drivers.ports import DeviceState, DeviceStatus

if TYPE_CHECKING:
    from collections.abc import Callable

log = logging.getLogger(__name__)

LOOK_FAILS: Final = (DriverError, OSError, ValueError, LookupError, RuntimeError)
"""What a look may raise where it promises not to: it makes that one part ill, and no other."""
LOOK_FAILED: Final = "part.look_failed"
PATIENCE_S: Final = 0.3
"""What a question waits for a look that has just begun, seconds; the port promises an answer within one."""
CLOSING_S: Final = 15.0
"""Every look ends by itself before that, seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What one look came to."""

    state: DeviceState
    cause: str = "ok"
    detail: str = ""
    days: int | None = None
    """Whole days until it runs out; None where nothing does, or nobody knows."""


def log_failed_look(name: str, error: Exception) -> None:
    """Log the type of what a look raised; its text may quote a citizen."""
    log.error("health.look_failed", extra={"device": name, "cause": type(error).__name__})


class LookedAt:
    """A part whose look takes longer than a question may; implements `drivers.ports.Device`.

    Args:
        name: In the health model.
        look: Looks at it; may take seconds.
        every_s: Seconds after which it is looked at again.
        again_s: The same after a look that saw nothing (`DeviceState.CONNECTING`), or failed.
        monotonic: Seconds that only grow.
    """

    def __init__(
        self,
        name: str,
        look: Callable[[], Seen],
        *,
        every_s: float,
        again_s: float = 600.0,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._name, self._look, self._monotonic = name, look, monotonic
        self._every_s, self._again_s = every_s, again_s
        self._lock = threading.Lock()
        self._seen = Seen(state=DeviceState.CONNECTING, cause="part.not_seen")
        self._due_at = monotonic()
        self._thread: threading.Thread | None = None
        self._closed = False

    def status(self) -> DeviceStatus:
        """Tell what was seen last; a look that is due begins now and is waited for a moment."""
        return self.settled(timeout_s=PATIENCE_S)

    def settled(self, *, timeout_s: float) -> DeviceStatus:
        """Tell how it is, waiting for a look that is due or under way for at most so many seconds."""
        looking = self._begin()
        if looking is not None:
            looking.join(timeout_s)
        seen = self._seen
        return DeviceStatus(device=self._name, state=seen.state, cause=seen.cause, detail=seen.detail)

    def look_now(self, *, timeout_s: float) -> DeviceStatus:
        """Look again whatever was seen before, for a person who waits; at most so many seconds."""
        with self._lock:
            self._due_at = self._monotonic()
        return self.settled(timeout_s=timeout_s)

    def days(self) -> int | None:
        """Return the days left at the last look."""
        return self._seen.days

    def close(self) -> None:
        """Begin no look any more, and wait for the last; safe to call twice."""
        with self._lock:
            self._closed = True
            looking = self._thread
        if looking is not None:
            looking.join(CLOSING_S)

    def _begin(self) -> threading.Thread | None:
        with self._lock:
            if self._thread is None and not self._closed and self._monotonic() >= self._due_at:
                self._thread = threading.Thread(target=self._run, name=f"look-{self._name}", daemon=True)
                self._thread.start()
            return self._thread

    def _run(self) -> None:
        try:
            seen = self._look()
        except LOOK_FAILS as error:
            if self._seen.cause != LOOK_FAILED:
                log_failed_look(self._name, error)
            seen = Seen(state=DeviceState.FAULT, cause=LOOK_FAILED, detail=type(error).__name__)
        nothing = seen.state is DeviceState.CONNECTING or seen.cause == LOOK_FAILED
        with self._lock:
            self._seen = seen
            self._due_at = self._monotonic() + (self._again_s if nothing else self._every_s)
            self._thread = None
