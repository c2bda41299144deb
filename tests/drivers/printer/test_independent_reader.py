"""Fifty tickets read back by an interpreter that is not ours, and two hundred that were cut off."""

from __future__ import annotations

import dataclasses
import random
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from drivers.ports import DeviceState, PrintOutcome, Ticket, TicketKind, TicketRow
from drivers.printer.escpos import encode, recovery
from drivers.printer.profiles import PROFILES, PrinterProfile
from drivers.printer.ticket import render

if TYPE_CHECKING:
    from drivers.printer.raster import Raster
    from drivers.printer.receipt_printer import EscposPrinter
    from drivers.simulated.printer.server import SimulatedPrinter

PEER = Path(__file__).with_name("peer_escpos_reader.py")
WIDE = PROFILES["generic-80"]
QUESTIONS = 4 * 3
"""Bytes of one round of DLE EOT."""
LUCK = random.Random(20261122)
NAMES = (
    "Đăng ký khai sinh",
    "Chứng thực bản sao từ bản chính",
    "Xác nhận tình trạng hôn nhân; ghi vào Sổ hộ tịch việc Ổn định",
    "Ẩm thực, Ỷ lại, Ẵm bồng: đủ mọi dấu",
    "Cấp bản sao trích lục hộ tịch",
)


def read_back(job: bytes, profile: PrinterProfile) -> list[bytes]:
    """Return the tickets the independent reader sees, each as width, height and packed rows."""
    own_units = profile.dpi * (2 if profile.sets_units else 1)
    read = subprocess.run(
        [sys.executable, "-I", str(PEER), str(profile.dots), str(profile.dpi), str(own_units)],
        input=job,
        capture_output=True,
        timeout=100,
        check=False,
    )
    assert read.returncode == 0, read.stderr.decode()
    return [b"P4" + part for part in read.stdout.split(b"P4")[1:]]


def pbm(raster: Raster) -> bytes:
    return b"P4\n%d %d\n" % (raster.width, raster.height) + raster.rows


def variants(queue_ticket: Ticket, receipt: Ticket, count: int) -> list[Ticket]:
    """Tickets of both kinds, long and short, with and without code and mark."""
    made = []
    for at in range(count):
        sample = (queue_ticket, receipt, dataclasses.replace(receipt, kind=TicketKind.STATUS))[at % 3]
        made.append(
            dataclasses.replace(
                sample,
                number=f"{'ABCD'[at % 4]}{at:03}" if sample is queue_ticket else f"K01-261123-{at:04}",
                service=NAMES[at % len(NAMES)],
                qr_text=None
                if at % 5 == 0
                else f"https://kiosk.example/d/K01-261123-{at:04}?t={at * 7919:x}",
                rows=(*sample.rows, TicketRow(label="Ghi chú", value=NAMES[-at % len(NAMES)]))[at % 2 :],
                reprint=at % 7 == 0,
            )
        )
    return made


@pytest.mark.parametrize(
    ("name", "count"), [("generic-80", 20), ("epson-tm-t82", 10), ("epson-tm-t88", 10), ("custom-vkp80", 10)]
)
def test_an_independent_reader_sees_every_dot(
    queue_ticket: Ticket, receipt: Ticket, name: str, count: int
) -> None:
    profile = dataclasses.replace(PROFILES[name], cut=WIDE.cut, tail_rows=0)
    drawn = [
        render(ticket, width_dots=profile.dots, dpi=profile.dpi)
        for ticket in variants(queue_ticket, receipt, count)
    ]
    job = b"".join(encode(raster, profile).data for raster in drawn)
    assert b"P4" not in b"".join(raster.rows for raster in drawn)
    assert read_back(job, profile) == [pbm(raster) for raster in drawn]


def test_a_stream_cut_anywhere_and_sent_again_gives_a_clean_ticket(queue_ticket: Ticket) -> None:
    """What follows the cut is what the kiosk sends: 2048 NUL, reset, a cut, then the whole ticket again."""
    drawn = render(queue_ticket)
    job = encode(drawn, WIDE).data
    places = LUCK.sample(range(1, len(job)), 200)
    stream = b"".join(job[:place] + recovery(WIDE) + WIDE.cut + job for place in places)
    seen = read_back(stream, WIDE)
    assert len(seen) == 400
    assert seen[1::2] == [pbm(drawn)] * 200
    assert pbm(drawn) not in seen[0::2]


def test_a_line_dropped_inside_the_head_of_a_strip_is_ended_before_anything_is_asked(
    printer: EscposPrinter, simulated: SimulatedPrinter, queue_ticket: Ticket
) -> None:
    """A head whose rest is read from a status request is a strip of a megabyte: every byte of it is tried."""
    clean = render(queue_ticket)
    assert printer.print_ticket(queue_ticket, timeout_s=5) is PrintOutcome.ISSUED
    head = encode(clean, WIDE).data.index(b"\x1dv0\x00")
    for place in range(head + 1, head + 9):
        simulated.drop_line_after(QUESTIONS + place)
        assert printer.print_ticket(queue_ticket, timeout_s=5) is PrintOutcome.UNCERTAIN
        assert printer.status().state is DeviceState.READY
        assert printer.print_ticket(queue_ticket, timeout_s=5) is PrintOutcome.ISSUED
        assert simulated.last_ticket == clean


def test_a_line_dropped_anywhere_is_uncertain_and_the_reprint_is_clean(
    printer: EscposPrinter, simulated: SimulatedPrinter, queue_ticket: Ticket
) -> None:
    """The same through the whole driver and a real line, at 25 places."""
    again = dataclasses.replace(queue_ticket, reprint=True)
    clean = render(again)
    assert printer.print_ticket(queue_ticket, timeout_s=5) is PrintOutcome.ISSUED
    length = len(encode(render(queue_ticket), WIDE).data)
    for place in LUCK.sample(range(1, length), 25):
        simulated.drop_line_after(QUESTIONS + place)
        assert printer.print_ticket(queue_ticket, timeout_s=5) is PrintOutcome.UNCERTAIN
        assert printer.print_ticket(again, timeout_s=5) is PrintOutcome.ISSUED
        assert simulated.last_ticket == clean
