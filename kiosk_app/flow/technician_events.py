"""What happens at the technician's screens: buttons, settings, cards, and what came of them. All frozen."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from kiosk_app.flow.events import Event

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kiosk_app.flow.steps import Notice
    from kiosk_app.flow.technician_view import EnrolledCard, MachineFacts, NetworkState
    from kiosk_app.flow.touch_grid import TouchTrial

# --- touched by a person ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class TechnicianAsked(Event):
    """A button: a device to try, or `sound`, `print_status`, `export`, `enrol`, `restart`, `reboot`."""

    what: str
    text: str = field(default="", repr=False)
    """For `enrol`: the one-time code."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TouchTried(Event):
    """The touch grid was gone through; a person touched every spot, or waited."""

    trial: TouchTrial


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingsGiven(Event):
    """The settings of the screen that stands are to be saved: name of each to what was typed."""

    values: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeKept(Event):
    """The button `Giữ thiết lập này`: the network as it is on trial is right."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CardAdded(Event):
    """The button `Thêm thẻ`; touched again it stops waiting for one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CardRemoved(Event):
    """The button `Bỏ` beside an enrolled card."""

    label: str


# --- answered by the machine --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class TechnicianTold(Event):
    """What the person at the devices is to do now: `card`, `paper`, `slip`, or the text of a code to show."""

    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TechnicianDone(Event):
    """What came of a button, and what the screen that stands now shows, as far as it changed."""

    notice: Notice | None = None
    log: tuple[tuple[str, str], ...] | None = None
    centre: Mapping[str, str] | None = None
    network: NetworkState | None = None
    cards: tuple[EnrolledCard, ...] | None = None
    facts: MachineFacts | None = None
    problems: Mapping[str, str] = field(default_factory=dict)
    """Name of a setting to the code of what is wrong with it."""
    restart_due: bool = False
    doubt: str = ""
    """What is done at the second touch only, or empty."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialTicked(Event):
    """A change of the network is on trial for so many seconds more."""

    left_s: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CardsLooked(Event):
    """Whether any card opens the technician's screen."""

    enrolled: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TechnicianCardLies(Event):
    """The card is in the slot and being read, which takes some seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TechnicianCardSeen(Event):
    """One turn at the slot for a technician's card is over."""

    came: bool
    opens: bool = False
    """At the door: the card is an enrolled one and its chip proved itself."""
    label: str = ""
    """At the enrolment: how the card is called from now on."""
    cards: tuple[EnrolledCard, ...] = ()
