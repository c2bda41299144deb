"""Every route against everybody, and the console against nonsense."""

from __future__ import annotations

import io
import os
import re
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from backend.store.sweeping import sweep_parts

EXAMPLES = int(os.environ.get("KIOSK_API_EXAMPLES", "15"))
SIGNED, CLERKS, TECHNICIANS, ADMINS = {"kiosk"}, {"clerk", "admin"}, {"technician", "admin"}, {"admin"}
EVERYBODY = {"nobody", "kiosk", "revoked", "clerk", "technician", "admin"}
STAFF = {"clerk", "technician", "admin"}
MAY: dict[tuple[str, str], set[str]] = {
    ("PUT", "/v1/dossiers/{dossier_id}"): SIGNED,
    ("PUT", "/v1/parts/{sha256}"): SIGNED,
    ("POST", "/v1/dossiers/{dossier_id}/commit"): SIGNED,
    ("POST", "/v1/heartbeat"): SIGNED,
    ("POST", "/v1/keys"): SIGNED,
    ("POST", "/v1/probe"): SIGNED,
    ("GET", "/v1/progress"): SIGNED,
    ("POST", "/v1/tickets"): SIGNED,
    ("POST", "/v1/ratings"): SIGNED,
    ("POST", "/v1/enrol"): EVERYBODY,
    ("GET", "/d/{code}"): EVERYBODY,
    ("GET", "/display/{unit}"): EVERYBODY,
    ("GET", "/display/{unit}/call.wav"): EVERYBODY,
    ("GET", "/metrics"): EVERYBODY,
    ("GET", "/openapi.json"): EVERYBODY,
    ("GET", "/staff/sign-in"): EVERYBODY,
    ("POST", "/staff/sign-in"): EVERYBODY,
    ("POST", "/staff/sign-out"): STAFF,
    ("GET", "/staff"): CLERKS,
    ("GET", "/staff/search"): CLERKS,
    ("GET", "/staff/d/{dossier_id}"): CLERKS,
    ("GET", "/staff/d/{dossier_id}/documents/{name}"): CLERKS,
    ("POST", "/staff/d/{dossier_id}/state"): CLERKS,
    ("GET", "/staff/counter"): CLERKS,
    ("POST", "/staff/counter/next"): CLERKS,
    ("POST", "/staff/counter/{ticket_id}/{verb}"): CLERKS,
    ("GET", "/staff/fleet"): TECHNICIANS,
    ("POST", "/staff/fleet/{kiosk_id}/revoke"): TECHNICIANS,
    ("GET", "/staff/audit"): ADMINS,
}
"""/metrics is for this machine, which the tests run on; elsewhere it needs its token (test_staff)."""


def _routes(app: Any) -> set[tuple[str, str]]:
    found = set()
    waiting = list(app.routes)
    while waiting:
        route = waiting.pop()
        inner = getattr(route, "routes", None) or getattr(
            getattr(route, "original_router", None), "routes", None
        )
        if inner:
            waiting.extend(inner)
            continue
        found |= {(method, route.path) for method in route.methods if method != "HEAD"}
    return found


def _shut_out(answer: httpx.Response) -> bool:
    door = answer.status_code == 303 and answer.headers["location"] == "/staff/sign-in"
    return answer.status_code in {401, 403} or door


def test_everybody_meets_exactly_the_doors_meant_for_them(sqlite_bench: Any, deliver_sealed: Any) -> None:
    bench = sqlite_bench
    assert set(MAY) == _routes(bench.app), "a new route needs its row here"
    kiosk, name, _ = deliver_sealed(bench)
    revoked = bench.kiosk()
    with bench.services.engine.begin() as connection:
        connection.execute(
            text("UPDATE kiosks SET revoked_at = '2026-01-01T00:00:00.000000+00:00' WHERE id = :id"),
            {"id": revoked.kiosk_id},
        )
    fills = {"dossier_id": name, "sha256": "0" * 64, "code": "x", "unit": "H20.17", "name": "form.pdf"}
    fills |= {"ticket_id": name, "verb": "recall", "kiosk_id": "k-none"}
    for (method, template), allowed in MAY.items():
        path = re.sub(r"\{(\w+)\}", lambda found: fills[found.group(1)], template)
        for who in sorted(EVERYBODY):
            if template == "/staff/sign-out" and who in STAFF:
                continue  # lets them in by letting them out: tested in test_staff
            answer = _ask(bench, kiosk if who == "kiosk" else revoked, who, method, path)
            got_in = not _shut_out(answer) or template in {"/v1/enrol", "/staff/sign-in"}
            assert got_in == (who in allowed), (method, path, who, answer.status_code)
            assert answer.status_code < 500


def test_a_route_nobody_put_into_the_matrix_fails_it(sqlite_bench: Any) -> None:
    """The matrix is read from the application, so a new door cannot be forgotten."""

    def new_door() -> None:
        pass

    sqlite_bench.app.get("/staff/new-door")(new_door)
    assert _routes(sqlite_bench.app) - set(MAY) == {("GET", "/staff/new-door")}


def _ask(bench: Any, kiosk: Any, who: str, method: str, path: str) -> httpx.Response:
    if who in {"kiosk", "revoked"}:
        answer: httpx.Response = kiosk.send(method, path, b"{}")
    elif who in STAFF:
        browser = bench.browsers.setdefault(who, None) or bench.staff(who)
        bench.browsers[who] = browser
        answer = (
            browser.get(path)
            if method == "GET"
            else browser.post(path)
            if method == "POST"
            else (browser.client.request(method, path, headers=browser._headers()))
        )
    else:
        answer = bench.client.request(method, path)
    return answer


@pytest.mark.parametrize("bench", ["postgresql"], indirect=True)  # stricter than SQLite with what it takes
def test_nonsense_in_the_console_is_never_a_fault(bench: Any, deliver_sealed: Any) -> None:
    """The pages of staff are no part of the OpenAPI document; the wire is asked in test_schema."""
    _, name, code = deliver_sealed(bench)
    texts = st.text(min_size=1, max_size=70)
    words = (
        st.sampled_from([name, code, "recall", "transfer", "form.pdf", "H20.17", "1", "999", "-1"]) | texts
    )
    fields = ["state", "reason", "due", "desk", "only", "series", "priority", "name", "password", "code", "q"]
    browsers = [bench.staff(role) for role in sorted(STAFF)]
    for method, template in MAY:
        if template.startswith("/staff") and template != "/staff/sign-out":
            _fill_in(bench, browsers, method, template, words=words, fields=fields)


def _fill_in(
    bench: Any, browsers: list[Any], method: str, template: str, *, words: Any, fields: list[str]
) -> None:
    @settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(st.data())
    def attempt(data: st.DataObject) -> None:
        bench.clock.forward(seconds=30)
        browser = data.draw(st.sampled_from(browsers))
        browser.get("/staff/sign-in")
        path = re.sub(r"\{\w+\}", lambda _: quote(data.draw(words), safe="") or "x", template)
        values = {field: data.draw(words) for field in data.draw(st.sets(st.sampled_from(fields)))}
        if method == "POST":
            answer = browser.post(path, **values)
        else:
            answer = browser.get(f"{path}?{httpx.QueryParams(values)}")
        assert answer.status_code < 500, (method, path, values)

    attempt()


def test_a_kiosk_that_asks_too_often_is_told_when_to_come_back(open_bench: Any) -> None:
    with open_bench(kiosk_per_s=1.0) as bench:
        kiosk, other = bench.kiosk(), bench.kiosk()
        body = b'{"nonce":"0123456789abcdef"}'
        answers = [kiosk.send("POST", "/v1/heartbeat", body) for _ in range(12)]
        assert {a.status_code for a in answers[:10]} == {200}
        assert (answers[-1].status_code, answers[-1].headers["Retry-After"]) == (429, "1")
        assert other.send("POST", "/v1/heartbeat", body).status_code == 200
        bench.clock.forward(seconds=1)
        assert kiosk.send("POST", "/v1/heartbeat", body).status_code == 200


def test_enrolment_codes_cannot_be_guessed_by_trying(sqlite_bench: Any) -> None:
    kiosk = sqlite_bench.kiosk()
    answers = [kiosk.enrol(f"GUESS{n:05d}") for n in range(25)]
    assert [a.status_code for a in answers[:5]] == [403] * 5
    assert answers[-1].status_code == 429


def test_parts_nobody_waits_for_are_dropped_and_no_others(bench: Any, make_dossier: Any) -> None:
    kiosk = bench.kiosk()
    waited_for, forgotten = make_dossier(), make_dossier()
    kiosk.send("PUT", waited_for.path, waited_for.manifest)
    for dossier in (waited_for, forgotten):
        kiosk.send("PUT", f"/v1/parts/{dossier.digests[0]}", dossier.parts[0])
    assert sweep_parts(bench.services) == 0, "all are young"
    bench.clock.forward(days=30)
    assert sweep_parts(bench.services) == 1
    assert bench.services.blobs.expect(waited_for.expected) == waited_for.digests[1:]
    assert bench.services.blobs.expect(forgotten.expected) == forgotten.digests
    assert kiosk.deliver(forgotten).status_code == 201, "its kiosk still has it and sends it again"


def test_a_store_that_is_ill_is_a_reason_to_come_back(
    sqlite_bench: Any, make_dossier: Any, monkeypatch: Any
) -> None:
    def full(*_: Any) -> bool:
        raise OSError(28, "No space left on device")

    kiosk, dossier = sqlite_bench.kiosk(), make_dossier()
    monkeypatch.setattr(sqlite_bench.services.blobs, "put_part", full)
    answer = kiosk.send("PUT", f"/v1/parts/{dossier.digests[0]}", dossier.parts[0])
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "30")


def test_staff_and_fleet_commands(
    tmp_path: Any, capsys: pytest.CaptureFixture[str], monkeypatch: Any
) -> None:
    from backend import __main__ as command

    words = ["--database", f"sqlite:///{tmp_path / 'b.db'}", "--blobs", str(tmp_path / "blobs")]
    monkeypatch.setattr("sys.stdin", io.StringIO("correct horse battery\nshort\n"))
    assert command.main(["staff-add", "lan", "--role", "admin", "--totp", *words]) == 0
    assert "otpauth://totp/kiosk:lan?secret=" in capsys.readouterr().out
    assert command.main(["staff-add", "minh", *words]) == 1
    assert command.main(["staff-disable", "lan", *words]) == 0
    assert command.main(["staff-disable", "nobody", *words]) == 1
    assert command.main(["revoke", "k-none", *words]) == 1
    assert command.main(["kiosks", *words]) == 0
    assert command.main(["sweep", *words]) == 0
    assert "0 parts dropped" in capsys.readouterr().out
