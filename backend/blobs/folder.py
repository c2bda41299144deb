"""Sealed bytes in a folder of this machine."""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
import threading
from collections import OrderedDict
from typing import TYPE_CHECKING

from backend.blobs.growing import Growing
from backend.blobs.ports import BlobMismatchError, PartsMissingError

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Collection, Iterator, Sequence
    from pathlib import Path

    from backend.blobs.ports import Expected

_FOLDERS = 256
"""Named by two hexadecimal digits; all are made at start, so that no request waits for one."""
MOST_GROWING = 256
"""Dossiers a process holds open; what it has forgotten is found again by its bytes."""


class FolderBlobs:
    """`growing/cd/<id>` until the commit, `dossiers/cd/<id>.age` for good: the same file under two names.

    A part is written once, to its place in the dossier it belongs to; `parts/ab/<sha256>` takes those whose
    manifest this process has not seen. Nothing is fsynced on the way: before a commit every byte is checked
    against the digest of its part and of the whole, and `settle` fsyncs the whole before the commit is
    answered. What a power cut has damaged does not have its digest and is asked for once more.
    """

    def __init__(self, folder: Path) -> None:
        self._parts = folder / "parts"
        self._growing = folder / "growing"
        self._dossiers = folder / "dossiers"
        for made in (self._parts, self._growing, self._dossiers):
            made.mkdir(mode=0o700, parents=True, exist_ok=True)
            for number in range(_FOLDERS):
                (made / f"{number:02x}").mkdir(mode=0o700, exist_ok=True)
            _sync(made)
        self._open = _OpenDossiers()

    def expect(self, expected: Expected) -> list[str]:
        """Look what is there of a dossier; see `BlobStore.expect`."""
        lacking = self._take_up(expected).lacking()
        digests = dict.fromkeys(expected.digests[number] for number in lacking)
        return [digest for digest in digests if not self._part(digest).exists()]

    def put_part(self, sha256: str, data: bytes) -> bool:
        """Keep a part; see `BlobStore.put_part`."""
        news = []
        for growing, number in self._open.places(sha256):
            with contextlib.suppress(OSError):  # let go, or ill: kept by itself, or refused, below
                news.append(growing.put(number, data))
        return any(news) if news else self._keep(sha256, data)

    def _keep(self, sha256: str, data: bytes) -> bool:
        path = self._part(sha256)
        with contextlib.suppress(FileNotFoundError):  # not there: it is written below
            if path.stat().st_size == len(data):
                return False
        with _fresh(path) as fresh:
            fresh.write_bytes(data)
            fresh.replace(path)
        return True

    def assemble(self, expected: Expected) -> None:
        """Put a dossier together; see `BlobStore.assemble`."""
        growing = self._take_up(expected)
        for _ in range(2):
            self._complete(growing)
            if growing.digest() == expected.sealed_sha256:
                self._store(expected)
                return
            growing.doubt()  # a byte may have changed since it was written
        raise BlobMismatchError("the parts together are not the dossier of the manifest")

    def _store(self, expected: Expected) -> None:
        try:
            _place(self._grown(expected.dossier_id), self._dossier(expected.dossier_id))
        except FileNotFoundError:
            # Another process was quicker and let it go: the row says whether it is stored.
            raise PartsMissingError(expected.digests) from None

    def _complete(self, growing: Growing) -> None:
        """Bring in parts that lie by themselves.

        Raises:
            PartsMissingError: Some are nowhere.
        """
        missing = []
        for number in growing.lacking():
            digest, _ = growing.expected.parts[number]
            data = self._kept(digest)
            if data is None:
                missing.append(digest)
            else:
                growing.put(number, data)
        if missing:
            raise PartsMissingError(list(dict.fromkeys(missing)))

    def _kept(self, digest: str) -> bytes | None:
        """Return a part that lies by itself; one that is damaged goes."""
        path = self._part(digest)
        try:
            data = path.read_bytes()
        except FileNotFoundError:
            return None
        if hashlib.sha256(data).hexdigest() == digest:
            return data
        path.unlink(missing_ok=True)
        return None

    def _take_up(self, expected: Expected) -> Growing:
        return self._open.take_up(self._grown(expected.dossier_id), expected)

    def settle(self, dossier_ids: Sequence[str]) -> None:
        """Make dossiers survive a power cut; see `BlobStore.settle`."""
        paths = [self._dossier(dossier_id) for dossier_id in dossier_ids]
        for path in (*paths, *{path.parent for path in paths}):
            _sync(path)

    def let_go(self, expected: Expected) -> None:
        """Forget parts; see `BlobStore.let_go`."""
        self._open.drop(expected.dossier_id)
        self._grown(expected.dossier_id).unlink(missing_ok=True)
        for digest in expected.digests:
            self._part(digest).unlink(missing_ok=True)

    def read(self, dossier_id: str) -> bytes:
        """Return a whole sealed dossier; see `BlobStore.read`."""
        return self._dossier(dossier_id).read_bytes()

    def sweep(self, before: dt.datetime, *, coming: Collection[Expected]) -> int:
        """Drop what nobody waits for; see `BlobStore.sweep`. Half-written files of a crash go on the way."""
        wanted = {one.dossier_id for one in coming}
        wanted.update(digest for one in coming for digest in one.digests)
        dropped = 0
        for path in self._files():
            with contextlib.suppress(FileNotFoundError):  # stored meanwhile
                if path.name not in wanted and path.stat().st_mtime < before.timestamp():
                    path.unlink()
                    dropped += 1
        return dropped

    def _files(self) -> Iterator[Path]:
        yield from self._parts.glob("*/*")
        yield from self._growing.glob("*/*")

    def close(self) -> None:
        """Let the files go."""
        self._open.close()

    def _part(self, sha256: str) -> Path:
        return self._parts / sha256[:2] / sha256

    def _grown(self, dossier_id: str) -> Path:
        return self._growing / dossier_id[-2:] / dossier_id

    def _dossier(self, dossier_id: str) -> Path:
        # A UUIDv7 begins with its time: its end spreads the files.
        return self._dossiers / dossier_id[-2:] / f"{dossier_id}.age"


class _OpenDossiers:
    """The growing dossiers this process holds open, and which of them waits for a part."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._dossiers: OrderedDict[str, Growing] = OrderedDict()
        self._waiting: dict[str, list[tuple[Growing, int]]] = {}

    def places(self, digest: str) -> list[tuple[Growing, int]]:
        """Return where a part belongs."""
        with self._lock:
            return list(self._waiting.get(digest, ()))

    def take_up(self, path: Path, expected: Expected) -> Growing:
        """Return a dossier, held open from now on; the longest untouched one is closed for it."""
        with self._lock:
            found = self._dossiers.get(expected.dossier_id)
            if found is not None and found.is_at_its_path():
                self._dossiers.move_to_end(expected.dossier_id)
                return found
            self._drop(expected.dossier_id)
            while len(self._dossiers) >= MOST_GROWING:
                self._drop(next(iter(self._dossiers)))
            growing = self._dossiers[expected.dossier_id] = Growing(path, expected)
            for number, digest in enumerate(expected.digests):
                self._waiting.setdefault(digest, []).append((growing, number))
            return growing

    def drop(self, dossier_id: str) -> None:
        with self._lock:
            self._drop(dossier_id)

    def close(self) -> None:
        with self._lock:
            for dossier_id in list(self._dossiers):
                self._drop(dossier_id)

    def _drop(self, dossier_id: str) -> None:
        growing = self._dossiers.pop(dossier_id, None)
        if growing is None:
            return
        for digest in set(growing.expected.digests):
            left = [place for place in self._waiting[digest] if place[0] is not growing]
            if left:
                self._waiting[digest] = left
            else:
                del self._waiting[digest]
        growing.close()


def _place(grown: Path, path: Path) -> None:
    """Give a whole file its name for good, which it leaves to nobody who has less."""
    try:
        os.link(grown, path)
    except FileExistsError:
        if path.samefile(grown):
            return
        # Another commit of this dossier may have promised what lies there: only safe bytes take its place.
        _sync(grown)
        with _fresh(path) as fresh:
            os.link(grown, fresh)
            fresh.replace(path)


@contextlib.contextmanager
def _fresh(path: Path) -> Iterator[Path]:
    """Give a name beside a path that nobody uses; what is left there goes."""
    fresh = path.with_name(f".{secrets.token_hex(8)}")
    try:
        yield fresh
    finally:
        fresh.unlink(missing_ok=True)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
