"""The soak of docs/reliability.md, for as long as a test may take."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

SOAK = Path(__file__).parents[2] / "benchmarks" / "soak.py"


def test_visits_go_on_and_nothing_handed_in_is_missing_at_the_backend() -> None:
    run = subprocess.run(
        [sys.executable, str(SOAK), "--minutes", "0.1"],
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )
    assert run.returncode == 0, run.stderr[-2000:]
    cells = [[cell.strip() for cell in line.split("|")] for line in run.stdout.splitlines()]
    rows = {cell[1]: cell[2] for cell in cells if len(cell) == 5}
    assert int(rows["visits"]) >= 1
    handed_in, missing = rows["handed in, and missing at the backend"].split(", ")
    assert int(handed_in) == int(rows["visits"])
    assert missing == "0"
