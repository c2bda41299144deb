from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import pytest

from drivers.errors import DeviceMissingError
from drivers.ports import DeviceState
from kiosk_app.config import Config
from kiosk_app.wiring import paths
from kiosk_app.wiring.house import open_house
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
        states = {status.device: status.state for status in house.services.devices()}
        assert states["ticket_printer"] is DeviceState.DISABLED
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


def test_the_paper_room_comes_back_after_its_process_died(config: Config) -> None:
    house = open_house(config, simulate=False)
    try:
        desk = house.services.desk
        assert desk.glance() is not None
        process = getattr(desk, "_process")  # noqa: B009 - the process is nobody's business but this test's
        process.kill()
        process.wait()
        glance = desk.glance()
        assert glance is not None
        assert len(glance.bgr) == glance.width * glance.height * 3
    finally:
        house.close()
    with pytest.raises(DeviceMissingError):
        house.services.desk.glance()
