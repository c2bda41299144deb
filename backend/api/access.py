"""Who asks: bounded bodies, and requests signed by a kiosk's own key."""

import datetime as dt
import hmac
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Annotated, Any, cast

import jwt
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from fastapi import Depends, Request
from fastapi.concurrency import run_in_threadpool

from backend.api.batches import batches_of
from backend.limits import Buckets
from backend.messages import sha256_hex
from backend.services import Refusal, Services
from backend.settings import JSON_LIMIT, PART_LIMIT
from backend.store.admission import Ask, KnownKiosk, find_kiosk, name_of, stranger
from backend.store.ingest import row_time

SKEW_S = 300.0
"""A kiosk's clock may be off by so much."""
TOKEN_LIFE_S = 300.0
"""No token may live longer, whatever it says."""
_CLAIMS = ("iss", "iat", "exp", "jti", "htm", "htu", "body_sha256")


def services_of(request: Request) -> Services:
    """Return the running backend a request came to."""
    return cast("Services", request.app.state.services)


async def _services(request: Request) -> Services:  # async: FastAPI would spend a thread on it otherwise
    return services_of(request)


Backend = Annotated[Services, Depends(_services)]


def bounded_body(limit: int) -> Callable[[Request], Awaitable[bytes]]:
    """Return a dependency that reads a body of at most `limit` bytes and refuses a longer one unread."""

    async def read(request: Request) -> bytes:
        return await _body(request, limit)

    return read


async def _body(request: Request, limit: int) -> bytes:
    declared = request.headers.get("content-length", "0")
    if not declared.isdigit() or int(declared) > limit:
        raise Refusal(413, "body.too_long", f"at most {limit} bytes")
    pieces, size = [], 0
    async for piece in request.stream():
        pieces.append(piece)
        size += len(piece)
        if size > limit:
            raise Refusal(413, "body.too_long", f"at most {limit} bytes")
    return b"".join(pieces)


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """A request whose sender and body are proved."""

    kiosk: KnownKiosk
    body: bytes
    sha256: str
    """Of the body."""


async def _signed(request: Request, limit: int) -> Signed:
    services, body = services_of(request), await _body(request, limit)
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise Refusal(401, "auth.missing", "sign the request with the kiosk's key; enrol first")
    kiosk_id, public_key, claims = await _claims(services, token)
    now = services.now()
    limited(services.kiosk_rate, kiosk_id, now.timestamp())
    digest = sha256_hex(body)
    _fits(claims, request, digest, now)
    ask = Ask(
        kiosk_id=kiosk_id,
        public_key=public_key,
        name=name_of(kiosk_id, str(claims["jti"])),
        until=claims["exp"] + SKEW_S,
    )
    kiosk = await batches_of(request).admission.ask(ask)
    return Signed(kiosk=kiosk, body=body, sha256=digest)


def _fits(claims: Mapping[str, Any], request: Request, digest: str, now: dt.datetime) -> None:
    """Refuse a token that was made at another time, for another request or for another body."""
    issued, ends = float(claims["iat"]), float(claims["exp"])
    if abs(now.timestamp() - issued) > SKEW_S + TOKEN_LIFE_S or ends + SKEW_S < now.timestamp():
        raise Refusal(401, "auth.clock_skew", "the kiosk's clock is off; set it", server_time=row_time(now))
    if ends - issued > TOKEN_LIFE_S or (claims["htm"], claims["htu"]) != (request.method, request.url.path):
        raise Refusal(401, "auth.other_request", "the token was made for another request")
    if not hmac.compare_digest(str(claims["body_sha256"]).encode(), digest.encode()):
        # The line damaged the body (or a thief changed it): the kiosk sends it again, signed anew.
        raise Refusal(409, "auth.body_differs", "the body is not the one that was signed; send it again")


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


async def _claims(services: Services, token: str) -> tuple[str, str, Mapping[str, Any]]:
    """Return kiosk, key and claims of a token whose signature holds."""
    kiosk_id = _named(token)
    known = services.kiosk_keys.get(kiosk_id, ())
    claims = _verified(token, kiosk_id, known)
    if claims is None:
        # A new kiosk, or one with a new key: whatever is not known yet is in the database.
        kiosk = await run_in_threadpool(find_kiosk, services, kiosk_id)
        known = () if kiosk is None else kiosk.keys
        if not known:
            services.kiosk_keys.pop(kiosk_id, None)
            raise stranger()
        services.kiosk_keys[kiosk_id] = known
        claims = _verified(token, kiosk_id, known)
    if claims is None:
        raise Refusal(401, "auth.signature", "the token is not signed by an enrolled kiosk")
    return kiosk_id, *claims


def _named(token: str) -> str:
    try:
        return str(jwt.get_unverified_header(token).get("kid", ""))
    except jwt.PyJWTError as error:
        raise Refusal(401, "auth.signature", "the token is not signed by an enrolled kiosk") from error


def _verified(token: str, kiosk_id: str, public_keys: Sequence[str]) -> tuple[str, Mapping[str, Any]] | None:
    for public_key in public_keys:
        try:
            claims: Mapping[str, Any] = jwt.decode(
                token,
                _key(public_key),
                algorithms=["EdDSA"],
                # Times are judged elsewhere, by the backend's own clock and with a reason the kiosk can show.
                options={"require": list(_CLAIMS), "verify_exp": False, "verify_iat": False},
            )
        except jwt.PyJWTError:
            continue  # perhaps by another of its keys
        if claims["iss"] == kiosk_id and all(isinstance(claims[name], int) for name in ("iat", "exp")):
            return public_key, claims
    return None


def proved(public_key: str, signature: str, content: bytes) -> bool:
    """Tell whether a key signed these bytes.

    Args:
        public_key: Ed25519, base64url.
        signature: Base64url.
        content: What should be covered.
    """
    try:
        _key(public_key).verify(jwt.utils.base64url_decode(signature), content)
    except (InvalidSignature, ValueError):
        return False
    return True


@lru_cache(maxsize=4096)
def _key(public_key: str) -> Ed25519PublicKey:
    return Ed25519PublicKey.from_public_bytes(jwt.utils.base64url_decode(public_key))


async def signed_part(request: Request) -> Signed:
    """Let a signed request in that carries at most one part."""
    return await _signed(request, PART_LIMIT)


async def signed_json(request: Request) -> Signed:
    """Let a signed request in that carries JSON."""
    return await _signed(request, JSON_LIMIT)


SignedPart = Annotated[Signed, Depends(signed_part)]
SignedJson = Annotated[Signed, Depends(signed_json)]
EnrolBody = Annotated[bytes, Depends(bounded_body(4096))]
