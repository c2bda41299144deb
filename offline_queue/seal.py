"""The dossier as one sealed file: a ZIP with documented names, encrypted with age to the backend.

This kiosk holds no key that opens it again. The format is described in docs/dossier-format.md.
"""

from __future__ import annotations

import hashlib
import importlib
import io
import json
import zipfile
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Protocol, cast

from offline_queue.errors import NotEnrolledError
from offline_queue.identifiers import token_digest
from offline_queue.messages import canonical_json

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence
    from uuid import UUID

    from offline_queue.ports import Document, HandIn

FORMAT = "kiosk-dossier"
FORMAT_VERSION = 1
PART_BYTES = 256 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedDossier:
    """A dossier ready to be stored: nobody on this kiosk can open it."""

    dossier_id: UUID
    receipt_code: str
    procedure: str
    token_sha256: str
    manifest: bytes = field(repr=False)
    """Of the wire; names the parts, holds no person."""
    parts: tuple[tuple[str, bytes], ...] = field(repr=False)
    """SHA-256 and bytes, in order."""

    @property
    def size(self) -> int:
        """Sealed bytes."""
        return sum(len(data) for _, data in self.parts)


class _Recipients(Protocol):
    def from_str(self, text: str, /) -> object: ...


class _X25519(Protocol):
    @property
    def Recipient(self) -> _Recipients: ...  # noqa: N802 - pyrage's own name


class _Age(Protocol):
    """The part of pyrage that is used; the wheel ships no types."""

    @property
    def x25519(self) -> _X25519: ...
    @property
    def RecipientError(self) -> type[Exception]: ...  # noqa: N802 - pyrage's own name
    def encrypt(self, plain: bytes, recipients: Sequence[object], /) -> bytes: ...


def seal_dossier(
    hand_in: HandIn,
    recipients: Sequence[str],
    *,
    dossier_id: UUID,
    receipt_code: str,
    token: str,
    created_at: dt.datetime,
    part_bytes: int,
) -> SealedDossier:
    """Pack, seal, cut and name a dossier; for 5 MB about 50 ms of an old processor.

    Args:
        hand_in: What the citizen handed in.
        recipients: age X25519 public keys, `age1…`.
        dossier_id: The id minted at hand-in.
        receipt_code: The kiosk's own code.
        token: What the receipt's QR holds; only its digest is kept.
        created_at: When it was handed in.
        part_bytes: Size of a part.

    Raises:
        NotEnrolledError: No recipient is known, or one is not an age key.
    """
    plain = pack(hand_in, dossier_id=dossier_id, receipt_code=receipt_code, created_at=created_at)
    sealed = seal(plain, recipients)
    parts = tuple((hashlib.sha256(data).hexdigest(), data) for data in split(sealed, part_bytes))
    manifest = {
        **_on_the_wire(hand_in, receipt_code, created_at),
        **_bytes_to_come(sealed, parts),
        "token_sha256": token_digest(token),
    }
    return SealedDossier(
        dossier_id=dossier_id,
        receipt_code=receipt_code,
        procedure=hand_in.procedure,
        token_sha256=token_digest(token),
        manifest=canonical_json(manifest),
        parts=parts,
    )


def pack(hand_in: HandIn, *, dossier_id: UUID, receipt_code: str, created_at: dt.datetime) -> bytes:
    """Return the dossier as a ZIP: `manifest.json`, `answers.json`, `documents/…`.

    Args:
        hand_in: What the citizen handed in.
        dossier_id: The id minted at hand-in.
        receipt_code: The kiosk's own code.
        created_at: When it was handed in.
    """
    answers = _json(dict(hand_in.answers))
    manifest = {
        "format": FORMAT,
        "version": FORMAT_VERSION,
        "dossier_id": str(dossier_id),
        **_on_the_wire(hand_in, receipt_code, created_at),
        "procedure_name": hand_in.procedure_name,
        "id_number": hand_in.id_number,
        "card_proof": dict(hand_in.card_proof),
        "answers_sha256": hashlib.sha256(answers).hexdigest(),
        "documents": [_described(document) for document in hand_in.documents],
    }
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        _add(archive, "manifest.json", _json(manifest), zipfile.ZIP_DEFLATED)
        _add(archive, "answers.json", answers, zipfile.ZIP_DEFLATED)
        for document in hand_in.documents:
            # PDFs and JPEGs are compressed already: storing them saves time on an old processor.
            _add(archive, f"documents/{document.name}", document.data, zipfile.ZIP_STORED)
    return buffer.getvalue()


def _on_the_wire(hand_in: HandIn, receipt_code: str, created_at: dt.datetime) -> dict[str, Any]:
    """Return what both manifests say of the hand-in itself: the sealed one and the one of the wire."""
    return {
        "receipt_code": receipt_code,
        "procedure": hand_in.procedure,
        "form_version": hand_in.form_version,
        "created_at": created_at.isoformat(),
        "consent": _consent(hand_in),
    }


def _bytes_to_come(sealed: bytes, parts: Sequence[tuple[str, bytes]]) -> dict[str, Any]:
    return {
        "sealed_sha256": hashlib.sha256(sealed).hexdigest(),
        "size": len(sealed),
        "parts": [{"sha256": digest, "size": len(data)} for digest, data in parts],
    }


def _described(document: Document) -> dict[str, Any]:
    return {
        "name": document.name,
        "media_type": document.media_type,
        "sha256": hashlib.sha256(document.data).hexdigest(),
        "size": len(document.data),
    }


def seal(plain: bytes, recipients: Sequence[str]) -> bytes:
    """Encrypt to every recipient (backend and escrow).

    Args:
        plain: The packed dossier.
        recipients: age X25519 public keys, `age1…`.

    Raises:
        NotEnrolledError: No recipient is known, or one is not an age key.

    Source: age-encryption.org/v1.
    """
    if not recipients:
        raise NotEnrolledError("no backend key is known; enrol this kiosk (kiosk enrol CODE --backend URL)")
    age = cast("_Age", importlib.import_module("pyrage"))
    try:
        keys = [age.x25519.Recipient.from_str(text) for text in recipients]
    except age.RecipientError as error:
        raise NotEnrolledError("the backend's age key is damaged; enrol this kiosk again") from error
    return age.encrypt(plain, keys)


def split(sealed: bytes, part_bytes: int = PART_BYTES) -> tuple[bytes, ...]:
    """Cut sealed bytes into parts.

    Args:
        sealed: The whole.
        part_bytes: Size of a part, at most 256 KiB; smaller ones get through a slow line between two cuts.
    """
    size = min(PART_BYTES, part_bytes)
    return tuple(sealed[start : start + size] for start in range(0, len(sealed), size))


def _consent(hand_in: HandIn) -> dict[str, str]:
    return {**asdict(hand_in.consent), "given_at": hand_in.consent.given_at.isoformat()}


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, sort_keys=True).encode("utf-8")


def _add(archive: zipfile.ZipFile, name: str, data: bytes, compression: int) -> None:
    entry = zipfile.ZipInfo(name)  # the fixed date of 1980: the real one is in the manifest
    entry.compress_type = compression
    entry.external_attr = 0o600 << 16
    archive.writestr(entry, data)
