"""Manifest, parts, commit."""

import hmac
import json
import logging
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Path, Request, Response
from fastapi.concurrency import run_in_threadpool
from pydantic import ValidationError
from starlette.background import BackgroundTask

from backend.api.access import Backend, SignedJson, SignedPart, services_of
from backend.api.answers import body_of, problems
from backend.api.batches import batches_of
from backend.blobs.ports import Expected
from backend.messages import Digest, Manifest, ManifestKept, PartStored, Receipt
from backend.services import Refusal, Services
from backend.store import ingest

log = logging.getLogger(__name__)

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
async def put_manifest(
    services: Backend, request: Request, signed: SignedJson, dossier_id: DossierId, response: Response
) -> ManifestKept:
    """Announce a dossier; the answer lists the parts still missing."""
    manifest, raw = _read_manifest(signed.body)
    kept = await batches_of(request).manifests.ask(
        ingest.announced(signed.kiosk, str(dossier_id), manifest, raw)
    )
    response.status_code = 201 if kept.new else 200
    if kept.state == "stored":
        return ManifestKept(state="stored", missing=[])
    expected = ingest.expected_of(str(dossier_id), raw)
    return ManifestKept(state="receiving", missing=await run_in_threadpool(services.blobs.expect, expected))


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
    response_model=PartStored,
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
async def put_part(request: Request, signed: SignedPart, sha256: Digest) -> Response:
    """Keep one part, in any order, as often as wanted."""
    if not signed.body or not hmac.compare_digest(signed.sha256, sha256):
        raise Refusal(422, "part.digest", "the body does not have this digest")
    new = await run_in_threadpool(services_of(request).blobs.put_part, sha256, signed.body)
    # A dossier has many parts: what is known to be right is not judged once more on its way out.
    answer = PartStored.model_construct(sha256=sha256).model_dump_json()
    return Response(answer, status_code=201 if new else 200, media_type="application/json")


@router.post(
    "/dossiers/{dossier_id}/commit",
    status_code=201,
    response_model=Receipt,
    responses={
        200: {"model": Receipt, "description": "Stored before"},
        **problems(400, 401, 404, 409, 413, 422, 429, 503),
    },
)
async def post_commit(
    services: Backend, request: Request, signed: SignedPart, dossier_id: DossierId
) -> Response:
    """Make the dossier safe; the receipt is signed only after bytes and row are on the disk."""
    name = str(dossier_id)
    if not services.committing.enter(name):
        raise Refusal(409, "dossier.in_progress", "another request is at this dossier; try again")
    try:
        base_url = services.settings.public_url or str(request.base_url).rstrip("/")
        found = await run_in_threadpool(ingest.assemble, services, signed.kiosk, name, base_url=base_url)
        if isinstance(found, ingest.Stored):
            return _receipt(found)
        stored = await batches_of(request).commits.ask(found)
    finally:
        services.committing.leave(name)
    answer = _receipt(stored)
    answer.background = BackgroundTask(_tidy, services, found.expected)
    return answer


def _receipt(stored: ingest.Stored) -> Response:
    return Response(stored.receipt, status_code=201 if stored.new else 200, media_type="application/json")


def _tidy(services: Services, expected: Expected) -> None:
    try:
        services.blobs.let_go(expected)
    except OSError as error:
        # The dossier is safe; what is left over is swept after a week.
        log.warning("parts.not_dropped", extra={"cause": type(error).__name__})
