"""`kiosk queue` and `kiosk enrol` as a person or a script calls them, against a real backend."""

from __future__ import annotations

import importlib
import io
import json
import signal
import subprocess
import sys
import threading
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from PIL import Image

from drivers.simulated.scanner.desk import Scene, photograph
from drivers.simulated.scanner.papers import birth_certificate
from kiosk_app.__main__ import main
from kiosk_app.wiring import queue as wiring
from offline_queue.enrol import load_enrolment

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).parents[2]
NAME = "Nguyễn Thị Hương"
ANSWERS = {
    "hoSo.loaiYeuCau": "khaiSinh",
    "hoSo.coQuanDangKy": "UBND xã Tân Khánh Trung",
    "hoSo.soLuong": 3,
    "nyc.noiCuTru.xa": "30184",
}
CARD = {
    "access": "PACE",
    "passive_auth": "valid",
    "holder": {
        "full_name": NAME,
        "birth_date": "1994-02-14",
        "sex": "female",
        "id_number": "087194000412",
        "nationality": "Việt Nam",
        "ethnicity": "Kinh",
        "residence": "Ấp Khánh Mỹ, Tân Khánh Trung, Lấp Vò, Đồng Tháp",
        "issue_date": "2025-05-06",
        "portrait": {"width": 240, "height": 320},
    },
}


@pytest.fixture
def files(kiosk: Any, tmp_path: Path) -> dict[str, str]:
    config = tmp_path / "kiosk.toml"
    config.write_text(f'data_dir = "{kiosk.config.data_dir}"\n[centre]\nname = "Trung tâm Sa Đéc"\n')
    found = {"config": str(config)}
    for name, content in (("card", CARD), ("answers", ANSWERS)):
        path = tmp_path / f"{name}.json"
        path.write_text(json.dumps(content), encoding="utf-8")
        found[name] = str(path)
    return found


@pytest.fixture
def run(files: dict[str, str], capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, Any, str]]:
    def call(group: str, *words: str) -> tuple[int, Any, str]:
        code = main(["--config", files["config"], group, *words, "--json"])
        printed = capsys.readouterr()
        return code, json.loads(printed.out), printed.err

    return call


def _put(run: Any, files: dict[str, str], *more: str) -> Any:
    return run(
        "queue", "put", "--form", "2.000635", "--card", files["card"], "--answers", files["answers"], *more
    )


def test_put_status_sync_list(run: Any, files: dict[str, str], kiosk: Any) -> None:
    code, told, _ = _put(run, files)
    assert code == 0
    assert set(told) == {"dossier_id", "receipt_code"}
    keys = {"ready", "sending", "stored", "quarantined", "paused", "oldest_age_s", "bytes", "storage"}
    keys |= {"intake_open", "scanning_open", "clock_skew_s", "slips_unsent", "warnings", "held"}
    code, status, _ = run("queue", "status")
    assert (code, set(status), status["ready"], status["paused"]) == (0, keys, 1, None)

    code, done, _ = run("queue", "sync", "--once")
    assert (code, done["delivered"], done["stored"]) == (0, 1, 1)
    code, rows, _ = run("queue", "list")
    assert [row["receipt_code"] for row in rows] == [told["receipt_code"]]
    assert rows[0]["state"] == "stored"
    stored = {row["dossier_id"]: row for row in kiosk.stored()}[told["dossier_id"]]
    assert (stored["official_code"], stored["procedure"]) == (rows[0]["official_code"], "2.000635")


def test_put_seals_the_filled_form_and_the_scanned_pages(
    run: Any, files: dict[str, str], kiosk: Any, tmp_path: Path
) -> None:
    picture = photograph(Scene(), (birth_certificate(),))
    Image.fromarray(np.ascontiguousarray(picture[:, :, ::-1])).save(tmp_path / "page.jpg", quality=92)
    code, told, _ = _put(run, files, "--page", str(tmp_path / "page.jpg"))
    assert code == 0
    code, exported, _ = run("queue", "export", str(tmp_path / "usb"))
    assert exported == {"exported": [told["dossier_id"]]}

    pyrage = importlib.import_module("pyrage")
    key = (kiosk.backend.database.parent / "blobs.keys" / "escrow.key").read_text()
    sealed = (tmp_path / "usb" / f"{told['dossier_id']}.age").read_bytes()
    archive = zipfile.ZipFile(io.BytesIO(pyrage.decrypt(sealed, [pyrage.x25519.Identity.from_str(key)])))
    manifest = json.loads(archive.read("manifest.json"))
    answers = json.loads(archive.read("answers.json"))
    assert [document["name"] for document in manifest["documents"]] == ["form.pdf", "scan.pdf"]
    assert archive.read("documents/form.pdf").startswith(b"%PDF")
    assert archive.read("documents/scan.pdf").startswith(b"%PDF")
    name = answers["nyc.hoTen"]
    assert (name["value"], name["source"], name["shown"]) == (NAME.upper(), "chip", NAME.upper())
    assert name["label"].startswith("Họ")
    assert manifest["procedure_name"]
    assert manifest["card_proof"] == {"access": "PACE", "passive_auth": "valid"}
    assert manifest["consent"]["method"] == "staff"
    again = run("queue", "export", str(tmp_path / "usb"))
    assert again[0] == 0


def test_answers_that_are_missing_are_named_and_nothing_is_stored(run: Any, tmp_path: Path) -> None:
    empty = tmp_path / "empty.json"
    empty.write_text("{}")
    code, told, err = run("queue", "put", "--form", "2.000635", "--answers", str(empty))
    assert (code, told["error"]["code"]) == (1, "queue.input")
    assert "nyc.hoTen (required)" in err
    assert run("queue", "status")[1]["ready"] == 0


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--form", "9.999999", "--answers", "{answers}"], "9.999999"),
        (["--form", "2.000635", "--answers", "/nowhere.json"], "/nowhere.json"),
        (["--form", "2.000635", "--answers", "{config}"], "not JSON"),
        (
            ["--form", "2.000635", "--card", "{card}", "--answers", "{answers}", "--page", "{config}"],
            "kiosk.toml",
        ),
    ],
)
def test_a_file_that_cannot_be_used_is_named(
    run: Any, files: dict[str, str], words: list[str], says: str
) -> None:
    code, told, err = run("queue", "put", *(word.format(**files) for word in words))
    assert code == 1
    assert says in err
    assert says in told["error"]["message"]


def test_sync_without_a_backend_says_that_nothing_is_lost(
    run: Any, files: dict[str, str], kiosk: Any
) -> None:
    _put(run, files)
    enrolled = kiosk.config.data_dir / "keys" / "backend.json"
    there = enrolled.read_text()
    enrolled.write_text(there.replace(kiosk.backend.url, "http://127.0.0.1:9"))
    code, done, err = run("queue", "sync", "--once")
    assert (code, done["delivered"], done["failed"], done["ready"]) == (1, 0, 1, 1)
    assert "nothing is lost" in err
    enrolled.write_text(there)
    assert run("queue", "retry")[1] == {"retried": 0}
    assert run("queue", "sync", "--once")[1]["delivered"] == 1


def test_status_names_why_a_dossier_is_held_back(run: Any, files: dict[str, str], kiosk: Any) -> None:
    _, told, _ = _put(run, files)
    queue = wiring.open_queue(kiosk.config)
    outbox = wiring.open_outbox(queue)
    try:
        claimed = outbox.claim()
        assert claimed is not None
        outbox.quarantine(claimed, "manifest 422")
    finally:
        queue.close()
    _, status, _ = run("queue", "status")
    assert (status["quarantined"], status["held"]) == (1, {told["receipt_code"]: "manifest 422"})
    assert status["warnings"] == ["quarantined"]
    assert run("queue", "retry")[1] == {"retried": 1}
    assert run("queue", "status")[1]["held"] == {}


def test_check_looks_at_pages_and_events(run: Any, files: dict[str, str], kiosk: Any) -> None:
    _put(run, files)
    well = {"unconfirmed": 0, "incomplete": 0, "damaged": 0, "broken_event": None}
    assert run("queue", "check")[:2] == (0, well)
    queue = wiring.open_queue(kiosk.config)
    try:
        with queue.vault.transaction() as db:
            db.execute("DELETE FROM events WHERE seq = 1")
            db.execute("INSERT INTO events VALUES (2, '', 'forged', '', '', '')")
    finally:
        queue.close()
    code, found, err = run("queue", "check")
    assert (code, found["broken_event"]) == (1, 1)
    assert "altered" in err


def test_check_finds_a_damaged_page(run: Any, files: dict[str, str], kiosk: Any) -> None:
    _put(run, files)
    queue = wiring.open_queue(kiosk.config)
    queue.vault.checkpoint()
    queue.close()
    path = kiosk.config.data_dir / "queue.db"
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1  # inside a sealed part: nobody else reads that page
    path.write_bytes(content)
    code, found, err = run("queue", "check")
    assert (code, found["damaged"]) == (1, 1)
    assert "export" in err


def test_enrol(run: Any, kiosk: Any) -> None:
    before = load_enrolment(kiosk.config.data_dir)
    from backend.app import open_services
    from backend.settings import make_settings
    from backend.store.fleet import make_enrol_code

    folder = kiosk.backend.database.parent
    services = open_services(
        make_settings(database=f"sqlite:///{kiosk.backend.database}", blobs=str(folder / "blobs"))
    )
    fresh = make_enrol_code(services)
    services.engine.dispose()
    code, told, _ = run("enrol", fresh, "--backend", kiosk.backend.url)
    assert (code, told) == (0, {"kiosk_id": before.kiosk_id, "backend": kiosk.backend.url})


def test_enrol_says_what_is_wrong(
    files: dict[str, str], kiosk: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    config = ["--config", files["config"]]
    assert main([*config, "enrol", "USEDUSED22", "--backend", kiosk.backend.url]) == 1
    assert "ask for a new one" in capsys.readouterr().err
    assert main([*config, "enrol", "USEDUSED22"]) == 1, "it knows its backend"
    assert "ask for a new one" in capsys.readouterr().err
    assert main([*config, "enrol", "USEDUSED22", "--backend", "http://127.0.0.1:9"]) == 1
    assert "did not answer" in capsys.readouterr().err
    (kiosk.config.data_dir / "keys" / "backend.json").unlink()
    assert main([*config, "enrol", "USEDUSED22"]) == 2
    assert "give --backend" in capsys.readouterr().err


def test_sync_goes_on_until_it_is_told_to_stop(files: dict[str, str], kiosk: Any, make_hand_in: Any) -> None:
    queue = wiring.open_queue(kiosk.config)
    try:
        queue.put(make_hand_in())
        process = subprocess.Popen(
            [sys.executable, "-m", "kiosk_app", "--config", files["config"], "queue", "sync"], cwd=ROOT
        )
        try:
            for _ in range(300):
                if queue.status().stored:
                    break
                process.poll()
                threading.Event().wait(0.1)
            assert queue.status().stored == 1
        finally:
            process.send_signal(signal.SIGTERM)
            assert process.wait(30) == 0
    finally:
        queue.close()
