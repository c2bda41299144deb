"""What a technician does at the kiosk: try a device, print how the kiosk is, take a bundle away, restart it.

Nothing here holds a citizen's datum: the log is written without any, and the bundle takes the log, the last
changes, the doctor's findings and the masked configuration, never the queue's database or keys.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from drivers.ports import DeviceState, Ticket, TicketKind, TicketRow
from kiosk_app.config import to_mapping
from kiosk_app.doctor_words import explain, figures
from kiosk_app.flow.technician import NoStickError, NotAllowedError, Tried
from kiosk_app.health import describe, device_name
from kiosk_app.i18n import _
from kiosk_app.wiring.watch import metrics

if TYPE_CHECKING:
    from collections.abc import Callable

    from drivers.ports import DeviceStatus, PrintOutcome
    from kiosk_app.config import Config
    from kiosk_app.wiring.house import House
    from kiosk_app.wiring.queue import Health

MEDIA: Final = (Path("/media"), Path("/run/media"), Path("/mnt"))
PRINT_S: Final = 15.0
REBOOT_S: Final = 10.0
LOG_LINES: Final = 12
_MOUNTS: Final = Path("/proc/self/mounts")
_WORTH_A_ROW: Final = frozenset({DeviceState.READY, DeviceState.DISABLED})


class Technician:
    """Implements `kiosk_app.flow.technician.Tools` for one open house.

    Args:
        house: The open house; called for when it is there, because the house holds this.
        config: The effective configuration.
        facts: What a monitoring system is told beside the devices.
        version: Of this release.
        media: Folders under which sticks are mounted.
    """

    def __init__(
        self,
        house: Callable[[], House],
        config: Config,
        *,
        facts: Callable[[], Health],
        version: str,
        media: tuple[Path, ...] = MEDIA,
    ) -> None:
        self._house, self._config, self._facts = house, config, facts
        self._version, self._media = version, media

    def try_out(self, device: str, ask: Callable[[str], None]) -> Tried:
        """Exercise one device as the doctor does; `ask` tells the person what to do, or the code to show."""
        from kiosk_app.wiring.doctor import look_over

        def by_hand(what: str) -> bool:
            ask(what)
            return True

        (found,) = look_over(self._house(), self._config, only=device, by_hand=by_hand)
        words = explain(found.part, found.state, found.cause)
        return Tried(
            device=device, well=found.well, text=" · ".join(filter(None, (words, figures(found.measured))))
        )

    def print_status(self) -> PrintOutcome:
        """Print a slip that says how the kiosk is, with a code a remote helper reads from a photo.

        Raises:
            DriverError: As `TicketPrinter.print_ticket`.
        """
        services = self._house().services
        return services.printer.print_ticket(self.status_slip(services.devices()), timeout_s=PRINT_S)

    def status_slip(self, devices: tuple[DeviceStatus, ...]) -> Ticket:
        """Return the slip: who this kiosk is, its version, each device, the line, what waits."""
        facts, centre = self._facts(), self._config.centre
        ill = [
            TicketRow(label=device_name(status.device), value=describe(status)[0])
            for status in devices
            if status.state not in _WORTH_A_ROW
        ]
        line = _("Nối được") if facts.get("link_up") else _("Mất đường truyền")
        waiting, held = facts.get("waiting", "?"), facts.get("quarantined", "?")
        return Ticket(
            kind=TicketKind.STATUS,
            centre=centre.name,
            number=f"{centre.unit_code} K{centre.kiosk_number:02}",
            heading=_("Tình trạng máy"),
            service=_("Phiên bản {version}").format(version=self._version),
            issued_at=self._house().services.now(),
            rows=(
                *(ill or [TicketRow(label=_("Thiết bị"), value=_("Tốt"))]),
                TicketRow(label=_("Máy chủ của trung tâm"), value=line),
                TicketRow(label=_("Chờ gửi · bị giữ lại"), value=f"{waiting} · {held}"),
            ),
            notes=(
                _("Chụp phiếu này gửi kỹ thuật. Mã bên cạnh chứa tình trạng máy, không có gì của người dân."),
            ),
            qr_text=summary(devices, facts, config=self._config, version=self._version),
            hotline=centre.hotline,
        )

    def log_tail(self) -> tuple[tuple[str, str], ...]:
        """Return the last warnings of the log, newest first: time, and event with its cause."""
        path = self._config.data_dir / "logs" / "kiosk.log"
        try:
            lines = path.read_text(encoding="utf-8", errors="replace").splitlines()[-2000:]
        except OSError:
            return ()
        rows = [line for line in map(_row, lines) if line is not None]
        return tuple(reversed(rows[-LOG_LINES:]))

    def export(self) -> str:
        """Write the bundle onto the first stick that is there and return its path.

        Raises:
            NoStickError: No stick is mounted, or it cannot be written.
        """
        house = self._house()
        stick = next(iter(sticks(self._media)), None)
        if stick is None:
            raise NoStickError
        now = house.services.now()
        path = stick / f"kiosk-{self._config.centre.kiosk_number:02}-{now:%Y%m%d-%H%M%S}.zip"
        try:
            with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as bundle:
                for name, text in self._texts(house).items():
                    bundle.writestr(name, text)
                for log_file in sorted((self._config.data_dir / "logs").glob("kiosk.log*")):
                    bundle.write(log_file, f"logs/{log_file.name}")
            with path.open("rb") as written:
                os.fsync(written.fileno())
        except OSError as error:
            raise NoStickError(detail=type(error).__name__) from error
        return str(path)

    def _texts(self, house: House) -> dict[str, str]:
        from kiosk_app.wiring.doctor import look_over, report

        changes = [
            {
                "at": change.at.isoformat(),
                "device": change.device,
                "before": change.before.value,
                "after": change.after.value,
                "cause": change.cause,
                "detail": change.detail,
            }
            for change in house.services.history()
        ]
        seen = house.services.devices()
        return {
            "report.txt": report(look_over(house, self._config), self._config),
            "changes.json": json.dumps(changes, ensure_ascii=False, indent=1),
            "config.json": json.dumps(
                to_mapping(self._config, mask_secrets=True), ensure_ascii=False, indent=1
            ),
            "kiosk.prom": metrics(seen, self._facts(), version=self._version, at=house.services.now()),
        }

    def enrol(self, code: str) -> str:
        """Join the configured backend with a one-time code and return the kiosk's id there.

        Raises:
            QueueError: No backend is configured, it does not answer, or it refuses the code.
        """
        from kiosk_app.wiring.queue import enrol

        return enrol(self._config, code=code.strip(), backend_url=self._config.backend.url)

    def reboot(self) -> None:
        """Ask the system to restart the machine.

        Raises:
            NotAllowedError: The system does not let this user, or there is none to ask.
        """
        program = shutil.which("systemctl")
        if program is None:
            raise NotAllowedError
        try:
            done = subprocess.run(
                [program, "reboot", "--no-ask-password"], capture_output=True, timeout=REBOOT_S, check=False
            )
        except subprocess.TimeoutExpired as error:
            raise NotAllowedError from error
        if done.returncode:
            raise NotAllowedError


def summary(devices: tuple[DeviceStatus, ...], facts: Health, *, config: Config, version: str) -> str:
    """Return the health of the kiosk for a QR code: `KIOSK1` and `name=value` parts, about 200 letters."""
    told = {
        "v": version,
        "u": config.centre.unit_code,
        "k": config.centre.kiosk_number,
        "link": facts.get("link_up", "?"),
        "q": f"{facts.get('waiting', '?')}/{facts.get('quarantined', '?')}",
        "disk": facts.get("storage", "?"),
        "skew": facts.get("clock_skew_s", "?"),
    }
    told |= {
        status.device: status.state.value if status.cause == "ok" else status.cause for status in devices
    }
    return ";".join(["KIOSK1", *(f"{name}={value}" for name, value in told.items())])


def sticks(media: tuple[Path, ...], mounts: Path = _MOUNTS) -> list[Path]:
    """Return the writable folders mounted under the places where sticks are mounted."""
    try:
        lines = mounts.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return []
    points = [Path(line.split()[1].replace("\\040", " ")) for line in lines if len(line.split()) > 1]
    return [
        point
        for point in points
        if any(place in point.parents for place in media) and os.access(point, os.W_OK)
    ]


def _row(line: str) -> tuple[str, str] | None:
    try:
        event = json.loads(line)
    except ValueError:
        return None  # a line the disk cut off
    if not isinstance(event, dict) or event.get("level") not in {"WARNING", "ERROR", "CRITICAL"}:
        return None
    words = [
        str(event[key]) for key in ("event", "device", "kind", "code", "cause", "reason") if key in event
    ]
    return str(event.get("at", ""))[11:19], " · ".join(words)
