"""One bad dossier stops nobody: a poisoned one among a hundred, a huge one among small ones."""

from __future__ import annotations

import json
import os
import random
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from kiosk_app.wiring import queue as wiring
from offline_queue.courier import Courier
from offline_queue.transport import Answer
from tests.offline_queue.honest_backend import HonestBackend

if TYPE_CHECKING:
    from collections.abc import Callable

    from offline_queue.ports import HandIn

SMALL, HUGE = 300_000, 50_000_000
"""A form with one scanned page; a hundred pages in colour."""
BYTES_PER_S = 1_000_000.0
ROUND_TRIP_S = 0.05
SECONDS_BETWEEN = 1.0
NUMBER = 99


def test_one_poisoned_dossier_among_a_hundred_stops_nobody(kiosk: Any, queue: Any, make_hand_in: Any) -> None:
    names = [str(queue.put(make_hand_in(size=200, seed=n)).dossier_id) for n in range(100)]
    with queue.vault.transaction() as db:
        manifest = json.loads(
            db.execute("SELECT manifest FROM dossiers WHERE id = ?", [names[3]]).fetchone()[0]
        )
        db.execute(
            "UPDATE dossiers SET manifest = ? WHERE id = ?",
            [json.dumps({**manifest, "procedure": "no such code!"}).encode(), names[3]],
        )
    courier, let_go = wiring.open_courier(kiosk.config, wiring.open_outbox(queue))
    try:
        done = courier.sync_once()
    finally:
        let_go()
    assert (done.delivered, done.quarantined, done.failed) == (99, 1, 0)
    kept = {row["dossier_id"] for row in kiosk.stored() if row["state"] == "stored"}
    assert set(names) - kept == {names[3]}


class TimedLine:
    """A line of 8 Mbit/s and 50 ms there and back to an honest backend; only its own clock goes on.

    Citizens go on handing in while something is being sent.
    """

    def __init__(self, bench: Any, make_hand_in: Callable[..., HandIn]) -> None:
        self.backend = HonestBackend()
        self.asked: list[str] = []
        chance = random.Random(9)
        self._bench, self._make = bench, make_hand_in
        self._now_s = 0.0
        self._coming = [n * SECONDS_BETWEEN + chance.uniform(0, 0.5) for n in range(NUMBER)]
        self._handed_in: dict[str, float] = {}
        self.waited_s: list[float] = []

    def ask(self, method: str, path: str, body: bytes = b"", **_: object) -> Answer:
        """Carry one request."""
        self.asked.append(path)
        self._pass(ROUND_TRIP_S + len(body) / BYTES_PER_S)
        answer = self.backend(method, path, body)
        assert answer is not None
        began = self._handed_in.get(path.split("/")[3]) if path.endswith("/commit") else None
        if began is not None:
            self.waited_s.append(self._now_s - began)
        return Answer(status=answer[0], body=answer[2])

    def wait_for_the_next(self) -> bool:
        """Let time pass until somebody hands in; False when nobody comes any more."""
        if not self._coming:
            return False
        self._pass(max(0.0, self._coming[0] - self._now_s))
        return True

    def _pass(self, seconds: float) -> None:
        self._now_s += seconds
        self._bench.clock.move(seconds=seconds)
        while self._coming and self._coming[0] <= self._now_s:
            at = self._coming.pop(0)
            receipt = self._bench.queue.put(self._make(size=SMALL, seed=len(self._coming)))
            self._handed_in[str(receipt.dossier_id)] = at


def p95_wait_s(bench: Any, make_hand_in: Callable[..., HandIn], make_enrolment: Any) -> float:
    """Deliver everything and return how long 95 of 100 small dossiers waited at most for their receipt."""
    bench.outbox.keep("line_bytes_per_s", str(BYTES_PER_S))
    line = TimedLine(bench, make_hand_in)
    known = make_enrolment(verify_key=line.backend.verify_key)
    while line.wait_for_the_next():
        Courier(outbox=bench.outbox, line=line, enrolment=known, randomness=os.urandom).sync_once()
    assert bench.queue.status().ready == 0
    parts = [path for path in line.asked if path.startswith("/v1/parts")]
    assert len(parts) == len(set(parts)), "no part went twice"
    assert len(line.waited_s) == NUMBER
    return sorted(line.waited_s)[int(0.95 * NUMBER)]


def test_a_huge_dossier_makes_small_ones_wait_at_most_twice_as_long(
    make_bench: Any, make_hand_in: Any, make_enrolment: Any, tmp_path: Any
) -> None:
    alone = make_bench()
    alone_s = p95_wait_s(alone, make_hand_in, make_enrolment)
    alone.queue.close()
    for file in tmp_path.glob("queue.db*"):
        file.unlink()

    beside = make_bench()
    huge = beside.queue.put(make_hand_in(size=HUGE))
    beside_s = p95_wait_s(beside, make_hand_in, make_enrolment)

    assert beside.queue.find(huge.receipt_code, token=huge.token).state == "stored"
    assert beside_s <= 2 * alone_s, f"{beside_s:.2f} s beside it, {alone_s:.2f} s alone"


def test_a_huge_dossier_gives_way_to_small_ones_handed_in_behind_it(
    kiosk: Any, queue: Any, make_hand_in: Any
) -> None:
    huge = queue.put(make_hand_in(size=9 * 1024 * 1024))
    outbox = wiring.open_outbox(queue)
    courier, let_go = wiring.open_courier(kiosk.config, outbox)
    asked: list[str] = []
    small: list[str] = []
    honest = courier._line.ask

    def ask(method: str, path: str, body: bytes = b"", **rest: Any) -> Any:
        asked.append(path)
        if len(asked) == 3:
            small.extend(str(queue.put(make_hand_in(size=200, seed=n)).dossier_id) for n in range(5))
        return honest(method, path, body, **rest)

    try:
        courier._line = SimpleNamespace(ask=ask)
        done = courier.sync_once()
    finally:
        let_go()
    assert done.delivered == 6
    commits = [path.split("/")[3] for path in asked if path.endswith("/commit")]
    assert commits == [*small, str(huge.dossier_id)]
    first_commit = next(n for n, path in enumerate(asked) if path.endswith("/commit"))
    parts_before = sum(path.startswith("/v1/parts") for path in asked[:first_commit])
    assert parts_before == 3, "two parts of the huge one were on their way, then the first small one's"
    digests = [path for path in asked if path.startswith("/v1/parts")]
    assert len(digests) == len(set(digests)), "no part of the huge one went twice"
