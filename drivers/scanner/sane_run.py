"""One run of scanimage: what it scans, what it says, how it ends.

Source: SANE Standard 1.06, 4.2.7 (status codes, which scanimage returns as its own).
"""

from __future__ import annotations

import os
import re
import selectors
import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING

from drivers.errors import DeviceMissingError, DeviceTimeoutError
from drivers.ports import never
from drivers.scanner.sheet_folder import hold_back
from drivers.scanner.stopping import ASK_S, go_on

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from drivers.ports import Stop

END_S = 3.0
"""Given to scanimage to park the lamp after it was told to stop, seconds."""
LEAVE_S = 1.0
"""Given to it to leave when it has said its last word. A backend that cancels its reading thread inside
`malloc`, as those on `sanei_thread` may, waits for that thread for ever."""
LAST_WORD = b"Batch terminated"
STATUS = re.compile(rb"\(scanner status = (\d+)\)")
"""How scanimage tells, after each side, the `SANE_Status` that the side ended with."""


class SaneRun:
    """scanimage at work on one batch. For one thread, but for `stop`.

    Args:
        command: scanimage and what it is asked for, without the batch.
        folder: Where it leaves the sides.
        most: Sides after which it ends.
        environment: Of the process; None takes this one's own.

    Raises:
        DeviceMissingError: scanimage is not installed.
    """

    def __init__(
        self, command: list[str], folder: Path, *, most: int, environment: Mapping[str, str] | None
    ) -> None:
        self._folder = folder
        self._words = b""
        try:
            self._process = subprocess.Popen(
                [*command, f"--batch={folder}/%03d.pnm", "--batch-print", f"--batch-count={most}"],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env=environment,
            )
        except FileNotFoundError as error:
            raise DeviceMissingError("scanimage is not installed: apt-get install sane-utils") from error

    def sides(self, *, timeout_s: float, stop: Stop = never) -> Iterator[bytes]:
        """Give each side as soon as scanimage has finished it.

        Args:
            timeout_s: Bounds each side, seconds.
            stop: True ends the waiting for the next; `end` then stops scanimage.

        Raises:
            DeviceTimeoutError: The next side did not come in time.
            ScanError: It was stopped.
        """
        for name in self._names(timeout_s, stop):
            file = Path(os.fsdecode(name))
            raw = file.read_bytes()
            file.unlink()
            hold_back(self._process, self._folder)
            yield raw

    def stop(self) -> None:
        """End scanimage, gently first; `end` must still be called. May be called from another thread."""
        self._process.terminate()
        self._process.send_signal(signal.SIGCONT)  # one that is held back would not hear it
        try:
            self._process.wait(END_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def end(self) -> tuple[int, bytes]:
        """Stop scanimage if it still runs and return its status and what it said.

        The status is 0 where all went well, what scanimage told of the scanner where it did not leave by
        itself, and negative where it was stopped before it told anything.
        """
        stays = self._process.poll() is None
        if stays:
            self.stop()
        for pipe in (self._process.stdout, self._process.stderr):
            _pipe(pipe).close()
        told = STATUS.findall(self._words)
        return int(told[-1]) if stays and told else self._process.returncode, self._words

    def _names(self, timeout_s: float, stop: Stop) -> Iterator[bytes]:
        """Give the name of each file as soon as scanimage tells it."""
        out, err = _pipe(self._process.stdout), _pipe(self._process.stderr)
        told = b""
        with selectors.DefaultSelector() as selector:
            selector.register(out, selectors.EVENT_READ)
            selector.register(err, selectors.EVENT_READ)
            deadline = time.monotonic() + timeout_s
            while selector.get_map():
                ready = _ready(selector, deadline, stop)
                if not ready and LAST_WORD in self._words:
                    return
                if not ready:
                    raise DeviceTimeoutError
                for key, _ in ready:
                    piece = os.read(key.fd, 4096)
                    if not piece:
                        selector.unregister(key.fileobj)
                    elif key.fileobj is err:
                        self._words += piece
                        deadline = self._leaves_by(deadline)
                    else:
                        *names, told = (told + piece).split(b"\n")
                        for name in names:
                            yield name
                            deadline = self._leaves_by(time.monotonic() + timeout_s)
        with suppress(subprocess.TimeoutExpired):  # `end` deals with one that stays
            self._process.wait(LEAVE_S)

    def _leaves_by(self, deadline: float) -> float:
        return min(deadline, time.monotonic() + LEAVE_S) if LAST_WORD in self._words else deadline


def _ready(
    selector: selectors.BaseSelector, deadline: float, stop: Stop
) -> list[tuple[selectors.SelectorKey, int]]:
    """Wait until a pipe can be read or the time is over, and ask now and then whether to stop."""
    while True:
        go_on(stop)
        left = deadline - time.monotonic()
        ready = selector.select(min(max(left, 0), ASK_S))
        if ready or left <= ASK_S:
            return ready


def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
    if pipe is None:
        raise ValueError("scanimage was started without a pipe")
    return pipe
