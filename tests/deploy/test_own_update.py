"""An update under a real systemd: the real unit, real restarts, a small kiosk that falls on script."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.deploy.own_machine import OwnMachine, boot, lay_seed, why_none
from tests.deploy.small_release import ROOT, keys, make

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [
    pytest.mark.skipif(bool(why_none()), reason=why_none() or "-"),
    pytest.mark.timeout(300),
]
NO_KIOSK_YET = "[Unit]\nRequires=basic.target\nAfter=basic.target\n"
MAIN = """import os, socket, sys, time
import tiny
def tell(words):
    address = os.environ["NOTIFY_SOCKET"]
    line = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    line.sendto(words.encode(), address.replace("@", chr(0)) if address[0] == "@" else address)
def main():
    if sys.argv[-1] == "run":
        {fate}
    return 0
def serve(seconds, *, watched=True):
    with open("/run/kiosk/pid", "w") as file:
        file.write(str(os.getpid()))
    tell("READY=1\\nSTATUS=serving")
    for _second in range(seconds):
        time.sleep(1)
        if watched:
            tell("WATCHDOG=1")
if __name__ == "__main__":
    sys.exit(main())
"""
WELL = "serve(3600)"
ILL = {
    "1.1.0": ("dies before it serves", 'sys.exit("it cannot start")'),
    "1.2.0": ("falls while it serves", "serve(2)"),
    "1.3.0": ("hangs", "serve(3600, watched=False)"),
}
TAKE = """import os, pathlib, sys
os.umask(0o022)
sys.path.insert(0, "/srv")
from deploy.machine import SystemdService
from deploy.place import Place
from deploy.signed_release import ReleaseError
from deploy.update import Updater
updater = Updater(Place(), SystemdService(), open_s=20, gate_s=6)
try:
    print(getattr(updater, sys.argv[1])(*map(pathlib.Path, sys.argv[2:])))
except ReleaseError as error:
    print(error)
"""


@pytest.fixture(scope="module")
def machine() -> Iterator[OwnMachine]:
    """A machine on which release 1.0.0 serves; the others lie in /srv."""
    folder, seed = (Path(tempfile.mkdtemp(prefix=f"kiosk-{name}-")) for name in ("releases", "seed"))
    lay_seed(seed, 'data_dir = "/var/lib/kiosk"\n', target=NO_KIOSK_YET)
    private, public = keys(folder, "province")
    shutil.copy(public, seed / "etc/kiosk/release.pub")
    shutil.copytree(ROOT / "deploy", seed / "srv/deploy")
    fates = {"1.0.0": WELL, "1.4.0": WELL} | {version: fate for version, (_name, fate) in ILL.items()}
    for version, fate in fates.items():
        shutil.copy(make(folder, version, private, main=MAIN.format(fate=fate)), seed / f"srv/{version}")
    booted = boot(seed)
    booted.run("umount", "/opt/kiosk/current")
    booted.run("rmdir", "/opt/kiosk/current")
    assert update(booted, "take", "/srv/1.0.0") == "1.0.0"
    yield booted
    booted.end()
    shutil.rmtree(seed)
    shutil.rmtree(folder)


def update(machine: OwnMachine, *words: str) -> str:
    """Do what deploy/update.py does, with less patience; return the version or what went wrong."""
    return machine.run("python3", "-c", TAKE, *words, limit_s=120)


def running(machine: OwnMachine) -> str:
    return machine.run("readlink", "/opt/kiosk/current").rpartition("/")[2]


@pytest.mark.parametrize("version", ILL, ids=[name for name, _fate in ILL.values()])
def test_a_release_that_rehearses_well_and_is_ill_as_a_service_gives_way(
    machine: OwnMachine, version: str
) -> None:
    told = update(machine, "take", f"/srv/{version}")
    assert told == f"{version} did not go on serving; 1.0.0 runs again, nothing is lost"
    assert running(machine) == "1.0.0"
    assert machine.serving()
    assert machine.unit("NRestarts") == "0", "the falls of the ill one are not the old one's"
    assert "/opt/kiosk/releases/1.0.0/" in " ".join(machine.processes().values())


def test_a_good_one_is_taken_and_there_is_a_way_back(machine: OwnMachine) -> None:
    assert update(machine, "take", "/srv/1.4.0") == "1.4.0"
    assert machine.serving()
    assert update(machine, "back") == "1.0.0"
    assert machine.serving()
    assert "/opt/kiosk/releases/1.0.0/" in " ".join(machine.processes().values())
