"""What a store of sealed bytes promises."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Collection, Sequence


class PartsMissingError(Exception):
    """Parts are not there, or what lies there is damaged; `digests` must be sent (again)."""

    def __init__(self, digests: Sequence[str]) -> None:
        super().__init__("parts are missing; send them, then commit again")
        self.digests = tuple(digests)


class BlobMismatchError(Exception):
    """All parts are there, but together they are not the dossier the manifest promised."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What a dossier will consist of, as its manifest says; the same for ever under its id."""

    dossier_id: str
    parts: tuple[tuple[str, int], ...]
    """SHA-256 and bytes of each, in order."""
    sealed_sha256: str
    """Of the whole."""
    size: int
    """Bytes of the whole."""

    @property
    def digests(self) -> tuple[str, ...]:
        """SHA-256 of each part, in order."""
        return tuple(digest for digest, _ in self.parts)


class BlobStore(Protocol):
    """Keeps parts until a commit, and whole sealed dossiers for good."""

    def expect(self, expected: Expected) -> list[str]:
        """Return the digests of a coming dossier that are not there, each once, in order."""
        ...

    def put_part(self, sha256: str, data: bytes) -> bool:
        """Keep a part under its digest; return False when it was there. The caller has checked the digest."""
        ...

    def assemble(self, expected: Expected) -> None:
        """Put a dossier together from its parts; whatever was there of it before is replaced.

        Raises:
            PartsMissingError: A part is not there or damaged.
            BlobMismatchError: The whole has another digest or size.
        """
        ...

    def settle(self, dossier_ids: Sequence[str]) -> None:
        """Make dossiers that were put together survive a power cut, once this returns."""
        ...

    def let_go(self, expected: Expected) -> None:
        """Forget the parts of a dossier that is stored."""
        ...

    def read(self, dossier_id: str) -> bytes:
        """Return a whole sealed dossier.

        Raises:
            OSError: It cannot be read now.
        """
        ...

    def sweep(self, before: dt.datetime, *, coming: Collection[Expected]) -> int:
        """Drop what was kept before a moment for no coming dossier; return how many files."""
        ...

    def close(self) -> None:
        """Let connections and files go."""
        ...
