"""Any order of hand-in, claim, answer, crash, restart, retry and clock jump: never lost, never stuck."""

from __future__ import annotations

import importlib
import os
import random
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    invariant,
    rule,
    run_state_machine_as_test,
)

from offline_queue.enrol import Enrolment
from offline_queue.guards import Room
from offline_queue.messages import StoredReceipt
from offline_queue.outbox import Outbox
from offline_queue.ports import Consent, Document, HandIn
from offline_queue.schema import Vault
from offline_queue.store import LocalQueue

if TYPE_CHECKING:
    from offline_queue.outbox import Claimed

START = datetime(2026, 11, 22, 2, 30, tzinfo=UTC)
RECIPIENT = str(importlib.import_module("pyrage").x25519.Identity.generate().to_public())
ENROLMENT = Enrolment(
    kiosk_id="k", backend_url="", public_url="", unit_code="H20.17", verify_key="", recipients=(RECIPIENT,)
)
DOSSIER = HandIn(
    procedure="2.000635",
    form_version="1",
    answers={},
    documents=(Document(name="form.pdf", media_type="application/pdf", data=b"x"),),
    consent=Consent(version="1", purpose="dossier", language="vi", given_at=START),
)


class QueueMachine(RuleBasedStateMachine):
    """One database, two senders that come and go, and a backend that remembers ids."""

    claims = Bundle("claims")

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.now = START
        self.randomness = random.Random(1)
        self.lives = 0
        self.acknowledged: set[str] = set()
        self.at_backend: set[str] = set()
        self.quarantined: set[str] = set()
        self.open()

    def open(self) -> None:
        self.lives += 1
        self.owner = f"life {self.lives}"
        self.vault = Vault(Path(self.folder.name) / "queue.db", bytes(32))
        self.queue = LocalQueue(
            vault=self.vault,
            enrolment=lambda: ENROLMENT,
            kiosk_number=1,
            now=lambda: self.now,
            randomness=self.randomness.randbytes,
            room=lambda: Room(free_bytes=10**12, total_bytes=10**13, free_files=10**7, total_files=10**8),
        )
        self.outbox = Outbox(
            vault=self.vault,
            now=lambda: self.now,
            share=self.randomness.random,
            owner=self.owner,
            alive=lambda name: name == self.owner,
        )

    @rule()
    def hand_in(self) -> None:
        self.acknowledged.add(str(self.queue.put(DOSSIER).dossier_id))

    @rule(target=claims)
    def claim(self) -> Any:
        return (self.lives, self.outbox.claim())

    @rule(claim=claims)
    def delivered(self, claim: tuple[int, Claimed | None]) -> None:
        life, claimed = claim
        if claimed is None or life != self.lives:
            return
        self.at_backend.add(claimed.dossier_id)
        self.quarantined.discard(claimed.dossier_id)
        receipt = StoredReceipt(
            dossier_id=claimed.dossier_id,
            official_code=f"H20.17-{claimed.dossier_id}",
            tracking_url="",
            manifest_sha256=claimed.manifest_sha256,
            stored_at=self.now.isoformat(),
            signature="",
        )
        self.outbox.mark_stored(claimed, receipt, b"{}")

    @rule(claim=claims)
    def lost_answer(self, claim: tuple[int, Claimed | None]) -> None:
        life, claimed = claim
        if claimed is not None and life == self.lives:
            self.outbox.put_back(claimed, retry_after_s=None)

    @rule(claim=claims)
    def refused(self, claim: tuple[int, Claimed | None]) -> None:
        life, claimed = claim
        if claimed is not None and life == self.lives and claimed.dossier_id not in self.at_backend:
            self.outbox.quarantine(claimed, "commit 422")
            self.quarantined.add(claimed.dossier_id)

    @rule()
    def crash_and_restart(self) -> None:
        self.queue.close()
        self.open()
        self.outbox.recover()

    @rule()
    def retry_all(self) -> None:
        assert self.outbox.retry() == len(self.quarantined)
        self.quarantined.clear()

    @rule(seconds=st.sampled_from([1, 30, 301, 700, 86_400, -1, -700, -86_400, -(10**9)]))
    def clock_moves(self, seconds: int) -> None:
        self.now = max(datetime(1971, 1, 1, tzinfo=UTC), self.now + timedelta(seconds=seconds))

    @invariant()
    def nothing_is_lost_and_nothing_is_forgotten_early(self) -> None:
        rows = {row["id"]: row["state"] for row in self.vault.rows("SELECT id, state FROM dossiers")}
        assert set(rows) == self.acknowledged
        assert {name for name, state in rows.items() if state == "stored"} == self.at_backend
        assert {name for name, state in rows.items() if state == "quarantined"} == self.quarantined
        kept = {row["id"] for row in self.vault.rows("SELECT DISTINCT dossier_id AS id FROM parts")}
        assert kept == self.acknowledged - self.at_backend
        status = self.queue.status()
        assert status.ready + status.sending + status.stored + status.quarantined == len(self.acknowledged)

    def teardown(self) -> None:
        """From wherever it stands, all that waits can be delivered."""
        try:
            self.outbox.recover()
            self.outbox.make_due()
            waiting = self.acknowledged - self.at_backend - self.quarantined
            claimed = {found.dossier_id for found in iter(self.outbox.claim, None)}
            assert claimed == waiting
        finally:
            self.queue.close()
            self.folder.cleanup()


EXAMPLES = int(os.environ.get("KIOSK_MACHINE_EXAMPLES", "20"))


@pytest.mark.timeout(120 if EXAMPLES <= 100 else 3600)
def test_any_order_of_events_loses_nothing() -> None:
    few = settings(
        max_examples=EXAMPLES,
        stateful_step_count=25,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow],
    )
    run_state_machine_as_test(QueueMachine, settings=few)
