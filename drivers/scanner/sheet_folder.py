"""Where scanimage leaves the sides it scans until they are read: a folder in memory, never on a disk.

scanimage can hand over many sheets in one go only as files. They lie in `/dev/shm`, readable by this user
alone, each for the moment between the end of its side and our reading it.
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

MEMORY = Path("/dev/shm")  # noqa: S108 - a folder of our own in it, made with mkdtemp
PREFIX = "kiosk-sheets-"


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


def sweep(root: Path = MEMORY) -> None:
    """Remove folders of processes that were killed before they could."""
    for left in root.glob(f"{PREFIX}*"):
        owner = re.match(rf"{PREFIX}(\d+)-", left.name)
        if owner and not Path(f"/proc/{owner[1]}").exists():
            shutil.rmtree(left, ignore_errors=True)  # another kiosk's user may own it; then it stays theirs
