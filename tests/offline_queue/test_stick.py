"""A week without a line: a stick to the backend, pulled out halfway, and the line that comes back later."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

from kiosk_app.wiring import queue as wiring
from kiosk_app.wiring.staff_queue import StaffQueue

ROOT = Path(__file__).parents[2]


def bring(kiosk: Any, stick: Path) -> dict[str, tuple[str, str]]:
    """Run `kiosk-backend import DIR` beside the running backend; return code and outcome by dossier."""
    blobs = kiosk.backend.database.parent / "blobs"
    done = subprocess.run(
        [
            *(sys.executable, "-m", "backend", "import", str(stick)),
            *("--database", f"sqlite:///{kiosk.backend.database}", "--blobs", str(blobs)),
        ],
        cwd=ROOT,
        capture_output=True,
        check=False,
        text=True,
    )
    rows = [line.split("\t") for line in done.stdout.splitlines()]
    return {name: (code, outcome) for name, code, outcome in rows}


def test_the_stick_and_the_line_bring_each_dossier_once(
    kiosk: Any, make_hand_in: Any, tmp_path: Path
) -> None:
    stick = tmp_path / "stick"
    queue = wiring.open_queue(kiosk.config)
    names = [str(queue.put(make_hand_in(size=150_000, seed=n)).dossier_id) for n in range(3)]
    queue.close()
    staff = StaffQueue(kiosk.config)
    try:
        assert staff.export(stick) == names
        # Pulled out in the middle: one sealed file is short, one manifest never came, one name is half made.
        whole = (stick / f"{names[1]}.age").read_bytes()
        (stick / f"{names[1]}.age").write_bytes(whole[:70_000])
        (stick / f"{names[2]}.json").unlink()
        (stick / f".{names[2]}.json.99").write_bytes(b"{")

        first = bring(kiosk, stick)
        code = first[names[0]][0]
        assert first[names[0]][1] == "new"
        assert first[names[1]][0] == "-"
        assert names[2] not in first

        before = (stick / f"{names[0]}.age").stat().st_mtime_ns
        assert staff.export(stick) == names
        assert (stick / f"{names[1]}.age").read_bytes() == whole
        assert (stick / f"{names[0]}.age").stat().st_mtime_ns == before, "what is whole is not copied again"
        second = bring(kiosk, stick)
        assert [second[name][1] for name in names] == ["known", "new", "new"]
        codes = {name: second[name][0] for name in names}
        assert codes[names[0]] == code
        assert bring(kiosk, stick) == {name: (codes[name], "known") for name in names}

        done = staff.sync_once()
        assert (done.delivered, done.failed) == (3, 0), "the line is back: each is confirmed, none is new"
        assert [row["official_code"] for row in staff.dossiers()] == [codes[name] for name in names]
        assert staff.export(stick) == [], "nothing waits any more"
    finally:
        staff.close()
    rows = [row for row in kiosk.stored() if row["dossier_id"] in names]
    assert sorted((row["dossier_id"], row["official_code"]) for row in rows) == sorted(codes.items())
