"""`receiptio -q`, a program that knows real receipt printers, reads the state of the simulated one.

It says what it read on its error output. It asks port 9100 and nothing else, so each printer stands at an
address of its own in 127.0.0.0/8; all are asked at once, because a silent one takes it twelve seconds.
`deploy/setup.sh requirements-dev.lock` puts it into `.peers/`.
"""

from __future__ import annotations

import subprocess
from contextlib import ExitStack
from pathlib import Path

from drivers.simulated.printer.conditions import Condition
from drivers.simulated.printer.server import SimulatedPrinter

RECEIPTIO = Path(__file__).parents[3] / ".peers" / "node_modules" / "receiptio" / "bin" / "cli.js"
PORT = 9100
SAID: dict[str, str] = {
    Condition.OK: "online",
    Condition.NEAR_END: "online",
    Condition.COVER_OPEN: "coveropen",
    Condition.PAPER_OUT: "paperempty",
    Condition.CUTTER_ERROR: "error",
    Condition.HANG: "offline",
}


def test_receiptio_reads_every_state() -> None:
    asked: dict[str, subprocess.Popen[str]] = {}
    with ExitStack() as stack:
        for at, condition in enumerate(SAID):
            host = f"127.0.91.{at + 1}"
            printer = stack.enter_context(SimulatedPrinter(host=host, port=PORT))
            printer.set_condition(Condition(condition))
            asked[condition] = stack.enter_context(_ask(host))
        asked["switched off"] = stack.enter_context(_ask("127.0.91.99"))
        told = {name: process.communicate(timeout=60)[1].strip() for name, process in asked.items()}
    assert told == SAID | {"switched off": "disconnect"}


def _ask(host: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        ["node", str(RECEIPTIO), "-d", host, "-q"],
        stderr=subprocess.PIPE,
        text=True,
    )
