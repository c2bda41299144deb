"""A queue on a real file system that fills up, run as `unshare -rm python THIS SCENE DIR`.

The mount is in a namespace of its own. Prints one JSON document of what happened.
"""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from offline_queue.errors import StorageFullError
from offline_queue.guards import Room, measure, storage
from tests.offline_queue.conftest import QueueBench, ample, hand_in, open_bench

if TYPE_CHECKING:
    from collections.abc import Callable

MIB = 1024 * 1024
Told = dict[str, Any]


def mounted(folder: Path, options: str) -> Path:
    """Mount an empty tmpfs; it goes with this process's namespace."""
    folder.mkdir(exist_ok=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)], check=True)
    return folder


def put_until_full(bench: QueueBench, *, size: int) -> list[tuple[str, str]]:
    """Hand in until the queue refuses; return codes and tokens of the receipts given."""
    receipts: list[tuple[str, str]] = []
    for seed in range(100):
        try:
            receipt = bench.queue.put(hand_in(size=size, seed=seed))
        except StorageFullError:
            return receipts
        receipts.append((receipt.receipt_code, receipt.token))
    return receipts


def whole(bench: QueueBench) -> int:
    """Count dossiers whose parts are all there."""
    rows = bench.queue.vault.rows(
        "SELECT count(*) AS number FROM dossiers WHERE size = "
        "(SELECT sum(length(data)) FROM parts WHERE dossier_id = dossiers.id)"
    )
    return int(rows[0]["number"])


def fill(path: Path) -> None:
    """Take every byte that is left."""
    with contextlib.suppress(OSError), path.open("wb", buffering=0) as file:  # the end of the room is wanted
        while True:
            file.write(bytes(4096))


def refused(work: Callable[[], object]) -> bool:
    """Tell whether something was refused for want of room."""
    try:
        work()
    except StorageFullError:
        return True
    return False


def told(bench: QueueBench, receipts: list[tuple[str, str]]) -> Told:
    """Return what is the same in every scene."""
    found = [bench.queue.find(code, token=token) for code, token in receipts]
    return {
        "receipts": len(receipts),
        "whole": whole(bench),
        "found": sum(one is not None for one in found),
        "integrity": bench.queue.vault.rows("PRAGMA integrity_check")[0]["integrity_check"],
    }


def guarded(folder: Path) -> Told:
    """The shipped guards on 160 MiB: intake stops first, numbers go on; then the rest is taken away too."""
    disk = mounted(folder, f"size={160 * MIB}")
    bench = live(disk)
    receipts = put_until_full(bench, size=5_000_000)
    room = measure(disk)
    said: Told = {"free_mib": room.free_bytes // MIB, "storage": storage(room).value}
    numbers = [bench.queue.issue_ticket(series="A", service="x").number for _ in range(50)]
    bench.queue.rate(score=3)
    fill(disk / "filler")
    said |= {
        "numbers": len(set(numbers)),
        "ticket_refused": refused(lambda: bench.queue.issue_ticket(series="A", service="x")),
        "dossier_refused": refused(lambda: bench.queue.put(hand_in())),
        **told(bench, receipts),
    }
    (disk / "filler").unlink()
    said["after"] = bench.queue.issue_ticket(series="A", service="x").number
    bench.queue.close()
    return said


def blind(folder: Path) -> Told:
    """No guard on 24 MiB: the disk itself ends in the middle of a transaction."""
    disk = mounted(folder, f"size={24 * MIB}")
    bench = live(disk, room=ample)
    receipts = put_until_full(bench, size=3_000_000)
    said = told(bench, receipts)
    bench.queue.close()
    again = live(disk, room=ample)
    said["after_restart"] = told(again, receipts)
    again.queue.close()
    return said


def no_inodes(folder: Path) -> Told:
    """Plenty of bytes, hardly a name left."""
    disk = mounted(folder, f"size={400 * MIB},nr_inodes=600")
    bench = live(disk)
    first = bench.queue.put(hand_in())
    names = [disk / f"n{number}" for number in range(400)]
    for name in names:
        name.touch()
    said: Told = {
        "free_files": measure(disk).free_files,
        "storage": storage(measure(disk)).value,
        "dossier_refused": refused(lambda: bench.queue.put(hand_in())),
        "number": bench.queue.issue_ticket(series="A", service="x").number,
        "looked_up": bench.queue.find(first.receipt_code, token=first.token) is not None,
    }
    for name in names:
        name.unlink()
    said["after"] = bench.queue.put(hand_in()).receipt_code
    bench.queue.close()
    return said


def live(disk: Path, room: Callable[[], Room] | None = None) -> QueueBench:
    """Open a queue on the disk; it measures the real room unless told otherwise."""
    bench = open_bench(disk / "queue.db")
    bench.queue._room = room or (lambda: measure(disk))
    return bench


if __name__ == "__main__":
    scene, where = sys.argv[1], Path(sys.argv[2])
    print(json.dumps({"guarded": guarded, "blind": blind, "no_inodes": no_inodes}[scene](where)))
