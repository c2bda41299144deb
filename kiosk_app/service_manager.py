"""What systemd is told while the kiosk runs: ready, alive, what it does. Source: sd_notify(3)."""

from __future__ import annotations

import logging
import socket
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

log = logging.getLogger(__name__)
_BEATS_PER_LIMIT: Final = 3


class ServiceManager:
    """The line to the service manager; without one (a terminal, a test) nothing is told.

    The unit starts the session (cage) and the kiosk is a child of it, so the unit accepts words from any of
    its processes (`NotifyAccess=all`) and `WATCHDOG_PID` is not compared.

    Args:
        address: The manager's socket, a path or `@name`; empty = none.
        watchdog_us: Microseconds without a sign of life after which the manager kills us; 0 = never.
    """

    def __init__(self, address: str = "", watchdog_us: int = 0) -> None:
        self._address = f"\0{address[1:]}" if address.startswith("@") else address
        self._watchdog_us = watchdog_us
        self._deaf = False

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> ServiceManager:
        """Return the line named by `NOTIFY_SOCKET` and `WATCHDOG_USEC`."""
        limit = environment.get("WATCHDOG_USEC", "")
        return cls(environment.get("NOTIFY_SOCKET", ""), int(limit) if limit.isdigit() else 0)

    @property
    def beat_ms(self) -> int | None:
        """Milliseconds between two signs of life, a third of the limit; None = nobody waits for them."""
        if not self._address or not self._watchdog_us:
            return None
        return max(1, self._watchdog_us // 1000 // _BEATS_PER_LIMIT)

    def ready(self) -> None:
        """The first screen stands."""
        self._tell("READY=1")

    def alive(self) -> None:
        """One sign of life; to be called by the thread whose life is meant."""
        self._tell("WATCHDOG=1")

    def doing(self, words: str) -> None:
        """Tell in a few words what the kiosk does now; `systemctl status` and the updater read it."""
        self._tell(f"STATUS={words}")

    def stopping(self) -> None:
        """The end was asked for and has begun."""
        self._tell("STOPPING=1")

    def _tell(self, words: str) -> None:
        if not self._address:
            return
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK) as line:
                line.sendto(words.encode(), self._address)
        except OSError as error:
            # A manager that hears nothing restarts us by itself: said once, not three times a minute.
            if not self._deaf:
                log.warning("service.not_told", extra={"cause": type(error).__name__})
            self._deaf = True
            return
        self._deaf = False
