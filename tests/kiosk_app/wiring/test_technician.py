"""The technician's tools on a whole simulated house."""

from __future__ import annotations

import json
import signal
import zipfile
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from drivers.ports import PrintOutcome
from kiosk_app.config import Backend, Config, Staff
from kiosk_app.flow import events
from kiosk_app.flow.session import Session
from kiosk_app.flow.steps import Step
from kiosk_app.flow.technician_tools import NoStickError, NotAllowedError
from kiosk_app.wiring import paths
from kiosk_app.wiring.house import open_house
from kiosk_app.wiring.kiosk import all_simulated
from kiosk_app.wiring.queue import backend_answers
from kiosk_app.wiring.stick import Places, Stick
from kiosk_app.wiring.technician import Technician

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


def mounts_of(folder: Path, stick: Path) -> Path:
    mounts = folder / "mounts"
    mounts.write_text(f"/dev/sda1 / ext4 rw 0 0\n/dev/sdb1 {stick} vfat rw 0 0\n", encoding="utf-8")
    return mounts


@pytest.fixture
def tools(house: House, config: Config) -> Technician:
    return Technician(lambda: house, config, facts=facts, version="0.1.0")


def test_a_device_is_tried_end_to_end(tools: Technician) -> None:
    tried = tools.try_out("card_reader", lambda _what: None)
    assert tried.well
    assert "PACE" in tried.text


def test_the_status_slip_comes_out(tools: Technician) -> None:
    assert tools.print_status() is PrintOutcome.ISSUED


def test_the_log_shows_warnings_only_newest_first_by_the_clock_on_the_wall(tools: Technician) -> None:
    assert tools.log_tail()[-1] == ("16:41:07", "health.changed · ticket_printer · printer.paper_out")
    assert all("visit.step" not in words for _at, words in tools.log_tail())


def test_the_bundle_holds_what_helps_and_no_secret(
    house: House, config: Config, stick: Path, tmp_path: Path
) -> None:
    places = Places(media=(tmp_path / "media",), mounts=mounts_of(tmp_path, stick))
    tools = Technician(lambda: house, config, facts=facts, version="0.1.0", stick=Stick(places))
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
    places = Places(media=(tmp_path,), named=tmp_path)
    tools = Technician(lambda: house, config, facts=facts, version="0.1.0", stick=Stick(places))
    with pytest.raises(NoStickError):
        tools.export()


def test_a_card_enrolled_here_opens_the_door_of_a_whole_visit(
    house: House, tools: Technician, walker: Any
) -> None:
    hands = house.hands
    assert hands is not None
    hands.insert_card()
    made = tools.cards.enrol(hands.card_can())
    hands.take_card()
    walk = walker(Session(house.services))
    walk.act(events.Went(to=Step.HELP), events.Went(to=Step.STAFF_PIN))
    hands.show_card_code()
    hands.insert_card()
    walk.until(lambda: walk.session.step is Step.STAFF)
    assert walk.session.visit.identity.reading is None
    tools.cards.remove(made.label)
    walk.act(events.EndPressed())
    hands.take_card()


def test_another_persons_card_does_not(house: House, tools: Technician, walker: Any) -> None:
    hands = house.hands
    assert hands is not None
    hands.insert_card()
    made = tools.cards.enrol(hands.card_can())
    hands.take_card()
    hands.next_person()
    walk = walker(Session(house.services))
    walk.act(events.Went(to=Step.HELP), events.Went(to=Step.STAFF_PIN))
    hands.show_card_code()
    hands.insert_card()
    walk.until(lambda: walk.session.visit.pin_wrong > 0)
    assert walk.session.step is Step.STAFF_PIN
    assert walk.session.visit.notice.code == "technician.card_unknown"
    tools.cards.remove(made.label)
    walk.act(events.EndPressed())
    hands.take_card()


def test_the_backend_of_the_house_answers_and_one_that_is_not_there_does_not(
    house: House, config: Config
) -> None:
    assert house.backend is not None
    joined = msgspec.structs.replace(config, backend=Backend(url=house.backend.url))
    assert backend_answers(joined)
    assert not backend_answers(msgspec.structs.replace(config, backend=Backend(url="http://127.0.0.1:9")))


def test_this_machines_network_is_told_without_a_change(tools: Technician, house: House) -> None:
    seen = tools.network.state()
    assert house.backend is not None
    assert seen.backend_known == house.backend.url
    assert seen.settings()["password"] == ""


def test_the_program_is_not_ended_where_nobody_would_start_it_again(
    tools: Technician, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    with pytest.raises(NotAllowedError):
        tools.restart()


def test_under_a_service_manager_the_program_is_asked_to_end(
    tools: Technician, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NOTIFY_SOCKET", "/run/systemd/notify")
    heard: list[int] = []
    before = signal.signal(signal.SIGTERM, lambda number, _frame: heard.append(number))
    try:
        tools.restart()
    finally:
        signal.signal(signal.SIGTERM, before)
    assert heard == [signal.SIGTERM]


def test_the_machine_is_restarted_by_the_system_or_it_is_said(
    tools: Technician, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "systemctl"
    program.write_text(f'#!/bin/sh\necho "$*" >> {tmp_path}/asked\nexit "$(cat {tmp_path}/code)"\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    (tmp_path / "code").write_text("0")
    tools.reboot()
    assert (tmp_path / "asked").read_text() == "reboot --no-ask-password\n"
    (tmp_path / "code").write_text("1")
    with pytest.raises(NotAllowedError):
        tools.reboot()
