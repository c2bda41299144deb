"""The technician's tools on a whole simulated house."""

from __future__ import annotations

import json
import zipfile
from typing import TYPE_CHECKING

import msgspec
import pytest
import zxingcpp

from drivers.ports import DeviceState, DeviceStatus, PrintOutcome
from drivers.printer.ticket import render
from kiosk_app.config import Config, Staff
from kiosk_app.flow.technician import NoStickError
from kiosk_app.wiring import paths
from kiosk_app.wiring.house import open_house
from kiosk_app.wiring.kiosk import all_simulated
from kiosk_app.wiring.technician import Technician, sticks, summary

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from kiosk_app.wiring.house import House
    from kiosk_app.wiring.queue import Health


def facts() -> Health:
    return {"link_up": 1, "waiting": 3, "quarantined": 0, "storage": "well", "clock_skew_s": -0.4}


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Config:
    folder = tmp_path_factory.mktemp("technician") / "data"
    made = msgspec.structs.replace(
        all_simulated(Config()), data_dir=folder, staff=Staff(pin_hash="$argon2id$secret")
    )
    paths.prepare(made)
    (folder / "logs").mkdir()
    (folder / "logs" / "kiosk.log").write_text(
        '{"at": "2026-11-22T09:41:00.000+00:00", "level": "INFO", "event": "visit.step"}\n'
        '{"at": "2026-11-22T09:41:07.000+00:00", "level": "WARNING", "event": "health.changed", '
        '"device": "ticket_printer", "cause": "printer.paper_out"}\nhalf a li',
        encoding="utf-8",
    )
    return made


@pytest.fixture(scope="module")
def house(config: Config) -> Iterator[House]:
    opened = open_house(config, simulate=True)
    yield opened
    opened.close()


@pytest.fixture
def stick(tmp_path: Path) -> Path:
    folder = tmp_path / "media" / "STICK"
    folder.mkdir(parents=True)
    return folder


@pytest.fixture
def tools(house: House, config: Config) -> Technician:
    return Technician(lambda: house, config, facts=facts, version="0.1.0")


def test_a_device_is_tried_end_to_end(tools: Technician) -> None:
    tried = tools.try_out("card_reader", lambda _what: None)
    assert tried.well
    assert "PACE" in tried.text


def test_the_status_slip_comes_out_and_its_code_tells_how_the_kiosk_is(
    house: House, tools: Technician
) -> None:
    assert tools.print_status() is PrintOutcome.ISSUED
    devices = (
        DeviceStatus(device="card_reader", state=DeviceState.READY),
        DeviceStatus(device="ticket_printer", state=DeviceState.BLOCKED, cause="printer.paper_out"),
    )
    slip = tools.status_slip(devices)
    drawn = render(slip)
    assert drawn.height / 203 * 25.4 <= 110
    (code,) = zxingcpp.read_barcodes(drawn.image().convert("L"))
    kind, *parts = code.text.split(";")
    told = dict(part.split("=") for part in parts)
    assert kind == "KIOSK1"
    assert told["ticket_printer"] == "printer.paper_out"
    assert (told["card_reader"], told["q"], told["link"]) == ("ready", "3/0", "1")
    assert slip.rows[0].value == "Cần người giúp"
    assert house.services.centre.name == slip.centre


def test_the_summary_is_short_enough_for_a_photo(config: Config) -> None:
    names = ("card_reader", "qr_scanner", "document_scanner", "ticket_printer", "a4_printer")
    ill = tuple(
        DeviceStatus(device=name, state=DeviceState.ABSENT, cause="printer.paper_near_end") for name in names
    )
    assert len(summary(ill, facts(), config=config, version="10.20.30")) < 330


def test_the_log_shows_warnings_only_newest_first(tools: Technician) -> None:
    assert tools.log_tail()[-1] == ("09:41:07", "health.changed · ticket_printer · printer.paper_out")
    assert all("visit.step" not in words for _at, words in tools.log_tail())


def test_the_bundle_holds_what_helps_and_no_secret(
    house: House, config: Config, tools: Technician, stick: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kiosk_app.wiring.technician.sticks", lambda _media: [stick])
    house.services.devices()
    path = tools.export()
    with zipfile.ZipFile(path) as bundle:
        names = set(bundle.namelist())
        whole = "".join(bundle.read(name).decode() for name in names)
        changes = json.loads(bundle.read("changes.json"))
    assert names == {"report.txt", "changes.json", "config.json", "kiosk.prom", "logs/kiosk.log"}
    assert {change["device"] for change in changes} >= {"card_reader", "ticket_printer"}
    assert "argon2id" not in whole
    assert (config.data_dir / "keys").is_dir()
    assert "PHIẾU KHÁM MÁY" in whole


def test_without_a_stick_it_says_so(house: House, config: Config, tmp_path: Path) -> None:
    tools = Technician(lambda: house, config, facts=facts, version="0.1.0", media=(tmp_path,))
    with pytest.raises(NoStickError):
        tools.export()


def test_sticks_are_what_is_mounted_under_the_places_for_sticks(tmp_path: Path) -> None:
    stick = tmp_path / "media" / "MY STICK"
    stick.mkdir(parents=True)
    mounts = tmp_path / "mounts"
    mounts.write_text(
        f"/dev/sda1 / ext4 rw 0 0\n/dev/sdb1 {str(stick).replace(' ', chr(92) + '040')} vfat rw 0 0\nodd\n",
        encoding="utf-8",
    )
    assert sticks((tmp_path / "media",), mounts) == [stick]
    assert sticks((tmp_path / "media",), tmp_path / "none") == []
