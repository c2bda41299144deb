"""A release of the kiosk as one file: a tar whose first members are the list of all others and its signature.

`release.json` names the version and, for every other member, its SHA-256; `release.sig` is the Ed25519
signature of `release.json`. Nothing is written before the signature holds, nor what the list does not name.
Only Python's own library and the `openssl` program are used: this runs before any environment exists.
"""

from __future__ import annotations

import hashlib
import json
import re
import stat
import subprocess
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

LIST_NAME: Final = "release.json"
SIGNATURE_NAME: Final = "release.sig"
_MOST_LIST: Final = 4 << 20
_VERSION: Final = re.compile(r"\d{1,6}\.\d{1,6}\.\d{1,6}")
_CHUNK: Final = 1 << 20


class ReleaseError(Exception):
    """A release cannot be taken; the message says why and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """What a signed list says.

    Args:
        version: Three numbers with dots.
        commit: The commit it was made of.
        size: Bytes of all files together.
        files: SHA-256, hexadecimal, by path below the release's folder.
        programs: The paths that may be executed.
    """

    version: str
    commit: str
    size: int
    files: Mapping[str, str]
    programs: frozenset[str]


def order(version: str) -> tuple[int, ...]:
    """Return what versions are compared by."""
    return tuple(int(part) for part in version.split("."))


def sign(text: bytes, key: Path) -> bytes:
    """Return the Ed25519 signature of a text by a private key in PEM.

    Raises:
        ReleaseError: openssl cannot use the key.
    """
    return _openssl(text, ["-sign", "-inkey", str(key)])


def check_signature(text: bytes, signature: bytes, public_key: Path) -> None:
    """Return when the signature holds.

    Raises:
        ReleaseError: It does not, or the public key cannot be read.
    """
    with tempfile.NamedTemporaryFile() as file:
        file.write(signature)
        file.flush()
        _openssl(text, ["-verify", "-pubin", "-inkey", str(public_key), "-sigfile", file.name])


def _openssl(text: bytes, words: list[str]) -> bytes:
    with tempfile.NamedTemporaryFile() as file:
        file.write(text)
        file.flush()
        command = ["openssl", "pkeyutl", *words, "-rawin", "-in", file.name]
        done = subprocess.run(command, capture_output=True, check=False, timeout=30)
    if done.returncode != 0:
        raise ReleaseError(
            "the signature does not hold: the file was changed, cut off, or made by somebody else. "
            f"Copy it again from the province; take no file whose origin is unknown ({words[-1]})"
        )
    return done.stdout


def read_list(archive: tarfile.TarFile, public_key: Path) -> Release:
    """Read and check the first two members.

    Raises:
        ReleaseError: They are missing, not signed by this key, or not well-formed.
    """
    text = _first_member(archive, LIST_NAME)
    check_signature(text, _first_member(archive, SIGNATURE_NAME), public_key)
    try:
        raw = json.loads(text)
        release = Release(
            version=raw["version"],
            commit=raw["commit"],
            size=int(raw["size"]),
            files=dict(raw["files"]),
            programs=frozenset(raw["programs"]),
        )
    except (ValueError, KeyError, TypeError) as error:
        raise ReleaseError(f"{LIST_NAME} is not the list of a kiosk's release ({error!r})") from error
    if not _VERSION.fullmatch(release.version):
        raise ReleaseError(f"version {release.version[:20]!r} is not three numbers with dots")
    for path in release.files:
        _check_path(path)
    return release


def _first_member(archive: tarfile.TarFile, name: str) -> bytes:
    try:
        member = archive.next()
        if member is None or member.name != name or not member.isreg() or member.size > _MOST_LIST:
            raise ReleaseError(f"the file is no release of the kiosk: {name} is not where it must be")
        file = archive.extractfile(member)
        return file.read() if file is not None else b""
    except (tarfile.TarError, OSError) as error:
        raise ReleaseError(f"the file is no release, or cut off: {error}; copy it again") from error


def _check_path(path: str) -> None:
    pure = PurePosixPath(path)
    if pure.is_absolute() or ".." in pure.parts or not pure.parts or "\0" in path:
        raise ReleaseError(f"the list names a path outside the release: {path[:80]!r}")


def unpack(archive: tarfile.TarFile, release: Release, folder: Path) -> None:
    """Write every file of the list below a new folder, each with its SHA-256 checked while it is written.

    Raises:
        ReleaseError: A file is missing, changed, twice, unnamed, or no plain file.
        OSError: The disk is full or broken.
    """
    folder.mkdir(parents=True)
    left = dict(release.files)
    while (member := _next(archive)) is not None:
        wanted = left.pop(member.name, None)
        if wanted is None or not member.isreg():
            raise ReleaseError(f"{member.name[:80]!r} is not on the signed list, or no plain file")
        source = archive.extractfile(member)
        if source is None or _write(source, folder / member.name) != wanted:
            raise ReleaseError(f"{member.name!r} is not what was signed; copy the file again")
        if member.name in release.programs:
            path = folder / member.name
            path.chmod(path.stat().st_mode | stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH)
    if left:
        raise ReleaseError(f"{len(left)} files are missing, such as {min(left)!r}; copy the file again")


def _next(archive: tarfile.TarFile) -> tarfile.TarInfo | None:
    try:
        return archive.next()
    except tarfile.TarError as error:
        raise ReleaseError(f"the file is cut off: {error}; copy it again") from error


def _write(source: IO[bytes], path: Path) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    digest = hashlib.sha256()
    with path.open("xb") as target:
        try:
            while chunk := source.read(_CHUNK):
                digest.update(chunk)
                target.write(chunk)
        except tarfile.TarError as error:
            raise ReleaseError(f"the file is cut off: {error}; copy it again") from error
    return digest.hexdigest()
