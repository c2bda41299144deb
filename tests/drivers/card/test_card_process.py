"""The kiosk's side of the card process, with children that do not behave."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
import time
from typing import TYPE_CHECKING

import pytest

from drivers.card.pcsc_reader import PcscCardReader
from drivers.errors import CardProtocolError, DeviceTimeoutError, DriverError
from drivers.ports import CanKey, DeviceState

if TYPE_CHECKING:
    from collections.abc import Callable

KEY = CanKey(can="000412")
SOON_S = 10.0
START = "import sys, msgspec; from drivers.card import wire; out = sys.stdout.buffer; "
SLOTS = "(wire.SlotState(name='A 00', card_present=True),)"
PRESENT = f"wire.write(out, wire.Event(kind=wire.PRESENCE, slots={SLOTS})); "


def child(code: str) -> tuple[str, ...]:
    return (sys.executable, "-c", START + code)


def until(true: Callable[[], bool]) -> bool:
    """Wait for the listening thread; False when it does not come in time."""
    deadline, pause = time.monotonic() + SOON_S, threading.Event()
    while not true() and time.monotonic() < deadline:
        pause.wait(0.02)
    return true()


def read(reader: PcscCardReader, timeout_s: float = 5.0) -> object:
    return reader.read(KEY, timeout_s=timeout_s, progress=lambda _share: None)


def test_a_child_that_talks_noise_is_replaced_and_the_read_is_an_error() -> None:
    noisy = child(PRESENT + "sys.stdin.buffer.read(4); out.write(bytes([0, 0, 0, 1, 0xC1])); out.flush()")
    with contextlib.closing(PcscCardReader(command=noisy)) as reader:
        assert reader.wait_for_card(present=True, timeout_s=SOON_S)
        first = reader.child_pid
        with pytest.raises(CardProtocolError, match="ended"):
            read(reader)
        assert until(lambda: reader.child_pid not in {first, None})


def test_a_child_that_dies_by_itself_is_started_again_while_one_waits() -> None:
    with contextlib.closing(PcscCardReader(command=child(PRESENT + "sys.stdin.buffer.read()"))) as reader:
        assert reader.wait_for_card(present=True, timeout_s=SOON_S)
        first = reader.child_pid
        os.kill(first or 0, signal.SIGKILL)
        assert until(lambda: reader.child_pid not in {first, None})
        assert reader.wait_for_card(present=True, timeout_s=SOON_S)
        assert not reader.wait_for_card(present=False, timeout_s=0.05)


def test_a_child_that_cannot_start_means_no_reader_and_no_storm_of_starts() -> None:
    started = time.monotonic()
    with contextlib.closing(PcscCardReader(command=(sys.executable, "-c", "raise SystemExit(3)"))) as reader:
        pids = set()
        while time.monotonic() - started < 1.5:
            pids.add(reader.child_pid)
            threading.Event().wait(0.02)
        assert len(pids - {None}) <= 3
        assert reader.status().state in {DeviceState.ABSENT, DeviceState.CONNECTING}
        with pytest.raises(DriverError):
            read(reader)


def test_a_child_that_says_nothing_is_killed_within_its_silence() -> None:
    mute = child(PRESENT + "sys.stdin.buffer.read()")
    with contextlib.closing(PcscCardReader(command=mute, silence_s=0.3)) as reader:
        assert reader.wait_for_card(present=True, timeout_s=SOON_S)
        hung = reader.child_pid
        began = time.monotonic()
        with pytest.raises(DeviceTimeoutError):
            read(reader)
        assert time.monotonic() - began < 3.0
        with pytest.raises(ProcessLookupError):
            os.kill(hung or 0, 0)


def test_the_time_of_the_caller_ends_a_child_that_only_shows_progress() -> None:
    busy = child(
        "import time\n"
        "sys.stdin.buffer.read(4)\n"
        "while True:\n"
        "    wire.write(out, wire.Event(kind=wire.PROGRESS, share=0.1))\n"
        "    time.sleep(0.05)\n"
    )
    with contextlib.closing(PcscCardReader(command=busy, silence_s=5.0)) as reader:
        began = time.monotonic()
        with pytest.raises(DeviceTimeoutError):
            read(reader, timeout_s=0.5)
        assert time.monotonic() - began < 4.0


def test_a_child_that_ignores_the_end_of_its_pipe_is_killed_when_the_slot_closes() -> None:
    reader = PcscCardReader(command=child(PRESENT + "import time; time.sleep(600)"))
    assert reader.wait_for_card(present=True, timeout_s=SOON_S)
    stubborn = reader.child_pid
    reader.close()
    with pytest.raises(ProcessLookupError):
        os.kill(stubborn or 0, 0)
    assert reader.child_pid is None
