"""Who asks: bounded bodies, and requests signed by a kiosk's own key."""

import hmac
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, cast

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from fastapi import Depends, Request

from backend.limits import Buckets
from backend.messages import sha256_hex
from backend.services import Refusal, Services
from backend.settings import JSON_LIMIT, PART_LIMIT
from backend.store.fleet import find_kiosk
from backend.store.ingest import row_time
from backend.store.models import Kiosk

SKEW_S = 300.0
"""A kiosk's clock may be off by so much."""
TOKEN_LIFE_S = 300.0
"""No token may live longer, whatever it says."""
_CLAIMS = ("iss", "iat", "exp", "jti", "htm", "htu", "body_sha256")


def services_of(request: Request) -> Services:
    """Return the running backend a request came to."""
    return cast("Services", request.app.state.services)


Backend = Annotated[Services, Depends(services_of)]


def bounded_body(limit: int) -> Callable[[Request], Awaitable[bytes]]:
    """Return a dependency that reads a body of at most `limit` bytes and refuses a longer one unread."""

    async def read(request: Request) -> bytes:
        declared = request.headers.get("content-length", "0")
        if not declared.isdigit() or int(declared) > limit:
            raise Refusal(413, "body.too_long", f"at most {limit} bytes")
        body = bytearray()
        async for piece in request.stream():
            body += piece
            if len(body) > limit:
                raise Refusal(413, "body.too_long", f"at most {limit} bytes")
        return bytes(body)

    return read


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """A request whose sender and body are proved."""

    kiosk: Kiosk
    body: bytes
    base_url: str
    """How the kiosk reached this backend."""


def _signed(services: Services, request: Request, body: bytes) -> Signed:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise Refusal(401, "auth.missing", "sign the request with the kiosk's key; enrol first")
    kiosk, claims = _claims(services, token)
    now = services.now()
    limited(services.kiosk_rate, kiosk.id, now.timestamp())
    issued, ends = float(claims["iat"]), float(claims["exp"])
    if abs(now.timestamp() - issued) > SKEW_S + TOKEN_LIFE_S or ends + SKEW_S < now.timestamp():
        raise Refusal(401, "auth.clock_skew", "the kiosk's clock is off; set it", server_time=row_time(now))
    if ends - issued > TOKEN_LIFE_S or (claims["htm"], claims["htu"]) != (request.method, request.url.path):
        raise Refusal(401, "auth.other_request", "the token was made for another request")
    if not hmac.compare_digest(str(claims["body_sha256"]), sha256_hex(body)):
        # The line damaged the body (or a thief changed it): the kiosk sends it again, signed anew.
        raise Refusal(409, "auth.body_differs", "the body is not the one that was signed; send it again")
    until = now.timestamp() + SKEW_S + TOKEN_LIFE_S
    if not services.seen.first_time(f"{kiosk.id} {claims['jti']}", until=until, now=now.timestamp()):
        raise Refusal(409, "auth.replayed", "this request was here before; sign it anew")
    return Signed(kiosk=kiosk, body=body, base_url=str(request.base_url).rstrip("/"))


def limited(buckets: Buckets, asker: str, now: float) -> None:
    """Refuse with 429 who asks too often.

    Args:
        buckets: Of this kind of asker.
        asker: A kiosk or an address.
        now: Unix seconds.
    """
    wait = buckets.take(asker, now)
    if wait is not None:
        raise Refusal(429, "asked.too_often", "wait, then go on", retry_after_s=wait)


def address_of(request: Request) -> str:
    """Return the address a request came from."""
    return request.client.host if request.client is not None else "unknown"


def _claims(services: Services, token: str) -> tuple[Kiosk, Mapping[str, Any]]:
    try:
        kiosk_id = str(jwt.get_unverified_header(token).get("kid", ""))
        kiosk = find_kiosk(services, kiosk_id)
        if kiosk is None or kiosk.revoked_at is not None:
            raise Refusal(401, "auth.unknown_kiosk", "this kiosk is not enrolled, or was revoked")
        claims: Mapping[str, Any] = jwt.decode(
            token,
            Ed25519PublicKey.from_public_bytes(jwt.utils.base64url_decode(kiosk.public_key)),
            algorithms=["EdDSA"],
            # Times are judged above, by the backend's own clock and with a reason the kiosk can show.
            options={"require": list(_CLAIMS), "verify_exp": False, "verify_iat": False},
        )
    except jwt.PyJWTError as error:
        raise Refusal(401, "auth.signature", "the token is not signed by an enrolled kiosk") from error
    if claims["iss"] != kiosk.id or not all(isinstance(claims[name], int) for name in ("iat", "exp")):
        raise Refusal(401, "auth.signature", "the token is not signed by an enrolled kiosk")
    return kiosk, claims


def signed_part(
    services: Backend, request: Request, body: Annotated[bytes, Depends(bounded_body(PART_LIMIT))]
) -> Signed:
    """Let a signed request in that carries at most one part."""
    return _signed(services, request, body)


def signed_json(
    services: Backend, request: Request, body: Annotated[bytes, Depends(bounded_body(JSON_LIMIT))]
) -> Signed:
    """Let a signed request in that carries JSON."""
    return _signed(services, request, body)


SignedPart = Annotated[Signed, Depends(signed_part)]
SignedJson = Annotated[Signed, Depends(signed_json)]
EnrolBody = Annotated[bytes, Depends(bounded_body(4096))]
