"""`kiosk technician`: the list of cards from a terminal."""

from __future__ import annotations

import datetime as dt
import json
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from drivers.simulated.card.authority import write_csca_folder
from drivers.simulated.card.card_reader import SimulatedCardReader
from drivers.simulated.card.chip import VirtualCard
from drivers.simulated.card.faults import Faults
from drivers.simulated.card.personas import PERSONAS
from drivers.simulated.card.vpcd import VpcdCard
from kiosk_app.__main__ import main
from kiosk_app.config import Config
from kiosk_app.wiring.card import open_pcsc_reader
from kiosk_app.wiring.technician_cards import LIST, TechnicianCards

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def file(tmp_path: Path) -> str:
    path = tmp_path / "kiosk.toml"
    path.write_text(f'data_dir = "{tmp_path}"\n[card]\nreader = "simulated:"\n', encoding="utf-8")
    slot = SimulatedCardReader()
    cards = TechnicianCards(tmp_path, lambda: slot, today=lambda: dt.date(2026, 11, 23))
    for name in ("huong", "bao"):
        slot.insert(PERSONAS[name])
        cards.enrol(PERSONAS[name].id_number[-6:])
    slot.close()
    return str(path)


def test_cards_are_listed_without_a_person(file: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--config", file, "technician", "cards", "--json"]) == 0
    told = capsys.readouterr().out
    assert json.loads(told) == [
        {"label": "thẻ 1", "enrolled_on": "2026-11-23"},
        {"label": "thẻ 2", "enrolled_on": "2026-11-23"},
    ]
    assert main(["--config", file, "technician", "cards"]) == 0
    assert capsys.readouterr().out == "thẻ 1\t2026-11-23\nthẻ 2\t2026-11-23\n"


def test_a_card_is_taken_off_by_its_name(file: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--config", file, "technician", "remove-card", "thẻ 1"]) == 0
    assert main(["--config", file, "technician", "remove-card", "thẻ 1"]) == 1
    assert "thẻ 1" in capsys.readouterr().err
    main(["--config", file, "technician", "cards"])
    assert capsys.readouterr().out == "thẻ 2\t2026-11-23\n"


def test_why_no_card_is_added_is_said(file: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--config", file, "technician", "enrol-card", "--can", "12"]) == 2
    assert main(["--config", file, "technician", "enrol-card", "--can", "000412", "--timeout", "0"]) == 1
    assert "card.none" in capsys.readouterr().err
    (tmp_path / LIST).write_text("damaged", encoding="utf-8")
    assert main(["--config", file, "technician", "cards"]) == 1
    assert "technician.cards_damaged" in capsys.readouterr().err


@pytest.mark.pcscd
def test_over_the_real_pcscd_a_card_is_added_once_and_a_clone_never(
    vpcd_port: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    csca, file = write_csca_folder(tmp_path / "csca"), tmp_path / "kiosk.toml"
    file.write_text(f'data_dir = "{tmp_path}"\n[card]\nreader = ""\ncsca_dir = "{csca}"\n', encoding="utf-8")
    huong = PERSONAS["huong"]
    command = ["--config", str(file), "technician", "enrol-card", "--qr", huong.qr_text]
    with VpcdCard(VirtualCard(huong, Faults(cloned_chip=True)), port=vpcd_port):
        assert main(command) == 1
        assert "technician.card_unproven" in capsys.readouterr().err
    with closing(open_pcsc_reader(Config())) as slot:
        assert slot.wait_for_card(present=False, timeout_s=10)
    with VpcdCard(VirtualCard(huong), port=vpcd_port):
        assert main(command) == 0
        assert capsys.readouterr().out.startswith("thẻ 1\t")
        assert main(command) == 1
        assert "technician.card_enrolled" in capsys.readouterr().err
