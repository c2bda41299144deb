"""A file onto the USB stick that is plugged in: one the session mounted, else through `kiosk-stick.service`.

On an installed kiosk nothing mounts a stick. The file is laid into the unit's runtime folder; root's service,
which polkit lets this user start, mounts the stick out of our sight, copies, takes it down again and writes
what became of it (`deploy/stick.py`). At a desk, where the session mounts sticks, the file goes there.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from kiosk_app.flow.technician_tools import (
    NoStickError,
    SeveralSticksError,
    StickFullError,
    StickUnwritableError,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from drivers.errors import DriverError

UNIT: Final = "kiosk-stick.service"
START_S: Final = 100.0
"""Longer than the unit's own `TimeoutStartSec`."""
_SAID: Final[dict[str, type[DriverError]]] = {
    "none": NoStickError,
    "several": SeveralSticksError,
    "full": StickFullError,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """Where sticks and the service are found."""

    media: tuple[Path, ...] = (Path("/media"), Path("/run/media"), Path("/mnt"))
    """Folders under which a session mounts sticks."""
    mounts: Path = Path("/proc/self/mounts")
    named: Path = Path("/dev/kiosk")
    """Where udev names sticks nobody mounted (70-kiosk.rules)."""
    outcome: Path = Path("/run/kiosk-stick/outcome")


class Stick:
    """The stick that is plugged in.

    Args:
        places: Where to look.
    """

    def __init__(self, places: Places = Places()) -> None:
        self._places = places

    def expect(self) -> None:
        """Look whether there is one, before the work for it is done.

        Raises:
            NoStickError: There is none.
        """
        if not self.mounted() and not (_laid() and any(self._places.named.glob("stick-*"))):
            raise NoStickError

    def mounted(self) -> list[Path]:
        """Return the writable folders mounted under the places where sticks are mounted."""
        try:
            lines = self._places.mounts.read_text(encoding="utf-8", errors="replace").splitlines()
        except OSError:
            return []
        points = [Path(line.split()[1].replace("\\040", " ")) for line in lines if len(line.split()) > 1]
        return [
            point
            for point in points
            if any(place in point.parents for place in self._places.media) and os.access(point, os.W_OK)
        ]

    def write(self, name: str, make: Callable[[Path], None]) -> str:
        """Write a file so that the stick may be pulled out, and return where it lies.

        Args:
            name: Of the file, as `deploy/stick.py` expects it.
            make: Makes the file at the path it is given.

        Raises:
            NoStickError, SeveralSticksError, StickFullError, StickUnwritableError: It is not on a stick.
        """
        self.expect()
        try:
            for folder in self.mounted():
                make(folder / name)
                _settle(folder / name)
                return str(folder / name)
            self._carry(name, make)
        except OSError as error:
            raise StickUnwritableError(detail=type(error).__name__) from error
        return name

    def _carry(self, name: str, make: Callable[[Path], None]) -> None:
        laid = _laid()
        if laid is None:
            raise NoStickError
        shutil.rmtree(
            laid, ignore_errors=True
        )  # of a copy that was cut off; mkdir tells if it is still there
        laid.mkdir(mode=0o700)
        try:
            make(laid / name)
            _start()
            told = json.loads(self._places.outcome.read_text(encoding="ascii"))
        except ValueError as error:
            raise StickUnwritableError(detail="outcome") from error
        finally:
            shutil.rmtree(laid)
        if told.get("name") != name or told.get("outcome") != "written":
            raise _SAID.get(str(told.get("outcome")), StickUnwritableError)


def _laid() -> Path | None:
    """Return the folder `deploy/stick.py` looks into; only the unit has one."""
    folder = os.environ.get("RUNTIME_DIRECTORY")
    return Path(folder) / "stick" if folder else None


def _start() -> None:
    command = ["systemctl", "start", "--no-ask-password", UNIT]
    try:
        done = subprocess.run(command, capture_output=True, timeout=START_S, check=False)
    except subprocess.TimeoutExpired as error:
        raise StickUnwritableError(detail="timeout") from error
    if done.returncode:
        raise StickUnwritableError(detail=f"systemctl {done.returncode}")


def _settle(path: Path) -> None:
    """Have a file and its folder on the stick for good."""
    for place in (path, path.parent):
        opened = os.open(place, os.O_RDONLY)
        try:
            os.fsync(opened)
        finally:
            os.close(opened)
