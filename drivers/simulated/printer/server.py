"""A receipt printer on a TCP port, one connection at a time as the real ones.

What it printed stays in memory (the last ticket only); pictures are written only into a folder it was given.
"""

from __future__ import annotations

import logging
import selectors
import socket
import threading
from typing import TYPE_CHECKING, Self

from drivers.simulated.printer.conditions import Condition
from drivers.simulated.printer.interpreter import Interpreter

if TYPE_CHECKING:
    from pathlib import Path

    from drivers.printer.raster import Raster

log = logging.getLogger(__name__)

_CHUNK = 16 * 1024


class SimulatedPrinter:
    """A printer that listens from the moment it is made until `close`."""

    def __init__(
        self, out_dir: Path | None = None, host: str = "127.0.0.1", port: int = 0, *, dots: int = 576
    ) -> None:
        """Listen.

        Args:
            out_dir: Where `ticket-001.png` and so on are written; None writes nothing.
            host: Address to listen on.
            port: Port to listen on; 0 takes a free one.
            dots: Printable dots across.
        """
        self._out_dir = out_dir
        self._changed = threading.Condition()
        self._wanted = Condition.OK
        self._drop_after: int | None = None
        self._closing = False
        self._tickets = 0
        self._last: Raster | None = None
        self._line: socket.socket | None = None
        self._brain = Interpreter(dots=dots, answer=self._say, cut=self._keep)
        self._door = socket.create_server((host, port), backlog=4)
        self._port: int = self._door.getsockname()[1]
        self._host = host
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
        while True:
            ready = [key.fileobj for key, _events in self._selector.select()]
            if self._woken in ready:
                self._woken.recv(_CHUNK)
                if self._closing:
                    return
                self._come_about()
            if self._door in ready:
                self._welcome()
            if self._line is not None and self._line in ready and self._brain.condition is not Condition.HANG:
                self._listen(self._line)

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
        with self._changed:
            self._changed.notify_all()

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
            data = line.recv(_CHUNK)
        except OSError:
            data = b""  # a reset is a way to hang up
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
