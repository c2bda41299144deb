"""The backend's own keys: receipts are signed, dossiers opened, ID digits hashed with them."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import hmac
import importlib
import os
import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol, cast

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path


class _Identity(Protocol):
    def to_public(self) -> object: ...


class _Identities(Protocol):
    def generate(self) -> _Identity: ...
    def from_str(self, text: str, /) -> _Identity: ...


class _X25519(Protocol):
    @property
    def Identity(self) -> _Identities: ...  # noqa: N802 - pyrage's own name


class _Age(Protocol):
    """The part of pyrage that is used; the wheel ships no types."""

    @property
    def x25519(self) -> _X25519: ...
    @property
    def DecryptError(self) -> type[Exception]: ...  # noqa: N802 - pyrage's own name
    def decrypt(self, sealed: bytes, identities: Sequence[object], /) -> bytes: ...


class SealError(Exception):
    """A sealed dossier does not open with this backend's key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyRing:
    """Private keys of one backend."""

    signing: Ed25519PrivateKey = field(repr=False)
    age_identity: str = field(repr=False)
    escrow_recipient: str
    digits_key: bytes = field(repr=False)

    def sign(self, content: bytes) -> str:
        """Return an Ed25519 signature, base64url."""
        return _text(self.signing.sign(content))

    def verify_key(self) -> str:
        """Return the public key kiosks check receipts with, base64url."""
        return _text(self.signing.public_key().public_bytes_raw())

    def recipients(self) -> tuple[str, str]:
        """Return the age keys a dossier is sealed to: this backend's, and the escrow's."""
        return (str(_age().x25519.Identity.from_str(self.age_identity).to_public()), self.escrow_recipient)

    def open_sealed(self, sealed: bytes) -> bytes:
        """Decrypt a dossier.

        Raises:
            SealError: It was sealed to somebody else, or is damaged.
        """
        age = _age()
        try:
            return age.decrypt(sealed, [age.x25519.Identity.from_str(self.age_identity)])
        except age.DecryptError as error:
            raise SealError("sealed to another key, or damaged") from error

    def digits_hash(self, dossier_id: str, tail: str) -> str:
        """Return the keyed hash of the last four digits of an ID number, for this dossier alone."""
        return hmac.new(self.digits_key, f"{dossier_id}:{tail}".encode(), hashlib.sha256).hexdigest()

    def person_hash(self, id_number: str) -> str:
        """Return the keyed hash of a whole ID number, the same for all dossiers of that person."""
        return hmac.new(self.digits_key, f"person:{id_number}".encode(), hashlib.sha256).hexdigest()


def load_keys(folder: Path) -> KeyRing:
    """Return the keys in a folder, made at the first start.

    The escrow key opens every dossier when the backend's own key is lost: move `escrow.key` to a safe place.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    escrow_public = folder / "escrow.pub"
    if not escrow_public.exists():
        identity = _age().x25519.Identity.generate()
        _write_once(folder / "escrow.key", str(identity))
        kept = _age().x25519.Identity.from_str(_read(folder / "escrow.key"))
        _write_once(escrow_public, str(kept.to_public()))
    seed = _kept(folder / "signing.key", lambda: secrets.token_hex(32))
    return KeyRing(
        signing=Ed25519PrivateKey.from_private_bytes(bytes.fromhex(seed)),
        age_identity=_kept(folder / "age.key", lambda: str(_age().x25519.Identity.generate())),
        escrow_recipient=_read(escrow_public),
        digits_key=bytes.fromhex(_kept(folder / "digits.key", lambda: secrets.token_hex(32))),
    )


def _age() -> _Age:
    return cast("_Age", importlib.import_module("pyrage"))


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def _kept(path: Path, make: Callable[[], str]) -> str:
    if not path.exists():
        _write_once(path, make())
    return _read(path)


def _read(path: Path) -> str:
    return path.read_text(encoding="ascii").strip()


def _write_once(path: Path, text: str) -> None:
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    # Another process may have been first; its key is whole and is the one to use.
    with contextlib.suppress(FileExistsError):
        os.link(fresh, path)
    fresh.unlink()
