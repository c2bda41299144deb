"""docs/devices.md names tests; each of them is there."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
NAMED = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")


def test_every_trap_has_a_test_that_exists() -> None:
    rows = [line for line in (ROOT / "docs" / "devices.md").read_text("utf-8").splitlines() if "| " in line]
    traps = [line for line in rows if not line.startswith(("| trap", "|---"))]
    assert len(traps) > 20
    for row in traps:
        named = NAMED.findall(row)
        assert named, row
        for path, test in named:
            assert f"def {test}(" in (ROOT / path).read_text("utf-8"), test
