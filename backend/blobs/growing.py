"""A dossier that grows in the file it will be stored as: each part is written once, where it belongs."""

from __future__ import annotations

import hashlib
import os
import threading
from itertools import accumulate
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from backend.blobs.ports import Expected

_READ_BYTES = 256 * 1024


class Growing:
    """One such file. Nothing but its bytes says what is there: whatever has the digest of its place.

    Several processes may write to the same file: each puts the same bytes to the same place, because the
    manifest names them. Safe to use from many threads.

    Args:
        path: Made where it is not there.
        expected: The dossier.

    Raises:
        OSError: The file cannot be made.
    """

    def __init__(self, path: Path, expected: Expected) -> None:
        self.expected = expected
        self._path = path
        self._places = [0, *accumulate(size for _, size in expected.parts)]
        self._there: set[int] = set()
        self._lock = threading.Lock()
        self._file: int | None = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)

    def is_at_its_path(self) -> bool:
        """Tell whether the open file still has its name: a sweep, or another process, may have taken it."""
        with self._lock:
            try:
                return self._file is not None and os.path.samestat(os.fstat(self._file), self._path.stat())
            except FileNotFoundError:
                return False

    def put(self, number: int, data: bytes) -> bool:
        """Write a part to its place; return False when it was there.

        Args:
            number: Of the part, from 0.
            data: Its bytes, which the caller has checked.

        Raises:
            OSError: It cannot be written, or the dossier was let go.
        """
        with self._lock:
            if number in self._there:
                return False
            _write(self._open(), data, self._places[number])
            self._there.add(number)
            return True

    def lacking(self) -> list[int]:
        """Return the numbers of parts that are not there, after a look at those this process did not write.

        Raises:
            OSError: It cannot be read, or the dossier was let go.
        """
        with self._lock:
            file = self._open()
            for number, (digest, size) in enumerate(self.expected.parts):
                if number not in self._there:
                    data = os.pread(file, size, self._places[number])
                    if hashlib.sha256(data).hexdigest() == digest:
                        self._there.add(number)
            return [number for number in range(len(self.expected.parts)) if number not in self._there]

    def digest(self) -> str:
        """Return the SHA-256 of all that is in the file now.

        Raises:
            OSError: It cannot be read, or the dossier was let go.
        """
        whole, place, buffer = hashlib.sha256(), 0, bytearray(_READ_BYTES)
        with self._lock:
            while count := os.preadv(self._open(), [buffer], place):
                whole.update(memoryview(buffer)[:count])
                place += count
        return whole.hexdigest()

    def doubt(self) -> None:
        """Forget what this process wrote: the next look reads every part again."""
        with self._lock:
            self._there.clear()

    def close(self) -> None:
        """Let the file go; it stays on the disk."""
        with self._lock:
            if self._file is not None:
                os.close(self._file)
            self._file = None

    def _open(self) -> int:
        if self._file is None:
            raise OSError("this dossier was let go; send the part again")
        return self._file


def _write(file: int, data: bytes, place: int) -> None:
    left = memoryview(data)
    while left:
        written = os.pwrite(file, left, place)
        left, place = left[written:], place + written
