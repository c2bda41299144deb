"""What kiosk and backend say to each other (wire v1), as typed values.

Answers of the backend may hold keys this kiosk does not know: an old kiosk must go on with a newer backend.
Everything else refuses unknown keys.
"""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

if TYPE_CHECKING:
    from collections.abc import Mapping

T = TypeVar("T")


class Manifested(msgspec.Struct, frozen=True, kw_only=True):
    """Answer to a manifest: which parts the backend still needs."""

    state: str
    missing: list[str]


class Missing(msgspec.Struct, frozen=True, kw_only=True):
    """Answer 409: what is missing before a commit can be made."""

    missing: list[str] = msgspec.field(default_factory=list)


class PartKept(msgspec.Struct, frozen=True, kw_only=True):
    """Answer to a part: the digest under which it was kept."""

    sha256: str


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """Answer to a ticket or a rating."""

    id: str


class Refused(msgspec.Struct, frozen=True, kw_only=True):
    """Answer 4xx of the backend itself: why."""

    code: str


class StoredReceipt(msgspec.Struct, frozen=True, kw_only=True):
    """The backend's promise that a dossier is safe, signed."""

    dossier_id: str
    official_code: str
    tracking_url: str
    manifest_sha256: str
    stored_at: str
    signature: str

    def signed_bytes(self) -> bytes:
        """Return what the signature covers: canonical JSON of everything but the signature."""
        return canonical_json(
            {
                "dossier_id": self.dossier_id,
                "manifest_sha256": self.manifest_sha256,
                "official_code": self.official_code,
                "stored_at": self.stored_at,
                "tracking_url": self.tracking_url,
            }
        )


class KeyKept(msgspec.Struct, frozen=True, kw_only=True):
    """Answer to an announced key, signed over what was announced."""

    signature: str


class Heard(msgspec.Struct, frozen=True, kw_only=True):
    """Answer to a heartbeat, signed so that nobody else can play the backend."""

    nonce: str
    server_time: str
    signature: str
    waiting: int | None = None
    """Numbers of this centre that wait to be called; None from a backend that does not tell."""
    wait_s: int = 0
    waiting_signature: str = ""
    """Over all of the above but the signature of before there were numbers."""

    def signed_bytes(self) -> bytes:
        """Return what the signature covers."""
        return canonical_json(self._proof())

    def signed_waiting(self) -> bytes:
        """Return what the signature of the numbers covers."""
        return canonical_json({**self._proof(), "waiting": self.waiting, "wait_s": self.wait_s})

    def _proof(self) -> dict[str, str]:
        return {"nonce": self.nonce, "server_time": self.server_time}


class Probed(msgspec.Struct, frozen=True, kw_only=True):
    """Answer to a measurement of the line, signed over all but the filler itself."""

    received: int
    sha256: str
    filler: str
    filler_sha256: str
    signature: str

    def signed_bytes(self) -> bytes:
        """Return what the signature covers."""
        told = {"received": self.received, "sha256": self.sha256, "filler_sha256": self.filler_sha256}
        return canonical_json(told)


class Enrolled(msgspec.Struct, frozen=True, kw_only=True):
    """Answer to an enrolment: who this kiosk is, and the backend's public keys."""

    kiosk_id: str
    unit_code: str
    verify_key: str
    recipients: list[str]
    public_url: str


class Progress(msgspec.Struct, frozen=True, kw_only=True):
    """Answer to a look-up."""

    code: str
    receipt_code: str
    state: int
    since: dt.datetime
    unit: str
    next_step: str
    due: dt.date | None = None
    procedure: str = ""


def canonical_json(value: Mapping[str, Any]) -> bytes:
    """Return JSON that is the same bytes everywhere: sorted keys, no spaces, UTF-8."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode("utf-8")


def decode(body: bytes, kind: type[T]) -> T | None:
    """Return the answer, or None when the body is not ours (a captive portal's page, half an answer)."""
    try:
        return msgspec.json.decode(body, type=kind)
    except (msgspec.DecodeError, msgspec.ValidationError, UnicodeDecodeError):
        return None
