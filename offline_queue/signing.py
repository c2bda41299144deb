"""Signatures on the wire: requests signed by the kiosk, receipts signed by the backend.

`cryptography` and `jwt` are imported here only, so that opening the queue does not load them.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from typing import TYPE_CHECKING

import jwt
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

if TYPE_CHECKING:
    import datetime as dt

TOKEN_LIFE_S = 60


def public_key(seed: bytes) -> bytes:
    """Return the 32-byte Ed25519 public key of a seed."""
    return Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()


def public_text(seed: bytes) -> str:
    """Return the public key of a seed as the wire writes it, base64url."""
    return _text(public_key(seed))


def sign(seed: bytes, content: bytes) -> str:
    """Return an Ed25519 signature, base64url."""
    return _text(Ed25519PrivateKey.from_private_bytes(seed).sign(content))


def request_token(
    seed: bytes, *, kiosk_id: str, method: str, path: str, body: bytes, now: dt.datetime, jti: str
) -> str:
    """Return the JWT that goes with one request and fits no other.

    Args:
        seed: The kiosk's Ed25519 seed.
        kiosk_id: Given at enrolment.
        method: `PUT`.
        path: Path of the URL without host and query: proxies change the host.
        body: The bytes that are sent.
        now: The kiosk's clock.
        jti: A name never used before.

    Source: RFC 7519; RFC 8037 (EdDSA); claims after RFC 9449 (`htm`, `htu`).
    """
    issued = int(now.timestamp())
    claims = {
        "iss": kiosk_id,
        "iat": issued,
        "exp": issued + TOKEN_LIFE_S,
        "jti": jti,
        "htm": method,
        "htu": path,
        "body_sha256": hashlib.sha256(body).hexdigest(),
    }
    key = Ed25519PrivateKey.from_private_bytes(seed)
    return jwt.encode(claims, key, algorithm="EdDSA", headers={"kid": kiosk_id})


def signature_holds(verify_key: str, signature: str, signed: bytes) -> bool:
    """Tell whether the backend signed these bytes.

    Args:
        verify_key: Ed25519 public key, base64url.
        signature: Base64url.
        signed: What should be covered.
    """
    try:
        key = Ed25519PublicKey.from_public_bytes(_plain(verify_key))
        key.verify(_plain(signature), signed)
    except (InvalidSignature, ValueError, binascii.Error):
        return False
    return True


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def _plain(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
