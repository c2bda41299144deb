"""`kiosk enrol --rotate` against a real backend: a new key, no gap, and whole again after any failure."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing, nullcontext
from typing import TYPE_CHECKING, Any

import pytest

from kiosk_app.cli import enrol as command
from kiosk_app.wiring import queue as wiring
from offline_queue.enrol import load_enrolment
from offline_queue.errors import BackendRefusedError, BackendUnreachableError
from offline_queue.rotation import NEXT_NAME, rotate
from tests.offline_queue.said_line import SaidLine

if TYPE_CHECKING:
    from pathlib import Path


def _keys(folder: Path) -> tuple[str, bool]:
    keys = folder / "keys"
    return (keys / "kiosk.key").read_text(), (keys / NEXT_NAME).exists()


def _run(config: Any, *words: str) -> int:
    import argparse

    parser = argparse.ArgumentParser()
    command.add_arguments(parser)
    return command.run(parser.parse_args(words), config)


def test_a_kiosk_gets_a_new_key_and_goes_on(kiosk: Any, capsys: pytest.CaptureFixture[str]) -> None:
    folder = kiosk.config.data_dir
    first, _ = _keys(folder)
    for _ in range(2):
        before, _ = _keys(folder)
        assert _run(kiosk.config, "--rotate", "--json") == 0
        assert '"rotated": true' in capsys.readouterr().out
        after, waiting = _keys(folder)
        assert after != before
        assert not waiting
        beat = _beat(kiosk.config)
        assert (beat.well, beat.cause) == (True, "")
    assert first != after
    assert _run(kiosk.config, "--rotate", "CODE") == 2
    assert _run(kiosk.config) == 2


def _beat(config: Any) -> Any:
    queue = wiring.open_queue(config)
    courier, let_go = wiring.open_courier(config, wiring.open_outbox(queue))
    try:
        return courier.heartbeat()
    finally:
        let_go()
        queue.close()


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (200, b"<html>pay for the line</html>", BackendUnreachableError),
        (200, b'{"kiosk_id":"k","public_key":"x","signature":"forged"}', BackendUnreachableError),
        (503, b"{}", BackendUnreachableError),
        (401, b'{"code":"auth.unknown_kiosk"}', BackendRefusedError),
    ],
)
def test_without_a_signed_answer_the_present_key_stays_and_the_new_one_waits(
    kiosk: Any, status: int, body: bytes, error: type[Exception]
) -> None:
    folder = kiosk.config.data_dir
    known, (before, _) = load_enrolment(folder), _keys(folder)
    line = SaidLine(status, body)
    for _ in range(2):
        with pytest.raises(error):
            rotate(lambda _: nullcontext(line), enrolment=known, data_dir=folder, randomness=os.urandom)
        assert _keys(folder) == (before, True)
    assert set(line.places) == {("POST", "/v1/keys")}
    waiting = (folder / "keys" / NEXT_NAME).read_text()
    assert wiring.rotate_key(kiosk.config) == known.kiosk_id
    assert _keys(folder) == (waiting, False), "the same new key, announced again"
    assert _beat(kiosk.config).well


def test_a_disk_that_lost_the_new_name_after_the_new_key_had_signed_is_let_in_again(kiosk: Any) -> None:
    folder = kiosk.config.data_dir
    old, _ = _keys(folder)
    known = wiring.rotate_key(kiosk.config)
    new, _ = _keys(folder)
    assert _beat(kiosk.config).well
    with closing(sqlite3.connect(kiosk.backend.database)) as db, db:
        changed = db.execute(
            "UPDATE kiosks SET old_key_until = '2020-01-01T00:00:00.000000+00:00' WHERE id = ?", [known]
        )
        assert changed.rowcount == 1
    (folder / "keys" / "kiosk.key").write_text(old)
    (folder / "keys" / NEXT_NAME).write_text(new)
    assert _beat(kiosk.config).cause == "auth"
    wiring.rotate_key(kiosk.config)
    assert _keys(folder) == (new, False)
    assert _beat(kiosk.config).well


def test_a_backend_that_lost_the_announcement_is_told_again(kiosk: Any) -> None:
    """The answer came, the disk kept the names of before, and the backend was restored from its copy."""
    folder = kiosk.config.data_dir
    old, _ = _keys(folder)
    known = wiring.rotate_key(kiosk.config)
    new, _ = _keys(folder)
    with closing(sqlite3.connect(kiosk.backend.database)) as db, db:
        db.execute("UPDATE kiosks SET next_key = NULL WHERE id = ?", [known])
    assert _beat(kiosk.config).cause == "auth", "a key nobody announced is nobody's"
    (folder / "keys" / "kiosk.key").write_text(old)
    (folder / "keys" / NEXT_NAME).write_text(new)
    wiring.rotate_key(kiosk.config)
    assert _keys(folder) == (new, False)
    assert _beat(kiosk.config).well


def test_a_key_the_backend_will_never_take_is_made_anew(kiosk: Any) -> None:
    folder = kiosk.config.data_dir
    before, _ = _keys(folder)
    wiring.rotate_key(kiosk.config)
    assert _beat(kiosk.config).well
    (folder / "keys" / NEXT_NAME).write_text(before)
    present, _ = _keys(folder)
    with pytest.raises(BackendRefusedError, match="422"):
        wiring.rotate_key(kiosk.config)
    assert _keys(folder) == (present, False)
    wiring.rotate_key(kiosk.config)
    assert _beat(kiosk.config).well


def test_power_that_goes_after_the_key_was_placed_leaves_a_kiosk_that_can_rotate_again(kiosk: Any) -> None:
    folder = kiosk.config.data_dir
    wiring.rotate_key(kiosk.config)
    present, _ = _keys(folder)
    (folder / "keys" / NEXT_NAME).write_text(present)
    wiring.rotate_key(kiosk.config)
    after, waiting = _keys(folder)
    assert after != present
    assert not waiting
    assert _beat(kiosk.config).well
