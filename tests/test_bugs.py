"""What the kiosk and its two processes say of a bug in themselves: its kind and places, never its text."""

from __future__ import annotations

import subprocess
import sys

import pytest

SECRET = "Nguyễn Thị Hường 087198001234"
CONVERT = """
import threading
def convert(text):
    return int(text)
"""
IN_THREAD = f"bug = threading.Thread(target=convert, args=({SECRET!r},)); bug.start(); bug.join()"
IN_MAIN = f"convert({SECRET!r})"
PAPER_ROOM = "from kiosk_app.wiring import paper_worker; paper_worker.tell_bugs()"
CARD_PROCESS = "from drivers.card import worker; worker.tell_bugs()"
KIOSK = """
from kiosk_app import logs
from kiosk_app.ui import start
logs.configure(folder=None)
start.install_excepthook(None)
"""


@pytest.mark.parametrize(
    ("process", "bug", "event", "ends"),
    [
        (PAPER_ROOM, IN_THREAD, "paper_room.crashed", 1),  # a room with a lane missing helps nobody
        (PAPER_ROOM, IN_MAIN, "paper_room.crashed", 1),
        (CARD_PROCESS, IN_THREAD, "card_process.crashed", 0),
        (CARD_PROCESS, IN_MAIN, "card_process.crashed", 1),
        (KIOSK, IN_THREAD, "kiosk.crashed", 0),
    ],
)
def test_a_bug_is_told_by_its_places_and_not_by_its_text(
    process: str, bug: str, event: str, ends: int
) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", f"{CONVERT}\n{process}\n{bug}"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == ends
    for said in (event, "ValueError", "<string>:4"):
        assert said in ended.stderr
    assert len(ended.stderr.splitlines()) == 1
    for part in SECRET.split():
        assert part not in ended.stderr
