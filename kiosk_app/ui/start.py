"""Start and end of the Qt side: application, window, excepthook, the loop."""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QEventLoop, Qt, QTimer
from PySide6.QtWidgets import QApplication

from kiosk_app.ui.app import make_application
from kiosk_app.ui.widgets.frame import Centre
from kiosk_app.ui.window import Window

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable
    from types import TracebackType

    from PySide6.QtWidgets import QWidget

    from kiosk_app.service_manager import ServiceManager

log = logging.getLogger(__name__)


def split_centre(name: str) -> Centre:
    """Return the centre's name in the head's two lines: what it is, and where."""
    for word in (" phường ", " xã ", " đặc khu "):
        head, found, place = name.partition(word)
        if found:
            return Centre(name=head, place=f"{word.strip().capitalize()} {place}")
    return Centre(name=name, place="")


def open_window(
    *,
    centre: str,
    hotline: str,
    now: Callable[[], dt.datetime],
    size: tuple[int, int] | None,
    contrast: bool = False,
) -> Window:
    """Show the first screen.

    Args:
        centre: The centre's full name.
        hotline: Telephone number on the first screen.
        now: The kiosk's clock.
        size: Width and height in pixels; None fills the screen.
        contrast: Begin every visit in high contrast.
    """
    make_application()
    window = Window(centre=split_centre(centre), now=now, hotline=hotline, contrast=contrast)
    if size is None:
        screen = QApplication.primaryScreen()
        window.resize(screen.size())
        window.show_first()
        window.showFullScreen()
        # Fingers need no arrow; it would stand in the middle of the screen for years.
        window.setCursor(Qt.CursorShape.BlankCursor)
    else:
        window.resize(*size)
        window.show_first()
        window.show()
    window.activateWindow()
    QApplication.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 50)
    window.repaint()
    return window


def since_process_start_ms() -> float:
    """Return the milliseconds since this process was started, by the kernel's clock. Source: proc(5)."""
    fields = Path("/proc/self/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    started_s = int(fields[19]) / os.sysconf("SC_CLK_TCK")
    return round((time.clock_gettime(time.CLOCK_BOOTTIME) - started_s) * 1000, 1)


def resident_mib() -> float:
    """Return this process's resident memory, MiB. Source: proc(5)."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return round(pages * os.sysconf("SC_PAGE_SIZE") / (1 << 20), 1)


def install_excepthook(window: Window) -> None:
    """Meet every bug in one place: log its kind and places, wipe the visit, show the calm screen.

    A bug in a thread of its own (a job's comes to the Qt thread) is logged in the same way, without its text.
    """

    def hook(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            QApplication.quit()
            return
        log.critical("kiosk.crashed", exc_info=(kind, error, trace))
        error.__traceback__ = None
        window.crashed()

    def in_thread(crash: threading.ExceptHookArgs) -> None:
        if crash.exc_value is not None:
            log.critical("kiosk.crashed", exc_info=(crash.exc_type, crash.exc_value, crash.exc_traceback))

    sys.excepthook = hook
    threading.excepthook = in_thread


def run_loop(window: QWidget, manager: ServiceManager) -> int:
    """Serve until the window is closed or the process is told to end; return the exit code.

    The service manager is told that we live by a timer of this loop: a Qt thread that hangs falls silent.
    """
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_args: QApplication.quit())
    # Python looks at signals only between its own instructions: give it some while Qt sleeps.
    breath = QTimer(window)
    breath.start(500)
    breath.timeout.connect(lambda: None)
    if manager.beat_ms is not None:
        beat = QTimer(window)
        beat.start(manager.beat_ms)
        beat.timeout.connect(manager.alive)
    manager.ready()
    code = make_application().exec()
    manager.stopping()
    return code
