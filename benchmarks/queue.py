"""How fast the queue and the backend are, on this machine, with real parts on both sides.

    .venv/bin/python benchmarks/queue.py [--rows 100000] [--seconds 8] [--postgres URL]

Hand-in of a 5 MB dossier; the cost of a claim with 10 and with 100,000 dossiers waiting; dossiers a second
the backend commits with 10 kB and with 5 MB payloads, and the bytes on the wire. Without `--postgres` the
backend runs on SQLite.
"""

from __future__ import annotations

import argparse
import datetime as dt
import hashlib
import json
import os
import secrets
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

if TYPE_CHECKING:
    from collections.abc import Callable

    from offline_queue.store import LocalQueue

SENDERS = 4
_JSON = dict[str, Any]


def milliseconds(work: Callable[[], object], times: int) -> list[float]:
    """Run something so often and return each time in milliseconds."""
    spans = []
    for _ in range(times):
        started = time.perf_counter()
        work()
        spans.append((time.perf_counter() - started) * 1000)
    return sorted(spans)


def show(name: str, spans: list[float]) -> None:
    """Print median and p95."""
    print(f"{name:55} p50 {statistics.median(spans):8.2f} ms   p95 {spans[int(len(spans) * 0.95)]:8.2f} ms")


def open_queue(folder: Path) -> LocalQueue:
    """Open a queue sealed to a made-up backend and its escrow."""
    import importlib

    from offline_queue.enrol import Enrolment
    from offline_queue.guards import measure
    from offline_queue.schema import Vault
    from offline_queue.store import LocalQueue

    keys = tuple(
        str(importlib.import_module("pyrage").x25519.Identity.generate().to_public()) for _ in range(2)
    )
    enrolment = Enrolment(
        kiosk_id="bench",
        backend_url="",
        public_url="https://x",
        unit_code="H20.17",
        verify_key="",
        recipients=keys,
    )
    return LocalQueue(
        vault=Vault(folder / "queue.db", os.urandom(32)),
        enrolment=lambda: enrolment,
        kiosk_number=1,
        now=lambda: dt.datetime.now(dt.UTC),
        randomness=os.urandom,
        room=lambda: measure(folder),
    )


def hand_in_and_claim(folder: Path, rows: int) -> None:
    """Measure the kiosk's side."""
    from offline_queue.outbox import Outbox
    from offline_queue.ports import Consent, Document, HandIn

    queue = open_queue(folder)
    dossier = HandIn(
        procedure="2.000635",
        form_version="1",
        answers={"a": {"value": "x", "source": "typed"}},
        documents=(Document(name="scan.pdf", media_type="application/pdf", data=os.urandom(5_000_000)),),
        consent=Consent(version="1", purpose="dossier", language="vi", given_at=dt.datetime.now(dt.UTC)),
    )
    show("hand-in, 5 MB (target p95 <= 150)", milliseconds(lambda: queue.put(dossier), 30))
    outbox = Outbox(
        vault=queue.vault,
        now=lambda: dt.datetime.now(dt.UTC),
        share=lambda: 0.5,
        owner="b",
        alive=lambda _: True,
    )

    def claim() -> None:
        claimed = outbox.claim()
        if claimed is not None:
            outbox.release(claimed)

    with queue.vault.transaction() as db:
        db.execute("DELETE FROM parts")
        db.execute("DELETE FROM dossiers")
    for waiting in (10, rows):
        _fill(queue, waiting)
        show(f"claim + release, {waiting:,} waiting", milliseconds(claim, 200))
    show(f"status, {rows:,} waiting", milliseconds(queue.status, 20))
    queue.close()


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


class Sender(threading.Thread):
    """One kiosk that delivers made-up dossiers as fast as it can, until the time is over."""

    def __init__(self, url: str, code: str, size: int, until: float) -> None:
        super().__init__()
        import httpx
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

        self._key = Ed25519PrivateKey.generate()
        self._client = httpx.Client(base_url=url, timeout=60, trust_env=False)
        self._size, self._until = size, until
        self.spans: list[float] = []
        self.wire = 0
        answer = self._client.post(
            "/v1/enrol", json={"code": code, "kiosk_public_key": self._public(), "name": "bench"}
        )
        self._kiosk_id = answer.raise_for_status().json()["kiosk_id"]

    def _public(self) -> str:
        import base64

        return base64.urlsafe_b64encode(self._key.public_key().public_bytes_raw()).rstrip(b"=").decode()

    def _send(self, method: str, path: str, body: bytes = b"") -> None:
        import jwt

        now = int(time.time())
        claims = {"iss": self._kiosk_id, "iat": now, "exp": now + 60, "jti": uuid.uuid4().hex, "htm": method}
        claims |= {"htu": path, "body_sha256": hashlib.sha256(body).hexdigest()}
        token = jwt.encode(claims, self._key, algorithm="EdDSA", headers={"kid": self._kiosk_id})
        headers = {"Authorization": f"Bearer {token}"}
        request = self._client.build_request(method, path, content=body, headers=headers)
        self.wire += len(body) + sum(len(name) + len(value) + 4 for name, value in request.headers.raw)
        self._client.send(request).raise_for_status()

    def run(self) -> None:
        """Deliver."""
        while time.monotonic() < self._until:
            sealed = secrets.token_bytes(self._size)
            parts = [sealed[start : start + 262_144] for start in range(0, self._size, 262_144)]
            started = time.perf_counter()
            self._deliver(sealed, parts)
            self.spans.append((time.perf_counter() - started) * 1000)
        self._client.close()

    def _deliver(self, sealed: bytes, parts: list[bytes]) -> None:
        path = f"/v1/dossiers/{uuid.uuid4()}"
        named = [{"sha256": hashlib.sha256(part).hexdigest(), "size": len(part)} for part in parts]
        consent = {"version": "1", "purpose": "d", "language": "vi", "given_at": "2026-11-22T09:29:00+07:00"}
        manifest: _JSON = {
            "procedure": "2.000635",
            "form_version": "1",
            "created_at": "2026-11-22T09:30:00+07:00",
            "sealed_sha256": hashlib.sha256(sealed).hexdigest(),
            "size": len(sealed),
            "parts": named,
            "receipt_code": "K01-261122-0001",
            "token_sha256": "0" * 64,
            "consent": consent,
        }
        self._send("PUT", path, json.dumps(manifest).encode())
        for part, entry in zip(parts, named, strict=True):
            self._send("PUT", f"/v1/parts/{entry['sha256']}", part)
        self._send("POST", f"{path}/commit")


def backend_commits(folder: Path, database: str, seconds: float) -> None:
    """Measure the backend's side, over HTTP."""
    words = ["--database", database, "--blobs", str(folder / "blobs")]
    codes = [
        subprocess.run(
            [sys.executable, "-m", "backend", "enrol-code", *words],
            cwd=ROOT,
            capture_output=True,
            check=True,
            text=True,
        ).stdout.strip()
        for _ in range(2 * SENDERS)
    ]
    server = subprocess.Popen(
        [sys.executable, "-m", "backend", "serve", "--until-eof", "--listen", "127.0.0.1:0", *words],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,  # made-up bytes do not open: the opener says so for each
        text=True,
    )
    if server.stdout is None or server.stdin is None:
        raise RuntimeError("the backend has no pipes")
    url = server.stdout.readline().strip().removeprefix("listening on ")
    for size, target in ((10_000, 200), (5_000_000, 25)):
        until = time.monotonic() + seconds
        senders = [Sender(url, codes.pop(), size, until) for _ in range(SENDERS)]
        started = time.monotonic()
        for sender in senders:
            sender.start()
        for sender in senders:
            sender.join()
        spans = sorted(span for sender in senders for span in sender.spans)
        rate = len(spans) / (time.monotonic() - started)
        share = sum(sender.wire for sender in senders) / (len(spans) * size)
        print(f"backend, {size:>9,} B: {rate:6.1f} dossiers/s (target {target}), wire {share:.3f} x size")
        show("  one delivery", spans)
    server.stdin.close()
    server.wait(20)
    server.stdout.close()


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--seconds", type=float, default=8.0)
    parser.add_argument("--postgres", metavar="URL", default="")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        hand_in_and_claim(folder, args.rows)
        backend_commits(folder, args.postgres or f"sqlite:///{folder / 'backend.db'}", args.seconds)


if __name__ == "__main__":
    main()
