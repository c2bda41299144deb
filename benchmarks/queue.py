"""How fast the queue is on this machine, with its real database and a real backend.

    .venv/bin/python benchmarks/queue.py [--rows 100000] [--kiosk-only] [--seconds 8] [--postgres URL]

On the kiosk: hand-in of a 5 MB dossier, what else people do meanwhile, the cost of a claim with 10 to 100,000
dossiers waiting, bytes on the wire. Then the backend's side (`benchmarks/backend_commits.py`). About two
minutes; run it on a machine that does nothing else. Wall-clock times, and processor times of this process.
"""

from __future__ import annotations

import argparse
import datetime as dt
import importlib
import os
import socket
import statistics
import sys
import tempfile
import threading
import time
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parents[1]
sys.path[0] = str(ROOT)  # not this folder: this file would hide the standard library's module of its name

if TYPE_CHECKING:
    from collections.abc import Callable

    from kiosk_app.config import Config
    from offline_queue.ports import HandIn
    from offline_queue.store import LocalQueue

SIZE = 5_000_000
HAND_INS = 40
SMALL = 200
WAITING = (10, 1_000, 10_000)


@dataclass(frozen=True, slots=True)
class Spans:
    """Times of one thing done many times, milliseconds, sorted."""

    wall: list[float]
    cpu_ms: float
    """Of the whole process, a turn on average."""

    def p95(self) -> float:
        """Return what 95 of 100 stayed under."""
        return self.wall[int(len(self.wall) * 0.95)]


def measure(work: Callable[[], object], times: int, *, rest_s: float = 0.0) -> Spans:
    """Do something so often, with a rest in between that is not measured."""
    wall = []
    cpu = time.process_time()
    for _ in range(times):
        started = time.perf_counter()
        work()
        wall.append((time.perf_counter() - started) * 1000)
        time.sleep(rest_s)
    return Spans(sorted(wall), (time.process_time() - cpu) * 1000 / times)


def show(name: str, spans: Spans, target: str = "") -> None:
    """Print one row of the table."""
    numbers = (statistics.median(spans.wall), spans.p95(), spans.wall[-1], spans.cpu_ms)
    print("|", " | ".join((name, target, *(f"{number:.2f}" for number in numbers))), "|")


def dossier() -> HandIn:
    """Return a made-up dossier of 5 MB."""
    from offline_queue.ports import Consent, Document, HandIn

    return HandIn(
        procedure="2.000635",
        form_version="1",
        answers={"a": {"value": "x", "source": "typed"}},
        documents=(Document(name="scan.pdf", media_type="application/pdf", data=os.urandom(SIZE)),),
        consent=Consent(version="1", purpose="dossier", language="vi", given_at=dt.datetime.now(dt.UTC)),
    )


def open_queue(folder: Path) -> LocalQueue:
    """Open a queue sealed to a made-up backend and its escrow."""
    from offline_queue import guards
    from offline_queue.enrol import Enrolment
    from offline_queue.schema import Vault
    from offline_queue.store import LocalQueue

    pyrage = importlib.import_module("pyrage")
    enrolment = Enrolment(
        kiosk_id="bench",
        backend_url="",
        public_url="https://x",
        unit_code="H20.17",
        verify_key="",
        recipients=tuple(str(pyrage.x25519.Identity.generate().to_public()) for _ in range(2)),
    )
    return LocalQueue(
        vault=Vault(folder / "queue.db", os.urandom(32)),
        enrolment=lambda: enrolment,
        kiosk_number=1,
        now=lambda: dt.datetime.now(dt.UTC),
        randomness=os.urandom,
        room=lambda: guards.measure(folder),
    )


def hand_ins(queue: LocalQueue) -> None:
    """Measure handing in, the small things people do, and looking up while somebody hands in."""
    content = dossier()
    first = queue.put(content)
    show("hand-in, 5 MB", measure(lambda: queue.put(content), HAND_INS), "p95 <= 150")

    def look_up() -> None:
        queue.find(first.receipt_code, token=first.token)

    show("look-up", measure(look_up, SMALL))
    show("number", measure(lambda: queue.issue_ticket(series="A", service="x"), SMALL))
    show("rating", measure(lambda: queue.rate(score=3), SMALL))
    over = threading.Event()

    def keep_handing_in() -> None:
        while not over.is_set():
            queue.put(content)

    beside = threading.Thread(target=keep_handing_in)
    beside.start()
    show("look-up while others hand in 5 MB", measure(look_up, SMALL, rest_s=0.01))
    over.set()
    beside.join()


def claims(queue: LocalQueue, rows: int) -> None:
    """Measure a claim with few and with many dossiers waiting."""
    from offline_queue.outbox import Outbox

    outbox = Outbox(
        vault=queue.vault,
        now=lambda: dt.datetime.now(dt.UTC),
        share=lambda: 0.5,
        owner="bench",
        alive=lambda _: True,
    )

    def claim() -> None:
        claimed = outbox.claim()
        if claimed is not None:
            outbox.release(claimed)

    with queue.vault.transaction() as db:
        db.execute("DELETE FROM parts")
        db.execute("DELETE FROM dossiers")
    for waiting in (*(count for count in WAITING if count < rows), rows):
        _fill(queue, waiting)
        show(f"claim and give back, {waiting:,} waiting", measure(claim, SMALL), "flat")
    show(f"status, {rows:,} waiting", measure(queue.status, 20))


def _fill(queue: LocalQueue, waiting: int) -> None:
    manifest = b"{" + b"x" * 2000 + b"}"
    with queue.vault.transaction() as db:
        have = db.execute("SELECT count(*) FROM dossiers").fetchone()[0]
        for number in range(have, waiting):
            db.execute(
                "INSERT INTO dossiers (id, receipt_code, token_sha256, procedure, manifest, "
                "manifest_sha256, size, created_at, state) "
                "VALUES (?, ?, '', '', ?, '', 1, '2026-11-22T00:00:00+00:00', 'ready')",
                [f"{number:036d}", f"K{number}", manifest],
            )


class Meter:
    """A TCP line to a backend that counts what a kiosk sends, headers and all."""

    def __init__(self, url: str) -> None:
        target = urlsplit(url)
        self._target = (str(target.hostname), int(target.port or 0))
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listening.getsockname()[1]}"
        self.sent = 0
        self._threads = [threading.Thread(target=self._accept)]
        self._threads[0].start()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listening.accept()
            except OSError:
                return  # closed: the measurement is over
            far = socket.create_connection(self._target)
            for ends in ((near, far, True), (far, near, False)):
                thread = threading.Thread(target=self._carry, args=ends)
                self._threads.append(thread)
                thread.start()

    def _carry(self, source: socket.socket, sink: socket.socket, up: bool) -> None:  # noqa: FBT001 - a thread's argument
        with closing(source):
            while data := source.recv(65_536):
                self.sent += len(data) if up else 0
                sink.sendall(data)
            with suppress(OSError):  # the other direction has closed it already
                sink.shutdown(socket.SHUT_WR)

    def close(self) -> None:
        """Stop; connections have ended before."""
        self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        for thread in self._threads:
            thread.join(10)


def wire(folder: Path) -> None:
    """Measure what one 5 MB dossier costs on the wire, delivered to a real backend by the real sender."""
    import msgspec

    from kiosk_app.config import Backend, Config
    from kiosk_app.wiring import queue as wiring
    from kiosk_app.wiring.embedded_backend import EmbeddedBackend

    backend = EmbeddedBackend(folder / "backend", unit_code="H20.17", unit_name="Bench")
    backend.start()
    try:
        config = Config(data_dir=folder / "kiosk")
        wiring.enrol(config, code=backend.enrol_code, backend_url=backend.url)
        for speed in (8_000, 10_000_000):
            meter = Meter(backend.url)
            try:
                _deliver(msgspec.structs.replace(config, backend=Backend(url=meter.url)), speed, meter)
            finally:
                meter.close()
    finally:
        backend.stop()


def _deliver(config: Config, speed: int, meter: Meter) -> None:
    from kiosk_app.wiring import queue as wiring

    queue = wiring.open_queue(config)
    outbox = wiring.open_outbox(queue)
    try:
        outbox.keep("line_bytes_per_s", str(speed))
        receipt = queue.put(dossier())
        size = len(outbox.sealed(str(receipt.dossier_id)))
        parts = queue.vault.rows("SELECT count(*) AS number FROM parts")[0]["number"]
        courier, let_go = wiring.open_courier(config, outbox)
        started = time.perf_counter()
        done = courier.sync_once()
        elapsed_ms = (time.perf_counter() - started) * 1000
        let_go()
        if done.delivered != 1:
            raise RuntimeError("the dossier did not arrive")
        name = f"bytes on the wire, 5 MB in {parts} parts: {meter.sent / size:.4f} x its size"
        print(f"| {name} | <= 1.05 | {elapsed_ms:.2f} | | | |")
    finally:
        queue.close()


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--kiosk-only", action="store_true", help="leave the backend's side out")
    parser.add_argument("--seconds", type=float, default=8.0, help="of each of the backend's rates")
    parser.add_argument("--postgres", metavar="URL", default="", help="instead of a server of its own")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        print("| what | target | median ms | p95 ms | worst ms | CPU ms |\n|---|---|---|---|---|---|")
        queue = open_queue(folder)
        hand_ins(queue)
        claims(queue, args.rows)
        queue.close()
        wire(folder)
        if not args.kiosk_only:
            from benchmarks.backend_commits import backend_commits

            backend_commits(folder, args.seconds, postgres=args.postgres)


if __name__ == "__main__":
    main()
