"""Logging without people in it.

Events are constant dotted names; only allow-listed fields leave the process; long digit runs are masked as
the last resort. One JSON object a line.
"""

from __future__ import annotations

import datetime as dt
import json
import logging
import logging.handlers
import re
import sys
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path

ALLOWED_FIELDS: Final = frozenset(
    {"code", "device", "state", "cause", "count", "elapsed_ms", "tries", "status", "bytes", "step", "screen"}
    | {"reason", "delay_s", "kind", "port", "version", "procedure", "where"}
)
_DIGITS: Final = re.compile(r"\d{9,}")


class JsonFormatter(logging.Formatter):
    """Writes one event as one JSON line: time, level, room, event, and the allowed fields only."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line; message arguments and unknown fields are left out, not interpolated."""
        line: dict[str, object] = {
            "at": dt.datetime.fromtimestamp(record.created, tz=dt.UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "room": record.name,
            "event": mask(str(record.msg)),
        }
        for key in sorted(ALLOWED_FIELDS & record.__dict__.keys()):
            value = record.__dict__[key]
            line[key] = mask(value) if isinstance(value, str) else value
        if record.exc_info and record.exc_info[0]:
            # Only the type and the places: an exception's text may quote what a citizen typed.
            line["error"] = record.exc_info[0].__name__
            line["where"] = places(record)
        return json.dumps(line, ensure_ascii=False)


def places(record: logging.LogRecord) -> list[str]:
    """Return `file:line` of each frame of a logged exception, innermost last; no values."""
    trace = record.exc_info[2] if record.exc_info else None
    found = []
    while trace is not None:
        code = trace.tb_frame.f_code
        found.append(f"{code.co_filename.rsplit('/', 1)[-1]}:{trace.tb_lineno}")
        trace = trace.tb_next
    return found[-8:]


def mask(text: str) -> str:
    """Replace runs of nine and more digits, which may be ID or telephone numbers."""
    return _DIGITS.sub("#########", text)


def configure(*, folder: Path | None, level: int = logging.INFO) -> None:
    """Send our events to `folder/kiosk.log` (1 MiB, five kept), or to stderr without a folder."""
    handler: logging.Handler
    if folder is None:
        handler = logging.StreamHandler(sys.stderr)
    else:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        handler = logging.handlers.RotatingFileHandler(
            folder / "kiosk.log", maxBytes=1 << 20, backupCount=5, encoding="utf-8"
        )
    handler.setFormatter(JsonFormatter())
    root = logging.getLogger()
    for old in list(root.handlers):
        root.removeHandler(old)
        old.close()
    root.addHandler(handler)
    root.setLevel(level)
    for chatty in ("httpx", "httpcore", "PIL", "alembic", "asyncio"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
