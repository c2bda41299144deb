"""Only enrolled kiosks get in, each request proves itself, and nothing long is read."""

from __future__ import annotations

import hashlib
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import text


def test_a_code_works_once_and_for_a_quarter_of_an_hour(sqlite_bench: Any) -> None:
    from backend.store.fleet import make_enrol_code

    bench = sqlite_bench
    used = bench.kiosk()
    code = make_enrol_code(bench.services)
    bench.clock.forward(minutes=16)
    assert used.enrol(code).status_code == 403
    code = make_enrol_code(bench.services)
    assert used.enrol(code.lower()).status_code == 201
    again = used.enrol(code)
    assert (again.status_code, again.json()["code"]) == (403, "enrol.code")
    assert used.enrol("WRONG-CODE").status_code == 403


def test_the_same_key_keeps_its_identity_after_enrolling_again(sqlite_bench: Any) -> None:
    from backend.store.fleet import make_enrol_code

    kiosk = sqlite_bench.kiosk()
    before = kiosk.kiosk_id
    kiosk.enrol(make_enrol_code(sqlite_bench.services))
    assert kiosk.kiosk_id == before


def test_a_revoked_kiosk_is_shut_out_everywhere(sqlite_bench: Any, make_dossier: Any) -> None:
    bench = sqlite_bench
    kiosk, dossier = bench.kiosk(), make_dossier()
    with bench.services.engine.begin() as connection:
        connection.execute(text("UPDATE kiosks SET revoked_at = '2026-11-22T00:00:00.000000+00:00'"))
    part = dossier.parts[0]
    asked = [
        ("PUT", dossier.path, dossier.manifest),
        ("PUT", f"/v1/parts/{hashlib.sha256(part).hexdigest()}", part),
        ("POST", f"{dossier.path}/commit", b""),
        ("GET", "/v1/progress?code=X&tail=1234", b""),
        ("POST", "/v1/tickets", b"{}"),
        ("POST", "/v1/ratings", b"{}"),
        ("POST", "/v1/heartbeat", b'{"nonce":"0123456789abcdef"}'),
    ]
    for method, path, body in asked:
        for answer in (kiosk.send(method, path, body), bench.client.request(method, path, content=body)):
            assert answer.status_code == 401, (method, path)
    assert bench.services.blobs.expect(dossier.expected) == dossier.digests


def test_a_token_fits_one_request_only(sqlite_bench: Any) -> None:
    kiosk, body = sqlite_bench.kiosk(), b'{"nonce":"0123456789abcdef"}'
    claims = kiosk.claims("POST", "/v1/heartbeat", body)
    token = kiosk.token(claims)

    first = kiosk.send("POST", "/v1/heartbeat", body, token=token)
    replayed = kiosk.send("POST", "/v1/heartbeat", body, token=token)
    elsewhere = kiosk.send("POST", "/v1/tickets", body, token=kiosk.token({**claims, "jti": "b"}))
    changed = kiosk.send(
        "POST", "/v1/heartbeat", b'{"nonce":"ffffffffffffffff"}', token=kiosk.token({**claims, "jti": "c"})
    )

    assert first.status_code == 200
    assert (replayed.status_code, replayed.json()["code"]) == (409, "auth.replayed")
    assert (elsewhere.status_code, elsewhere.json()["code"]) == (401, "auth.other_request")
    assert (changed.status_code, changed.json()["code"]) == (409, "auth.body_differs")


def test_a_clock_that_is_off_is_named_as_the_reason(sqlite_bench: Any) -> None:
    kiosk, body = sqlite_bench.kiosk(), b'{"nonce":"0123456789abcdef"}'
    for days in (-20_000, -1, 1):
        claims = kiosk.claims("POST", "/v1/heartbeat", body)
        claims["iat"] += days * 86_400
        claims["exp"] += days * 86_400
        answer = kiosk.send("POST", "/v1/heartbeat", body, token=kiosk.token(claims))
        assert (answer.status_code, answer.json()["code"]) == (401, "auth.clock_skew")
        assert answer.json()["server_time"].startswith("2026-11-22T02:30")


def test_forged_tokens_are_refused(sqlite_bench: Any) -> None:
    import jwt

    kiosk, thief = sqlite_bench.kiosk(), sqlite_bench.kiosk()
    body = b'{"nonce":"0123456789abcdef"}'
    claims = kiosk.claims("POST", "/v1/heartbeat", body)
    forged = [
        jwt.encode(claims, thief.key, algorithm="EdDSA", headers={"kid": kiosk.kiosk_id}),
        jwt.encode(claims, "", algorithm="none", headers={"kid": kiosk.kiosk_id}),
        jwt.encode(claims, "x" * 64, algorithm="HS512", headers={"kid": kiosk.kiosk_id}),
        kiosk.token({**claims, "iss": thief.kiosk_id}),
        kiosk.token({**claims, "exp": claims["iat"] + 10_000}),
        kiosk.token({**claims, "iat": "now"}),
        kiosk.token({key: value for key, value in claims.items() if key != "jti"}),
        "abc",
        "a.b.c",
    ]
    for token in forged:
        assert kiosk.send("POST", "/v1/heartbeat", body, token=token).status_code == 401


def test_long_bodies_are_refused_unread(sqlite_bench: Any, make_dossier: Any) -> None:
    kiosk = sqlite_bench.kiosk()
    long = b"x" * (256 * 1024 + 1)

    declared = kiosk.send("PUT", f"/v1/parts/{hashlib.sha256(long).hexdigest()}", long)
    streamed = sqlite_bench.client.put(f"/v1/parts/{'0' * 64}", content=iter([long[:1000]] * 300))

    assert declared.status_code == 413
    assert streamed.status_code == 413
    assert kiosk.deliver(make_dossier(parts=[long[1:]])).status_code == 201


def test_a_heartbeat_is_answered_with_proof(sqlite_bench: Any) -> None:
    import base64
    import json

    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    kiosk = sqlite_bench.kiosk()
    body = json.dumps({"nonce": "0123456789abcdef", "health": {"ready": 3, "printer": "ok"}}).encode()
    answer = kiosk.send("POST", "/v1/heartbeat", body).json()
    signature = answer["signature"]

    proof = {name: answer[name] for name in ("nonce", "server_time")}
    signed = json.dumps(proof, sort_keys=True, separators=(",", ":")).encode()
    key = base64.urlsafe_b64decode(kiosk.enrolled["verify_key"] + "=")
    Ed25519PublicKey.from_public_bytes(key).verify(base64.urlsafe_b64decode(signature + "=="), signed)
    assert answer["nonce"] == "0123456789abcdef"
    with sqlite_bench.services.engine.connect() as connection:
        seen = connection.execute(text("SELECT seen_at FROM kiosks")).scalar_one()
    assert seen.startswith("2026-11-22T02:30:00")


def test_tickets_and_ratings_are_kept_once(sqlite_bench: Any) -> None:
    import json
    import uuid

    kiosk = sqlite_bench.kiosk()
    ticket = {
        "id": str(uuid.uuid4()),
        "number": "A015",
        "series": "A",
        "service": "Hộ tịch",
        "issued_at": "2026-11-22T09:00:00+07:00",
    }
    rating = {
        "id": str(uuid.uuid4()),
        "score": 3,
        "reasons": ["fast"],
        "given_at": "2026-11-22T09:00:00+07:00",
    }
    for path, value in (("/v1/tickets", ticket), ("/v1/ratings", rating)):
        body = json.dumps(value).encode()
        assert [kiosk.send("POST", path, body).status_code for _ in range(3)] == [201, 200, 200]
        wrong = json.dumps({**value, "name": "x"}).encode()
        assert kiosk.send("POST", path, wrong).status_code == 422


def test_a_revoked_key_cannot_enrol_again_and_the_code_stays_good(sqlite_bench: Any) -> None:
    from backend.store.fleet import make_enrol_code

    kiosk = sqlite_bench.kiosk()
    with sqlite_bench.services.engine.begin() as connection:
        connection.execute(text("UPDATE kiosks SET revoked_at = '2026-11-22T00:00:00.000000+00:00'"))
    code = make_enrol_code(sqlite_bench.services)
    answer = kiosk.enrol(code)
    assert (answer.status_code, answer.json()["code"]) == (403, "enrol.revoked")
    kiosk.key = Ed25519PrivateKey.generate()
    assert kiosk.enrol(code).status_code == 201


def test_names_of_requests_are_forgotten_when_their_tokens_end(sqlite_bench: Any) -> None:
    from backend.store.admission import REPLAY_LIMIT, Ask, GateOfOneProcess

    def ask(name: int, until: float) -> Ask:
        return Ask(kiosk_id="k", public_key="p", name=str(name), until=until)

    seen = GateOfOneProcess(sqlite_bench.services.reader)
    every = [ask(number, 10.0) for number in range(REPLAY_LIMIT)]
    assert len(seen.first_time(every, now=0.0)) == REPLAY_LIMIT
    assert seen.first_time([ask(5, 10.0)], now=9.0) == set()
    assert seen.first_time([ask(5, 30.0)], now=20.0) == {"5"}
    assert len(seen._until) == 1


def test_a_sender_that_hangs_up_in_its_body_leaves_the_backend_well(
    sqlite_bench: Any, make_dossier: Any
) -> None:
    import socket

    url = sqlite_bench.client.base_url
    with socket.create_connection((url.host, url.port), timeout=10) as line:
        line.sendall(
            b"PUT /v1/parts/" + b"0" * 64 + b" HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nhalf"
        )
    assert sqlite_bench.kiosk().deliver(make_dossier()).status_code == 201
