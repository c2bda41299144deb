"""Looks at every part of the kiosk once, end to end, and says what is ill.

Each part is looked at in a thread of its own with a limit in time: a part whose look crashes or hangs is a
finding like any other and stops nobody.
"""

from __future__ import annotations

import logging
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Final

from drivers.ports import DeviceState
from kiosk_app.doctor_words import explain_in, figures, part_name
from kiosk_app.wiring import doctor_devices as devices
from kiosk_app.wiring import doctor_machine as machine
from kiosk_app.wiring import doctor_sound, doctor_touch, paths
from kiosk_app.wiring.findings import Finding, finding, of_status
from kiosk_app.wiring.house import open_house, version
from kiosk_app.wiring.queue import now

if TYPE_CHECKING:
    from collections.abc import Callable

    from kiosk_app.config import Config
    from kiosk_app.wiring.house import House

    Look = Callable[[], Finding]

log = logging.getLogger(__name__)

LIMIT_S: Final = 60.0
"""Most that looking at one part may take, seconds; a person is waited for longer."""
_EXERCISES: Final = {
    "card_reader": devices.card_reader,
    "qr_scanner": devices.qr_scanner,
    "document_scanner": devices.document_scanner,
    "ticket_printer": devices.ticket_printer,
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
        by_hand: Asks a person for `card`, `paper`, `slip`, to count `tones`, or to show a code with the text
            given; tells whether somebody is there. After the tones `tones:N`: whether so many were heard.
        touch: Show the touch grid on the display of this session, and wait for somebody to go through it.

    Raises:
        DataFolderError: The data folder cannot be used.
    """
    paths.prepare(config)
    house = open_house(config, simulate=simulate)
    try:
        return look_over(house, config, only=only, by_hand=by_hand, touch=touch)
    finally:
        house.close()


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
    limits = dict.fromkeys(looks, LIMIT_S)
    if touch:
        looks["touch"], limits["touch"] = doctor_touch.on_display, doctor_touch.TRIAL_S + LIMIT_S
    return tuple(_safely(part, look, limits[part]) for part, look in looks.items() if only in {None, part})


def _looks(house: House, config: Config, by_hand: Callable[[str], bool]) -> dict[str, Look]:
    def device(name: str) -> Look:
        exercise = _EXERCISES.get(name)
        if exercise is None:
            return lambda: of_status(name, devices.settled(house.devices[name]))
        return lambda: exercise(house, by_hand)

    skew: list[float | None] = [None]

    def backend() -> Finding:
        found, skew[0] = machine.backend(config)
        return found

    return {
        **{name: device(name) for name in house.devices},
        "queue": lambda: machine.queue(config),
        "disk": lambda: machine.disk(config.data_dir),
        "backend": backend,
        "clock": lambda: machine.clock(house.services.now(), skew[0]),
        "touch": machine.touch,
        "sound": lambda: doctor_sound.sound(by_hand),
    }


def _safely(part: str, look: Look, limit_s: float = LIMIT_S) -> Finding:
    """Look at a part in a thread of its own; what goes wrong with the look itself is the finding."""
    pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix=f"doctor-{part}")
    running = pool.submit(look)
    pool.shutdown(wait=False)
    try:
        error = running.exception(timeout=limit_s)
    except TimeoutError:
        return finding(part, DeviceState.FAULT, "doctor.too_slow", {"limit_s": limit_s})
    if error is None:
        return running.result()
    log.error("doctor.look_failed", extra={"device": part, "cause": type(error).__name__})
    return finding(part, DeviceState.FAULT, "doctor.look_failed", {"error": type(error).__name__})


def report(findings: tuple[Finding, ...], config: Config) -> str:
    """Return the report for paper: what is ill first, each part in Vietnamese, then in English."""
    ill = [found for found in findings if not found.well]
    lines = [
        "PHIẾU KHÁM MÁY / KIOSK EXAMINATION",
        f"{config.centre.name}, máy / kiosk {config.centre.kiosk_number}, {version()}",
        f"{now():%H:%M %d/%m/%Y}",
        "",
        f"CẦN XEM / ILL: {', '.join(found.part for found in ill) or 'không / none'}",
    ]
    for found in (*ill, *(found for found in findings if found.well)):
        told = ", ".join(filter(None, (found.state, found.cause, figures(found.measured))))
        lines += [
            "",
            f"{'[x]' if found.well else '[!]'} {part_name(found.part)} ({found.part}): {told}",
            f"    {explain_in('vi', found.part, found.state, found.cause, found.measured)}",
            f"    {explain_in('en', found.part, found.state, found.cause, found.measured)}",
        ]
    return "\n".join([*lines, ""])
