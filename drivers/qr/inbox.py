"""Where a scanner's thread leaves codes and the reader waits for them."""

from __future__ import annotations

import threading
from collections import deque
from typing import TYPE_CHECKING

from drivers.errors import DeviceMissingError
from drivers.ports import DeviceState

if TYPE_CHECKING:
    from drivers.errors import DriverError

MOST_WAITING = 8
"""Codes nobody asked for; the oldest is dropped."""


class CodeInbox:
    """Codes and mishaps in order, and whether the device is there. Safe to use from two threads."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._waiting: deque[str | DriverError] = deque(maxlen=MOST_WAITING)
        self._state = DeviceState.CONNECTING
        self._why: type[DriverError] = DeviceMissingError

    def put(self, item: str | DriverError) -> None:
        """Leave a code, or an error that the next reader is to meet."""
        with self._changed:
            self._waiting.append(item)
            self._changed.notify_all()

    def take(self, *, timeout_s: float) -> str | None:
        """Wait for the next code; None when the time is over.

        Raises:
            DeviceMissingError: The device is gone.
            DriverError: Why else it is absent, or what the device's thread left.
        """
        with self._changed:
            self._changed.wait_for(
                lambda: self._waiting or self._state is DeviceState.ABSENT, timeout=max(timeout_s, 0)
            )
            if self._waiting:
                item = self._waiting.popleft()
                if isinstance(item, str):
                    return item
                raise item
            if self._state is DeviceState.ABSENT:
                raise self._why
            return None

    def clear(self) -> None:
        """Forget what is waiting."""
        with self._changed:
            self._waiting.clear()

    @property
    def state(self) -> DeviceState:
        """Whether the device is there."""
        with self._changed:
            return self._state

    @property
    def why(self) -> type[DriverError]:
        """Why the device is absent, where it is."""
        with self._changed:
            return self._why

    def become(self, state: DeviceState, why: type[DriverError] = DeviceMissingError) -> bool:
        """Note the device's state and wake the reader; True when it is another than before.

        Args:
            state: How it is now.
            why: What the reader meets while it is absent.
        """
        with self._changed:
            changed = (state, why) != (self._state, self._why)
            self._state, self._why = state, why
            self._changed.notify_all()
            return changed
