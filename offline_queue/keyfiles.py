"""Secrets on this kiosk: the database key and the kiosk's own signing key, readable by their owner alone."""

from __future__ import annotations

import contextlib
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

from offline_queue.errors import QueueLockedError

if TYPE_CHECKING:
    from collections.abc import Callable

KEY_BYTES = 32
_HEX = re.compile(r"[0-9a-f]{64}")


def keys_dir(data_dir: Path) -> Path:
    """Return the folder of keys, made 0700 when it is not there."""
    folder = data_dir / "keys"
    for made in (data_dir, folder):
        made.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def queue_key(data_dir: Path, *, database_exists: bool, randomness: Callable[[int], bytes]) -> bytes:
    """Return the key of the queue's database: a systemd credential, or a file made at first start.

    Args:
        data_dir: The kiosk's data folder.
        database_exists: There is a database already, so a missing key must never be replaced by a new one.
        randomness: Returns that many random bytes.

    Raises:
        QueueLockedError: The key is missing, out of reach or not 64 hexadecimal digits.
    """
    credential = _credential()
    if credential is not None:
        return _read(credential)
    path = keys_dir(data_dir) / "queue.key"
    if not path.exists():
        if database_exists:
            raise QueueLockedError(f"{path} is missing; restore it from its backup, then start again")
        write_once(path, randomness(KEY_BYTES).hex())
    return _read(path)


def kiosk_key(data_dir: Path, *, randomness: Callable[[int], bytes]) -> bytes:
    """Return the seed of the kiosk's Ed25519 key, made when it is not there.

    Raises:
        QueueLockedError: The file is damaged.
    """
    path = keys_dir(data_dir) / "kiosk.key"
    if not path.exists():
        write_once(path, randomness(KEY_BYTES).hex())
    return _read(path)


def kept_seed(path: Path) -> bytes | None:
    """Return the seed in a key file, or None when there is none.

    Raises:
        QueueLockedError: The file is damaged.
    """
    return _read(path) if path.exists() else None


def new_seed(path: Path, *, randomness: Callable[[int], bytes]) -> bytes:
    """Make a seed, keep it durably in place of any other, and return it."""
    seed = randomness(KEY_BYTES)
    write_durably(path, seed.hex().encode("ascii"))
    return seed


def write_once(path: Path, text: str) -> None:
    """Write a secret durably, 0600; whoever writes second leaves the first one's file as it is."""
    # Another process may have been first; its file is whole, because the link is made after the fsync.
    with contextlib.suppress(FileExistsError):
        _place(path, text.encode("ascii"), replace=False)


def write_durably(path: Path, data: bytes) -> None:
    """Write a whole file, 0600, or none: it survives a power cut once this returns."""
    _place(path, data, replace=True)


def _place(path: Path, data: bytes, *, replace: bool) -> None:
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if replace:
            fresh.replace(path)
        else:
            os.link(fresh, path)
    finally:
        fresh.unlink(missing_ok=True)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make a new or renamed name in a folder survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _credential() -> Path | None:
    folder = os.environ.get("CREDENTIALS_DIRECTORY")
    if not folder:
        return None
    path = Path(folder) / "queue.key"
    try:
        return path if path.exists() else None
    except PermissionError as error:
        # Whether a key lies behind it cannot be known, and a second one would lock the first one's queue.
        raise QueueLockedError(f"{folder} is closed to us; systemd could not hand the key over") from error


def _read(path: Path) -> bytes:
    try:
        text = path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise QueueLockedError(f"{path} cannot be read; restore it from its backup") from error
    if not _HEX.fullmatch(text):
        raise QueueLockedError(f"{path} is damaged (64 hexadecimal digits expected); restore it")
    return bytes.fromhex(text)
