from __future__ import annotations

import errno
import os
import threading
import time
import tty
from typing import TYPE_CHECKING

import pytest
import serial

from drivers.errors import (
    DeviceBusyError,
    DeviceForbiddenError,
    DeviceMissingError,
    ScannerMisconfiguredError,
)
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
    assert found.fields == {
        "id_number": "087198001234",
        "old_id_number": "321456789",
        "birth_date": "1998-08-15",
        "issue_date": "2021-12-22",
    }
    assert (scanner.status().state, scanner.status().cause) == (DeviceState.DEGRADED, "qr.misconfigured")


@pytest.mark.parametrize("table", ["ascii", "cp1252"])
def test_question_marks_in_a_card_s_words_say_the_scanner_is_misconfigured_until_a_good_code_comes(
    line: Line, scanner: SerialCodeScanner, table: str
) -> None:
    # What such a scanner sends is proper UTF-8: `Nguy?n Th? H??ng`.
    lost = CARD.encode(table, "replace").decode(table).encode()
    assert b"Nguy?n" in lost
    line.send(lost + b"\r")
    assert scanner.read(timeout_s=5) == lost.decode()
    assert (scanner.status().state, scanner.status().cause) == (DeviceState.DEGRADED, "qr.misconfigured")
    line.send(CARD.encode() + b"\r")
    assert scanner.read(timeout_s=5) == CARD
    assert (scanner.status().state, scanner.status().cause) == (DeviceState.READY, "ok")


@pytest.mark.parametrize(
    "text", ["https://k.example/tra-cuu?ma=1", "Mất giấy tờ thì làm sao?", "087198001234|hết giấy?|"]
)
def test_a_question_mark_elsewhere_says_nothing_of_the_scanner(
    line: Line, scanner: SerialCodeScanner, text: str
) -> None:
    line.send(text.encode() + b"\r")
    assert scanner.read(timeout_s=5) == text
    assert (scanner.status().state, scanner.status().cause) == (DeviceState.READY, "ok")


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


def test_a_port_another_program_holds_is_busy_and_not_missing(line: Line) -> None:
    held = open_port(line.path)
    scanner = SerialCodeScanner(line.open, retry_s=0.01)
    try:
        with pytest.raises(DeviceBusyError):
            scanner.read(timeout_s=5)
        assert (scanner.status().state, scanner.status().cause) == (DeviceState.ABSENT, "device.busy")
        held.close()
        line.send(b"K01-261122-0007\r")
        assert read_when_there(scanner) == "K01-261122-0007"
        assert scanner.status().state is DeviceState.READY
    finally:
        held.close()
        scanner.close()


@pytest.mark.parametrize("why", [errno.EPERM, errno.EACCES])
def test_a_port_this_program_may_not_use_is_forbidden_and_not_missing(
    line: Line, monkeypatch: pytest.MonkeyPatch, why: int
) -> None:
    def shut(*_place: object, **_settings: object) -> None:
        raise serial.SerialException(why, os.strerror(why))

    monkeypatch.setattr(serial, "Serial", shut)
    scanner = SerialCodeScanner(line.open, retry_s=0.01)
    try:
        with pytest.raises(DeviceForbiddenError):
            scanner.read(timeout_s=5)
        assert (scanner.status().state, scanner.status().cause) == (DeviceState.ABSENT, "device.forbidden")
        monkeypatch.undo()
        until_ready(scanner)
        line.send(b"K01-261122-0007\r")
        assert scanner.read(timeout_s=5) == "K01-261122-0007"
    finally:
        scanner.close()


def test_a_port_that_cannot_even_be_let_go_is_device_missing_and_is_opened_again(line: Line) -> None:
    class Gone:
        in_waiting = 0

        def read(self, size: int) -> bytes:
            raise OSError(errno.EIO, f"{size} bytes cannot be had")

        def close(self) -> None:
            raise OSError(errno.EIO, "gone")

    ports = iter([Gone()])
    scanner = SerialCodeScanner(lambda: next(ports, None) or line.open(), retry_s=0.2)
    try:
        with pytest.raises(DeviceMissingError):
            scanner.read(timeout_s=5)
        until_ready(scanner)
        line.send(b"K01-261122-0007\r")
        assert scanner.read(timeout_s=5) == "K01-261122-0007"
    finally:
        scanner.close()


def test_a_look_waits_until_the_port_was_tried_but_never_longer_than_a_second() -> None:
    go_on = threading.Event()

    def slowly() -> SerialPort:
        go_on.wait(10)
        raise DeviceBusyError

    scanner = SerialCodeScanner(slowly, retry_s=0.01)
    try:
        began = time.monotonic()
        assert scanner.status().state is DeviceState.CONNECTING
        assert time.monotonic() - began < 1
        threading.Timer(0.05, go_on.set).start()
        assert scanner.status().cause == "device.busy"
    finally:
        go_on.set()
        scanner.close()


def until_ready(scanner: SerialCodeScanner) -> None:
    for _again in range(1000):
        if scanner.status().state is DeviceState.READY:
            return
        threading.Event().wait(0.01)
    pytest.fail("the scanner did not come back")


def read_when_there(scanner: SerialCodeScanner) -> str | None:
    """Read on while the port is still another program's."""
    for _again in range(1000):
        try:
            return scanner.read(timeout_s=5)
        except DeviceBusyError:
            continue
    return None
