"""The doctor beside a running kiosk: noticed by its mark, told in front, and what it holds is not accused."""

from __future__ import annotations

import datetime as dt
import json
import os
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import pytest

from drivers.ports import DeviceState, DeviceStatus
from kiosk_app.__main__ import main
from kiosk_app.config import Backend, Config, TicketPrinter
from kiosk_app.doctor_words import explain_in
from kiosk_app.wiring import doctor, doctor_beside, paths
from kiosk_app.wiring.embedded_backend import enrol_embedded, start_embedded_backend
from kiosk_app.wiring.findings import finding
from kiosk_app.wiring.house import open_house
from kiosk_app.wiring.watch import METRICS, metrics

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[3]
NOW = dt.datetime(2026, 11, 22, 9, 0, tzinfo=dt.UTC)
HOLDS = """
import pathlib, sys
from kiosk_app.wiring import paths
with paths.held(pathlib.Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


@contextmanager
def kiosk_over(folder: Path) -> Iterator[None]:
    """Have another process serve from a data folder, as `kiosk run` does."""
    folder.mkdir(exist_ok=True)
    command = [sys.executable, "-c", HOLDS, str(folder)]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"held\n"
        yield
        other.kill()


@pytest.fixture
def silent_printer() -> Iterator[str]:
    """Listen like a network printer whose one connection is taken: it connects and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"tcp://127.0.0.1:{server.getsockname()[1]}"


def told(folder: Path, at: dt.datetime, *seen: DeviceStatus) -> None:
    (folder / "metrics").mkdir(parents=True, exist_ok=True)
    (folder / "metrics" / METRICS).write_text(metrics(seen, {}, version="1", at=at), encoding="utf-8")


def test_a_kiosk_in_another_process_is_noticed_until_it_ends(tmp_path: Path) -> None:
    assert not paths.served_by_another(tmp_path)
    with kiosk_over(tmp_path):
        assert paths.served_by_another(tmp_path)
    assert not paths.served_by_another(tmp_path)


def test_a_kiosk_is_no_other_kiosk_to_itself(tmp_path: Path) -> None:
    with paths.held(tmp_path):
        assert not paths.served_by_another(tmp_path)
    assert not paths.served_by_another(tmp_path)


def test_a_data_folder_that_takes_no_mark_does_not_keep_the_kiosk_from_serving(tmp_path: Path) -> None:
    served = threading.Event()
    with paths.held(tmp_path / "nowhere"):
        served.set()
    assert served.is_set()


def test_the_real_kiosk_marks_its_folder(tmp_path: Path) -> None:
    kiosk = subprocess.Popen(
        [sys.executable, "-m", "kiosk_app", "run", "--simulate", "--windowed"],
        cwd=ROOT,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen", "XDG_STATE_HOME": str(tmp_path)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    try:
        deadline = time.monotonic() + 60
        while not paths.served_by_another(tmp_path / "kiosk-demo"):
            assert time.monotonic() < deadline
            assert kiosk.poll() is None
            time.sleep(0.05)
    finally:
        kiosk.terminate()
        kiosk.communicate(timeout=60)
    assert not paths.served_by_another(tmp_path / "kiosk-demo")


def test_a_silent_network_printer_is_held_by_the_kiosk_and_the_report_says_so_first(
    tmp_path: Path, silent_printer: str, capsys: pytest.CaptureFixture[str]
) -> None:
    file, data, paper = tmp_path / "kiosk.toml", tmp_path / "data", tmp_path / "report.txt"
    file.write_text(
        f'data_dir = "{data}"\n[ticket_printer]\naddress = "{silent_printer}"\n', encoding="utf-8"
    )
    ask = ["--config", str(file), "doctor", "--device", "ticket_printer"]
    assert main([*ask, "--json"]) == 1
    alone = json.loads(capsys.readouterr().out)
    assert (alone["kiosk_running"], alone["parts"][0]["cause"]) == (False, "printer.silent")
    with kiosk_over(data):
        assert main([*ask, "--json"]) == 0
        beside = json.loads(capsys.readouterr().out)
        assert (beside["kiosk_running"], beside["parts"][0]["cause"]) == (True, "device.busy")
        assert "running kiosk holds" in beside["parts"][0]["next_step"]
        assert main([*ask, "--report", str(paper)]) == 0
        assert capsys.readouterr().out.startswith("THE KIOSK IS RUNNING")
    text = paper.read_text(encoding="utf-8")
    assert text.index("KIOSK ĐANG CHẠY") < text.index("ILL:")
    assert "THE KIOSK IS RUNNING" not in doctor.report((finding("disk", DeviceState.READY),), Config())


def test_the_running_kiosk_knows_its_devices_better(tmp_path: Path) -> None:
    told(
        tmp_path,
        NOW,
        DeviceStatus(device="qr_scanner", state=DeviceState.READY, cause="ok"),
        DeviceStatus(device="ticket_printer", state=DeviceState.BLOCKED, cause="printer.paper_out"),
    )
    missing = finding("qr_scanner", DeviceState.ABSENT, "device.missing")
    silent = finding("ticket_printer", DeviceState.FAULT, "printer.silent")
    assert doctor_beside.told_by_running(tmp_path, NOW.timestamp()) is None
    with kiosk_over(tmp_path):
        says = doctor_beside.told_by_running(tmp_path, NOW.timestamp() + 60)
        stale = doctor_beside.told_by_running(tmp_path, NOW.timestamp() + 3600)
    assert says is not None
    held, blocked = doctor_beside.excused(missing, says), doctor_beside.excused(silent, says)
    assert (held.state, held.cause, held.well) == ("ready", "device.busy", True)
    shut = finding("qr_scanner", DeviceState.ABSENT, "device.forbidden")  # whoever calls the doctor may not
    assert doctor_beside.excused(shut, says) == held
    assert (blocked.state, blocked.cause, blocked.well) == ("blocked", "printer.paper_out", False)
    assert stale == {}
    assert doctor_beside.excused(shut, stale) == shut
    assert doctor_beside.excused(missing, stale) == missing
    assert doctor_beside.excused(silent, stale).cause == "device.busy"


def test_the_doctor_speaks_neither_in_the_metrics_nor_to_the_backend_for_the_running_kiosk(
    tmp_path: Path,
) -> None:
    config = Config(
        data_dir=tmp_path, ticket_printer=TicketPrinter(address="serial:///dev/ttyS77?baud=115200")
    )
    paths.prepare(config)
    blocked = DeviceStatus(device="ticket_printer", state=DeviceState.BLOCKED, cause="printer.paper_out")
    backend = start_embedded_backend(config)
    try:
        enrol_embedded(config, backend)
        config = msgspec.structs.replace(config, backend=Backend(url=backend.url))
        with kiosk_over(tmp_path):
            told(tmp_path, dt.datetime.now(dt.UTC), blocked)
            before = (tmp_path / "metrics" / METRICS).read_bytes()
            for _time in range(2):
                (printer,) = doctor.examine(config, only="ticket_printer")
                assert (printer.state, printer.cause) == ("blocked", "printer.paper_out")
            (line,) = doctor.examine(config, only="backend")
            assert line.well
            assert (tmp_path / "metrics" / METRICS).read_bytes() == before
        with closing(sqlite3.connect(backend.database)) as store:
            ((health,),) = store.execute("SELECT health FROM kiosks").fetchall()
        assert health in {None, "null", "{}"}
    finally:
        backend.stop()


def test_the_doctors_house_sends_nothing(tmp_path: Path) -> None:
    config = Config(data_dir=tmp_path / "data")
    paths.prepare(config)
    house = open_house(config, simulate=False, serves=False)
    try:
        house.services.devices()
        assert "queue-sync" not in {thread.name for thread in threading.enumerate()}
    finally:
        house.close()
    assert not (config.data_dir / "metrics").exists()


def test_what_the_doctor_saw_for_itself_stands() -> None:
    says = {"ticket_printer": (DeviceState.READY, "ok"), "a4_printer": (DeviceState.READY, "ok")}
    for found in (
        finding("ticket_printer", DeviceState.BLOCKED, "printer.paper_out"),
        finding("ticket_printer", DeviceState.READY),
        finding("a4_printer", DeviceState.ABSENT, "device.missing"),
        finding("backend", DeviceState.ABSENT, "backend.line"),
    ):
        assert doctor_beside.excused(found, says) == found


def test_a_device_that_a_stranger_holds_is_told_apart_from_one_the_kiosk_holds() -> None:
    for lang, stranger, kiosk in (
        ("en", "Another program", "running kiosk"),
        ("vi", "Chương trình", "Kiosk"),
    ):
        assert stranger in explain_in(lang, "qr_scanner", "fault", "device.busy")
        assert kiosk in explain_in(lang, "qr_scanner", "disabled", "device.busy", {"held_by": "kiosk"})
