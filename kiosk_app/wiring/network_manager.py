"""NetworkManager, asked by `nmcli` and `busctl`: what is set, a change on trial, and the way back.

A change lives in memory only and under a checkpoint of NetworkManager's own: it is gone after a power cut,
and NetworkManager takes it back by itself when the time is over, also when this program died meanwhile.

Source: nmcli(1) of NetworkManager 1.42; D-Bus API, `CheckpointCreate` (NMCheckpointCreateFlags).
"""

from __future__ import annotations

import json
import logging
import os
import re
import shutil
import subprocess
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from kiosk_app.flow.technician_tools import NetworkRefusedError
from kiosk_app.flow.technician_view import DHCP, FIXED

if TYPE_CHECKING:
    from collections.abc import Sequence

log = logging.getLogger(__name__)

ANSWER_S: Final = 15.0
"""Most that one question may take, seconds."""
UP_S: Final = 30
"""Most that an interface may take to come up; DHCP without a server takes longer and is given up."""
NAME: Final = "kiosk-wifi"
"""What a radio network set here is called."""
ETHERNET, WIFI = "ethernet", "wifi"
DELETE_NEW: Final = 2
"""NM_CHECKPOINT_CREATE_FLAG_DELETE_NEW_CONNECTIONS: the way back deletes profiles made since."""
_KEY: Final = "802-11-wireless-security.psk"
_BUS: Final = ("org.freedesktop.NetworkManager", "/org/freedesktop/NetworkManager")
_MADE: Final = re.compile(r"\(([0-9a-f-]{36})\)")
_ESCAPED: Final = re.compile(r"\\(.)")
_PART: Final = re.compile(r"((?:[^:\\]|\\.)*)(?::|$)", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Interface:
    """One interface NetworkManager may be asked about."""

    name: str
    kind: str
    """`ethernet` or `wifi`."""
    profile: str
    """UUID of the profile in use, or empty."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """What is set for an interface."""

    method: str = DHCP
    address: str = ""
    gateway: str = ""
    dns: tuple[str, ...] = ()
    ssid: str = ""
    password: str = field(default="", repr=False)
    """Only to be set: what is shown never holds it."""

    def options(self, kind: str) -> list[str]:
        """Return the words for `nmcli connection modify`, without the password: every user sees these."""
        fixed = self.method == FIXED
        words = ["ipv4.method", self.method]
        words += ["ipv4.addresses", self.address if fixed else ""]
        words += ["ipv4.gateway", self.gateway if fixed else ""]
        words += ["ipv4.dns", " ".join(self.dns) if fixed else ""]
        if kind == WIFI:
            words += ["802-11-wireless.ssid", self.ssid]
        if kind == WIFI and self.password:
            words += ["wifi-sec.key-mgmt", "wpa-psk"]
        return words


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """A change that is not kept yet."""

    checkpoint: str
    profile: str
    interface: Interface
    wanted: Profile


def split(line: str) -> tuple[str, ...]:
    """Return the values of a row of `nmcli --terse`, where a backslash stands before `:` and itself."""
    parts: list[str] = []
    at = 0
    while True:
        found = _PART.match(line, at)
        if found is None:
            return (*parts, line[at:])  # a backslash at the very end: not nmcli's, taken as it is
        parts.append(_ESCAPED.sub(r"\1", found[1]))
        at = found.end()
        if not found[0].endswith(":") or len(found[0]) == len(found[1]):
            return tuple(parts)


class NetworkManager:
    """NetworkManager of this machine; `running` tells whether there is one."""

    def running(self) -> bool:
        """Tell whether NetworkManager runs and its programs are there."""
        if shutil.which("nmcli") is None or shutil.which("busctl") is None:
            return False
        try:
            return self._ask("-t", "-f", "RUNNING", "general").strip() == "running"
        except NetworkRefusedError:
            return False

    def interfaces(self) -> tuple[Interface, ...]:
        """Return the wired and radio interfaces it manages, those in use first, wired before radio."""
        lines = self._ask("-t", "-f", "DEVICE,TYPE,STATE,CON-UUID", "device", "status").splitlines()
        found = []
        for line in lines:
            name, kind, state, profile, *_more = (*split(line), "", "", "")
            if kind in {ETHERNET, WIFI} and not state.startswith(("unmanaged", "connected (externally)")):
                found.append(Interface(name=name, kind=kind, profile=profile))
        return tuple(sorted(found, key=lambda one: (not one.profile, one.kind)))

    def profile(self, interface: Interface) -> Profile:
        """Return what is set for an interface."""
        if not interface.profile:
            return Profile()
        names = "ipv4.method,ipv4.addresses,ipv4.gateway,ipv4.dns,802-11-wireless.ssid"
        text = self._ask("-t", "-f", names, "connection", "show", interface.profile)
        # One property a line, and there nothing is escaped: what follows the first colon is the value.
        told = {name: value for name, _colon, value in (line.partition(":") for line in text.splitlines())}
        return Profile(
            method=FIXED if told.get("ipv4.method") == FIXED else DHCP,
            address=told.get("ipv4.addresses", "").split(",")[0].strip(),
            gateway=told.get("ipv4.gateway", ""),
            dns=tuple(told.get("ipv4.dns", "").replace(",", " ").split()),
            ssid=told.get("802-11-wireless.ssid", ""),
        )

    def signal(self, interface: Interface) -> int | None:
        """Return how strong the radio network in use is, per cent."""
        text = self._ask("-t", "-f", "IN-USE,SIGNAL", "device", "wifi", "list", "ifname", interface.name)
        used = [split(line)[1] for line in text.splitlines() if line.startswith("*:")]
        return int(used[0]) if used and used[0].isdigit() else None

    def begin(self, interface: Interface, wanted: Profile, *, back_s: int) -> Trial:
        """Put new settings in force, in memory only, to be taken back after `back_s` seconds by itself.

        Raises:
            NetworkRefusedError: They are not accepted or the interface does not come up; the old ones hold.
        """
        checkpoint = self._bus("CheckpointCreate", "aouu", "0", str(back_s), str(DELETE_NEW))
        try:
            profile = self._lay(interface, wanted)
            if interface.kind == WIFI and wanted.password:
                self._tell(profile, wanted.password)
            self._ask(
                "-w", str(UP_S), "connection", "up", profile, "ifname", interface.name, limit_s=UP_S + 10
            )
        except NetworkRefusedError:
            self._bus("CheckpointRollback", "o", checkpoint)
            raise
        return Trial(checkpoint=checkpoint, profile=profile, interface=interface, wanted=wanted)

    def keep(self, trial: Trial) -> None:
        """Write what is on trial to the disk and forget the way back.

        Raises:
            NetworkRefusedError: It was taken back already, or cannot be written.
        """
        self._ask("connection", "modify", trial.profile, *trial.wanted.options(trial.interface.kind))
        self._bus("CheckpointDestroy", "o", trial.checkpoint)

    def take_back(self, trial: Trial) -> None:
        """Put the old settings in force again.

        Raises:
            NetworkRefusedError: NetworkManager did so itself already.
        """
        self._bus("CheckpointRollback", "o", trial.checkpoint)

    def _lay(self, interface: Interface, wanted: Profile) -> str:
        """Change the profile in use, in memory, or add one where another radio network is wanted."""
        words = wanted.options(interface.kind)
        other = interface.kind == WIFI and wanted.ssid != self.profile(interface).ssid
        if interface.profile and not other:
            self._ask("connection", "modify", "--temporary", interface.profile, *words)
            return interface.profile
        named = ["con-name", NAME if interface.kind == WIFI else "kiosk-lan", "ifname", interface.name]
        made = self._ask("connection", "add", "save", "no", "type", interface.kind, *named, *words)
        found = _MADE.search(made)
        if found is None:
            raise NetworkRefusedError(detail="add")
        return found[1]

    def _tell(self, profile: str, password: str) -> None:
        """Set the password of a profile, in memory, by nmcli's editor, which reads it from standard input."""
        words = f"set {_KEY} {password}\nsave temporary\nquit\n"
        self._run(["nmcli", "connection", "edit", profile], ANSWER_S, words)
        # The editor ends with 0 whatever happened, and drops blanks at the ends.
        if self._ask("-s", "-t", "-f", _KEY, "connection", "show", profile) != f"{_KEY}:{password}\n":
            raise NetworkRefusedError(detail="password")

    def _bus(self, method: str, signature: str, *values: str) -> str:
        """Call NetworkManager and return the object it names, if it names one."""
        command = ["busctl", "--json=short", "call", *_BUS, _BUS[0], method, signature, *values]
        answer = self._run(command, ANSWER_S)
        try:
            named = json.loads(answer)["data"][0] if answer.strip() else ""
        except (ValueError, LookupError, TypeError) as error:
            raise NetworkRefusedError(detail=method) from error
        return named if isinstance(named, str) else ""

    def _ask(self, *words: str, limit_s: float = ANSWER_S) -> str:
        return self._run(["nmcli", *words], limit_s)

    @staticmethod
    def _run(command: Sequence[str], limit_s: float, said: str = "") -> str:
        """Run a program in its own language, say something to it, and return what it says.

        What is said either way may hold a password. nmcli's editor keeps a history of all that in its home
        folder, so it gets none.
        """
        try:
            done = subprocess.run(
                command,
                env={**os.environ, "LC_ALL": "C.UTF-8", "HOME": "/dev/null"},
                input=said,
                capture_output=True,
                text=True,
                timeout=limit_s,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise NetworkRefusedError(detail=type(error).__name__) from error
        if done.returncode:
            log.info("network.refused", extra={"kind": command[0], "status": done.returncode})
            raise NetworkRefusedError(detail=str(done.returncode))
        return done.stdout
