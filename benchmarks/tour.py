"""Walks `kiosk tour` several times, each in a process of its own; prints one table.

Run: .venv/bin/python benchmarks/tour.py [--runs N] [--write]
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
DOCUMENT = ROOT / "docs" / "benchmarks.md"
BEGIN, END = "<!-- tour: written by benchmarks/tour.py -->", "<!-- end of tour -->"
TIMEOUT_S = 180

Summary = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """One number of a summary."""

    label: str
    keys: tuple[str, ...]
    target: float | None = None

    def of(self, summary: Summary) -> float:
        """Return the number in one summary."""
        value: Any = summary
        for key in self.keys:
            value = value[key]
        return float(value)


MEASURES = (
    Measure(label="process start to first screen, ms", keys=("first_screen_ms",), target=1500),
    Measure(label="devices, queue and backend open behind it, ms", keys=("house_open_ms",)),
    Measure(label="resident memory of the kiosk process at the end, MiB", keys=("rss_mib",), target=200),
    Measure(label="Qt thread: longest wait by the clock, ms", keys=("qt_thread", "worst_ms")),
    Measure(label="Qt thread: most computed at once, ms", keys=("qt_thread", "worst_cpu_ms"), target=50),
    Measure(label="Qt thread: waits over 50 ms", keys=("qt_thread", "over_50_ms")),
    Measure(label="whole visit with look-up, number and staff, s", keys=("visit_s",)),
)


def walk(out: Path) -> Summary:
    """Make one tour and return its summary, with the length of the whole visit."""
    done = subprocess.run(
        [sys.executable, "-m", "kiosk_app", "tour", "--out", str(out)],
        cwd=ROOT,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
        check=False,
    )
    if done.returncode:
        raise SystemExit(f"the tour failed: {done.stderr.strip()[-500:]}")
    summary: dict[str, Any] = json.loads((out / "summary.json").read_text(encoding="utf-8"))
    summary["visit_s"] = sum(step["elapsed_ms"] for step in summary["steps"]) / 1000
    return summary


def table(summaries: list[Summary]) -> str:
    """Return the table of medians and worst values beside the targets."""
    rows = ["| what | target | median | worst |", "|---|---|---|---|"]
    for measure in MEASURES:
        numbers = [measure.of(summary) for summary in summaries]
        target = "" if measure.target is None else f"≤ {measure.target:.0f}"
        median, worst = statistics.median(numbers), max(numbers)
        rows.append(f"| {measure.label} | {target} | {median:.0f} | {worst:.0f} |")
    return "\n".join(rows)


def machine() -> str:
    """Return how many processors there are and how busy they were, because both colour every number."""
    return f"{os.cpu_count()} processors, load {os.getloadavg()[0]:.1f} at the end"


def write(text: str) -> None:
    """Put the table into the document, between its two marks."""
    before, _, rest = DOCUMENT.read_text(encoding="utf-8").partition(BEGIN)
    _old, mark, after = rest.partition(END)
    if not mark:
        raise SystemExit(f"{DOCUMENT} has lost its marks {BEGIN} and {END}; put them back")
    DOCUMENT.write_text(f"{before}{BEGIN}\n{text}\n{END}{after}", encoding="utf-8")


def main() -> int:
    """Print the table and, when asked, write it down; return 1 when a median misses its target."""
    parser = argparse.ArgumentParser(description="Walk `kiosk tour` several times and print one table.")
    parser.add_argument("--runs", type=int, default=5, help="how many tours (default 5)")
    parser.add_argument("--write", action="store_true", help=f"into {DOCUMENT.relative_to(ROOT)} too")
    args = parser.parse_args()
    summaries = []
    for _run in range(max(1, args.runs)):
        with tempfile.TemporaryDirectory(prefix="kiosk-tour-") as folder:
            summaries.append(walk(Path(folder)))
    day = dt.datetime.now(dt.UTC).date().isoformat()
    text = f"{day}, {len(summaries)} tours, {machine()}.\n\n{table(summaries)}"
    print(text)
    if args.write:
        write(text)
    missed = [
        measure.label
        for measure in MEASURES
        if measure.target is not None
        and statistics.median(measure.of(summary) for summary in summaries) > measure.target
    ]
    if missed:
        print(f"over the target: {'; '.join(missed)}", file=sys.stderr)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
