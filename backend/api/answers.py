"""How refusals look, on the wire and in the OpenAPI document."""

import logging
from typing import Any

from fastapi import Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from starlette.requests import ClientDisconnect

from backend.messages import Problem
from backend.services import Refusal
from backend.web.refused_page import refused_page

log = logging.getLogger(__name__)

_WHY = {
    400: "Broken off or not understood",
    401: "Not signed by an enrolled kiosk, or its clock is off",
    403: "Not allowed",
    404: "Unknown",
    409: "Parts are missing, another request is at it, or the request was replayed: try again",
    413: "Too long",
    422: "Never acceptable as it is",
    503: "The store does not answer: wait for Retry-After seconds",
    429: "Asked too often, or too many wrong tries: wait for Retry-After seconds",
}


BODY_SCHEMAS: dict[str, Any] = {}
"""What the bodies below refer to; FastAPI does not see them, so `backend.app` adds them to the document."""


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return the OpenAPI entries of these refusals."""
    return {status: {"model": Problem, "description": _WHY[status]} for status in statuses}


def body_of(model: type[BaseModel]) -> dict[str, Any]:
    """Return the OpenAPI entry of a JSON body that the route reads by itself (it is signed as bytes)."""
    schema = model.model_json_schema(ref_template="#/components/schemas/{model}")
    BODY_SCHEMAS.update(schema.pop("$defs", {}))
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}


def refuse(request: Request, refusal: Exception) -> Response:
    """Turn a refusal into its answer: JSON for machines, a page for members of staff."""
    if not isinstance(refusal, Refusal):
        raise TypeError("only refusals are registered here")
    if request.url.path.startswith("/staff"):
        return refused_page(refusal)
    problem = Problem(
        code=refusal.code,
        message=refusal.message,
        missing=list(refusal.missing),
        server_time=refusal.server_time,
    )
    headers = {} if refusal.retry_after_s is None else {"Retry-After": str(refusal.retry_after_s)}
    return JSONResponse(problem.model_dump(), status_code=refusal.status, headers=headers)


def store_ill(request: Request, error: Exception) -> Response:
    """Answer when database, disk or object store does not work: nothing was acknowledged."""
    log.error("store.failed", extra={"cause": type(error).__name__})
    return refuse(
        request,
        Refusal(503, "store.unavailable", "the store does not answer; send it again", retry_after_s=30),
    )


def unstorable(request: Request, error: Exception) -> Response:
    """Answer when the database takes a value for none of its kind: a NUL in a text, say."""
    log.warning("request.unstorable", extra={"cause": type(error).__name__})
    return refuse(request, Refusal(422, "request.invalid", "a value holds what no database can hold"))


def broken_off(request: Request, error: Exception) -> JSONResponse:
    """Answer into the void when the sender hung up in the middle of its body."""
    del request
    if not isinstance(error, ClientDisconnect):
        raise TypeError("only disconnects are registered here")
    problem = Problem(code="body.broken_off", message="the body ended early; send it again")
    return JSONResponse(problem.model_dump(), status_code=400)
