"""The files of an installed kiosk that an update touches, changed so that a power cut leaves them whole."""

from __future__ import annotations

import contextlib
import datetime as dt
import fcntl
import json
import os
import shutil
import tomllib
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from deploy.signed_release import ReleaseError, order

if TYPE_CHECKING:
    from collections.abc import Iterator

COMPLETE: Final = ".complete"
REFUSED: Final = ".refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pending:
    """A switch that was begun and is not settled.

    Args:
        old: The version that ran; empty = none.
        new: The version switched to.
        doing: What the kiosk said of itself before.
        served: Whether the new one has served since: then the queue may hold what no copy holds.
        back: Whether going back has begun.
    """

    old: str
    new: str
    doing: str
    served: bool = False
    back: bool = False


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where things are on this kiosk.

    Args:
        root: The folder of the releases and of the link `current`.
        public_key: The key whose releases are believed, PEM.
        config: The kiosk's configuration.
        user: The kiosk's user.
    """

    root: Path = Path("/opt/kiosk")
    public_key: Path = Path("/etc/kiosk/release.pub")
    config: Path = Path("/etc/kiosk/kiosk.toml")
    user: str = "kiosk"

    @property
    def releases(self) -> Path:
        """The folder with one folder a release."""
        return self.root / "releases"

    def current(self) -> str:
        """Return the version the link names, or nothing."""
        link = self.root / "current"
        return link.readlink().name if link.is_symlink() else ""

    def versions(self) -> list[str]:
        """Return the complete releases that are here, oldest first."""
        return sorted((mark.parent.name for mark in self.releases.glob(f"*/{COMPLETE}")), key=order)

    def point(self, version: str) -> None:
        """Let the link name another release."""
        new = self.root / "current.new"
        new.unlink(missing_ok=True)
        new.symlink_to(self.releases / version)
        new.replace(self.root / "current")
        os.sync()

    def prune(self, keep: set[str]) -> None:
        """Delete every release that is not named."""
        for folder in self.releases.iterdir():
            if folder.name not in keep:
                shutil.rmtree(folder)

    def refuse_for_ever(self, version: str) -> None:
        """Remember that a version did not serve here, so that no timer takes it again."""
        (self.root / f"{version}{REFUSED}").touch()

    def refused(self, version: str) -> bool:
        """Tell whether a version did not serve here."""
        return (self.root / f"{version}{REFUSED}").exists()

    # --- the switch that is not settled -------------------------------------------------------------------

    def pending(self) -> Pending | None:
        """Return the switch that was begun and not settled, if there is one."""
        file = self.root / "pending.json"
        return Pending(**json.loads(file.read_text(encoding="utf-8"))) if file.exists() else None

    def write_pending(self, pending: Pending) -> None:
        """Note a switch."""
        partial = self.root / "pending.partial"
        partial.write_text(json.dumps(asdict(pending)), encoding="utf-8")
        partial.replace(self.root / "pending.json")
        os.sync()

    def settled(self) -> None:
        """Forget the switch, and the copy of the queue that was taken for it."""
        (self.root / "pending.json").unlink(missing_ok=True)
        shutil.rmtree(self.data() / "before-update", ignore_errors=True)

    # --- the queue ----------------------------------------------------------------------------------------

    def data(self) -> Path:
        """Return the kiosk's data folder."""
        told = tomllib.loads(self.config.read_text(encoding="utf-8")) if self.config.exists() else {}
        return Path(told.get("data_dir", "/var/lib/kiosk"))

    def copy_queue(self) -> None:
        """Copy the queue's database while nobody has it open."""
        copy = self.data() / "before-update"
        shutil.rmtree(copy, ignore_errors=True)
        copy.mkdir(mode=0o700, parents=True)
        for file in self.data().glob("queue.db*"):
            shutil.copy2(file, copy / file.name)
        os.sync()

    def put_queue_back(self) -> None:
        """Put the copy in the place of the database; may be repeated as long as the copy is there."""
        data = self.data()
        copies = list((data / "before-update").glob("queue.db*"))
        for file in data.glob("queue.db*"):
            file.unlink()
        owner = data.stat()
        for file in copies:
            shutil.copy2(file, data / file.name)
            os.chown(data / file.name, owner.st_uid, owner.st_gid)
        os.sync()

    # --- the log and the lock -----------------------------------------------------------------------------

    def note(self, event: str, version: str, reason: str = "") -> None:
        """Add a line to `updates.log`."""
        line = {
            "at": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
            "event": event,
            "version": version,
        }
        with (self.root / "updates.log").open("a", encoding="utf-8") as file:
            file.write(json.dumps({**line, "reason": reason} if reason else line, ensure_ascii=False) + "\n")

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the one lock of all updates.

        Raises:
            ReleaseError: Another update runs.
        """
        self.root.mkdir(parents=True, exist_ok=True)
        with (self.root / ".update.lock").open("w") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise ReleaseError("another update runs; wait until it has ended") from None
            yield
