"""What is shut before the disk is full, the log of events that cannot be altered, and the look at start."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from offline_queue import guards, journal, pace, slips
from offline_queue.errors import QueueError, StorageFullError
from offline_queue.reconcile import reconcile

if TYPE_CHECKING:
    from collections.abc import Callable

GIB = 1024**3


@pytest.mark.parametrize(
    ("used", "level"),
    [
        (0.10, "well"),
        (0.79, "well"),
        (0.80, "warn"),
        (0.90, "no_scanning"),
        (0.94, "no_scanning"),
        (0.95, "no_intake"),
    ],
)
def test_bytes_and_inodes_shut_the_doors_one_after_the_other(
    make_room: Callable[..., guards.Room], used: float, level: str
) -> None:
    total = 64 * GIB
    free = int(total * (1 - used)) - 1
    assert guards.storage(make_room(free_bytes=free, total_bytes=total)) in {level, "well"}
    small = 10 * GIB
    assert guards.storage(make_room(free_bytes=int(small * (1 - used)) - 1, total_bytes=small)) == level
    assert guards.storage(make_room(free_files=int(50_000 * (1 - used)), total_files=50_000)) == level


def test_a_big_disk_with_plenty_of_room_is_well_whatever_its_share(make_room: Any) -> None:
    assert guards.storage(make_room(free_bytes=40 * GIB, total_bytes=2000 * GIB)) == "well"


def test_the_reserve_shuts_the_intake_before_any_share_does(make_room: Any) -> None:
    assert guards.storage(make_room(free_bytes=guards.RESERVE_BYTES - 1, total_bytes=10**8)) == "no_intake"
    assert guards.storage(make_room(free_files=10, total_files=10**9)) == "no_intake"
    room_for_one = guards.RESERVE_BYTES + guards.CAPTURE_BYTES
    assert guards.storage(make_room(free_bytes=room_for_one - 1, total_bytes=10**8)) == "no_scanning"
    assert guards.storage(make_room(free_bytes=room_for_one, total_bytes=2 * 10**8)) == "well"
    assert guards.storage(make_room(free_files=0, total_files=0)) == "well", "some file systems do not count"


def test_a_real_file_system_is_measured(tmp_path: Any) -> None:
    room = guards.measure(tmp_path)
    assert 0 < room.free_bytes <= room.total_bytes


def test_a_nearly_full_disk_takes_no_dossier_but_numbers_ratings_and_look_ups(
    queue_bench: Any, make_hand_in: Any, make_room: Any
) -> None:
    known = queue_bench.queue.put(make_hand_in())
    queue_bench.room[0] = make_room(free_bytes=4 * GIB // 10, total_bytes=10 * GIB)
    status = queue_bench.queue.status()
    assert (status.storage, status.intake_open, status.scanning_open) == ("no_intake", False, False)
    assert "disk" in status.warnings
    with pytest.raises(StorageFullError):
        queue_bench.queue.put(make_hand_in())
    assert queue_bench.queue.issue_ticket(series="A", service="x").number == "A001"
    queue_bench.queue.rate(score=3)
    assert queue_bench.queue.find(known.receipt_code, token=known.token) is not None

    queue_bench.room[0] = make_room(free_bytes=9 * GIB // 10, total_bytes=10 * GIB)
    status = queue_bench.queue.status()
    assert (status.storage, status.intake_open, status.scanning_open) == ("no_scanning", True, False)
    queue_bench.queue.put(make_hand_in())


def test_no_inodes_shut_the_intake(queue_bench: Any, make_hand_in: Any, make_room: Any) -> None:
    queue_bench.room[0] = make_room(free_files=100, total_files=10**6)
    with pytest.raises(StorageFullError):
        queue_bench.queue.put(make_hand_in())
    assert queue_bench.queue.issue_ticket(series="A", service="x").number == "A001"


def test_old_and_many_dossiers_warn_staff_and_lock_nobody_out(queue_bench: Any, make_hand_in: Any) -> None:
    queue_bench.queue.put(make_hand_in())
    assert queue_bench.queue.status().warnings == ()
    queue_bench.clock.move(days=8)
    status = queue_bench.queue.status()
    assert (status.warnings, status.intake_open) == (("old",), True)
    queue_bench.queue.put(make_hand_in())


@pytest.mark.parametrize("skew_s", ["-130.0", "130.0", "86400.0"])
def test_a_clock_that_is_off_warns_staff_and_a_right_one_does_not(queue_bench: Any, skew_s: str) -> None:
    queue_bench.outbox.keep("clock_skew_s", "3.0")
    assert queue_bench.queue.status().warnings == ()
    queue_bench.outbox.keep("clock_skew_s", skew_s)
    status = queue_bench.queue.status()
    assert (status.warnings, status.clock_skew_s, status.intake_open) == (("clock",), float(skew_s), True)


def test_every_deed_is_in_the_log_and_no_row_can_be_altered(queue_bench: Any, make_hand_in: Any) -> None:
    queue, vault = queue_bench.queue, queue_bench.queue.vault
    receipt = queue.put(make_hand_in())
    queue.issue_ticket(series="A", service="x")
    queue_bench.outbox.quarantine(queue_bench.outbox.claim(), "commit 422")
    queue_bench.outbox.retry()
    kinds = [row["kind"] for row in vault.rows("SELECT kind FROM events ORDER BY seq")]
    assert kinds == ["handed_in", "ticket", "quarantined", "retried"]
    assert vault.rows("SELECT about FROM events WHERE seq = 1") == [{"about": str(receipt.dossier_id)}]
    assert journal.first_broken(vault) is None
    with pytest.raises(QueueError, match="refused"), vault.transaction() as db:
        db.execute("UPDATE events SET kind = 'nothing' WHERE seq = 2")


@pytest.mark.parametrize(
    ("forge", "broken"),
    [
        ("DELETE FROM events WHERE seq = 2", 2),
        ("DELETE FROM events WHERE seq = 1", 1),
        ("DROP TRIGGER events_stay; UPDATE events SET about = 'x' WHERE seq = 3", 3),
        ("INSERT INTO events SELECT 99, at, kind, about, detail, chain FROM events WHERE seq = 3", 4),
    ],
)
def test_a_forged_log_is_found_at_the_next_start(
    queue_bench: Any, make_hand_in: Any, forge: str, broken: int
) -> None:
    for _ in range(3):
        queue_bench.queue.put(make_hand_in())
    with queue_bench.queue.vault.transaction() as db:
        for statement in forge.split(";"):
            db.execute(statement)
    assert reconcile(queue_bench.queue.vault, queue_bench.clock()).broken_event == broken


def test_old_events_are_forgotten_and_the_chain_goes_on(queue_bench: Any, make_hand_in: Any) -> None:
    vault = queue_bench.queue.vault
    queue_bench.queue.put(make_hand_in())
    queue_bench.clock.move(days=500)
    queue_bench.queue.put(make_hand_in())
    with vault.transaction() as db:
        assert journal.forget(db, before="2027-06-01") == 1
    assert journal.first_broken(vault) is None
    with vault.transaction() as db:
        assert journal.forget(db, before="2099-01-01") == 1
    queue_bench.queue.put(make_hand_in())
    assert journal.first_broken(vault) is None
    assert [row["seq"] for row in vault.rows("SELECT seq FROM events")] == [3]


def test_the_look_at_start_finds_work_and_loses_none(queue_bench: Any, make_hand_in: Any) -> None:
    vault = queue_bench.queue.vault
    whole, torn, unconfirmed = (queue_bench.queue.put(make_hand_in(size=300_000)) for _ in range(3))
    with vault.transaction() as db:
        db.execute("DELETE FROM parts WHERE dossier_id = ? AND seq = 1", [str(torn.dossier_id)])
        db.execute("UPDATE dossiers SET state = 'stored' WHERE id = ?", [str(unconfirmed.dossier_id)])
    found = reconcile(vault, queue_bench.clock())
    assert (found.unconfirmed, found.incomplete, found.damaged, found.broken_event) == (1, 1, 0, None)
    states = {row["id"]: row["state"] for row in vault.rows("SELECT id, state FROM dossiers")}
    assert states == {
        str(whole.dossier_id): "ready",
        str(torn.dossier_id): "quarantined",
        str(unconfirmed.dossier_id): "ready",
    }
    assert queue_bench.outbox.quarantined_reasons() == {torn.receipt_code: "parts_missing"}
    again = reconcile(vault, queue_bench.clock())
    assert (again.unconfirmed, again.incomplete) == (0, 0)


def test_tickets_wait_for_the_line_before_ratings(queue_bench: Any) -> None:
    queue_bench.queue.rate(score=1, reasons=("slow",))
    queue_bench.queue.issue_ticket(series="A", service="x")
    vault = queue_bench.queue.vault
    found = slips.unsent(vault)
    assert [slip.table for slip in found] == ["tickets", "ratings"]
    assert queue_bench.queue.status().slips_unsent == 2
    slips.note_sent(vault, found[0], slips.SENT)
    assert [slip.table for slip in slips.unsent(vault)] == ["ratings"]
    with pytest.raises(QueueError):
        queue_bench.queue.rate(score=9)


def test_parts_follow_the_line(queue_bench: Any, make_hand_in: Any) -> None:
    assert pace.part_bytes(None) == 65_536
    assert [pace.part_bytes(speed) for speed in (8_000, 30_000, 10**6)] == [65_536, 131_072, 262_144]
    queue_bench.outbox.keep("line_bytes_per_s", "100000")
    queue_bench.queue.put(make_hand_in(size=300_000))
    sizes = queue_bench.queue.vault.rows("SELECT max(length(data)) AS longest FROM parts")
    assert sizes == [{"longest": 262_144}]
    speed = pace.Speed()
    speed.failed()
    speed.carried(1000, 1.0)
    speed.carried(2000, 1.0)
    assert speed.bytes_per_s == pytest.approx(1300)
    speed.failed()
    assert speed.bytes_per_s == pytest.approx(650)


def test_a_kiosk_rests_to_leave_the_line_to_others() -> None:
    assert pace.rest_s(64_000, 1.0, 8000) == pytest.approx(7.0)
    assert pace.rest_s(64_000, 9.0, 8000) == 0
    assert pace.rest_s(64_000, 1.0, None) == 0


def test_what_the_sender_asks_walks_an_index(queue_bench: Any) -> None:
    """The cost of a claim stays flat however much waits (measured by benchmarks/queue.py)."""
    vault = queue_bench.queue.vault
    asked: list[str] = []
    for connection in (vault._connection, vault._reader):
        connection.set_trace_callback(asked.append)
    queue_bench.outbox.claim()
    queue_bench.outbox.unannounced()
    slips.unsent(vault)
    queue_bench.outbox.smaller_waits()
    for connection in (vault._connection, vault._reader):
        connection.set_trace_callback(None)
    queries = [sql for sql in asked if sql.startswith("SELECT")]
    assert len(queries) == 7
    for sql in queries:
        plan = " ".join(row["detail"] for row in vault.rows(f"EXPLAIN QUERY PLAN {sql}"))
        assert "USING INDEX" in plan or "USING COVERING INDEX" in plan, plan
        assert "TEMP B-TREE" not in plan, plan
