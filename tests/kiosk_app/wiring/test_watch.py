"""The one view of all devices: misses, transitions, heartbeat, metrics."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest

from drivers.ports import DeviceState, DeviceStatus
from kiosk_app.health import describe
from kiosk_app.wiring.watch import FRESH_S, Watch, metrics

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from drivers.ports import Device

AT = dt.datetime(2026, 11, 22, 9, 0, tzinfo=dt.UTC)
WELL = (DeviceState.READY, "ok")


class Told:
    """A device that says what it was told to say."""

    def __init__(self) -> None:
        self.state, self.cause = WELL
        self.asked = 0

    def status(self) -> DeviceStatus:
        self.asked += 1
        return DeviceStatus(device="its own name", state=self.state, cause=self.cause, detail="12 12 12 12")

    def close(self) -> None:
        self.state = DeviceState.DISABLED


class Clock:
    def __init__(self) -> None:
        self.s = 0.0

    def __call__(self) -> float:
        return self.s


def watch(devices: Mapping[str, Device], clock: Clock | None = None, folder: Path | None = None) -> Watch:
    return Watch(devices, now=lambda: AT, monotonic=clock or Clock(), version="0.1.0", folder=folder)


def test_an_answer_that_did_not_come_is_absence_only_the_third_time() -> None:
    device = Told()
    seen = watch({"document_scanner": device})
    assert seen.look()[0].state is DeviceState.READY
    device.state, device.cause = DeviceState.FAULT, "device.timeout"
    states = [seen.look()[0].state for _ in range(4)]
    assert states == [DeviceState.CONNECTING] * 2 + [DeviceState.ABSENT] * 2
    device.state, device.cause = WELL
    assert seen.look()[0].state is DeviceState.READY
    device.state, device.cause = DeviceState.FAULT, "device.timeout"
    assert seen.look()[0].state is DeviceState.CONNECTING


def test_what_says_itself_that_it_is_gone_is_believed_at_once() -> None:
    device = Told()
    device.state, device.cause = DeviceState.ABSENT, "device.missing"
    assert watch({"document_scanner": device}).look()[0].state is DeviceState.ABSENT


def test_a_device_that_is_ready_but_for_something_is_not_shown_as_well() -> None:
    device = Told()
    device.cause = "something.odd"
    assert watch({"qr_scanner": device}).look()[0].state is DeviceState.DEGRADED


def test_each_change_is_one_event_and_one_transition_under_the_kiosk_s_names(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level("INFO")
    device = Told()
    seen = watch({"ticket_printer": device})
    for state, cause in (WELL, WELL, (DeviceState.BLOCKED, "printer.paper_out"), WELL, WELL):
        device.state, device.cause = state, cause
        seen.look()
    told = [(one.before.value, one.after.value, one.cause) for one in seen.transitions()]
    assert told == [
        ("blocked", "ready", "ok"),
        ("ready", "blocked", "printer.paper_out"),
        ("connecting", "ready", "ok"),
    ]
    assert {one.device for one in seen.transitions()} == {"ticket_printer"}
    assert seen.transitions()[1].detail == "12 12 12 12"
    logged = [(record.getMessage(), vars(record)["cause"]) for record in caplog.records]
    assert logged == [
        ("health.changed", "ok"),
        ("health.changed", "printer.paper_out"),
        ("health.changed", "ok"),
    ]


def test_a_line_that_flapped_all_night_stands_among_the_changes() -> None:
    line = Told()
    seen = watch({"ticket_printer": Told()})
    seen.also_watch({"backend": line})
    lost = (DeviceState.CONNECTING, "backend.line")
    for state, cause in (WELL, lost, WELL, lost, (DeviceState.ABSENT, "backend.line")):
        line.state, line.cause = state, cause
        assert [seen.look()[1].state for _ in range(4)] == [state] * 4, "looks are no evidence"
    told = [(one.after.value, one.cause) for one in reversed(seen.transitions()) if one.device == "backend"]
    assert told == [
        ("ready", "ok"),
        ("connecting", "backend.line"),
        ("ready", "ok"),
        ("connecting", "backend.line"),
        ("absent", "backend.line"),
    ]
    assert seen.heartbeat()["backend"] == "absent backend.line"


class Broken(Told):
    """A device whose driver raises what its port does not know."""

    def __init__(self, error: Exception) -> None:
        super().__init__()
        self.error: Exception | None = error

    def status(self) -> DeviceStatus:
        if self.error is not None:
            raise self.error
        return super().status()


@pytest.mark.parametrize("error", [UnicodeError("idna"), OSError(5, "I/O"), RuntimeError(), KeyError("x")])
def test_a_device_that_raises_is_ill_and_keeps_no_other_from_being_told(
    error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    broken, clock = Broken(error), Clock()
    seen = watch({"a4_printer": broken, "qr_scanner": Told()}, clock)
    for _look in range(3):
        (ill, well) = seen.look()
    assert (ill.state, ill.cause, ill.detail) == (
        DeviceState.FAULT,
        "part.look_failed",
        type(error).__name__,
    )
    assert well.state is DeviceState.READY
    clock.s = FRESH_S + 1
    assert seen.heartbeat()["a4_printer"] == "fault part.look_failed"
    assert [one.message for one in caplog.records].count("health.look_failed") == 1
    assert "nguyên nhân" not in describe(ill, "vi")[1]
    broken.error = None
    assert seen.look()[0].state is DeviceState.READY


def test_fifty_transitions_are_kept() -> None:
    device = Told()
    seen = watch({"qr_scanner": device})
    for at in range(120):
        device.state, device.cause = DeviceState.BLOCKED, f"cause.{at}"
        seen.look()
    kept = seen.transitions()
    assert len(kept) == 50
    assert kept[0].cause == "cause.119"


def test_a_heartbeat_uses_the_last_look_and_looks_itself_when_that_is_old() -> None:
    device, clock = Told(), Clock()
    seen = watch({"ticket_printer": device, "card_reader": Told()}, clock)
    assert seen.heartbeat() == {
        "version": "0.1.0",
        "ticket_printer": "ready",
        "card_reader": "ready",
    }
    device.state, device.cause = DeviceState.BLOCKED, "printer.paper_out"
    assert seen.heartbeat()["ticket_printer"] == "ready"
    assert device.asked == 1
    clock.s = 31.0
    assert seen.heartbeat()["ticket_printer"] == "blocked printer.paper_out"
    assert device.asked == 2


def test_the_metrics_are_text_a_collector_reads_and_are_replaced_whole(tmp_path: Path) -> None:
    device = Told()
    seen = watch({"ticket_printer": device}, folder=tmp_path / "metrics")
    seen.look()
    seen.also_tell(lambda: {"queue_ready": 3})
    device.state, device.cause = DeviceState.BLOCKED, "printer.cover_open"
    seen.look()
    (file,) = (tmp_path / "metrics").iterdir()
    lines = file.read_text(encoding="utf-8").splitlines()
    assert file.name == "kiosk.prom"
    assert 'kiosk_device_state{device="ticket_printer",state="blocked"} 1' in lines
    assert "kiosk_queue_ready 3" in lines
    assert 'kiosk_device_state{device="ticket_printer",state="ready"} 0' in lines
    assert 'kiosk_device_cause{device="ticket_printer",cause="printer.cover_open"} 1' in lines
    assert f"kiosk_looked_at_seconds {AT.timestamp():.0f}" in lines


def test_facts_are_numbers_or_labels() -> None:
    text = metrics(
        (),
        {"waiting": 3, "clock_skew_s": -1.5, "storage": "warn", "paused": None, "queue_open": True},
        version="0.1.0",
        at=AT,
    )
    assert "kiosk_waiting 3\n" in text
    assert "kiosk_clock_skew_s -1.5\n" in text
    assert "kiosk_queue_open 1\n" in text
    assert 'kiosk_info{version="0.1.0",storage="warn"} 1' in text
    assert "paused" not in text


def test_a_folder_that_cannot_be_written_is_said_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("in the way")
    seen = watch({"qr_scanner": Told()}, folder=tmp_path / "file" / "metrics")
    seen.look()
    seen.look()
    assert caplog.text.count("health.metrics_not_written") == 1
