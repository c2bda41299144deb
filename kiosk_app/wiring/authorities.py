"""Looks at the authorities whose cards are believed, in a process of its own.

Loading them takes the libraries of the card's process and, for the master list of all countries, a second and
many megabytes; the kiosk's process needs five numbers. `python -m kiosk_app.wiring.authorities DIR` prints
them as JSON.
"""

from __future__ import annotations

import datetime as dt
import logging
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

from drivers.ports import DeviceState
from kiosk_app.wiring.looked import Seen

if TYPE_CHECKING:
    from collections.abc import Callable

log = logging.getLogger(__name__)

LOOK_S: Final = 12.0
_ROOT: Final = Path(__file__).resolve().parents[2]
_DAY: Final = dt.timedelta(days=1)


class Authorities(msgspec.Struct, frozen=True, kw_only=True):
    """What a folder of authorities holds."""

    valid: int
    expired: int
    unusable: int
    """Files that could not be read or believed."""
    next_end: dt.datetime | None = None
    """When the first of the valid ones runs out."""
    last_end: dt.datetime | None = None
    """When the last of them does."""


class FolderLook:
    """Judges the folder; the child runs only when a file or the day has changed.

    Args:
        folder: Of certificates and master lists.
        warn_days: Days before the last authority ends from which staff are told.
        old_days: Days without a change in the folder after which it is called old; 0 = never.
        now: The wall clock.
    """

    def __init__(
        self, folder: Path, *, warn_days: int, old_days: int, now: Callable[[], dt.datetime]
    ) -> None:
        self._folder, self._now = folder, now
        self._warn, self._old = warn_days * _DAY, old_days * _DAY
        self._stamp: object = None
        self._seen = Seen(state=DeviceState.CONNECTING, cause="part.not_seen")

    def __call__(self) -> Seen:
        """Look; never raises."""
        now = self._now()
        try:
            changed = max((path.stat().st_mtime for path in self._folder.iterdir()), default=0.0)
            stamp = (now.date(), changed, len(list(self._folder.iterdir())))
            if stamp != self._stamp:
                self._seen = judge(_in_a_child(self._folder), now, changed, warn=self._warn, old=self._old)
                self._stamp = stamp
        except FileNotFoundError:
            self._stamp = None
            return Seen(state=DeviceState.DEGRADED, cause="authorities.none")
        except (OSError, subprocess.SubprocessError, msgspec.MsgspecError) as error:
            log.warning("authorities.not_read", extra={"cause": type(error).__name__})
            return Seen(state=DeviceState.FAULT, cause="authorities.unreadable", detail=type(error).__name__)
        return self._seen


def judge(
    found: Authorities, now: dt.datetime, changed: float, *, warn: dt.timedelta, old: dt.timedelta
) -> Seen:
    """Tell how a folder of authorities is.

    Args:
        found: What is in it.
        now: The moment that counts.
        changed: When its newest file was written, Unix seconds.
        warn: How long before the last authority ends staff are told.
        old: How long it may go without a change; zero = for ever.
    """
    if found.last_end is None:
        cause = "authorities.expired" if found.expired else "authorities.none"
        state = DeviceState.FAULT if found.expired else DeviceState.DEGRADED
        return Seen(state=state, cause=cause, detail=_counts(found), days=0 if found.expired else None)
    left = found.last_end - now
    cause = "ok"
    if left < warn:
        cause = "authorities.ending"
    elif found.unusable:
        cause = "authorities.damaged"
    elif old and now.timestamp() - changed > old.total_seconds():
        cause = "authorities.old"
    state = DeviceState.READY if cause == "ok" else DeviceState.DEGRADED
    return Seen(state=state, cause=cause, detail=_counts(found), days=left.days)


def _counts(found: Authorities) -> str:
    first = f", {found.next_end:%d/%m/%Y}" if found.next_end else ""
    bad = f", -{found.unusable}" if found.unusable else ""
    return f"{found.valid} CSCA{first}{bad}"


def _in_a_child(folder: Path) -> Authorities:
    done = subprocess.run(
        [sys.executable, "-m", "kiosk_app.wiring.authorities", str(folder)],
        cwd=_ROOT,
        capture_output=True,
        timeout=LOOK_S,
        check=True,
    )
    return msgspec.json.decode(done.stdout, type=Authorities)


def count(folder: Path, now: dt.datetime) -> Authorities:
    """Load a folder and count what is in it; heavy, see the module."""
    from drivers.card.trust import load_folder

    anchors, unusable = load_folder(folder, now)
    ends = sorted(anchor.ends for anchor in anchors if anchor.valid_at(now))
    return Authorities(
        valid=len(ends),
        expired=len(anchors) - len(ends),
        unusable=unusable,
        next_end=ends[0] if ends else None,
        last_end=ends[-1] if ends else None,
    )


if __name__ == "__main__":
    found = count(Path(sys.argv[1]), dt.datetime.now(dt.UTC))
    sys.stdout.write(msgspec.json.encode(found).decode("ascii"))
