"""The one door between blocking work and the Qt thread, and a watch over that thread."""

import logging
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import TypeVar

from PySide6.QtCore import QElapsedTimer, QObject, Qt, QTimer, Signal, Slot

log = logging.getLogger(__name__)
T = TypeVar("T")
Call = Callable[[], None]


class TaskRunner(QObject):
    """Runs blocking work beside the Qt thread and brings each result back exactly once.

    A result that belongs to a visit already ended is dropped, so that nothing of one citizen
    reaches the screen of the next.
    """

    _came_back = Signal(object)

    def __init__(
        self,
        *,
        expected: tuple[type[Exception], ...] = (Exception,),
        workers: int = 4,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._expected = expected
        self._pool = ThreadPoolExecutor(max_workers=workers, thread_name_prefix="kiosk-task")
        self._running: set[Future[None]] = set()
        self._last_visit = 0
        self._visit: int | None = None
        self._closed = False
        self._came_back.connect(self._deliver, Qt.ConnectionType.QueuedConnection)

    @property
    def visit(self) -> int | None:
        """The number of the visit going on, or None between visits."""
        return self._visit

    def begin_visit(self) -> int:
        """Start a visit, ending the one before, and return its number."""
        self._last_visit += 1
        self._visit = self._last_visit
        return self._last_visit

    def end_visit(self) -> None:
        """End the visit: what its tasks still bring back is dropped."""
        self._visit = None

    def run(
        self,
        work: Callable[[], T],
        *,
        done: Callable[[T], None],
        failed: Callable[[Exception], None],
        visit: int | None,
    ) -> None:
        """Run work in another thread, then call done or failed in the Qt thread.

        Args:
            work: What blocks; it must end by itself, so every device call in it has a deadline.
            done: Called with the result.
            failed: Called with the error, if it is of an expected kind; any other is raised in the
                Qt thread, where the excepthook meets it.
            visit: The visit the result belongs to, or None for work of the kiosk itself.
        """

        def task() -> None:
            try:
                result = work()
            except Exception as error:  # noqa: BLE001 - the task runner hands every error to the Qt thread
                outcome = self._failure(error, failed)
            else:
                outcome = _bound(done, result)
            self._came_back.emit((outcome, visit))

        future = self._pool.submit(task)
        self._running.add(future)
        future.add_done_callback(self._running.discard)

    def relay(self, callback: Callable[..., None], *, visit: int | None) -> Callable[..., None]:
        """Return a function any thread may call; the callback runs in the Qt thread, in order.

        Args:
            callback: Called with the same arguments, while the visit lasts.
            visit: The visit the calls belong to, or None for ever.
        """

        def call(*args: object) -> None:
            if not self._closed:
                self._came_back.emit((lambda: callback(*args), visit))

        return call

    def close(self, timeout_s: float) -> bool:
        """Take no more work, drop what comes back, and wait for the rest.

        Args:
            timeout_s: Seconds to wait at most.

        Returns:
            Whether everything ended in time.
        """
        self._closed = True
        self._visit = None
        self._pool.shutdown(wait=False, cancel_futures=True)
        return not wait(set(self._running), timeout=timeout_s).not_done

    def _failure(self, error: Exception, failed: Callable[[Exception], None]) -> Call:
        cause = getattr(error, "code", type(error).__name__)
        log.warning("task.failed", extra={"code": str(cause)})
        if isinstance(error, self._expected):
            return _bound(failed, error)

        def unexpected() -> None:
            raise error

        return unexpected

    @Slot(object)
    def _deliver(self, message: tuple[Call, int | None]) -> None:
        outcome, visit = message
        if self._closed or (visit is not None and visit != self._visit):
            return
        outcome()


def _bound(callback: Callable[[T], None], value: T) -> Call:
    return lambda: callback(value)


class StallWatch(QObject):
    """Measures how long the Qt thread was kept from its event loop.

    A precise heartbeat of 10 ms: what it comes late by is work (or another process) that kept the
    thread. ``worst_cpu_ms`` counts this thread's own computing only, so a busy machine shows as a
    difference between the two.
    """

    BEAT_MS = 10

    def __init__(self, *, limit_ms: int = 50, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._limit_ms = limit_ms
        self._clock = QElapsedTimer()
        self._cpu_s = 0.0
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(self.BEAT_MS)
        self._timer.timeout.connect(self._beat)
        self.worst_ms = 0
        self.worst_cpu_ms = 0
        self.count = 0

    def start(self) -> None:
        """Begin to measure."""
        self._mark()
        self._timer.start()

    def stop(self) -> None:
        """Stop measuring; the numbers stay, with the stall now going on counted in."""
        if self._timer.isActive():
            self._beat()
            self._timer.stop()

    def reset(self) -> None:
        """Forget the numbers."""
        self.worst_ms = self.worst_cpu_ms = self.count = 0
        self._mark()

    def _mark(self) -> None:
        self._clock.start()
        self._cpu_s = time.thread_time()

    @Slot()
    def _beat(self) -> None:
        late_ms = max(0, self._clock.elapsed() - self.BEAT_MS)
        cpu_ms = round((time.thread_time() - self._cpu_s) * 1000)
        self._mark()
        self.worst_ms = max(self.worst_ms, late_ms)
        self.worst_cpu_ms = max(self.worst_cpu_ms, cpu_ms)
        if late_ms > self._limit_ms:
            self.count += 1
            log.info("ui.stalled", extra={"elapsed_ms": late_ms})
