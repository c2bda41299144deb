"""Bytes to a printer and back, with a deadline on every call: TCP, `/dev/usb/lpN`, serial.

All three are file descriptors that do not block and are polled, so no printer, however silent, holds a
thread longer than it was given. Deadlines are points of `time.monotonic`.
"""

from __future__ import annotations

import os
import select
import socket
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol
from urllib.parse import urlsplit

from drivers.device_file import DEFAULT_BAUD, open_serial, read_baud
from drivers.errors import PrinterError
from drivers.printer.names import Names

if TYPE_CHECKING:
    from collections.abc import Callable

_CHUNK = 16 * 1024
_EMPTY_READ_REST_MS = 10
_DEFAULT_PORT = 9100
_LEAST_BAUD = 38400
"""A drawn ticket takes 27 to 75 s at 9600 baud (DEVICES.md 2.2)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where a printer is: exactly one of host, USB path and serial path."""

    host: str = ""
    port: int = _DEFAULT_PORT
    usb_path: Path | None = None
    serial_path: Path | None = None
    baud: int = DEFAULT_BAUD

    @property
    def path(self) -> Path | None:
        """The device file, None for a network printer."""
        return self.usb_path or self.serial_path


def parse_address(text: str) -> Address:
    """Read `tcp://host:9100`, `usb:///dev/usb/lp0` or `serial:///dev/ttyS0?baud=115200`.

    Raises:
        PrinterError: It is none of these, or the serial line's speed is none, or too slow for drawn tickets.
    """
    parts = urlsplit(text)
    try:
        port = parts.port or _DEFAULT_PORT
    except ValueError as error:
        raise _refused(text) from error
    if parts.scheme == "tcp" and parts.hostname:
        return Address(host=parts.hostname, port=port)
    if parts.scheme == "usb" and parts.path:
        return Address(usb_path=Path(parts.path))
    if parts.scheme == "serial" and parts.path:
        return Address(serial_path=Path(parts.path), baud=_baud(parts.query))
    raise _refused(text)


def _baud(query: str) -> int:
    try:
        baud = read_baud(query)
    except ValueError as error:
        raise PrinterError(
            f"ticket_printer.address: {error}; write serial:///dev/ttyS0?baud={DEFAULT_BAUD}", detail=query
        ) from error
    if baud < _LEAST_BAUD:
        raise PrinterError(
            f"ticket_printer.address asks for {baud} baud; a drawn ticket needs {_LEAST_BAUD} or more: "
            f"set the printer and the address to {DEFAULT_BAUD}",
            detail=f"{baud} baud",
        )
    return baud


def _refused(text: str) -> PrinterError:
    return PrinterError(
        f"ticket_printer.address is {text!r}; write tcp://HOST:9100, usb:///dev/usb/lp0 "
        "or serial:///dev/ttyS0?baud=115200",
        detail=text.rpartition("@")[2],  # what stands before an @ may be a password
    )


class Line(Protocol):
    """An open line to a printer. Every failure is an `OSError`; a late answer is a `TimeoutError`."""

    @property
    def sent(self) -> int:
        """Bytes handed over so far."""
        ...

    def write(self, data: bytes, *, deadline: float) -> None:
        """Hand over all of `data`; `sent` tells how far it came when this raises."""
        ...

    def read(self, *, deadline: float) -> bytes:
        """Return what the printer says, at least one byte."""
        ...

    def drain(self) -> None:
        """Throw away everything said before now: it answers no question of ours."""
        ...

    def close(self) -> None:
        """Let the line go; safe to call twice."""
        ...


class Wire:
    """A `Line` over a file descriptor, in real time."""

    def __init__(self, descriptor: int, release: Callable[[], None], *, ends_on_empty: bool) -> None:
        """Take an open, non-blocking descriptor.

        Args:
            descriptor: What to poll, read and write.
            release: Closes it.
            ends_on_empty: An empty read means the line is gone; on usblp it only means nothing to say.
        """
        self._descriptor = descriptor
        self._release: Callable[[], None] | None = release
        self._ends_on_empty = ends_on_empty
        self.sent = 0
        """Bytes handed over so far."""

    def write(self, data: bytes, *, deadline: float) -> None:
        """Hand over all of `data`; `sent` tells how far it came when this raises."""
        view = memoryview(data)
        while view:
            self._wait(select.POLLOUT, deadline)
            try:
                count = os.write(self._descriptor, view[:_CHUNK])
            except BlockingIOError:
                continue
            self.sent += count
            view = view[count:]

    def read(self, *, deadline: float) -> bytes:
        """Return what the printer says, at least one byte."""
        while True:
            self._wait(select.POLLIN, deadline)
            data = self._take()
            if data:
                return data
            # usblp is always ready and says nothing: rest a moment instead of spinning.
            select.poll().poll(_EMPTY_READ_REST_MS)

    def drain(self) -> None:
        """Throw away everything said before now: it answers no question of ours."""
        poll = select.poll()
        poll.register(self._descriptor, select.POLLIN)
        while poll.poll(0) and self._take():
            pass

    def close(self) -> None:
        """Let the line go; safe to call twice."""
        if self._release is not None:
            release, self._release = self._release, None
            with suppress(OSError):  # a device that is gone says so once more when it is let go
                release()

    def _take(self) -> bytes:
        try:
            data = os.read(self._descriptor, _CHUNK)
        except BlockingIOError:
            return b""
        if not data and self._ends_on_empty:
            raise ConnectionResetError("the printer closed the line")
        return data

    def _wait(self, event: int, deadline: float) -> None:
        poll = select.poll()
        poll.register(self._descriptor, event)
        left_ms = max(0.0, (deadline - time.monotonic()) * 1000)
        ready = poll.poll(left_ms)
        if not ready or time.monotonic() > deadline:
            raise TimeoutError("the printer did not keep up")
        if ready[0][1] & select.POLLNVAL:
            raise ConnectionResetError("the line is closed")


_NAMES = Names()
"""One memory for all lines of this program."""


def connect(address: Address, timeout_s: float, *, names: Names = _NAMES) -> Wire:
    """Open the line, within so many seconds; a device file is opened at once or not at all.

    Args:
        address: Where the printer is.
        timeout_s: For asking the name server and for connecting together, seconds.
        names: Who is asked for the addresses of a name.

    Raises:
        OSError: Nothing there, or another program holds it, or this one may not use it
            (`drivers.device_file` tells which).
    """
    if address.usb_path is not None:
        flags = os.O_RDWR | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
        descriptor = os.open(address.usb_path, flags)
        return Wire(descriptor, lambda: os.close(descriptor), ends_on_empty=False)
    if address.serial_path is not None:
        return _connect_serial(address.serial_path, address.baud)
    line = _dial(address, timeout_s, names)
    line.settimeout(0)
    line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return Wire(line.fileno(), line.close, ends_on_empty=True)


def _dial(address: Address, timeout_s: float, names: Names) -> socket.socket:
    """Try each address of the host with its share of what is left; the last one's failure counts."""
    deadline = time.monotonic() + timeout_s
    spots = names.find(address.host, address.port, timeout_s=timeout_s)
    failure: OSError = TimeoutError("no time was left to connect")
    for at, spot in enumerate(spots):
        left_s = (deadline - time.monotonic()) / (len(spots) - at)
        if left_s <= 0:
            break
        line = socket.socket(spot.family, socket.SOCK_STREAM)
        line.settimeout(left_s)
        try:
            line.connect(spot.place)
        except OSError as error:
            line.close()
            failure = error
        else:
            return line
    raise failure


def _connect_serial(path: Path, baud: int) -> Wire:
    # pyserial sets the line up; reading and writing go through the same deadlines as the others.
    port = open_serial(str(path), baud=baud, timeout_s=0, write_timeout_s=0)
    return Wire(port.fileno(), port.close, ends_on_empty=True)
