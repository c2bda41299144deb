"""Addresses and lines: nothing a printer does holds a caller longer than it gave."""

from __future__ import annotations

import os
import socket
import time
from pathlib import Path

import pytest

from drivers.errors import PrinterError
from drivers.printer.transport import Address, Wire, connect, parse_address


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("tcp://10.0.0.9:9101", Address(host="10.0.0.9", port=9101)),
        ("tcp://printer.local", Address(host="printer.local", port=9100)),
        ("usb:///dev/usb/lp0", Address(usb_path=Path("/dev/usb/lp0"))),
        ("serial:///dev/ttyS0", Address(serial_path=Path("/dev/ttyS0"), baud=115200)),
        ("serial:///dev/ttyS0?baud=57600", Address(serial_path=Path("/dev/ttyS0"), baud=57600)),
    ],
)
def test_an_address_is_read(text: str, address: Address) -> None:
    assert parse_address(text) == address
    assert address.path in (None, Path("/dev/usb/lp0"), Path("/dev/ttyS0"))


@pytest.mark.parametrize(
    "text", ["", "lp0", "http://x", "tcp://", "tcp://h:99999", "serial:///d?baud=x", "usb:"]
)
def test_a_wrong_address_is_refused_with_what_to_write(text: str) -> None:
    with pytest.raises(PrinterError, match="usb:///dev/usb/lp0"):
        parse_address(text)


def test_a_line_too_slow_for_drawn_tickets_is_refused() -> None:
    with pytest.raises(PrinterError, match="115200"):
        parse_address("serial:///dev/ttyS0?baud=9600")


def pair() -> tuple[Wire, socket.socket]:
    ours, theirs = socket.socketpair()
    ours.settimeout(0)
    return Wire(ours.fileno(), ours.close, ends_on_empty=True), theirs


def test_a_printer_that_takes_nothing_ends_the_write_at_the_deadline() -> None:
    wire, theirs = pair()
    began = time.monotonic()
    with theirs, pytest.raises(TimeoutError):
        wire.write(bytes(50_000_000), deadline=began + 0.1)
    assert time.monotonic() - began < 2
    assert 0 < wire.sent < 50_000_000
    wire.close()
    wire.close()


def test_a_printer_that_says_nothing_ends_the_read_at_the_deadline() -> None:
    wire, theirs = pair()
    with theirs, pytest.raises(TimeoutError):
        wire.read(deadline=time.monotonic() + 0.05)
    wire.close()


def test_a_closed_line_is_told_from_silence() -> None:
    wire, theirs = pair()
    theirs.sendall(b"abc")
    theirs.close()
    assert wire.read(deadline=time.monotonic() + 1) == b"abc"
    with pytest.raises(ConnectionResetError):
        wire.read(deadline=time.monotonic() + 1)
    with pytest.raises(ConnectionResetError):
        wire.drain()
    wire.close()


def test_draining_forgets_what_was_said_before() -> None:
    wire, theirs = pair()
    with theirs:
        theirs.sendall(b"old")
        wire.drain()
        theirs.sendall(b"new")
        assert wire.read(deadline=time.monotonic() + 1) == b"new"
    wire.close()


def test_a_usb_printer_that_answers_with_nothing_is_silent_and_not_gone() -> None:
    # /dev/null is always ready and reads empty, as usblp is.
    wire = connect(parse_address("usb:///dev/null"), 1)
    wire.write(b"\x10\x04\x01", deadline=time.monotonic() + 1)
    wire.drain()
    used = time.process_time()
    with pytest.raises(TimeoutError):
        wire.read(deadline=time.monotonic() + 0.2)
    assert time.process_time() - used < 0.1
    wire.close()


def test_a_serial_line_carries_every_byte_unchanged_and_is_held_alone() -> None:
    far, near = os.openpty()
    path = os.ttyname(near)
    everything = bytes(range(256))
    try:
        wire = connect(parse_address(f"serial://{path}?baud=115200"), 1)
        with pytest.raises(OSError, match=r"lock|busy|unavailable"):
            connect(parse_address(f"serial://{path}"), 1)
        wire.write(everything, deadline=time.monotonic() + 1)
        assert os.read(far, 1000) == everything
        os.write(far, everything)
        assert wire.read(deadline=time.monotonic() + 1) == everything
        wire.close()
    finally:
        os.close(far)
        os.close(near)


def test_nothing_at_the_address_is_an_os_error(tmp_path: Path) -> None:
    for text in (f"usb://{tmp_path}/lp9", f"serial://{tmp_path}/tty9", "tcp://127.0.0.1:1"):
        with pytest.raises(OSError, match=r"."):
            connect(parse_address(text), 0.5)
