"""A real file system that is full: no receipt for what was not stored, and numbers and look-up go on.

Each scene runs in a mount namespace of its own (`unshare -rm`), so it needs no root and leaves no mount. The
same with SQLite's own bound, where no mounts are allowed: `test_store.py`.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
PEER = Path(__file__).with_name("peer_small_disk.py")


@pytest.fixture(scope="module", autouse=True)
def _may_mount() -> None:
    try:
        subprocess.run(["unshare", "-rm", "true"], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("mount namespaces are not allowed here")


def play(scene: str, folder: Path) -> dict[str, Any]:
    done = subprocess.run(
        ["unshare", "-rm", sys.executable, str(PEER), scene, str(folder / "disk")],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def test_the_intake_stops_before_the_disk_is_full_and_numbers_go_on(tmp_path: Path) -> None:
    told = play("guarded", tmp_path)
    assert told["receipts"] > 5
    assert told["free_mib"] >= 64, "the reserve was never touched"
    assert told["numbers"] == 50
    assert (told["ticket_refused"], told["dossier_refused"]) == (True, True), "with nothing left, no promise"
    assert told["whole"] == told["found"] == told["receipts"]
    assert told["integrity"] == "ok"
    assert told["after"] == "A051", "a refused number is given to the next one"


def test_a_disk_that_ends_in_the_middle_of_a_hand_in_keeps_what_was_promised(tmp_path: Path) -> None:
    told = play("blind", tmp_path)
    assert told["receipts"] >= 2
    for state in (told, told["after_restart"]):
        assert state["whole"] == state["found"] == told["receipts"], "as many as receipts, and nothing half"
        assert state["integrity"] == "ok"


def test_no_inodes_stop_the_intake_only(tmp_path: Path) -> None:
    told = play("no_inodes", tmp_path)
    assert told["free_files"] < 256
    assert (told["storage"], told["dossier_refused"]) == ("no_intake", True)
    assert (told["number"], told["looked_up"]) == ("A001", True)
    assert told["after"] == "K01-261122-0002"
