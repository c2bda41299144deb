"""The staff console: who gets in, what a clerk sees and does, and that every look is noted."""

from __future__ import annotations

import datetime as dt
import json
import re
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from backend.store import audit
from backend.store.cases import NEXT
from backend.store.line import PRIORITIES
from backend.store.staff import ROLES, add_staff, disable_staff, totp
from backend.web.deed_words import deed_words

PASSWORD = "correct horse battery"
BACKEND = Path(__file__).parents[2] / "backend"


def _deeds(bench: Any) -> list[tuple[str, str]]:
    return [(deed.did, deed.about) for deed in reversed(audit.newest(bench.services))]


def test_a_clerk_takes_a_dossier_from_the_inbox_to_its_end(bench: Any, deliver_sealed: Any) -> None:
    _, name, code = deliver_sealed(bench)
    clerk = bench.staff("clerk")

    inbox = clerk.get("/staff").text
    assert code in inbox
    assert "2.000635" in inbox
    page = clerk.get(f"/staff/d/{name}").text
    assert "NGUYỄN &lt;b&gt;CANARY&lt;/b&gt; HOA" in page
    assert "<b>CANARY" not in page
    assert "PACE" in page
    paper = clerk.get(f"/staff/d/{name}/documents/form.pdf")
    assert (paper.headers["content-type"], paper.content) == ("application/pdf", b"%PDF-1.4 canary")
    assert paper.headers["cache-control"] == "no-store"

    for state in ("2", "4", "5", "4", "9", "10"):
        answer = clerk.post(
            f"/staff/d/{name}/state", state=state, reason="Thiếu giấy khai sinh", due="2026-12-01"
        )
        assert answer.status_code == 303, answer.text
    history = clerk.get(f"/staff/d/{name}").text
    assert "Thiếu giấy khai sinh" in history
    assert "Hồ sơ đã kết thúc" in history
    moves = [did for did, about in _deeds(bench) if about == name]
    assert moves[0] == "viewed"
    assert moves[1] == "opened form.pdf"
    assert [did for did in moves if did.startswith("moved")] == [f"moved to {n}" for n in (2, 4, 5, 4, 9, 10)]
    assert audit.first_broken(bench.services) is None


def test_only_the_next_states_and_refusals_with_a_reason(sqlite_bench: Any, deliver_sealed: Any) -> None:
    _, name, _ = deliver_sealed(sqlite_bench)
    clerk = sqlite_bench.staff("clerk")
    move = f"/staff/d/{name}/state"
    assert clerk.post(move, state="10").status_code == 409
    assert clerk.post(move, state="3").status_code == 422
    assert clerk.post(move, state="x").status_code == 422
    assert clerk.post(move, state="2", due="tomorrow").status_code == 422
    assert clerk.post(move, state="3", reason="Sai thẩm quyền").status_code == 303
    assert clerk.post(move, state="2").status_code == 409, "an end is an end"
    assert set(NEXT) == set(range(1, 11))
    assert all(state in NEXT for following in NEXT.values() for state in following)


@pytest.mark.parametrize(
    "typed", ["{code}", "{lower}", "https://x/d/{code}?t=abc", "087194009412", "087194009412|1|A"]
)
def test_a_scan_a_code_or_an_id_number_opens_the_dossier(
    sqlite_bench: Any, deliver_sealed: Any, typed: str
) -> None:
    kiosk, name, code = deliver_sealed(sqlite_bench)
    deliver_sealed(sqlite_bench, id_number="001", kiosk=kiosk)
    clerk = sqlite_bench.staff("clerk")
    wanted = typed.format(code=code, lower=code.lower())
    answer = clerk.client.get("/staff/search", params={"q": wanted}, headers=clerk._headers())
    assert (answer.status_code, answer.headers.get("location")) == (303, f"/staff/d/{name}")


def test_another_units_dossiers_do_not_exist_for_a_clerk(sqlite_bench: Any, deliver_sealed: Any) -> None:
    _, name, code = deliver_sealed(sqlite_bench)
    stranger = sqlite_bench.staff("clerk", unit="H99.01")
    assert code not in stranger.get("/staff").text
    assert stranger.get(f"/staff/d/{name}").status_code == 404
    assert stranger.get(f"/staff/d/{name}/documents/form.pdf").status_code == 404
    assert stranger.post(f"/staff/d/{name}/state", state="2").status_code == 404
    assert code not in stranger.get("/staff/search?q=087194009412").text


def test_five_wrong_passwords_pause_and_names_that_do_not_exist_look_the_same(sqlite_bench: Any) -> None:
    bench = sqlite_bench
    browser = bench.staff("clerk", name="lan")
    unknown = browser.post("/staff/sign-in", name="nobody", password="x")
    answers = [browser.post("/staff/sign-in", name="lan", password=f"wrong {n}") for n in range(5)]
    assert {(a.status_code, a.text) for a in answers} == {(403, unknown.text)}
    assert browser.post("/staff/sign-in", name="lan", password=PASSWORD).status_code == 429
    bench.clock.forward(minutes=16)
    assert browser.post("/staff/sign-in", name="lan", password=PASSWORD).status_code == 303


def test_the_door_is_not_hammered(sqlite_bench: Any) -> None:
    answers = [sqlite_bench.client.post("/staff/sign-in", data={"name": f"n{n}"}) for n in range(22)]
    assert answers[-1].status_code == 429
    assert int(answers[-1].headers["Retry-After"]) >= 1


def test_an_authenticator_code_is_asked_for_where_one_was_set_up(sqlite_bench: Any) -> None:
    bench = sqlite_bench
    secret = add_staff(bench.services, name="minh", password=PASSWORD, role="admin", unit="", totp=True)
    sign_in = bench.staff("clerk")
    good = totp(secret or "", bench.clock())
    wrong = f"{(int(good) + 1) % 1_000_000:06d}"
    for code, status in (("", 403), (wrong, 403), (good, 303)):
        assert sign_in.post("/staff/sign-in", name="minh", password=PASSWORD, code=code).status_code == status
    assert totp("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", dt.datetime.fromtimestamp(59, dt.UTC)) == "287082", (
        "RFC 6238, B"
    )


def test_a_session_ends_when_idle_when_old_at_the_door_and_when_disabled(sqlite_bench: Any) -> None:
    bench = sqlite_bench
    idle = bench.staff("clerk")
    bench.clock.forward(minutes=31)
    assert idle.get("/staff").status_code == 303
    busy = bench.staff("clerk")
    for _ in range(25):
        bench.clock.forward(minutes=29)
        ended = busy.get("/staff").status_code == 303
    assert ended
    leaving = bench.staff("clerk")
    stolen = dict(leaving.cookies)
    assert leaving.post("/staff/sign-out").status_code == 303
    leaving.cookies = stolen
    assert leaving.get("/staff").status_code == 303
    gone = bench.staff("clerk", name="gone")
    assert disable_staff(bench.services, "gone")
    assert gone.get("/staff").status_code == 303
    assert not disable_staff(bench.services, "never was")


def test_a_form_of_another_site_does_nothing(sqlite_bench: Any, deliver_sealed: Any) -> None:
    _, name, _ = deliver_sealed(sqlite_bench)
    clerk = sqlite_bench.staff("clerk")
    clerk.csrf = "forged"
    assert clerk.post(f"/staff/d/{name}/state", state="2").status_code == 403
    clerk.csrf = ""
    assert clerk.post("/staff/sign-out").status_code == 403


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(sqlite_bench: Any) -> None:
    add_staff(sqlite_bench.services, name="lan", password=PASSWORD, role="clerk", unit="")
    answer = sqlite_bench.client.post("/staff/sign-in", data={"name": "lan", "password": PASSWORD})
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie


def test_a_forged_audit_log_is_seen(sqlite_bench: Any, deliver_sealed: Any) -> None:
    _, name, _ = deliver_sealed(sqlite_bench)
    admin = sqlite_bench.staff("admin")
    admin.get(f"/staff/d/{name}")
    assert "nguyên vẹn" in admin.get("/staff/audit").text
    with sqlite_bench.services.engine.begin() as connection:
        connection.execute(text("UPDATE audit SET who = 'somebody else' WHERE did = 'viewed'"))
    assert "bị sửa từ dòng" in admin.get("/staff/audit").text


def test_passwords_and_roles_must_be_good_ones(sqlite_bench: Any) -> None:
    with pytest.raises(ValueError, match="at least"):
        add_staff(sqlite_bench.services, name="a", password="short", role="clerk", unit="")
    with pytest.raises(ValueError, match="technician"):
        add_staff(sqlite_bench.services, name="a", password=PASSWORD, role="king", unit="")


def test_the_database_knows_no_name_and_no_number_after_a_clerk_has_looked(
    sqlite_bench: Any, deliver_sealed: Any
) -> None:
    _, name, _ = deliver_sealed(sqlite_bench)
    sqlite_bench.staff("clerk").get(f"/staff/d/{name}")
    folder = sqlite_bench.services.settings.blobs_dir.parent
    for path in (path for path in folder.rglob("*") if path.is_file()):
        assert not re.search(rb"CANARY|087194009412", path.read_bytes()), path


def test_the_fleet_page_and_the_metrics_say_who_is_ill_or_silent(sqlite_bench: Any) -> None:
    bench = sqlite_bench
    well, ill, silent = (bench.kiosk(name=name) for name in ("well", "ill", "silent"))
    bench.clock.forward(minutes=11)
    facts = '"qr_scanner":"ready","waiting":%d,"quarantined":%d,"storage":"%s","clock_skew_s":1'
    beat = '{"nonce":"0123456789abcdef","health":{' + facts + "}}"
    well.send("POST", "/v1/heartbeat", (beat % (0, 0, "well")).encode())
    ill.send("POST", "/v1/heartbeat", (beat % (7, 2, "no_scanning")).encode())
    technician = bench.staff("technician")
    page = technician.get("/staff/fleet").text
    rows = {name: re.search(rf"<tr><td>{name}<br>.*?</tr>", page) for name in ("well", "ill", "silent")}
    assert all(rows.values())
    shown = {name: found.group(0) for name, found in rows.items() if found}
    assert "tốt" in shown["well"]
    assert "có hồ sơ bị giữ lại<br>đĩa gần đầy" in shown["ill"]
    assert "không nghe thấy" in shown["silent"]

    metrics = bench.client.get("/metrics").text
    assert f'kiosk_up{{kiosk="{silent.kiosk_id}",unit="H20.17"}} 0' in metrics
    assert f'kiosk_waiting{{kiosk="{ill.kiosk_id}",unit="H20.17"}} 7' in metrics
    assert technician.post(f"/staff/fleet/{ill.kiosk_id}/revoke").status_code == 303
    assert ill.send("POST", "/v1/heartbeat", (beat % (0, 0, "well")).encode()).status_code == 401
    assert technician.post("/staff/fleet/nobody/revoke").status_code == 404


@pytest.mark.parametrize(
    ("health", "shown"),
    [
        ({}, "chưa rõ"),
        ({"version": "0.1.0", "disk": "ready", "storage": "well"}, "chưa rõ"),
        ({"card_reader": "connecting card.starting", "qr_scanner": "connecting", "disk": "ready"}, "chưa rõ"),
        ({"card_reader": "connecting card.starting", "qr_scanner": "ready"}, "tốt"),
    ],
)
def test_a_kiosk_of_which_no_device_is_known_is_not_shown_as_well(
    sqlite_bench: Any, health: dict[str, str], shown: str
) -> None:
    kiosk = sqlite_bench.kiosk(name="one")
    kiosk.send("POST", "/v1/heartbeat", json.dumps({"nonce": "0123456789abcdef", "health": health}).encode())
    row = re.search(r"<tr><td>one<br>.*?</tr>", sqlite_bench.staff("technician").get("/staff/fleet").text)
    assert row
    assert f">{shown}</span>" in row.group(0)
    whose = f'kiosk="{kiosk.kiosk_id}",unit="H20.17"'
    assert f"kiosk_ill{{{whose}}} {int(shown != 'tốt')}" in sqlite_bench.client.get("/metrics").text


def test_a_heartbeat_that_tells_nothing_does_not_make_an_ill_kiosk_well(sqlite_bench: Any) -> None:
    kiosk = sqlite_bench.kiosk(name="one")
    for health in ({"ticket_printer": "blocked printer.paper_out", "qr_scanner": "ready"}, {}):
        sent = json.dumps({"nonce": "0123456789abcdef", "health": health}).encode()
        assert kiosk.send("POST", "/v1/heartbeat", sent).status_code == 200
    assert "máy in phiếu: hết giấy" in sqlite_bench.staff("technician").get("/staff/fleet").text


def test_the_fleet_page_names_the_device_that_is_ill(sqlite_bench: Any) -> None:
    kiosk = sqlite_bench.kiosk(name="one")
    health = {
        "version": "0.1.0",
        "card_reader": "absent card.no_reader",
        "qr_scanner": "ready",
        "document_scanner": "blocked scanner.<b>odd",
        "ticket_printer": "degraded printer.paper_near_end",
        "a4_printer": "disabled device.not_configured",
        "backend": "absent backend.line",
        "disk": "blocked disk.no_scanning",
        "storage": "no_scanning",
        "clock": "degraded clock.lost",
        "new_thing": "ready",
    }
    beat = json.dumps({"nonce": "0123456789abcdef", "health": health}).encode()
    kiosk.send("POST", "/v1/heartbeat", beat)
    row = re.search(r"<tr><td>one<br>.*?</tr>", sqlite_bench.staff("technician").get("/staff/fleet").text)
    assert row
    for said in (
        "đĩa gần đầy<br>đầu đọc thẻ: không thấy (card.no_reader)<br>máy chụp giấy: cần người giúp",
        "(scanner.&lt;b&gt;odd)<br>máy in phiếu: sắp hết giấy<br>đồng hồ: cần chú ý (clock.lost)</span>",
        "<span>bản: <b>0.1.0</b></span>",
        "<span>new_thing: <b>ready</b></span>",
    ):
        assert said in row.group(0)
    assert "a4_printer" not in row.group(0)
    metrics = sqlite_bench.client.get("/metrics").text
    whose = f'kiosk="{kiosk.kiosk_id}",unit="H20.17"'
    assert f'kiosk_device_state{{{whose},device="card_reader",state="absent"}} 1' in metrics
    assert f"kiosk_ill{{{whose}}} 1" in metrics
    assert "new_thing" not in metrics


def test_metrics_from_elsewhere_need_their_token(open_bench: Any) -> None:
    with open_bench(metrics_token="let me in") as bench:
        assert bench.client.get("/metrics").status_code == 401
        assert bench.client.get("/metrics", headers={"Authorization": "Bearer let me in"}).status_code == 200


def test_the_audit_page_says_every_deed_in_vietnamese(sqlite_bench: Any) -> None:
    source = " ".join(path.read_text("utf-8") for path in (BACKEND / "store").glob("*.py"))
    constant = set(re.findall(r'did="([^"]+)"', source))
    begun = {f"{start}B" for start in re.findall(r'did=f"([a-z ]+ )\{', source)}
    known = constant | (begun - {"made B", "moved to B", "priority B"})
    known |= {f"made {role}" for role in ROLES} | {f"moved to {state}" for state in range(1, 11)}
    known |= {f"priority {name}" for name in (*PRIORITIES, "none")}
    assert len(known) >= 30
    assert [did for did in sorted(known) if deed_words(did) == did] == []
    admin = sqlite_bench.staff("admin")
    assert "đăng nhập" in admin.get("/staff/audit").text


def test_an_empty_place_says_so(sqlite_bench: Any) -> None:
    clerk, technician = sqlite_bench.staff("clerk"), sqlite_bench.staff("technician")
    assert "Không có hồ sơ nào ở đây." in clerk.get("/staff").text
    assert "khớp “&lt;b&gt;”" in clerk.get("/staff/search?q=%3Cb%3E").text
    assert "Không có ai đang chờ." in clerk.get("/staff/counter").text
    assert "Chưa có kiosk nào" in technician.get("/staff/fleet").text
