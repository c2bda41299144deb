from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
UNIT = ROOT / "kiosk.service"
STICK = ROOT / "deploy" / "system" / "kiosk-stick.service"
needs_systemd = pytest.mark.skipif(
    shutil.which("systemd-analyze") is None, reason="systemd-analyze is not here"
)


@needs_systemd
@pytest.mark.parametrize("unit", [UNIT, STICK], ids=["kiosk", "stick"])
def test_the_unit_is_confined(unit: Path) -> None:
    done = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", "--threshold=30", str(unit)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-400:]


def test_the_unit_restarts_for_ever_and_dumps_no_memory() -> None:
    lines = UNIT.read_text(encoding="utf-8").splitlines()
    assert "Restart=always" in lines
    assert "StartLimitIntervalSec=0" in lines
    assert "LimitCORE=0" in lines
    assert "NoNewPrivileges=yes" in lines


def test_the_unit_for_the_stick_is_started_by_nothing_but_a_question() -> None:
    lines = STICK.read_text(encoding="utf-8").splitlines()
    assert "[Install]" not in lines, "a unit that is enabled would mount at start"
    rules = (STICK.parent / "70-kiosk.rules").read_text(encoding="utf-8")
    assert "SYSTEMD_WANTS" not in rules, "a stick that is plugged in starts nothing"
    assert "RUN+=" not in rules
