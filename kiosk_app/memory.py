"""Memory of an old PC: few arenas, and what a visit used goes back when it ends. Source: mallopt(3)."""

from __future__ import annotations

import ctypes
import logging
from functools import cache
from typing import Final

log = logging.getLogger(__name__)
_M_ARENA_MAX: Final = -8
_ARENAS: Final = 2


@cache
def _libc() -> ctypes.CDLL | None:
    libc = ctypes.CDLL(None)
    return libc if hasattr(libc, "malloc_trim") else None


def keep_few_arenas() -> None:
    """Let all threads share two heaps: each further one keeps megabytes of its own for ever."""
    libc = _libc()
    if libc is not None:
        libc.mallopt(_M_ARENA_MAX, _ARENAS)


def give_back() -> None:
    """Return freed memory to the machine; a citizen's bytes leave the process with it."""
    libc = _libc()
    if libc is not None:
        libc.malloc_trim(0)
