"""One view of every device and inner part for the staff screen, the heartbeat and a monitoring system.

States are as in `drivers.ports.DeviceState`. Two rules stand over what a device says of itself: an answer
that did not come is a miss, and only the third in a row is taken for absence; and a device that is not
plainly well is never shown as well. Each change is one log event and one of the last 50 transitions.
"""

from __future__ import annotations

import dataclasses
import logging
import threading
from collections import Counter, deque
from typing import TYPE_CHECKING, Final

from drivers.errors import DeviceBusyError, DeviceTimeoutError
from drivers.ports import DeviceState, DeviceStatus
from kiosk_app.flow.staff_view import Transition
from kiosk_app.wiring.looked import LOOK_FAILED, LOOK_FAILS, log_failed_look

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from drivers.ports import Device
    from kiosk_app.wiring.queue import Health

log = logging.getLogger(__name__)

KEPT: Final = 50
MISSES_TO_ABSENT: Final = 3
FRESH_S: Final = 30.0
"""A look not older than this is good enough for a heartbeat, seconds."""
METRICS: Final = "kiosk.prom"
_NO_ANSWER: Final = frozenset({DeviceTimeoutError.code, DeviceBusyError.code})
_ILL: Final = frozenset({DeviceState.ABSENT, DeviceState.FAULT})


class Watch:
    """Looks at the devices when asked and remembers what changed. Safe to use from several threads.

    Args:
        devices: Name to device.
        now: The time for transitions.
        monotonic: Seconds that only grow.
        version: Of this release.
        folder: Where `kiosk.prom` is written for node_exporter's textfile collector; None writes nothing.
    """

    def __init__(
        self,
        devices: Mapping[str, Device],
        *,
        now: Callable[[], dt.datetime],
        monotonic: Callable[[], float],
        version: str,
        folder: Path | None = None,
    ) -> None:
        self._devices, self._now, self._monotonic = devices, now, monotonic
        self._version, self._folder = version, folder
        self._facts: Callable[[], Health] = dict
        self._lock = threading.Lock()
        self._misses: Counter[str] = Counter()
        self._last: dict[str, DeviceStatus] = {}
        self._transitions: deque[Transition] = deque(maxlen=KEPT)
        self._looked_at: float | None = None
        self._failed: set[str] = set()
        """Whose last look raised: told once in the log."""
        self._metrics_failed = False

    def also_tell(self, facts: Callable[[], Health]) -> None:
        """Write these facts beside the devices from now on: queue, line; no person.

        They come after the devices, because the queue's heartbeat asks for the devices as soon as it is open.
        """
        self._facts = facts

    def also_watch(self, parts: Mapping[str, Device]) -> None:
        """Look at these from now on as well: line, queue, disk, clock.

        They come after the devices for the same reason as the facts.
        """
        self._devices = {**self._devices, **parts}

    def look(self) -> tuple[DeviceStatus, ...]:
        """Ask every device how it is, under the kiosk's own names; blocks as long as they do."""
        asked = {name: self._ask(name, device) for name, device in self._devices.items()}
        with self._lock:
            seen = tuple(self._take(name, status) for name, status in asked.items())
            self._looked_at = self._monotonic()
        if self._folder is not None:
            self._write_metrics(self._folder, seen)
        return seen

    def _ask(self, name: str, device: Device) -> DeviceStatus:
        """Ask one device; one that raises is ill, and keeps no other from being told."""
        try:
            status = device.status()
        except LOOK_FAILS as error:
            if name not in self._failed:
                log_failed_look(name, error)
            self._failed.add(name)
            return DeviceStatus(
                device=name, state=DeviceState.FAULT, cause=LOOK_FAILED, detail=type(error).__name__
            )
        self._failed.discard(name)
        return status

    def transitions(self) -> tuple[Transition, ...]:
        """Return the last changes, newest first."""
        with self._lock:
            return tuple(reversed(self._transitions))

    def heartbeat(self) -> Health:
        """Return of each device its state, and behind a space its cause unless that is `ok`; no person."""
        with self._lock:
            fresh = self._looked_at is not None and self._monotonic() - self._looked_at <= FRESH_S
            seen = tuple(self._last.values())
        told: Health = {"version": self._version}
        for status in seen if fresh else self.look():
            state = status.state.value
            told[status.device] = state if status.cause == "ok" else f"{state} {status.cause}"
        return told

    def _take(self, name: str, said: DeviceStatus) -> DeviceStatus:
        status = self._judged(dataclasses.replace(said, device=name))
        before = self._last.get(name)
        self._last[name] = status
        if before is not None and (before.state, before.cause) == (status.state, status.cause):
            return status
        known = before.state if before else DeviceState.CONNECTING
        self._transitions.append(
            Transition(
                at=self._now(),
                device=name,
                before=known,
                after=status.state,
                cause=status.cause,
                detail=status.detail,
            )
        )
        level = (
            logging.WARNING if status.state not in {DeviceState.READY, DeviceState.DISABLED} else logging.INFO
        )
        log.log(
            level,
            "health.changed",
            extra={"device": name, "state": status.state.value, "cause": status.cause},
        )
        return status

    def _judged(self, status: DeviceStatus) -> DeviceStatus:
        if status.cause in _NO_ANSWER and status.state in _ILL:
            self._misses[status.device] += 1
            missing = self._misses[status.device] >= MISSES_TO_ABSENT
            state = DeviceState.ABSENT if missing else DeviceState.CONNECTING
            return dataclasses.replace(status, state=state)
        self._misses[status.device] = 0
        if status.state is DeviceState.READY and status.cause != "ok":
            return dataclasses.replace(status, state=DeviceState.DEGRADED)
        return status

    # --- for a monitoring system ----------------------------------------------------------------------

    def _write_metrics(self, folder: Path, seen: tuple[DeviceStatus, ...]) -> None:
        text = metrics(seen, self._facts(), version=self._version, at=self._now())
        half = folder / f".{METRICS}"
        try:
            folder.mkdir(mode=0o755, exist_ok=True)
            half.write_text(text, encoding="utf-8")
            half.replace(folder / METRICS)
        except OSError as error:
            if not self._metrics_failed:
                log.warning("health.metrics_not_written", extra={"cause": type(error).__name__})
            self._metrics_failed = True
            return
        self._metrics_failed = False


def metrics(seen: tuple[DeviceStatus, ...], facts: Health, *, version: str, at: dt.datetime) -> str:
    """Return the state of the kiosk as Prometheus text; labels are names and codes, never a person.

    Source: Prometheus text-based exposition format 0.0.4.
    """
    lines = [
        "# HELP kiosk_device_state 1 for the state a device is in, 0 for the others.",
        "# TYPE kiosk_device_state gauge",
    ]
    lines += [
        f'kiosk_device_state{{device="{status.device}",state="{state.value}"}} {int(state is status.state)}'
        for status in seen
        for state in DeviceState
    ]
    lines += ["# HELP kiosk_device_cause The likely cause, as a label.", "# TYPE kiosk_device_cause gauge"]
    lines += [f'kiosk_device_cause{{device="{one.device}",cause="{one.cause}"}} 1' for one in seen]
    words = {name: value for name, value in facts.items() if isinstance(value, str)}
    for name, value in facts.items():
        if isinstance(value, int | float):
            lines += [f"# TYPE kiosk_{name} gauge", f"kiosk_{name} {float(value):g}"]
    labels = ",".join(f'{name}="{value}"' for name, value in {"version": version, **words}.items())
    lines += ["# TYPE kiosk_info gauge", f"kiosk_info{{{labels}}} 1"]
    lines += ["# TYPE kiosk_looked_at_seconds gauge", f"kiosk_looked_at_seconds {at.timestamp():.0f}", ""]
    return "\n".join(lines)
