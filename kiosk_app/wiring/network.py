"""How this machine is connected, and how that is changed without anybody being locked out."""

from __future__ import annotations

import ipaddress
import json
import logging
import shutil
import subprocess
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

from kiosk_app.config import is_backend, is_proxy
from kiosk_app.flow.technician_tools import Change, NetworkRefusedError
from kiosk_app.flow.technician_view import FIXED, NetworkState
from kiosk_app.wiring.network_manager import WIFI, NetworkManager, Profile

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from kiosk_app.config import Config
    from kiosk_app.wiring.network_manager import Interface, Trial
    from kiosk_app.wiring.settings import Settings

log = logging.getLogger(__name__)

TRIAL_S: Final = 60
"""How long new settings may look for the backend, seconds."""
NET_S: Final = 45
"""NetworkManager's own way back comes so much later: it is for the day this program dies in a trial."""
BEAT_S: Final = 2.0
"""Rest between two looks for the backend, seconds."""
ANSWER_S: Final = 5.0
SSID_BYTES: Final = 32
PASSWORD_LETTERS: Final = (8, 63)
"""Source: IEEE 802.11-2020, J.4 (pass-phrase mapping)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """Where the kernel and systemd tell how the machine is."""

    net: Path = Path("/sys/class/net")
    resolv: Path = Path("/etc/resolv.conf")
    synced: Path = Path("/run/systemd/timesync/synchronized")
    """Touched by systemd-timesyncd when it set the clock; its folder is there while it runs."""


class Network:
    """Implements `kiosk_app.flow.technician_tools.NetworkDesk`.

    Args:
        settings: Where backend and proxy are kept.
        reached: Tells whether the backend answers with a signed heartbeat over a configuration; blocks.
        known: Returns the backend's address known from enrolment, or empty.
        manager: NetworkManager of this machine.
        places: Where the state is read.
        clock: Monotonic seconds.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        reached: Callable[[Config], bool],
        known: Callable[[], str] = str,
        manager: NetworkManager | None = None,
        places: Places | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._settings, self._reached, self._known = settings, reached, known
        self._manager, self._places = manager or NetworkManager(), places or Places()
        self._clock = clock

    def state(self) -> NetworkState:
        """Return how the machine is connected; what nobody tells is left empty."""
        config = self._settings.current()
        seen = self._seen()
        seen = replace(
            seen,
            backend_url=config.backend.url,
            backend_known=self._known(),
            proxy=config.backend.proxy,
            clock_synced=self._places.synced.exists() if self._places.synced.parent.is_dir() else None,
        )
        interface = self._interface()
        if interface is None:
            return seen
        return self._with_profile(self._at(seen, interface.name), interface)

    def _with_profile(self, seen: NetworkState, interface: Interface) -> NetworkState:
        profile = self._manager.profile(interface)
        radio = interface.kind == WIFI
        return replace(
            seen,
            editable=True,
            wifi=radio,
            method=profile.method,
            fixed_address=profile.address,
            fixed_gateway=profile.gateway,
            fixed_dns=profile.dns,
            ssid=profile.ssid,
            signal_percent=self._manager.signal(interface) if radio else None,
        )

    def problems(self, values: Mapping[str, str]) -> dict[str, str]:
        """Name the settings that are wrong, each with a code."""
        wrong = []
        if values["method"] == FIXED:
            wrong += _address_problems(values)
        if values["ssid"] or values["password"]:
            wrong += _radio_problems(values)
        wrong += [] if is_backend(values["url"]) else ["url"]
        wrong += [] if is_proxy(values["proxy"]) else ["proxy"]
        return {name: f"setting.{name}" for name in wrong}

    def change(
        self,
        values: Mapping[str, str],
        *,
        sure: bool,
        kept: Callable[[float], bool],
        told: Callable[[int], None],
    ) -> Change:
        """Try new settings and keep them, or take them back; see `NetworkDesk.change`.

        The interface comes first: a new address of the backend may be reached only over it.
        """
        before = self.state()
        wanted = self._wanted(values)
        came = Change.SAME
        if before.editable and (wanted.password or _told(wanted) != _set(before)):
            came = self._try(wanted, self._with_backend(values), kept=kept, told=told)
        if came is Change.TAKEN_BACK or (values["url"], values["proxy"]) == (
            before.backend_url,
            before.proxy,
        ):
            return came
        if not sure and came is Change.SAME and not self._reached(self._with_backend(values)):
            return Change.DOUBTFUL
        self._settings.save_backend(url=values["url"], proxy=values["proxy"])
        log.info("network.backend_set")
        return Change.SAVED

    def _wanted(self, values: Mapping[str, str]) -> Profile:
        return Profile(
            method=values["method"],
            address=values["address"],
            gateway=values["gateway"],
            dns=tuple(values["dns"].replace(",", " ").split()),
            ssid=values["ssid"],
            password=values["password"],
        )

    def _with_backend(self, values: Mapping[str, str]) -> Config:
        config = self._settings.current()
        section = msgspec.structs.replace(config.backend, url=values["url"], proxy=values["proxy"])
        return msgspec.structs.replace(config, backend=section)

    def _try(
        self,
        wanted: Profile,
        config: Config,
        *,
        kept: Callable[[float], bool],
        told: Callable[[int], None],
    ) -> Change:
        """Put settings on trial until the backend answers over them, somebody keeps them, or time is over."""
        interface = self._interface()
        if interface is None:
            raise NetworkRefusedError(detail="gone")
        told(TRIAL_S)
        trial = self._manager.begin(interface, wanted, back_s=TRIAL_S + NET_S)
        log.info("network.on_trial")
        until = self._clock() + TRIAL_S
        while (left := until - self._clock()) > 0:
            told(max(1, round(left)))
            if kept(0.0) or self._reached(config) or kept(min(BEAT_S, left)):
                self._manager.keep(trial)
                log.info("network.kept")
                return Change.KEPT
        self._take_back(trial)
        return Change.TAKEN_BACK

    def _take_back(self, trial: Trial) -> None:
        try:
            self._manager.take_back(trial)
        except NetworkRefusedError:
            # Its own clock was faster: the old settings hold already.
            log.info("network.back_by_itself")
            return
        log.warning("network.taken_back")

    # --- what is --------------------------------------------------------------------------------------

    def _interface(self) -> Interface | None:
        """Return the interface to show and change, or None where nobody may."""
        if not self._manager.running():
            return None
        return next(iter(self._manager.interfaces()), None)

    def _seen(self) -> NetworkState:
        """Return the interface of the default route, with what the kernel tells of it."""
        routes = [route for route in _ip("route", "show", "default") if route.get("dev")]
        name = str(routes[0]["dev"]) if routes else self._first()
        gateway = str(routes[0].get("gateway", "")) if routes else ""
        return self._at(NetworkState(gateway=gateway, dns=self._dns()), name)

    def _at(self, state: NetworkState, name: str) -> NetworkState:
        if not name or name == state.interface:
            return state
        addresses = [
            f"{one.get('local')}/{one.get('prefixlen')}"
            for link in _ip("addr", "show", "dev", name)
            for one in _parts(link.get("addr_info"))
            if one.get("scope") == "global"
        ]
        carrier, speed = self._number(name, "carrier"), self._number(name, "speed")
        return replace(
            state,
            interface=name,
            wifi=(self._places.net / name / "wireless").is_dir(),
            link=None if carrier is None else carrier == 1,
            speed_mbit_s=speed if speed is not None and speed > 0 else None,
            addresses=tuple(addresses),
        )

    def _first(self) -> str:
        """Return the first interface with hardware behind it."""
        try:
            names = sorted(one.name for one in self._places.net.iterdir() if (one / "device").exists())
        except OSError:
            return ""
        return names[0] if names else ""

    def _number(self, name: str, what: str) -> int | None:
        """Return what the kernel tells of an interface; one that is down tells nothing."""
        try:
            return int((self._places.net / name / what).read_text(encoding="ascii"))
        except (OSError, ValueError):
            return None

    def _dns(self) -> tuple[str, ...]:
        try:
            lines = self._places.resolv.read_text(encoding="utf-8", errors="replace").splitlines()
        except OSError:
            return ()
        words = [line.split() for line in lines]
        return tuple(word[1] for word in words if len(word) > 1 and word[0] == "nameserver")


def _told(profile: Profile) -> tuple[object, ...]:
    """Return what of a profile is compared; a fixed address that is not used counts for nothing."""
    fixed = (profile.address, profile.gateway, profile.dns) if profile.method == FIXED else ()
    return profile.method, fixed, profile.ssid


def _set(state: NetworkState) -> tuple[object, ...]:
    fixed = (state.fixed_address, state.fixed_gateway, state.fixed_dns) if state.method == FIXED else ()
    return state.method, fixed, state.ssid


def _address_problems(values: Mapping[str, str]) -> list[str]:
    try:
        own = ipaddress.IPv4Interface(values["address"] if "/" in values["address"] else "")
    except ValueError:
        return ["address"]
    network, last = own.network, own.network.broadcast_address
    usable = network.prefixlen <= 30  # noqa: PLR2004 - two addresses are the network's own
    if not usable or own.ip in {network.network_address, last} or own.ip.is_loopback or own.ip.is_multicast:
        return ["address"]
    wrong = []
    gateway = _address(values["gateway"])
    if gateway is None or gateway == own.ip or gateway not in network or gateway == last:
        wrong.append("gateway")
    servers = values["dns"].replace(",", " ").split()
    if not servers or any(_address(server) is None for server in servers):
        wrong.append("dns")
    return wrong


def _address(text: str) -> ipaddress.IPv4Address | None:
    try:
        return ipaddress.IPv4Address(text)
    except ValueError:
        return None


def _radio_problems(values: Mapping[str, str]) -> list[str]:
    wrong = []
    if not 1 <= len(values["ssid"].encode("utf-8")) <= SSID_BYTES:
        wrong.append("ssid")
    least, most = PASSWORD_LETTERS
    password = values["password"]
    if password and not (least <= len(password) <= most and password.isascii() and password.isprintable()):
        wrong.append("password")
    return wrong


def _ip(*words: str) -> list[dict[str, object]]:
    """Return what `ip -json` tells; nothing where it is missing or fails."""
    if shutil.which("ip") is None:
        return []
    try:
        done = subprocess.run(
            ["ip", "-json", *words], capture_output=True, text=True, timeout=ANSWER_S, check=False
        )
        return _parts(json.loads(done.stdout or "[]"))
    except (subprocess.TimeoutExpired, ValueError):
        return []


def _parts(told: object) -> list[dict[str, object]]:
    return [one for one in told if isinstance(one, dict)] if isinstance(told, list) else []
