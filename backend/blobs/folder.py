"""Sealed bytes in a folder of this machine."""

from __future__ import annotations

import hashlib
import os
import secrets
from typing import TYPE_CHECKING

from backend.blobs.ports import BlobMismatchError, PartsMissingError

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator, Sequence
    from pathlib import Path


class FolderBlobs:
    """`parts/ab/<sha256>` until the commit, `dossiers/cd/<id>.age` for good.

    A part is not fsynced: the commit reads every part again and checks its digest, so a part that a power cut
    has damaged is asked for once more. Only the whole dossier is fsynced, before the commit is answered.
    """

    def __init__(self, folder: Path) -> None:
        self._parts = folder / "parts"
        self._dossiers = folder / "dossiers"
        for made in (self._parts, self._dossiers):
            made.mkdir(mode=0o700, parents=True, exist_ok=True)

    def put_part(self, sha256: str, data: bytes) -> bool:
        """Keep a part; see `BlobStore.put_part`."""
        path = self._part(sha256)
        if path.exists() and path.stat().st_size == len(data):
            return False
        path.parent.mkdir(exist_ok=True)
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
        path.parent.mkdir(exist_ok=True)
        fresh = path.with_name(f".{secrets.token_hex(8)}")
        try:
            self._join(fresh, digests, sealed_sha256=sealed_sha256, size=size)
            fresh.replace(path)
        finally:
            fresh.unlink(missing_ok=True)
        for folder in (path.parent, self._dossiers):
            _sync_folder(folder)

    def _join(self, fresh: Path, digests: Sequence[str], *, sealed_sha256: str, size: int) -> None:
        whole = hashlib.sha256()
        written = 0
        with fresh.open("wb") as file:
            for digest in digests:
                data = self._read_part(digest)
                whole.update(data)
                written += file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if written != size or whole.hexdigest() != sealed_sha256:
            raise BlobMismatchError("the parts together are not the dossier of the manifest")

    def _read_part(self, digest: str) -> bytes:
        path = self._part(digest)
        try:
            data = path.read_bytes()
        except FileNotFoundError:
            raise PartsMissingError([digest]) from None
        if hashlib.sha256(data).hexdigest() != digest:
            path.unlink(missing_ok=True)
            raise PartsMissingError([digest])
        return data

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


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
