"""Work that blocks, described here and run elsewhere: asked by the session, ended by an event."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from kiosk_app.flow.events import Event
    from kiosk_app.flow.session import Session

    Report = Callable[[Event], None]
    Work = Callable[[Report], Event]
    Handlers = Mapping[type[Event], Callable[[Session, Any], tuple["Job", ...]]]
    """Which function of a station answers which event; the event's type is the key, hence Any."""


class Lane(StrEnum):
    """Jobs of one lane never run at the same time: each device has one lane."""

    CARD = "card"
    CODES = "codes"
    CAMERA = "camera"
    PRINTER = "printer"
    SHEETS = "sheets"
    QUEUE = "queue"
    LINE = "line"
    HEALTH = "health"
    SETTINGS = "settings"


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One piece of blocking work.

    `work(report)` returns the event that ends it and may report events on the way. Expected errors
    (`DriverError`, `FormError`, `QueueError`) become `JobFailed` with their code; anything else is a crash.
    """

    name: str
    lane: Lane
    work: Work
