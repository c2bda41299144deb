"""The route that measures the line: bounded, signed both ways, rare, and nothing of it is kept."""

from __future__ import annotations

import hashlib
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from jwt.utils import base64url_decode

from backend.app import PROBES_AT_ONCE
from backend.messages import canonical_json
from backend.settings import PART_LIMIT


def test_what_arrived_is_counted_and_what_was_asked_for_comes_back(sqlite_bench: Any) -> None:
    kiosk = sqlite_bench.kiosk()
    body = b"\x00\xff" * 5000
    answer = kiosk.send("POST", "/v1/probe?back=1024", body).json()
    assert (answer["received"], len(answer["filler"])) == (len(body), 1024)
    assert answer["sha256"] == hashlib.sha256(body).hexdigest()
    told = {name: answer[name] for name in ("received", "sha256", "filler_sha256")}
    key = Ed25519PublicKey.from_public_bytes(base64url_decode(sqlite_bench.services.keys.verify_key()))
    key.verify(base64url_decode(answer["signature"]), canonical_json(told))
    empty = kiosk.send("POST", "/v1/probe").json()
    assert (empty["received"], empty["filler"]) == (0, "")
    assert list(sqlite_bench.services.settings.blobs_dir.rglob("*.part")) == []


def test_more_than_a_part_or_a_long_answer_is_refused(sqlite_bench: Any) -> None:
    kiosk = sqlite_bench.kiosk()
    assert kiosk.send("POST", "/v1/probe", bytes(PART_LIMIT)).status_code == 200
    assert kiosk.send("POST", "/v1/probe", bytes(PART_LIMIT + 1)).status_code == 413
    assert kiosk.send("POST", "/v1/probe?back=32769").status_code == 422


def test_a_kiosk_that_measures_for_ever_is_told_to_wait_and_others_are_not(sqlite_bench: Any) -> None:
    kiosk, other = sqlite_bench.kiosk(), sqlite_bench.kiosk()
    answers = [kiosk.send("POST", "/v1/probe").status_code for _ in range(PROBES_AT_ONCE + 1)]
    assert answers == [200] * PROBES_AT_ONCE + [429]
    assert other.send("POST", "/v1/probe").status_code == 200
    assert kiosk.send("POST", "/v1/heartbeat", b'{"nonce":"0123456789abcdef"}').status_code == 200
    sqlite_bench.clock.forward(seconds=11)
    assert kiosk.send("POST", "/v1/probe").status_code == 200
