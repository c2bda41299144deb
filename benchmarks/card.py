"""Reads the 18 kB virtual card with our reader and with a peer, in turns; prints one table.

The card runs in this process behind a line with 12 ms per APDU and 424 kbit/s. The floor is what nobody can
beat: the card's own work plus the time on the wire. `own CPU` is what is spent outside of both.

Run: .venv/bin/python benchmarks/card.py [--rounds 4] [--peer DIR --peer DIR]      (about a minute)
On a machine with other work, `chrt -f 50` before it keeps the waits as short as they are meant.
The peer is pypassport (LGPL, BAC only, proves nothing); its folders are put on the path, see docs/cards.md.
"""

from __future__ import annotations

import argparse
import contextlib
import datetime as dt
import importlib
import secrets
import statistics
import sys
import time
import warnings
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from drivers.card.certificates import Certificate  # noqa: E402 - run as a script, the path comes first
from drivers.card.reader import Surroundings, read_card  # noqa: E402 - the same
from drivers.card.trust import Trust  # noqa: E402 - the same
from drivers.ports import CanKey, MrzKey  # noqa: E402 - the same
from drivers.simulated.card import authority  # noqa: E402 - the same
from drivers.simulated.card.chip import VirtualCard  # noqa: E402 - the same
from drivers.simulated.card.faults import Faults  # noqa: E402 - the same
from drivers.simulated.card.makes import MAKES  # noqa: E402 - the same
from drivers.simulated.card.personas import HUONG  # noqa: E402 - the same

if TYPE_CHECKING:
    from collections.abc import Callable

Run = tuple["Callable[[Line], float]", str, bool]
LATENCY_MS, BIT_RATE = 12.0, 424_000.0
PEER_FILES = ("60", "6E", "61", "6D", "77", "75")
TRUST = Trust(
    anchors=tuple(Certificate.load(der) for der in authority.test_authorities()),
    moment=dt.datetime.now(dt.UTC),
)


class PeerFailedError(Exception):
    """The peer broke off, as it does now and then; why was not looked into."""


@dataclass(slots=True)
class Line:
    """Carries APDUs to a card and keeps the books."""

    card: VirtualCard
    wire_s: float = 0.0
    busy_s: float = 0.0
    busy_cpu_s: float = 0.0
    apdus: int = 0
    extended: bool = field(init=False)

    def __post_init__(self) -> None:
        self.extended = self.card.make.extended

    def reset(self) -> None:
        """Reset the card."""
        self.card.reset()

    def transmit(self, apdu: bytes) -> bytes:
        """Hand a command over, taking the time the wire takes."""
        wall, cpu = time.perf_counter(), time.process_time()
        answer = self.card.answer(apdu)
        self.busy_s += time.perf_counter() - wall
        if not isinstance(answer, bytes):
            raise SystemExit("the card misbehaved")
        pause = self.card.faults.delay_s(len(apdu) + len(answer))
        self.wire_s += pause
        self.apdus += 1
        if pause:
            time.sleep(pause)
        # What falling asleep and waking cost is the emulator's too.
        self.busy_cpu_s += time.process_time() - cpu
        return answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """One read."""

    apdus: int
    total_ms: float
    floor_ms: float
    own_cpu_ms: float
    name_ms: float


def ours(line: Line, access: CanKey | MrzKey) -> float:
    """Read everything with every proof; return when the name was known, in seconds."""
    told: list[float] = []
    read_card(
        line,
        access,
        timeout_s=60.0,
        progress=lambda _share: None,
        surroundings=Surroundings(trust=TRUST, random_bytes=secrets.token_bytes),
        known=lambda _reading: told.append(time.perf_counter()),
    )
    return told[0]


def load_peer(folders: list[Path]) -> Callable[[Line], float] | None:
    """Return what reads the same files with pypassport, None where it cannot be had."""
    sys.path[1:1] = [str(folder) for folder in folders]
    warnings.simplefilter("ignore")
    try:
        passport: Any = importlib.import_module("pypassport.epassport")
        groups: Any = importlib.import_module("pypassport.doc9303.datagroup")
        reader: Any = importlib.import_module("pypassport.reader")
        apdu: Any = importlib.import_module("pypassport.apdu")
        hexes: Any = importlib.import_module("pypassport.hexfunctions")
    except ImportError:
        return None

    def read(line: Line) -> float:
        slot = reader.Reader()

        def transmit(command: Any) -> Any:
            answer = line.transmit(bytes(command.getHexListAPDU()))
            return apdu.ResponseAPDU(hexes.hexListToBin(list(answer[:-2])), answer[-2], answer[-1])

        slot.transmit = transmit
        try:
            document = passport.EPassport(slot, "".join(HUONG.mrz[:2]))
            document.doBasicAccessControl()
            for tag in PEER_FILES[:-1]:
                _ = document[tag]
            known = time.perf_counter()
            _ = document[PEER_FILES[-1]]
        except (groups.DataGroupException, passport.iso7816.Iso7816Exception) as error:
            raise PeerFailedError from error
        return known

    return read


def measure(read: Callable[[Line], float], make: str, *, bac: bool, latency: bool) -> Measure:
    """Read one fresh card and return what it cost."""
    faults = Faults(
        no_pace=bac, latency_ms=LATENCY_MS if latency else 0.0, bit_rate=BIT_RATE if latency else 0.0
    )
    line = Line(VirtualCard(HUONG, faults, make=MAKES[make]))
    wall, cpu = time.perf_counter(), time.process_time()
    known = read(line)
    return Measure(
        apdus=line.apdus,
        total_ms=(time.perf_counter() - wall) * 1000,
        floor_ms=(line.busy_s + line.wire_s) * 1000,
        own_cpu_ms=(time.process_time() - cpu - line.busy_cpu_s) * 1000,
        name_ms=(known - wall) * 1000,
    )


def main() -> None:
    """Measure in turns and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=4)
    parser.add_argument("--peer", type=Path, action="append", default=[], metavar="DIR")
    args = parser.parse_args()
    peer = load_peer(args.peer)
    can, zone = CanKey(can=HUONG.can), MrzKey(lines=HUONG.mrz)
    runs: dict[str, Run] = {
        "ours, PACE, short": (lambda line: ours(line, can), "vietnam", False),
        "ours, PACE, extended": (lambda line: ours(line, can), "extended", False),
        "ours, BAC, short": (lambda line: ours(line, zone), "vietnam", True),
    }
    if peer is not None:
        runs["pypassport, BAC, short"] = (peer, "vietnam", True)
    for latency in (False, True):
        found = in_turns(runs, args.rounds, latency=latency)
        print(f"\n{'12 ms per APDU, 424 kbit/s' if latency else 'no latency'}, medians of {args.rounds}:")
        print(
            f"{'':24}{'APDUs':>6}{'total':>9}{'floor':>9}{'ratio':>7}{'own CPU':>9}{'name at':>9}{'reads':>7}"
        )
        for name, measures in found.items():
            if measures:
                _print_row(name, measures, args.rounds)
    if peer is None:
        print("\npypassport: not here (it is not on PyPI; see docs/cards.md for how to have it)")


def in_turns(runs: dict[str, Run], rounds: int, *, latency: bool) -> dict[str, list[Measure]]:
    """Measure every reader in every round, after one round that only warms up."""
    found: dict[str, list[Measure]] = {name: [] for name in runs}
    for number in range(rounds + 1):
        for name, (read, make, bac) in runs.items():
            with contextlib.suppress(PeerFailedError):  # counted as missing from the row's reads
                one = measure(read, make, bac=bac, latency=latency)
                found[name] += [one] if number else []
    return found


def _print_row(name: str, measures: list[Measure], rounds: int) -> None:
    def median(column: str) -> float:
        return statistics.median(float(getattr(one, column)) for one in measures)

    total, floor = median("total_ms"), median("floor_ms")
    print(
        f"{name:24}{median('apdus'):6.0f}{total:7.1f}ms{floor:7.1f}ms{total / floor:7.3f}"
        f"{median('own_cpu_ms'):7.1f}ms{median('name_ms'):7.1f}ms{len(measures):5}/{rounds}"
    )


if __name__ == "__main__":
    main()
