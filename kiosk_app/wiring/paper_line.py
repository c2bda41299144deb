"""One process of the paper room and the talk with it: requests go out at once, answers come when ready.

The room serves each lane of requests in order, so the oldest open request of a lane is the one it works on.
That is all that must be known to tell a room that is busy from one that hangs: only the second is ended.
"""

from __future__ import annotations

import itertools
import logging
import os
import selectors
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

from drivers.errors import DeviceBusyError
from drivers.scanner.sheet_folder import sweep
from kiosk_app.wiring import paper_wire as wire

if TYPE_CHECKING:
    from collections.abc import Iterator

    from drivers.ports import Stop

log = logging.getLogger(__name__)

START_TIMEOUT_S: Final = 5.0
STOP_S: Final = 10.0
"""Given to the room to end what was stopped: scanimage parks the lamp, a page being made is made."""
END_S: Final = 5.0
"""Given to a process that was told to end, or killed, to be gone, seconds."""
_ASK_STOP_S: Final = 0.1
_SEND_S: Final = 1.0
"""Given to the few bytes that tell the room to stop."""
_ONE_HEAP: Final = {"MALLOC_ARENA_MAX": "1"}
"""Pages are made in a thread, and the heap of a thread gives nothing back: 230 MiB stayed instead of 103.
Source: mallopt(3)."""
_ROOT: Final = Path(__file__).resolve().parents[2]


@dataclass(slots=True, kw_only=True)
class _Turn:
    """A request without an answer."""

    number: int
    lane: wire.Lane
    most_s: float
    """How long the room may work on it, seconds."""
    ends: float
    """When the room must have done it, on the monotonic clock; counts once it is the oldest of its lane."""
    reply: Future[wire.Answer] = field(default_factory=Future)
    stopped: bool = False


class PaperLine:
    """A paper room's process, from its start to its end. Safe to use from many threads.

    Args:
        first: What the process is told first: one line.
    """

    def __init__(self, first: bytes) -> None:
        self._numbers = itertools.count(1)
        self._gate = threading.Lock()
        """Of the open requests."""
        self._open: dict[int, _Turn] = {}
        self._sending = threading.Lock()
        self._lost = False
        self.process = subprocess.Popen(
            [sys.executable, "-m", "kiosk_app.wiring.paper_worker"],
            cwd=_ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            process_group=0,  # what it started, such as scanimage, ends with it
            env={**os.environ, **_ONE_HEAP},
        )
        self._listener = threading.Thread(target=self._listen, name="paper-room", daemon=True)
        self._listener.start()
        try:
            os.set_blocking(self._stdin, False)
            _send(self._stdin, first + b"\n", time.monotonic() + START_TIMEOUT_S)
        except OSError:
            self.end()
            raise

    def is_alive(self) -> bool:
        """Tell whether the process still runs; it is not reaped yet, so its number is not another's."""
        if self._lost:
            return False
        try:
            return os.waitid(os.P_PID, self.process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None
        except ChildProcessError:
            return False

    def ask(self, ask: wire.Ask, *, timeout_s: float, deadline: float, stop: Stop) -> wire.Answer:
        """Send a request and wait for its answer.

        Args:
            ask: The request; it gets its number here.
            timeout_s: How long the room may work on it, seconds.
            deadline: On the monotonic clock: when the caller gives up, whatever the room does.
            stop: True asks the room to end it.

        Raises:
            DeviceBusyError: Its turn did not come in time, or only just; the room is well.
            TimeoutError: The room hangs.
            OSError: The room has ended.
            ValueError: It said what is no message.
        """
        with self._telling(deadline) as pipe:  # entered and sent in one order, which is the room's
            turn = self._enter(ask.lane, timeout_s, deadline)
            _send(pipe, wire.pack(msgspec.structs.replace(ask, number=turn.number)), deadline)
        while True:
            if not turn.stopped and stop():
                self._stop(turn)
                deadline = min(deadline, time.monotonic() + STOP_S)
            left = deadline - time.monotonic()
            try:
                return turn.reply.result(timeout=min(max(left, 0), _ASK_STOP_S))
            except TimeoutError:
                if left <= 0:
                    break
        if self._hangs(turn.lane):
            raise TimeoutError
        self._stop(turn)  # nobody waits for it any more
        raise DeviceBusyError("The paper room is at something else; try again.")

    def close(self) -> None:
        """End the process; one that scans may first bring the scanner to rest."""
        with self._gate:
            scans = self._oldest(wire.Lane.PAPERS) is not None
        if scans and self.process.stdin is not None:
            with self._sending:
                self.process.stdin.close()
            with suppress(subprocess.TimeoutExpired):  # `end` deals with one that stays
                self.process.wait(END_S)
        self.end()

    def end(self) -> None:
        """End the process, all it started, and what it kept in memory; safe to call twice."""
        self._lost = True
        self._kill()
        try:
            self.process.wait(END_S)
        except subprocess.TimeoutExpired:
            log.warning("paper_room.stays", extra={"elapsed_ms": round(END_S * 1000)})
            return  # stuck in the kernel: its pipes stay open with it
        self._listener.join(END_S)
        with self._sending:
            for pipe in (self.process.stdin, self.process.stdout):
                if pipe is not None:
                    pipe.close()
        sweep()

    # --- inner ------------------------------------------------------------------------------------------

    @property
    def _stdin(self) -> int:
        if self.process.stdin is None or self.process.stdin.closed:
            raise OSError("the paper room has no pipe")
        return self.process.stdin.fileno()

    def _enter(self, lane: wire.Lane, most_s: float, ends: float) -> _Turn:
        with self._gate:
            if self._lost:
                raise OSError("the paper room ended")
            turn = _Turn(number=next(self._numbers), lane=lane, most_s=most_s, ends=ends)
            self._open[turn.number] = turn
        return turn

    def _oldest(self, lane: wire.Lane) -> _Turn | None:
        return next((turn for turn in self._open.values() if turn.lane is lane), None)

    def _hangs(self, lane: wire.Lane) -> bool:
        """Tell whether what the room works on in this lane takes longer than it may."""
        with self._gate:
            oldest = self._oldest(lane)
            return oldest is not None and time.monotonic() >= oldest.ends

    def _stop(self, turn: _Turn) -> None:
        turn.stopped = True
        with self._gate:
            turn.most_s = min(turn.most_s, STOP_S)
            turn.ends = min(turn.ends, time.monotonic() + STOP_S)
        deadline = time.monotonic() + _SEND_S
        with self._telling(deadline) as pipe:
            _send(pipe, wire.pack(wire.Ask(what=wire.STOP, number=turn.number)), deadline)

    @contextmanager
    def _telling(self, deadline: float) -> Iterator[int]:
        """Give the pipe to the room to one thread at a time."""
        if not self._sending.acquire(timeout=max(deadline - time.monotonic(), 0)):
            raise DeviceBusyError("The paper room is being told something else; try again.")
        try:
            yield self._stdin
        finally:
            self._sending.release()

    def _listen(self) -> None:
        reason = "ended"
        try:
            while self.process.stdout and (answer := wire.read_answer(self.process.stdout)) is not None:
                self._answered(answer)
        except (OSError, ValueError) as error:
            reason = type(error).__name__
        finally:
            self._all_lost(reason)

    def _answered(self, answer: wire.Answer) -> None:
        with self._gate:
            turn = self._open.pop(answer.number, None)
            following = self._oldest(turn.lane) if turn else None
            if following is not None:
                following.ends = time.monotonic() + following.most_s
        if turn is not None:
            turn.reply.set_result(answer)

    def _all_lost(self, reason: str) -> None:
        self._lost = True
        self._kill()
        with self._gate:
            turns = tuple(self._open.values())
            self._open.clear()
        for turn in turns:
            turn.reply.set_exception(OSError(f"the paper room ended ({reason})"))

    def _kill(self) -> None:
        if self.process.returncode is not None:
            return  # reaped: its number may be another's by now
        with suppress(ProcessLookupError):  # gone already, and all it started
            os.killpg(self.process.pid, signal.SIGKILL)


def _send(descriptor: int, data: bytes, deadline: float) -> None:
    """Write everything before the deadline, also when the other side reads slowly."""
    rest = memoryview(data)
    with selectors.DefaultSelector() as selector:
        selector.register(descriptor, selectors.EVENT_WRITE)
        while rest:
            left = deadline - time.monotonic()
            if left <= 0 or not selector.select(left):
                raise TimeoutError
            rest = rest[os.write(descriptor, rest[: 1 << 16]) :]
