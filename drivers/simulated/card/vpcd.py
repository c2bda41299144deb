"""Puts a virtual card into the virtual reader (vpcd) of a real pcscd.

The card is a TCP client: connecting is inserting, closing is removing; both ways a big-endian u16 length
and the payload; one byte is a control command (DEVICES.md 1.1).
"""

from __future__ import annotations

import logging
import socket
import threading
from typing import TYPE_CHECKING, Self

from drivers.errors import DeviceMissingError
from drivers.simulated.card.chip import Misbehaviour

if TYPE_CHECKING:
    from types import TracebackType

    from drivers.simulated.card.chip import VirtualCard

log = logging.getLogger(__name__)

PORT = 35963
CONNECT_TIMEOUT_S = 5.0
JOIN_TIMEOUT_S = 5.0
POWER_ON, RESET, GET_ATR = 1, 2, 4


class VpcdCard:
    """A virtual card in the slot of vpcd, served by its own thread.

    Args:
        card: The card; it may be inserted and removed many times.
        host: Where pcscd runs.
        port: The port of the slot; 35963 is the first slot of the Debian package.
    """

    def __init__(self, card: VirtualCard, host: str = "127.0.0.1", port: int = PORT) -> None:
        self.card = card
        self._address = (host, port)
        self._socket: socket.socket | None = None
        self._thread: threading.Thread | None = None
        self._removed = threading.Event()

    def insert(self) -> None:
        """Put the card into the slot.

        Raises:
            DeviceMissingError: No vpcd listens there.
        """
        self.remove()
        try:
            connection = socket.create_connection(self._address, timeout=CONNECT_TIMEOUT_S)
        except OSError as error:
            raise DeviceMissingError("No virtual reader listens; start pcscd with vpcd first.") from error
        connection.settimeout(None)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._removed.clear()
        self.card.reset()
        self.card.apdus = 0
        self._socket = connection
        self._thread = threading.Thread(target=self._serve, args=(connection,), name="vpcd-card", daemon=True)
        self._thread.start()

    def remove(self) -> None:
        """Take the card out, also in the middle of a read; safe to call twice."""
        self._removed.set()
        if self._socket is not None:
            _hang_up(self._socket)
            self._socket = None
        if self._thread is not None:
            self._thread.join(JOIN_TIMEOUT_S)
            self._thread = None

    def wait_removed(self, timeout_s: float | None = None) -> bool:
        """Block until the card is out (its script, pcscd's end, or `remove`) or the time is over."""
        return self._removed.wait(timeout_s)

    def __enter__(self) -> Self:
        self.insert()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.remove()

    def _serve(self, connection: socket.socket) -> None:
        with connection:
            try:
                while self._answer_one(connection):
                    pass
            except OSError:
                # The slot is gone: pcscd ended, or remove() hung up. Both mean that the card is out.
                log.info("vpcd.closed")
        self._removed.set()

    def _answer_one(self, connection: socket.socket) -> bool:
        header = _receive(connection, 2)
        payload = _receive(connection, int.from_bytes(header, "big")) if header else b""
        if not payload:
            return False
        if len(payload) == 1:
            return self._control(connection, payload[0])
        answer = self.card.answer(payload)
        exchanged = len(payload) + (len(answer) if isinstance(answer, bytes) else 0)
        if self._removed.wait(self.card.faults.delay_s(exchanged)):
            return False
        if isinstance(answer, Misbehaviour):
            # A silent card keeps its place in the slot until somebody takes it out.
            return answer is Misbehaviour.SILENT
        _send(connection, answer)
        return True

    def _control(self, connection: socket.socket, command: int) -> bool:
        if command in {POWER_ON, RESET}:
            self.card.reset()
        if command == GET_ATR:
            _send(connection, self.card.atr)
        return True


def _send(connection: socket.socket, payload: bytes) -> None:
    connection.sendall(len(payload).to_bytes(2, "big") + payload)


def _receive(connection: socket.socket, count: int) -> bytes:
    """Return exactly `count` bytes, or none at all when the other end hung up."""
    data = b""
    while len(data) < count:
        # Without this each APDU waits 40 ms for a delayed acknowledgement; Linux forgets it per receive.
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
        piece = connection.recv(count - len(data))
        if not piece:
            return b""
        data += piece
    return data


def _hang_up(connection: socket.socket) -> None:
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        # The other end was quicker; the serving thread closes the socket either way.
        log.debug("vpcd.already_closed")
