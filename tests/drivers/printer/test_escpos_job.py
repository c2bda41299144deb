"""The bytes of a job: what goes in comes out, and no pixel is ever taken for a command."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from drivers.errors import PrinterError
from drivers.printer.escpos import encode, known_profile, recovery
from drivers.printer.profiles import PROFILES, PrinterProfile, adjusted
from drivers.printer.raster import Raster
from drivers.printer.ticket import render
from drivers.simulated.printer.interpreter import Interpreter

if TYPE_CHECKING:
    from drivers.ports import Ticket

REAL_TIME = re.compile(rb"\x10[\x04\x05\x14]")
ROOT = Path(__file__).parents[3]
WIDE = PROFILES["generic-80"]


class Sink:
    """A simulated printer without a line: what it cut and what it said."""

    def __init__(self, dots: int, *, dpi: int = 203, units: int = 203) -> None:
        self.tickets: list[Raster] = []
        self.said = bytearray()
        self.brain = Interpreter(
            dots=dots, answer=self.said.extend, cut=self.tickets.append, dpi=dpi, units=units
        )


def printed(data: bytes, dots: int = 576, *, dpi: int = 203, units: int = 203) -> Raster:
    sink = Sink(dots, dpi=dpi, units=units)
    sink.brain.feed(data)
    assert not sink.said
    (ticket,) = sink.tickets
    return ticket


@st.composite
def rasters(draw: st.DrawFn) -> Raster:
    """Pictures full of what could go wrong: command bytes, blank runs, single rows."""
    row_bytes = draw(st.integers(1, 72))
    nasty = st.binary(min_size=row_bytes, max_size=row_bytes) | st.lists(
        st.sampled_from([0x10, 0x04, 0x05, 0x14, 0x1B, 0x1D, 0x00]), min_size=row_bytes, max_size=row_bytes
    ).map(bytes)
    blank = st.integers(1, 300).map(lambda count: bytes(row_bytes * count))
    body = b"".join(draw(st.lists(nasty | blank, min_size=1, max_size=40)))
    return Raster(width=row_bytes * 8, height=len(body) // row_bytes, rows=body)


NASTY = Raster(width=16, height=3, rows=b"\x10\x04\x10\x10\x05\x14")


@settings(max_examples=150, deadline=None)
@given(raster=rasters(), strip_rows=st.sampled_from([1, 7, 24, 255]), sets_units=st.booleans())
@example(raster=NASTY, strip_rows=24, sets_units=False)
def test_any_picture_round_trips_and_holds_no_real_time_command(
    raster: Raster, strip_rows: int, *, sets_units: bool
) -> None:
    profile = PrinterProfile(name="t", dots=576, strip_rows=strip_rows, sets_units=sets_units)
    job = encode(raster, profile)
    assert not REAL_TIME.search(job.data)
    sink = Sink(576, units=406 if sets_units else 203)
    sink.brain.feed(job.data)
    assert not sink.said
    if not any(raster.rows):
        assert sink.tickets == []
        return
    (ticket,) = sink.tickets
    assert ticket.height == raster.height
    for y in range(raster.height):
        row = ticket.row(y)
        assert not any(row[raster.row_bytes :])
        for sent, came in zip(raster.row(y), row, strict=False):
            # The one change allowed: DLE gets the dot beside its own.
            assert came == sent or (sent, came) == (0x10, 0x18)


def test_a_nudged_pixel_is_nudged_only_where_a_command_would_be() -> None:
    picture = Raster(width=32, height=1, rows=b"\x10\x10\x04\x10")
    assert printed(encode(picture, WIDE).data).row(0)[:4] == b"\x10\x18\x04\x10"


@pytest.mark.parametrize("name", sorted(PROFILES))
def test_a_ticket_reaches_the_paper_with_no_pixel_different(
    name: str, queue_ticket: Ticket, receipt: Ticket
) -> None:
    profile = PROFILES[name]
    for ticket in (queue_ticket, receipt):
        drawn = render(ticket, width_dots=profile.dots, dpi=profile.dpi)
        job = encode(drawn, profile).data
        # After a reset, the models that are told their units count half dots, as their manuals say.
        own_units = profile.dpi * (2 if profile.sets_units else 1)
        whole = job if profile.cut else job + b"\x1dV\x01"
        paper = printed(whole, profile.dots, dpi=profile.dpi, units=own_units)
        assert paper.rows[: len(drawn.rows)] == drawn.rows
        assert not any(paper.rows[len(drawn.rows) :])
        assert len(paper.rows) // drawn.row_bytes == drawn.height + profile.tail_rows


HALF_DOTS = ("custom-vkp80", "epson-tm-t82", "epson-tm-t88")


@pytest.mark.parametrize("name", HALF_DOTS)
def test_a_printer_that_counts_half_dots_is_told_to_count_dots_after_each_reset(name: str) -> None:
    picture = Raster(width=8, height=300, rows=b"\xff" + bytes(298) + b"\xff")
    profile = PROFILES[name]
    job = encode(picture, profile).data
    assert job.count(b"\x1b@") == 1
    reset, told = job.index(b"\x1b@"), job.index(b"\x1dP" + bytes([profile.dpi] * 2))
    assert reset < told < job.index(b"\x1dv0")
    assert re.findall(rb"\x1bJ(.)", job, re.DOTALL)[:2] == [b"\xff", b"\x2b"]


def test_a_cheap_printer_is_sent_no_units_it_may_not_know(queue_ticket: Ticket) -> None:
    for name in PROFILES.keys() - set(HALF_DOTS):
        profile = PROFILES[name]
        assert b"\x1dP" not in encode(render(queue_ticket, width_dots=profile.dots), profile).data
    assert known_profile("TM-T20II").sets_units
    assert not known_profile("ZJ-5870").sets_units


def test_a_head_finer_than_the_command_can_say_is_sent_no_units() -> None:
    fine = adjusted(PROFILES["custom-vkp80"], dpi=300)
    assert b"\x1dP" not in encode(Raster(width=8, height=1, rows=b"\xff"), fine).data


def test_cropping_and_feeding_save_a_quarter_of_the_bytes(queue_ticket: Ticket) -> None:
    drawn = render(queue_ticket)
    assert len(encode(drawn, WIDE).data) < 0.75 * len(drawn.rows)


def test_a_picture_wider_than_the_head_is_a_bug() -> None:
    with pytest.raises(ValueError, match="do not fit"):
        encode(Raster(width=577, height=1, rows=bytes(73)), WIDE)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_a_job_cut_off_anywhere_leaves_the_next_ticket_clean(data: st.DataObject) -> None:
    picture = Raster(
        width=576, height=60, rows=b"\xaa\x1d\x1b" * 24 * 20 + bytes(72 * 20) + b"\xff" * 72 * 20
    )
    job = encode(picture, WIDE).data
    end = data.draw(st.integers(0, len(job)))
    sink = Sink(576)
    sink.brain.feed(job[:end])
    sink.brain.feed(recovery(WIDE) + WIDE.cut)
    sink.tickets.clear()
    sink.brain.feed(job)
    assert sink.tickets == [picture]


def test_models_python_escpos_knows_are_found_there() -> None:
    found = known_profile("TM-T88V")
    assert (found.dots, found.dpi) == (512, 180)
    assert known_profile("ZJ-5870").cut == b""
    assert known_profile("xprinter-xp80") is PROFILES["xprinter-xp80"]


@pytest.mark.parametrize("name", ["no-such-printer", "TM-U220", "RP326", "default", ""])
def test_a_model_nobody_knows_or_that_prints_no_raster_is_refused_with_the_names_to_use(name: str) -> None:
    with pytest.raises(PrinterError, match="xprinter-xp80"):
        known_profile(name)


def test_a_printer_no_table_knows_is_described_in_the_configuration() -> None:
    plain = PROFILES["generic-80"]
    assert adjusted(plain, dots=0, cut="") == plain
    wide = adjusted(plain, dots=832, dpi=180, strip_rows=16, tail_rows=40, pause_ms=5, cut="1b69")
    assert (wide.dots, wide.dpi, wide.strip_rows, wide.tail_rows) == (832, 180, 16, 40)
    assert (wide.pause_s, wide.cut) == (0.005, b"\x1bi")
    assert adjusted(plain, cut="none").cut == b""
    # What ends a broken strip is as long as the longest strip.
    assert len(recovery(adjusted(plain, dots=832))) > 104 * 24
    assert len(recovery(plain)) == 2050


@pytest.mark.parametrize(
    ("said", "named"),
    [({"dots": 7}, "dots is 7"), ({"strip_rows": 60}, "8 to 24"), ({"dpi": -1}, "dpi is -1")],
)
def test_a_number_no_printer_has_is_refused_by_name(said: dict[str, int], named: str) -> None:
    with pytest.raises(PrinterError, match=named):
        adjusted(PROFILES["generic-80"], cut="", **said)
    with pytest.raises(PrinterError, match=r"ticket_printer\.cut"):
        adjusted(PROFILES["generic-80"], cut="schneiden")


def test_the_capabilities_module_of_python_escpos_is_never_imported() -> None:
    """Importing it makes a temporary folder, unpickles a file found there and takes over the root logger."""
    code = (
        "import sys; from drivers.printer.escpos import known_profile; known_profile('TM-T88II');"
        "print('escpos.capabilities' in sys.modules)"
    )
    said = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True, timeout=60
    )
    assert said.stdout == "False\n"
