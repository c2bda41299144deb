"""Visit after visit through the real window, for hours, with devices that fail now and then.

Run: `make soak` (two hours), `make soak MINUTES=10`, or `.venv/bin/python benchmarks/soak.py --minutes 120`.
Prints one table and ends with 1 where something was lost, the Qt thread was held for half of the service
manager's patience, or the kiosk process grew by more than 2 % between the first fifth and the last of the run
(judged from 100 visits on: before that Python and Qt still fill what they keep).

Each visit is a whole one: code, chip, form, papers, hand-in, slip, rating, look-up of the slip, a waiting
number. In turns the printer's cover opens, the code scanner's cable comes out, the backend stops.
"""

from __future__ import annotations

import argparse
import ctypes
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from collections.abc import Callable

    from kiosk_app.hands import Hands
    from kiosk_app.ui.tour import Tour
    from kiosk_app.ui.window import Window
    from kiosk_app.wiring.house import House

# The script's own folder goes: its queue.py would stand in for Python's.
sys.path[0] = str(Path(__file__).resolve().parents[1])

VISIT = ("choose", "identify", "fill", "scan", "review", "done", "look_up")
WATCHDOG_MS = 15_000
"""Half of WatchdogSec in kiosk.service."""
MOST_GROWTH = 0.02
JUDGED_FROM = 100
SETTLE_S = 120.0


@dataclass
class Record:
    """What the soak saw."""

    visits: int = 0
    troubles: dict[str, int] = field(default_factory=dict)
    handed_in: set[str] = field(default_factory=set)
    kiosk_mib: list[float] = field(default_factory=list)
    children_mib: list[float] = field(default_factory=list)
    worst_ms: int = 0
    worst_cpu_ms: int = 0
    lost: set[str] = field(default_factory=set)
    minutes: float = 0.0

    @property
    def growth(self) -> float:
        """How much larger the kiosk process was in the last fifth of the visits than in the second fifth."""
        fifth = max(1, len(self.kiosk_mib) // 5)
        early = statistics.median(self.kiosk_mib[fifth : 2 * fifth] or self.kiosk_mib)
        return statistics.median(self.kiosk_mib[-fifth:]) / early - 1

    @property
    def well(self) -> bool:
        """Nothing lost, nobody kept waiting for ever, and no growth where enough visits tell."""
        grown = self.visits >= JUDGED_FROM and self.growth > MOST_GROWTH
        return not self.lost and self.worst_ms < WATCHDOG_MS and not grown


def resident_mib(pid: int) -> float:
    """Return the resident memory of a process, 0 when it is gone."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1])
    except (FileNotFoundError, ProcessLookupError):
        return 0.0
    return pages * os.sysconf("SC_PAGE_SIZE") / (1 << 20)


def parts_of_memory() -> str:
    """Tell what the kiosk process holds now, in MiB: of its own, of mapped files, and in use of the heap."""
    rows = dict(
        row.split(":", 1) for row in Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    )
    own, files = (int(rows[name].split()[0]) / 1024 for name in ("RssAnon", "RssFile"))
    return f"{own:.1f} MiB of its own, {files:.1f} MiB of files, {in_use_mib():.1f} MiB of heap in use"


def in_use_mib() -> float:
    """Return what of the C library's heap is handed out, in MiB (mallinfo2, glibc 2.33 and later)."""
    counters = ctypes.c_size_t * 10

    class Info(ctypes.Structure):
        """The ten counters of mallinfo(3)."""

        _fields_ = (("counters", counters),)

    ask = ctypes.CDLL(None).mallinfo2
    ask.restype = Info
    found = ask().counters
    return float(found[7] + found[4]) / (1 << 20)


def children() -> list[int]:
    """Return the processes this one has started."""
    mine = str(os.getpid())
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = stat.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()[1]
        except (FileNotFoundError, ProcessLookupError):
            continue  # it ended while being looked at
        if parent == mine:
            found.append(int(stat.parent.name))
    return found


def troubles(hands: Hands) -> tuple[tuple[str, Callable[[], None], Callable[[], None]], ...]:
    """Return what goes wrong in turns: its name, how it begins, how it ends."""
    return (
        ("none", lambda: None, lambda: None),
        ("cover open", lambda: hands.set_printer("cover_open"), lambda: hands.set_printer("ok")),
        (
            "scanner unplugged",
            lambda: hands.set_plugged("qr_scanner", plugged=False),
            lambda: hands.set_plugged("qr_scanner", plugged=True),
        ),
        ("backend down", lambda: hands.set_backend(up=False), lambda: hands.set_backend(up=True)),
    )


def visit(tour: Tour, hands: Hands, record: Record) -> None:
    """One citizen, then somebody who takes a number while something is wrong."""
    tour.result.steps.clear()
    tour.run(*VISIT)
    record.handed_in.add(tour.result.dossier_id)
    name, begin, end = troubles(hands)[record.visits % 4]
    tour.by_hand(begin)
    tour.run("take_number")
    tour.by_hand(end)
    record.troubles[name] = record.troubles.get(name, 0) + 1
    record.visits += 1
    record.kiosk_mib.append(resident_mib(os.getpid()))
    record.children_mib.append(sum(resident_mib(pid) for pid in children()))


def delivered(house: House) -> set[str]:
    """Return the dossiers the backend has, by its own command."""
    place = house.backend_place()
    where = ("--database", place["database"], "--blobs", place["blobs"])
    listed = subprocess.run(
        [sys.executable, "-m", "backend", "dossiers", "--json", *where],
        capture_output=True,
        check=True,
        timeout=60,
    )
    return {row["dossier_id"] for row in json.loads(listed.stdout)}


def soak(*, minutes: float, folder: Path) -> Record:
    """Open the kiosk, let visits go on for so long, and compare with the backend."""
    from kiosk_app import logs, memory

    memory.keep_little()  # as kiosk run does, before Qt is there

    from kiosk_app.config import Config
    from kiosk_app.flow.session import Session
    from kiosk_app.ui import start
    from kiosk_app.wiring import paths
    from kiosk_app.wiring.house import open_house
    from kiosk_app.wiring.kiosk import all_simulated, local_now

    config = msgspec.structs.replace(all_simulated(Config()), data_dir=folder)
    paths.prepare(config)
    logs.configure(folder=folder / "logs")
    window = start.open_window(
        centre=config.centre.name, hotline=config.centre.hotline, now=local_now, size=(540, 960)
    )
    house = open_house(config, simulate=True)
    window.attach(Session(house.services))
    try:
        return _visits(window, house, minutes=minutes, folder=folder)
    finally:
        window.shut()
        house.close()


def _visits(window: Window, house: House, *, minutes: float, folder: Path) -> Record:
    from kiosk_app.ui.tour import Tour
    from kiosk_app.wiring.house import DEMO_PIN

    class Citizen(Tour):
        """A tour that takes no pictures."""

        def shoot(self, name: str) -> None:
            """Let the screen be drawn, and look no further."""
            del name
            self.settle()

    if house.hands is None or window.session is None:
        raise RuntimeError("the soak needs simulated devices")
    record, began = Record(), time.monotonic()
    tour = Citizen(window, window.session, house.hands, out=folder, lang="vi", pin=DEMO_PIN)
    tour.run("welcome")
    window.stalls.start()
    while time.monotonic() - began < minutes * 60:
        visit(tour, house.hands, record)
        if record.visits % 20 == 0:
            now = f"{record.visits} visits, {record.kiosk_mib[-1]:.1f} MiB: {parts_of_memory()}"
            print(now, file=sys.stderr, flush=True)
    window.stalls.stop()
    record.worst_ms, record.worst_cpu_ms = window.stalls.worst_ms, window.stalls.worst_cpu_ms
    record.minutes = (time.monotonic() - began) / 60
    record.lost = _undelivered(house, record.handed_in)
    return record


def _undelivered(house: House, handed_in: set[str]) -> set[str]:
    """Give what is still on its way some time, then return what the backend does not have."""
    deadline = time.monotonic() + SETTLE_S
    house.services.queue.wake()
    while (missing := handed_in - delivered(house)) and time.monotonic() < deadline:
        time.sleep(1)
    return missing


def main() -> int:
    """Print the table; 1 where a promise did not hold."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--minutes", type=float, default=120)
    minutes = parser.parse_args().minutes
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    with tempfile.TemporaryDirectory(prefix="kiosk-soak-") as folder:
        record = soak(minutes=minutes, folder=Path(folder) / "data")
    rows = (
        ("minutes", f"{record.minutes:.0f}", ""),
        ("visits", f"{record.visits}", ""),
        ("with something wrong", ", ".join(f"{n} {name}" for name, n in record.troubles.items()), ""),
        (
            "handed in, and missing at the backend",
            f"{len(record.handed_in)}, {len(record.lost)}",
            "0 missing",
        ),
        ("kiosk process at the end, MiB", f"{record.kiosk_mib[-1]:.0f}", "≤ 200"),
        ("its growth", f"{record.growth:+.1%}", "≤ 2 %"),
        ("device processes and backend at the end, MiB", f"{record.children_mib[-1]:.0f}", ""),
        ("Qt thread held at most, ms by the clock", f"{record.worst_ms}", f"< {WATCHDOG_MS}"),
        ("most it computed at once, ms", f"{record.worst_cpu_ms}", ""),
    )
    print("| what | measured | target |\n|---|---|---|")
    for name, value, target in rows:
        print(f"| {name} | {value} | {target} |")
    return 0 if record.well else 1


if __name__ == "__main__":
    raise SystemExit(main())
