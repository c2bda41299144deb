"""Manifest, parts, commit."""

import hmac
import json
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Path, Response
from pydantic import ValidationError

from backend.api.access import Backend, SignedJson, SignedPart
from backend.api.answers import body_of, problems
from backend.messages import Digest, Manifest, ManifestKept, PartStored, Receipt, sha256_hex
from backend.services import Refusal
from backend.store import ingest

router = APIRouter(prefix="/v1", tags=["dossiers"])

DossierId = Annotated[UUID, Path(description="UUIDv7, minted once by the kiosk at hand-in")]


@router.put(
    "/dossiers/{dossier_id}",
    status_code=201,
    responses={
        200: {"model": ManifestKept, "description": "Known already"},
        **problems(400, 401, 409, 413, 422, 429, 503),
    },
    openapi_extra=body_of(Manifest),
)
def put_manifest(
    services: Backend, signed: SignedJson, dossier_id: DossierId, response: Response
) -> ManifestKept:
    """Announce a dossier; the answer lists the parts still missing."""
    manifest, raw = _read_manifest(signed.body)
    new, state, missing = ingest.keep_manifest(services, signed.kiosk, str(dossier_id), manifest, raw)
    response.status_code = 201 if new else 200
    return ManifestKept.model_validate({"state": state, "missing": missing})


def _read_manifest(body: bytes) -> tuple[Manifest, dict[str, Any]]:
    try:
        manifest = Manifest.model_validate_json(body)
        return manifest, json.loads(body)
    except ValidationError as error:
        where = "; ".join(
            f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors(include_input=False)[:5]
        )
        raise Refusal(422, "manifest.invalid", where) from error


@router.put(
    "/parts/{sha256}",
    status_code=201,
    responses={
        200: {"model": PartStored, "description": "Known already"},
        **problems(400, 401, 409, 413, 422, 429, 503),
    },
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
        }
    },
)
def put_part(services: Backend, signed: SignedPart, sha256: Digest, response: Response) -> PartStored:
    """Keep one part, in any order, as often as wanted."""
    if not signed.body or not hmac.compare_digest(sha256_hex(signed.body), sha256):
        raise Refusal(422, "part.digest", "the body does not have this digest")
    response.status_code = 201 if services.blobs.put_part(sha256, signed.body) else 200
    return PartStored(sha256=sha256)


@router.post(
    "/dossiers/{dossier_id}/commit",
    status_code=201,
    responses={
        200: {"model": Receipt, "description": "Stored before"},
        **problems(400, 401, 404, 409, 413, 422, 429, 503),
    },
)
def post_commit(services: Backend, signed: SignedPart, dossier_id: DossierId, response: Response) -> Receipt:
    """Make the dossier safe; the receipt is signed only after bytes and row are on the disk."""
    new, receipt = ingest.commit(
        services, signed.kiosk, str(dossier_id), base_url=services.settings.public_url or signed.base_url
    )
    response.status_code = 201 if new else 200
    return receipt
