"""Every dossier handed in is at the backend once, whatever the line does and however many send at once.

`KIOSK_SUBMISSIONS=10000` (`make campaign`) is the long run; docs/reliability.md keeps its result.
"""

from __future__ import annotations

import os
import random
import threading
import time
from typing import Any

import pytest

from kiosk_app.wiring import queue as wiring
from tests.offline_queue.faulty_line import FAULTS, STALL_S, courier_of, drain, proxied

SUBMISSIONS = int(os.environ.get("KIOSK_SUBMISSIONS", "30"))
LONG = SUBMISSIONS >= 1000
ROUNDS = 40 * SUBMISSIONS
WEIGHTS = {"pass": 60 if LONG else 12, **dict.fromkeys(FAULTS, 4), "stall": 1}


def official_codes(kiosk: Any, ids: set[str]) -> list[str]:
    """Return the codes of these dossiers, and prove that this kiosk has no other at the backend."""
    rows = [row for row in kiosk.stored() if row["dossier_id"] in ids]
    assert all(row["state"] == "stored" for row in rows)
    mine = {row["kiosk"] for row in rows}
    assert len(mine) == 1
    assert {row["dossier_id"] for row in kiosk.stored() if row["kiosk"] in mine} == ids
    return [row["official_code"] for row in rows]


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

    with (
        proxied(kiosk.backend.url, fault) as line,
        courier_of(kiosk.config, queue, url=line.url) as courier,
    ):
        drain(courier, queue)

    assert len(dropped) == 3
    assert len(official_codes(kiosk, {str(receipt.dossier_id)})) == 1
    assert queue.find(receipt.receipt_code, token=receipt.token).state == "stored"


def send_until(all_in: threading.Event, config: Any, opened: Any, url: str, owner: str) -> None:
    """Send while dossiers still come, and then until none is left."""
    with courier_of(config, opened, url=url, owner=owner, deadline_s=STALL_S) as courier:
        while not all_in.is_set():
            courier.sync_once()
        drain(courier, opened, rounds=ROUNDS)


@pytest.mark.timeout(10_800 if LONG else 120)
def test_a_line_with_every_fault_and_two_senders_delivers_each_dossier_exactly_once(
    kiosk: Any, queue: Any, make_hand_in: Any
) -> None:
    chance, ids = random.Random(11), set[str]()
    kinds, weights = list(WEIGHTS), list(WEIGHTS.values())
    sizes = [500] if LONG else [500, 300_000]

    def hand_in(count: int) -> None:
        for _ in range(count):
            dossier = make_hand_in(size=chance.choice(sizes), seed=len(ids))
            ids.add(str(queue.put(dossier).dossier_id))

    started = time.monotonic()
    hand_in(SUBMISSIONS // 2)
    other = wiring.open_queue(kiosk.config)
    all_in = threading.Event()
    try:
        with proxied(kiosk.backend.url, lambda _: chance.choices(kinds, weights)[0]) as line:
            senders = [
                threading.Thread(target=send_until, args=[all_in, kiosk.config, opened, line.url, owner])
                for opened, owner in ((queue, "one"), (other, "two"))
            ]
            for sender in senders:
                sender.start()
            hand_in(SUBMISSIONS - len(ids))
            all_in.set()
            for sender in senders:
                sender.join()
            seen = line.seen
    finally:
        all_in.set()
        other.close()

    status = queue.status()
    assert (status.stored, status.quarantined, status.paused) == (SUBMISSIONS, 0, None)
    codes = official_codes(kiosk, ids)
    assert len(codes) == len(set(codes)) == SUBMISSIONS
    assert set(seen) == set(kinds), "a fault never happened"
    took_s = time.monotonic() - started
    print(f"{SUBMISSIONS} dossiers, {sum(seen.values())} requests, {took_s:.0f} s: {seen}")  # noqa: T201 - kept in docs/reliability.md


def test_two_senders_at_once_deliver_each_dossier_once(kiosk: Any, queue: Any, make_hand_in: Any) -> None:
    ids = {str(queue.put(make_hand_in(seed=n)).dossier_id) for n in range(10)}
    other = wiring.open_queue(kiosk.config)

    def send(opened: Any, owner: str) -> None:
        with courier_of(kiosk.config, opened, url=kiosk.backend.url, owner=owner) as courier:
            drain(courier, opened)

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
        codes = official_codes(kiosk, ids)
        assert len(codes) == len(set(codes)) == 10
    finally:
        other.close()
