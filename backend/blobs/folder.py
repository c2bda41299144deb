"""Sealed bytes in a folder of this machine."""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
from typing import TYPE_CHECKING, NoReturn

from backend.blobs.ports import BlobMismatchError, PartsMissingError

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator, Sequence
    from pathlib import Path

_FOLDERS = 256
"""Named by two hexadecimal digits; all are made at start, so that no request waits for one."""


class FolderBlobs:
    """`parts/ab/<sha256>` until the commit, `dossiers/cd/<id>.age` for good.

    A part is not fsynced: the commit reads every part again and checks the digest of the whole, so a part
    that a power cut has damaged is asked for once more. Only whole dossiers are fsynced, in `settle`, before
    their commits are answered; several at once cost the disk little more than one.
    """

    def __init__(self, folder: Path) -> None:
        self._parts = folder / "parts"
        self._dossiers = folder / "dossiers"
        for made in (self._parts, self._dossiers):
            made.mkdir(mode=0o700, parents=True, exist_ok=True)
            for number in range(_FOLDERS):
                (made / f"{number:02x}").mkdir(mode=0o700, exist_ok=True)
            _sync(made)

    def put_part(self, sha256: str, data: bytes) -> bool:
        """Keep a part; see `BlobStore.put_part`."""
        path = self._part(sha256)
        with contextlib.suppress(FileNotFoundError):  # not there: it is written below
            if path.stat().st_size == len(data):
                return False
        fresh = path.with_name(f".{secrets.token_hex(8)}")
        try:
            fresh.write_bytes(data)
            fresh.replace(path)
        finally:
            fresh.unlink(missing_ok=True)
        return True

    def missing(self, digests: Sequence[str]) -> list[str]:
        """Return what is not there; see `BlobStore.missing`."""
        return [digest for digest in dict.fromkeys(digests) if not self._part(digest).exists()]

    def assemble(self, dossier_id: str, digests: Sequence[str], *, sealed_sha256: str, size: int) -> None:
        """Put a dossier together; see `BlobStore.assemble`."""
        path = self._dossier(dossier_id)
        fresh = path.with_name(f".{secrets.token_hex(8)}")
        missing = self.missing(digests)
        if missing:
            raise PartsMissingError(missing)
        try:
            if self._join(fresh, digests) != (size, sealed_sha256):
                self._blame(digests)
            _place(fresh, path)
        finally:
            fresh.unlink(missing_ok=True)

    def _join(self, fresh: Path, digests: Sequence[str]) -> tuple[int, str]:
        whole = hashlib.sha256()
        written = 0
        with fresh.open("wb", buffering=0) as file:
            for digest in digests:
                data = self._read_part(digest)
                whole.update(data)
                written += file.write(data)
        return written, whole.hexdigest()

    def _read_part(self, digest: str) -> bytes:
        try:
            return self._part(digest).read_bytes()
        except FileNotFoundError:
            raise PartsMissingError([digest]) from None

    def _blame(self, digests: Sequence[str]) -> NoReturn:
        """Say which parts are damaged, or that the manifest does not fit them."""
        damaged = [one for one in digests if hashlib.sha256(self._read_part(one)).hexdigest() != one]
        if not damaged:
            raise BlobMismatchError("the parts together are not the dossier of the manifest")
        self.drop_parts(damaged)
        raise PartsMissingError(damaged)

    def settle(self, dossier_ids: Sequence[str]) -> None:
        """Make dossiers survive a power cut; see `BlobStore.settle`."""
        paths = [self._dossier(dossier_id) for dossier_id in dossier_ids]
        for path in (*paths, *{path.parent for path in paths}):
            _sync(path)

    def drop_parts(self, digests: Sequence[str]) -> None:
        """Forget parts; see `BlobStore.drop_parts`."""
        for digest in digests:
            self._part(digest).unlink(missing_ok=True)

    def read(self, dossier_id: str) -> bytes:
        """Return a whole sealed dossier; see `BlobStore.read`."""
        return self._dossier(dossier_id).read_bytes()

    def parts_before(self, moment: dt.datetime) -> Iterator[str]:
        """Return old parts; see `BlobStore.parts_before`. Half-written files of a crash go on the way."""
        for path in self._parts.glob("*/*"):
            if path.stat().st_mtime >= moment.timestamp():
                continue
            if path.name.startswith("."):
                path.unlink(missing_ok=True)
            else:
                yield path.name

    def close(self) -> None:
        """Nothing is open between two calls."""

    def _part(self, sha256: str) -> Path:
        return self._parts / sha256[:2] / sha256

    def _dossier(self, dossier_id: str) -> Path:
        # A UUIDv7 begins with its time: its end spreads the files.
        return self._dossiers / dossier_id[-2:] / f"{dossier_id}.age"


def _place(fresh: Path, path: Path) -> None:
    """Give a whole file its name, which it leaves to nobody who has less."""
    try:
        os.link(fresh, path)
    except FileExistsError:
        # Another commit of this dossier may have promised what lies there: only safe bytes take its place.
        _sync(fresh)
        fresh.replace(path)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
