"""kiosk.service under a real systemd, in its real session (cage, without a screen), as on a box."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.deploy.own_machine import OwnMachine, boot, lay_seed, why_none

if TYPE_CHECKING:
    from collections.abc import Iterator

CONFIG = '[centre]\nname = "Trung tâm thử"\nhotline = "1022"\n'
pytestmark = [
    pytest.mark.skipif(bool(why_none()), reason=why_none() or "-"),
    pytest.mark.timeout(300),
]


@pytest.fixture(scope="module")
def machine() -> Iterator[OwnMachine]:
    """One machine for the tests of this module, in their order."""
    seed = Path(tempfile.mkdtemp(prefix="kiosk-seed-"))
    lay_seed(seed, CONFIG)
    booted = boot(seed)
    yield booted
    booted.end()
    shutil.rmtree(seed)


def test_the_unit_is_up_and_holds_all_its_processes(machine: OwnMachine) -> None:
    machine.until(machine.serving)
    commands = " ".join(machine.processes().values())
    for part in ("cage", "Xwayland", "kiosk run", "drivers.card.worker"):
        assert part in commands, f"{part} runs outside the unit, out of reach of its limits"
    assert machine.unit("NRestarts") == "0"


def test_systemd_finds_nothing_wrong_with_the_unit(machine: OwnMachine) -> None:
    told = machine.run("sh", "-c", "systemd-analyze verify --recursive-errors=no kiosk.service 2>&1")
    assert told == ""


def test_the_kiosk_may_do_little(machine: OwnMachine) -> None:
    status = machine.run("cat", f"/proc/{machine.kiosk()}/status")
    told = dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)
    assert told["CapBnd"] == "0" * 16
    assert told["NoNewPrivs"] == "1"
    assert told["Seccomp"] == "2"
    assert told["Uid"].split()[0] != "0"


def test_a_kiosk_that_hangs_is_ended_with_all_its_processes_and_started_anew(machine: OwnMachine) -> None:
    before = machine.processes()
    machine.run("kill", "-STOP", str(machine.kiosk()))
    machine.until(lambda: machine.unit("NRestarts") == "1")
    machine.until(machine.serving)
    assert not before.keys() & machine.processes().keys()
    assert "watchdog" in machine.run("journalctl", "--no-pager", "--unit=kiosk.service").lower()


def test_asked_to_stop_it_ends_well_and_leaves_nothing(machine: OwnMachine) -> None:
    machine.run("systemctl", "stop", "kiosk.service")
    assert (machine.unit("Result"), machine.unit("ActiveState")) == ("success", "inactive")
    assert machine.run("pgrep", "--uid", "kiosk", check=False) == ""
    assert machine.run("ls", "/run/kiosk/starts", check=False) == "", "a stop that was asked for is no fall"


def test_a_mistake_in_the_configuration_stands_on_the_screen_and_is_looked_at_again(
    machine: OwnMachine,
) -> None:
    machine.run("sh", "-c", "echo 'colour = 1' >> /etc/kiosk/kiosk.toml")
    machine.run("systemctl", "start", "kiosk.service")
    machine.until(lambda: machine.unit("StatusText").startswith("resting: something must be mended"))
    assert machine.unit("ActiveState") == "active"
    machine.run("sed", "-i", "/^colour/d", "/etc/kiosk/kiosk.toml")
    machine.run("systemctl", "restart", "kiosk.service")
    machine.until(machine.serving)


def test_the_key_that_systemd_sealed_to_the_machine_opens_the_queue(machine: OwnMachine) -> None:
    machine.run("systemctl", "stop", "kiosk.service")
    machine.run(
        "sh", "-c", "rm -r /var/lib/kiosk/queue.db* /var/lib/kiosk/keys; mkdir -p /etc/credstore.encrypted"
    )
    seal = "printf %064d 7 | systemd-creds encrypt --name=queue.key - /etc/credstore.encrypted/queue.key"
    machine.run("sh", "-c", seal)
    machine.run("systemctl", "start", "kiosk.service")
    machine.until(machine.serving)
    assert "queue.db" in machine.run("ls", "/var/lib/kiosk")
    assert "queue.key" not in machine.run("ls", "/var/lib/kiosk/keys"), "the key of the disk was taken"


def test_a_kiosk_that_falls_again_and_again_rests(machine: OwnMachine) -> None:
    machine.run("systemctl", "restart", "kiosk.service")
    for fallen in range(4):
        machine.until(lambda: machine.unit("ActiveState") == "active")
        machine.run("kill", "-KILL", str(machine.kiosk()))
        machine.until(lambda: machine.unit("NRestarts") == str(fallen + 1))  # noqa: B023 - asked at once
    machine.until(lambda: machine.unit("StatusText") == "resting: started too often")
    assert machine.unit("ActiveState") == "active"
