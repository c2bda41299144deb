"""Enrolment, heartbeats, look-ups, and what a counter hands over: tickets and ratings."""

from typing import Annotated, TypeVar

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ValidationError

from backend.api.access import Backend, EnrolBody, SignedPart, address_of, limited, proved
from backend.api.answers import body_of, problems
from backend.messages import (
    Enrolled,
    EnrolRequest,
    Heard,
    Heartbeat,
    Kept,
    KeyKept,
    NextKey,
    ProgressAnswer,
    RatingGiven,
    TicketGiven,
    canonical_json,
)
from backend.services import Refusal
from backend.store import fleet, line, lookup, rotation
from backend.store.ingest import row_time
from backend.store.models import Dossier

router = APIRouter(prefix="/v1", tags=["counter"])

M = TypeVar("M", bound=BaseModel)


def _decoded(body: bytes, model: type[M]) -> M:
    try:
        return model.model_validate_json(body)
    except ValidationError as error:
        where = "; ".join(".".join(map(str, e["loc"])) for e in error.errors(include_input=False)[:5])
        raise Refusal(422, "body.invalid", f"wrong or missing: {where or 'not JSON'}") from error


@router.post(
    "/enrol",
    status_code=201,
    responses=problems(400, 403, 413, 422, 429, 503),
    openapi_extra=body_of(EnrolRequest),
)
def post_enrol(services: Backend, request: Request, body: EnrolBody) -> Enrolled:
    """Exchange a one-time code for an identity."""
    limited(services.door_rate, f"enrol {address_of(request)}", services.now().timestamp())
    kiosk = fleet.enrol(services, _decoded(body, EnrolRequest))
    return Enrolled(
        kiosk_id=kiosk.id,
        unit_code=kiosk.unit_code,
        verify_key=services.keys.verify_key(),
        recipients=list(services.keys.recipients()),
        public_url=services.settings.public_url,
    )


@router.post("/keys", responses=problems(400, 401, 409, 413, 422, 429, 503), openapi_extra=body_of(NextKey))
def post_key(services: Backend, signed: SignedPart) -> KeyKept:
    """Announce the key this kiosk will sign with; the present one is good until the next one has signed."""
    asked = _decoded(signed.body, NextKey)
    said = {"kiosk_id": signed.kiosk.id, "public_key": asked.public_key}
    if not proved(asked.public_key, asked.proof, canonical_json(said)):
        raise Refusal(422, "key.proof", "sign kiosk_id and public_key with the announced key")
    rotation.announce(services, signed.kiosk.id, asked.public_key)
    return KeyKept(**said, signature=services.keys.sign(canonical_json(said)))


@router.post(
    "/heartbeat", responses=problems(400, 401, 409, 413, 422, 429, 503), openapi_extra=body_of(Heartbeat)
)
def post_heartbeat(services: Backend, signed: SignedPart) -> Heard:
    """Note that a kiosk lives, and prove that the backend does."""
    beat = _decoded(signed.body, Heartbeat)
    fleet.note_heartbeat(services, signed.kiosk, beat)
    answer = {"nonce": beat.nonce, "server_time": row_time(services.now())}
    board = line.board(services, signed.kiosk.unit_code)
    waiting = {"waiting": board.waiting, "wait_s": round(board.wait.total_seconds())}
    return Heard(
        nonce=beat.nonce,
        server_time=answer["server_time"],
        signature=services.keys.sign(canonical_json(answer)),
        waiting=waiting["waiting"],
        wait_s=waiting["wait_s"],
        waiting_signature=services.keys.sign(canonical_json({**answer, **waiting})),
    )


@router.get("/progress", responses=problems(400, 401, 404, 409, 413, 422, 429, 503))
def get_progress(
    services: Backend,
    signed: SignedPart,
    code: Annotated[str, Query(min_length=1, max_length=60)],
    t: Annotated[str | None, Query(max_length=100)] = None,
    tail: Annotated[str | None, Query(pattern=r"^\d{4}$")] = None,
) -> ProgressAnswer:
    """Tell where a dossier stands, for the token of its receipt or the last four digits of the ID number."""
    asker = signed.kiosk.id
    if t is not None:
        dossier = lookup.by_token(services, code, t, asker=asker)
    elif tail is not None:
        dossier = lookup.by_digits(services, code, tail, asker=asker, unit=signed.kiosk.unit_code)
    else:
        raise Refusal(422, "look_up.key", "give t (the token) or tail (the last four digits)")
    return progress_of(dossier)


def progress_of(dossier: Dossier) -> ProgressAnswer:
    """Return what may be said about a stored dossier."""
    return ProgressAnswer(
        code=dossier.official_code or dossier.receipt_code,
        receipt_code=dossier.receipt_code,
        state=dossier.progress,
        since=dossier.progress_at or dossier.received_at,
        unit=dossier.unit_name,
        due=dossier.due,
        next_step=lookup.NEXT_STEPS[dossier.progress],
        procedure=dossier.procedure,
        procedure_name=(dossier.contents or {}).get("procedure_name", ""),
    )


@router.post(
    "/tickets",
    status_code=201,
    responses={
        200: {"model": Kept, "description": "Known already"},
        **problems(400, 401, 409, 413, 422, 429, 503),
    },
    openapi_extra=body_of(TicketGiven),
)
def post_ticket(services: Backend, signed: SignedPart, response: Response) -> Kept:
    """Keep a number a kiosk has given out."""
    given = _decoded(signed.body, TicketGiven)
    response.status_code = 201 if fleet.keep_ticket(services, signed.kiosk, given) else 200
    return Kept(id=given.id)


@router.post(
    "/ratings",
    status_code=201,
    responses={
        200: {"model": Kept, "description": "Known already"},
        **problems(400, 401, 409, 413, 422, 429, 503),
    },
    openapi_extra=body_of(RatingGiven),
)
def post_rating(services: Backend, signed: SignedPart, response: Response) -> Kept:
    """Keep one anonymous rating."""
    given = _decoded(signed.body, RatingGiven)
    response.status_code = 201 if fleet.keep_rating(services, signed.kiosk, given) else 200
    return Kept(id=given.id)
