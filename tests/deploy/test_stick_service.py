"""The diagnosis onto a stick as on a box: a real systemd, polkit, the kiosk's confinement, a real mount.

The stick is a loop device, and its file system the one this kernel has: ext4, by a drop-in of the unit.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.deploy.own_machine import OwnMachine, boot, lay_seed, why_none

if TYPE_CHECKING:
    from collections.abc import Iterator

NAME = "kiosk-01-20261122-094107.zip"
UNIT = "kiosk-stick.service"
ASK = ("runuser", "-u", "kiosk", "--", "systemctl", "--no-ask-password")
STICK = """[Service]
ExecStart=
ExecStart=/usr/bin/python3 -I /opt/kiosk/current/deploy/stick.py ext4
DeviceAllow=block-loop rw
"""
EXPORT = """
import sys
from pathlib import Path
from drivers.errors import DriverError
from kiosk_app.wiring.stick import Stick
try:
    print(Stick().write(sys.argv[1], lambda path: path.write_bytes(b"x" * 100000) and None))
except DriverError as error:
    print(error.code)
"""
KIOSK = """[Service]
Type=oneshot
Restart=no
ExecStartPre=
ExecStart=
ExecStart=/opt/kiosk/current/.venv/bin/python /opt/export.py NAME
ExecStop=
StandardOutput=truncate:/var/lib/kiosk/said
WorkingDirectory=/opt/kiosk/current
""".replace("NAME", NAME)
STANDS_IN = {
    # What the installer would fetch, unpack and start is not its turn here.
    "dpkg-query": "echo install ok installed",
    "tar": "echo '{}'",
    "python3": "cat >/dev/null",
    "udevadm": 'echo "$*" >> /run/udevadm',
    "systemctl": '[ "$1" = start ] || exec /usr/bin/systemctl "$@"',
}


def why_no_stick() -> str:
    """Return why this cannot be tried here, or nothing."""
    if why_none():
        return why_none()
    for program in ("/usr/lib/polkit-1/polkitd", "/usr/bin/dbus-daemon", "/usr/sbin/mkfs.ext4"):
        if not Path(program).exists():
            return f"no stick can be tried here: {program} is not installed"
    free = subprocess.run(["losetup", "--find"], capture_output=True, check=False).returncode == 0
    return "" if free else "no stick can be tried here: there is no loop device"


pytestmark = [
    pytest.mark.skipif(bool(why_no_stick()), reason=why_no_stick() or "-"),
    pytest.mark.timeout(300),
]


@pytest.fixture(scope="module")
def machine() -> Iterator[OwnMachine]:
    """A machine that deploy/install.sh brought into order, without its kiosk running."""
    seed = Path(tempfile.mkdtemp(prefix="kiosk-seed-"))
    lay_seed(seed, "")
    units = seed / "etc/systemd/system"
    (units / "rehearsal.target").write_text("[Unit]\nRequires=basic.target\nAfter=basic.target\n")
    (units / "kiosk.service.d/rehearsal.conf").write_text(KIOSK)
    (units / f"{UNIT}.d").mkdir()
    (units / f"{UNIT}.d/loop.conf").write_text(STICK)
    (seed / "opt/stand-ins").mkdir(parents=True)
    (seed / "opt/export.py").write_text(f"import sys\nsys.path.insert(0, '/opt/kiosk/current')\n{EXPORT}")
    for name, does in STANDS_IN.items():
        path = seed / "opt/stand-ins" / name
        path.write_text(f"#!/bin/sh\n{does}\n")
        path.chmod(0o755)
    booted = boot(seed)
    try:
        programs = "PATH=/opt/stand-ins:/usr/sbin:/usr/bin:/sbin:/bin"
        install = "/opt/kiosk/current/deploy/install.sh"
        booted.run("env", programs, "sh", install, "/etc/hostname", "/etc/hostname", limit_s=120)
        yield booted
    finally:
        booted.end()
        shutil.rmtree(seed)


@contextmanager
def plugged(machine: OwnMachine, folder: Path, *how: str, mib: int = 8) -> Iterator[Path]:
    """Plug a stick in, as udev would name it, and pull it out; gives the file that is its memory."""
    image = folder / f"stick-{len(list(folder.iterdir()))}"
    with image.open("wb") as file:
        file.truncate(mib * 1024 * 1024)
    if "blank" not in how:
        subprocess.run(["mkfs.ext4", "-q", "-O", "^has_journal", str(image)], check=True, timeout=30)
    options = ["--read-only"] if "locked" in how else []
    told = subprocess.run(
        ["losetup", "--find", "--show", *options, str(image)], check=True, capture_output=True, text=True
    )
    device = told.stdout.strip()
    try:
        node, link = device, f"/dev/kiosk/stick-ext4-{Path(device).name}"
        number = Path(device).name.removeprefix("loop")
        machine.run(
            "sh",
            "-c",
            f"mkdir -p /dev/kiosk; [ -b {node} ] || mknod {node} b 7 {number}; ln -s {node} {link}",
        )
        yield image
        machine.run("rm", link)
    finally:
        subprocess.run(["losetup", "--detach", device], check=False, timeout=30)


def copy(machine: OwnMachine, size: int = 100_000) -> str:
    """Lay a bundle as the kiosk does, ask as its user, and return what became of it."""
    lay = f"rm -rf /run/kiosk; mkdir -p /run/kiosk/stick; head -c {size} /dev/zero > /run/kiosk/stick/{NAME}"
    machine.run("sh", "-c", f"{lay}; chmod 0700 /run/kiosk; chown -R kiosk: /run/kiosk")
    machine.run(*ASK, "start", UNIT)
    told: dict[str, str] = json.loads(machine.run("cat", "/run/kiosk-stick/outcome"))
    assert told["name"] == NAME
    return told["outcome"]


def lies_on(image: Path) -> dict[str, str]:
    """Return what lies on a stick: name, and size."""
    done = subprocess.run(
        ["debugfs", "-R", "ls -p /", str(image)], capture_output=True, text=True, check=True, timeout=30
    )
    rows = [line.split("/") for line in done.stdout.splitlines() if line.startswith("/")]
    return {row[5]: row[6] for row in rows if row[5].startswith("kiosk")}


def test_the_installer_has_udev_name_what_is_plugged_in_already(machine: OwnMachine) -> None:
    asked = machine.run("cat", "/run/udevadm").splitlines()
    assert asked[0] == "control --reload"
    for subsystem in ("tty", "usbmisc", "video4linux", "block", "usb"):
        assert f"--subsystem-match={subsystem}" in asked[1]
    assert asked[1].startswith("trigger --action=change")
    assert asked[2].startswith("settle")


def test_systemd_finds_nothing_wrong_with_the_unit(machine: OwnMachine) -> None:
    assert machine.run("sh", "-c", f"systemd-analyze verify --recursive-errors=no {UNIT} 2>&1") == ""


def test_the_kiosks_user_may_start_this_unit_and_no_other(machine: OwnMachine) -> None:
    assert copy(machine) == "none"
    for words in (("start", "kiosk-update.service"), ("stop", UNIT), ("restart", UNIT), ("mask", UNIT)):
        told = machine.run("sh", "-c", f"{' '.join(ASK)} {' '.join(words)} 2>&1; true")
        assert "denied" in told or "authentication required" in told, f"{words}: {told}"


def test_the_bundle_lies_on_the_stick_which_is_mounted_nowhere(machine: OwnMachine, tmp_path: Path) -> None:
    with plugged(machine, tmp_path) as image:
        assert copy(machine) == "written"
        assert "loop" not in machine.run("cat", "/proc/mounts")
    assert lies_on(image) == {NAME: "100000"}


def test_the_confined_kiosk_itself_exports(machine: OwnMachine, tmp_path: Path) -> None:
    machine.run("rm", "-rf", "/run/kiosk")
    with plugged(machine, tmp_path) as image:
        machine.run("systemctl", "start", "kiosk.service")
        assert machine.run("cat", "/var/lib/kiosk/said") == NAME
    assert lies_on(image) == {NAME: "100000"}
    machine.run("systemctl", "start", "kiosk.service")
    assert machine.run("cat", "/var/lib/kiosk/said") == "stick.none"


@pytest.mark.parametrize(
    ("how", "outcome"), [("blank", "unwritable"), ("locked", "unwritable"), ("small", "full")]
)
def test_a_stick_that_cannot_take_it_is_told_and_left_alone(
    machine: OwnMachine, tmp_path: Path, how: str, outcome: str
) -> None:
    with plugged(machine, tmp_path, how, mib=1) as image:
        assert copy(machine, 3_000_000 if how == "small" else 1000) == outcome
    assert how == "blank" or lies_on(image) == {}


def test_a_disk_of_the_machine_itself_is_no_stick(machine: OwnMachine, tmp_path: Path) -> None:
    with plugged(machine, tmp_path) as image:
        machine.run("sh", "-c", "mkdir -p /srv/disk; mount /dev/kiosk/stick-* /srv/disk")
        assert copy(machine) == "none"
        machine.run("umount", "/srv/disk")
    assert lies_on(image) == {}


def test_of_two_sticks_neither_is_written(machine: OwnMachine, tmp_path: Path) -> None:
    with plugged(machine, tmp_path) as one, plugged(machine, tmp_path) as two:
        assert copy(machine) == "several"
    assert lies_on(one) == lies_on(two) == {}
