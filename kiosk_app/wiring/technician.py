"""What a technician does at the kiosk: try a device, print how the kiosk is, take a bundle away, restart it.

Nothing here holds a citizen's datum: the log is written without any, and the bundle takes the log, the last
changes, the doctor's findings and the masked configuration, never the queue's database or keys.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import shutil
import signal
import subprocess
import zipfile
from typing import TYPE_CHECKING, Final

from kiosk_app.config import to_mapping
from kiosk_app.doctor_words import explain, figures
from kiosk_app.flow.technician import Tried
from kiosk_app.flow.technician_tools import NotAllowedError
from kiosk_app.flow.technician_view import MachineFacts
from kiosk_app.wiring.network import Network
from kiosk_app.wiring.queue import backend_answers, enrol, known_backend, now
from kiosk_app.wiring.scanner import MAT_S
from kiosk_app.wiring.settings import Settings
from kiosk_app.wiring.status_slip import status_slip
from kiosk_app.wiring.stick import Stick
from kiosk_app.wiring.technician_cards import TechnicianCards
from kiosk_app.wiring.watch import metrics
from offline_queue.identifiers import LOCAL_ZONE

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from drivers.ports import PrintOutcome
    from kiosk_app.config import Config
    from kiosk_app.flow.touch_grid import TouchTrial
    from kiosk_app.wiring.findings import Finding
    from kiosk_app.wiring.house import House
    from kiosk_app.wiring.queue import Health

PRINT_S: Final = 15.0
REBOOT_S: Final = 10.0
LOG_LINES: Final = 12


class Technician:
    """Implements `kiosk_app.flow.technician_tools.Tools` for one open house.

    Args:
        house: The open house; called for when it is there, because the house holds this.
        config: The effective configuration.
        facts: What a monitoring system is told beside the devices.
        version: Of this release.
        stick: Where a bundle goes.
    """

    def __init__(
        self,
        house: Callable[[], House],
        config: Config,
        *,
        facts: Callable[[], Health],
        version: str,
        stick: Stick | None = None,
    ) -> None:
        self._house, self._config, self._facts = house, config, facts
        self._version, self._stick = version, stick or Stick()
        self._settings = Settings(config)
        self._network = Network(self._settings, reached=backend_answers, known=lambda: known_backend(config))
        self._cards = TechnicianCards(
            config.data_dir, lambda: self._house().services.card, today=lambda: now().date()
        )

    @property
    def settings(self) -> Settings:
        """The centre's settings."""
        return self._settings

    @property
    def network(self) -> Network:
        """The network's settings."""
        return self._network

    @property
    def cards(self) -> TechnicianCards:
        """The cards that open the technician's screens."""
        return self._cards

    def facts(self) -> MachineFacts:
        """Return who this kiosk is."""
        return MachineFacts(
            version=self._version,
            unit_code=self._config.centre.unit_code,
            kiosk_number=self._config.centre.kiosk_number,
            backend=self._settings.current().backend.url or known_backend(self._config),
        )

    def try_out(self, device: str, ask: Callable[[str], None]) -> Tried:
        """Exercise one device as the doctor does; `ask` tells the person what to do, or the code to show."""
        from kiosk_app.wiring.doctor import look_over

        def by_hand(what: str) -> bool:
            ask(what)
            return True

        (found,) = look_over(self._house(), self._config, only=device, by_hand=by_hand)
        return _tried(found)

    def learn_mat(self) -> None:
        """Have the document camera learn the empty mat under it, as `kiosk scan --learn-mat` does."""
        self._house().services.desk.learn_mat(timeout_s=MAT_S)

    def judge_touch(self, trial: TouchTrial) -> Tried:
        """Name what a tried touch grid shows, as the doctor does."""
        from kiosk_app.wiring.doctor_touch import judge

        return _tried(judge(trial))

    def print_status(self) -> PrintOutcome:
        """Print a slip that says how the kiosk is, with a code a remote helper reads from a photo.

        Raises:
            DriverError: As `TicketPrinter.print_ticket`.
        """
        services = self._house().services
        slip = status_slip(
            services.devices(),
            self._facts(),
            config=self._config,
            version=self._version,
            now=services.now(),
        )
        return services.printer.print_ticket(slip, timeout_s=PRINT_S)

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
        """Write the bundle onto the stick that is there and return where it lies.

        Raises:
            NoStickError, SeveralSticksError, StickFullError, StickUnwritableError: It is not on a stick.
        """
        self._stick.expect()
        house = self._house()
        texts = self._texts(house)
        logs = sorted((self._config.data_dir / "logs").glob("kiosk.log*"))

        def make(path: Path) -> None:
            with zipfile.ZipFile(path, "x", zipfile.ZIP_DEFLATED) as bundle:
                for name, text in texts.items():
                    bundle.writestr(name, text)
                for log_file in logs:
                    bundle.write(log_file, f"logs/{log_file.name}")

        now = house.services.now()
        return self._stick.write(f"kiosk-{self._config.centre.kiosk_number:02}-{now:%Y%m%d-%H%M%S}.zip", make)

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
            QueueError: No backend is configured or known, it does not answer, or it refuses the code.
        """
        config = self._settings.current()
        return enrol(config, code=code.strip(), backend_url=config.backend.url or known_backend(config))

    def restart(self) -> None:
        """Ask this program to end in order; the service manager starts it again (`Restart=always`).

        Raises:
            NotAllowedError: No service manager started it, so nobody would start it again.
        """
        if not os.environ.get("NOTIFY_SOCKET"):
            raise NotAllowedError
        signal.raise_signal(signal.SIGTERM)

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


def _tried(found: Finding) -> Tried:
    words = explain(found.part, found.state, found.cause, found.measured)
    text = " · ".join(filter(None, (words, figures(found.measured))))
    return Tried(device=found.part, well=found.well, text=text)


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
    return _clock_of(str(event.get("at", ""))), " · ".join(words)


def _clock_of(at: str) -> str:
    """Return the time of day here of a moment the log tells in UTC; empty where it tells none."""
    try:
        return f"{dt.datetime.fromisoformat(at).astimezone(LOCAL_ZONE):%H:%M:%S}"
    except ValueError:
        return ""
