"""The simulated printer reads what others write, survives garbage, and plays what real ones do."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from drivers.printer.escpos import FENCE, encode
from drivers.printer.profiles import PROFILES
from drivers.printer.raster import Raster
from drivers.simulated.printer.conditions import Condition
from drivers.simulated.printer.interpreter import Interpreter
from drivers.simulated.printer.server import SimulatedPrinter

WIDE = PROFILES["generic-80"]
PICTURE = Raster(width=576, height=48, rows=bytes(range(1, 73)) * 24 + bytes(72 * 20) + b"\xf0" * 72 * 4)


class Sink:
    def __init__(self) -> None:
        self.tickets: list[Raster] = []
        self.said = bytearray()
        self.brain = Interpreter(dots=576, answer=self.said.extend, cut=self.tickets.append)


def read_exactly(line: socket.socket, count: int) -> bytes:
    data = b""
    while len(data) < count:
        got = line.recv(count - len(data))
        assert got, "the printer closed the line"
        data += got
    return data


def dial(printer: SimulatedPrinter) -> socket.socket:
    host, port = printer.address.removeprefix("tcp://").rsplit(":", 1)
    return socket.create_connection((host, int(port)), timeout=5)


# --- the interpreter ------------------------------------------------------------------------------------


def written_by_python_escpos(impl: str, what: str, folder: Path) -> bytes:
    """Return the job python-escpos makes; run apart, see the module."""
    return subprocess.run(
        [sys.executable, str(Path(__file__).with_name("peer_python_escpos.py")), impl, what],
        check=True,
        capture_output=True,
        timeout=60,
        env={**os.environ, "TMPDIR": str(folder), "ESCPOS_CAPABILITIES_PICKLE_DIR": str(folder)},
    ).stdout


def test_a_code_asked_for_in_words_is_drawn_by_the_printer(tmp_path: Path) -> None:
    text = "https://kiosk.example/d/K01-261123-0007?t=8f3a9c21d7"
    sink = Sink()
    sink.brain.feed(written_by_python_escpos("qr", text, tmp_path))
    (ticket,) = sink.tickets
    assert [code.text for code in zxingcpp.read_barcodes(ticket.image().convert("L"))] == [text]


@pytest.mark.parametrize("impl", ["bitImageRaster", "bitImageColumn", "graphics"])
def test_a_picture_written_by_python_escpos_comes_out_dot_for_dot(impl: str, tmp_path: Path) -> None:
    picture = Image.new("1", (192, 48), 1)
    for at in range(48):
        picture.putpixel((at * 3 % 192, at), 0)
        picture.putpixel((191 - at, at), 0)
    picture.save(tmp_path / "picture.png")
    data = written_by_python_escpos(impl, str(tmp_path / "picture.png"), tmp_path)
    sink = Sink()
    sink.brain.feed(data)
    (ticket,) = sink.tickets
    came = ticket.image().crop((0, 0, 192, 48))
    assert came.tobytes() == picture.tobytes()


@given(st.lists(st.integers(1, 400), max_size=20))
def test_bytes_may_come_in_pieces_of_any_size(sizes: list[int]) -> None:
    data = encode(PICTURE, WIDE).data + b"\x10\x04\x01" + FENCE
    sink, at = Sink(), 0
    for size in sizes:
        sink.brain.feed(data[at : at + size])
        at += size
    sink.brain.feed(data[at:])
    assert sink.tickets == [PICTURE]
    assert sorted(sink.said) == [0x00, 0x12]


@settings(deadline=None)
@given(
    st.lists(
        st.binary(max_size=400)
        | st.sampled_from(
            [
                b"\x1dv0\x00",
                b"\x1b*\x21",
                b"\x1dV",
                b"\x1d(L",
                b"\x1d(k\x03\x00\x31Q0",
                b"\x1d8L\x10\x00\x00\x000p",
            ]
        )
    )
)
def test_garbage_never_stops_it(pieces: list[bytes]) -> None:
    sink = Sink()
    for piece in pieces:
        sink.brain.feed(piece)
    for condition in Condition:
        sink.brain.change(condition)
    sink.said.clear()
    sink.brain.change(Condition.OK)
    sink.brain.feed(b"\x10\x04\x01")
    assert sink.said[-1] == 0x12


def test_the_motor_turns_no_further_than_it_was_let() -> None:
    sink = Sink()
    sink.brain.turn(0)
    sink.brain.feed(encode(PICTURE, WIDE).data + FENCE)
    heights = []
    while not sink.tickets:
        sink.brain.turn(8)
        heights.append(sink.brain.out.height if sink.brain.out else 0)
    # 24 rows of dots, 20 blank ones in one feed that cannot be stopped, 4 rows of dots.
    assert heights[:4] == [8, 16, 24, 44]
    assert sink.tickets == [PICTURE]
    assert sink.brain.out is None
    sink.brain.turn(8)
    assert bytes(sink.said) == b"\x00"
    assert sink.brain.waiting == 0


def test_endless_paper_is_cut_by_itself() -> None:
    sink = Sink()
    sink.brain.feed(b"x\n" + b"\x1bJ\xff" * 200)
    (ticket,) = sink.tickets
    assert 16_000 < ticket.height < 17_000


def test_real_time_commands_among_pixels_are_obeyed_as_on_a_real_printer() -> None:
    sink = Sink()
    sink.brain.feed(b"\x1dv0\x00\x03\x00\x01\x00\x10\x04\x01")
    assert bytes(sink.said) == b"\x12"


def test_text_is_printed_where_it_is_aligned() -> None:
    def left_edge(commands: bytes) -> int:
        sink = Sink()
        sink.brain.feed(b"\x1b@" + commands + b"HELLO\n\x1dV\x00")
        box = sink.tickets[0].image().convert("L").point(lambda grey: 255 - grey).getbbox()
        assert box is not None
        return box[0]

    left, centre, right = (left_edge(commands) for commands in (b"", b"\x1ba\x01", b"\x1ba2"))
    assert left < 12
    assert 240 < centre < 270
    assert right > 500
    assert left_edge(b"\x1b!\x30\x1bt\x10") <= left + 6


def test_line_feeds_move_the_paper() -> None:
    def height(data: bytes) -> int:
        sink = Sink()
        sink.brain.feed(data + b"\x1dv0\x00\x01\x00\x01\x00\xff\x1dVA\x00")
        return sink.tickets[0].height

    assert height(b"") == 1
    assert height(b"\n") == 31
    assert height(b"\x1b3\x0a\n") == 11
    assert height(b"\x1b3\x0a\x1b2\n") == 31
    assert height(b"\x1bd\x02") == 61
    assert height(b"\x1bJ\x07\x1b-\x01\x1cS\x1dP\xcb\xcb\x1d(K\x02\x00\x30\x00\x10\x14\x01\x02\x03") == 8


def test_movement_is_counted_in_the_units_it_was_told_until_a_reset() -> None:
    def height(data: bytes) -> int:
        fallen: list[Raster] = []
        brain = Interpreter(dots=576, answer=bytearray().extend, cut=fallen.append, dpi=180, units=360)
        brain.feed(data + b"\x1dv0\x00\x01\x00\x01\x00\xff\x1dVA\x00")
        return fallen[0].height

    assert height(b"\x1bJ\x64") == 51
    assert height(b"\x1dP\xb4\xb4\x1bJ\x64") == 101
    assert height(b"\x1dP\xb4\xb4\x1dP\x00\x00\x1bJ\x64") == 51
    assert height(b"\x1dP\xb4\xb4\x1b@\x1bJ\x64") == 51
    assert height(b"\x1dP\xb4\x5a\x1b3\x0a\n") == 21


def test_it_tells_its_name_and_reports_by_itself_when_asked_to() -> None:
    sink = Sink()
    sink.brain.feed(b"\x1dIC\x1dI\x01")
    assert bytes(sink.said) == b"_SIM-80\0\x02"
    sink.said.clear()
    sink.brain.feed(b"\x1da\xff")
    sink.brain.change(Condition.COVER_OPEN)
    assert bytes(sink.said) == b"\x10\x00\x00\x0f" + b"\x38\x00\x00\x0f"
    sink.brain.change(Condition.OK)
    sink.brain.feed(b"\x1da\x00")
    sink.said.clear()
    sink.brain.change(Condition.NEAR_END)
    assert not sink.said


def test_what_came_while_the_paper_was_out_is_printed_when_it_is_back() -> None:
    sink = Sink()
    sink.brain.change(Condition.PAPER_OUT)
    sink.brain.feed(encode(PICTURE, WIDE).data + FENCE + b"\x10\x04\x04")
    assert sink.tickets == []
    assert bytes(sink.said) == b"\x7e"
    sink.brain.change(Condition.NEAR_END)
    assert sink.tickets == [PICTURE]
    assert bytes(sink.said) == b"\x7e\x03"


# --- the server -----------------------------------------------------------------------------------------


def test_pictures_are_written_only_into_a_folder_it_was_given(tmp_path: Path) -> None:
    folder = tmp_path / "out"
    with SimulatedPrinter(folder) as printer, dial(printer) as line:
        job = encode(PICTURE, WIDE).data
        line.sendall(job + job + FENCE)
        assert read_exactly(line, 1) == b"\x00"
        assert printer.wait_for_tickets(2, timeout_s=5)
    assert sorted(path.name for path in folder.iterdir()) == ["ticket-001.png", "ticket-002.png"]
    with Image.open(folder / "ticket-002.png") as written:
        assert written.tobytes() == PICTURE.image().tobytes()


def test_a_folder_that_cannot_be_written_does_not_stop_it(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    with SimulatedPrinter(blocked) as printer, dial(printer) as line:
        line.sendall(encode(PICTURE, WIDE).data + FENCE)
        assert read_exactly(line, 1) == b"\x00"
        assert printer.last_ticket == PICTURE
    assert "simulated_printer.picture_lost" in caplog.text


def test_only_the_last_ticket_is_remembered_and_can_be_forgotten(simulated: SimulatedPrinter) -> None:
    with dial(simulated) as line:
        line.sendall(encode(PICTURE, WIDE).data + FENCE)
        read_exactly(line, 1)
        assert (simulated.ticket_count, simulated.last_ticket) == (1, PICTURE)
        simulated.forget()
        assert (simulated.ticket_count, simulated.last_ticket) == (1, None)


def test_a_hanging_printer_says_nothing_and_catches_up_later(simulated: SimulatedPrinter) -> None:
    simulated.set_condition(Condition.HANG)
    with dial(simulated) as line:
        line.sendall(encode(PICTURE, WIDE).data + b"\x10\x04\x01" + FENCE)
        line.settimeout(0.1)
        with pytest.raises(TimeoutError):
            line.recv(1)
        assert simulated.ticket_count == 0
        line.settimeout(5)
        simulated.set_condition(Condition.OK)
        assert sorted(read_exactly(line, 2)) == [0x00, 0x12]
        assert simulated.last_ticket == PICTURE


def test_a_dropped_line_loses_what_came_after(simulated: SimulatedPrinter) -> None:
    simulated.drop_line_after(3)
    with dial(simulated) as line:
        line.sendall(b"\x10\x04\x01\x10\x04\x01")
        assert read_exactly(line, 1) == b"\x12"
        try:
            rest = line.recv(1)
        except ConnectionResetError:
            rest = b""
        assert rest == b""
    with dial(simulated) as line:
        line.sendall(b"\x10\x04\x02")
        assert read_exactly(line, 1) == b"\x12"


@pytest.mark.parametrize(("speed", "least_s"), [({"baud": 115_200}, 0.28), ({"mm_per_s": 20.0}, 0.28)])
def test_it_can_be_as_slow_as_a_real_one(
    simulated: SimulatedPrinter, speed: dict[str, int], least_s: float
) -> None:
    # 3,500 bytes at 11,520 a second; or 48 rows, 6 mm, at 20 mm a second.
    simulated.set_speed(**speed)
    job = encode(PICTURE, WIDE).data
    with dial(simulated) as line:
        began = time.monotonic()
        line.sendall(b"\0" * (3500 - len(job)) + job + FENCE)
        assert read_exactly(line, 1) == b"\x00"
        assert least_s < time.monotonic() - began < 3
        assert simulated.last_ticket == PICTURE
        simulated.set_speed()
        began = time.monotonic()
        line.sendall(job * 5 + FENCE)
        assert read_exactly(line, 1) == b"\x00"
        assert time.monotonic() - began < 1
    assert simulated.paper_out is None


def test_a_printer_without_its_cable_answers_nobody_until_it_is_in_again(simulated: SimulatedPrinter) -> None:
    for _ in range(3):
        with dial(simulated) as line:
            line.sendall(b"\x10\x04\x01")
            assert read_exactly(line, 1) == b"\x12"
            simulated.set_plugged(plugged=False)
            assert line.recv(1) == b""
        simulated.set_plugged(plugged=False)
        with pytest.raises(ConnectionRefusedError):
            dial(simulated)
        simulated.set_plugged(plugged=True)
    simulated.set_plugged(plugged=True)
    with dial(simulated) as line:
        line.sendall(b"\x10\x04\x01")
        assert read_exactly(line, 1) == b"\x12"


def test_the_line_can_be_pulled_at_once(simulated: SimulatedPrinter) -> None:
    with dial(simulated) as line:
        line.sendall(b"\x10\x04\x01")
        assert read_exactly(line, 1) == b"\x12"
        simulated.drop_line()
        assert line.recv(1) == b""
    simulated.drop_line()
    with dial(simulated) as line:
        line.sendall(b"\x10\x04\x01")
        assert read_exactly(line, 1) == b"\x12"


def test_it_can_be_switched_off_twice() -> None:
    printer = SimulatedPrinter()
    printer.close()
    printer.close()
    with pytest.raises(ConnectionRefusedError):
        dial(printer)
