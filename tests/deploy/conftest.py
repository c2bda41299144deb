"""The service manager's end of the line, and the kiosk started as its unit starts it."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.deploy.small_release import Province, keys, place_of, updater

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[2]
NOBODY = 65534


@dataclass
class Manager:
    """A listening service manager (sd_notify) and the programs it started in one runtime folder."""

    folder: Path
    line: socket.socket
    environment: dict[str, str]
    heard: list[str] = field(default_factory=list)
    started: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start(self, *words: str) -> subprocess.Popen[bytes]:
        """Start a program as the unit would: no root, the unit's folders, the manager's socket."""
        process = subprocess.Popen(
            [*not_root(), *words], env=self.environment, cwd=ROOT, stderr=subprocess.DEVNULL
        )
        self.started.append(process)
        return process

    def run(self, *words: str) -> int:
        """Run a program as the unit would and return its exit code."""
        command = [*not_root(), *words]
        return subprocess.run(command, env=self.environment, cwd=ROOT, timeout=30, check=False).returncode

    def wait_for(self, words: str, deadline_s: float = 60.0) -> None:
        """Listen until the words come."""
        until = time.monotonic() + deadline_s
        while not self.heard or self.heard[-1] != words:
            self.line.settimeout(max(0.01, until - time.monotonic()))
            try:
                self.heard.append(self.line.recv(4096).decode())
            except TimeoutError as error:
                raise AssertionError(f"not told {words!r} in {deadline_s} s; told {self.heard}") from error
        self.heard.append("")

    def silent_for(self, seconds: float) -> bool:
        """Tell whether nothing at all is said from now on for so long; what was said before is dropped."""
        self.line.settimeout(0)
        while True:
            try:
                self.line.recv(4096)
            except BlockingIOError:
                break
        self.line.settimeout(seconds)
        try:
            self.line.recv(4096)
        except TimeoutError:
            return True
        return False


def not_root() -> list[str]:
    """Return what to put before a command so that it does not run as root, whom cage refuses."""
    if os.geteuid() != 0:
        return []
    return ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]


def why_no_session() -> str:
    """Return why cage cannot be tried here, or nothing."""
    if shutil.which("cage") is None:
        return "cage cannot run here: it is not installed"
    python = ROOT / ".venv/bin/python"
    reached = subprocess.run([*not_root(), "test", "-x", str(python)], check=False).returncode == 0
    return (
        "" if reached else "cage cannot run here: it refuses root, and no other user can enter this checkout"
    )


@pytest.fixture
def manager() -> Iterator[Manager]:
    """A listening service manager with a runtime folder the unit's user owns."""
    folder = Path(tempfile.mkdtemp(prefix="kiosk-unit-"))  # pytest's own folders are closed to other users
    line = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    line.bind(str(folder / "notify"))
    (folder / "notify").chmod(0o777)
    if os.geteuid() == 0:
        os.chown(folder, NOBODY, NOBODY)
    environment = {
        **{key: os.environ[key] for key in ("PATH", "LANG", "LC_ALL") if key in os.environ},
        "HOME": str(folder),
        "XDG_RUNTIME_DIR": str(folder),
        "RUNTIME_DIRECTORY": str(folder),
        "XDG_STATE_HOME": str(folder / "state"),
        "NOTIFY_SOCKET": str(folder / "notify"),
        "WATCHDOG_USEC": "900000",
        "QT_QPA_PLATFORM": "offscreen",
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    made = Manager(folder=folder, line=line, environment=environment)
    yield made
    for process in made.started:
        if process.poll() is None:
            process.kill()
        process.wait(10)
    line.close()
    shutil.rmtree(folder)


@pytest.fixture
def province(tmp_path: Path) -> Province:
    """A kiosk without any release, and the key of its province."""
    key, public = keys(tmp_path, "province")
    return Province(tmp_path, key, place_of(tmp_path, public))


@pytest.fixture
def old(province: Province) -> Province:
    """A kiosk that runs release 1.0.0."""
    updater(province.place, province.service()).take(province.release("1.0.0"))
    return province
