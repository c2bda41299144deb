"""Puts a virtual card into a real pcscd and takes it out again; prints how soon each is noticed.

pcscd looks at a reader without an interrupt line, as the virtual one is, every 400 ms; a USB reader with one
tells it at once. So the delay has two parts, and the table shows both: until pcscd says it (a watcher in this
process), and from there until the kiosk knows it (through the card process and its pipe). A card that leaves
while it is being read is noticed at the next command.

Run: .venv/bin/python benchmarks/card_slot.py [--rounds 25]      (needs pcscd and vpcd, about a minute)
"""

from __future__ import annotations

import argparse
import contextlib
import random
import statistics
import sys
import tempfile
import threading
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[0] = str(ROOT)  # not the folder of this file, whose queue.py would stand for the standard one

from drivers.card import pcsc  # noqa: E402 - run as a script, the path comes first
from drivers.card.pcsc_reader import PcscCardReader  # noqa: E402 - the same
from drivers.errors import MediaRemovedError  # noqa: E402 - the same
from drivers.ports import CanKey  # noqa: E402 - the same
from drivers.simulated.card import pcscd  # noqa: E402 - the same
from drivers.simulated.card.chip import VirtualCard  # noqa: E402 - the same
from drivers.simulated.card.faults import Faults  # noqa: E402 - the same
from drivers.simulated.card.personas import HUONG  # noqa: E402 - the same
from drivers.simulated.card.vpcd import VpcdCard  # noqa: E402 - the same

LONGEST_S = 10.0
POLL_S = 0.4
"""What pcscd sleeps between two looks (PCSCLITE_STATUS_POLL_RATE); rounds begin at any point of it."""


class Witness:
    """Watches the readers in this process and keeps when pcscd last said something new."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._told: dict[bool, float] = {}
        self._stop = threading.Event()
        self._thread = threading.Thread(target=pcsc.watch, args=(self._report, self._stop), daemon=True)
        self._thread.start()

    def told(self, *, present: bool, after: float) -> float:
        """Return when pcscd said so, waiting for it."""
        with self._changed:
            self._changed.wait_for(lambda: self._told.get(present, 0.0) > after, LONGEST_S)
            return self._told[present]

    def close(self) -> None:
        """Stop watching."""
        self._stop.set()
        self._thread.join()

    def _report(self, slots: tuple[pcsc.Slot, ...]) -> None:
        with self._changed:
            self._told[any(slot.card_present for slot in slots)] = time.perf_counter()
            self._changed.notify_all()


def one_round(reader: PcscCardReader, witness: Witness, port: int) -> dict[str, float]:
    """Put a card in, take it out, put it in, pull it out while it is being read; milliseconds of each."""
    found: dict[str, float] = {}
    card = VpcdCard(VirtualCard(HUONG, Faults(latency_ms=5.0)), port=port)
    for present, act, name in ((True, card.insert, "put in"), (False, card.remove, "taken out")):
        time.sleep(random.uniform(0.0, POLL_S))
        began = time.perf_counter()
        act()
        if not reader.wait_for_card(present=present, timeout_s=LONGEST_S):
            raise SystemExit(f"the card that was {name} was not noticed")
        known = time.perf_counter()
        told = witness.told(present=present, after=began)
        found[f"{name}: pcscd says it"] = (told - began) * 1000
        found[f"{name}: the kiosk knows"] = (known - began) * 1000
        found[f"{name}: our share"] = (known - told) * 1000
    found["pulled out while being read"] = pulled_out(reader, card)
    reader.wait_for_card(present=False, timeout_s=LONGEST_S)
    return found


def pulled_out(reader: PcscCardReader, card: VpcdCard) -> float:
    """Return the milliseconds from pulling a card out in the middle to the error."""
    card.insert()
    reader.wait_for_card(present=True, timeout_s=LONGEST_S)
    pulled: list[float] = []

    def pull(share: float) -> None:
        if share > 0.5 and not pulled:  # noqa: PLR2004 - the middle
            pulled.append(time.perf_counter())
            card.remove()

    with contextlib.suppress(MediaRemovedError):  # what the round is about
        reader.read(CanKey(can=HUONG.can), timeout_s=LONGEST_S, progress=pull)
        raise SystemExit("a card that was pulled out was read to its end")
    return (time.perf_counter() - pulled[0]) * 1000


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=25)
    args = parser.parse_args()
    port = pcscd.free_port()
    with (
        tempfile.TemporaryDirectory() as folder,
        pcscd.run_pcscd(Path(folder), port=port),
        contextlib.closing(PcscCardReader()) as reader,
        contextlib.closing(Witness()) as witness,
    ):
        reader.readers()
        rounds = [one_round(reader, witness, port) for _ in range(args.rounds)]
    print(f"{'ms, ' + str(args.rounds) + ' rounds':32}{'median':>8}{'p95':>8}{'most':>8}")
    for name in rounds[0]:
        values = sorted(one[name] for one in rounds)
        p95 = values[min(len(values) - 1, round(0.95 * (len(values) - 1)))]
        print(f"{name:32}{statistics.median(values):8.1f}{p95:8.1f}{values[-1]:8.1f}")


if __name__ == "__main__":
    main()
