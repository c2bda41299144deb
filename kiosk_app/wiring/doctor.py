"""Looks at every part of the kiosk once, end to end, and says what is ill.

Each part is looked at in a thread of its own with a limit in time: a part whose look crashes or hangs is a
finding like any other and stops nobody.
"""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING, Final

from drivers.ports import DeviceState
from kiosk_app.doctor_words import RUNNING, explain_in, figures, part_name
from kiosk_app.i18n import LANGUAGES, in_language
from kiosk_app.wiring import doctor_beside, doctor_sound, doctor_touch, paths
from kiosk_app.wiring import doctor_devices as devices
from kiosk_app.wiring import doctor_machine as machine
from kiosk_app.wiring.findings import Finding, finding, of_status
from kiosk_app.wiring.house import open_house, version
from kiosk_app.wiring.queue import now

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from kiosk_app.config import Config
    from kiosk_app.wiring.house import House

    Look = Callable[[], Finding]

log = logging.getLogger(__name__)

LIMIT_S: Final = 60.0
"""Most that looking at one part may take, seconds."""
ASKING_LIMIT_S: Final = LIMIT_S + devices.BY_HAND_S
"""The same where a person may be waited for."""
_EXERCISES: Final = {
    "card_reader": devices.card_reader,
    "qr_scanner": devices.qr_scanner,
    "document_scanner": devices.document_scanner,
    "ticket_printer": devices.ticket_printer,
    "a4_printer": devices.a4_printer,
}


def _nobody(_what: str) -> bool:
    return False


def examine(
    config: Config,
    *,
    only: str | None = None,
    simulate: bool = False,
    by_hand: Callable[[str], bool] = _nobody,
    touch: bool = False,
) -> tuple[Finding, ...]:
    """Open the house, look at its parts, close it, and return the findings in a stable order.

    Args:
        config: The effective configuration.
        only: Name of the one part to look at; None looks at all.
        simulate: Simulate what is missing, with a backend of its own.
        by_hand: Asks a person for `card`, `paper`, `slip`, to hold the `slip_code` at the scanner, to count
            `tones`, or to show a code with the text given; tells whether somebody is there. After the tones
            `tones:N`: whether so many were heard.
        touch: Show the touch grid on the display of this session, and wait for somebody to go through it.

    Raises:
        DataFolderError: The data folder cannot be used.
    """
    paths.prepare(config)
    told = doctor_beside.told_by_running(config.data_dir, now().timestamp())
    house = open_house(config, simulate=simulate, serves=False)
    try:
        found = look_over(house, config, only=only, by_hand=by_hand, touch=touch)
    finally:
        house.close()
    return found if told is None else tuple(doctor_beside.excused(one, told) for one in found)


def look_over(
    house: House,
    config: Config,
    *,
    only: str | None = None,
    by_hand: Callable[[str], bool] = _nobody,
    touch: bool = False,
) -> tuple[Finding, ...]:
    """Look at the parts of an open house; see `examine`."""
    looks = _looks(house, config, by_hand)
    limits = {part: ASKING_LIMIT_S if part in _EXERCISES else LIMIT_S for part in looks}
    if touch:
        looks["touch"], limits["touch"] = doctor_touch.on_display, doctor_touch.TRIAL_S + LIMIT_S
    return tuple(_safely(part, look, limits[part]) for part, look in looks.items() if only in {None, part})


def _looks(house: House, config: Config, by_hand: Callable[[str], bool]) -> dict[str, Look]:
    def device(name: str) -> Look:
        exercise = _EXERCISES.get(name)
        if exercise is None:
            return lambda: of_status(name, devices.settled(house.devices[name]))
        return lambda: exercise(house, by_hand)

    skews: list[float | None] = []

    def backend() -> Finding:
        skews.append(None)  # asked, whatever comes of it
        found, skews[-1] = machine.backend(config)
        return found

    def clock() -> Finding:
        if not skews:  # the clock alone is looked at
            backend()
        return machine.clock(house.services.now(), skews[-1])

    return {
        **{name: device(name) for name in house.devices},
        "queue": lambda: machine.queue(config),
        "disk": lambda: machine.disk(config.data_dir),
        "backend": backend,
        "clock": clock,
        "touch": lambda: machine.touch(simulated=house.hands is not None or _is_bench(config)),
        "sound": lambda: doctor_sound.sound(by_hand),
    }


def _is_bench(config: Config) -> bool:
    """Tell whether a device is simulated by configuration: no citizen stands at such a machine."""
    sources = (
        config.card.reader,
        config.qr_scanner.source,
        config.document_scanner.source,
        config.ticket_printer.address,
    )
    return any(source.startswith("simulated:") for source in sources)


class _Looking:
    """What one look came to: its finding, or what went wrong with it."""

    def __init__(self) -> None:
        self.found: Finding | None = None
        self.error: BaseException | None = None

    def __enter__(self) -> None:
        """Begin."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> bool:
        """Keep what went wrong: that is the finding, and the thread ends here anyway."""
        self.error = error
        return True


def _safely(part: str, look: Look, limit_s: float = LIMIT_S) -> Finding:
    """Look at a part in a thread of its own; what goes wrong with the look itself is the finding.

    One that hangs for good keeps nobody: the thread is a daemon, so the process ends without it.
    """
    looking = _Looking()

    def run() -> None:
        with looking:
            looking.found = look()

    thread = threading.Thread(target=run, name=f"doctor-{part}", daemon=True)
    thread.start()
    thread.join(limit_s)
    if thread.is_alive():
        return finding(part, DeviceState.FAULT, "doctor.too_slow", {"limit_s": limit_s})
    if looking.found is not None:
        return looking.found
    error = type(looking.error).__name__
    log.error("doctor.look_failed", extra={"device": part, "cause": error})
    return finding(part, DeviceState.FAULT, "doctor.look_failed", {"error": error})


def kiosk_runs(config: Config) -> bool:
    """Tell whether the kiosk runs over the same data folder in another process, and holds its devices."""
    return paths.served_by_another(config.data_dir)


def report(findings: tuple[Finding, ...], config: Config) -> str:
    """Return the report for paper: what is ill first, each part in Vietnamese, then in English."""
    ill = [found for found in findings if not found.well]
    lines = [
        "PHIẾU KHÁM MÁY / KIOSK EXAMINATION",
        f"{config.centre.name}, máy / kiosk {config.centre.kiosk_number}, {version()}",
        f"{now():%H:%M %d/%m/%Y}",
        *(in_language(lang, RUNNING) for lang in LANGUAGES if kiosk_runs(config)),
        "",
        f"CẦN XEM / ILL: {', '.join(found.part for found in ill) or 'không / none'}",
    ]
    for found in (*ill, *(found for found in findings if found.well)):
        told = f"{found.state}, {found.cause}"
        lines += [
            "",
            f"{'[x]' if found.well else '[!]'} {part_name(found.part, 'vi')} ({found.part}): {told}",
        ]
        lines += [f"    {said_of(found, lang)}" for lang in LANGUAGES]
    return "\n".join([*lines, ""])


def said_of(found: Finding, lang: str) -> str:
    """Return the likely cause, the next step and what was measured, in one language."""
    words = explain_in(lang, found.part, found.state, found.cause, found.measured)
    numbers = figures(found.measured, lang)
    return f"{words} [{numbers}]" if numbers else words
