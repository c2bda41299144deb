"""What a store of sealed bytes promises."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator, Sequence


class PartsMissingError(Exception):
    """Parts are not there, or what lies there is damaged; `digests` must be sent (again)."""

    def __init__(self, digests: Sequence[str]) -> None:
        super().__init__("parts are missing; send them, then commit again")
        self.digests = tuple(digests)


class BlobMismatchError(Exception):
    """All parts are there, but together they are not the dossier the manifest promised."""


class BlobStore(Protocol):
    """Keeps parts until a commit, and whole sealed dossiers for good."""

    def put_part(self, sha256: str, data: bytes) -> bool:
        """Keep a part under its digest; return False when it was there. The caller has checked the digest."""
        ...

    def missing(self, digests: Sequence[str]) -> list[str]:
        """Return those digests that are not there, each once, in order."""
        ...

    def assemble(self, dossier_id: str, digests: Sequence[str], *, sealed_sha256: str, size: int) -> None:
        """Put a dossier together from its parts; whatever was there of it before is replaced.

        Raises:
            PartsMissingError: A part is not there or damaged.
            BlobMismatchError: The whole has another digest or size.
        """
        ...

    def settle(self, dossier_ids: Sequence[str]) -> None:
        """Make dossiers that were put together survive a power cut, once this returns."""
        ...

    def drop_parts(self, digests: Sequence[str]) -> None:
        """Forget parts that are not needed any more."""
        ...

    def read(self, dossier_id: str) -> bytes:
        """Return a whole sealed dossier.

        Raises:
            OSError: It cannot be read now.
        """
        ...

    def parts_before(self, moment: dt.datetime) -> Iterator[str]:
        """Return the digests of parts that were kept before a moment."""
        ...

    def close(self) -> None:
        """Let connections go."""
        ...
