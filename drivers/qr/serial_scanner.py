"""A QR scanner on a serial port or as a USB serial device, read by a thread of its own."""

from __future__ import annotations

import logging
import re
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Protocol, cast

from drivers.device_file import DEFAULT_BAUD, held_by_another, is_forbidden, open_serial
from drivers.errors import (
    DeviceBusyError,
    DeviceForbiddenError,
    DeviceMissingError,
    ScannerMisconfiguredError,
)
from drivers.ports import DeviceState, DeviceStatus
from drivers.qr.card_text import lost_letters
from drivers.qr.framer import Framer
from drivers.qr.inbox import CodeInbox

if TYPE_CHECKING:
    from collections.abc import Callable

    from drivers.errors import DriverError

log = logging.getLogger(__name__)

IDLE_S = 0.25
"""A code without an end mark is over after this silence, seconds."""
RETRY_S = 2.0
"""A scanner that went away is looked for again this often, seconds."""
FIRST_TRY_S = 0.5
"""A look waits so long for the port to be tried once: nobody calls a scanner well or ill before, seconds."""
READ_BYTES = 4096
SUFFIX_MISSING = "qr.suffix_missing"
_CARD_NUMBER = re.compile(r"[0-9]{12}\D")


class SerialPort(Protocol):
    """What the thread needs of `serial.Serial`."""

    @property
    def in_waiting(self) -> int:
        """Bytes that can be read at once."""
        ...

    def read(self, size: int) -> bytes:
        """Return at most `size` bytes, none when it stays silent for the port's time-out."""
        ...

    def close(self) -> None:
        """Let the port go."""
        ...


def open_port(path: str, *, baud: int = DEFAULT_BAUD) -> SerialPort:
    """Open a serial port for this program alone.

    Raises:
        DeviceBusyError: Another program holds it.
        DeviceForbiddenError: It is there, and this program may not use it.
        DeviceMissingError: It is not there, or went away while it was set up.
    """
    try:
        port = open_serial(path, baud=baud, timeout_s=IDLE_S, write_timeout_s=1)
    except OSError as error:
        if held_by_another(error):
            raise DeviceBusyError from error
        raise (DeviceForbiddenError if is_forbidden(error) else DeviceMissingError) from error
    return cast("SerialPort", port)


class SerialCodeScanner:
    """A scanner that sends each code as a line of UTF-8; comes back by itself after it was unplugged."""

    def __init__(self, open_source: Callable[[], SerialPort], *, retry_s: float = RETRY_S) -> None:
        self._open_source = open_source
        self._retry_s = retry_s
        self._inbox = CodeInbox()
        self._framer = Framer()
        self._framing = threading.Lock()
        self._fault = ""
        self._stop, self._tried = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._watch, name="qr-serial", daemon=True)
        self._thread.start()

    def read(self, *, timeout_s: float) -> str | None:
        """Wait for the next code and return its text, or None when the time is over.

        Raises:
            DeviceMissingError: The scanner is gone.
            DeviceBusyError: Another program holds the scanner.
            DeviceForbiddenError: This program may not use the scanner.
            ScannerMisconfiguredError: The text is not UTF-8, and no card whose number could be used.
        """
        return self._inbox.take(timeout_s=timeout_s)

    def flush(self) -> None:
        """Forget every code, and half a code, that came before now."""
        with self._framing:
            self._framer.reset()
            self._inbox.clear()

    def status(self) -> DeviceStatus:
        """Tell whether the scanner is there, and whether its last code showed that it is set up wrong."""
        self._tried.wait(FIRST_TRY_S)
        state = self._inbox.state
        if state is DeviceState.ABSENT:
            return DeviceStatus(device="qr_scanner", state=state, cause=self._inbox.why.code)
        if state is DeviceState.READY and self._fault:
            return DeviceStatus(device="qr_scanner", state=DeviceState.DEGRADED, cause=self._fault)
        return DeviceStatus(device="qr_scanner", state=state)

    def close(self) -> None:
        """Stop the thread and let the port go."""
        self._stop.set()
        self._thread.join(timeout=5)
        self._inbox.become(DeviceState.DISABLED)

    def _watch(self) -> None:
        while not self._stop.is_set():
            try:
                port = self._open_source()
            except (DeviceMissingError, DeviceBusyError, DeviceForbiddenError) as error:
                self._gone(type(error))
            else:
                self._drain(port)
            self._stop.wait(self._retry_s)

    def _drain(self, port: SerialPort) -> None:
        if self._inbox.become(DeviceState.READY):
            log.info("device.ready", extra={"device": "qr_scanner"})
        self._tried.set()
        try:
            while not self._stop.is_set():
                waiting = min(max(port.in_waiting, 1), READ_BYTES)
                self._take_in(port.read(waiting))
        except OSError:  # pyserial's own error is one
            self._gone()
        finally:
            with suppress(OSError):  # a port that is gone says so once more
                port.close()

    def _take_in(self, burst: bytes) -> None:
        with self._framing:
            if burst:
                frames = self._framer.feed(burst)
            else:
                rest = self._framer.end_of_burst()
                if rest is None:
                    return
                log.warning(SUFFIX_MISSING, extra={"device": "qr_scanner"})
                frames = [rest]
            if frames:
                self._fault = "" if burst else SUFFIX_MISSING
            for frame in frames:
                self._deliver(frame)

    def _deliver(self, frame: bytes) -> None:
        try:
            text = frame.decode("utf-8")
        except UnicodeDecodeError:
            self._wrong_table()
            text = frame.decode("utf-8", errors="replace")
            # A card's number still opens its chip; the payload parser refuses the damaged name.
            self._inbox.put(text if _CARD_NUMBER.match(text) else ScannerMisconfiguredError())
            return
        if lost_letters(text):
            # `Nguy?n` is proper UTF-8: a scanner that lacks the letters wrote question marks for them.
            self._wrong_table()
        self._inbox.put(text)

    def _wrong_table(self) -> None:
        log.warning("qr.not_utf8", extra={"code": ScannerMisconfiguredError.code})
        self._fault = ScannerMisconfiguredError.code

    def _gone(self, why: type[DriverError] = DeviceMissingError) -> None:
        with self._framing:
            self._framer.reset()
        if self._inbox.become(DeviceState.ABSENT, why) and not self._stop.is_set():
            log.warning("device.gone", extra={"device": "qr_scanner", "code": why.code})
        self._tried.set()
