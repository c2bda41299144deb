from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from kiosk_app.__main__ import main
from kiosk_app.cli.doctor import PARTS

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def config_file(tmp_path: Path) -> Path:
    path = tmp_path / "kiosk.toml"
    lines = (
        f'data_dir = "{tmp_path / "data"}"',
        '[card]\nreader = "simulated:"',
        '[ticket_printer]\naddress = "simulated:"',
        '[document_scanner]\nsource = "simulated:"',
        '[qr_scanner]\nsource = "simulated:"',
    )
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def test_every_part_has_a_state_and_a_next_step(
    config_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--config", str(config_file), "doctor", "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    parts = {part["part"]: part for part in told["parts"]}
    assert set(parts) == set(PARTS)
    assert all(part["next_step"] for part in parts.values())
    assert all(part["next_step_vi"] for part in parts.values())
    ill = {name for name, part in parts.items() if part["state"] not in {"ready", "degraded", "disabled"}}
    assert ill == {"backend"}
    assert not told["well"]


def test_one_device_is_asked_alone(config_file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--config", str(config_file), "doctor", "--device", "ticket_printer"]) == 0
    assert "ticket_printer" in capsys.readouterr().out


def test_a_printer_out_of_reach_is_named_with_its_cause(
    config_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = config_file.read_text(encoding="utf-8")
    config_file.write_text(
        text.replace('address = "simulated:"', 'address = "tcp://127.0.0.1:9"'), encoding="utf-8"
    )
    assert main(["--config", str(config_file), "doctor", "--device", "ticket_printer", "--json"]) == 1
    (part,) = json.loads(capsys.readouterr().out)["parts"]
    assert part["cause"] == "printer.unreachable"
    assert "network" in part["next_step"]


def test_a_data_folder_that_cannot_be_used_is_said_in_a_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("", encoding="ascii")
    config = tmp_path / "kiosk.toml"
    config.write_text(f'data_dir = "{blocked / "data"}"\n', encoding="utf-8")
    assert main(["--config", str(config), "doctor"]) == 1
    assert "data_dir" in capsys.readouterr().err


def test_a_report_is_written_for_paper(
    config_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "report.txt"
    asked = ["--config", str(config_file), "doctor", "--device", "disk"]
    assert main([*asked, "--report", str(out)]) == 0
    assert "PHIẾU KHÁM MÁY" in out.read_text(encoding="utf-8")
    assert main([*asked, "--report", str(tmp_path / "none" / "report.txt")]) == 1
    assert "cannot be written" in capsys.readouterr().err
