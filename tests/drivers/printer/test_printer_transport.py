"""Addresses and lines: nothing a printer does holds a caller longer than it gave."""

from __future__ import annotations

import errno
import os
import socket
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from drivers.device_file import held_by_another
from drivers.errors import PrinterError
from drivers.printer.names import Names
from drivers.printer.transport import Address, Wire, connect, parse_address

if TYPE_CHECKING:
    from collections.abc import Iterator


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


@pytest.mark.parametrize("text", ["", "lp0", "http://x", "tcp://", "tcp://h:99999", "usb:"])
def test_a_wrong_address_is_refused_with_what_to_write(text: str) -> None:
    with pytest.raises(PrinterError, match="usb:///dev/usb/lp0"):
        parse_address(text)


@pytest.mark.parametrize("query", ["baud=x", "baud=99999999999", "baud=", "baudrate=115200"])
def test_a_speed_that_is_none_is_refused_with_the_key_and_what_to_write(query: str) -> None:
    with pytest.raises(PrinterError, match=r"ticket_printer\.address: .*baud.*; write serial:///"):
        parse_address(f"serial:///dev/ttyS0?{query}")


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


def test_a_line_that_cannot_even_be_let_go_is_let_go_once() -> None:
    released: list[int] = []

    def gone() -> None:
        released.append(1)
        raise OSError(errno.EIO, "Input/output error")

    wire = Wire(0, gone, ends_on_empty=True)
    wire.close()
    wire.close()
    assert released == [1]


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
        with pytest.raises(OSError, match=r"lock|busy|unavailable") as caught:
            connect(parse_address(f"serial://{path}"), 1)
        assert held_by_another(caught.value)
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
        with pytest.raises(OSError, match=r".") as caught:
            connect(parse_address(text), 0.5)
        assert not held_by_another(caught.value)


# --- names ----------------------------------------------------------------------------------------------


class NameServer:
    """Answers as scripted, and not at all while it is shut."""

    def __init__(self) -> None:
        self.open = threading.Event()
        self.asked = 0
        self.says: list[tuple[str, int]] | OSError = []

    def __call__(self, _host: str, _port: int, **_kind: int) -> list[tuple[Any, ...]]:
        self.asked += 1
        assert self.open.wait(20)
        if isinstance(self.says, OSError):
            raise self.says
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", place) for place in self.says]


@pytest.fixture
def server() -> Iterator[NameServer]:
    made = NameServer()
    yield made
    made.open.set()


def test_a_name_server_that_never_answers_holds_nobody_longer_than_was_given(server: NameServer) -> None:
    names = Names(server)
    for _again in range(3):
        began = time.monotonic()
        with pytest.raises(TimeoutError):
            connect(Address(host="may-in.lan"), 0.1, names=names)
        assert time.monotonic() - began < 2
    assert server.asked == 1


def test_the_last_known_address_is_used_while_the_name_server_is_away(server: NameServer) -> None:
    names = Names(server)
    server.open.set()
    with socket.create_server(("127.0.0.1", 0)) as door:
        server.says = [door.getsockname()]
        connect(Address(host="may-in.lan", port=9100), 5, names=names).close()
        server.open.clear()
        began = time.monotonic()
        connect(Address(host="may-in.lan", port=9100), 1, names=names).close()
        assert time.monotonic() - began < 1
        server.says = socket.gaierror(-3, "Temporary failure in name resolution")
        server.open.set()
        connect(Address(host="may-in.lan", port=9100), 5, names=names).close()


def test_a_name_nobody_knows_is_an_os_error(server: NameServer) -> None:
    server.open.set()
    server.says = socket.gaierror(-2, "Name or service not known")
    with pytest.raises(socket.gaierror):
        connect(Address(host="may-in.lan"), 5, names=Names(server))
    with pytest.raises(OSError, match="label"):
        connect(Address(host=f"{'x' * 70}.lan"), 5)


def test_the_second_address_is_tried_in_what_the_first_one_left(server: NameServer) -> None:
    server.open.set()
    with (
        socket.create_server(("127.0.0.1", 0), backlog=0) as full,
        socket.create_server(("127.0.0.1", 0)) as free,
    ):
        # Nobody takes from the first door: once its queue is full, connecting to it hangs.
        waiting = [socket.socket() for _ in range(3)]
        for one in waiting:
            one.setblocking(False)  # noqa: FBT003 - the name of the call says it
            one.connect_ex(full.getsockname())
        server.says = [full.getsockname(), free.getsockname()]
        began = time.monotonic()
        connect(Address(host="may-in.lan"), 1, names=Names(server)).close()
        assert 0.3 < time.monotonic() - began < 1
        server.says = [full.getsockname(), full.getsockname()]
        began = time.monotonic()
        with pytest.raises(TimeoutError):
            connect(Address(host="may-in.lan"), 0.4, names=Names(server))
        assert time.monotonic() - began < 1
        for one in waiting:
            one.close()
