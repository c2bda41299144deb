"""The power goes: what a receipt was given for is on the disk, and the test itself can fail.

A disk that forgets: SQLite's own system calls are overridden through `xSetSystemCall` (the door SQLite made
for such tests). Every write goes through and is kept in a journal; a sync marks those of its file as durable.
`after_the_cut` rebuilds the folder as a disk would hold it that lost what was never fsynced.
"""

from __future__ import annotations

import ctypes
import os
import random
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from sqlcipher3 import _sqlite3

from offline_queue.schema import Vault

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

CUTS = int(os.environ.get("KIOSK_POWER_CUTS", "40"))
KEY = bytes(range(32))
_P, _I, _L = ctypes.c_void_p, ctypes.c_int, ctypes.c_long


_XSYNC = ctypes.CFUNCTYPE(_I, _P, _I)
_XSYNC_SLOT = 5
"""Place of `xSync` in `sqlite3_io_methods`: after the version, xClose, xRead, xWrite and xTruncate."""
_DESCRIPTOR_AT = 24
"""Of `unixFile.h`, after three pointers. Source: os_unix.c."""
_READWRITE, _CREATE, _MAIN_DB, _TEMP_DB = 0x2, 0x4, 0x100, 0x200
"""Logs share the methods of temporary files: neither is locked."""
PAGE = 4096


class _Vfs(ctypes.Structure):
    """`sqlite3_vfs`, version 3. Source: sqlite3.h."""

    _fields_ = (
        ("iVersion", _I),
        ("szOsFile", _I),
        ("mxPathname", _I),
        ("pNext", _P),
        ("zName", ctypes.c_char_p),
        ("pAppData", _P),
        ("xOpen", ctypes.CFUNCTYPE(_I, _P, ctypes.c_char_p, _P, _I, _P)),
        *((name, _P) for name in ("xDelete", "xAccess", "xFullPathname", "xDlOpen", "xDlError")),
        *((name, _P) for name in ("xDlSym", "xDlClose", "xRandomness", "xSleep", "xCurrentTime")),
        *((name, _P) for name in ("xGetLastError", "xCurrentTimeInt64")),
        ("xSetSystemCall", ctypes.CFUNCTYPE(_I, _P, ctypes.c_char_p, _P)),
        ("xGetSystemCall", ctypes.CFUNCTYPE(_P, _P, ctypes.c_char_p)),
    )


@dataclass
class _Write:
    path: str
    offset: int
    data: bytes | None
    """None = the file was cut to `offset`."""
    durable: bool = False


class Disk:
    """Keeps every write of SQLite below one folder, and which of them were fsynced."""

    def __init__(self, folder: Path) -> None:
        self._folder = str(folder)
        self._lock = threading.RLock()
        self._writes: list[_Write] = []
        self._kept: list[Any] = []
        library = ctypes.CDLL(_sqlite3.__file__)
        library.sqlite3_vfs_find.restype = ctypes.POINTER(_Vfs)
        self._vfs = library.sqlite3_vfs_find(None)
        self.syncs = 0
        self._real_syncs: dict[int, int] = {}

    def install(self) -> None:
        """Replace the calls."""
        for name in (b"pwrite", b"pwrite64"):
            self._replace(name, (_L, _I, _P, ctypes.c_size_t, _L), self._pwrite)
        self._replace(b"write", (_L, _I, _P, ctypes.c_size_t), self._write)
        self._replace(b"ftruncate", (_I, _I, _L), self._truncate)
        self._replace(b"unlink", (_I, ctypes.c_char_p), self._unlink)
        address = self._address(_XSYNC(self._synced))
        self._real_syncs = {kind: self._patch_sync(kind, address) for kind in (_MAIN_DB, _TEMP_DB)}

    def _patch_sync(self, kind: int, address: int) -> int:
        """Put another `xSync` into SQLite's table of file methods (it syncs past its own system calls)."""
        vfs = self._vfs.contents
        file = ctypes.create_string_buffer(vfs.szOsFile)
        probe = os.fsencode(self._folder + "/probe")
        assert vfs.xOpen(self._vfs, probe, file, _READWRITE | _CREATE | kind, None) == 0
        methods = ctypes.cast(file, ctypes.POINTER(_P))[0]
        assert methods is not None
        slot = ctypes.cast(methods, ctypes.POINTER(_P))
        libc = ctypes.CDLL(None, use_errno=True)
        page = (methods + _XSYNC_SLOT * 8) & ~(PAGE - 1)
        assert libc.mprotect(_P(page), PAGE, 3) == 0, "the table is read-only"
        before = slot[_XSYNC_SLOT]
        assert before is not None
        slot[_XSYNC_SLOT] = address
        ctypes.CFUNCTYPE(_I, _P)(slot[1] or 0)(file)
        Path(os.fsdecode(probe)).unlink()
        return int(before)

    def remove(self) -> None:
        """Put the real calls back."""
        self._vfs.contents.xSetSystemCall(self._vfs, None, None)
        for kind, address in self._real_syncs.items():
            self._patch_sync(kind, address)

    def _replace(self, name: bytes, kinds: tuple[Any, ...], work: Callable[..., int]) -> None:
        if not self._vfs.contents.xGetSystemCall(self._vfs, name):
            return  # this build does not use it
        address = self._address(ctypes.CFUNCTYPE(*kinds)(work))
        assert self._vfs.contents.xSetSystemCall(self._vfs, name, address) == 0

    def _address(self, function: Any) -> int:
        self._kept.append(function)  # C keeps only the address
        return ctypes.cast(function, _P).value or 0

    def _path(self, descriptor: int) -> str | None:
        path = str(Path(f"/proc/self/fd/{descriptor}").readlink())
        return path if path.startswith(self._folder) else None

    def _pwrite(self, descriptor: int, buffer: int, size: int, offset: int) -> int:
        data = ctypes.string_at(buffer, size)
        written = os.pwrite(descriptor, data, offset)
        self._keep(descriptor, offset, data[:written])
        return written

    def _write(self, descriptor: int, buffer: int, size: int) -> int:
        offset = os.lseek(descriptor, 0, os.SEEK_CUR)
        data = ctypes.string_at(buffer, size)
        written = os.write(descriptor, data)
        self._keep(descriptor, offset, data[:written])
        return written

    def _truncate(self, descriptor: int, size: int) -> int:
        os.ftruncate(descriptor, size)
        self._keep(descriptor, size, None)
        return 0

    def _unlink(self, path: bytes) -> int:
        # SQLite syncs the folder after it: a removed journal stays removed.
        Path(os.fsdecode(path)).unlink()
        with self._lock:
            self._writes = [write for write in self._writes if write.path != os.fsdecode(path)]
        return 0

    def _keep(self, descriptor: int, offset: int, data: bytes | None) -> None:
        path = self._path(descriptor)
        if path is not None and not path.endswith("-shm"):  # shared memory is made anew at each start
            with self._lock:
                self._writes.append(_Write(path=path, offset=offset, data=data))

    def _synced(self, file: int, _: int) -> int:
        path = self._path(ctypes.cast(file + _DESCRIPTOR_AT, ctypes.POINTER(_I))[0])
        with self._lock:
            self.syncs += 1
            for write in self._writes:
                write.durable |= write.path == path
        return 0

    def after_the_cut(self, into: Path, keeps: Callable[[], bool]) -> None:
        """Write the folder as it is after a power cut now.

        Args:
            into: An empty folder.
            keeps: Tells for each write that was never fsynced whether it happens to be on the disk.
        """
        with self._lock:
            survived = [write for write in self._writes if write.durable or keeps()]
        files: dict[str, bytearray] = {}
        for write in survived:
            content = files.setdefault(write.path, bytearray())
            if write.data is None:
                del content[write.offset :]
                content.extend(bytes(max(0, write.offset - len(content))))
                continue
            content.extend(bytes(max(0, write.offset + len(write.data) - len(content))))
            content[write.offset : write.offset + len(write.data)] = write.data
        for path, content in files.items():
            (into / Path(path).name).write_bytes(content)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    watched = Disk(tmp_path)
    watched.install()
    yield watched
    watched.remove()


def _lost(disk: Disk, acknowledged: set[str], folder: Path, chance: random.Random, share: float) -> int:
    """Cut the power now and return how many acknowledged dossiers the disk does not hold whole."""
    folder.mkdir()
    disk.after_the_cut(folder, keeps=lambda: chance.random() < share)
    vault = Vault(folder / "queue.db", KEY)
    try:
        assert vault.rows("PRAGMA integrity_check") == [{"integrity_check": "ok"}]
        rows = vault.rows(
            "SELECT id FROM dossiers WHERE state = 'stored' OR "
            "size = (SELECT sum(length(data)) FROM parts WHERE dossier_id = dossiers.id)"
        )
        return len(acknowledged - {row["id"] for row in rows})
    finally:
        vault.close()


def _live(bench: Any, make_hand_in: Any, disk: Disk, folder: Path, cuts: int) -> int:
    chance = random.Random(5)
    acknowledged: set[str] = set()
    lost = 0
    for cut in range(cuts):
        for _ in range(chance.randint(1, 3)):
            receipt = bench.queue.put(make_hand_in(size=chance.choice([500, 200_000])))
            acknowledged.add(str(receipt.dossier_id))
            bench.queue.issue_ticket(series="A", service="x")
        if cut % 5 == 4:
            bench.queue.vault.checkpoint()
        lost += _lost(disk, acknowledged, folder / f"cut{cut}", chance, share=chance.choice([0.0, 0.5]))
    return lost


@pytest.mark.timeout(120 if CUTS <= 100 else 3600)
def test_a_power_cut_after_the_receipt_loses_nothing(
    disk: Disk, make_bench: Any, make_hand_in: Any, tmp_path_factory: pytest.TempPathFactory
) -> None:
    bench = make_bench()
    assert _live(bench, make_hand_in, disk, tmp_path_factory.mktemp("cuts"), CUTS) == 0
    assert disk.syncs > CUTS
    print(f"{CUTS} power cuts: 0 lost, {disk.syncs} syncs")  # noqa: T201 - kept in docs/reliability.md


def test_the_same_test_fails_where_commits_are_not_synced(
    disk: Disk, make_bench: Any, make_hand_in: Any, tmp_path_factory: pytest.TempPathFactory
) -> None:
    bench = make_bench()
    bench.queue.vault._connection.execute("PRAGMA synchronous = NORMAL")
    assert _live(bench, make_hand_in, disk, tmp_path_factory.mktemp("cuts"), 6) > 0
