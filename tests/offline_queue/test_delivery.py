"""Exactly once at a real backend: faulty lines, two senders, a backend that goes and comes back."""

from __future__ import annotations

import http.client
import os
import random
import socket
import threading
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import httpx
import pytest

from kiosk_app.config import Config
from kiosk_app.wiring import queue as wiring
from offline_queue.courier import Courier
from offline_queue.enrol import load_enrolment
from offline_queue.errors import (
    BackendRefusedError,
    BackendUnreachableError,
    NotEnrolledError,
    UnknownDossierError,
)
from offline_queue.keyfiles import kiosk_key
from offline_queue.outbox import Outbox
from offline_queue.transport import HttpLine, Signer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

ROUNDS = 400
SUBMISSIONS = int(os.environ.get("KIOSK_SUBMISSIONS", "12"))


class FaultyProxy(ThreadingHTTPServer):
    """An HTTP proxy that forwards each request, and then does what `fault()` names with it.

    `pass` · `drop` the answer after the backend did its work · `half` an answer · `cut` the request in the
    middle of its body · `twice` sends the request two times · `swap` answers with the answer to the request
    before · `damage` flips a byte of the body on its way.
    """

    def __init__(self, upstream: str, fault: Callable[[str], str]) -> None:
        super().__init__(("127.0.0.1", 0), _ProxyHandler)
        target = urlsplit(upstream)
        self.target = (str(target.hostname), int(target.port or 0))
        self.fault = fault
        self.before = (200, b"<html>login</html>")
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        self._thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02})
        self._thread.start()

    def close(self) -> None:
        self.shutdown()
        self.server_close()
        self._thread.join(5)


class _ProxyHandler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: FaultyProxy

    def _play(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.close_connection = True
        kind = self.server.fault(self.path)
        if kind == "cut" and body:
            self._cut(body)
            return
        if kind == "damage" and body:
            body = bytes([body[0] ^ 1]) + body[1:]
        answer = self._forward(body)
        if kind == "twice":
            answer = self._forward(body)
        older, self.server.before = self.server.before, answer
        self._answer(kind, older if kind == "swap" else answer)

    def _forward(self, body: bytes) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection(*self.server.target, timeout=20)
        try:
            headers = {"Authorization": self.headers.get("Authorization", "")}
            connection.request(self.command, self.path, body, headers)
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def _cut(self, body: bytes) -> None:
        head = f"{self.command} {self.path} HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n"
        head += f"Authorization: {self.headers.get('Authorization', '')}\r\n\r\n"
        with socket.create_connection(self.server.target, timeout=20) as upstream:
            upstream.sendall(head.encode() + body[: len(body) // 2])

    def _answer(self, kind: str, answer: tuple[int, bytes]) -> None:
        status, content = answer
        if kind == "drop":
            return
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(content[: len(content) // 2] if kind == "half" else content)

    do_GET = do_PUT = do_POST = _play  # noqa: N815 - names that http.server looks for

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def proxied(upstream: str, fault: Callable[[str], str]) -> Iterator[str]:
    proxy = FaultyProxy(upstream, fault)
    try:
        yield proxy.url
    finally:
        proxy.close()


@contextmanager
def courier_of(
    config: Config, queue: Any, *, url: str, owner: str = "one"
) -> Iterator[tuple[Courier, Outbox]]:
    """A courier whose waits pass at once: each look at the clock is ten minutes later."""
    ticks = iter(range(0, 10**9, 601))
    outbox = Outbox(
        vault=queue.vault,
        now=lambda: wiring.now() + timedelta(seconds=next(ticks)),
        share=random.Random(5).random,
        owner=owner,
        alive=lambda _: True,
    )
    known = load_enrolment(config.data_dir)
    seed = kiosk_key(config.data_dir, randomness=os.urandom)
    signer = Signer(kiosk_id=known.kiosk_id, seed=seed, now=wiring.now, randomness=os.urandom)
    line = HttpLine(url, signer, timeout=httpx.Timeout(20.0))
    try:
        yield Courier(outbox=outbox, line=line, enrolment=known, randomness=os.urandom), outbox
    finally:
        line.close()


@pytest.fixture
def queue(kiosk: Any) -> Iterator[Any]:
    opened = wiring.open_queue(kiosk.config)
    yield opened
    opened.close()


def _codes(kiosk: Any, ids: set[str]) -> list[str]:
    rows = [row for row in kiosk.stored() if row["dossier_id"] in ids]
    assert all(row["state"] == "stored" for row in rows)
    return [row["official_code"] for row in rows]


def _drain(courier: Courier, queue: Any) -> None:
    for _ in range(ROUNDS):
        courier.sync_once()
        status = queue.status()
        if status.ready + status.sending == 0:
            return


def test_handed_in_offline_it_goes_out_when_the_backend_is_back(kiosk: Any, make_hand_in: Any) -> None:
    kiosk.backend.stop()
    room = wiring.open_queue_room(kiosk.config)
    try:
        receipt = room.queue.put(make_hand_in(size=300_000))
        assert room.sync.wait_turn(timeout_s=20)
        assert room.queue.status().ready == 1
        assert not room.desk.reachable()
        offline = room.desk.look_up(receipt.receipt_code, token=receipt.token)
        assert (offline.state, offline.code, offline.next_step) == (0, receipt.receipt_code, "wait")
        with pytest.raises(BackendUnreachableError):
            room.desk.look_up("K01-200101-0001", token="x")
        assert room.queue.issue_ticket(series="A", service="x").number == "A001"

        kiosk.backend.start()
        room.outbox.make_due()
        for _ in range(30):
            room.sync.wait_turn(timeout_s=10)
            if room.queue.status().stored:
                break
        assert _codes(kiosk, {str(receipt.dossier_id)})[0].startswith("H20.17-")
        online = room.desk.look_up(receipt.receipt_code, token=receipt.token)
        assert (online.state, online.unit) == (1, "Trung tâm Sa Đéc")
        assert room.desk.look_up(online.code, token=receipt.token).receipt_code == receipt.receipt_code
        with pytest.raises(UnknownDossierError):
            room.desk.look_up(online.code, token="wrong")
    finally:
        room.close()


def test_an_answer_lost_after_the_commit_makes_no_second_dossier(
    kiosk: Any, queue: Any, make_hand_in: Any
) -> None:
    receipt = queue.put(make_hand_in())
    dropped: list[str] = []

    def fault(path: str) -> str:
        if path.endswith("/commit") and len(dropped) < 3:
            dropped.append(path)
            return "drop"
        return "pass"

    with proxied(kiosk.backend.url, fault) as url, courier_of(kiosk.config, queue, url=url) as (courier, _):
        _drain(courier, queue)

    assert len(dropped) == 3
    assert len(_codes(kiosk, {str(receipt.dossier_id)})) == 1
    assert queue.find(receipt.receipt_code, token=receipt.token).state == "stored"


@pytest.mark.timeout(120 if SUBMISSIONS < 1000 else 3600)
def test_a_line_with_every_fault_delivers_each_dossier_exactly_once(
    kiosk: Any, queue: Any, make_hand_in: Any
) -> None:
    chance = random.Random(11)
    kinds = ["pass", "pass", "drop", "half", "cut", "twice", "swap", "damage"]
    seen = set()

    def fault(_: str) -> str:
        kind = chance.choice(kinds)
        seen.add(kind)
        return kind

    sizes = [500, 300_000] if SUBMISSIONS < 1000 else [500]
    ids = {
        str(queue.put(make_hand_in(size=chance.choice(sizes), seed=n)).dossier_id) for n in range(SUBMISSIONS)
    }
    with proxied(kiosk.backend.url, fault) as url, courier_of(kiosk.config, queue, url=url) as (courier, _):
        _drain(courier, queue)

    status = queue.status()
    assert (status.stored, status.quarantined, status.paused) == (SUBMISSIONS, 0, None)
    codes = _codes(kiosk, ids)
    assert len(codes) == len(set(codes)) == SUBMISSIONS
    assert seen == set(kinds)


def test_two_senders_at_once_deliver_each_dossier_once(kiosk: Any, queue: Any, make_hand_in: Any) -> None:
    ids = {str(queue.put(make_hand_in(seed=n)).dossier_id) for n in range(10)}
    other = wiring.open_queue(kiosk.config)

    def send(opened: Any, owner: str) -> None:
        # Each look at this clock is past the other's lease, so they take each other's work all the time.
        with courier_of(kiosk.config, opened, url=kiosk.backend.url, owner=owner) as (courier, _):
            _drain(courier, opened)

    threads = [
        threading.Thread(target=send, args=[opened, owner])
        for opened, owner in ((queue, "one"), (other, "two"))
    ]
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        assert queue.status().stored == 10
        codes = _codes(kiosk, ids)
        assert len(codes) == len(set(codes)) == 10
    finally:
        other.close()


def test_a_revoked_kiosk_pauses_and_goes_on_after_it_is_let_in_again(
    kiosk: Any, queue: Any, make_hand_in: Any
) -> None:
    import sqlite3
    from contextlib import closing

    known = load_enrolment(kiosk.config.data_dir)

    def set_revoked(value: str | None) -> None:
        with closing(sqlite3.connect(kiosk.backend.database, timeout=10)) as db, db:
            db.execute("UPDATE kiosks SET revoked_at = ? WHERE id = ?", [value, known.kiosk_id])

    receipt = queue.put(make_hand_in())
    with courier_of(kiosk.config, queue, url=kiosk.backend.url) as (courier, _):
        set_revoked("2026-01-01T00:00:00.000000+00:00")
        assert courier.sync_once().paused
        assert courier.sync_once().paused
        assert queue.status().paused == "auth"
        assert _codes(kiosk, {str(receipt.dossier_id)}) == []
        set_revoked(None)
        assert courier.sync_once().delivered == 1


def test_the_backend_finds_a_dossier_by_the_last_digits_of_the_id(
    kiosk: Any, queue: Any, make_hand_in: Any
) -> None:
    receipt = queue.put(make_hand_in(id_number="087194001234"))
    room = wiring.open_queue_room(kiosk.config)
    try:
        assert room.sync.wait_turn(timeout_s=20)
        assert _opened(kiosk, str(receipt.dossier_id))
        found = room.desk.look_up(receipt.receipt_code, id_tail="1234")
        assert found.receipt_code == receipt.receipt_code
        with pytest.raises(UnknownDossierError):
            room.desk.look_up(receipt.receipt_code, id_tail="9999")
        with pytest.raises(UnknownDossierError, match="QR code"):
            room.desk.look_up(receipt.receipt_code)
    finally:
        room.close()


def _opened(kiosk: Any, dossier_id: str) -> bool:
    pause = threading.Event()
    for _ in range(100):
        if any(row["dossier_id"] == dossier_id and row["opened"] == "opened" for row in kiosk.stored()):
            return True
        pause.wait(0.1)
    return False


def test_a_captive_portal_is_not_a_backend(kiosk: Any, queue: Any, make_hand_in: Any, server: Any) -> None:
    page = b"<html>Please log in</html>"
    server.script.answers = [(200, {"Content-Type": "text/html"}, page)]
    queue.put(make_hand_in())
    with courier_of(kiosk.config, queue, url=server.url) as (courier, _):
        assert courier.heartbeat().cause == "portal"
        assert courier.sync_once().delivered == 0
    assert queue.status().ready == 1
    with pytest.raises(BackendRefusedError, match="ask for a new one"):
        wiring.enrol(kiosk.config, code="ABCDEFGHJK", backend_url=server.url)
    assert load_enrolment(kiosk.config.data_dir).backend_url == kiosk.backend.url


def test_a_code_that_is_wrong_leaves_the_old_enrolment(kiosk: Any) -> None:
    before = load_enrolment(kiosk.config.data_dir)
    with pytest.raises(BackendRefusedError):
        wiring.enrol(kiosk.config, code="WRONGWRONG", backend_url=kiosk.backend.url)
    with pytest.raises(BackendUnreachableError):
        wiring.enrol(kiosk.config, code="WRONGWRONG", backend_url="http://127.0.0.1:9")
    assert load_enrolment(kiosk.config.data_dir) == before


def test_a_kiosk_that_is_enrolled_nowhere_refuses_to_store(tmp_path: Path, make_hand_in: Any) -> None:
    opened = wiring.open_queue(Config(data_dir=tmp_path / "new"))
    try:
        with pytest.raises(NotEnrolledError, match="kiosk enrol"):
            opened.put(make_hand_in())
        assert opened.issue_ticket(series="A", service="x").number == "A001"
    finally:
        opened.close()


def test_a_simulation_never_takes_a_real_enrolment_away(kiosk: Any) -> None:
    path = kiosk.config.data_dir / "keys" / "backend.json"
    path.write_text(path.read_text().replace(kiosk.backend.url, "https://gateway.example"))
    with pytest.raises(BackendRefusedError, match="another data_dir"):
        wiring.enrol_embedded(kiosk.config, kiosk.backend)
