"""docs/reliability.md names tests that exist, and a row for each promise of QUEUE.md."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "reliability.md").read_text(encoding="utf-8")
PROMISED = PAGE.partition("## Campaigns")[0]
NAMED = sorted(set(re.findall(r"`([\w/]+\.py)::(test_\w+)`", PAGE)))
PROMISES = (
    *("process", "power", "exactly once at the backend", "any interleaving", "fate table", "one bad dossier"),
    *("disk full", "clock", "tampering", "at rest", "herd", "slow line"),
)
"""The rows of the table in QUEUE.md."""


@cache
def named_in(path: Path) -> frozenset[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return frozenset(node.name for node in tree.body if isinstance(node, ast.FunctionDef))


@pytest.mark.parametrize(("file", "name"), NAMED)
def test_every_test_that_is_named_exists(file: str, name: str) -> None:
    path = ROOT / file if "/" in file else Path(__file__).with_name(file)
    assert name in named_in(path)


@pytest.mark.parametrize("promise", PROMISES)
def test_every_promise_has_a_row_with_a_test(promise: str) -> None:
    rows = [line for line in PROMISED.splitlines() if line.startswith("|") and promise in line.split("|")[1]]
    assert rows
    assert all("::test_" in row for row in rows)


def test_each_campaign_has_a_result_with_its_date() -> None:
    rows = [line for line in PAGE.splitlines() if line.startswith("|") and "`KIOSK_" in line]
    assert len(rows) >= 6
    assert all(re.search(r"\d{4}-\d\d-\d\d", row.rsplit("|", 2)[1]) for row in rows)
