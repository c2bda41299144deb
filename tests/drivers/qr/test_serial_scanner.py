from __future__ import annotations

import os
import threading
import tty
from typing import TYPE_CHECKING

import pytest

from drivers.errors import DeviceMissingError, ScannerMisconfiguredError
from drivers.ports import DeviceState
from drivers.qr.payload import classify
from drivers.qr.serial_scanner import SerialCodeScanner, SerialPort, open_port

if TYPE_CHECKING:
    from collections.abc import Iterator

CARD = "087198001234|321456789|Nguyễn Thị Hường|15081998|Nữ|Sa Đéc|22122021"


class Line:
    """A pseudo-terminal: we hold the scanner's end, the driver opens the other by its name."""

    def __init__(self) -> None:
        self.ours, theirs = os.openpty()
        tty.setraw(theirs)
        self.path = os.ttyname(theirs)
        os.close(theirs)
        self.opened = threading.Event()

    def open(self) -> SerialPort:
        port = open_port(self.path)
        self.opened.set()
        return port

    def send(self, raw: bytes) -> None:
        assert self.opened.wait(5)
        os.write(self.ours, raw)

    def unplug(self) -> None:
        if self.ours >= 0:
            os.close(self.ours)
            self.ours = -1


@pytest.fixture
def line() -> Iterator[Line]:
    made = Line()
    yield made
    made.unplug()


@pytest.fixture
def scanner(line: Line) -> Iterator[SerialCodeScanner]:
    made = SerialCodeScanner(line.open, retry_s=0.02)
    yield made
    made.close()


@pytest.mark.parametrize("end", [b"\r", b"\n", b"\r\n"])
def test_a_code_arrives_whole_whatever_ends_it(line: Line, scanner: SerialCodeScanner, end: bytes) -> None:
    whole = CARD.encode() + end
    line.send(whole[:30])
    line.send(whole[30:] + b"K01-261122-0007" + end)
    assert scanner.read(timeout_s=5) == CARD
    assert scanner.read(timeout_s=5) == "K01-261122-0007"
    assert scanner.status().state is DeviceState.READY


def test_a_code_without_an_end_mark_comes_after_silence(line: Line, scanner: SerialCodeScanner) -> None:
    line.send(b"K01-261122-0007")
    assert scanner.read(timeout_s=5) == "K01-261122-0007"


def test_a_missing_end_mark_is_told_in_the_scanners_state_until_one_comes(
    line: Line, scanner: SerialCodeScanner
) -> None:
    line.send(CARD.encode())
    assert scanner.read(timeout_s=5) == CARD
    assert (scanner.status().state, scanner.status().cause) == (DeviceState.DEGRADED, "qr.suffix_missing")
    line.send(CARD.encode() + b"\r\n")
    assert scanner.read(timeout_s=5) == CARD
    assert scanner.status().cause == "ok"


def test_nothing_shown_is_none(scanner: SerialCodeScanner) -> None:
    assert scanner.read(timeout_s=0.01) is None


def test_text_that_is_not_utf8_says_the_scanner_is_misconfigured(
    line: Line, scanner: SerialCodeScanner
) -> None:
    line.send("TRUNG TÂM, Nguyễn".encode("cp1258", "replace") + b"\xe3\r")
    with pytest.raises(ScannerMisconfiguredError) as caught:
        scanner.read(timeout_s=5)
    assert caught.value.code == "qr.misconfigured"
    assert (scanner.status().state, scanner.status().cause) == (DeviceState.DEGRADED, "qr.misconfigured")
    line.send(b"K01-261122-0007\r")
    assert scanner.read(timeout_s=5) == "K01-261122-0007"
    assert (scanner.status().state, scanner.status().cause) == (DeviceState.READY, "ok")


@pytest.mark.parametrize("table", ["cp1252", "cp1258"])
def test_a_card_read_in_another_table_keeps_its_number_and_never_its_name(
    line: Line, scanner: SerialCodeScanner, table: str
) -> None:
    line.send(CARD.encode(table, "replace") + b"\r")
    text = scanner.read(timeout_s=5) or ""
    found = classify(text)
    assert (found.card, found.reason) == (None, "card_text_damaged")
    assert found.fields == {"id_number": "087198001234"}


def test_flush_forgets_what_was_shown_before(line: Line, scanner: SerialCodeScanner) -> None:
    line.send(b"first\r")
    assert scanner.read(timeout_s=5) == "first"
    line.send(b"old\rmark\r")
    assert scanner.read(timeout_s=5) == "old"
    scanner.flush()
    assert scanner.read(timeout_s=0) in {None, "mark"}
    line.send(b"new\r")
    assert scanner.read(timeout_s=5) == "new"


def test_pulling_the_cable_is_device_missing(line: Line, scanner: SerialCodeScanner) -> None:
    line.send(b"before\r")
    assert scanner.read(timeout_s=5) == "before"
    line.unplug()
    with pytest.raises(DeviceMissingError):
        scanner.read(timeout_s=5)
    assert scanner.status().state is DeviceState.ABSENT
    assert scanner.status().cause == "device.missing"


def test_a_scanner_plugged_in_again_is_read_again() -> None:
    lines = [Line(), Line()]
    turn = iter(lines)
    ready = threading.Event()

    def open_next() -> SerialPort:
        if lines[0].opened.is_set() and not ready.wait(5):
            raise DeviceMissingError
        return next(turn).open()

    scanner = SerialCodeScanner(open_next, retry_s=0.01)
    try:
        lines[0].send(b"one\r")
        assert scanner.read(timeout_s=5) == "one"
        lines[0].unplug()
        with pytest.raises(DeviceMissingError):
            scanner.read(timeout_s=5)
        ready.set()
        lines[1].send(b"two\r")
        assert scanner.read(timeout_s=5) == "two"
    finally:
        scanner.close()
        for made in lines:
            made.unplug()


def test_a_port_that_is_not_there_is_device_missing() -> None:
    with pytest.raises(DeviceMissingError):
        open_port("/dev/no-such-scanner")
    scanner = SerialCodeScanner(lambda: open_port("/dev/no-such-scanner"), retry_s=0.01)
    try:
        with pytest.raises(DeviceMissingError):
            scanner.read(timeout_s=5)
    finally:
        scanner.close()
        scanner.close()
    assert scanner.status().state is DeviceState.DISABLED
