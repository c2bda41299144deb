"""`kiosk ticket render` and `kiosk ticket print`."""

from __future__ import annotations

import argparse
import json
from typing import TYPE_CHECKING

import pytest
import zxingcpp
from PIL import Image

from drivers.simulated.printer.conditions import Condition
from drivers.simulated.printer.interpreter import Interpreter
from drivers.simulated.printer.server import SimulatedPrinter
from kiosk_app.cli import ticket as command
from kiosk_app.config import Config, TicketPrinter

if TYPE_CHECKING:
    from pathlib import Path

    from drivers.printer.raster import Raster


def kiosk_ticket(*words: str, address: str = "", profile: str = "xprinter-xp80") -> int:
    parser = argparse.ArgumentParser()
    command.add_arguments(parser)
    config = Config(ticket_printer=TicketPrinter(address=address, profile=profile))
    return command.run(parser.parse_args(words), config)


WORDS = ("--number", "A015", "--service", "Đăng ký khai sinh", "--counter", "3")


def test_the_picture_is_as_wide_as_the_paper_and_its_code_reads(tmp_path: Path) -> None:
    out = tmp_path / "t.png"
    assert kiosk_ticket("render", *WORDS, "--qr", "https://k.example/1", "--out", str(out)) == 0
    with Image.open(out) as picture:
        assert (picture.width, picture.mode) == (576, "1")
        assert [code.text for code in zxingcpp.read_barcodes(picture.convert("L"))] == ["https://k.example/1"]
    narrow = tmp_path / "n.png"
    assert kiosk_ticket("render", *WORDS, "--out", str(narrow), profile="generic-58") == 0
    with Image.open(narrow) as picture:
        assert picture.width == 384


@pytest.mark.parametrize("command", [("render", "--out", "t.png"), ("print",)])
def test_a_text_no_code_holds_is_refused_by_its_option(
    capsys: pytest.CaptureFixture[str], command: tuple[str, ...]
) -> None:
    words = (*command, *WORDS, "--qr", "x" * 3000, "--json")
    assert kiosk_ticket(*words, address="simulated:") == 1
    told = capsys.readouterr()
    assert told.err == (
        "kiosk: A QR code does not hold the 3000 letters of --qr. Give a shorter text with --qr.\n"
    )
    assert json.loads(told.out)["error"]["code"] == "ticket.qr_too_long"


def test_the_bytes_print_the_same_picture(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    png, job = tmp_path / "t.png", tmp_path / "t.bin"
    assert kiosk_ticket("render", *WORDS, "--out", str(png)) == 0
    assert kiosk_ticket("render", *WORDS, "--out", str(job), "--json") == 0
    assert json.loads(capsys.readouterr().out) == {"file": str(job), "bytes": job.stat().st_size}
    cut: list[Raster] = []
    Interpreter(dots=576, answer=lambda _said: None, cut=cut.append).feed(job.read_bytes())
    with Image.open(png) as picture:
        # The clock's minute may turn between the two; everything above the foot is the same.
        kept = 72 * (picture.height - 50)
        assert cut[0].rows[:kept] == bytes(255 - byte for byte in picture.tobytes())[:kept]


def test_another_ending_is_wrong_usage(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert kiosk_ticket("render", *WORDS, "--out", str(tmp_path / "t.pdf")) == 2
    assert ".png" in capsys.readouterr().err


def test_a_folder_that_is_not_there_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert kiosk_ticket("render", *WORDS, "--out", str(tmp_path / "no" / "t.png")) == 1
    assert "--out" in capsys.readouterr().err


def test_printing_says_that_it_is_out(capsys: pytest.CaptureFixture[str]) -> None:
    with SimulatedPrinter() as printer:
        assert kiosk_ticket("print", *WORDS, address=printer.address) == 0
        assert printer.ticket_count == 1
        assert capsys.readouterr().out == "issued\n"
        assert kiosk_ticket("print", *WORDS, "--reprint", "--json", address=printer.address) == 0
        assert json.loads(capsys.readouterr().out) == {"outcome": "issued"}
    assert kiosk_ticket("print", *WORDS, address="simulated:") == 0


def test_printing_without_paper_fails_with_the_cause_and_what_to_do(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with SimulatedPrinter() as printer:
        printer.set_condition(Condition.PAPER_OUT)
        assert kiosk_ticket("print", *WORDS, "--json", address=printer.address) == 1
    said = capsys.readouterr()
    error = json.loads(said.out)["error"]
    assert (error["code"], error["detail"]) == ("printer.blocked", "printer.paper_out")
    assert "Put paper in" in said.err


def test_an_unconfirmed_ticket_is_not_called_printed(capsys: pytest.CaptureFixture[str]) -> None:
    with SimulatedPrinter() as printer:
        # The end of a broken strip, questions and the sweep at start come first; then the line drops.
        printer.drop_line_after(2050 + 12 + 2050 + 2 * 3 + 500)
        assert kiosk_ticket("print", *WORDS, "--json", address=printer.address) == 1
        assert printer.ticket_count == 0
    said = capsys.readouterr()
    assert json.loads(said.out)["error"]["code"] == "printer.uncertain"
    assert "--reprint" in said.err


def test_an_address_that_cannot_be_is_told_with_what_to_write(capsys: pytest.CaptureFixture[str]) -> None:
    assert kiosk_ticket("print", *WORDS, address="serial:///dev/ttyS0?baud=9600") == 1
    said = capsys.readouterr().err
    assert "set the printer and the address to 115200. " in said
    assert "(9600 baud)" not in said
    assert "No ticket printer" not in said


def test_without_a_printer_it_says_what_to_configure(capsys: pytest.CaptureFixture[str]) -> None:
    assert kiosk_ticket("print", *WORDS) == 1
    assert "ticket_printer.address" in capsys.readouterr().err
