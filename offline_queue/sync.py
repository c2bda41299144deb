"""The one thread that delivers: manifest, missing parts, commit, signed receipt.

Success is the receipt's signature, nothing less; only then are the sealed bytes deleted.
"""

from __future__ import annotations

import hashlib
import logging
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

from offline_queue.backoff import delay_s
from offline_queue.errors import BackendUnreachableError, NotEnrolledError, QueueError
from offline_queue.messages import Heard, Manifested, Missing, PartKept, StoredReceipt, decode
from offline_queue.signing import signature_holds
from offline_queue.states import Fate, fate

if TYPE_CHECKING:
    from collections.abc import Callable

    from offline_queue.enrol import Enrolment
    from offline_queue.outbox import Claimed, Outbox
    from offline_queue.transport import Answer, Line

log = logging.getLogger(__name__)

HEARTBEAT_S = 60.0
ONLINE_S = 3 * HEARTBEAT_S
COMMIT_ROUNDS = 3
MAX_LINE_FAILURES = 3
_CONFLICT = 409
_OK = 200
_CREATED = 201


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """What one turn of sending came to."""

    delivered: int = 0
    failed: int = 0
    quarantined: int = 0
    paused: bool = False
    line_down: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """What became of one dossier."""

    fate: Fate
    reason: str = ""
    retry_after_s: float | None = None
    line_down: bool = False


class Courier:
    """Delivers what is due over one line. Used by one thread at a time.

    Args:
        outbox: What waits.
        line: To the backend this kiosk is enrolled with.
        enrolment: Whose signature counts.
        randomness: Returns that many random bytes.
    """

    def __init__(
        self, *, outbox: Outbox, line: Line, enrolment: Enrolment, randomness: Callable[[int], bytes]
    ) -> None:
        self._outbox = outbox
        self._line = line
        self._enrolment = enrolment
        self._randomness = randomness

    def sync_once(self, stopping: Callable[[], bool] = lambda: False) -> Round:
        """Send each dossier that is due once, until the line is down or the backend does not let us in."""
        tried: set[str] = set()
        delivered = failed = quarantined = line_failures = 0
        while not stopping():
            if self._outbox.paused() is not None and not self._let_in_again():
                return Round(delivered=delivered, failed=failed, quarantined=quarantined, paused=True)
            claimed = self._outbox.claim()
            if claimed is None:
                break
            if claimed.dossier_id in tried:
                self._outbox.release(claimed)  # its short wait is over already; the next turn takes it
                break
            tried.add(claimed.dossier_id)
            attempt = self._deliver(claimed)
            self._note(claimed, attempt)
            delivered += attempt.fate is Fate.GO_ON
            quarantined += attempt.fate is Fate.QUARANTINE
            failed += attempt.fate in {Fate.RETRY, Fate.PAUSE}
            line_failures = line_failures + 1 if attempt.line_down else 0
            if attempt.fate is Fate.PAUSE or line_failures >= MAX_LINE_FAILURES:
                break
        return Round(
            delivered=delivered,
            failed=failed,
            quarantined=quarantined,
            paused=self._outbox.paused() is not None,
            line_down=line_failures > 0,
        )

    def heartbeat(self) -> bool:
        """Ask the backend to prove that it is there and knows this kiosk."""
        nonce = self._randomness(16).hex()
        try:
            answer = self._line.ask("POST", "/v1/heartbeat", msgspec.json.encode({"nonce": nonce}))
        except BackendUnreachableError:
            return False  # the answer is the news: nobody is there
        heard = decode(answer.body, Heard) if answer.status == _OK else None
        return (
            heard is not None
            and heard.nonce == nonce
            and signature_holds(self._enrolment.verify_key, heard.signature, heard.signed_bytes())
        )

    def _let_in_again(self) -> bool:
        if not self.heartbeat():
            return False
        self._outbox.resume()
        log.info("queue.resumed")
        return True

    def _deliver(self, claimed: Claimed) -> Attempt:
        try:
            return self._send(claimed)
        except BackendUnreachableError:
            return Attempt(fate=Fate.RETRY, reason="line", line_down=True)

    def _send(self, claimed: Claimed) -> Attempt:
        path = f"/v1/dossiers/{claimed.dossier_id}"
        answer = self._line.ask("PUT", path, claimed.manifest)
        told = decode(answer.body, Manifested)
        outcome = _attempt(answer, ours=told is not None, step="manifest")
        if outcome.fate is not Fate.GO_ON or told is None:
            return outcome
        missing = told.missing
        for _ in range(COMMIT_ROUNDS):
            sent = self._send_parts(claimed, missing)
            if sent is not None:
                return sent
            answer = self._line.ask("POST", f"{path}/commit")
            still = decode(answer.body, Missing) if answer.status == _CONFLICT else None
            if still is None or not still.missing:
                break
            missing = still.missing
        return self._receive(claimed, answer)

    def _send_parts(self, claimed: Claimed, missing: list[str]) -> Attempt | None:
        wanted = set(missing)
        for digest in claimed.parts:
            if digest not in wanted:
                continue
            data = self._outbox.part(claimed.dossier_id, digest)
            if data is None:
                return Attempt(fate=Fate.RETRY, reason="sent_by_another")
            if hashlib.sha256(data).hexdigest() != digest:
                return Attempt(fate=Fate.QUARANTINE, reason="tampered")
            answer = self._line.ask("PUT", f"/v1/parts/{digest}", data)
            kept = decode(answer.body, PartKept)
            outcome = _attempt(answer, ours=kept is not None and kept.sha256 == digest, step="part")
            if outcome.fate is not Fate.GO_ON:
                return outcome
        return None

    def _receive(self, claimed: Claimed, answer: Answer) -> Attempt:
        receipt = decode(answer.body, StoredReceipt) if answer.status in {_OK, _CREATED} else None
        ours = (
            receipt is not None
            and receipt.dossier_id == claimed.dossier_id
            and receipt.manifest_sha256 == claimed.manifest_sha256
            and signature_holds(self._enrolment.verify_key, receipt.signature, receipt.signed_bytes())
        )
        outcome = _attempt(answer, ours=ours, step="commit")
        if outcome.fate is Fate.GO_ON and receipt is not None:
            self._outbox.mark_stored(claimed, receipt, answer.body)
        return outcome

    def _note(self, claimed: Claimed, attempt: Attempt) -> None:
        if attempt.fate is Fate.QUARANTINE:
            self._outbox.quarantine(claimed, attempt.reason)
            log.error("queue.quarantined", extra={"reason": attempt.reason})
        elif attempt.fate is Fate.PAUSE:
            self._outbox.pause("auth")
            self._outbox.release(claimed)
            log.error("queue.paused", extra={"reason": attempt.reason})
        elif attempt.fate is Fate.RETRY:
            self._outbox.put_back(claimed, retry_after_s=attempt.retry_after_s)
            log.info("queue.put_back", extra={"reason": attempt.reason, "tries": claimed.tries + 1})


def _attempt(answer: Answer, *, ours: bool, step: str) -> Attempt:
    return Attempt(
        fate=fate(answer.status, ours=ours),
        reason=f"{step} {answer.status}",
        retry_after_s=answer.retry_after_s,
    )


class Link:
    """Whether the backend answers as itself; read from any thread, never blocks."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._heard_at: float | None = None

    def heard(self, *, well: bool) -> None:
        """Note the end of a heartbeat."""
        self._heard_at = self._monotonic() if well else None

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
    """

    def __init__(
        self,
        *,
        outbox: Outbox,
        connect: Callable[[], tuple[Courier, Callable[[], None]]],
        link: Link,
        share: Callable[[], float],
        heartbeat_s: float = HEARTBEAT_S,
    ) -> None:
        self._outbox = outbox
        self._connect = connect
        self._link = link
        self._share = share
        self._heartbeat_s = heartbeat_s
        self._line_failures = 0
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
        self._idle = True
        try:
            courier, let_go = self._connect()
        except NotEnrolledError:
            self._link.heard(well=False)
            return 0.0
        try:
            if time.monotonic() >= beat_at:
                self._link.heard(well=courier.heartbeat())
                beat_at = time.monotonic() + self._heartbeat_s
            done = courier.sync_once(self._stopping.is_set)
            self._idle = done.paused
            self._line_failures = self._line_failures + 1 if done.line_down else 0
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
            return min(self._heartbeat_s, max(1.0, delay_s(self._line_failures, self._share())))
        try:
            due = self._outbox.next_due_in_s()
        except QueueError:
            due = None  # logged by the turn that failed; the next turn tries again
        return self._heartbeat_s if due is None else min(self._heartbeat_s, max(0.05, due))
