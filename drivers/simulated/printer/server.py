"""A receipt printer on a TCP port, one connection at a time as the real ones.

What it printed stays in memory (the last ticket only); pictures are written only into a folder it was given.
"""

from __future__ import annotations

import logging
import selectors
import socket
import threading
import time
from typing import TYPE_CHECKING, Self

from drivers.simulated.printer.conditions import Condition
from drivers.simulated.printer.interpreter import Interpreter

if TYPE_CHECKING:
    from pathlib import Path

    from drivers.printer.raster import Raster

log = logging.getLogger(__name__)

_CHUNK = 16 * 1024
_BUFFER = 64 * 1024
"""Bytes the printer takes before it has worked some off."""
_TICK_S = 0.02
_DOTS_A_MM = 8
_BITS_A_BYTE = 10
"""On a serial line: start, eight bits, stop."""


class SimulatedPrinter:
    """A printer that listens from the moment it is made until `close`."""

    def __init__(
        self,
        out_dir: Path | None = None,
        host: str = "127.0.0.1",
        port: int = 0,
        *,
        dots: int = 576,
        dpi: int = 203,
        units: int | None = None,
    ) -> None:
        """Listen.

        Args:
            out_dir: Where `ticket-001.png` and so on are written; None writes nothing.
            host: Address to listen on.
            port: Port to listen on; 0 takes a free one.
            dots: Printable dots across.
            dpi: Dot rows in an inch.
            units: Units of movement in an inch until GS P sets others; None: dot rows.
        """
        self._out_dir = out_dir
        self._changed = threading.Condition()
        self._wanted = Condition.OK
        self._drop_after: int | None = None
        self._drop_now = self._closing = False
        self._plugged = True
        self._baud: int | None = None
        self._mm_per_s: float | None = None
        self._allowed, self._tickets = 0.0, 0
        self._last: Raster | None = None
        self._line: socket.socket | None = None
        self._brain = Interpreter(dots=dots, answer=self._say, cut=self._keep, dpi=dpi, units=units)
        self._door = socket.create_server((host, port), backlog=4)
        self._host, self._port = host, int(self._door.getsockname()[1])
        self._waker, self._woken = socket.socketpair()
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._woken, selectors.EVENT_READ)
        self._selector.register(self._door, selectors.EVENT_READ)
        self._thread = threading.Thread(target=self._run, name="simulated-printer", daemon=True)
        self._thread.start()

    # --- what tests and the simulation panel use ------------------------------------------------------

    @property
    def address(self) -> str:
        """Where it listens, as `ticket_printer.address` wants it."""
        return f"tcp://{self._host}:{self._port}"

    @property
    def ticket_count(self) -> int:
        """Tickets cut so far."""
        with self._changed:
            return self._tickets

    @property
    def last_ticket(self) -> Raster | None:
        """The newest ticket, None before the first and after `forget`."""
        with self._changed:
            return self._last

    def forget(self) -> None:
        """Drop the newest ticket from memory."""
        with self._changed:
            self._last = None

    def set_condition(self, condition: Condition) -> None:
        """Open the cover, run out of paper, hang, or be well again; takes effect before this returns."""
        with self._changed:
            self._wanted = condition
            self._waker.send(b"!")
            self._changed.wait_for(lambda: self._brain.condition is condition or self._closing)

    def drop_line_after(self, count: int) -> None:
        """Close the connection once `count` more bytes have come, losing the rest."""
        with self._changed:
            self._drop_after = count

    def drop_line(self) -> None:
        """Close the connection now, as a pulled cable does; takes effect before this returns."""
        with self._changed:
            self._drop_now = True
            self._waker.send(b"!")
            self._changed.wait_for(lambda: not self._drop_now or self._closing)

    def set_plugged(self, *, plugged: bool) -> None:
        """Pull the network cable, so that nobody can connect, or put it in again on the same port."""
        with self._changed:
            self._plugged = plugged
            self._drop_now = True
            self._waker.send(b"!")
            self._changed.wait_for(lambda: not self._drop_now or self._closing)

    def set_speed(self, *, baud: int | None = None, mm_per_s: float | None = None) -> None:
        """Be as slow as a real one: the line in bits a second, the paper in millimetres; None is no limit."""
        with self._changed:
            self._baud, self._mm_per_s, self._allowed = baud, mm_per_s, 0.0
            self._waker.send(b"!")

    @property
    def paper_out(self) -> Raster | None:
        """What has come out of the slot and is not cut yet, None while there is nothing."""
        return self._brain.out

    @property
    def condition(self) -> Condition:
        """What is the matter with it now."""
        return self._brain.condition

    def wait_for_tickets(self, count: int, *, timeout_s: float) -> bool:
        """Wait until so many tickets have been cut since the start."""
        with self._changed:
            return self._changed.wait_for(lambda: self._tickets >= count, timeout=timeout_s)

    def close(self) -> None:
        """Switch the printer off; safe to call twice."""
        with self._changed:
            if self._closing:
                return
            self._closing = True
            self._changed.notify_all()
            self._waker.send(b"!")
        self._thread.join()
        self._hang_up()
        self._selector.close()
        for line in (self._door, self._waker, self._woken):
            line.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exc: object) -> None:
        self.close()

    # --- the printer's own thread ---------------------------------------------------------------------

    def _run(self) -> None:
        before = time.monotonic()
        while True:
            slow = self._baud or self._mm_per_s
            if slow:
                time.sleep(_TICK_S)
            ready = [key.fileobj for key, _events in self._selector.select(0 if slow else None)]
            now = time.monotonic()
            self._move_on(now - before)
            before = now
            if self._woken in ready:
                self._woken.recv(_CHUNK)
                if self._closing:
                    return
                self._come_about()
            if self._door in ready:
                self._welcome()
            if self._line is not None and self._line in ready and self._takes_bytes:
                self._listen(self._line)

    def _move_on(self, elapsed_s: float) -> None:
        """Turn the motor and count what the line may bring, where there is a speed."""
        if self._mm_per_s:
            self._brain.turn(elapsed_s * self._mm_per_s * _DOTS_A_MM)
        if self._baud:
            rate = self._baud / _BITS_A_BYTE
            self._allowed = min(self._allowed + elapsed_s * rate, 2 * _TICK_S * rate)

    @property
    def _takes_bytes(self) -> bool:
        if self._brain.condition is Condition.HANG or (self._baud and self._allowed < 1):
            return False
        return not self._mm_per_s or self._brain.waiting < _BUFFER

    def _come_about(self) -> None:
        """Take on the wanted condition; a hanging printer leaves its line unread."""
        wanted = self._wanted
        was_hanging = self._brain.condition is Condition.HANG
        if self._line is not None and was_hanging != (wanted is Condition.HANG):
            if was_hanging:
                self._selector.register(self._line, selectors.EVENT_READ)
            else:
                self._selector.unregister(self._line)
        self._brain.change(wanted)
        if not self._mm_per_s:
            self._brain.run_free()
        if self._drop_now:
            self._hang_up()
            self._set_door()
        with self._changed:
            self._drop_now = False
            self._changed.notify_all()

    def _set_door(self) -> None:
        """Listen exactly while the cable is in and nobody is connected."""
        shut = self._door.fileno() < 0
        if not self._plugged:
            if not shut and self._door in self._selector.get_map():
                self._selector.unregister(self._door)
            self._door.close()
            return
        if shut:
            self._door = socket.create_server((self._host, self._port), backlog=4)
        if self._door not in self._selector.get_map():
            self._selector.register(self._door, selectors.EVENT_READ)

    def _welcome(self) -> None:
        line, _peer = self._door.accept()
        line.settimeout(0)
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._line = line
        self._selector.unregister(self._door)
        if self._brain.condition is not Condition.HANG:
            self._selector.register(line, selectors.EVENT_READ)

    def _listen(self, line: socket.socket) -> None:
        try:
            data = line.recv(min(_CHUNK, int(self._allowed)) if self._baud else _CHUNK)
        except OSError:
            data = b""  # a reset is a way to hang up
        if self._baud:
            self._allowed -= len(data)
        with self._changed:
            left = self._drop_after
            if left is not None:
                self._drop_after = None if left <= len(data) else left - len(data)
        if data:
            self._brain.feed(data if left is None else data[:left])
        if not data or (left is not None and left <= len(data)):
            self._hang_up()
            self._selector.register(self._door, selectors.EVENT_READ)

    def _hang_up(self) -> None:
        line, self._line = self._line, None
        if line is not None:
            if line in self._selector.get_map():
                self._selector.unregister(line)
            line.close()

    def _say(self, answer: bytes) -> None:
        if self._line is None:
            return
        try:
            self._line.send(answer)
        except OSError as error:
            # The asker hung up or does not read; a real printer's answer is lost just the same.
            log.debug("simulated_printer.answer_lost", extra={"cause": type(error).__name__})

    def _keep(self, ticket: Raster) -> None:
        with self._changed:
            self._last = ticket
            self._tickets += 1
            number = self._tickets
        if self._out_dir is not None:
            try:
                self._out_dir.mkdir(parents=True, exist_ok=True)
                (self._out_dir / f"ticket-{number:03}.png").write_bytes(ticket.png())
            except OSError as error:
                log.warning("simulated_printer.picture_lost", extra={"cause": type(error).__name__})
        with self._changed:
            self._changed.notify_all()
