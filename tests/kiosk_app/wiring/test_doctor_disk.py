"""The doctor judges the disk as the health model does, and leaves nothing on it."""

from __future__ import annotations

import errno
import os
from typing import TYPE_CHECKING

import pytest

from kiosk_app.wiring import doctor_machine
from offline_queue import guards

if TYPE_CHECKING:
    from pathlib import Path


def room(used: float) -> guards.Room:
    total = 10**10
    return guards.Room(
        free_bytes=round((1 - used) * total), total_bytes=total, free_files=10**6, total_files=10**6
    )


@pytest.mark.parametrize(
    ("used", "state", "cause"),
    [
        (0.5, "ready", "ok"),
        (0.85, "degraded", "disk.little_space"),
        (0.92, "blocked", "disk.no_scanning"),
        (1.0, "blocked", "disk.full"),
    ],
)
def test_the_disk_is_judged_as_by_the_health_model(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, used: float, state: str, cause: str
) -> None:
    monkeypatch.setattr(guards, "measure", lambda _folder: room(used))
    found = doctor_machine.disk(tmp_path)
    assert (found.state, found.cause) == (state, cause)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("number", "state", "cause"),
    [(errno.ENOSPC, "blocked", "disk.full"), (errno.EIO, "fault", "disk.unreadable")],
)
def test_a_disk_that_cannot_be_written_is_named_and_left_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, state: str, cause: str
) -> None:
    def fails(_file: int) -> None:
        raise OSError(number, "no")

    monkeypatch.setattr(guards, "measure", lambda _folder: room(0.5))
    monkeypatch.setattr(os, "fsync", fails)
    found = doctor_machine.disk(tmp_path)
    assert (found.state, found.cause) == (state, cause)
    assert list(tmp_path.iterdir()) == []
    assert doctor_machine.disk(tmp_path / "nowhere").well is False
