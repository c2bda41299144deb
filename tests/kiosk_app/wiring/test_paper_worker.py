"""What the paper room's process says of a bug in itself."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

SECRET = "Nguyễn Thị Hường 087198001234"
BUG = """
import threading
from kiosk_app.wiring import paper_worker
paper_worker.tell_bugs()
def convert(text):
    return int(text)
{call}
"""


@pytest.mark.parametrize(
    "call",
    [
        f"threading.Thread(target=convert, args=({SECRET!r},)).start(); threading.Event().wait(30)",
        f"convert({SECRET!r})",
    ],
)
def test_a_bug_in_any_thread_ends_the_process_and_is_told_without_its_text(call: str) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", BUG.replace("{call}", call)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == 1
    told = json.loads(ended.stderr)
    assert (told["event"], told["error"]) == ("paper_room.crashed", "ValueError")
    assert told["where"][-1] == "<string>:6"
    for part in SECRET.split():
        assert part not in ended.stderr
