"""A network scanner with two-sided feeder, through real SANE software: scanimage and its airscan backend."""

from __future__ import annotations

import os
import subprocess
import threading
from collections.abc import Generator
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest

from drivers.errors import DeviceBusyError, DeviceMissingError, DeviceTimeoutError, ScanError
from drivers.ports import DeviceState, PaperSource
from drivers.scanner.desk import LocalDesk
from drivers.scanner.flatbed import FlatbedScanner
from drivers.scanner.page_maker import DocumentPageMaker
from drivers.scanner.sane_settings import SaneSettings
from drivers.scanner.sheet_folder import MEMORY, PREFIX
from tests.drivers.scanner.escl_server import EsclServer, NetworkScanner

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    Open = Callable[..., FlatbedScanner]

pytestmark = pytest.mark.skipif(
    not list(Path("/usr/lib").glob("*/sane/libsane-airscan.so.1")),
    reason="SANE's airscan backend is absent: apt-get install sane-airscan",
)
A4_300 = (3508, 2480, 3)
DUPLEX = "ADF Duplex"


def side(lines: int) -> NDArray[np.uint8]:
    """Draw a side of A4 at 300 dpi by which it is known again: so many heavy lines."""
    paper = np.full(A4_300, 252, np.uint8)
    for place in range(lines):
        cv2.rectangle(paper, (300, 500 + 400 * place), (2100, 560 + 400 * place), (40, 40, 40), -1)
    return paper


def lines_of(scanned: NDArray[np.uint8]) -> int:
    dark = (cv2.cvtColor(scanned, cv2.COLOR_BGR2GRAY) < 120).astype(np.uint8)
    return cv2.connectedComponents(dark)[0] - 1


@pytest.fixture
def network() -> Iterator[EsclServer]:
    """Offer a scanner with one paper on its glass and three sheets in its feeder, the second blank behind."""
    sheets = [(side(1), side(2)), (side(3), side(0)), (side(4), side(5))]
    with EsclServer(NetworkScanner(glass=side(3), stack=sheets)) as server:
        yield server


@pytest.fixture
def scanner(network: EsclServer, tmp_path: Path) -> Open:
    (tmp_path / "dll.conf").write_text("airscan\n", encoding="ascii")
    (tmp_path / "airscan.conf").write_text(
        f'[devices]\n"Loop" = http://127.0.0.1:{network.server_port}/eSCL, eSCL\n'
        "[options]\ndiscovery = disable\nws-discovery = off\n",
        encoding="ascii",
    )
    environment = {**os.environ, "SANE_CONFIG_DIR": str(tmp_path)}

    def open_it(source: str = DUPLEX, dpi: int = 200, mode: str = "Color") -> FlatbedScanner:
        settings = SaneSettings(device="airscan:e0:Loop", source=source, dpi=dpi, mode=mode)
        return FlatbedScanner(settings, environment=environment)

    return open_it


@pytest.fixture(autouse=True)
def nothing_left() -> Iterator[None]:
    """Whatever happens, no side of a paper stays in memory and no scanimage behind."""
    yield
    assert not list(MEMORY.glob(f"{PREFIX}{os.getpid()}-*"))
    left = subprocess.run(["pgrep", "-P", str(os.getpid()), "scanimage"], capture_output=True, check=False)
    assert left.stdout == b""


def test_both_sides_of_a_stack_come_in_order(scanner: Open) -> None:
    sides = list(scanner().sheets(timeout_s=20))
    assert [lines_of(one) for one in sides] == [1, 2, 3, 0, 4, 5]
    assert {one.shape for one in sides} == {(2339, 1654, 3)}


def test_a_one_sided_feeder_leaves_the_backs(scanner: Open) -> None:
    assert [lines_of(one) for one in scanner("ADF").sheets(timeout_s=20)] == [1, 3, 4]


def test_blank_backs_are_left_out_of_the_pages_and_their_size_is_true(
    scanner: Open, network: EsclServer
) -> None:
    network.scanner.stack = network.scanner.stack[:2]
    feeder = scanner(dpi=300, mode="Gray")
    assert feeder.settings.paper_source is PaperSource.FEEDER
    desk = LocalDesk(
        scanner=feeder, maker=DocumentPageMaker(), feeder=feeder, source=PaperSource.FEEDER, dpi=300
    )
    pages = desk.take_pages(timeout_s=20)
    assert len(pages) == 3
    for page in pages:
        inches = page.width / page.dpi, page.height / page.dpi
        assert inches == pytest.approx((210 / 25.4, 297 / 25.4), abs=0.02)


def test_the_glass_gives_one_side_at_a_time(scanner: Open, network: EsclServer) -> None:
    flatbed = scanner("Flatbed", dpi=300)
    assert flatbed.settings.paper_source is PaperSource.FLATBED
    for _ in range(2):
        picture = flatbed.capture(timeout_s=20)
        assert lines_of(picture) == 3
        assert abs(picture.shape[1] - 2480) <= 1
    assert len(network.scanner.stack) == 3


@pytest.mark.parametrize(
    ("fault", "after", "detail"),
    [("ScannerAdfJam", 0, "jammed"), ("ScannerAdfJam", 3, "jammed"), ("ScannerAdfDoorOpen", 0, "cover_open")],
)
def test_what_stops_a_stack_is_told_after_the_sides_before_it(
    scanner: Open, network: EsclServer, fault: str, after: int, detail: str
) -> None:
    network.scanner.fault, network.scanner.fault_after = fault, after
    sides = scanner().sheets(timeout_s=20)
    assert [lines_of(next(sides)) for _ in range(after)] == [1, 2, 3][:after]
    with pytest.raises(ScanError) as caught:
        next(sides)
    assert caught.value.detail == detail
    # the stack goes through again as a whole once the paper is out
    network.scanner.fault = ""
    network.scanner.stack = [(side(1), side(2))]
    assert [lines_of(one) for one in scanner().sheets(timeout_s=20)] == [1, 2]


def test_an_empty_feeder_is_told(scanner: Open, network: EsclServer) -> None:
    network.scanner.stack = []
    with pytest.raises(ScanError) as caught:
        list(scanner().sheets(timeout_s=20))
    assert caught.value.detail == "no_paper"


def test_a_scanner_that_serves_another_computer_is_busy(scanner: Open, network: EsclServer) -> None:
    network.scanner.fault = "Processing"
    with pytest.raises(DeviceBusyError):
        list(scanner().sheets(timeout_s=60))


def test_a_stack_that_is_cancelled_is_cancelled_at_the_scanner(scanner: Open, network: EsclServer) -> None:
    network.scanner.stack *= 6
    sides = scanner().sheets(timeout_s=20)
    assert lines_of(next(sides)) == 1
    assert isinstance(sides, Generator)
    sides.close()
    assert network.scanner.cancelled.wait(10)


def test_closing_from_another_thread_ends_a_stack(scanner: Open, network: EsclServer) -> None:
    network.scanner.fault, network.scanner.fault_after = "silent", 1
    feeder = scanner()
    ended = threading.Event()

    def scan() -> None:
        with pytest.raises(ScanError):
            list(feeder.sheets(timeout_s=60))
        ended.set()

    thread = threading.Thread(target=scan)
    thread.start()
    assert network.scanner.silence.wait(20)
    feeder.close()
    assert ended.wait(20)
    thread.join()


def test_a_scanner_that_falls_silent_is_a_time_out(scanner: Open, network: EsclServer) -> None:
    network.scanner.fault, network.scanner.fault_after = "silent", 2
    sides = scanner().sheets(timeout_s=2)
    assert [lines_of(next(sides)), lines_of(next(sides))] == [1, 2]
    with pytest.raises(DeviceTimeoutError):
        next(sides)


def test_a_scanner_that_is_switched_off_is_missing(scanner: Open, network: EsclServer) -> None:
    feeder = scanner()
    assert feeder.status().state is DeviceState.READY
    network.scanner.fault, network.scanner.fault_after = "off", 2
    with pytest.raises(DeviceMissingError):
        list(feeder.sheets(timeout_s=20))
    assert feeder.status().state is DeviceState.ABSENT
