from __future__ import annotations

import time
from typing import TYPE_CHECKING

import httpx
import msgspec
import pytest

from drivers.errors import DeviceMissingError
from drivers.ports import DeviceState, PrintOutcome
from kiosk_app.config import Config
from kiosk_app.wiring import paths
from kiosk_app.wiring.house import line_page, open_house
from kiosk_app.wiring.kiosk import all_simulated
from offline_queue.errors import NotEnrolledError, QueueLockedError

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def config(tmp_path: Path) -> Config:
    made = msgspec.structs.replace(all_simulated(Config()), data_dir=tmp_path / "data")
    paths.prepare(made)
    return made


def test_a_queue_that_cannot_be_opened_leaves_the_other_rooms_open(config: Config) -> None:
    (config.data_dir / "queue.db").write_bytes(b"this is no database" * 100)
    house = open_house(config, simulate=False)
    try:
        with pytest.raises(QueueLockedError):
            house.services.queue.issue_ticket(series="A", service="x")
        assert not house.services.progress.reachable()
        assert house.services.forms.procedures()
        states = {status.device: status.state for status in house.services.devices()}
        assert states["document_scanner"] is DeviceState.READY
    finally:
        house.close()


def test_an_address_that_makes_no_sense_leaves_the_other_rooms_open(config: Config) -> None:
    odd = msgspec.structs.replace(config.ticket_printer, address="carrier-pigeon://roof")
    house = open_house(msgspec.structs.replace(config, ticket_printer=odd), simulate=False)
    try:
        seen = {status.device: status for status in house.services.devices()}
        told = seen["ticket_printer"]
        assert (told.state, told.cause) == (DeviceState.FAULT, "printer.misconfigured")
        assert told.detail == "carrier-pigeon://roof"
        assert house.services.queue.issue_ticket(series="A", service="x").number == "A001"
    finally:
        house.close()


@pytest.mark.parametrize("queue", ["ipp://host:63l/printers/A4", "ipp://printer..lan/ipp/print", "A4 tang 1"])
def test_a_print_queue_that_makes_no_sense_leaves_the_other_rooms_open(config: Config, queue: str) -> None:
    odd = msgspec.structs.replace(config.a4_printer, queue=queue)
    house = open_house(msgspec.structs.replace(config, a4_printer=odd), simulate=False)
    try:
        told = {status.device: status for status in house.services.devices()}["a4_printer"]
        assert (told.state, told.cause, told.detail) == (DeviceState.FAULT, "a4.misconfigured", queue)
        assert house.services.queue.issue_ticket(series="A", service="x").number == "A001"
    finally:
        house.close()


def test_a_kiosk_that_is_enrolled_nowhere_gives_numbers_and_takes_no_dossiers(config: Config) -> None:
    house = open_house(config, simulate=False)
    try:
        assert house.services.queue.issue_ticket(series="B", service="x").number.startswith("B")
        assert not house.services.progress.reachable()
        assert house.services.queue.status().ready == 0
        assert NotEnrolledError.code == "queue.not_enrolled"
    finally:
        house.close()


def test_line_queue_disk_and_clock_are_parts_of_the_health_model(config: Config) -> None:
    house = open_house(config, simulate=False)
    try:
        seen = {status.device: status.cause for status in house.services.devices()}
        assert (seen["queue"], seen["disk"]) == ("ok", "ok")
        assert seen["clock"] == "clock.not_compared"
        assert seen["backend"] in {"part.not_seen", "queue.not_enrolled"}
        assert {change.device for change in house.services.history()} >= {"backend", "queue", "disk", "clock"}
        told = (config.data_dir / "metrics" / "kiosk.prom").read_text(encoding="utf-8")
        assert 'kiosk_device_state{device="disk",state="ready"} 1' in told
    finally:
        house.close()


def test_a_queue_that_is_locked_is_an_ill_part_and_the_disk_is_still_looked_at(config: Config) -> None:
    (config.data_dir / "queue.db").write_bytes(b"this is no database" * 100)
    house = open_house(config, simulate=False)
    try:
        seen = {status.device: (status.state, status.cause) for status in house.services.devices()}
    finally:
        house.close()
    assert seen["queue"] == (DeviceState.FAULT, QueueLockedError.code)
    assert seen["disk"] == (DeviceState.READY, "ok")


def test_the_code_on_a_number_opens_the_page_of_its_own_waiting_line(config: Config) -> None:
    house = open_house(config, simulate=True)
    try:
        page = house.services.line_page()
        told = httpx.get(page, timeout=20.0)
        assert (told.status_code, "Mời số" in told.text) == (200, True), page
        assert house.backend is not None
        assert page.startswith(f"{house.backend.url}/display/")
    finally:
        house.close()


def test_the_technician_s_slip_measures_the_line_and_the_figures_stay(config: Config) -> None:
    house = open_house(config, simulate=True)
    technician, metrics = house.services.technician, config.data_dir / "metrics" / "kiosk.prom"
    assert technician is not None
    try:
        until = time.monotonic() + 60.0
        while not house.services.progress.reachable():
            assert time.monotonic() < until, "the backend was never heard"
            house.services.queue.wake()
            house.services.pause(0.05)
        house.services.devices()
        assert "kiosk_line_answer_ms" not in metrics.read_text(encoding="utf-8")
        assert technician.print_status() is PrintOutcome.ISSUED
        seen = {status.device: status.state for status in house.services.devices()}
        assert seen["backend"] is DeviceState.READY
        told = metrics.read_text(encoding="utf-8")
        assert "kiosk_line_answer_ms" in told
        assert "kiosk_line_up_kbit_s" in told
    finally:
        house.close()


def test_a_kiosk_with_no_backend_has_no_page_of_its_line(tmp_path: Path) -> None:
    assert line_page(tmp_path) == ""


def test_the_paper_room_comes_back_after_its_process_died(config: Config) -> None:
    house = open_house(config, simulate=False)
    try:
        desk = house.services.desk
        assert desk.glance() is not None
        process = getattr(desk, "_line").process  # noqa: B009 - it is nobody's business but this test's
        process.kill()
        process.wait()
        glance = desk.glance()
        assert glance is not None
        assert len(glance.bgr) == glance.width * glance.height * 3
    finally:
        house.close()
    with pytest.raises(DeviceMissingError):
        house.services.desk.glance()
