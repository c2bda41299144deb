"""What the kiosk says of a bug in a thread of its own."""

from __future__ import annotations

import json
import subprocess
import sys

SECRET = "Nguyễn Thị Hường 087198001234"
BUG = f"""
import threading
from kiosk_app import logs
from kiosk_app.ui import start
logs.configure(folder=None)
start.install_excepthook(None)
bug = threading.Thread(target=int, args=({SECRET!r},))
bug.start()
bug.join()
print("goes on")
"""


def test_a_bug_in_a_thread_is_logged_without_its_text() -> None:
    ended = subprocess.run(
        [sys.executable, "-c", BUG], capture_output=True, text=True, timeout=60, check=True
    )
    told = json.loads(ended.stderr)
    assert (told["event"], told["error"]) == ("kiosk.crashed", "ValueError")
    for part in SECRET.split():
        assert part not in ended.stderr
    assert ended.stdout == "goes on\n"
