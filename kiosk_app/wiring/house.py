"""Opens every room of the house: devices, forms, queue, and the embedded backend of a demonstration."""

from __future__ import annotations

import logging
import threading
import time
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

import msgspec

from kiosk_app.flow.services import CentreInfo, Services
from kiosk_app.wiring.card import cross_checked, test_csca_dir
from kiosk_app.wiring.certificates import days_left, open_certificates
from kiosk_app.wiring.codes import classify_code
from kiosk_app.wiring.devices import open_devices
from kiosk_app.wiring.embedded_backend import enrol_embedded, start_embedded_backend
from kiosk_app.wiring.forms import open_catalogue
from kiosk_app.wiring.inner_parts import open_inner_parts
from kiosk_app.wiring.line_quality import LineQuality
from kiosk_app.wiring.queue import measure_line, now, open_queue_room, queue_health
from kiosk_app.wiring.sheets import pay_code
from kiosk_app.wiring.shut import ShutQueue
from kiosk_app.wiring.technician import Technician
from kiosk_app.wiring.voice import open_speaker
from kiosk_app.wiring.watch import Watch
from offline_queue.enrol import load_enrolment
from offline_queue.errors import NotEnrolledError, QueueError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from drivers.ports import Device
    from forms.ports import FormCatalogue
    from kiosk_app.config import Config
    from kiosk_app.hands import Hands
    from kiosk_app.wiring.devices import Devices
    from kiosk_app.wiring.embedded_backend import EmbeddedBackend
    from kiosk_app.wiring.looked import LookedAt
    from kiosk_app.wiring.queue import Health
    from offline_queue.ports import DossierQueue, ProgressDesk, RatingBox

log = logging.getLogger(__name__)
DEMO_PIN: Final = "246810"


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """Everything opened, and how to close it."""

    services: Services
    devices: Mapping[str, Device]
    """Devices and what runs out; line, queue, disk and clock the doctor looks at in ways of its own."""
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


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueDoors:
    """What the visit sees of the queue: three doors of one room, or of its stand-in."""

    queue: DossierQueue
    desk: ProgressDesk
    ratings: RatingBox


def open_house(config: Config, *, simulate: bool, serves: bool = True) -> House:
    """Open devices, forms and queue; blocks for about a second, so call it beside the Qt thread.

    Args:
        config: The effective configuration; its data folder exists.
        simulate: Give every missing device a simulated one and, with no backend configured, an embedded one.
        serves: Send what waits, with heartbeats, and write metrics. The doctor only looks, maybe beside a
            kiosk that serves: it must not speak in that one's place.

    A room that cannot be opened is stood in for by one that says why: one fault never blanks the kiosk.
    """
    stack = ExitStack()
    try:
        return _open(config, stack, simulate=simulate, serves=serves)
    except BaseException:
        stack.close()
        raise


def _open(config: Config, stack: ExitStack, *, simulate: bool, serves: bool) -> House:
    config, backend = _with_backend(config, stack) if simulate and not config.backend.url else (config, None)
    devices = open_devices(config, stack, simulate=simulate)
    certificates = _certificates(config, stack, simulate=simulate)
    parts: dict[str, Device] = {**devices.by_name(), **certificates}
    watch = Watch(
        parts,
        now=now,
        monotonic=time.monotonic,
        version=version(),
        folder=config.data_dir / "metrics" if serves else None,
    )
    doors = _queue(config, stack, health=watch.heartbeat, serves=serves)
    watch.also_watch(open_inner_parts(config.data_dir, doors.queue, doors.desk, now=now))
    line = LineQuality(partial(measure_line, config), up=doors.desk.reachable)
    watch.also_tell(partial(_facts, doors, certificates, line.last))
    # The technician waits for the line to be measured; a look does not.
    told_now = partial(_facts, doors, certificates, line.fresh)
    technician = Technician(lambda: house, config, facts=told_now, version=version())
    house = House(
        services=_services(config, devices, doors, watch, technician, simulate=simulate),
        devices=parts,
        hands=devices.hands(backend) if simulate else None,
        backend=backend,
        stack=stack,
    )
    return house


def _services(
    config: Config,
    devices: Devices,
    doors: QueueDoors,
    watch: Watch,
    technician: Technician,
    *,
    simulate: bool,
) -> Services:
    """Return every door a visit may knock at."""
    return Services(
        centre=_centre(config),
        card=devices.card_reader,
        cross_check=cross_checked,
        codes=devices.codes,
        classify=classify_code,
        desk=devices.paper_room,
        draw_form=devices.paper_room.form_pdf,
        printer=devices.printer,
        sheets=devices.sheets,
        pay_code=pay_code(config),
        forms=_forms(config),
        queue=doors.queue,
        progress=doors.desk,
        ratings=doors.ratings,
        devices=watch.look,
        history=watch.transitions,
        speaker=open_speaker(config, simulate=simulate),
        line_page=partial(line_page, config.data_dir),
        keys=devices.wedge.key if devices.wedge else None,
        technician=technician,
        pin_right=_pin_check(config, simulate=simulate),
        pin_configured=bool(config.staff.pin_hash) or simulate,
        now=now,
        monotonic=time.monotonic,
        pause=threading.Event().wait,
    )


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


def _queue(config: Config, stack: ExitStack, *, health: Callable[[], Health], serves: bool) -> QueueDoors:
    """Open the queue; where that fails, the tiles that need it say so and the others go on working."""
    try:
        room = open_queue_room(config, health=health, sends=serves)
    except QueueError as error:
        log.error("queue.not_opened", extra={"code": error.code})  # noqa: TRY400 - the code says it all
        shut = ShutQueue(error)
        return QueueDoors(queue=shut, desk=shut, ratings=shut)
    stack.callback(room.close)
    return QueueDoors(queue=room.queue, desk=room.desk, ratings=room.queue)


def _centre(config: Config) -> CentreInfo:
    return CentreInfo(
        name=config.centre.name,
        commune=config.centre.commune,
        hotline=config.centre.hotline,
        idle_s=config.session.idle_s,
        goodbye_s=config.session.goodbye_s,
        done_s=config.session.done_s,
        copy_sheets=config.a4_printer.copy_sheets,
        counters={name.upper(): where for name, where in msgspec.structs.asdict(config.counters).items()},
    )


def line_page(data_dir: Path) -> str:
    """Return the backend's page that shows a phone which number is called; empty where there is no backend.

    Args:
        data_dir: Holds the enrolment, which is read anew: it may have come today.
    """
    try:
        known = load_enrolment(data_dir)
    except (NotEnrolledError, OSError):
        return ""  # the number is what somebody waits for; the queue tells of the rest
    if not known.public_url:
        return ""
    return f"{known.public_url.rstrip('/')}/display/{quote(known.unit_code)}"


@cache
def version() -> str:
    """Return the version of this release."""
    import tomllib

    project = Path(__file__).resolve().parents[2] / "pyproject.toml"
    return str(tomllib.loads(project.read_text(encoding="utf-8"))["project"]["version"])


def _certificates(config: Config, stack: ExitStack, *, simulate: bool) -> dict[str, LookedAt]:
    """Open what runs out; a demonstration's cards are signed by the test country's authorities."""
    parts = open_certificates(config, authorities=test_csca_dir(config) if simulate else None)
    for part in parts.values():
        stack.callback(part.close)
    return parts


def _facts(doors: QueueDoors, certificates: Mapping[str, LookedAt], line: Callable[[], Health]) -> Health:
    """Return what a monitoring system wants besides the devices.

    Args:
        doors: The queue and the look-up desk.
        certificates: What runs out.
        line: Tells delay and width of the line, where they were measured.
    """
    link: Health = {"link_up": int(doors.desk.reachable()), **line(), **days_left(certificates)}
    try:
        return {**link, **queue_health(doors.queue), "queue_open": 1}
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
