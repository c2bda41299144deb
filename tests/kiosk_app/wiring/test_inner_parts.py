"""Line, queue, disk and clock in the health model: state and cause, each with words for a technician."""

from __future__ import annotations

import dataclasses
import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pytest

from drivers.ports import DeviceState, DeviceStatus
from kiosk_app import health
from kiosk_app.health import describe, device_name
from kiosk_app.wiring.inner_parts import clock_seen, line_seen, open_inner_parts, queue_seen
from kiosk_app.wiring.line_quality import FRESH_S, LineQuality
from kiosk_app.wiring.shut import ShutQueue
from kiosk_app.wiring.watch import Watch
from offline_queue import guards
from offline_queue.errors import BackendUnreachableError, QueueLockedError
from offline_queue.ports import QueueStatus
from offline_queue.probe import LineSpeed
from offline_queue.progress import BackendDesk
from offline_queue.sync import ONLINE_S, Link

if TYPE_CHECKING:
    from kiosk_app.wiring.looked import Seen
    from offline_queue.ports import DossierQueue, ProgressDesk

AT = dt.datetime(2026, 11, 22, 9, 0, tzinfo=dt.UTC)
WELL = QueueStatus(
    ready=2,
    sending=0,
    stored=9,
    quarantined=0,
    paused=None,
    oldest_age_s=60,
    bytes=1,
    clock_skew_s=0.3,
)
GIB = 1 << 30


class Counted:
    """A queue and a desk that say what they were told to say."""

    def __init__(self, status: QueueStatus = WELL, trouble: str = "") -> None:
        self.told, self.why, self.lost = status, trouble, 0

    def status(self) -> QueueStatus:
        return dataclasses.replace(self.told, warnings=guards.warnings(self.told))

    def trouble(self) -> str:
        return self.why

    def lost_heartbeats(self) -> int:
        return self.lost


def queue(**changed: Any) -> DossierQueue:
    return cast("DossierQueue", Counted(dataclasses.replace(WELL, **changed)))


def desk(trouble: str) -> ProgressDesk:
    return cast("ProgressDesk", Counted(trouble=trouble))


def told(seen: Seen) -> tuple[str, str]:
    return seen.state.value, seen.cause


@pytest.mark.parametrize(
    ("trouble", "expected"),
    [
        ("", ("ready", "ok")),
        ("not_heard", ("connecting", "part.not_seen")),
        ("not_enrolled", ("blocked", "queue.not_enrolled")),
        ("line", ("absent", "backend.line")),
        ("portal", ("blocked", "backend.portal")),
        ("auth", ("blocked", "backend.auth")),
        ("clock", ("blocked", "backend.clock")),
    ],
)
def test_how_the_line_is(trouble: str, expected: tuple[str, str]) -> None:
    assert told(line_seen(desk(trouble))) == expected


def test_only_the_third_heartbeat_lost_is_an_absence_however_often_it_is_looked_at() -> None:
    seconds = [0.0]
    link = Link(lambda: seconds[0])
    line = BackendDesk(queue=queue(), connect=cast("Any", None), link=link, unit="x")
    parts = open_inner_parts(Path("/"), queue(), line, now=lambda: AT)
    seen = Watch({"backend": parts["backend"]}, now=lambda: AT, monotonic=lambda: 0.0, version="1")

    def looks() -> list[str]:
        return [seen.look()[0].state.value for _ in range(4)]

    link.heard(well=True)
    assert looks() == ["ready"] * 4
    for state in ("connecting", "connecting", "absent"):
        link.heard(well=False)
        assert looks() == [state] * 4
    link.heard(well=True)
    link.heard(well=False)
    assert looks() == ["connecting"] * 4
    link.heard(well=True)
    seconds[0] += ONLINE_S
    assert looks() == ["absent"] * 4, "nothing was heard for as long as three heartbeats"


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, ("ready", "ok")),
        ({"paused": "auth"}, ("blocked", "queue.paused_auth")),
        ({"paused": "clock", "quarantined": 1}, ("blocked", "queue.paused_clock")),
        ({"quarantined": 1}, ("blocked", "queue.quarantined")),
        ({"oldest_age_s": 90_000}, ("degraded", "queue.old")),
        ({"ready": 501}, ("degraded", "queue.many")),
        ({"storage": "no_intake", "clock_skew_s": 500.0}, ("ready", "ok")),
    ],
)
def test_how_the_queue_is(changed: dict[str, Any], expected: tuple[str, str]) -> None:
    assert told(queue_seen(queue(**changed))) == expected


@pytest.mark.parametrize(
    ("skew_s", "at", "expected"),
    [
        (0.3, AT, ("ready", "ok")),
        (-119.0, AT, ("ready", "ok")),
        (-121.0, AT, ("fault", "clock.skewed")),
        (None, AT, ("degraded", "clock.not_compared")),
        (0.3, AT.replace(year=1970), ("fault", "clock.lost")),
    ],
)
def test_how_the_clock_is(skew_s: float | None, at: dt.datetime, expected: tuple[str, str]) -> None:
    assert told(clock_seen(queue(clock_skew_s=skew_s), at)) == expected


def room(free_share: float) -> guards.Room:
    total = 20 * GIB
    return guards.Room(
        free_bytes=round(total * free_share), total_bytes=total, free_files=10**6, total_files=10**6
    )


@pytest.mark.parametrize(
    ("free_share", "expected"),
    [
        (0.5, ("ready", "ok")),
        (0.15, ("degraded", "disk.little_space")),
        (0.07, ("blocked", "disk.no_scanning")),
        (0.01, ("blocked", "disk.full")),
    ],
)
def test_how_the_disk_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, free_share: float, expected: tuple[str, str]
) -> None:
    parts = open_inner_parts(tmp_path, queue(), desk(""), now=lambda: AT)
    monkeypatch.setattr("kiosk_app.wiring.inner_parts.measure", lambda _folder: room(free_share))
    status = parts["disk"].status()
    assert (status.state.value, status.cause) == expected


def test_a_disk_that_is_gone_and_a_queue_that_is_shut_are_told_each_by_itself(tmp_path: Path) -> None:
    shut = ShutQueue(QueueLockedError())
    parts = open_inner_parts(tmp_path / "gone", shut, shut, now=lambda: AT)
    seen = {name: (part.status().state.value, part.status().cause) for name, part in parts.items()}
    assert seen == {
        "backend": ("connecting", "part.not_seen"),
        "queue": ("fault", "queue.locked"),
        "disk": ("fault", "disk.unreadable"),
        "clock": ("degraded", "clock.not_compared"),
    }
    for part in parts.values():
        part.close()


CAUSES = (
    *(f"backend.{why}" for why in ("line", "portal", "auth", "clock")),
    *(f"queue.{why}" for why in ("locked", "full", "not_enrolled", "paused_auth", "paused_clock")),
    *(f"queue.{why}" for why in ("quarantined", "old", "many")),
    *(f"disk.{why}" for why in ("full", "no_scanning", "little_space", "unreadable")),
    *(f"clock.{why}" for why in ("lost", "skewed", "not_compared")),
)


@pytest.mark.parametrize("cause", CAUSES)
def test_each_cause_has_words_of_its_own(cause: str) -> None:
    words = describe(DeviceStatus(device="x", state=DeviceState.FAULT, cause=cause))[1]
    assert words != health._UNKNOWN_CAUSE
    assert device_name(cause.partition(".")[0]) != cause.partition(".")[0]


# --- delay and width of the line -------------------------------------------------------------------------


class Meter:
    """Measures what it was told to measure."""

    def __init__(self) -> None:
        self.up, self.s, self.taken = True, 0.0, 0
        self.fails = False
        self.quality = LineQuality(self.measure, up=lambda: self.up, monotonic=lambda: self.s)

    def measure(self) -> LineSpeed:
        self.taken += 1
        if self.fails:
            raise BackendUnreachableError
        return LineSpeed(answer_ms=40.4, answer_worst_ms=90, up_kbit_s=899.6, back_kbit_s=2000)


FIGURES = {"line_answer_ms": 40, "line_up_kbit_s": 900}


def test_a_line_is_measured_when_somebody_asks_and_then_remembered() -> None:
    meter = Meter()
    assert meter.quality.last() == {}
    assert meter.taken == 0
    assert meter.quality.fresh() == meter.quality.last() == FIGURES
    meter.s = FRESH_S
    assert meter.quality.fresh() == FIGURES
    assert meter.taken == 1
    meter.s = FRESH_S + 1
    assert meter.quality.fresh() == FIGURES
    assert meter.taken == 2


def test_without_a_line_nothing_is_measured_and_no_old_figures_are_told() -> None:
    meter = Meter()
    meter.quality.fresh()
    meter.up = False
    assert meter.quality.fresh() == {}
    assert meter.taken == 1


def test_a_line_that_breaks_while_it_is_measured_has_no_figures_and_is_measured_again() -> None:
    meter = Meter()
    meter.quality.fresh()
    meter.s, meter.fails = FRESH_S + 1, True
    assert meter.quality.fresh() == meter.quality.last() == {}
    meter.fails = False
    assert meter.quality.fresh() == FIGURES
