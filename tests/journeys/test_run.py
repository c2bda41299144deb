"""`kiosk run --simulate` as a process: comes up, stays up, goes when told, leaves no child behind."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def kiosk(tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(
        [sys.executable, "-m", "kiosk_app", "run", "--simulate", "--windowed"],
        cwd=ROOT,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen", "XDG_STATE_HOME": str(tmp_path)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    yield process
    process.kill()
    process.communicate(timeout=20)


def events(folder: Path) -> list[str]:
    log = folder / "kiosk-demo" / "logs" / "kiosk.log"
    lines = log.read_text(encoding="utf-8").splitlines() if log.exists() else []
    return [json.loads(line)["event"] for line in lines]


def children(pid: int) -> list[str]:
    found = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = status.read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
        except OSError:
            continue  # it ended while we looked
        if fields[1] == str(pid):
            found.append(status.parent.name)
    return found


def wait_for(ready: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + 60
    while not ready():
        assert time.monotonic() < deadline, what
        time.sleep(0.05)


def test_it_comes_up_and_goes_when_told(kiosk: subprocess.Popen[bytes], tmp_path: Path) -> None:
    wait_for(lambda: "health.changed" in events(tmp_path), "the house never opened")
    assert "kiosk.first_screen" in events(tmp_path)
    family = children(kiosk.pid)
    assert len(family) >= 2, "the backend and the paper room run beside the screen"
    kiosk.send_signal(signal.SIGTERM)
    _out, errors = kiosk.communicate(timeout=30)
    assert kiosk.returncode == 0
    assert errors == b""
    wait_for(lambda: not any(Path(f"/proc/{pid}").exists() for pid in family), "a child outlived the kiosk")


def test_a_killed_kiosk_leaves_no_child_behind(kiosk: subprocess.Popen[bytes], tmp_path: Path) -> None:
    wait_for(lambda: "health.changed" in events(tmp_path), "the house never opened")
    family = children(kiosk.pid)
    kiosk.kill()
    kiosk.communicate(timeout=20)
    wait_for(lambda: not any(Path(f"/proc/{pid}").exists() for pid in family), "a child outlived the kiosk")
