"""What a printer's status bytes mean, told apart by their fixed bits.

Source: Epson ESC/POS command reference, DLE EOT, GS a (ASB), GS r; DEVICES.md 2.2.
"""

from __future__ import annotations

from dataclasses import dataclass

from drivers.ports import DeviceState

QUESTIONS = (1, 2, 3, 4)
"""The `n` of DLE EOT: printer, cause of offline, cause of error, paper."""

_DLE_FIXED, _DLE_VALUE = 0x93, 0x12
_ASB_FIRST_VALUE = 0x10
_FENCE_FIXED = 0x90
_ASB_REST = 3

_OFFLINE = 0x08  # n=1
_COVER_OPEN = 0x04  # n=2
_PAPER_STOP = 0x20  # n=2
_ERROR_STOP = 0x40  # n=2
_CUTTER = 0x08  # n=3
_NEAR_END = 0x0C  # n=4
_PAPER_END = 0x60  # n=4


@dataclass(frozen=True, slots=True, kw_only=True)
class PrinterStatus:
    """The four DLE EOT answers, judged."""

    state: DeviceState
    cause: str
    raw: str
    """The four bytes in hexadecimal, for the technician."""


def is_status_answer(byte: int) -> bool:
    """Tell a DLE EOT answer (0xx1xx10) from status blocks, fences, XON and XOFF."""
    return byte & _DLE_FIXED == _DLE_VALUE


def judge(answers: bytes) -> PrinterStatus:
    """Name the state from the answers to DLE EOT 1 to 4, the most urgent cause first."""
    printer, offline, error, paper = answers
    causes = (
        (bool(offline & _COVER_OPEN), DeviceState.BLOCKED, "printer.cover_open"),
        (bool(error & _CUTTER), DeviceState.BLOCKED, "printer.cutter"),
        (bool(offline & _PAPER_STOP or paper & _PAPER_END), DeviceState.BLOCKED, "printer.paper_out"),
        (bool(offline & _ERROR_STOP), DeviceState.FAULT, "printer.error"),
        (bool(printer & _OFFLINE), DeviceState.BLOCKED, "printer.offline"),
        (bool(paper & _NEAR_END), DeviceState.DEGRADED, "printer.paper_near_end"),
        (True, DeviceState.READY, "ok"),
    )
    state, cause = next((state, cause) for holds, state, cause in causes if holds)
    return PrinterStatus(state=state, cause=cause, raw=answers.hex(" "))


class FenceWatch:
    """Finds the answer to GS r among whatever else the printer says.

    The last three bytes of an unasked status block look like that answer, so blocks are stepped over whole.
    """

    def __init__(self) -> None:
        self._to_skip = 0

    def feed(self, data: bytes) -> bool:
        """Take bytes as they come and tell whether the fence came back."""
        found = False
        for byte in data:
            if self._to_skip:
                self._to_skip -= 1
            elif byte & _DLE_FIXED == _ASB_FIRST_VALUE:
                self._to_skip = _ASB_REST
            elif byte & _FENCE_FIXED == 0:
                found = True
        return found
