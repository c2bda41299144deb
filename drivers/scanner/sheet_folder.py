"""Where scanimage leaves the sides it scans until they are read: a folder in memory, never on a disk.

scanimage can hand over many sheets in one go only as files. They lie in `/dev/shm`, readable by this user
alone, each for the moment between the end of its side and our reading it.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Iterator

MEMORY = Path("/dev/shm")  # noqa: S108 - a folder of our own in it, made with mkdtemp
PREFIX = "kiosk-sheets-"
MOST_WAITING = 6
"""Sides that may wait to be read: 70 MB at 200 dpi in colour."""


@contextmanager
def sheet_folder(root: Path = MEMORY) -> Iterator[Path]:
    """Make a folder for one batch and remove it with all that is left in it.

    Args:
        root: Where; a file system in memory.
    """
    sweep(root)
    folder = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-", dir=root))
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


def hold_back(process: subprocess.Popen[bytes], folder: Path) -> None:
    """Stop a scanner that runs ahead of us, and let it go on when its sides are read: memory is not endless.

    To the scanner it looks like a slow disk.

    Args:
        process: scanimage, running or stopped.
        folder: Where it leaves the sides.
    """
    waiting = sum(1 for _ in folder.iterdir())
    if waiting >= MOST_WAITING:
        process.send_signal(signal.SIGSTOP)
    elif waiting <= MOST_WAITING // 2:
        process.send_signal(signal.SIGCONT)


def sweep(root: Path = MEMORY) -> None:
    """Remove folders of processes that were killed before they could."""
    for left in root.glob(f"{PREFIX}*"):
        owner = re.match(rf"{PREFIX}(\d+)-", left.name)
        if owner and not Path(f"/proc/{owner[1]}").exists():
            shutil.rmtree(left, ignore_errors=True)  # another kiosk's user may own it; then it stays theirs
