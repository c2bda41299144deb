"""How the simulated printer feels, and the bytes with which it says so (DEVICES.md 2.2)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Condition(StrEnum):
    """What is the matter with the simulated printer."""

    OK = "ok"
    NEAR_END = "near_end"
    PAPER_OUT = "paper_out"
    COVER_OPEN = "cover_open"
    CUTTER_ERROR = "cutter_error"
    HANG = "hang"
    """Takes nothing from the line and says nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """What is answered in one condition."""

    realtime: bytes
    """DLE EOT 1 to 4."""
    block: bytes
    """The automatic status block (GS a), four bytes."""
    fence: int
    """GS r 1."""
    prints: bool
    """Whether the buffer is worked off."""


ANSWERS: dict[Condition, Answers] = {
    Condition.OK: Answers(realtime=b"\x12\x12\x12\x12", block=b"\x10\x00\x00\x0f", fence=0x00, prints=True),
    Condition.NEAR_END: Answers(
        realtime=b"\x12\x12\x12\x1e", block=b"\x10\x00\x03\x0f", fence=0x03, prints=True
    ),
    Condition.PAPER_OUT: Answers(
        realtime=b"\x1a\x32\x12\x7e", block=b"\x18\x00\x0f\x0f", fence=0x0F, prints=False
    ),
    Condition.COVER_OPEN: Answers(
        realtime=b"\x1a\x16\x12\x12", block=b"\x38\x00\x00\x0f", fence=0x00, prints=False
    ),
    Condition.CUTTER_ERROR: Answers(
        realtime=b"\x1a\x52\x1a\x12", block=b"\x18\x08\x00\x0f", fence=0x00, prints=False
    ),
    Condition.HANG: Answers(
        realtime=b"\x12\x12\x12\x12", block=b"\x10\x00\x00\x0f", fence=0x00, prints=False
    ),
}
