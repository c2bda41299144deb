"""`kiosk enrol --rotate` against a real backend: a new key, no gap, and whole again after any failure."""

from __future__ import annotations

import os
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
    for _ in range(2):
        line = SaidLine(status, body)
        with pytest.raises(error):
            rotate(line, enrolment=known, data_dir=folder, randomness=os.urandom)
        assert line.places == [("POST", "/v1/keys")]
        assert _keys(folder) == (before, True)
    waiting = (folder / "keys" / NEXT_NAME).read_text()
    assert wiring.rotate_key(kiosk.config) == known.kiosk_id
    assert _keys(folder) == (waiting, False), "the same new key, announced again"
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
