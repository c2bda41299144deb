"""Serial ports: whatever goes wrong while one is opened is an `OSError`, and a break is no byte."""

from __future__ import annotations

import errno
import os
import termios
import threading
import tty
from typing import TYPE_CHECKING, Any

import pytest

from drivers import device_file
from drivers.device_file import held_by_another, is_forbidden, open_serial, read_baud
from drivers.errors import DeviceMissingError
from drivers.ports import DeviceState
from drivers.printer.profiles import PROFILES
from drivers.printer.receipt_printer import EscposPrinter
from drivers.qr.serial_scanner import SerialCodeScanner, open_port

if TYPE_CHECKING:
    from collections.abc import Iterator


class VanishingPort:
    """The termios of a port whose cable is pulled at the first `times` settings."""

    def __init__(self, times: int) -> None:
        self.left = times

    def __getattr__(self, name: str) -> Any:
        return getattr(termios, name)

    def tcsetattr(self, *settings: Any) -> None:
        if self.left:
            self.left -= 1
            raise termios.error(errno.EIO, "Input/output error")
        termios.tcsetattr(*settings)


@pytest.fixture
def line() -> Iterator[tuple[int, str]]:
    """A pseudo-terminal: the device's end, and the name of ours."""
    far, near = os.openpty()
    tty.setraw(near)
    yield far, os.ttyname(near)
    os.close(far)
    os.close(near)


def opened(path: str, baud: int = 115200) -> Any:
    return open_serial(path, baud=baud, timeout_s=0.05, write_timeout_s=0)


@pytest.mark.parametrize("place", ["serial.serialposix.termios", "drivers.device_file.termios"])
def test_a_port_that_goes_while_it_is_set_up_is_an_os_error_and_is_let_go(
    line: tuple[int, str], monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    monkeypatch.setattr(place, VanishingPort(1))
    with pytest.raises(OSError, match="Input/output") as caught:
        opened(line[1])
    assert caught.value.errno == errno.EIO
    opened(line[1]).close()


def test_a_printer_whose_port_goes_while_it_is_set_up_is_unreachable(
    line: tuple[int, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("serial.serialposix.termios", VanishingPort(1))
    status = EscposPrinter(f"serial://{line[1]}", PROFILES["generic-80"]).status()
    assert (status.state, status.cause) == (DeviceState.CONNECTING, "printer.unreachable")


def test_a_scanner_whose_port_goes_while_it_is_set_up_is_read_once_it_is_back(
    line: tuple[int, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("serial.serialposix.termios", VanishingPort(1))
    scanner = SerialCodeScanner(lambda: open_port(line[1]), retry_s=0.2)
    try:
        with pytest.raises(DeviceMissingError):
            scanner.read(timeout_s=5)
        for _again in range(1000):
            if scanner.status().state is DeviceState.READY:
                break
            threading.Event().wait(0.01)
        os.write(line[0], b"K01-261122-0007\r")
        assert scanner.read(timeout_s=5) == "K01-261122-0007"
    finally:
        scanner.close()


@pytest.mark.parametrize("baud", [99_999_999_999, -1])
def test_a_speed_no_port_has_is_an_os_error(line: tuple[int, str], baud: int) -> None:
    with pytest.raises(OSError, match=r".") as caught:
        opened(line[1], baud)
    assert not held_by_another(caught.value)
    assert not is_forbidden(caught.value)


def test_a_break_on_the_line_is_no_byte(line: tuple[int, str]) -> None:
    port = opened(line[1])
    assert termios.tcgetattr(port.fileno())[0] & termios.IGNBRK
    os.write(line[0], bytes(range(256)))
    assert port.read(256) == bytes(range(256))
    port.close()


@pytest.mark.parametrize(("query", "baud"), [("", device_file.DEFAULT_BAUD), ("baud=9600", 9600)])
def test_a_speed_is_read(query: str, baud: int) -> None:
    assert read_baud(query) == baud


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ("baudrate=9600", "baudrate"),
        ("baud=9600&parity=even", "parity"),
        *[(f"baud={said}", "baud=") for said in ("9600bps", "", "x", "-9600", "99999999999", "0", "1_200")],
        ("baud=9600&baud=115200", "baud="),
    ],
)
def test_what_is_no_speed_is_named(query: str, named: str) -> None:
    with pytest.raises(ValueError, match=named):
        read_baud(query)
