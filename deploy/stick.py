"""Copies the technician's bundle onto the USB stick that is plugged in: `kiosk-stick.service`, as root.

    stick.py KIND...      file systems that may be mounted (vfat, exfat)

The kiosk's user lays one file into /run/kiosk/stick, starts the unit (polkit allows this one) and reads what
became of it in /run/kiosk-stick/outcome. The stick is mounted in this program's own namespace, nowhere else,
for as long as the copy takes, and never with programs, devices or links; nothing is mounted because something
was plugged in. Standard library only.
"""

from __future__ import annotations

import errno
import json
import os
import re
import shutil
import stat
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

LAID: Final = Path("/run/kiosk/stick")
SAID: Final = Path("/run/kiosk-stick")
NAMED: Final = Path("/dev/kiosk")
"""Where udev names sticks: `stick-KIND-DEVICE` (70-kiosk.rules)."""
BLOCKS: Final = Path("/sys/class/block")
BUNDLE: Final = re.compile(r"kiosk-[0-9]{2,9}-[0-9]{8}-[0-9]{6}\.zip")
MOST_BYTES: Final = 64 * 1024 * 1024
MOUNT_S: Final = 30.0
OPTIONS: Final = "nosuid,nodev,noexec,nosymfollow,noatime,errors=remount-ro"
WRITTEN, NONE, SEVERAL, FULL, UNWRITABLE = "written", "none", "several", "full", "unwritable"
"""What became of it, as `kiosk_app/wiring/stick.py` reads it."""


class BundleError(Exception):
    """What lies where the bundle should lie is not one."""


@dataclass(frozen=True)
class Part:
    """One file system on a stick."""

    kind: str
    node: Path
    disk: Path


def parts(kinds: Sequence[str], named: Path = NAMED, blocks: Path = BLOCKS) -> list[Part]:
    """Return the file systems of those kinds on sticks that nothing on this machine uses.

    Args:
        kinds: Their names, as the kernel calls them.
        named: Where udev names them; only root writes there.
        blocks: The kernel's list of block devices.
    """
    found = []
    for link in sorted(named.glob("stick-*-*")):
        kind, node = link.name.split("-")[1], link.resolve()
        if kind in kinds and node.is_block_device():
            block = (blocks / node.name).resolve()
            disk = node.with_name(block.parent.name) if (block / "partition").exists() else node
            found.append(Part(kind=kind, node=node, disk=disk))
    return [part for part in found if unused(part.disk)]


def unused(disk: Path) -> bool:
    """Tell whether no part of a disk is mounted, swapped to or held: a kiosk's own disk may be on USB too."""
    try:
        os.close(os.open(disk, os.O_RDONLY | os.O_EXCL | os.O_CLOEXEC | os.O_NONBLOCK))
    except OSError:
        return False
    return True


@contextmanager
def mounted(part: Part, target: Path) -> Iterator[Path]:
    """Mount for writing and take it down again, with everything written.

    Raises:
        OSError: It cannot be mounted, is locked against writing, or could not be written to the end.
    """
    # -i: no helper program; -n: no list of mounts; -w: never for reading only instead.
    command = ["mount", "-i", "-n", "-w", "-t", part.kind, "-o", OPTIONS, str(part.node), str(target)]
    _run(command)
    try:
        yield target
    finally:
        _run(["umount", "-i", "-n", str(target)])


def _run(command: list[str]) -> None:
    try:
        done = subprocess.run(command, capture_output=True, timeout=MOUNT_S, check=False)
    except subprocess.TimeoutExpired as error:
        raise OSError(errno.EIO, f"{command[0]}: no answer") from error
    if done.returncode:
        words = done.stderr.decode(errors="replace").strip()[-200:]
        raise OSError(errno.EIO, f"{command[0]}: {words}")


def open_bundle(laid: Path) -> tuple[str, int]:
    """Return name and descriptor of the one file laid ready by its owner, trusting nothing about it.

    Raises:
        BundleError: There is none, or it is no plain file of the folder's owner.
    """
    folder = os.open(laid, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        names = [name for name in os.listdir(folder) if BUNDLE.fullmatch(name)]  # noqa: PTH208 - of a descriptor
        if len(names) != 1:
            raise BundleError(f"{len(names)} bundles are laid ready")
        opened = os.open(names[0], os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=folder)
        about, owner = os.fstat(opened), os.fstat(folder).st_uid
    finally:
        os.close(folder)
    plain = stat.S_ISREG(about.st_mode) and about.st_nlink == 1 and about.st_uid == owner
    if plain and about.st_size <= MOST_BYTES:
        return names[0], opened
    os.close(opened)
    raise BundleError("the bundle is no plain file of its owner, or too large")


def write(name: str, bundle: int, target: Path) -> None:
    """Copy the bundle; it bears its name only when all of it is on the stick.

    Raises:
        OSError: The stick is full, locked, damaged or gone.
    """
    partial = target / f"{name}.part"
    os.lseek(bundle, 0, os.SEEK_SET)
    try:
        with partial.open("xb") as out, os.fdopen(os.dup(bundle), "rb") as source:
            shutil.copyfileobj(source, out)
            out.flush()
            os.fsync(out.fileno())
        partial.rename(target / name)
    except OSError:
        partial.unlink(missing_ok=True)
        raise
    folder = os.open(target, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def carry(kinds: Sequence[str], name: str, bundle: int, target: Path) -> str:
    """Copy the bundle onto the stick and return what became of it."""
    found = parts(kinds)
    if len({part.disk for part in found}) > 1:
        return SEVERAL
    outcome = NONE
    for part in found:
        try:
            with mounted(part, target) as stick:
                write(name, bundle, stick)
        except OSError as error:
            say(f"{part.node.name}: {error.strerror}")
            outcome = FULL if error.errno in {errno.ENOSPC, errno.EDQUOT} else UNWRITABLE
        else:
            return WRITTEN
    return outcome


def say(words: str) -> None:
    """Tell the journal."""
    sys.stderr.write(f"stick: {words}\n")


def main(kinds: Sequence[str], laid: Path = LAID, said: Path = SAID) -> int:
    """Do it, and return 0 when what became of it was written down."""
    target = said / "mounted"
    try:
        name, bundle = open_bundle(laid)
        target.mkdir(mode=0o700, exist_ok=True)
    except (OSError, BundleError) as error:
        say(str(error))
        return 1
    try:
        outcome = carry(kinds, name, bundle, target)
    finally:
        os.close(bundle)
    (said / "outcome").write_text(json.dumps({"name": name, "outcome": outcome}) + "\n", encoding="ascii")
    say(outcome)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
