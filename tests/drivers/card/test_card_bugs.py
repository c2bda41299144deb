"""What the card process says of a bug in itself."""

from __future__ import annotations

import subprocess
import sys

import pytest

SECRET = "Nguyễn Thị Hường 087198001234"
BUG = """
import threading
from drivers.card import worker
worker.tell_bugs()
def convert(text):
    return int(text)
{call}
"""


@pytest.mark.parametrize(
    "call",
    [
        f"bug = threading.Thread(target=convert, args=({SECRET!r},)); bug.start(); bug.join()",
        f"convert({SECRET!r})",
    ],
)
def test_a_bug_in_any_thread_is_told_by_its_places_and_not_by_its_text(call: str) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", BUG.replace("{call}", call)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.stderr.startswith("card_process.crashed ValueError ")
    assert ended.stderr.endswith("<string>:6\n")
    for part in SECRET.split():
        assert part not in ended.stderr
