"""pcscd goes and comes back; the slot lives on. In its own module: it needs a pcscd it may stop."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING

import pytest

from drivers.card.pcsc_reader import PcscCardReader
from drivers.errors import CardError, DeviceMissingError
from drivers.ports import CanKey, DeviceState
from drivers.simulated.card import pcscd
from drivers.simulated.card.card_reader import SimulatedCardReader
from drivers.simulated.card.chip import VirtualCard
from drivers.simulated.card.faults import Faults
from drivers.simulated.card.personas import HUONG
from drivers.simulated.card.vpcd import VpcdCard
from kiosk_app.config import Config
from kiosk_app.wiring import card as wiring

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

IN_S = 10.0


def until(true: Callable[[], bool]) -> bool:
    """Wait for something the card process will report; False when it does not come in time."""
    deadline, pause = time.monotonic() + IN_S, threading.Event()
    while not true() and time.monotonic() < deadline:
        pause.wait(0.02)
    return true()


def read(reader: PcscCardReader) -> str:
    reading = reader.read(CanKey(can=HUONG.can), timeout_s=20, progress=lambda _share: None)
    return reading.holder.id_number


@pytest.mark.pcscd
def test_the_slot_survives_pcscd_ending_and_coming_back(free_vpcd_port: int, tmp_path: Path) -> None:
    with contextlib.closing(PcscCardReader()) as reader:
        assert reader.readers() == ()
        assert reader.status().state is DeviceState.ABSENT
        with pytest.raises(DeviceMissingError):
            read(reader)
        for round_number in range(2):
            with (
                pcscd.run_pcscd(tmp_path / str(round_number), port=free_vpcd_port),
                VpcdCard(VirtualCard(HUONG), port=free_vpcd_port),
            ):
                assert reader.wait_for_card(present=True, timeout_s=IN_S)
                assert read(reader) == HUONG.id_number
                child = reader.child_pid
            assert reader.wait_for_card(present=False, timeout_s=IN_S)
            assert reader.child_pid == child


@pytest.mark.pcscd
def test_pcscd_killed_in_the_middle_of_a_read_is_an_error_and_the_next_card_is_read(
    free_vpcd_port: int, tmp_path: Path
) -> None:
    with contextlib.closing(PcscCardReader()) as reader:
        with (
            pcscd.run_pcscd(tmp_path / "killed", port=free_vpcd_port) as service,
            VpcdCard(VirtualCard(HUONG, Faults(latency_ms=5)), port=free_vpcd_port),
        ):
            assert reader.wait_for_card(present=True, timeout_s=IN_S)
            child = reader.child_pid
            with pytest.raises((DeviceMissingError, CardError)):
                reader.read(
                    CanKey(can=HUONG.can),
                    timeout_s=20,
                    progress=lambda share: service.kill() if share > 0.5 else None,
                )
        assert reader.wait_for_card(present=False, timeout_s=IN_S)
        with (
            pcscd.run_pcscd(tmp_path / "back", port=free_vpcd_port),
            VpcdCard(VirtualCard(HUONG), port=free_vpcd_port),
        ):
            assert reader.wait_for_card(present=True, timeout_s=IN_S)
            assert read(reader) == HUONG.id_number
            assert reader.child_pid == child


@pytest.mark.pcscd
def test_a_reader_unplugged_and_plugged_in_again_is_found(free_vpcd_port: int, tmp_path: Path) -> None:
    # pcscd here notices USB readers only; a restart without the reader's file is what unplugging looks like.
    with contextlib.closing(PcscCardReader()) as reader:
        with pcscd.run_pcscd(tmp_path / "plugged", port=free_vpcd_port):
            assert until(lambda: reader.status().state is DeviceState.READY)
        with pcscd.run_pcscd(tmp_path / "unplugged", port=None):
            assert until(lambda: reader.status().cause == "card.no_reader")
            with pytest.raises(DeviceMissingError, match="No card reader"):
                read(reader)
        with (
            pcscd.run_pcscd(tmp_path / "again", port=free_vpcd_port),
            VpcdCard(VirtualCard(HUONG), port=free_vpcd_port),
        ):
            assert reader.wait_for_card(present=True, timeout_s=IN_S)
            assert read(reader) == HUONG.id_number


def test_simulate_without_a_service_gives_the_simulated_slot(tmp_path: Path) -> None:
    if pcscd.service_answers():
        pytest.skip("no real pcscd: another one runs on this machine and is not ours")
    with contextlib.closing(wiring.open_card_reader(Config(data_dir=tmp_path), simulate=True)) as slot:
        assert isinstance(slot, SimulatedCardReader)


def test_the_kiosk_s_own_process_loads_nothing_heavy_for_the_card() -> None:
    code = (
        "import sys, kiosk_app.wiring.card; "
        "heavy = {'cryptography', 'asn1crypto', 'smartcard', 'PIL', 'numpy', 'cv2'} & set(sys.modules); "
        "sys.exit(', '.join(heavy) or 0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=60
    )
    assert (done.returncode, done.stderr) == (0, "")
