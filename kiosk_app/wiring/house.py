"""Opens every room of the house: devices, forms, queue, and the embedded backend of a demonstration."""

from __future__ import annotations

import logging
import threading
import time
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

from drivers.errors import DriverError
from kiosk_app.flow.services import CentreInfo, Services
from kiosk_app.wiring.card import cross_checked, open_card_reader
from kiosk_app.wiring.codes import classify_code, open_wedge
from kiosk_app.wiring.embedded_backend import enrol_embedded, start_embedded_backend
from kiosk_app.wiring.forms import open_catalogue
from kiosk_app.wiring.hands import SimulatedHands
from kiosk_app.wiring.paper_room import PaperRoom, RoomCodes
from kiosk_app.wiring.printer import no_printer, open_ticket_printer
from kiosk_app.wiring.queue import now, open_queue_room, queue_health
from kiosk_app.wiring.sheets import open_sheet_printer, pay_code
from kiosk_app.wiring.shut import ShutQueue
from kiosk_app.wiring.technician import Technician
from kiosk_app.wiring.watch import Watch
from offline_queue.errors import QueueError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from drivers.ports import Device, TicketPrinter
    from drivers.simulated.printer.server import SimulatedPrinter
    from forms.ports import FormCatalogue
    from kiosk_app.config import Config
    from kiosk_app.hands import Hands
    from kiosk_app.wiring.embedded_backend import EmbeddedBackend
    from kiosk_app.wiring.queue import Health
    from offline_queue.ports import DossierQueue, ProgressDesk, RatingBox

log = logging.getLogger(__name__)
DEMO_PIN: Final = "246810"


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """Everything opened, and how to close it."""

    services: Services
    devices: Mapping[str, Device]
    hands: Hands | None
    backend: EmbeddedBackend | None
    stack: ExitStack

    @property
    def takes_dossiers(self) -> bool:
        """Whether the queue could be opened; without it numbers and look-up go on."""
        return not isinstance(self.services.queue, ShutQueue)

    def close(self) -> None:
        """Close every room in the opposite order; safe to call twice."""
        self.stack.close()

    def backend_place(self) -> dict[str, str]:
        """Return where the embedded backend keeps its database and blobs, for `kiosk-backend dossiers`."""
        if self.backend is None:
            return {}
        return {
            "database": f"sqlite:///{self.backend.database}",
            "blobs": str(self.backend.database.parent / "blobs"),
        }


def open_house(config: Config, *, simulate: bool) -> House:
    """Open devices, forms and queue; blocks for about a second, so call it beside the Qt thread.

    Args:
        config: The effective configuration; its data folder exists.
        simulate: Give every missing device a simulated one and, with no backend configured, an embedded one.

    A room that cannot be opened is stood in for by one that says why: one fault never blanks the kiosk.
    """
    stack = ExitStack()
    try:
        return _open(config, stack, simulate=simulate)
    except BaseException:
        stack.close()
        raise


def _open(config: Config, stack: ExitStack, *, simulate: bool) -> House:
    config, backend = _with_backend(config, stack) if simulate and not config.backend.url else (config, None)
    devices: dict[str, Device] = {}
    watch = Watch(
        devices,
        now=now,
        monotonic=time.monotonic,
        version=version(),
        facts=lambda: _facts(queue, desk),
        folder=config.data_dir / "metrics",
    )
    queue, desk, ratings = _queue(config, stack, health=watch.heartbeat)
    card = open_card_reader(config, simulate=simulate)
    paper_room = PaperRoom(config, simulate=simulate)
    wedge = open_wedge(config)
    codes = wedge or RoomCodes(paper_room)
    printer, paper = _printer(config, simulate=simulate)
    sheets, simulated_sheets = open_sheet_printer(config, simulate=simulate)
    devices |= {
        "card_reader": card,
        "qr_scanner": codes,
        "document_scanner": paper_room,
        "ticket_printer": printer,
        "a4_printer": sheets,
    }
    for device in (*(one for one in (paper, simulated_sheets) if one), *devices.values()):
        stack.callback(device.close)
    hands = SimulatedHands(
        card=card, paper_room=paper_room, paper=paper, sheets=simulated_sheets, backend=backend
    )
    house = House(
        services=Services(
            centre=_centre(config),
            card=card,
            cross_check=cross_checked,
            codes=codes,
            classify=classify_code,
            desk=paper_room,
            draw_form=paper_room.form_pdf,
            printer=printer,
            sheets=sheets,
            pay_code=pay_code(config),
            forms=_forms(config),
            queue=queue,
            progress=desk,
            ratings=ratings,
            devices=watch.look,
            history=watch.transitions,
            keys=wedge.key if wedge else None,
            technician=Technician(
                lambda: house, config, facts=lambda: _facts(queue, desk), version=version()
            ),
            pin_right=_pin_check(config, simulate=simulate),
            pin_configured=bool(config.staff.pin_hash) or simulate,
            now=now,
            monotonic=time.monotonic,
            pause=threading.Event().wait,
        ),
        devices=devices,
        hands=hands if simulate else None,
        backend=backend,
        stack=stack,
    )
    return house


def _forms(config: Config) -> FormCatalogue:
    catalogue = open_catalogue(config)
    catalogue.warm_up()
    return catalogue


def _with_backend(config: Config, stack: ExitStack) -> tuple[Config, EmbeddedBackend | None]:
    """Start the backend of a demonstration and join it; without it the kiosk is simply offline."""
    try:
        backend = start_embedded_backend(config)
        stack.callback(backend.stop)
        enrol_embedded(config, backend)
    except QueueError as error:
        log.error("backend.not_started", extra={"code": error.code})  # noqa: TRY400 - the code says it all
        return config, None
    section = msgspec.structs.replace(config.backend, url=backend.url)
    return msgspec.structs.replace(config, backend=section), backend


def _queue(
    config: Config, stack: ExitStack, *, health: Callable[[], Health]
) -> tuple[DossierQueue, ProgressDesk, RatingBox]:
    """Open the queue; where that fails, the tiles that need it say so and the others go on working."""
    try:
        room = open_queue_room(config, health=health)
    except QueueError as error:
        log.error("queue.not_opened", extra={"code": error.code})  # noqa: TRY400 - the code says it all
        shut = ShutQueue(error)
        return shut, shut, shut
    stack.callback(room.close)
    return room.queue, room.desk, room.queue


def _printer(config: Config, *, simulate: bool) -> tuple[TicketPrinter, SimulatedPrinter | None]:
    """Open the ticket printer; with an address that makes no sense there is none, and staff see why."""
    try:
        return open_ticket_printer(config, simulate=simulate)
    except DriverError as error:
        log.error("printer.not_opened", extra={"code": error.code})  # noqa: TRY400 - the code says it all
        return no_printer(), None


def _centre(config: Config) -> CentreInfo:
    return CentreInfo(
        name=config.centre.name,
        commune=config.centre.commune,
        hotline=config.centre.hotline,
        idle_s=config.session.idle_s,
        goodbye_s=config.session.goodbye_s,
        done_s=config.session.done_s,
        copy_sheets=config.a4_printer.copy_sheets,
    )


@cache
def version() -> str:
    """Return the version of this release."""
    import tomllib

    project = Path(__file__).resolve().parents[2] / "pyproject.toml"
    return str(tomllib.loads(project.read_text(encoding="utf-8"))["project"]["version"])


def _facts(queue: DossierQueue, desk: ProgressDesk) -> Health:
    """Return what a monitoring system wants besides the devices."""
    link: Health = {"link_up": int(desk.reachable())}
    try:
        return {**link, **queue_health(queue), "queue_open": 1}
    except QueueError:
        return {**link, "queue_open": 0}


def _pin_check(config: Config, *, simulate: bool) -> Callable[[str], bool]:
    def right(pin: str) -> bool:
        if not config.staff.pin_hash:
            return simulate and pin == DEMO_PIN
        from argon2 import PasswordHasher
        from argon2.exceptions import InvalidHashError, VerificationError

        try:
            return PasswordHasher().verify(config.staff.pin_hash, pin)
        except (VerificationError, InvalidHashError):
            return False

    return right
