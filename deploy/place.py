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
LEFT: Final = ".left"


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

    def chosen(self, version: str) -> None:
        """Remember that a person wants this version now: the timer must not undo it.

        A version that is left for an older one is not taken by the timer again, nor is any before it. A
        version taken by hand is believed again.
        """
        running = self.current()
        (self.root / f"{version}{REFUSED}").unlink(missing_ok=True)
        for left in self._left():
            if order(left) <= order(version):
                (self.root / f"{left}{LEFT}").unlink()
        if running and order(version) < order(running):
            (self.root / f"{running}{LEFT}").touch()

    def wanted(self, version: str) -> bool:
        """Tell whether the timer may take a version: newer than what runs or was left, and never ill here."""
        newest = max(map(order, [self.current() or "0.0.0", *self._left()]))
        return order(version) > newest and not (self.root / f"{version}{REFUSED}").exists()

    def _left(self) -> list[str]:
        return [mark.name.removesuffix(LEFT) for mark in self.root.glob(f"*{LEFT}")]

    # --- the switch that is not settled -------------------------------------------------------------------

    def pending(self) -> Pending | None:
        """Return the switch that was begun and not settled, if there is one; an unreadable note is none."""
        file = self.root / "pending.json"
        try:
            return Pending(**json.loads(file.read_text(encoding="utf-8"))) if file.exists() else None
        except (ValueError, TypeError) as error:
            self.note("pending_unreadable", self.current(), str(error))
            file.replace(self.root / "pending.unreadable")
            return None

    def write_pending(self, pending: Pending) -> None:
        """Note a switch."""
        partial = self.root / "pending.partial"
        with partial.open("w", encoding="utf-8") as file:
            file.write(json.dumps(asdict(pending)))
            file.flush()
            os.fsync(file.fileno())  # else a power cut may leave the new name with nothing in it
        partial.replace(self.root / "pending.json")
        os.sync()

    def settled(self) -> None:
        """Forget the switch, and the copy of the queue that was taken for it."""
        (self.root / "pending.json").unlink(missing_ok=True)
        shutil.rmtree(self.data() / "before-update", ignore_errors=True)

    # --- the queue ----------------------------------------------------------------------------------------

    def data(self) -> Path:
        """Return the kiosk's data folder.

        Raises:
            ReleaseError: The configuration cannot be read.
        """
        try:
            told = tomllib.loads(self.config.read_text(encoding="utf-8")) if self.config.exists() else {}
        except ValueError as error:
            raise ReleaseError(f"{self.config} cannot be read: {error}; correct it first") from error
        return Path(told.get("data_dir", "/var/lib/kiosk"))

    def queue_size(self) -> int:
        """Return the bytes that a copy of the queue takes."""
        return sum(file.stat().st_size for file in self.data().glob("queue.db*"))

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
        data, copy = self.data(), self.data() / "before-update"
        if not copy.is_dir():
            return
        for file in data.glob("queue.db*"):
            file.unlink()
        owner = data.stat()
        for file in copy.glob("queue.db*"):
            os.chown(file, owner.st_uid, owner.st_gid)
            os.link(file, data / file.name)  # a second name needs no room on a full disk
        os.sync()

    # --- the log and the lock -----------------------------------------------------------------------------

    def note(self, event: str, version: str, reason: str = "") -> None:
        """Add a line to `updates.log`; a disk that takes none stops nothing else."""
        line = {
            "at": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
            "event": event,
            "version": version,
        }
        text = json.dumps({**line, "reason": reason} if reason else line, ensure_ascii=False)
        with contextlib.suppress(OSError), (self.root / "updates.log").open("a", encoding="utf-8") as file:
            file.write(f"{text}\n")

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
