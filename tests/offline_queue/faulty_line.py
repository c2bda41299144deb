"""A line to a real backend on which everything goes wrong, and a courier that does not wait for its turn."""

from __future__ import annotations

import http.client
import os
import random
import socket
import struct
import threading
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import httpx

from kiosk_app.wiring import queue as wiring
from offline_queue.courier import Courier
from offline_queue.enrol import load_enrolment
from offline_queue.keyfiles import kiosk_key
from offline_queue.outbox import Outbox
from offline_queue.transport import HttpLine, Signer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from kiosk_app.config import Config

Answer = tuple[int, bytes]
PORTAL: Answer = (200, b"<html>login</html>")
STALL_S = 1.0
"""A sender's deadline on this line; a stalled answer never comes within it."""
FAULTS = ("drop", "half", "cut", "stall", "twice", "late", "swap", "damage")


@dataclass(frozen=True, slots=True)
class _Request:
    method: str
    path: str
    body: bytes
    token: str


class FaultyProxy(ThreadingHTTPServer):
    """A proxy that forwards each request, and then does what `fault()` names with it.

    `pass` · `drop` the answer after the backend did its work · `half` an answer · `cut`: both ends are reset
    in the middle of the body · `stall`: the backend did its work, the answer never comes · `twice` sends the
    request two times · `late` keeps the request back and delivers it behind a later one, out of order ·
    `swap` gives the answer to the request before · `damage` flips a byte of the body on its way.
    """

    def __init__(self, upstream: str, fault: Callable[[str], str]) -> None:
        super().__init__(("127.0.0.1", 0), _ProxyHandler)
        target = urlsplit(upstream)
        self.target = (str(target.hostname), int(target.port or 0))
        self._fault = fault
        self._lock = threading.Lock()
        self._kept_back: list[_Request] = []
        self._before = PORTAL
        self.over = threading.Event()
        self.seen: Counter[str] = Counter()
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        self._thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02})
        self._thread.start()

    def next_fault(self, path: str) -> str:
        """Return what happens to a request and count it."""
        with self._lock:
            kind = self._fault(path)
            self.seen[kind] += 1
            return kind

    def keep_back(self, request: _Request) -> None:
        """Hold a request until a later one has gone by."""
        with self._lock:
            self._kept_back.append(request)

    def deliver_late(self) -> None:
        """Send what was held; nobody waits for these answers."""
        with self._lock:
            held, self._kept_back = self._kept_back, []
        for request in held:
            self.forward(request)

    def swap(self, answer: Answer) -> Answer:
        """Keep an answer and return the one before it."""
        with self._lock:
            before, self._before = self._before, answer
            return before

    def forward(self, request: _Request) -> Answer:
        """Ask the backend."""
        connection = http.client.HTTPConnection(*self.target, timeout=20)
        try:
            connection.request(request.method, request.path, request.body, {"Authorization": request.token})
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def close(self) -> None:
        """Stop; what stalls is let go."""
        self.over.set()
        self.shutdown()
        self.server_close()
        self._thread.join(5)


class _ProxyHandler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: FaultyProxy

    def _play(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.close_connection = True
        request = _Request(self.command, self.path, body, self.headers.get("Authorization", ""))
        kind = self.server.next_fault(self.path)
        if kind == "cut":
            self._cut(request)
        elif kind == "late":
            self.server.keep_back(request)
        else:
            self._pass_on(kind, request)

    def _pass_on(self, kind: str, request: _Request) -> None:
        if kind == "damage" and request.body:
            changed = bytes([request.body[0] ^ 1]) + request.body[1:]
            request = _Request(request.method, request.path, changed, request.token)
        answer = self.server.forward(request)
        if kind == "twice":
            answer = self.server.forward(request)
        self.server.deliver_late()
        older = self.server.swap(answer)
        if kind == "stall":
            self.server.over.wait(2 * STALL_S)
        elif kind != "drop":
            self._answer(kind, older if kind == "swap" else answer)

    def _cut(self, request: _Request) -> None:
        head = (
            f"{request.method} {request.path} HTTP/1.1\r\nHost: x\r\nContent-Length: {len(request.body)}\r\n"
        )
        head += f"Authorization: {request.token}\r\n\r\n"
        half = max(1, len(request.body) // 2)
        with socket.create_connection(self.server.target, timeout=20) as upstream:
            upstream.sendall(head.encode() + request.body[:half])
            _reset_on_close(upstream)
        _reset_on_close(self.connection)

    def _answer(self, kind: str, answer: Answer) -> None:
        status, content = answer
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(content[: len(content) // 2] if kind == "half" else content)

    do_GET = do_PUT = do_POST = _play  # noqa: N815 - names that http.server looks for

    def handle(self) -> None:
        """Serve one request; a sender that has hung up meanwhile is what this line is for."""
        try:
            super().handle()
        except OSError:
            self.close_connection = True

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def _reset_on_close(end: socket.socket) -> None:
    """Let the other side see a reset, not an orderly end."""
    end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


@contextmanager
def proxied(upstream: str, fault: Callable[[str], str]) -> Iterator[FaultyProxy]:
    """Run a faulty proxy before a backend."""
    proxy = FaultyProxy(upstream, fault)
    try:
        yield proxy
    finally:
        proxy.close()


@contextmanager
def courier_of(
    config: Config, queue: Any, *, url: str, owner: str = "one", deadline_s: float = 20.0
) -> Iterator[Courier]:
    """A courier whose waits pass at once: each look at the clock is ten minutes later.

    Each look is also past the other sender's lease, so two of them take each other's work all the time.
    """
    ticks = iter(range(0, 10**10, 601))
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
    line = HttpLine(url, signer, timeout=httpx.Timeout(deadline_s))
    try:
        yield Courier(outbox=outbox, line=line, enrolment=known, randomness=os.urandom)
    finally:
        line.close()


def drain(courier: Courier, queue: Any, *, rounds: int = 400) -> None:
    """Send until nothing waits, or so many rounds are over."""
    for _ in range(rounds):
        courier.sync_once()
        status = queue.status()
        if status.ready + status.sending == 0:
            return
