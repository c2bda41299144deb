"""pcscd goes and comes back; the slot lives on. In its own module: it needs a pcscd it may stop."""

from __future__ import annotations

import contextlib
import subprocess
import sys
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
    from pathlib import Path

IN_S = 10.0


@pytest.fixture
def free_port() -> int:
    missing = pcscd.missing_part()
    if missing:
        pytest.skip(f"no real pcscd: {missing}")
    if pcscd.service_answers():
        pytest.skip("no real pcscd: another one runs on this machine and is not ours")
    return pcscd.free_port()


def read(reader: PcscCardReader) -> str:
    reading = reader.read(CanKey(can=HUONG.can), timeout_s=20, progress=lambda _share: None)
    return reading.holder.id_number


@pytest.mark.pcscd
def test_the_slot_survives_pcscd_ending_and_coming_back(free_port: int, tmp_path: Path) -> None:
    with contextlib.closing(PcscCardReader()) as reader:
        assert reader.readers() == ()
        assert reader.status().state is DeviceState.ABSENT
        with pytest.raises(DeviceMissingError):
            read(reader)
        for round_number in range(2):
            with (
                pcscd.run_pcscd(tmp_path / str(round_number), port=free_port),
                VpcdCard(VirtualCard(HUONG), port=free_port),
            ):
                assert reader.wait_for_card(present=True, timeout_s=IN_S)
                assert read(reader) == HUONG.id_number
                child = reader.child_pid
            assert reader.wait_for_card(present=False, timeout_s=IN_S)
            assert reader.child_pid == child


@pytest.mark.pcscd
def test_pcscd_killed_in_the_middle_of_a_read_is_an_error_not_a_hang(free_port: int, tmp_path: Path) -> None:
    with (
        pcscd.run_pcscd(tmp_path, port=free_port) as service,
        contextlib.closing(PcscCardReader()) as reader,
        VpcdCard(VirtualCard(HUONG, Faults(latency_ms=5)), port=free_port),
    ):
        assert reader.wait_for_card(present=True, timeout_s=IN_S)
        with pytest.raises((DeviceMissingError, CardError)):
            reader.read(
                CanKey(can=HUONG.can),
                timeout_s=20,
                progress=lambda share: service.kill() if share > 0.5 else None,
            )


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
