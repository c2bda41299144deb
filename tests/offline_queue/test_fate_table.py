"""What the sender does with every kind of answer, over real HTTP against a scripted server."""

from __future__ import annotations

import json
import os
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from offline_queue.courier import Courier
from offline_queue.errors import BackendUnreachableError
from offline_queue.sync import Link, SyncThread
from offline_queue.transport import MAX_ANSWER_BYTES, HttpLine, Signer
from tests.offline_queue.honest_backend import Answer, HonestBackend

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PORTAL = b"<html><body>Welcome to the hotel's network. Please log in.</body></html>"


class Sender:
    """A courier on the queue of a bench, talking to the scripted server."""

    def __init__(self, bench: Any, server: Any, make_enrolment: Any) -> None:
        self.backend = HonestBackend()
        server.script.answer_by = self.backend
        signer = Signer(kiosk_id="k-test", seed=bytes(32), now=bench.clock, randomness=os.urandom)
        self.line = HttpLine(server.url, signer)
        self.courier = Courier(
            outbox=bench.outbox,
            line=self.line,
            enrolment=make_enrolment(verify_key=self.backend.verify_key),
            randomness=os.urandom,
        )


@pytest.fixture
def sender(queue_bench: Any, server: Any, make_enrolment: Any) -> Iterator[Sender]:
    made = Sender(queue_bench, server, make_enrolment)
    yield made
    made.line.close()


def test_an_honest_backend_gets_it_all_and_a_tombstone_stays(
    sender: Sender, queue_bench: Any, make_hand_in: Any
) -> None:
    receipt = queue_bench.queue.put(make_hand_in(size=600_000))
    done = sender.courier.sync_once()
    assert (done.delivered, done.failed, done.quarantined, done.paused) == (1, 0, 0, False)
    found = queue_bench.queue.find(receipt.receipt_code, token=receipt.token)
    assert (found.state, found.official_code) == ("stored", "H20.17-261122-0001")
    row = queue_bench.queue.vault.rows("SELECT * FROM dossiers")[0]
    assert row["manifest"] is None
    assert queue_bench.queue.vault.rows("SELECT * FROM parts") == []
    assert json.loads(row["receipt"])["signature"]


def test_requests_are_signed_for_their_own_path_and_body(
    sender: Sender, server: Any, queue_bench: Any, make_hand_in: Any
) -> None:
    import hashlib

    import jwt

    queue_bench.queue.put(make_hand_in())
    sender.courier.sync_once()
    public = Ed25519PrivateKey.from_private_bytes(bytes(32)).public_key()
    names = set()
    for method, path, body, headers in server.script.asked:
        claims = jwt.decode(
            headers["Authorization"].removeprefix("Bearer "), public, ["EdDSA"], options={"verify_exp": False}
        )
        assert (claims["htm"], claims["htu"]) == (method, path)
        assert claims["body_sha256"] == hashlib.sha256(body).hexdigest()
        assert claims["exp"] - claims["iat"] == 60
        names.add(claims["jti"])
    assert len(names) == len(server.script.asked) == 3


RETRIED: list[Answer | None] = [
    (200, {"Content-Type": "text/html"}, PORTAL),
    (200, {}, b"{}"),
    (200, {}, b'{"state":"receiving","missing":'),
    (200, {}, b"\x00\xff" * 100),
    (200, {}, b"x" * (MAX_ANSWER_BYTES + 100)),
    (301, {"Location": "http://portal.example/"}, b""),
    (302, {"Location": "/v1/heartbeat"}, b""),
    (404, {}, b""),
    (408, {}, b""),
    (409, {}, b"{}"),
    (429, {}, b""),
    (500, {}, b""),
    (503, {}, PORTAL),
    (507, {}, b""),
    (0, {}, b'{"state":'),
    None,
]


@pytest.mark.parametrize("step", ["dossiers", "parts", "commit"])
@pytest.mark.parametrize("answer", RETRIED, ids=[str(a and (a[0], a[2][:12])) for a in RETRIED])
def test_what_is_not_a_clear_answer_is_tried_again_and_then_arrives_once(
    sender: Sender, queue_bench: Any, make_hand_in: Any, *, step: str, answer: Answer | None
) -> None:
    queue_bench.queue.put(make_hand_in())
    sender.backend.replaced[step] = [answer]

    first = sender.courier.sync_once()
    status = queue_bench.queue.status()
    assert (first.delivered, first.failed) == (0, 1)
    assert (status.ready, status.stored, status.quarantined, status.paused) == (1, 0, 0, None)
    row = queue_bench.queue.vault.rows("SELECT tries, next_try_at FROM dossiers")[0]
    assert row["tries"] == 1
    assert 0 <= row["next_try_at"] - queue_bench.clock().timestamp() <= 2

    queue_bench.clock.move(seconds=3)
    assert sender.courier.sync_once().delivered == 1
    assert len(sender.backend.stored) == 1


@pytest.mark.parametrize("step", ["dossiers", "parts", "commit"])
@pytest.mark.parametrize("status", [400, 413, 422])
def test_what_is_never_accepted_is_set_aside_and_stops_nobody(
    sender: Sender, queue_bench: Any, make_hand_in: Any, *, step: str, status: int
) -> None:
    bad = queue_bench.queue.put(make_hand_in())
    sender.backend.replaced[step] = [(status, {}, b"{}")]
    queue_bench.outbox.note_announced(str(bad.dossier_id))
    good = queue_bench.queue.put(make_hand_in())

    done = sender.courier.sync_once()

    assert (done.delivered, done.quarantined) == (1, 1)
    assert queue_bench.queue.find(bad.receipt_code, token=bad.token).state == "quarantined"
    assert queue_bench.queue.find(good.receipt_code, token=good.token).state == "stored"
    reason = queue_bench.outbox.quarantined_reasons()[bad.receipt_code]
    assert reason.endswith(f" {status}")
    assert queue_bench.outbox.sealed(str(bad.dossier_id)), "the bytes stay for staff"
    queue_bench.clock.move(days=30)
    assert sender.courier.sync_once().delivered == 0
    assert queue_bench.outbox.retry() == 1
    assert sender.courier.sync_once().delivered == 1


@pytest.mark.parametrize("status", [401, 403])
def test_not_being_let_in_pauses_everything_until_the_backend_knows_us_again(
    sender: Sender, queue_bench: Any, make_hand_in: Any, *, status: int
) -> None:
    for _ in range(3):
        queue_bench.queue.put(make_hand_in())
    no: Answer = (status, {}, b'{"code":"auth.clock_skew"}')
    sender.backend.replaced["dossiers"] = [no]
    sender.backend.replaced["heartbeat"] = [no, (200, {}, PORTAL)]

    first = sender.courier.sync_once()
    assert (first.failed, first.paused, queue_bench.queue.status().paused) == (0, True, "clock")
    for _ in range(2):
        again = sender.courier.sync_once()
        assert (again.delivered, again.failed, again.paused) == (0, 0, True)
    assert queue_bench.queue.vault.rows("SELECT max(tries) AS tries FROM dossiers") == [{"tries": 0}]

    assert sender.courier.sync_once().delivered == 3
    assert queue_bench.queue.status().paused is None


def test_retry_after_is_honoured(sender: Sender, queue_bench: Any, make_hand_in: Any) -> None:
    queue_bench.queue.put(make_hand_in())
    sender.backend.replaced["dossiers"] = [(429, {"Retry-After": "120"}, b"")]
    sender.courier.sync_once()
    queue_bench.clock.move(seconds=119)
    assert sender.courier.sync_once().delivered == 0
    queue_bench.clock.move(seconds=2)
    assert sender.courier.sync_once().delivered == 1


def _forged(backend: HonestBackend) -> list[bytes]:
    stranger = HonestBackend()
    promise = backend.promise()
    return [
        stranger.sign(promise),
        backend.sign({**promise, "dossier_id": "0" * 36}),
        backend.sign({**promise, "manifest_sha256": "0" * 64}),
        backend.sign(promise).replace(b"0001", b"0002"),
        json.dumps({**promise, "signature": "not base64!"}).encode(),
        json.dumps({**promise, "signature": ""}).encode(),
    ]


@pytest.mark.parametrize("case", range(6))
def test_only_the_backends_own_signature_ends_a_dossier(
    sender: Sender, queue_bench: Any, make_hand_in: Any, case: int
) -> None:
    queue_bench.queue.put(make_hand_in())
    honest = sender.backend._commit
    sender.backend._commit = lambda *_: (201, {}, _forged(sender.backend)[case])  # type: ignore[method-assign]
    assert sender.courier.sync_once().failed == 1
    assert queue_bench.queue.status().ready == 1
    assert len(queue_bench.queue.vault.rows("SELECT 1 FROM parts")) == 1
    sender.backend._commit = honest  # type: ignore[method-assign]
    queue_bench.clock.move(seconds=3)
    assert sender.courier.sync_once().delivered == 1


def test_parts_the_backend_lost_are_sent_again(sender: Sender, queue_bench: Any, make_hand_in: Any) -> None:
    queue_bench.queue.put(make_hand_in(size=600_000))
    digests = [row["sha256"] for row in queue_bench.queue.vault.rows("SELECT sha256 FROM parts ORDER BY seq")]
    sender.backend.replaced["commit"] = [(409, {}, json.dumps({"missing": digests[1:2]}).encode())]
    assert sender.courier.sync_once().delivered == 1


def test_a_part_changed_on_the_disk_is_never_sent(
    sender: Sender, server: Any, queue_bench: Any, make_hand_in: Any
) -> None:
    receipt = queue_bench.queue.put(make_hand_in())
    with queue_bench.queue.vault.transaction() as db:
        db.execute("UPDATE parts SET data = CAST(X'00' || substr(data, 2) AS BLOB)")
    assert sender.courier.sync_once().quarantined == 1
    assert queue_bench.outbox.quarantined_reasons() == {receipt.receipt_code: "tampered"}
    assert not any(path.startswith("/v1/parts") for _, path, _, _ in server.script.asked)


def test_a_dead_line_is_not_asked_for_every_dossier(
    queue_bench: Any, make_hand_in: Any, make_enrolment: Any
) -> None:
    asked = []

    class DeadLine:
        def ask(self, method: str, path: str, body: bytes = b"", **_: Any) -> Any:
            asked.append((method, path, body))
            raise BackendUnreachableError

    for _ in range(10):
        queue_bench.queue.put(make_hand_in())
    courier = Courier(
        outbox=queue_bench.outbox, line=DeadLine(), enrolment=make_enrolment(), randomness=os.urandom
    )
    done = courier.sync_once()
    assert (done.failed, done.line_down, len(asked)) == (3, True, 4), (
        "one manifest ahead, then three dossiers"
    )


def test_a_lease_of_a_dead_sender_is_taken_over_and_of_a_living_one_not(
    queue_bench: Any, make_hand_in: Any
) -> None:
    queue_bench.queue.put(make_hand_in())
    assert queue_bench.outbox.claim() is not None
    assert queue_bench.outbox.claim() is None
    assert queue_bench.queue.status().sending == 1
    with queue_bench.queue.vault.transaction() as db:
        db.execute("UPDATE dossiers SET lease_owner = 'another'")
    queue_bench.alive.add("another")
    assert queue_bench.outbox.recover() == 0
    queue_bench.alive.discard("another")
    assert queue_bench.outbox.recover() == 1
    assert queue_bench.outbox.claim() is not None


@pytest.mark.parametrize("jump", [{"days": -1}, {"days": -20_000}, {"hours": 1}, {"days": 20_000}])
def test_no_clock_jump_keeps_a_dossier_for_ever(
    queue_bench: Any, make_hand_in: Any, jump: dict[str, float]
) -> None:
    queue_bench.queue.put(make_hand_in())
    claimed = queue_bench.outbox.claim()
    queue_bench.outbox.put_back(claimed, retry_after_s=300)
    assert queue_bench.outbox.claim() is None
    queue_bench.clock.move(**jump)
    assert queue_bench.outbox.claim() is not None, "a time further away than the longest wait is due"
    queue_bench.clock.move(**jump)
    assert queue_bench.outbox.claim() is not None, "so is a lease that cannot be"


def test_the_sync_thread_sends_when_woken_and_says_when_the_line_is_down(
    sender: Sender, queue_bench: Any, make_hand_in: Any
) -> None:
    link = Link()
    thread = SyncThread(
        outbox=queue_bench.outbox,
        connect=lambda: (sender.courier, lambda: None),
        link=link,
        share=lambda: 0.0,
    )
    queue_bench.queue.on_wake = thread.wake
    thread.start()
    try:
        queue_bench.queue.put(make_hand_in())
        assert thread.wait_turn(timeout_s=10)
        assert queue_bench.queue.status().stored == 1
        assert link.online()
        sender.backend.replaced["dossiers"] = [None] * 50
        sender.backend.replaced["heartbeat"] = [None] * 50
        queue_bench.queue.put(make_hand_in())
        assert _until(lambda: not link.online(), thread)
        assert queue_bench.queue.status().stored == 1
        sender.backend.replaced.clear()
        queue_bench.clock.move(seconds=301)
        assert _until(lambda: queue_bench.queue.status().stored == 2, thread)
        assert _until(link.online, thread)
    finally:
        assert thread.stop()


def _until(true: Callable[[], bool], thread: SyncThread) -> bool:
    deadline = time.monotonic() + 20
    while not true() and time.monotonic() < deadline:
        thread.wait_turn(timeout_s=2)
    return true()


def test_the_sync_thread_outlives_a_fault_of_its_own(
    queue_bench: Any, caplog: pytest.LogCaptureFixture
) -> None:
    calls = threading.Semaphore(0)

    def connect() -> Any:
        calls.release()
        raise RuntimeError("Nguyễn Văn A")

    tidied: list[int] = []
    tidy: dict[str, Any] = {"tidy": lambda: tidied.append(1), "tidy_s": 0.0}
    thread = SyncThread(outbox=queue_bench.outbox, connect=connect, link=Link(), share=lambda: 0.0, **tidy)
    thread.start()
    try:
        for _ in range(2):
            thread.wake()
            assert calls.acquire(timeout=10)
    finally:
        assert thread.stop()
    assert "sync.crashed" in caplog.text
    assert len(tidied) >= 2
    assert "Nguyễn" not in caplog.text
