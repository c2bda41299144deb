"""Memory of an old PC: little is kept, and what a visit used goes back when it ends. Source: mallopt(3)."""

from __future__ import annotations

import ctypes
import linecache
import logging
from functools import cache
from typing import Any, Final

log = logging.getLogger(__name__)
_M_ARENA_MAX: Final = -8
_ARENAS: Final = 2


@cache
def _libc() -> ctypes.CDLL | None:
    libc = ctypes.CDLL(None)
    return libc if hasattr(libc, "malloc_trim") else None


class _KeepsNothing(dict[str, Any]):
    """A cache that forgets at once."""

    def __setitem__(self, key: str, value: Any) -> None:
        """Let it go."""


def keep_little() -> None:
    """Keep down what this process holds for ever; called once, before Qt is imported.

    All threads share two heaps: each further one keeps megabytes of its own. And `linecache` keeps no
    sources: PySide reads through it the text of every module that is imported after it, 600 files that would
    stay as 20 MiB of lines. A traceback still finds its lines; they are read from the file each time.
    """
    linecache.cache = _KeepsNothing()
    libc = _libc()
    if libc is not None:
        libc.mallopt(_M_ARENA_MAX, _ARENAS)


def give_back() -> None:
    """Return freed memory to the machine; a citizen's bytes leave the process with it."""
    libc = _libc()
    if libc is not None:
        libc.malloc_trim(0)
