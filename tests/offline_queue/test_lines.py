"""Bad lines and bad neighbours: 64 kbit/s that is cut, a poisoned dossier, a huge one, a stolen disk."""

from __future__ import annotations

import json
import os
import random
import socket
import threading
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from kiosk_app.wiring import queue as wiring
from offline_queue.courier import GIVE_WAY_PARTS, Courier
from offline_queue.errors import QueueLockedError
from offline_queue.pace import UNKNOWN_PART
from offline_queue.slips import unsent

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path
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


@pytest.fixture
def queue(kiosk: Any) -> Iterator[Any]:
    opened = wiring.open_queue(kiosk.config)
    yield opened
    opened.close()


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
            print(f"bytes {line.sent} of {size}, cuts {line.cuts}")  # noqa: T201 - recorded in docs/sync.md


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
    done = _sync(kiosk, queue)
    assert (done.delivered, done.quarantined, done.failed) == (99, 1, 0)
    kept = {row["dossier_id"] for row in kiosk.stored() if row["state"] == "stored"}
    assert set(names) - kept == {names[3]}


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
        courier._line = _Through(ask)
        done = courier.sync_once()
    finally:
        let_go()
    assert done.delivered == 6
    commits = [path.split("/")[3] for path in asked if path.endswith("/commit")]
    assert commits == [*small, str(huge.dossier_id)]
    first_commit = next(n for n, path in enumerate(asked) if path.endswith("/commit"))
    assert sum(path.startswith("/v1/parts") for path in asked[:first_commit]) <= GIVE_WAY_PARTS + 1
    digests = [path for path in asked if path.startswith("/v1/parts")]
    assert len(digests) == len(set(digests)), "no part of the huge one went twice"


class _Through:
    def __init__(self, ask: Callable[..., Any]) -> None:
        self.ask = ask


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
        courier._line = _Through(ask)
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


def test_a_stolen_disk_shows_nobody(
    kiosk: Any, queue: Any, make_hand_in: Any, canary: dict[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    for seed in range(3):
        queue.put(make_hand_in(size=100_000, seed=seed))
    _sync(kiosk, queue)
    waiting = queue.put(make_hand_in(seed=9))
    queue.issue_ticket(series="A", service="x")
    folder: Path = kiosk.config.data_dir
    key = folder / "keys" / "queue.key"
    secret = key.read_text()

    key.unlink()
    for path in folder.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            for value in (*canary.values(), waiting.receipt_code, waiting.token, "2.000635"):
                assert value.encode() not in content, path.name
    with pytest.raises(QueueLockedError, match="restore it"):
        wiring.open_queue(kiosk.config)

    key.write_text(secret)
    thief = wiring.open_queue(kiosk.config)
    try:
        dumped = repr([list(thief.vault._db[table].rows) for table in _tables(thief)])
    finally:
        thief.close()
    assert waiting.receipt_code in dumped
    assert waiting.token not in dumped
    assert not any(value in dumped for value in canary.values())
    assert not any(value in caplog.text for value in canary.values())


def _tables(queue: Any) -> list[str]:
    return [row["name"] for row in queue.vault.rows("SELECT name FROM sqlite_master WHERE type = 'table'")]


def _sync(kiosk: Any, queue: Any) -> Any:
    outbox = wiring.open_outbox(queue)
    courier: Courier
    courier, let_go = wiring.open_courier(kiosk.config, outbox)
    try:
        return courier.sync_once()
    finally:
        let_go()
