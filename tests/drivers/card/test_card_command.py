"""`kiosk card` as a person types it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from drivers.ports import CanKey, MrzKey
from drivers.simulated.card.chip import VirtualCard
from drivers.simulated.card.personas import BINH, HUONG, Persona
from drivers.simulated.card.vpcd import VpcdCard
from kiosk_app.config import Config
from kiosk_app.wiring import card as wiring

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def kiosk(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "kiosk_app", "card", *words],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={**os.environ, "KIOSK_CONFIG": ""},
    )


@pytest.fixture
def huong_in_slot(vpcd_port: int) -> Iterator[Persona]:
    with VpcdCard(VirtualCard(HUONG), port=vpcd_port) as card:
        wait_for_slot(present=True)
        yield card.card.persona
    wait_for_slot(present=False)


def wait_for_slot(*, present: bool) -> None:
    reader = wiring.open_pcsc_reader(Config())
    try:
        assert reader.wait_for_card(present=present, timeout_s=10)
    finally:
        reader.close()


@pytest.mark.pcscd
def test_read_shows_the_person_and_the_proof(huong_in_slot: Persona, csca_folder: Path) -> None:
    done = kiosk(
        "read", "--qr", huong_in_slot.qr_text, "--csca", str(csca_folder), "--json", "--show-personal"
    )
    assert (done.returncode, done.stderr) == (0, "")
    document: dict[str, Any] = json.loads(done.stdout)
    assert set(document) >= {
        "access",
        "cipher",
        "passive_auth",
        "chip_auth",
        "active_auth",
        "data_groups",
        "apdus",
        "bytes",
        "elapsed_ms",
        "holder",
        "warnings",
    }
    assert (document["access"], document["cipher"]) == ("PACE", "AES-128")
    assert (document["passive_auth"], document["chip_auth"]) == ("valid", "valid")
    assert document["data_groups"] == [1, 2, 13, 14]
    assert document["holder"] == {
        "id_number": "087194000412",
        "old_id_number": "341876543",
        "full_name": "NGUYỄN THỊ HƯƠNG",
        "birth_date": "1994-02-14",
        "sex": "female",
        "nationality": "Việt Nam",
        "ethnicity": "Kinh",
        "place_of_origin": "Tân Phú Đông, Sa Đéc, Đồng Tháp",
        "residence": "Số 12, ấp Phú Long, Tân Phú Đông, Sa Đéc, Đồng Tháp",
        "issue_date": "2021-05-10",
        "expiry_date": "2034-02-14",
        "father_name": "NGUYỄN VĂN THẠNH",
        "mother_name": "LÊ THỊ KIỀU OANH",
        "spouse_name": "ĐẶNG QUỐC BẢO",
        "portrait": {"width": 360, "height": 480},
    }


@pytest.mark.pcscd
def test_personal_values_are_masked_unless_asked_for(huong_in_slot: Persona) -> None:
    done = kiosk("read", "--can", huong_in_slot.can, "--json")
    document = json.loads(done.stdout)
    assert document["passive_auth"] == "untrusted"
    assert document["holder"]["id_number"] == "087*****0412"
    assert document["holder"]["full_name"] == "*****"
    assert "HƯƠNG" not in done.stdout
    assert "1994" not in done.stdout
    plain = kiosk("read", "--can", huong_in_slot.can)
    assert plain.returncode == 0
    assert "access: PACE" in plain.stdout
    assert "HƯƠNG" not in plain.stdout


@pytest.mark.pcscd
def test_a_wrong_can_says_what_to_do(huong_in_slot: Persona) -> None:
    assert huong_in_slot.can != "111111"
    done = kiosk("read", "--can", "111111", "--json")
    document = json.loads(done.stdout)
    assert done.returncode == 1
    assert set(document) == {"error"}
    assert document["error"]["code"] == "card.access_denied"
    assert "QR code" in document["error"]["next_step"]
    assert kiosk("read", "--can", "111111").stderr.startswith("kiosk card: The chip refused the key")


@pytest.mark.pcscd
def test_list_names_the_readers(huong_in_slot: Persona) -> None:
    assert huong_in_slot.name == "huong"
    listed = json.loads(kiosk("list", "--json").stdout)
    assert listed[0] == {"reader": "Virtual PCD 00 00", "card_present": True}
    assert "Virtual PCD 00 01  empty" in kiosk("list").stdout


@pytest.mark.pcscd
def test_an_empty_slot_is_an_error_with_a_code(vpcd_port: int) -> None:
    assert vpcd_port
    done = kiosk("read", "--can", "111111", "--json")
    assert (done.returncode, json.loads(done.stdout)["error"]["code"]) == (1, "card.none")


@pytest.mark.pcscd
def test_simulate_serves_a_card_until_it_leaves(vpcd_port: int, tmp_path: Path) -> None:
    csca = tmp_path / "csca"
    process = subprocess.Popen(
        [
            sys.executable,
            *("-m", "kiosk_app", "card", "simulate", "--persona", "binh"),
            *("--port", str(vpcd_port), "--csca-out", str(csca)),
        ],
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("test authorities")
        assert BINH.can in process.stdout.readline()
        wait_for_slot(present=True)
        done = kiosk("read", "--can", BINH.can, "--csca", str(csca), "--json", "--show-personal")
        document = json.loads(done.stdout)
        assert (document["passive_auth"], document["warnings"]) == ("valid", ["no_dg13"])
        assert document["holder"]["birth_date"] == "1962"
    finally:
        process.send_signal(2)
        process.communicate(timeout=10)
    assert process.returncode == 0
    wait_for_slot(present=False)


@pytest.mark.pcscd
def test_a_probe_writes_a_report_without_the_person(huong_in_slot: Persona, tmp_path: Path) -> None:
    out = tmp_path / "card.json"
    done = kiosk("probe", "--can", huong_in_slot.can, "--out", str(out))
    assert done.returncode == 0
    lines = done.stdout.splitlines()
    assert lines[0].startswith("reader     Virtual PCD 00 00, T=1, ATR 3B88")
    assert lines[2] == "outside    ID application, PACE of a kind spoken here"
    assert lines[-1] == f"report     {out}"
    report = json.loads(out.read_text(encoding="utf-8"))
    assert report["inside"]["listed"] == [1, 2, 13, 14]
    assert not {"HƯƠNG", "HUONG", huong_in_slot.can} & set(out.read_text(encoding="utf-8").split('"'))
    outside = json.loads(kiosk("probe").stdout)
    assert "inside" not in outside
    assert outside["outside"]["pace_spoken"]


@pytest.mark.pcscd
def test_a_terminal_gets_a_progress_bar_and_a_pipe_none(huong_in_slot: Persona) -> None:
    leader, follower = os.openpty()
    with os.fdopen(leader, "rb", buffering=0) as screen, os.fdopen(follower, "wb") as terminal:
        done = subprocess.run(
            [sys.executable, "-m", "kiosk_app", "card", "read", "--can", huong_in_slot.can, "--json"],
            stdout=subprocess.PIPE,
            stderr=terminal,
            timeout=60,
            check=True,
            env={**os.environ, "KIOSK_CONFIG": ""},
        )
        terminal.flush()
        drawn = screen.read(4096).decode()
    assert json.loads(done.stdout)["access"] == "PACE"
    assert drawn.startswith("\r[####")
    assert drawn.endswith(f"\r[{'#' * 40}] 100%\r\n")
    assert huong_in_slot.can not in drawn


@pytest.mark.pcscd
def test_the_printed_code_is_compared_with_the_chip(huong_in_slot: Persona) -> None:
    other = huong_in_slot.qr_text.replace("14021994", "15021994")
    document = json.loads(kiosk("read", "--qr", other, "--json").stdout)
    assert document["warnings"] == ["qr_birth_differs"]
    assert document["sources"]["full_name"] == "dg13"
    stranger = kiosk("read", "--qr", huong_in_slot.qr_text.replace("087194000412", "087195000412"), "--json")
    assert json.loads(stranger.stdout)["error"]["code"] == "card.mismatch"


@pytest.mark.parametrize(
    "words",
    [
        ("read", "--can", "12345"),
        ("read", "--mrz", "too short"),
        ("read", "--qr", "hello"),
        ("read",),
        ("simulate", "--persona", "nobody"),
        ("simulate", "--fault", "nonsense"),
        ("simulate", "--make", "nonsense"),
        ("probe", "--can", "1"),
    ],
)
def test_wrong_usage_ends_with_2_and_a_sentence(words: tuple[str, ...]) -> None:
    done = kiosk(*words)
    assert done.returncode == 2
    assert done.stderr


def test_simulate_without_a_virtual_reader_says_what_to_start() -> None:
    done = kiosk("simulate", "--port", "1")
    assert done.returncode == 1
    assert "start pcscd" in done.stderr


def test_keys_from_text() -> None:
    by_qr = wiring.key_from_text(qr=HUONG.qr_text)
    assert (by_qr.access, by_qr.id_number) == (CanKey(can="000412"), "087194000412")
    assert by_qr.printed is not None
    assert by_qr.printed.full_name == HUONG.full_name
    by_mrz = wiring.key_from_text(mrz=" ".join(HUONG.mrz).lower())
    assert by_mrz.access == MrzKey(lines=HUONG.mrz)
    assert "000412" not in repr(by_qr)


def test_simulated_wiring(tmp_path: Path) -> None:
    config = Config(data_dir=tmp_path)
    folder = wiring.test_csca_dir(config)
    assert folder.is_relative_to(tmp_path)
    reader = wiring.open_simulated_reader(csca_dir=folder)
    wiring.insert_persona(reader, "huong")
    key = wiring.key_from_text(qr=wiring.persona_qr_text("huong"))
    reading = reader.read(key.access, timeout_s=10, progress=lambda _share: None)
    assert reading.proof.passive_auth == "valid"
    assert wiring.persona_names() == ("huong", "binh", "uyen", "bao")
    for name, faults in (("nobody", []), ("huong", ["nonsense"])):
        with pytest.raises(wiring.KeyTextError):
            wiring.insert_persona(reader, name, faults)
    reader.close()
