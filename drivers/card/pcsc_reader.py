"""The chip-card slot as the kiosk sees it: a card process, watched and replaced when it hangs.

Nothing heavy is imported here; pyscard, the cryptography and the picture decoders live in the child.
"""

from __future__ import annotations

import contextlib
import logging
import queue
import subprocess
import sys
import threading
import time
from typing import IO, TYPE_CHECKING, Any, cast

from drivers.card import wire
from drivers.errors import CardProtocolError, DeviceBusyError, DeviceMissingError, DeviceTimeoutError
from drivers.ports import DeviceState, DeviceStatus

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from drivers.ports import AccessKey, CardReading, Known, Progress

log = logging.getLogger(__name__)

SILENCE_S = 6.0
"""Longest time between two pieces of progress; the slowest chips need about two seconds for one PACE step."""
GRACE_S = 0.5
"""Added to the caller's time before the child is killed: it normally reports the time-out itself."""
RESTART_S = 1.0
STOP_TIMEOUT_S = 2.0
FIRST_REPORT_S = 5.0


class _Worker:
    """One card process and the thread that listens to it."""

    def __init__(self, changed: threading.Condition, command: tuple[str, ...]) -> None:
        self._changed = changed
        self.slots: tuple[wire.SlotState, ...] | None = None
        """None until the first report."""
        self.alive = True
        self.answers: queue.SimpleQueue[wire.Event | None] = queue.SimpleQueue()
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        # Popen makes a pipe wherever one is asked for; its type does not say so.
        self._requests = cast("IO[bytes]", self._process.stdin)
        self._events = cast("IO[bytes]", self._process.stdout)
        self._thread = threading.Thread(target=self._listen, name="card-events", daemon=True)
        self._thread.start()

    @property
    def pid(self) -> int:
        """The process id of the child."""
        return self._process.pid

    def request(self, request: wire.ReadRequest) -> None:
        """Ask for a read; a dead child shows as the end of the answers."""
        with contextlib.suppress(OSError):  # the listener reports the same death in its own words
            wire.write(self._requests, request)

    def stop(self, *, kill: bool) -> None:
        """End the child, at once or by closing its pipe, and reap it."""
        if kill:
            self._process.kill()
        with contextlib.suppress(OSError):  # closing flushes; a dead child no longer wants the rest
            self._requests.close()
        try:
            self._process.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._thread.join(STOP_TIMEOUT_S)

    def _listen(self) -> None:
        with self._events:
            while (event := self._next()) is not None:
                if event.kind == wire.PRESENCE:
                    with self._changed:
                        self.slots = event.slots
                        self._changed.notify_all()
                else:
                    self.answers.put(event)
        with self._changed:
            self.alive, self.slots = False, ()
            self._changed.notify_all()
        self.answers.put(None)

    def _next(self) -> wire.Event | None:
        try:
            return wire.read_event(self._events)
        except wire.BrokenFrameError:
            # Reported as the end of the child, which is what the reader does with it: replace it.
            return None


class PcscCardReader:
    """A PC/SC card slot.

    Args:
        reader: Part of the reader's name; empty for the first with a card.
        csca_dir: Folder of the authorities to believe; None for none.
        keep_files: Hands the exact files of each card on, for a remote verifier.
        silence_s: Seconds without progress after which a card counts as silent.
        clock: Monotonic seconds.
        command: Starts the card process; the folder of authorities is added to it.
    """

    def __init__(
        self,
        *,
        reader: str = "",
        csca_dir: Path | None = None,
        keep_files: bool = False,
        silence_s: float = SILENCE_S,
        clock: Callable[[], float] = time.monotonic,
        command: tuple[str, ...] = (sys.executable, "-m", "drivers.card.worker"),
    ) -> None:
        self._reader = reader
        self._command = (*command, str(csca_dir)) if csca_dir else command
        self._keep_files = keep_files
        self._silence_s = silence_s
        self._clock = clock
        self._changed = threading.Condition(threading.RLock())
        self._reading = threading.Lock()
        self._closed = False
        self._worker: _Worker | None = None
        self._started_at = 0.0
        self._alive_worker()

    @property
    def child_pid(self) -> int | None:
        """The process id of the card process, for the technician; None while there is none."""
        worker = self._alive_worker()
        return worker.pid if worker else None

    def readers(self, *, timeout_s: float = FIRST_REPORT_S) -> tuple[tuple[str, bool], ...]:
        """Return each reader's name and whether a card is in it, waiting for the first report."""
        with self._changed:
            self._changed.wait_for(lambda: self._slots() is not None, timeout_s)
            return tuple((slot.name, slot.card_present) for slot in self._slots() or ())

    def card_present(self) -> bool:
        """Tell whether a card is in the slot now."""
        with self._changed:
            return self._present()

    def wait_for_card(self, *, present: bool, timeout_s: float) -> bool:
        """Block until a card is in the slot (or out of it) or the time is over."""
        deadline = self._clock() + timeout_s
        with self._changed:
            while self._present() != present or (self._slots() is None and not present):
                left = deadline - self._clock()
                if left <= 0:
                    return False
                # Woken at least once a second, so that a dead card process is replaced while waiting.
                self._changed.wait(min(left, RESTART_S))
        return True

    def read(
        self,
        access: AccessKey,
        *,
        timeout_s: float,
        progress: Progress,
        known: Known = lambda _reading: None,
    ) -> CardReading:
        """Read the card now in the slot; errors as the port tells.

        Args:
            access: What opens the chip.
            timeout_s: Bounds the whole read, seconds.
            progress: Called with the share done on the calling thread.
            known: Called once with the person and the proof so far, before the portrait is fetched.
        """
        request = self._request(access, timeout_s)
        event = self._ask(request, timeout_s, lambda event: _tell(event, progress, known))
        if event.reading is None:
            raise event.to_error()
        return event.reading

    def probe(self, access: AccessKey | None, *, timeout_s: float) -> Mapping[str, Any]:
        """Return a report about the card now in the slot that holds no personal byte.

        Raises:
            DriverError: As for `read`; what only part of the card refuses stands in the report.
        """
        event = self._ask(self._request(access, timeout_s, probe=True), timeout_s, lambda _event: None)
        if event.report is None:
            raise event.to_error()
        return event.report

    def status(self) -> DeviceStatus:
        """Tell how the slot is."""
        with self._changed:
            slots = self._slots()
        if slots is None:
            return DeviceStatus(device="card", state=DeviceState.CONNECTING, cause="card.starting")
        named = [slot.name for slot in slots if self._reader.casefold() in slot.name.casefold()]
        if not named:
            return DeviceStatus(device="card", state=DeviceState.ABSENT, cause="card.no_reader")
        return DeviceStatus(device="card", state=DeviceState.READY, detail=named[0])

    def close(self) -> None:
        """End the card process; safe to call twice."""
        with self._changed:
            self._closed = True
            worker, self._worker = self._worker, None
        if worker is not None:
            worker.stop(kill=self._reading.locked())

    def _request(
        self, access: AccessKey | None, timeout_s: float, *, probe: bool = False
    ) -> wire.ReadRequest:
        return wire.ReadRequest.build(
            access,
            reader=self._reader,
            timeout_s=timeout_s,
            keep_files=self._keep_files,
            probe=probe,
        )

    def _ask(
        self, request: wire.ReadRequest, timeout_s: float, tell: Callable[[wire.Event], None]
    ) -> wire.Event:
        """Send a request and return the event that ends it; one request at a time."""
        if not self._reading.acquire(blocking=False):
            raise DeviceBusyError("The card is being read already.")
        try:
            return self._listen(request, self._clock() + timeout_s + GRACE_S, tell)
        finally:
            self._reading.release()

    def _listen(
        self, request: wire.ReadRequest, deadline: float, tell: Callable[[wire.Event], None]
    ) -> wire.Event:
        worker = self._alive_worker()
        if worker is None:
            raise DeviceMissingError("The card process is not running; try again in a second.")
        worker.request(request)
        answered = False
        try:
            while not answered:
                event = self._next_event(worker, deadline)
                answered = event.kind in wire.LAST_WORDS
                if not answered:
                    tell(event)
        finally:
            if not answered:
                # Silent, dead, or the caller gave up: a late answer must never reach the next read.
                self._replace(worker)
        return event

    def _next_event(self, worker: _Worker, deadline: float) -> wire.Event:
        try:
            event = worker.answers.get(timeout=max(min(self._silence_s, deadline - self._clock()), 0.0))
        except queue.Empty:
            raise DeviceTimeoutError("The card fell silent.") from None
        if event is None:
            raise CardProtocolError("The card process ended while it was reading.")
        return event

    def _alive_worker(self) -> _Worker | None:
        """Return the running card process, starting one where there is none and it is not too soon."""
        with self._changed:
            if self._worker is not None and not self._worker.alive:
                self._worker.stop(kill=True)
                log.warning("card.process_ended")
                self._worker = None
            if self._worker is None and not self._closed and self._clock() >= self._started_at:
                self._started_at = self._clock() + RESTART_S
                self._worker = _Worker(self._changed, self._command)
            return self._worker

    def _replace(self, worker: _Worker) -> None:
        log.warning("card.process_killed")
        worker.stop(kill=True)
        with self._changed:
            if self._worker is worker:
                self._worker, self._started_at = None, self._clock()
        self._alive_worker()

    def _slots(self) -> tuple[wire.SlotState, ...] | None:
        worker = self._alive_worker()
        return worker.slots if worker else ()

    def _present(self) -> bool:
        return any(
            slot.card_present
            for slot in self._slots() or ()
            if self._reader.casefold() in slot.name.casefold()
        )


def _tell(event: wire.Event, progress: Progress, known: Known) -> None:
    if event.kind == wire.KNOWN and event.reading is not None:
        known(event.reading)
    else:
        progress(event.share)
