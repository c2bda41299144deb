"""A kiosk changes its key: both hold until the new one has signed, and nobody else can do it."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from sqlalchemy import text

from backend.store import audit

if TYPE_CHECKING:
    import httpx

BEAT = b'{"nonce":"0123456789abcdef"}'


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _announce(
    kiosk: Any, key: Ed25519PrivateKey, *, proof_of: Ed25519PrivateKey | None = None
) -> httpx.Response:
    said = {"kiosk_id": kiosk.kiosk_id, "public_key": _text(key.public_key().public_bytes_raw())}
    proof = (proof_of or key).sign(json.dumps(said, sort_keys=True, separators=(",", ":")).encode())
    body = json.dumps({"public_key": said["public_key"], "proof": _text(proof)}).encode()
    answer: httpx.Response = kiosk.send("POST", "/v1/keys", body)
    return answer


def _beats(kiosk: Any, key: Ed25519PrivateKey) -> int:
    before, kiosk.key = kiosk.key, key
    try:
        return int(kiosk.send("POST", "/v1/heartbeat", BEAT).status_code)
    finally:
        kiosk.key = before


def test_both_keys_hold_until_the_new_one_has_signed_then_the_old_one_ends(bench: Any) -> None:
    kiosk, new = bench.kiosk(), Ed25519PrivateKey.generate()
    assert _beats(kiosk, new) == 401
    answer = _announce(kiosk, new)
    assert answer.status_code == 200
    said = {name: answer.json()[name] for name in ("kiosk_id", "public_key")}
    verify = base64.urlsafe_b64decode(kiosk.enrolled["verify_key"] + "=")
    Ed25519PublicKey.from_public_bytes(verify).verify(
        base64.urlsafe_b64decode(answer.json()["signature"] + "=="),
        json.dumps(said, sort_keys=True, separators=(",", ":")).encode(),
    )
    bench.clock.forward(days=30)
    assert _beats(kiosk, kiosk.key) == 200, "the answer may have been lost: nothing has changed yet"
    assert _announce(kiosk, new).status_code == 200, "said again, it is the same"
    assert _beats(kiosk, new) == 200
    assert _beats(kiosk, kiosk.key) == 200, "requests under way still come through"
    bench.clock.forward(minutes=16)
    assert _beats(kiosk, kiosk.key) == 401
    assert _beats(kiosk, new) == 200
    assert [deed.did for deed in audit.newest(bench.services)][:2] == ["changed its key", "announced a key"]


def test_a_key_is_announced_by_who_holds_it_and_never_used_twice(sqlite_bench: Any) -> None:
    kiosk, other = sqlite_bench.kiosk(), sqlite_bench.kiosk()
    new, third = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()
    forged = _announce(kiosk, new, proof_of=third)
    assert (forged.status_code, forged.json()["code"]) == (422, "key.proof")
    theirs = _announce(kiosk, other.key)
    assert (theirs.status_code, theirs.json()["code"]) == (422, "key.used")
    first = kiosk.key
    assert _announce(kiosk, new).status_code == 200
    assert _beats(kiosk, new) == 200
    kiosk.key = new
    again = _announce(kiosk, first)
    assert (again.status_code, again.json()["code"]) == (422, "key.used"), "no way back to a key given up"


def test_a_revoked_kiosk_announces_nothing_and_its_next_key_is_dead_too(sqlite_bench: Any) -> None:
    kiosk, new = sqlite_bench.kiosk(), Ed25519PrivateKey.generate()
    assert _announce(kiosk, new).status_code == 200
    with sqlite_bench.services.engine.begin() as connection:
        connection.execute(text("UPDATE kiosks SET revoked_at = '2026-11-22T00:00:00.000000+00:00'"))
    assert _beats(kiosk, new) == 401
    assert _announce(kiosk, Ed25519PrivateKey.generate()).status_code == 401
