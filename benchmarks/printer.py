"""The ticket printer's numbers: how soon the paper starts, and how much goes over the line.

Run from the checkout (about fifteen seconds): `.venv/bin/python benchmarks/printer.py`

Tap to last byte: from the call that follows the touch to the last byte handed to a TCP line, at whose other
end the simulated printer sits in the same process: drawing, encoding, asking the printer how it is, sending.
CPU counts what this process and the simulated printer computed, whatever else the machine does. Bytes: the
same drawings as our compact job and as `python-escpos image()` in its three ways (a process of its own). Time
on the line: ten bits a byte; the measured row goes through the simulated printer slowed to that speed.
"""

from __future__ import annotations

import datetime as dt
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from drivers.ports import Ticket, TicketKind, TicketRow
from drivers.printer.escpos import encode
from drivers.printer.profiles import PROFILES
from drivers.printer.receipt_printer import EscposPrinter
from drivers.printer.ticket import render
from drivers.printer.transport import Wire, connect
from drivers.simulated.printer.server import SimulatedPrinter

if TYPE_CHECKING:
    from drivers.printer.transport import Address

TICKETS = 60
TARGET_MS = 60
BAUD = 115_200
PEER = Path(__file__).parents[1] / "tests" / "drivers" / "printer" / "peer_python_escpos.py"
WAYS = ("bitImageRaster", "graphics", "bitImageColumn")
PROFILE = PROFILES["xprinter-xp80"]
QUEUE = Ticket(
    kind=TicketKind.QUEUE,
    centre="Trung tâm Phục vụ hành chính công phường Sa Đéc",
    number="A015",
    heading="Số thứ tự",
    service="Hộ tịch: khai sinh, kết hôn, khai tử",
    issued_at=dt.datetime(2026, 11, 23, 9, 41, tzinfo=dt.UTC),
    rows=(TicketRow(label="Đang chờ trước", value="4 người"),),
    notes=("Xin ngồi chờ. Số sẽ được gọi tại quầy.",),
    hotline="1022",
)
RECEIPT = Ticket(
    kind=TicketKind.RECEIPT,
    centre="Trung tâm Phục vụ hành chính công phường Sa Đéc",
    number="K01-261123-0007",
    heading="Mã hồ sơ",
    service="Cấp bản sao trích lục hộ tịch",
    issued_at=dt.datetime(2026, 11, 23, 9, 41, tzinfo=dt.UTC),
    rows=(
        TicketRow(label="Mã của trung tâm", value="H20.17-261123-0007"),
        TicketRow(label="Lệ phí", value="8.000 đồng mỗi bản"),
        TicketRow(label="Hẹn trả (dự kiến)", value="25/11/2026"),
        TicketRow(label="Giấy tờ đã chụp", value="3 trang"),
    ),
    notes=(
        "Giữ phiếu này. Đưa mã trên phiếu vào máy để xem hồ sơ đến đâu.",
        "Hồ sơ đã gửi về trung tâm.",
        "Mang bản chính giấy tờ đến quầy khi cán bộ gọi.",
    ),
    qr_text="https://gateway.example/d/K01-261123-0007?t=8f3a9c21d78f3a9c21d7",
    hotline="1022",
)


class TimedWire:
    """A line that remembers when its last byte was handed over."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self.read, self.drain, self.close = wire.read, wire.drain, wire.close
        self.last_byte = 0.0
        self.computed = 0.0
        """Processor seconds of the printing thread at that moment."""

    @property
    def sent(self) -> int:
        """Bytes handed over."""
        return self._wire.sent

    def write(self, data: bytes, *, deadline: float) -> None:
        """Hand over, and look at the clock when a piece of the ticket is gone."""
        self._wire.write(data, deadline=deadline)
        if len(data) > 100:  # noqa: PLR2004 - a question has three bytes
            self.last_byte, self.computed = time.perf_counter(), time.thread_time()


def tap_to_last_byte(ticket: Ticket) -> tuple[float, float, float, float, float]:
    """Return median and 95 % of tap to last byte, its CPU, tap to fence, and all CPU a ticket; all in ms."""
    lines: list[TimedWire] = []

    def timed(address: Address, timeout_s: float) -> TimedWire:
        lines.append(TimedWire(connect(address, timeout_s)))
        return lines[-1]

    handed, computed, whole = [], [], []
    with SimulatedPrinter(dots=PROFILE.dots) as simulated:
        printer = EscposPrinter(simulated.address, PROFILE, open_line=timed)
        printer.print_ticket(ticket, timeout_s=5)  # imports, fonts and the sweep at start
        cpu = time.process_time()
        for _ in range(TICKETS):
            tap, began = time.perf_counter(), time.thread_time()
            printer.print_ticket(ticket, timeout_s=5)
            whole.append((time.perf_counter() - tap) * 1000)
            handed.append((lines[-1].last_byte - tap) * 1000)
            computed.append((lines[-1].computed - began) * 1000)
        cpu_ms = (time.process_time() - cpu) * 1000 / TICKETS
        printer.close()
    late = sorted(handed)[TICKETS * 95 // 100]
    return statistics.median(handed), late, statistics.median(computed), statistics.median(whole), cpu_ms


def by_python_escpos(ticket: Ticket, way: str) -> int:
    """Return the bytes of the same drawing as python-escpos writes it."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "ticket.png"
        path.write_bytes(render(ticket, width_dots=PROFILE.dots).png())
        made = subprocess.run(
            [sys.executable, str(PEER), way, str(path)],
            check=True,
            capture_output=True,
            timeout=60,
            env={**os.environ, "TMPDIR": folder, "ESCPOS_CAPABILITIES_PICKLE_DIR": folder},
        )
    return len(made.stdout)


def over_a_slow_line(ticket: Ticket) -> float:
    """Return the seconds from tap to fence through a line of 115200 baud."""
    with SimulatedPrinter(dots=PROFILE.dots) as simulated:
        printer = EscposPrinter(simulated.address, PROFILE)
        printer.print_ticket(ticket, timeout_s=5)
        simulated.set_speed(baud=BAUD)
        began = time.perf_counter()
        printer.print_ticket(ticket, timeout_s=60)
        taken = time.perf_counter() - began
        printer.close()
    return taken


def main() -> int:
    """Print one table; 1 where the target is missed."""
    print(f"{TICKETS} tickets each, {os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}\n")
    print("| what | target | queue number | receipt |\n|---|---|---|---|")
    timed = [tap_to_last_byte(ticket) for ticket in (QUEUE, RECEIPT)]
    for at, (name, target) in enumerate(
        (
            ("tap to last byte handed over, median, ms", f"≤ {TARGET_MS}"),
            ("the same, 95 %, ms", ""),
            ("computed by the kiosk from tap to last byte, CPU ms", ""),
            ("tap to the printer's word that all is printed, median, ms", ""),
            ("computed a ticket, kiosk and simulated printer together, CPU ms", ""),
        )
    ):
        print(f"| {name} | {target} | {timed[0][at]:.0f} | {timed[1][at]:.0f} |")
    heights = [render(ticket, width_dots=PROFILE.dots).height / 203 * 25.4 for ticket in (QUEUE, RECEIPT)]
    print(f"| paper, mm | ≤ 90 | {heights[0]:.0f} | {heights[1]:.0f} |")
    ours = [len(encode(render(ticket, width_dots=PROFILE.dots), PROFILE).data) for ticket in (QUEUE, RECEIPT)]
    print(f"| our job, bytes | | {ours[0]:,} | {ours[1]:,} |")
    print(f"| at 115200 baud, s | ≤ 3.5 | {seconds(ours[0]):.2f} | {seconds(ours[1]):.2f} |")
    slow = [over_a_slow_line(ticket) for ticket in (QUEUE, RECEIPT)]
    print(f"| the same, measured to the fence, s | | {slow[0]:.2f} | {slow[1]:.2f} |")
    for way in WAYS:
        theirs = [by_python_escpos(ticket, way) for ticket in (QUEUE, RECEIPT)]
        shares = [f"{count:,} ({seconds(count):.2f} s)" for count in theirs]
        print(f"| python-escpos image(impl={way}), bytes (at 115200) | | {shares[0]} | {shares[1]} |")
    return 0 if max(row[0] for row in timed) <= TARGET_MS else 1


def seconds(count: int) -> float:
    """Return how long so many bytes take at 115200 baud."""
    return count * 10 / BAUD


if __name__ == "__main__":
    raise SystemExit(main())
