"""A machine of its own below this one: a real systemd boots over a copy in memory (`deploy/boot.sh`)."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).resolve().parents[2]
KIOSK_ID = 64001
INSIDE = ("--mount", "--uts", "--ipc", "--net", "--pid", "--cgroup", "--root", "--wd")
TARGET = """[Unit]
Requires=basic.target
Wants=kiosk.service
After=basic.target
"""
NO_SCREEN = """[Service]
Environment=WLR_BACKENDS=headless WLR_RENDERER=pixman WLR_LIBINPUT_NO_DEVICES=1
WatchdogSec=4
"""


def why_none() -> str:
    """Return why no machine can be booted here, or nothing."""
    for program in ("/lib/systemd/systemd", "/usr/bin/cage", "/usr/bin/nsenter"):
        if not Path(program).exists():
            return f"systemd cannot boot here: {program} is not installed"
    if os.geteuid() != 0:
        return "systemd cannot boot here: only root may give it mounts and control groups of its own"
    trial = subprocess.run(
        ["unshare", "--mount", "--pid", "--net", "--cgroup", "--fork", "true"],
        capture_output=True,
        check=False,
    )
    return "" if trial.returncode == 0 else "systemd cannot boot here: namespaces are not allowed"


@dataclass
class OwnMachine:
    """The booted machine: this checkout stands at /opt/kiosk/current, as a release does."""

    boot: subprocess.Popen[bytes]
    pid: int
    """Of its systemd, as this machine counts."""

    def run(self, *words: str, check: bool = True, limit_s: float = 60.0) -> str:
        """Run a command inside and return what it printed."""
        done = subprocess.run(
            ["nsenter", "--target", str(self.pid), *INSIDE, "env", "-i", *_ENVIRONMENT, *words],
            capture_output=True,
            text=True,
            timeout=limit_s,
            check=False,
        )
        assert not check or done.returncode == 0, f"{words}: {done.stdout}{done.stderr}"
        return done.stdout.strip()

    def unit(self, key: str) -> str:
        """Return one property of the kiosk's unit."""
        return self.run("systemctl", "show", "kiosk.service", "--property", key, "--value")

    def until(self, ready: Callable[[], bool], limit_s: float = 60.0) -> None:
        """Wait until something is so; what the journal says is told where it never is."""
        end = time.monotonic() + limit_s
        while not ready():
            assert time.monotonic() < end, self.run("journalctl", "--no-pager", "--lines=40", check=False)
            time.sleep(0.2)

    def serving(self) -> bool:
        """Tell whether the kiosk is up and has opened its rooms."""
        return self.unit("ActiveState") == "active" and self.unit("StatusText").startswith("serving")

    def processes(self) -> dict[int, str]:
        """Return what runs in the unit's control group: process id inside, and its command line."""
        group = self.unit("ControlGroup")
        lines = self.run("cat", f"/sys/fs/cgroup{group}/cgroup.procs", check=False).split()
        named = {}
        for line in lines:
            words = self.run("cat", f"/proc/{line}/cmdline", check=False).replace("\0", " ")
            named[int(line)] = words
        return named

    def kiosk(self) -> int:
        """Return the process id of the kiosk itself, as the machine inside counts."""
        (found,) = [pid for pid, words in self.processes().items() if words.rstrip().endswith("/kiosk run")]
        return found

    def end(self) -> None:
        """End it and all that runs in it."""
        self.boot.send_signal(signal.SIGTERM)
        self.boot.wait(20)


_ENVIRONMENT = ("PATH=/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root", "LANG=C.UTF-8")


def lay_seed(seed: Path, config: str, *, target: str = TARGET) -> None:
    """Lay what the installation adds to a Debian: the unit, its user, its configuration, its folder.

    Args:
        seed: An empty folder.
        config: The text of /etc/kiosk/kiosk.toml.
        target: What the machine boots into.
    """
    os.umask(0o022)
    seed.chmod(0o755)
    units = seed / "etc/systemd/system"
    (units / "kiosk.service.d").mkdir(parents=True)
    shutil.copy(ROOT / "kiosk.service", units)
    (units / "kiosk.service.d/rehearsal.conf").write_text(NO_SCREEN, encoding="ascii")
    (units / "rehearsal.target").write_text(target, encoding="ascii")
    (units / "default.target").symlink_to("rehearsal.target")
    passwd, group = (Path("/etc", name).read_text(encoding="utf-8") for name in ("passwd", "group"))
    passwd += f"kiosk:x:{KIOSK_ID}:{KIOSK_ID}::/var/lib/kiosk:/usr/sbin/nologin\n"
    group += f"kiosk:x:{KIOSK_ID}:\n"
    if "\nscanner:" not in group:  # made by libsane1, or by deploy/install.sh
        group += f"scanner:x:{KIOSK_ID + 1}:\n"
    (seed / "etc/passwd").write_text(passwd, encoding="utf-8")
    (seed / "etc/group").write_text(group, encoding="utf-8")
    (seed / "etc/kiosk").mkdir()
    (seed / "etc/kiosk/kiosk.toml").write_text(config, encoding="utf-8")


def boot(seed: Path) -> OwnMachine:
    """Boot this machine's own Debian with the seed over it, and wait until its systemd answers."""
    process = subprocess.Popen(
        ["sh", str(ROOT / "deploy/boot.sh"), "/", str(seed), str(ROOT)], stdin=subprocess.DEVNULL
    )
    end = time.monotonic() + 30
    while True:
        assert process.poll() is None, "deploy/boot.sh ended at once"
        assert time.monotonic() < end, "systemd did not come up in 30 s"
        found = _systemd_below(process.pid)
        if found:
            machine = OwnMachine(boot=process, pid=found)
            if machine.run("systemctl", "show", "--property=Version", check=False):
                return machine
        time.sleep(0.1)


def _systemd_below(pid: int) -> int:
    below = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
    for child in map(int, below):
        if Path(f"/proc/{child}/comm").read_text(encoding="ascii").strip() == "systemd":
            return child
        deeper = _systemd_below(child)
        if deeper:
            return deeper
    return 0
