"""Look-ups for whoever holds the receipt, the public page in a real browser, and the opener behind them."""

from __future__ import annotations

import datetime as dt
import hashlib
import importlib
import io
import json
import re
import shutil
import subprocess
import threading
import time
import uuid
import zipfile
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import text

from backend.messages import ProgressAnswer
from backend.store.lookup import NEXT_STEPS, dossier_list, set_progress
from backend.store.opener import open_pending
from backend.web.progress_page import STATES, progress_page

if TYPE_CHECKING:
    from pathlib import Path


def _container(name: str, changes: dict[str, Any]) -> bytes:
    manifest: dict[str, Any] = {
        "format": "kiosk-dossier",
        "version": 1,
        "dossier_id": name,
        "form_version": "1",
        "id_number": "087194009412",
        "documents": [{"name": "form.pdf", "media_type": "application/pdf", "sha256": "0", "size": 3}],
        **changes,
    }
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("manifest.json", json.dumps(manifest))
    return buffer.getvalue()


def _sealed(plain: bytes, recipients: list[str]) -> bytes:
    pyrage = importlib.import_module("pyrage")
    sealed: bytes = pyrage.encrypt(plain, [pyrage.x25519.Recipient.from_str(text) for text in recipients])
    return sealed


def _deliver(bench: Any, make_dossier: Any, **changes: Any) -> tuple[Any, Any, str]:
    kiosk, name = bench.kiosk(), str(uuid.uuid4())
    sealed = _sealed(_container(name, changes), kiosk.enrolled["recipients"])
    dossier = make_dossier(parts=[sealed], dossier_id=name)
    answer = kiosk.deliver(dossier)
    assert answer.status_code == 201
    _wait_until_opened(bench)
    return kiosk, dossier, answer.json()["official_code"]


def _wait_until_opened(bench: Any) -> None:
    pause = threading.Event()
    for _ in range(200):
        open_pending(bench.services)
        # The backend's own opener may hold the last one at this moment.
        if all(row["opened"] != "pending" for row in dossier_list(bench.services)):
            return
        pause.wait(0.05)
    pytest.fail("the dossiers were not opened")


def test_progress_by_token_and_by_digits(bench: Any, make_dossier: Any) -> None:
    kiosk, dossier, code = _deliver(bench, make_dossier)
    for path in (
        f"/v1/progress?code={code}&t={dossier.token}",
        f"/v1/progress?code={dossier.receipt_code}&t={dossier.token}",
        f"/v1/progress?code={code.lower()}&tail=9412",
    ):
        answer = kiosk.send("GET", path)
        assert answer.status_code == 200, path
        told = answer.json()
        assert (told["code"], told["receipt_code"], told["state"]) == (code, dossier.receipt_code, 1)
        assert (told["unit"], told["next_step"], told["procedure"]) == (
            "Trung tâm Sa Đéc",
            "wait",
            "2.000635",
        )
    assert kiosk.send("GET", f"/v1/progress?code={code}").status_code == 422
    assert kiosk.send("GET", f"/v1/progress?code={code}&tail=94").status_code == 422


def test_digits_open_nothing_for_another_unit(bench: Any, make_dossier: Any) -> None:
    _, _, code = _deliver(bench, make_dossier)
    stranger = bench.kiosk(unit="H99.01")
    assert stranger.send("GET", f"/v1/progress?code={code}&tail=9412").status_code == 404


def test_unknown_and_wrong_look_the_same_and_three_failures_pause(bench: Any, make_dossier: Any) -> None:
    kiosk, dossier, code = _deliver(bench, make_dossier)
    wrong = [kiosk.send("GET", f"/v1/progress?code={code}&tail=000{n}") for n in range(3)]
    unknown = kiosk.send("GET", "/v1/progress?code=H20.17-261122-9999&tail=0000")
    assert {(answer.status_code, answer.text) for answer in [*wrong, unknown]} == {(404, unknown.text)}

    paused = kiosk.send("GET", f"/v1/progress?code={code}&tail=9412")
    assert (paused.status_code, paused.json()["code"]) == (429, "look_up.paused")
    assert 0 < int(paused.headers["Retry-After"]) <= 901
    assert bench.client.get(f"/d/{code}?t={dossier.token}").status_code == 200, "others are not paused"

    bench.clock.forward(minutes=16)
    assert kiosk.send("GET", f"/v1/progress?code={code}&tail=9412").status_code == 200


def test_old_guesses_do_not_pile_up(sqlite_bench: Any) -> None:
    def rows() -> int:
        with sqlite_bench.services.engine.connect() as connection:
            return int(connection.execute(text("SELECT count(*) FROM look_up_failures")).scalar_one())

    for number in range(5):
        assert sqlite_bench.client.get(f"/d/H20.17-261122-{number:04d}?t=x").status_code == 404
    assert rows() == 5
    sqlite_bench.clock.forward(minutes=16)
    sqlite_bench.client.get("/d/H20.17-261122-0009?t=x")
    assert rows() == 1


def test_a_right_answer_forgives_wrong_ones(bench: Any, make_dossier: Any) -> None:
    kiosk, _, code = _deliver(bench, make_dossier)
    for _ in range(3):
        for tail in ("0000", "0001"):
            assert kiosk.send("GET", f"/v1/progress?code={code}&tail={tail}").status_code == 404
        assert kiosk.send("GET", f"/v1/progress?code={code}&tail=9412").status_code == 200


def test_a_dossier_still_on_its_way_is_not_found_yet(sqlite_bench: Any, make_dossier: Any) -> None:
    kiosk, dossier = sqlite_bench.kiosk(), make_dossier()
    kiosk.send("PUT", dossier.path, dossier.manifest)
    page = sqlite_bench.client.get(f"/d/{dossier.receipt_code}?t={dossier.token}")
    assert page.status_code == 404
    assert "đang được gửi đi" in page.text


def test_staff_move_a_dossier_and_the_phone_sees_it(sqlite_bench: Any, make_dossier: Any) -> None:
    kiosk, dossier, code = _deliver(sqlite_bench, make_dossier)
    set_progress(sqlite_bench.services, code, 5, due=dt.date(2026, 12, 1), by="test")
    told = kiosk.send("GET", f"/v1/progress?code={code}&t={dossier.token}").json()
    assert (told["state"], told["due"], told["next_step"]) == (5, "2026-12-01", "bring_papers")
    page = sqlite_bench.client.get(f"/d/{code}?t={dossier.token}").text
    assert "Cần bổ sung giấy tờ" in page
    assert "01/12/2026" in page


def test_the_page_is_small_private_and_without_script(sqlite_bench: Any, make_dossier: Any) -> None:
    _, dossier, code = _deliver(sqlite_bench, make_dossier)
    answer = sqlite_bench.client.get(f"/d/{dossier.receipt_code}?t={dossier.token}")
    assert answer.status_code == 200
    assert len(answer.content) < 30_000
    assert code in answer.text
    assert "<script" not in answer.text
    assert dossier.token not in answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    for _ in range(3):
        assert sqlite_bench.client.get(f"/d/{code}?t=wrong").status_code == 404
    assert sqlite_bench.client.get(f"/d/{code}?t={dossier.token}").status_code == 429


def test_every_state_has_its_page_in_both_languages() -> None:
    assert set(STATES) == set(NEXT_STEPS) == set(range(1, 11))
    for state in STATES:
        page = progress_page(
            ProgressAnswer(
                code="H20.17-261122-0001",
                receipt_code="K01-261122-0001",
                state=state,
                since=dt.datetime(2026, 11, 22, 2, 30, tzinfo=dt.UTC),
                unit="<b>Trung tâm & bạn</b>",
                due=None,
                next_step=NEXT_STEPS[state],
                procedure="2.000635",
            )
        )
        assert STATES[state][0] in page
        assert 'lang="en"' in page
        assert "&lt;b&gt;Trung tâm &amp; bạn&lt;/b&gt;" in page


def test_the_page_in_a_real_browser(sqlite_bench: Any, make_dossier: Any, tmp_path: Path) -> None:
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("chromium is not installed")
    _, dossier, code = _deliver(sqlite_bench, make_dossier)
    url = f"{sqlite_bench.client.base_url}/d/{dossier.receipt_code}?t={dossier.token}"
    picture = tmp_path / "page.png"
    flags = [
        *(
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--hide-scrollbars",
        ),
        *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
        f"--user-data-dir={tmp_path / 'profile'}",
    ]
    dom = subprocess.run([chromium, *flags, "--dump-dom", url], capture_output=True, check=True, timeout=60)
    subprocess.run(
        [chromium, *flags, "--window-size=390,844", f"--screenshot={picture}", url],
        capture_output=True,
        check=True,
        timeout=60,
    )
    shown = re.sub(r"<[^>]+>", " ", dom.stdout.decode().partition("<body>")[2])
    assert code in shown
    assert "Đã gửi, chờ cán bộ tiếp nhận" in shown
    assert "Sent, waiting for an officer" in shown
    assert picture.stat().st_size > 5000


@pytest.mark.parametrize(
    "changes",
    [
        {"format": "other"},
        {"version": 2},
        {"dossier_id": "another"},
        {"documents": None},
        {"documents": [{}]},
    ],
)
def test_contents_that_are_not_a_dossier_are_set_aside_and_visible(
    sqlite_bench: Any, make_dossier: Any, changes: dict[str, Any]
) -> None:
    _, dossier, _ = _deliver(sqlite_bench, make_dossier, **changes)
    row = dossier_list(sqlite_bench.services)[0]
    assert (row["dossier_id"], row["state"], row["opened"]) == (dossier.dossier_id, "stored", "quarantined")


def test_bytes_sealed_to_nobody_are_set_aside_and_stop_nobody(sqlite_bench: Any, make_dossier: Any) -> None:
    sqlite_bench.kiosk().deliver(make_dossier())
    _, dossier, _ = _deliver(sqlite_bench, make_dossier)
    opened = {row["dossier_id"]: row["opened"] for row in dossier_list(sqlite_bench.services)}
    assert sorted(map(str, opened.values())) == ["opened", "quarantined"]
    assert opened[dossier.dossier_id] == "opened"


def test_the_escrow_key_opens_a_dossier_when_the_backends_own_is_lost(
    sqlite_bench: Any, make_dossier: Any
) -> None:
    pyrage = importlib.import_module("pyrage")
    _, dossier, _ = _deliver(sqlite_bench, make_dossier)
    escrow = (sqlite_bench.services.settings.keys_dir / "escrow.key").read_text()
    sealed = sqlite_bench.services.blobs.read(dossier.dossier_id)
    assert zipfile.is_zipfile(io.BytesIO(pyrage.decrypt(sealed, [pyrage.x25519.Identity.from_str(escrow)])))


def test_the_database_holds_no_person(sqlite_bench: Any, make_dossier: Any) -> None:
    _deliver(sqlite_bench, make_dossier)
    folder = sqlite_bench.services.settings.blobs_dir.parent
    number = b"087194009412"
    for path in folder.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            assert number not in content, path
            assert hashlib.sha256(b"9412").hexdigest().encode() not in content, path


def test_a_dossier_that_cannot_be_read_gets_five_tries(
    sqlite_bench: Any, make_dossier: Any, tmp_path: Path
) -> None:
    kiosk, dossier, _ = _deliver(sqlite_bench, make_dossier)
    deadline = time.monotonic() + 30
    while (
        dossier_list(sqlite_bench.services)[0]["opened"] != "opened"
    ):  # whoever of the two openers comes first
        assert time.monotonic() < deadline, "nobody opened the dossier"
        open_pending(sqlite_bench.services)
    next((tmp_path / "blobs" / "dossiers").rglob("*.age")).unlink()
    with sqlite_bench.services.engine.begin() as connection:
        connection.execute(text("UPDATE dossiers SET opened = 'pending'"))
    states = []
    for _ in range(20):
        open_pending(sqlite_bench.services)
        states.append(dossier_list(sqlite_bench.services)[0]["opened"])
        if states[-1] == "quarantined":
            break
    assert 3 <= len(states) <= 5, "the backend's own opener may have taken one of the tries"
    assert kiosk.send("GET", f"/v1/progress?code={dossier.receipt_code}&t={dossier.token}").status_code == 200
