"""How many dossiers a second the backend takes in for good, on PostgreSQL with fsync on.

    nice -n 0 .venv/bin/python benchmarks/backend_commits.py [--seconds 8] [--postgres URL] [--workers N]

Starts its own PostgreSQL on a free port (durable: fsync on), the backend as `kiosk-backend serve`, and
kiosks that speak wire v1: manifest, parts, commit, each request signed. Dossiers are sealed, hashed and
signed before the clock starts, so that the sender costs little of the processors; a dossier counts when its
signed receipt has come. Processor time of backend (opening dossiers included), database and sender is told
apart. Takes about a minute and 1 GiB of memory.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import importlib
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parents[1]
sys.path[0] = str(ROOT)  # not this folder: its queue.py would hide the standard library's

from tests.backend.servers import make_database, postgres_server  # noqa: E402 - found through the line above

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

KIOSKS = 16
LINES = 32
"""Connections, shared out among the kiosks."""
PART = 262_144
SIZES = ((10_000, 200), (5_000_000, 25))
"""Bytes of a dossier, and the dossiers a second that are wanted."""
_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True, kw_only=True)
class Kiosk:
    """A key the backend knows."""

    kiosk_id: str
    key: Ed25519PrivateKey = field(repr=False)
    recipients: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ready:
    """One dossier as bytes for the line: head and body of each request."""

    requests: tuple[tuple[bytes, bytes], ...]
    size: int


def enrol(url: str, code: str) -> Kiosk:
    """Join the backend with a one-time code."""
    import httpx
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    key = Ed25519PrivateKey.generate()
    public = base64.urlsafe_b64encode(key.public_key().public_bytes_raw()).rstrip(b"=").decode()
    asked = {"code": code, "kiosk_public_key": public, "name": "bench"}
    answer = httpx.post(f"{url}/v1/enrol", json=asked, trust_env=False)
    while answer.status_code == httpx.codes.TOO_MANY_REQUESTS:  # so many kiosks at one address
        time.sleep(int(answer.headers["Retry-After"]))
        answer = httpx.post(f"{url}/v1/enrol", json=asked, trust_env=False)
    found = answer.raise_for_status().json()
    return Kiosk(kiosk_id=found["kiosk_id"], key=key, recipients=tuple(found["recipients"]))


def _request(kiosk: Kiosk, method: str, path: str, body: bytes) -> tuple[bytes, bytes]:
    import jwt

    now = int(time.time())
    claims = {"iss": kiosk.kiosk_id, "iat": now, "exp": now + 60, "jti": uuid.uuid4().hex, "htm": method}
    claims |= {"htu": path, "body_sha256": hashlib.sha256(body).hexdigest()}
    token = jwt.encode(claims, kiosk.key, algorithm="EdDSA", headers={"kid": kiosk.kiosk_id})
    head = f"{method} {path} HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {token}\r\n"
    return f"{head}Content-Length: {len(body)}\r\n\r\n".encode(), body


def make_ready(kiosk: Kiosk, size: int) -> Ready:
    """Seal, cut, hash and sign one dossier of made-up bytes."""
    age = importlib.import_module("pyrage")
    recipients = [age.x25519.Recipient.from_str(text) for text in kiosk.recipients]
    sealed: bytes = age.encrypt(os.urandom(size), recipients)
    parts = [sealed[start : start + PART] for start in range(0, len(sealed), PART)]
    named = [{"sha256": hashlib.sha256(part).hexdigest(), "size": len(part)} for part in parts]
    manifest = {
        "procedure": "2.000635",
        "form_version": "1",
        "created_at": "2026-11-22T09:30:00+07:00",
        "sealed_sha256": hashlib.sha256(sealed).hexdigest(),
        "size": len(sealed),
        "parts": named,
        "receipt_code": "K01-261122-0001",
        "token_sha256": "0" * 64,
        "consent": {
            "version": "1",
            "purpose": "d",
            "language": "vi",
            "given_at": "2026-11-22T09:29:00+07:00",
        },
    }
    path = f"/v1/dossiers/{uuid.uuid4()}"
    asked = [("PUT", path, json.dumps(manifest).encode())]
    asked += [("PUT", f"/v1/parts/{entry['sha256']}", part) for part, entry in zip(parts, named, strict=True)]
    asked.append(("POST", f"{path}/commit", b""))
    return Ready(requests=tuple(_request(kiosk, *one) for one in asked), size=len(sealed))


class Sender(threading.Thread):
    """Delivers the dossiers it was given, one after the other over one connection, until the time is over."""

    def __init__(self, address: tuple[str, int], waiting: Sequence[Ready], seconds: float) -> None:
        super().__init__()
        self._line = socket.create_connection(address, timeout=60)
        self._line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._waiting, self._seconds = waiting, seconds
        self.spans: list[float] = []
        self.started = self.ended = self.processor_s = 0.0
        self.wire = self.bytes = 0

    def run(self) -> None:
        """Deliver."""
        self.started = time.monotonic()
        for dossier in self._waiting:
            began = time.monotonic()
            if began > self.started + self._seconds:
                break
            for head, body in dossier.requests:
                self._ask(head, body)
            self.ended = time.monotonic()
            self.spans.append((self.ended - began) * 1000)
            self.bytes += dossier.size
        self.processor_s = time.thread_time()
        self._line.close()

    def _ask(self, head: bytes, body: bytes) -> None:
        left = memoryview(body)[self._line.sendmsg([head, body]) - len(head) :]
        if left:
            self._line.sendall(left)
        answer = b""
        while b"\r\n\r\n" not in answer:
            answer += self._line.recv(65_536)
        status, _, rest = answer.partition(b"\r\n")
        headers, _, got = rest.partition(b"\r\n\r\n")
        if b" 201 " not in status:
            raise RuntimeError(f"{head[:40]!r}: {status!r} {got[:300]!r}")
        length = int(headers.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
        while len(got) < length:
            got += self._line.recv(65_536)
        self.wire += len(head) + len(body)


def processor_s(parent: int) -> float:
    """Return the processor seconds of a process and all that it started, so far."""
    found = 0.0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue  # it ended while we looked
        if int(stat.parent.name) == parent or int(fields[1]) == parent:
            found += sum(map(int, fields[11:15])) / _TICKS
    return found


def deliver(url: str, kiosks: Sequence[Kiosk], size: int, *, seconds: float, most: int) -> list[Sender]:
    """Deliver dossiers over all lines at once; return the senders when they are done.

    Args:
        url: The backend.
        kiosks: Each has as many lines as the others.
        size: Bytes of a dossier before sealing.
        seconds: After which no further dossier begins.
        most: Dossiers made ready in all.
    """
    where = urlsplit(url)
    address = (str(where.hostname), where.port or 0)
    senders = [
        Sender(address, [make_ready(kiosk, size) for _ in range(most // LINES)], seconds)
        for kiosk in list(kiosks) * (LINES // len(kiosks))
    ]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()
    return senders


def report(
    url: str, kiosks: Sequence[Kiosk], pids: dict[str, int], *, seconds: float, size: int, target: int
) -> None:
    """Measure one size and print it."""
    before = {name: processor_s(pid) for name, pid in pids.items()}
    senders = deliver(url, kiosks, size, seconds=seconds, most=int(min(2 * target * seconds, 1e9 / size)))
    after = {name: processor_s(pid) for name, pid in pids.items()}
    spans = sorted(span for sender in senders for span in sender.spans)
    took = max(sender.ended for sender in senders) - min(sender.started for sender in senders)
    wire = sum(sender.wire for sender in senders) / sum(sender.bytes for sender in senders)
    costs = {name: (after[name] - before[name]) / len(spans) for name in pids}
    costs["sender"] = sum(sender.processor_s for sender in senders) / len(spans)
    shown = ", ".join(f"{name} {cost * 1000:.1f}" for name, cost in costs.items())
    print(
        f"backend, {size:>9,} B: {len(spans) / took:6.1f} dossiers/s (target {target}), "
        f"one delivery p50 {statistics.median(spans):.0f} ms, p95 {spans[int(len(spans) * 0.95)]:.0f} ms, "
        f"wire {wire:.3f} x size"
    )
    full = (os.cpu_count() or 1) / sum(costs.values())
    print(
        f"  processor ms a dossier: {shown}; with nothing else on this machine: up to {full:.0f} dossiers/s"
    )


def backend_commits(folder: Path, seconds: float, *, postgres: str = "", workers: int = 2) -> None:
    """Start database and backend, and print how fast dossiers go in.

    Args:
        folder: For sealed bytes and keys.
        seconds: For each size.
        postgres: URL of an empty database; its own server where none is given.
        workers: Processes of the backend.
    """
    with ExitStack() as stack:
        pids: dict[str, int] = {}
        if not postgres:
            server, pids["database"] = stack.enter_context(postgres_server(durable=True))
            postgres = make_database(server, "bench")
        words = ["--database", postgres, "--blobs", str(folder / "blobs")]
        codes = [_command("enrol-code", *words) for _ in range(KIOSKS)]
        several = ["--workers", str(workers)] if workers > 1 else []
        process = stack.enter_context(_serve(*words, *several))
        if process.stdout is None or process.stdin is None:
            raise RuntimeError("the backend has no pipes")
        url = process.stdout.readline().strip().removeprefix("listening on ")
        pids = {"backend": process.pid, **pids}
        kiosks = [enrol(url, code) for code in codes]
        for size, target in SIZES:
            report(url, kiosks, pids, seconds=seconds, size=size, target=target)
        process.stdin.close()
        process.wait(20)


def _serve(*words: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "backend", "serve", "--until-eof", "--listen", "127.0.0.1:0", *words],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,  # made-up contents: the opener says so for each
        text=True,
    )


def _command(*words: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "backend", *words], cwd=ROOT, capture_output=True, check=True, text=True
    )
    return done.stdout.strip()


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seconds", type=float, default=8.0)
    parser.add_argument("--postgres", metavar="URL", default="")
    parser.add_argument("--workers", type=int, default=2)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        backend_commits(Path(name), args.seconds, postgres=args.postgres, workers=args.workers)


if __name__ == "__main__":
    main()
