"""Bad lines: 64 kbit/s that is cut all the time; what goes first, and what the heartbeat tells."""

from __future__ import annotations

import json
import os
import random
import socket
import threading
from contextlib import closing, contextmanager
from dataclasses import replace
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from kiosk_app.wiring import queue as wiring
from offline_queue.pace import UNKNOWN_PART
from offline_queue.slips import unsent

if TYPE_CHECKING:
    from collections.abc import Iterator
    from urllib.parse import SplitResult

REAL_TIME = os.environ.get("KIOSK_SLOW_LINE") == "real"
FASTER = 1 if REAL_TIME else 40
"""How many times faster than life the line of the test runs; the ratios stay."""
SIZE = 5_000_000 if REAL_TIME else 500_000
BYTES_PER_S = 8000 * FASTER
DELAY_S = 0.3 / FASTER
CUT_S = 30.0 / FASTER
LOSS = 0.05
RETRANSMIT_S = 1.0 / FASTER
PACKET = 1400


class SlowLine:
    """A TCP line of 64 kbit/s, 600 ms there and back, 5 % loss, cut every 30 seconds."""

    def __init__(self, target: SplitResult) -> None:
        self._target = (str(target.hostname), int(target.port or 0))
        self._chance = random.Random(3)
        self._over = threading.Event()
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        self.sent = 0
        self.cuts = 0
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._listening.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8192)
        self.url = f"http://127.0.0.1:{self._listening.getsockname()[1]}"
        self._threads = [threading.Thread(target=work) for work in (self._accept, self._cut)]
        for thread in self._threads:
            thread.start()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listening.accept()
            except OSError:
                return  # closed: the test is over
            far = socket.create_connection(self._target, timeout=20)
            with self._lock:
                self._open |= {near, far}
            for source, sink, up in ((near, far, True), (far, near, False)):
                thread = threading.Thread(target=self._pump, args=[source, sink], kwargs={"up": up})
                self._threads.append(thread)
                thread.start()

    def _pump(self, source: socket.socket, sink: socket.socket, *, up: bool) -> None:
        self._over.wait(DELAY_S)
        with closing(source), closing(sink):
            try:
                while data := source.recv(PACKET):
                    wait = len(data) / BYTES_PER_S
                    wait += RETRANSMIT_S if self._chance.random() < LOSS and up else 0.0
                    if self._over.wait(wait):
                        return
                    sink.sendall(data)
                    self.sent += len(data) if up else 0
            except OSError:
                return  # the line was cut

    def _cut(self) -> None:
        while not self._over.wait(CUT_S):
            with self._lock:
                going, self._open = self._open, set()
            self.cuts += bool(going)
            for end in going:
                _shut(end)

    def close(self) -> None:
        self._over.set()
        _shut(self._listening)
        self._listening.close()
        with self._lock:
            for end in self._open:
                _shut(end)
        for thread in self._threads:
            thread.join(10)


def _shut(end: socket.socket) -> None:
    try:
        end.shutdown(socket.SHUT_RDWR)
    except OSError:
        return  # closed already


@contextmanager
def slow_line(url: str) -> Iterator[SlowLine]:
    from urllib.parse import urlsplit

    line = SlowLine(urlsplit(url))
    try:
        yield line
    finally:
        line.close()


@pytest.mark.timeout(3600 if REAL_TIME else 90)
def test_a_dossier_gets_through_a_line_that_is_cut_all_the_time(
    kiosk: Any, queue: Any, make_hand_in: Any
) -> None:
    receipt = queue.put(make_hand_in(size=SIZE))
    outbox = wiring.open_outbox(queue)
    with slow_line(kiosk.backend.url) as line:
        for _ in range(200):
            outbox.make_due()
            courier, let_go = wiring.open_courier(kiosk.through(line.url), outbox)
            try:
                courier.sync_once()
            finally:
                let_go()
            if queue.status().stored:
                break
        found = queue.find(receipt.receipt_code, token=receipt.token)
        assert found.state == "stored"
        parts = -(-SIZE // UNKNOWN_PART)
        assert line.cuts >= parts // 8, "the line was too good to prove anything"
        size = queue.vault.rows("SELECT size FROM dossiers")[0]["size"]
        assert line.sent <= 1.05 * size + line.cuts * UNKNOWN_PART, (line.sent, size, line.cuts)
        if REAL_TIME:
            print(f"bytes {line.sent} of {size}, cuts {line.cuts}")  # noqa: T201 - kept in docs/reliability.md


def test_tickets_and_ratings_reach_the_backend_once(kiosk: Any, queue: Any) -> None:
    numbers = [queue.issue_ticket(series="A", service="Hộ tịch").number for _ in range(3)]
    queue.rate(score=3, reasons=("fast",))
    _sync(kiosk, queue)
    _sync(kiosk, queue)
    assert unsent(queue.vault) == ()
    assert queue.status().slips_unsent == 0
    import sqlite3

    with closing(sqlite3.connect(kiosk.backend.database)) as db:
        rows = db.execute(
            "SELECT number FROM tickets WHERE kiosk_id = "
            "(SELECT id FROM kiosks ORDER BY enrolled_at DESC LIMIT 1)"
        ).fetchall()
    assert sorted(row[0] for row in rows) == numbers


def test_manifests_go_first_so_that_the_centre_knows_before_the_bytes_come(
    kiosk: Any, queue: Any, make_hand_in: Any
) -> None:
    names = [str(queue.put(make_hand_in(size=300_000, seed=n)).dossier_id) for n in range(3)]
    outbox = wiring.open_outbox(queue)
    courier, let_go = wiring.open_courier(kiosk.config, outbox)
    asked: list[str] = []
    honest = courier._line.ask

    def ask(method: str, path: str, body: bytes = b"", **rest: Any) -> Any:
        asked.append(path)
        return honest(method, path, body, **rest)

    try:
        courier._line = SimpleNamespace(ask=ask)
        assert courier.sync_once().delivered == 3
    finally:
        let_go()
    assert asked[:3] == [f"/v1/dossiers/{name}" for name in names]
    assert outbox.unannounced() == ()


def test_the_heartbeat_measures_the_clock_and_tells_how_the_queue_is(kiosk: Any, queue: Any) -> None:
    outbox = wiring.open_outbox(queue)
    courier, let_go = wiring.open_courier(
        kiosk.config, outbox, health=lambda: {**wiring.queue_health(queue), "paper": "low"}
    )
    try:
        beat = courier.heartbeat()
    finally:
        let_go()
    assert beat.well
    assert beat.skew_s is not None
    assert abs(beat.skew_s) < 5
    assert abs(queue.status().clock_skew_s) < 5
    import sqlite3

    with closing(sqlite3.connect(kiosk.backend.database)) as db:
        rows = [
            json.loads(row[0]) for row in db.execute("SELECT health FROM kiosks WHERE health IS NOT NULL")
        ]
    assert any(row.get("paper") == "low" and row["waiting"] == 0 for row in rows)


@pytest.mark.parametrize(
    ("changed", "well_signed"),
    [({}, 1), ({"waiting": 9999}, 0), ({"wait_s": 9999}, 0), ({"waiting_signature": ""}, 0)],
)
def test_only_what_the_backend_signed_is_said_of_the_waiting_line(
    kiosk: Any, queue: Any, changed: dict[str, object], well_signed: int
) -> None:
    courier, let_go = wiring.open_courier(kiosk.config, wiring.open_outbox(queue))
    honest = courier._line.ask

    def forge(*asked: Any, **rest: Any) -> Any:
        answer = honest(*asked, **rest)
        return replace(answer, body=json.dumps({**json.loads(answer.body), **changed}).encode())

    try:
        courier._line = SimpleNamespace(ask=forge)
        beat = courier.heartbeat()
    finally:
        let_go()
    assert (beat.well, beat.waiting is not None) == (True, bool(well_signed))


def _sync(kiosk: Any, queue: Any) -> Any:
    outbox = wiring.open_outbox(queue)
    courier, let_go = wiring.open_courier(kiosk.config, outbox)
    try:
        return courier.sync_once()
    finally:
        let_go()
