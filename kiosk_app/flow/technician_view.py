"""What the technician's further screens show: what happened, the centre, the network, cards, the machine."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

    from kiosk_app.flow.staff_view import Transition
    from kiosk_app.flow.steps import Notice

DHCP, FIXED = "auto", "manual"
"""How an interface gets its address, in NetworkManager's words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EnrolledCard:
    """One card that opens the technician's screen; whose it is is not known."""

    label: str
    enrolled_on: dt.date


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkState:
    """How this machine is connected. Empty text or None: the machine does not say."""

    interface: str = ""
    wifi: bool = False
    """True where the interface is a radio."""
    link: bool | None = None
    speed_mbit_s: int | None = None
    signal_percent: int | None = None
    addresses: tuple[str, ...] = ()
    """With the length of the network: `192.0.2.7/24`."""
    gateway: str = ""
    dns: tuple[str, ...] = ()
    clock_synced: bool | None = None
    backend_url: str = ""
    backend_known: str = ""
    """The address known from enrolment, used while `backend_url` is empty."""
    proxy: str = ""
    editable: bool = False
    """True where NetworkManager runs and may be asked to change the interface."""
    method: str = DHCP
    """`auto` or `manual`, as set."""
    fixed_address: str = ""
    fixed_gateway: str = ""
    fixed_dns: tuple[str, ...] = ()
    ssid: str = ""

    def settings(self) -> dict[str, str]:
        """Return what may be changed, as it stands now."""
        return {
            "method": self.method,
            "address": self.fixed_address,
            "gateway": self.fixed_gateway,
            "dns": " ".join(self.fixed_dns),
            "ssid": self.ssid,
            "password": "",
            "url": self.backend_url,
            "proxy": self.proxy,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class MachineFacts:
    """Who this kiosk is."""

    version: str
    unit_code: str
    kiosk_number: int
    backend: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TechHistoryView:
    """What happened of late."""

    transitions: tuple[Transition, ...]
    log: tuple[tuple[str, str], ...]
    """Last warnings: time and words, newest first."""
    calls: tuple[tuple[dt.datetime, str], ...]
    """When and why staff were called since the start, newest first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TechCentreView:
    """The centre's settings."""

    values: Mapping[str, str]
    problems: Mapping[str, str]
    """Name of a setting to what is wrong with it, in words."""
    said: Notice | None = None
    busy: bool = False
    restart_due: bool = False
    """True when something was changed that counts from the next start."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TechNetworkView:
    """The network's settings."""

    state: NetworkState | None
    """None while it is being asked for."""
    problems: Mapping[str, str]
    said: Notice | None = None
    busy: bool = False
    trial_left_s: int = 0
    """Seconds until a change on trial is taken back; 0 where none is."""
    restart_due: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TechCardsView:
    """The cards that open this screen."""

    cards: tuple[EnrolledCard, ...]
    listening: bool = False
    """True while a card is awaited."""
    said: Notice | None = None
    busy: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TechMachineView:
    """The machine: a status slip, enrolment, restarts."""

    facts: MachineFacts | None = None
    said: Notice | None = None
    busy: bool = False
    sure: str = field(default="")
    """Which button waits for its second touch, or empty."""
