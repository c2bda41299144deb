"""What the updater needs of the machine: the kiosk's service, and commands run as the kiosk's user."""

from __future__ import annotations

import contextlib
import os
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

UNIT: Final = "kiosk.service"
SERVING: Final = "serving"
IN_USE: Final = ", in use"
"""What the kiosk adds while somebody is before it (`kiosk_app/wiring/kiosk.py`)."""


@dataclass(frozen=True, slots=True)
class State:
    """How the service is.

    Args:
        active: Whether systemd calls it active.
        doing: What the kiosk itself said last (`kiosk_app/service_manager.py`), without `IN_USE`.
        restarts: How often it fell since it was started on purpose.
        in_use: Whether somebody is before it.
    """

    active: bool
    doing: str
    restarts: int
    in_use: bool = False


class Service(Protocol):
    """The kiosk's service."""

    def start(self) -> None:
        """Start it; return when it is ready or has failed."""

    def stop(self) -> None:
        """Stop it in order."""

    def state(self) -> State:
        """Return how it is now."""


class SystemdService:
    """The unit `kiosk.service` of this machine."""

    def start(self) -> None:
        """Start it; whether it came up is told by `state`."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            subprocess.run(["systemctl", "start", UNIT], check=False, timeout=180)

    def stop(self) -> None:
        """Stop it; systemd kills what does not end by itself."""
        subprocess.run(["systemctl", "stop", UNIT], check=True, timeout=120)

    def state(self) -> State:
        """Ask systemd."""
        command = ["systemctl", "show", UNIT, "--property=ActiveState,StatusText,NRestarts"]
        done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=30)
        told = dict(line.split("=", 1) for line in done.stdout.splitlines() if "=" in line)
        return state_of(told)


def state_of(told: Mapping[str, str]) -> State:
    """Return what systemd's properties of the unit mean."""
    said = told["StatusText"]
    return State(
        active=told["ActiveState"] == "active",
        doing=said.removesuffix(IN_USE),
        restarts=int(told["NRestarts"] or 0),
        in_use=said.endswith(IN_USE),
    )


class NoService:
    """A machine whose systemd does not run: a folder that is being prepared (debootstrap, an image)."""

    def start(self) -> None:
        """Nothing is started."""

    def stop(self) -> None:
        """Nothing runs."""

    def state(self) -> State:
        """There is nothing to wait for."""
        return State(active=True, doing=SERVING, restarts=0)


def run_as(user: str, command: Sequence[str], environment: Mapping[str, str], folder: Path) -> str:
    """Run a command as a user and return "" or, when it failed, the end of what it said.

    Args:
        user: Whose rights the command gets; ours when we are not root.
        command: Program and words.
        environment: The whole environment.
        folder: The folder it works in.
    """
    before = ["runuser", "-u", user, "--"] if os.geteuid() == 0 else []
    try:
        done = subprocess.run(
            [*before, *command],
            env={**environment, "PATH": "/usr/sbin:/usr/bin:/sbin:/bin"},
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=900,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return "no answer in 15 minutes"
    return "" if done.returncode == 0 else (done.stderr or done.stdout).strip()[-500:] or "no words"
