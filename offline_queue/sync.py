"""The one thread that sends, and what it knows of the line."""

from __future__ import annotations

import logging
import threading
import time
from typing import TYPE_CHECKING

from offline_queue.backoff import pause_s
from offline_queue.errors import NotEnrolledError, QueueError

if TYPE_CHECKING:
    from collections.abc import Callable

    from offline_queue.courier import Courier
    from offline_queue.outbox import Outbox

log = logging.getLogger(__name__)

HEARTBEAT_S = 60.0
TIDY_S = 86_400.0
ONLINE_S = 3 * HEARTBEAT_S


class Link:
    """Whether the backend answers as itself; read from any thread, never blocks."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._heard_at: float | None = None
        self._waiting: int | None = None
        self._lost = 0
        self.cause = "not_heard"
        """Why there is no line; see `ProgressDesk.trouble`."""

    def told(self, waiting: int | None) -> None:
        """Note how many numbers of this centre wait to be called."""
        self._waiting = waiting

    def waiting(self) -> int | None:
        """Return how many numbers wait, as the last heartbeat told; None while nobody knows."""
        return self._waiting if self.online() else None

    def heard(self, *, well: bool, cause: str = "line") -> None:
        """Note the end of a heartbeat.

        Args:
            well: The backend proved that it is there and knows this kiosk.
            cause: Why not; see `ProgressDesk.trouble`.
        """
        self._heard_at = self._monotonic() if well else None
        self._lost = 0 if well else self._lost + 1
        self.cause = "line" if well else cause  # a line that is not heard of again has gone

    def lost(self) -> int:
        """Return how many heartbeats in a row came to nothing; 0 while the last one came through."""
        return self._lost

    def online(self) -> bool:
        """Tell whether the last authenticated heartbeat came through, not long ago."""
        heard_at = self._heard_at
        return heard_at is not None and self._monotonic() - heard_at < ONLINE_S


class SyncThread:
    """The owner of sending: one plain thread with `wake` and `stop`.

    Args:
        outbox: What waits.
        connect: Makes a courier for the enrolment of now and a function that lets its line go; raises
            NotEnrolledError while this kiosk is enrolled nowhere.
        link: Where the state of the line is noted.
        share: Random shares, 0.0 to 1.0, for the jitter while the line is down.
        heartbeat_s: Seconds between heartbeats, and the longest sleep.
        tidy: Forgets what is past its time; called by the first turn, then every `tidy_s` seconds, because
            a kiosk runs for months without a restart.
        tidy_s: Seconds between two calls of `tidy`.
    """

    def __init__(
        self,
        *,
        outbox: Outbox,
        connect: Callable[[], tuple[Courier, Callable[[], None]]],
        link: Link,
        share: Callable[[], float],
        heartbeat_s: float = HEARTBEAT_S,
        tidy: Callable[[], object] = lambda: None,
        tidy_s: float = TIDY_S,
    ) -> None:
        self._tidy = tidy
        self._tidy_s = tidy_s
        self._tidy_at = 0.0
        self._outbox = outbox
        self._connect = connect
        self._link = link
        self._share = share
        self._heartbeat_s = heartbeat_s
        self._line_failures = 0
        self._busy_s: float | None = None
        self._idle = False
        self._woken = threading.Event()
        self._stopping = threading.Event()
        self._turns = threading.Condition()
        self._turn = 0
        self._thread = threading.Thread(target=self._run, name="queue-sync", daemon=True)

    def start(self) -> None:
        """Start sending."""
        self._thread.start()

    def wake(self) -> None:
        """Look now instead of at the next turn."""
        self._woken.set()

    def stop(self, *, timeout_s: float = 40.0) -> bool:
        """End after the request under way; return whether the thread is gone."""
        self._stopping.set()
        self._woken.set()
        if self._thread.is_alive():
            self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def wait_turn(self, *, timeout_s: float) -> bool:
        """Wake the thread and wait until it has looked once from the beginning; False when time is over."""
        with self._turns:
            target = self._turn + 2  # the turn under way may have looked before the caller's change
            self._woken.set()
            deadline = time.monotonic() + timeout_s
            while self._turn < target:
                left = deadline - time.monotonic()
                if left <= 0 or not self._thread.is_alive():
                    return False
                self._turns.wait(min(left, 0.2))
                self._woken.set()
            return True

    def _run(self) -> None:
        beat_at = 0.0
        while not self._stopping.is_set():
            self._woken.clear()
            try:
                beat_at = self._take_turn(beat_at)
            except QueueError as error:
                log.error("sync.failed", extra={"code": error.code})  # noqa: TRY400 - a traceback may quote data
            except Exception as error:  # noqa: BLE001 - the sync loop must outlive any one dossier
                log.error("sync.crashed", extra={"cause": type(error).__name__})  # noqa: TRY400 - as above
            with self._turns:
                self._turn += 1
                self._turns.notify_all()
            self._woken.wait(self._sleep_s())

    def _take_turn(self, beat_at: float) -> float:
        self._outbox.recover()
        if time.monotonic() >= self._tidy_at:
            # Noted first: tidying that fails must not keep the next turn from sending.
            self._tidy_at = time.monotonic() + self._tidy_s
            self._tidy()
        self._idle = True
        try:
            courier, let_go = self._connect()
        except NotEnrolledError:
            self._link.heard(well=False, cause="not_enrolled")
            return 0.0
        try:
            if time.monotonic() >= beat_at:
                beat = courier.heartbeat()
                self._link.told(beat.waiting)
                self._link.heard(well=beat.well, cause=beat.cause)
                beat_at = time.monotonic() + self._heartbeat_s
            done = courier.sync_once(self._stopping.is_set)
            self._idle = done.paused
            self._busy_s = done.busy_s
            held_up = done.line_down or done.busy_s is not None
            self._line_failures = self._line_failures + 1 if held_up else 0
            if done.delivered:
                self._link.heard(well=True)
            elif done.failed:
                beat_at = 0.0
            return beat_at
        finally:
            let_go()

    def _sleep_s(self) -> float:
        if self._idle:
            return self._heartbeat_s  # enrolled nowhere, or not let in: nothing changes by asking often
        if self._line_failures:
            return pause_s(self._line_failures, self._share(), busy_s=self._busy_s)
        try:
            due = self._outbox.next_due_in_s()
        except QueueError:
            due = None  # logged by the turn that failed; the next turn tries again
        return self._heartbeat_s if due is None else min(self._heartbeat_s, max(0.05, due))
