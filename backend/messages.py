"""Wire v1 as pydantic models: the OpenAPI document comes from here."""

import datetime as dt
import hashlib
import json
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from backend.settings import PART_LIMIT

Digest = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Code = Annotated[str, StringConstraints(min_length=1, max_length=40, pattern=r"^[A-Za-z0-9._-]+$")]
Words = Annotated[str, StringConstraints(max_length=200)]
MAX_PARTS = 4096


class Message(BaseModel):
    """Unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class PartEntry(Message):
    """One part of a sealed dossier."""

    sha256: Digest
    size: Annotated[int, Field(ge=1, le=PART_LIMIT)]


class ConsentRecord(Message):
    """What the citizen agreed to; no person."""

    version: Words
    purpose: Words
    language: Annotated[str, StringConstraints(max_length=10)]
    given_at: AwareDatetime
    method: Annotated[str, StringConstraints(max_length=20)] = "touch"


class Manifest(Message):
    """What a dossier will consist of, before its bytes come."""

    procedure: Code
    form_version: Words
    created_at: AwareDatetime
    sealed_sha256: Digest
    size: Annotated[int, Field(ge=1)]
    parts: Annotated[list[PartEntry], Field(min_length=1, max_length=MAX_PARTS)]
    receipt_code: Annotated[str, StringConstraints(pattern=r"^K\d{2,3}-\d{6}-\d{4,7}$")]
    consent: ConsentRecord
    token_sha256: Digest | None = None
    """Hash of the token in the receipt's QR: opens the progress page."""

    @model_validator(mode="after")
    def _sizes_agree(self) -> "Manifest":
        if sum(part.size for part in self.parts) != self.size:
            raise ValueError("the sizes of the parts do not add up to size")
        return self


class ManifestKept(BaseModel):
    """The manifest is known; `missing` parts are still to be sent."""

    state: Literal["receiving", "stored"]
    missing: list[Digest]


class PartStored(BaseModel):
    """The part is here."""

    sha256: Digest


class Receipt(BaseModel):
    """The promise that a dossier is safe. `signature` is Ed25519 over the canonical JSON of the rest."""

    dossier_id: str
    official_code: str
    tracking_url: str
    manifest_sha256: Digest
    stored_at: str
    signature: str


class Problem(BaseModel):
    """Why a request was refused and what to do."""

    code: str
    message: str
    missing: list[str] = []
    server_time: str = ""
    """Set when the kiosk's clock is off."""


class EnrolRequest(Message):
    """A kiosk asks to be let in."""

    code: Annotated[str, StringConstraints(min_length=4, max_length=40)]
    kiosk_public_key: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{43}$")]
    name: Annotated[str, StringConstraints(min_length=1, max_length=200)]


class Enrolled(BaseModel):
    """Who the kiosk is, and what it needs to seal and to check receipts."""

    kiosk_id: str
    unit_code: str
    verify_key: str
    recipients: list[str]
    public_url: str


class NextKey(Message):
    """A kiosk announces the key it will sign with from now on."""

    public_key: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{43}$")]
    proof: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{86}$")]
    """Ed25519 by the announced key over the canonical JSON of `kiosk_id` and `public_key`."""


class KeyKept(BaseModel):
    """Both keys are good until the announced one has signed. `signature` covers the rest."""

    kiosk_id: str
    public_key: str
    signature: str


class ProgressAnswer(BaseModel):
    """Where a dossier stands; no name."""

    code: str
    receipt_code: str
    state: Annotated[int, Field(ge=1, le=10)]
    since: AwareDatetime
    unit: str
    due: dt.date | None
    next_step: str
    procedure: str
    procedure_name: str = ""
    """In Vietnamese, as the kiosk named it; empty until the dossier was opened."""


class TicketGiven(Message):
    """A number a kiosk has given out."""

    id: Annotated[str, StringConstraints(pattern=r"^[0-9a-f-]{36}$")]
    number: Annotated[str, StringConstraints(pattern=r"^[A-Z]{1,2}\d{3,8}$")]
    series: Annotated[str, StringConstraints(pattern=r"^[A-Z]{1,2}$")]
    service: Words
    issued_at: AwareDatetime


class RatingGiven(Message):
    """One touch on a face; anonymous."""

    id: Annotated[str, StringConstraints(pattern=r"^[0-9a-f-]{36}$")]
    score: Annotated[int, Field(ge=1, le=3)]
    reasons: Annotated[list[Code], Field(max_length=10)] = []
    given_at: AwareDatetime


class Kept(BaseModel):
    """It is here, now or already."""

    id: str


class Heartbeat(Message):
    """A kiosk says that it lives."""

    nonce: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{16,64}$")]
    health: Annotated[dict[Code, str | int | float | bool | None], Field(max_length=50)] = {}


class Heard(BaseModel):
    """Proof that the backend itself answered. `signature` covers `nonce` and `server_time`."""

    nonce: str
    server_time: str
    signature: str
    waiting: int = 0
    """Numbers of this unit that wait to be called, of all kiosks."""
    wait_s: int = 0
    """Estimate for somebody who takes a number now, seconds."""
    waiting_signature: str = ""
    """Covers `nonce`, `server_time`, `waiting` and `wait_s`; kiosks of before check the first two only."""


class Probed(BaseModel):
    """So many bytes arrived, and so many come back. `signature` covers all but `filler` itself."""

    received: int
    sha256: Digest
    """Of what arrived."""
    filler: str
    """As many letters as were asked for; they mean nothing."""
    filler_sha256: Digest
    signature: str


def canonical_json(value: Mapping[str, Any]) -> bytes:
    """Return JSON that is the same bytes everywhere: sorted keys, no spaces, UTF-8."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode("utf-8")


def sha256_hex(data: bytes) -> str:
    """Return a digest as wire v1 writes it."""
    return hashlib.sha256(data).hexdigest()
