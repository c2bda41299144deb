"""A stack of sheets through the feeder, on SANE's own `test` backend, whose feeder holds ten."""

from __future__ import annotations

import os
import subprocess
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest

from drivers.errors import DeviceBusyError, DeviceMissingError, DeviceTimeoutError, ScanError
from drivers.ports import PaperSource, never
from drivers.scanner.desk import LocalDesk
from drivers.scanner.flatbed import FlatbedScanner
from drivers.scanner.page_maker import DocumentPageMaker
from drivers.scanner.sane_settings import SaneSettings
from drivers.scanner.sheet_folder import MEMORY, MOST_WAITING, PREFIX, hold_back, sheet_folder, sweep
from kiosk_app.config import Config, DocumentScanner
from kiosk_app.wiring.scanner import open_desk, open_document_scanner, paper_source
from tests.drivers.scanner.sane_backend import FEEDER, SLOW

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from numpy.typing import NDArray

    from drivers.ports import Stop

    Open = Callable[..., FlatbedScanner]

IN_STACK = 10


@pytest.fixture
def feeder(sane_environment: Mapping[str, str]) -> Open:
    def open_it(*options: str, dpi: int = 200, mode: str = "Color", device: str = "test:0") -> FlatbedScanner:
        settings = SaneSettings(device=device, source=FEEDER, dpi=dpi, mode=mode, options=options)
        return FlatbedScanner(settings, environment=sane_environment)

    return open_it


@pytest.fixture(autouse=True)
def nothing_left() -> Iterator[None]:
    """Whatever happens, no side of a paper stays in memory."""
    yield
    assert not list(MEMORY.glob(f"{PREFIX}{os.getpid()}-*"))


def test_the_whole_stack_comes_in_one_go(feeder: Open) -> None:
    count = 0
    for side in feeder("--test-picture", "Color pattern").sheets(timeout_s=20):
        assert side.shape[2] == 3
        assert side.max() > 220
        count += 1
        # of what was scanned, only what is not read yet lies in memory
        (folder,) = MEMORY.glob(f"{PREFIX}{os.getpid()}-*")
        assert (folder.stat().st_mode & 0o777) == 0o700
        assert not (folder / f"{count:03}.pnm").exists()
    assert count == IN_STACK


@pytest.mark.parametrize(("dpi", "mode"), [(200, "Gray"), (300, "Color")])
def test_resolution_and_colour_are_as_asked(feeder: Open, dpi: int, mode: str) -> None:
    sides = feeder("--test-picture", "Grid", dpi=dpi, mode=mode).sheets(timeout_s=20)
    side = next(sides)
    sides.close()  # type: ignore[attr-defined]
    assert abs(side.shape[1] - 200 / 25.4 * dpi) < 3


@pytest.mark.parametrize(
    ("status", "error", "detail"),
    [
        ("JAMMED", ScanError, "jammed"),
        ("NO_DOCS", ScanError, "no_paper"),
        ("COVER_OPEN", ScanError, "cover_open"),
        ("IO_ERROR", ScanError, "sane"),
        ("DEVICE_BUSY", DeviceBusyError, ""),
    ],
)
def test_each_mishap_has_its_own_name(feeder: Open, status: str, error: type[Exception], detail: str) -> None:
    # SANE's own test backend now and then does not end by itself after a fault (1 of 2,000): then we end it.
    with pytest.raises(error) as caught:
        list(feeder("--read-return-value", f"SANE_STATUS_{status}").sheets(timeout_s=20))
    assert type(caught.value) is error
    assert getattr(caught.value, "detail", "") == detail


def test_a_feeder_that_is_not_there_is_missing(feeder: Open) -> None:
    with pytest.raises(DeviceMissingError):
        list(feeder(device="test:7").sheets(timeout_s=20))


def test_a_side_that_does_not_come_is_a_time_out(feeder: Open) -> None:
    with pytest.raises(DeviceTimeoutError):
        list(feeder(*SLOW).sheets(timeout_s=0.3))


def test_closing_ends_a_stack_under_way(feeder: Open) -> None:
    slow = feeder(*SLOW)
    ended = threading.Event()

    def scan() -> None:
        with pytest.raises(ScanError):
            list(slow.sheets(timeout_s=60))
        ended.set()

    thread = threading.Thread(target=scan)
    thread.start()
    while not ended.wait(0.05):
        slow.close()
    thread.join()


class Stack:
    """A feeder with these sides in it."""

    def __init__(self, *sides: NDArray[np.uint8]) -> None:
        self._sides = sides

    def sheets(self, *, timeout_s: float, stop: Stop = never) -> Iterator[NDArray[np.uint8]]:
        assert timeout_s > 0
        assert not stop()
        yield from self._sides


def test_blank_backs_are_left_out_and_what_bears_a_dot_is_not(certificate: NDArray[np.uint8]) -> None:
    blank = np.full_like(certificate, 252)
    dotted = cv2.circle(blank.copy(), (800, 900), 4, (40, 40, 40), -1)
    desk = LocalDesk(
        scanner=open_document_scanner(Config(), simulate=False),
        maker=DocumentPageMaker(),
        feeder=Stack(certificate, blank, np.asarray(dotted, np.uint8), blank),
        source=PaperSource.FEEDER,
        dpi=200,
    )
    pages = desk.take_pages(timeout_s=20)
    assert len(pages) == 2
    assert len(pages[0].jpeg) > len(pages[1].jpeg)


def test_no_sheet_loses_the_stack_whatever_is_printed_on_it(certificate: NDArray[np.uint8]) -> None:
    """A coloured sheet, an empty one and one with a letterhead's band went through after a white one."""
    blue = np.asarray(certificate * (np.array([235, 200, 170]) / 255), np.uint8)
    band = cv2.rectangle(certificate.copy(), (0, 0), (1653, 160), (140, 60, 20), -1)
    desk = LocalDesk(
        scanner=open_document_scanner(Config(), simulate=False),
        maker=DocumentPageMaker(),
        feeder=Stack(certificate, blue, np.full_like(blue, (170, 200, 235)), np.asarray(band, np.uint8)),
        source=PaperSource.FEEDER,
        dpi=200,
    )
    pages = desk.take_pages(timeout_s=20)
    assert len(pages) == 3
    assert {(page.width, page.height) for page in pages} == {(1654, 2339)}
    assert all(page.acceptable for page in pages)


def test_a_stack_of_blank_sheets_gives_one_blank_page() -> None:
    blank = np.full((2339, 1654, 3), 252, np.uint8)
    desk = LocalDesk(
        scanner=open_document_scanner(Config(), simulate=False),
        maker=DocumentPageMaker(),
        feeder=Stack(blank, blank),
    )
    assert len(desk.take_pages(timeout_s=20)) == 1


@pytest.mark.parametrize(
    ("dpi", "inches"), [(200, (8.27, 11.69)), (300, (8.27, 11.69)), (300, (5.83, 8.27)), (200, (3.1, 7.0))]
)
def test_a_flatbed_knows_the_true_size(dpi: int, inches: tuple[float, float]) -> None:
    """An A5 sheet is no A4 sheet, and a till receipt has a size."""
    paper = np.full((round(inches[1] * dpi), round(inches[0] * dpi), 3), 253, np.uint8)
    for row in range(100, paper.shape[0] - 100, 50):
        cv2.putText(paper, "BIEN LAI 0123456", (80, row), cv2.FONT_HERSHEY_SIMPLEX, 1, (40, 40, 40), 2)
    page = DocumentPageMaker().make_page(paper, dpi=dpi)
    size = sorted((page.width / page.dpi, page.height / page.dpi))
    assert size == pytest.approx(inches, abs=0.02)
    assert page.acceptable


def test_the_source_says_whether_sheets_are_drawn_in() -> None:
    def of(source: str, *, simulate: bool = False) -> PaperSource:
        return paper_source(Config(document_scanner=DocumentScanner(source=source)), simulate=simulate)

    assert of("camera:0") is PaperSource.CAMERA
    assert of("sane:genesys:libusb:001:004") is PaperSource.FLATBED
    assert of("sane:fujitsu:x?source=ADF Duplex&dpi=300") is PaperSource.FEEDER
    config = Config(document_scanner=DocumentScanner(source=f"sane:test:0?source={FEEDER}&dpi=300&mode=Gray"))
    desk = open_desk(open_document_scanner(config, simulate=False), config)
    assert isinstance(desk, LocalDesk)
    assert (desk.source, desk.dpi) == (PaperSource.FEEDER, 300)
    assert isinstance(desk.feeder, FlatbedScanner)
    camera = open_desk(open_document_scanner(Config(), simulate=False), Config())
    assert camera.source is PaperSource.CAMERA


def test_a_scanner_that_runs_ahead_is_held_back_until_its_sides_are_read(tmp_path: Path) -> None:
    def state(process: subprocess.Popen[bytes]) -> str:
        return Path(f"/proc/{process.pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0]

    sides = [tmp_path / f"{number:03}.pnm" for number in range(MOST_WAITING)]
    for side in sides:
        side.write_bytes(b"P6")
    with subprocess.Popen(["cat"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL) as ahead:
        hold_back(ahead, tmp_path)
        os.waitid(os.P_PID, ahead.pid, os.WSTOPPED)
        assert state(ahead) == "T"
        sides.pop().unlink()
        hold_back(ahead, tmp_path)
        assert state(ahead) == "T"
        for side in sides[2:]:
            side.unlink()
        hold_back(ahead, tmp_path)
        os.waitid(os.P_PID, ahead.pid, os.WCONTINUED)
        assert state(ahead) != "T"


def test_what_a_killed_process_left_is_swept(tmp_path: Path) -> None:
    gone, ours, foreign = (tmp_path / f"{PREFIX}{name}" for name in ("4194304-a", f"{os.getpid()}-b", "x"))
    for folder in (gone, ours, foreign):
        folder.mkdir()
        (folder / "001.pnm").write_bytes(b"P6")
    sweep(tmp_path)
    assert not gone.exists()
    assert ours.exists()
    assert foreign.exists()
    with sheet_folder(tmp_path) as folder:
        (folder / "001.pnm").write_bytes(b"P6")
    assert not folder.exists()
