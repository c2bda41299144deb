"""`kiosk tour` as its user runs it: a process of its own, pictures and a summary at the end."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from PIL import Image

ROOT = Path(__file__).resolve().parents[2]


def run_tour(out: Path, *more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "kiosk_app", "tour", "--out", str(out), *more],
        cwd=ROOT,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen", "HOME": str(out)},
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )


def size_of(path: Path) -> tuple[int, int]:
    with Image.open(path) as picture:
        return picture.size


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tour")
    done = run_tour(folder)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return folder


@pytest.fixture(scope="module")
def summary(out: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((out / "summary.json").read_text(encoding="utf-8"))
    return loaded


def test_there_are_pictures_of_every_screen(out: Path) -> None:
    names = [path.stem.split("-", 1)[1] for path in sorted(out.glob("[0-9][0-9]-*.png"))]
    wanted = {"welcome", "choose", "identify-qr", "identify-read", "fill-1", "scan", "review", "done"}
    wanted |= {"look-up-found", "take-number", "copy", "copy-ready", "copy-out", "unavailable", "staff"}
    wanted |= {"family-invited", "family-code", "family-remove", "family-read", "family-filled"}
    assert wanted <= set(names)
    for path in out.glob("[0-9][0-9]-*.png"):
        assert size_of(path) == (1080, 1920)


def test_slip_form_and_scan_are_there(out: Path) -> None:
    assert size_of(out / "ticket.png")[0] == 576
    with pikepdf.open(out / "form.pdf") as form, pikepdf.open(out / "scan.pdf") as scan:
        assert len(form.pages) == 1
        assert len(scan.pages) == 2
    with pikepdf.open(out / "copy.pdf") as copy:
        assert len(copy.pages) == 1


def test_the_summary_keeps_its_contract(summary: dict[str, Any]) -> None:
    for key in ("dossier_id", "official_code", "steps", "first_screen_ms", "rss_mib"):
        assert summary[key]
    assert all(set(step) == {"name", "elapsed_ms"} for step in summary["steps"])


def test_the_backend_knows_the_official_code(summary: dict[str, Any]) -> None:
    place = summary["backend"]
    where = ("--database", place["database"], "--blobs", place["blobs"])
    done = subprocess.run(
        [sys.executable, "-m", "backend", "dossiers", "--json", *where],
        cwd=ROOT,
        capture_output=True,
        check=True,
        timeout=60,
    )
    (dossier,) = json.loads(done.stdout)
    assert dossier["official_code"] == summary["official_code"]
    assert dossier["dossier_id"] == summary["dossier_id"]


def test_no_bug_met_the_excepthook(out: Path) -> None:
    log = (out / "data" / "logs" / "kiosk.log").read_text(encoding="utf-8")
    assert "kiosk.crashed" not in log
    assert '"ERROR"' not in log


def test_landscape_english_and_contrast_walk_the_same_way(tmp_path: Path) -> None:
    done = run_tour(tmp_path, "--size", "1920x1080", "--lang", "en", "--contrast")
    assert done.returncode == 0, done.stderr
    assert size_of(next(tmp_path.glob("01-*.png"))) == (1920, 1080)


def test_a_folder_that_cannot_be_written_is_said_in_a_sentence(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("", encoding="ascii")
    done = run_tour(blocked / "out")
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert str(blocked) in done.stderr
