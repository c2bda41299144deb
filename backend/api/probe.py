"""How wide the line is: takes bytes and throws them away, gives bytes that mean nothing."""

import base64
import os
from typing import Annotated

from fastapi import APIRouter, Query

from backend.api.access import Backend, SignedPart, limited
from backend.api.answers import problems
from backend.messages import Probed, canonical_json, sha256_hex

router = APIRouter(prefix="/v1", tags=["line"])

MOST_BACK = 32 * 1024
"""Bytes of filler in one answer: a kiosk cuts every answer at 64 KiB."""


@router.post(
    "/probe",
    responses=problems(400, 401, 409, 413, 422, 429, 503),
    openapi_extra={
        "requestBody": {
            "description": "At most 256 KiB, which are counted and thrown away",
            "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
        }
    },
)
def post_probe(
    services: Backend, signed: SignedPart, back: Annotated[int, Query(ge=0, le=MOST_BACK)] = 0
) -> Probed:
    """Tell a kiosk's technician how wide the line is; a few times a minute, nothing is kept."""
    limited(services.probe_rate, signed.kiosk.id, services.now().timestamp())
    filler = base64.b64encode(os.urandom(back * 3 // 4)).decode("ascii")
    digest = sha256_hex(filler.encode("ascii"))
    told = {"received": len(signed.body), "sha256": signed.sha256, "filler_sha256": digest}
    return Probed(
        received=len(signed.body),
        sha256=signed.sha256,
        filler=filler,
        filler_sha256=digest,
        signature=services.keys.sign(canonical_json(told)),
    )
