"""Every negative test that DEVICES.md 1.8 names exists where docs/cards.md says."""

from __future__ import annotations

import re
from pathlib import Path

HERE = Path(__file__).parent
PAGE = HERE.parents[2] / "docs" / "cards.md"
NAMES = (
    "bad MAC",
    "missing DO'99'",
    "DO'99' ≠ SW",
    "wrong padding",
    "SSC replay",
    "short reads",
    "over-long reads",
    "6282",
    "6Cxx",
    "6700",
    "6B00",
    "bad token",
    "point not on curve",
    "echoed key",
    "DG hash mismatch",
    "DG not in SOD",
    "expired DSC",
    "unknown CSCA",
    "forged explicit parameters",
    "PACE failing on purpose",
)
ROW = re.compile(
    r"^\| (?P<name>[^|]+) \| `(?P<file>test_\w+\.py)::(?P<test>test_\w+)`(?: \((?P<case>.+)\))? \|$",
    re.MULTILINE,
)


def test_the_table_names_every_negative_test_and_each_exists() -> None:
    rows = list(ROW.finditer(PAGE.read_text(encoding="utf-8")))
    assert [row["name"] for row in rows] == list(NAMES)
    for row in rows:
        code = (HERE / row["file"]).read_text(encoding="utf-8")
        assert f"def {row['test']}(" in code, row["name"]
        assert not row["case"] or row["case"] in code, row["name"]
