"""The flatbed and the feeder, on SANE's own `test` backend: real scanimage, real pipes, real status codes."""

from __future__ import annotations

import os
import subprocess
import threading
import time
from typing import TYPE_CHECKING

import pytest

from drivers.errors import (
    DeviceBusyError,
    DeviceMissingError,
    DeviceTimeoutError,
    PageNotFoundError,
    ScanError,
)
from drivers.ports import DeviceState
from drivers.scanner.desk import LocalDesk
from drivers.scanner.flatbed import FlatbedScanner, _is_whole
from drivers.scanner.page_maker import DocumentPageMaker
from drivers.scanner.sane_run import END_S, LEAVE_S
from drivers.scanner.sane_settings import SaneSettings
from kiosk_app.config import Config, DocumentScanner
from kiosk_app.wiring.scanner import open_document_scanner
from tests.drivers.scanner.sane_backend import FEEDER, SLOW

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    Open = Callable[..., FlatbedScanner]


@pytest.fixture
def scanner(sane_environment: Mapping[str, str]) -> Open:
    def open_it(*options: str, device: str = "test:0", source: str = "") -> FlatbedScanner:
        settings = SaneSettings(device=device, source=source, options=options)
        return FlatbedScanner(settings, environment=sane_environment)

    return open_it


def test_a_sheet_comes_in_colour_at_200_dots_an_inch(scanner: Open) -> None:
    flatbed = scanner("--test-picture", "Color pattern")
    picture = flatbed.capture(timeout_s=20)
    assert picture.shape[1] in range(1570, 1660)  # the virtual bed is 200 mm wide
    assert picture.shape[2] == 3
    assert picture.min() < 30
    assert picture.max() > 220
    assert flatbed.preview() is None


def test_the_feeder_gives_one_sheet_a_capture(scanner: Open) -> None:
    feeder = scanner("--test-picture", "Solid white", source=FEEDER)
    for _ in range(3):
        assert feeder.capture(timeout_s=20).min() == 255


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
def test_each_mishap_has_its_own_name(
    scanner: Open, status: str, error: type[Exception], detail: str
) -> None:
    with pytest.raises(error) as caught:
        scanner("--read-return-value", f"SANE_STATUS_{status}").capture(timeout_s=20)
    assert type(caught.value) is error
    assert getattr(caught.value, "detail", "") == detail


def test_a_scanner_that_is_not_there_is_missing(scanner: Open) -> None:
    gone = scanner(device="test:7")
    with pytest.raises(DeviceMissingError):
        gone.capture(timeout_s=20)
    assert gone.status().state is DeviceState.ABSENT
    assert gone.status().cause == "device.missing"
    assert scanner().status().state is DeviceState.READY


def test_without_scanimage_the_message_says_what_to_install(tmp_path: Path) -> None:
    settings = SaneSettings(device="test:0")
    bare = FlatbedScanner(settings, environment={"PATH": str(tmp_path)})
    with pytest.raises(DeviceMissingError, match="sane-utils"):
        bare.capture(timeout_s=5)
    assert bare.status().state is DeviceState.ABSENT


def test_a_lamp_that_does_not_come_home_is_a_time_out_and_leaves_no_process(scanner: Open) -> None:
    slow = scanner(*SLOW)
    with pytest.raises(DeviceTimeoutError):
        slow.capture(timeout_s=0.3)
    left = subprocess.run(["pgrep", "-P", str(os.getpid()), "scanimage"], capture_output=True, check=False)
    assert left.stdout == b""


def test_closing_ends_a_scan_under_way(scanner: Open) -> None:
    slow = scanner(*SLOW)
    ended = threading.Event()

    def scan() -> None:
        with pytest.raises(ScanError):
            slow.capture(timeout_s=60)
        ended.set()

    thread = threading.Thread(target=scan)
    thread.start()
    while not ended.wait(0.05):
        assert slow.status().state is DeviceState.READY
        slow.close()
    thread.join()


STUCK = """#!/bin/sh
trap '' TERM
echo 'scanimage: sane_read: Document feeder jammed' >&2
echo 'Scanned page 1. (scanner status = 6)' >&2
echo 'Batch terminated, 1 page scanned' >&2
exec sleep 60
"""


def test_a_backend_that_never_leaves_is_ended_and_what_it_said_counts(tmp_path: Path) -> None:
    """A backend whose reading thread was cancelled inside malloc waits for it for ever."""
    stuck = tmp_path / "scanimage"
    stuck.write_text(STUCK, encoding="ascii")
    stuck.chmod(0o755)
    scanner = FlatbedScanner(
        SaneSettings(device="test:0"), environment={"PATH": f"{tmp_path}:{os.environ['PATH']}"}
    )
    started = time.monotonic()
    with pytest.raises(ScanError) as caught:
        scanner.capture(timeout_s=50)
    assert caught.value.detail == "jammed"
    assert time.monotonic() - started < LEAVE_S + END_S + 10


def test_a_sheet_that_fills_the_bed_becomes_a_page(scanner: Open) -> None:
    desk = LocalDesk(scanner=scanner("--test-picture", "Solid white"), maker=DocumentPageMaker())
    assert desk.glance() is None
    page = desk.take_page(timeout_s=20)
    assert page.outline.corners
    assert page.outline.corners[0] == (0.0, 0.0)
    assert page.acceptable


def test_an_open_lid_over_an_empty_bed_is_no_page(scanner: Open) -> None:
    desk = LocalDesk(scanner=scanner("--test-picture", "Solid black"), maker=DocumentPageMaker())
    with pytest.raises(PageNotFoundError):
        desk.take_page(timeout_s=20)


def test_half_a_picture_is_no_picture() -> None:
    whole = b"P6\n# SANE data follows\n2 2\n255\n" + bytes(12)
    assert _is_whole(whole)
    assert not _is_whole(b"P6\n# SANE data follows\n200 200\n255\n" + bytes(12))
    assert not _is_whole(b"")
    assert not _is_whole(b"P6\n")
    assert not _is_whole(b"P6\n0 0\n255\n")


def test_the_configuration_names_the_scanner_and_the_feeder() -> None:
    def of(source: str) -> object:
        return open_document_scanner(Config(document_scanner=DocumentScanner(source=source)), simulate=False)

    built = of(f"sane:airscan:e0:Kiosk?source={FEEDER}&dpi=300")
    assert isinstance(built, FlatbedScanner)
    assert built.settings == SaneSettings(device="airscan:e0:Kiosk", source=FEEDER, dpi=300)
    with pytest.raises(ScanError, match="200 to 600"):
        of("sane:test:0?dpi=75")
