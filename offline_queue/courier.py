"""Delivers what waits: slips, then manifests, then dossiers; manifest, missing parts, commit, signed receipt.

Success is the receipt's signature, nothing less; only then are the sealed bytes deleted.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import logging
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

from offline_queue import slips
from offline_queue.errors import BackendUnreachableError
from offline_queue.messages import Heard, Kept, Manifested, Missing, PartKept, Refused, StoredReceipt, decode
from offline_queue.pace import Speed
from offline_queue.signing import signature_holds
from offline_queue.states import Fate, fate

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from offline_queue.enrol import Enrolment
    from offline_queue.outbox import Claimed, Outbox
    from offline_queue.transport import Answer, Line

log = logging.getLogger(__name__)

COMMIT_ROUNDS = 3
MAX_LINE_FAILURES = 3
SKEW_STEP_S = 5.0
"""The kept skew is written again when it changed by more."""
_CONFLICT = 409
_OK = 200
_CREATED = 201
_PORTALS = range(200, 400)
_BUSY = frozenset({429, 503})


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """What one turn of sending came to."""

    delivered: int = 0
    failed: int = 0
    quarantined: int = 0
    paused: bool = False
    line_down: bool = False
    busy_s: float | None = None
    """The backend asked all of this kiosk to wait so long, seconds; None = it did not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """What became of one dossier."""

    fate: Fate
    reason: str = ""
    retry_after_s: float | None = None
    line_down: bool = False
    busy: bool = False
    pause_for: str = "auth"
    gave_way: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Beat:
    """What a heartbeat came to."""

    well: bool
    cause: str = ""
    """`line`, `portal` (something else answers in the backend's place), `auth`, `clock`."""
    skew_s: float | None = None
    """This clock minus the backend's."""
    waiting: int | None = None
    """Numbers of this centre that wait to be called."""


@dataclass(slots=True)
class _Tally:
    delivered: int = 0
    failed: int = 0
    quarantined: int = 0
    line_failures: int = 0
    busy_s: float | None = None

    def add(self, attempt: Attempt) -> None:
        self.delivered += attempt.fate is Fate.GO_ON
        self.quarantined += attempt.fate is Fate.QUARANTINE
        self.failed += attempt.fate in {Fate.RETRY, Fate.PAUSE}
        self.line_failures = self.line_failures + 1 if attempt.line_down else 0
        if attempt.busy:
            self.busy_s = attempt.retry_after_s or 0.0

    def over(self, attempt: Attempt) -> bool:
        return attempt.fate is Fate.PAUSE or attempt.busy or self.line_failures >= MAX_LINE_FAILURES

    def round(self, *, paused: bool) -> Round:
        return Round(
            delivered=self.delivered,
            failed=self.failed,
            quarantined=self.quarantined,
            paused=paused,
            line_down=self.line_failures > 0,
            busy_s=self.busy_s,
        )


def _utc_now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


class Courier:
    """Delivers what is due over one line. Used by one thread at a time.

    Args:
        outbox: What waits.
        line: To the backend this kiosk is enrolled with.
        enrolment: Whose signature counts.
        randomness: Returns that many random bytes.
        health: What a heartbeat tells of this kiosk; no person.
        now: The wall clock.
    """

    def __init__(
        self,
        *,
        outbox: Outbox,
        line: Line,
        enrolment: Enrolment,
        randomness: Callable[[int], bytes],
        health: Callable[[], Mapping[str, str | int | float | bool | None]] = dict,
        now: Callable[[], dt.datetime] = _utc_now,
    ) -> None:
        self._outbox = outbox
        self._line = line
        self._enrolment = enrolment
        self._randomness = randomness
        self._health = health
        self._now = now
        known = outbox.kept("line_bytes_per_s")
        self._speed = Speed(None if known is None else float(known))

    def sync_once(self, stopping: Callable[[], bool] = lambda: False) -> Round:
        """Send each dossier that is due once, until the line is down or the backend does not let us in."""
        tally = _Tally()
        if self._let_in() and self._send_slips(stopping) and self._announce(stopping):
            self._deliver_all(tally, stopping)
        return tally.round(paused=self._outbox.paused() is not None)

    def heartbeat(self) -> Beat:
        """Ask the backend to prove that it is there and knows this kiosk."""
        nonce = self._randomness(16).hex()
        body = msgspec.json.encode({"nonce": nonce, "health": dict(self._health())})
        asked = time.monotonic()
        try:
            answer = self._line.ask("POST", "/v1/heartbeat", body)
        except BackendUnreachableError:
            return Beat(well=False, cause="line")  # the answer is the news: nobody is there
        heard = decode(answer.body, Heard) if answer.status == _OK else None
        if (
            heard is None
            or heard.nonce != nonce
            or not signature_holds(self._enrolment.verify_key, heard.signature, heard.signed_bytes())
        ):
            return Beat(well=False, cause=_cause(answer))
        skew = self._skew(heard.server_time, rtt_s=time.monotonic() - asked)
        return Beat(well=True, skew_s=skew, waiting=heard.waiting if self._waiting_holds(heard) else None)

    def _waiting_holds(self, heard: Heard) -> bool:
        """Tell whether the backend itself said how many wait: citizens read it on the first screen."""
        key = self._enrolment.verify_key
        return signature_holds(key, heard.waiting_signature, heard.signed_waiting())

    def _skew(self, server_time: str, *, rtt_s: float) -> float | None:
        try:
            behind = (self._now() - dt.datetime.fromisoformat(server_time)).total_seconds()
        except (ValueError, TypeError):
            return None  # a newer backend writes its time otherwise: the proof above still stands
        skew = round(behind - rtt_s / 2, 1)
        kept = self._outbox.kept("clock_skew_s")
        if kept is None or abs(float(kept) - skew) > SKEW_STEP_S:
            self._outbox.keep("clock_skew_s", str(skew))
        return skew

    def _let_in(self) -> bool:
        if self._outbox.paused() is None:
            return True
        if not self.heartbeat().well:
            return False
        self._outbox.resume()
        log.info("queue.resumed")
        return True

    def _send_slips(self, stopping: Callable[[], bool]) -> bool:
        """Send tickets and ratings; return False when the backend does not let this kiosk in."""
        for slip in slips.unsent(self._outbox.vault):
            if stopping():
                break
            try:
                answer = self._line.ask("POST", f"/v1/{slip.table}", slip.body)
            except BackendUnreachableError:
                break  # the dossiers below meet the same line and tell of it
            kept = decode(answer.body, Kept)
            outcome = fate(answer.status, ours=kept is not None and kept.id == slip.name)
            if outcome is Fate.GO_ON:
                slips.note_sent(self._outbox.vault, slip, slips.SENT)
            elif outcome is Fate.QUARANTINE:
                slips.note_sent(self._outbox.vault, slip, str(answer.status))
                log.error("queue.slip_refused", extra={"kind": slip.table, "status": answer.status})
            else:
                return self._not_shut_out(answer, outcome)
        return True

    def _announce(self, stopping: Callable[[], bool]) -> bool:
        """Send manifests first, so that the centre knows of every dossier minutes before its bytes.

        Returns False when the backend does not let this kiosk in.
        """
        waiting = self._outbox.unannounced()
        if len(waiting) < 2:  # noqa: PLR2004 - one alone is announced by its own delivery
            return True
        for dossier_id, manifest in waiting:
            if stopping():
                break
            try:
                answer = self._line.ask("PUT", f"/v1/dossiers/{dossier_id}", manifest)
            except BackendUnreachableError:
                break  # as above
            outcome = fate(answer.status, ours=decode(answer.body, Manifested) is not None)
            if outcome is Fate.GO_ON:
                self._outbox.note_announced(dossier_id)
            elif outcome is not Fate.QUARANTINE:  # its own delivery sets it aside; the others go on
                return self._not_shut_out(answer, outcome)
        return True

    def _not_shut_out(self, answer: Answer, outcome: Fate) -> bool:
        if outcome is not Fate.PAUSE:
            return True  # busy or ill: the deliveries meet the same and wait as long as they are told
        self._outbox.pause(_pause_for(answer))
        log.error("queue.paused", extra={"status": answer.status})
        return False

    def _deliver_all(self, tally: _Tally, stopping: Callable[[], bool]) -> None:
        tried: set[str] = set()
        while not stopping():
            claimed = self._outbox.claim()
            if claimed is None:
                return
            if claimed.dossier_id in tried:
                self._outbox.release(claimed)  # its short wait is over already; the next turn takes it
                return
            attempt = self._deliver(claimed)
            if attempt.gave_way:
                self._outbox.release(claimed)
                continue
            tried.add(claimed.dossier_id)
            self._note(claimed, attempt)
            tally.add(attempt)
            if tally.over(attempt):
                return

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
        waiting = [digest for digest in claimed.parts if digest in wanted]
        for number, digest in enumerate(waiting):
            if claimed.big and number and self._outbox.smaller_waits():
                return Attempt(fate=Fate.RETRY, reason="gave_way", gave_way=True)
            ended = self._send_part(claimed, digest)
            if ended is not None:
                return ended
        if waiting and self._speed.bytes_per_s is not None:
            self._outbox.keep("line_bytes_per_s", f"{self._speed.bytes_per_s:.0f}")
        return None

    def _send_part(self, claimed: Claimed, digest: str) -> Attempt | None:
        data = self._outbox.part(claimed.dossier_id, digest)
        if data is None:
            return Attempt(fate=Fate.RETRY, reason="sent_by_another")
        if hashlib.sha256(data).hexdigest() != digest:
            return Attempt(fate=Fate.QUARANTINE, reason="tampered")
        started = time.monotonic()
        try:
            answer = self._line.ask("PUT", f"/v1/parts/{digest}", data)
        except BackendUnreachableError:
            self._speed.failed()
            raise
        self._speed.carried(len(data), time.monotonic() - started)
        kept = decode(answer.body, PartKept)
        outcome = _attempt(answer, ours=kept is not None and kept.sha256 == digest, step="part")
        return None if outcome.fate is Fate.GO_ON else outcome

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
            self._outbox.pause(attempt.pause_for)
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
        busy=answer.status in _BUSY,
        pause_for=_pause_for(answer),
    )


def _pause_for(answer: Answer) -> str:
    return "clock" if _cause(answer) == "clock" else "auth"


def _cause(answer: Answer) -> str:
    told = decode(answer.body, Refused)
    if told is not None:
        return "clock" if told.code == "auth.clock_skew" else "auth"
    return "portal" if answer.status in _PORTALS else "line"
