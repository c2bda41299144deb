"""The whole kiosk put together: first the screen, then the house behind it."""

from __future__ import annotations

import datetime as dt
import json
import logging
import os
import time
from typing import TYPE_CHECKING, Final

import msgspec

from kiosk_app import logs
from kiosk_app.flow.session import Session
from kiosk_app.flow.steps import Step
from kiosk_app.restarts import Restarts
from kiosk_app.service_manager import ServiceManager
from kiosk_app.ui import start
from kiosk_app.wiring import delivered, paths
from offline_queue.identifiers import LOCAL_ZONE

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from kiosk_app.config import Config
    from kiosk_app.ui.tour import TourResult
    from kiosk_app.ui.window import Window
    from kiosk_app.wiring.house import House

log = logging.getLogger(__name__)
WINDOWED: Final = (540, 960)
SIMULATED: Final = "simulated:"
OPEN_TIMEOUT_S: Final = 60.0
IN_USE: Final = ", in use"
"""Added to what the service manager is told while somebody is before the kiosk (`deploy/machine.py`)."""
_NOBODY_THERE: Final = frozenset({Step.WELCOME, Step.ONE_MOMENT})


class TourFailedError(Exception):
    """The tour did not reach its end; the message says where it stood."""

    code = "tour.failed"


def local_now() -> dt.datetime:
    """Return the time in Viet Nam, which has one zone and no summer time, whatever the machine is set to."""
    return dt.datetime.now(LOCAL_ZONE)


def serve(config: Config, *, simulate: bool, windowed: bool) -> int:
    """Run the app until it is told to end; return the exit code.

    Raises:
        DataFolderError: The data folder cannot be used.
    """
    config = paths.with_demo_folder(config) if simulate else config
    folder = paths.prepare(config)
    logs.configure(folder=folder / "logs")
    manager = ServiceManager.from_environment(os.environ)
    run_folder = paths.run_folder(folder)
    (run_folder / "pid").write_text(str(os.getpid()), encoding="ascii")  # deploy/stop.sh asks it to end
    restarts = Restarts(run_folder, lambda: time.clock_gettime(time.CLOCK_BOOTTIME))
    size = WINDOWED if windowed else None
    if restarts.storm():
        code = _rest(config, manager, size=size)
    else:
        with paths.held(folder):
            code = _serve_well(config, manager, size=size, simulate=simulate)
    restarts.forget()
    return code


def _rest(config: Config, manager: ServiceManager, *, size: tuple[int, int] | None) -> int:
    """Show the calm screen for some minutes; nothing else is opened, so nothing else can fall."""
    from kiosk_app.ui.safe import rest

    screen = rest(centre=config.centre.name, hotline=config.centre.hotline, size=size)
    manager.doing("resting: started too often")
    return start.run_loop(screen, manager)


def rest_hindered(reason: str, manager: ServiceManager) -> None:
    """Show the calm screen with what a technician must mend, for a minute; the next start looks again."""
    from kiosk_app.ui.safe import LOOK_AGAIN_MS, rest

    screen = rest(centre="", hotline="", size=None, reason=reason, rest_ms=LOOK_AGAIN_MS)
    manager.doing("resting: something must be mended first")
    start.run_loop(screen, manager)


def _serve_well(
    config: Config, manager: ServiceManager, *, size: tuple[int, int] | None, simulate: bool
) -> int:
    manager.doing("opening")
    window = _first_screen(config, size=size)
    start.install_excepthook(window)
    houses: list[House] = []
    _open_behind(window, config, simulate=simulate, houses=houses, bench=simulate, opened=manager.doing)
    try:
        return start.run_loop(window, manager)
    finally:
        window.shut()
        for house in houses:
            house.close()


def _first_screen(config: Config, *, size: tuple[int, int] | None, contrast: bool = False) -> Window:
    window = start.open_window(
        centre=config.centre.name, hotline=config.centre.hotline, now=local_now, size=size, contrast=contrast
    )
    log.info("kiosk.first_screen", extra={"elapsed_ms": start.since_process_start_ms()})
    return window


def _open_behind(
    window: Window,
    config: Config,
    *,
    simulate: bool,
    houses: list[House],
    bench: bool = False,
    opened: Callable[[str], None] | None = None,
) -> None:
    """Open devices, forms and queue beside the Qt thread, then bring the window to life."""

    def work() -> House:
        from kiosk_app.wiring.house import open_house

        return open_house(config, simulate=simulate)

    def done(house: object) -> None:
        from kiosk_app.wiring.house import House

        if isinstance(house, House):
            houses.append(house)
            window.attach(Session(house.services))
            if opened is not None:
                tell_use(window, "serving" if house.takes_dossiers else "serving without queue", opened)
            if bench and house.hands is not None:
                from kiosk_app.ui.bench import open_bench

                open_bench(window, house.hands)

    window.open_with(work, done)


def tell_use(window: Window, words: str, tell: Callable[[str], None]) -> None:
    """Tell what the kiosk does and when somebody comes or goes: an update waits until nobody is there."""
    told = ""

    def follow(step: str) -> None:
        nonlocal told
        now = words if step in _NOBODY_THERE else words + IN_USE
        if now != told:
            told = now
            tell(now)

    window.screen_changed.connect(follow)
    follow(Step.WELCOME)


def all_simulated(config: Config) -> Config:
    """Return the configuration with every device simulated, whatever is plugged in."""
    replace = msgspec.structs.replace
    return replace(
        config,
        card=replace(config.card, reader=SIMULATED),
        ticket_printer=replace(config.ticket_printer, address=SIMULATED),
        document_scanner=replace(config.document_scanner, source=SIMULATED),
        qr_scanner=replace(config.qr_scanner, source=SIMULATED),
        a4_printer=replace(config.a4_printer, queue=SIMULATED),
    )


def make_tour(
    config: Config, *, out: Path, lang: str, size: tuple[int, int], contrast: bool
) -> dict[str, object]:
    """Walk one visit on simulated devices and return the summary, which is also written to `summary.json`.

    Raises:
        TourFailedError: A screen did not come.
    """
    for old in (*out.glob("*.png"), *out.glob("*.pdf"), out / "summary.json"):
        old.unlink(missing_ok=True)
    config = paths.with_demo_folder(all_simulated(config), out.resolve() / "data")
    logs.configure(folder=paths.prepare(config) / "logs")
    window = _first_screen(config, size=size, contrast=contrast)
    first_screen_ms = start.since_process_start_ms()
    window.stalls.start()
    houses: list[House] = []
    _open_behind(window, config, simulate=True, houses=houses)
    try:
        return _walk(window, houses, out=out, lang=lang, first_screen_ms=first_screen_ms)
    finally:
        window.shut()
        for house in houses:
            house.close()


def _walk(
    window: Window, houses: list[House], *, out: Path, lang: str, first_screen_ms: float
) -> dict[str, object]:
    from kiosk_app.ui.tour import Tour, TourStuckError, wait_for
    from kiosk_app.wiring.house import DEMO_PIN

    opened = time.perf_counter()
    if not wait_for(lambda: window.session is not None, OPEN_TIMEOUT_S) or window.session is None:
        raise TourFailedError("devices, forms or queue did not open; see the log in the data folder")
    house = houses[0]
    hands = house.hands
    if hands is None:
        raise TourFailedError("the tour needs simulated devices")
    opened_ms = round((time.perf_counter() - opened) * 1000, 1)
    tour = Tour(window, window.session, hands, out=out, lang=lang, pin=DEMO_PIN)
    try:
        result = tour.run()
    except TourStuckError as error:
        raise TourFailedError(str(error)) from error
    window.stalls.stop()
    summary = _summary(window, house, result, first_screen_ms=first_screen_ms, opened_ms=opened_ms)
    if house.backend is not None:
        for name, data in delivered.documents(house.backend, result.dossier_id).items():
            (out / name).write_bytes(data)
    text = json.dumps(summary, ensure_ascii=False, indent=1)
    (out / "summary.json").write_text(f"{text}\n", encoding="utf-8")
    return summary


def _summary(
    window: Window, house: House, result: TourResult, *, first_screen_ms: float, opened_ms: float
) -> dict[str, object]:
    return {
        "dossier_id": result.dossier_id,
        "receipt_code": result.receipt_code,
        "official_code": result.official_code,
        "steps": [{"name": step.name, "elapsed_ms": step.elapsed_ms} for step in result.steps],
        "first_screen_ms": first_screen_ms,
        "house_open_ms": opened_ms,
        "rss_mib": start.resident_mib(),
        "qt_thread": {
            "worst_ms": window.stalls.worst_ms,
            "worst_cpu_ms": window.stalls.worst_cpu_ms,
            "over_50_ms": window.stalls.count,
        },
        "backend": house.backend_place(),
    }
