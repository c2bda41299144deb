"""The kiosk's own words against the real NetworkManager, in a network of its own with one cable."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

import pytest

ROOT: Final = Path(__file__).parents[3]
UNPACKED: Final = ROOT / ".peers" / "networkmanager"
STATE: Final = Path("/var/lib/NetworkManager")
SCRIPT: Final = Path(__file__).with_name("peer_network.py")


def environment() -> dict[str, str]:
    libraries = ":".join(str(folder) for folder in (UNPACKED / "usr" / "lib").glob("*-linux-gnu"))
    return {**os.environ, "LD_LIBRARY_PATH": libraries}


def can_run() -> bool:
    """Tell whether everything the test starts can be started here."""
    needed = all(shutil.which(name) for name in ("unshare", "busctl", "dbus-daemon", "ip"))
    manager = UNPACKED / "usr" / "sbin" / "NetworkManager"
    if os.geteuid() or not needed or not manager.exists():
        return False
    asks = (["unshare", "-n", "-m", "true"], [str(manager), "--version"])
    return not any(
        subprocess.run(ask, env=environment(), check=False, capture_output=True).returncode for ask in asks
    )


@pytest.fixture(scope="module")
def seen() -> dict[str, Any]:
    if not can_run():
        pytest.skip("NetworkManager is not here")
    there = STATE.exists()
    done = subprocess.run(
        ["unshare", "-n", "-m", sys.executable, str(SCRIPT), str(UNPACKED), str(ROOT)],
        env=environment(),
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    if not there and STATE.exists():
        STATE.rmdir()
    assert done.returncode == 0, done.stderr[-2000:]
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def test_what_is_set_is_read(seen: dict[str, Any]) -> None:
    assert (seen["interface"], seen["kind"]) == ("eth9", "ethernet")
    assert seen["before"] == ["manual", "192.0.2.7/24", "192.0.2.1", ["192.0.2.1"]]


def test_a_change_on_trial_holds_and_is_not_on_the_disk(seen: dict[str, Any]) -> None:
    assert seen["on_trial"] == "198.51.100.9/24"
    assert seen["on_disk_in_trial"] is False


def test_a_change_is_taken_back_by_us_and_by_itself(seen: dict[str, Any]) -> None:
    assert seen["taken_back"] == ["192.0.2.7/24", False]
    assert seen["back_by_itself"] == ["192.0.2.7/24", False]


def test_a_change_that_was_kept_stays_past_the_way_back_and_lies_on_the_disk(seen: dict[str, Any]) -> None:
    assert seen["kept"] == ["198.51.100.9/24", "198.51.100.1", ["198.51.100.1", "8.8.8.8"], True]


def test_what_is_refused_changes_nothing_and_the_next_change_works(seen: dict[str, Any]) -> None:
    assert seen["refused"] == "2"
    assert seen["after_refusal"] == "198.51.100.9/24"
    assert seen["again"] == "203.0.113.5/24"


def test_a_password_reaches_the_profile_over_the_editors_input_and_stays_in_no_history(
    seen: dict[str, Any],
) -> None:
    in_trial, kept, home = seen["password"]
    assert (in_trial, kept, home) == (False, True, [])
