"""What the technician's screens need of the house; everything here blocks, so only jobs call it."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, ClassVar, Protocol

from drivers.errors import CardError, DriverError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from drivers.ports import PrintOutcome
    from kiosk_app.flow.technician import Tried
    from kiosk_app.flow.technician_view import EnrolledCard, MachineFacts, NetworkState
    from kiosk_app.flow.touch_grid import TouchTrial


class NoStickError(DriverError):
    """No stick to write onto."""

    code: ClassVar[str] = "stick.none"
    next_step: ClassVar[str] = "Put in a USB stick with FAT32 or exFAT, wait a few seconds, and try again."


class SeveralSticksError(DriverError):
    """More than one stick, so which one is meant is not known."""

    code: ClassVar[str] = "stick.several"
    next_step: ClassVar[str] = "Leave only the USB stick in that is to be written, and try again."


class StickFullError(DriverError):
    """The bundle has no room on the stick."""

    code: ClassVar[str] = "stick.full"
    next_step: ClassVar[str] = "Make room on the USB stick, or take another one, and try again."


class StickUnwritableError(DriverError):
    """The stick cannot be mounted or written."""

    code: ClassVar[str] = "stick.unwritable"
    next_step: ClassVar[str] = (
        "Unlock the USB stick or take another one; `journalctl -u kiosk-stick` says why."
    )


class NotAllowedError(DriverError):
    """The system does not let the kiosk do this."""

    code: ClassVar[str] = "system.not_allowed"
    next_step: ClassVar[str] = "Switch the machine off and on by its button."


class SettingsNotKeptError(DriverError):
    """The settings could not be written."""

    code: ClassVar[str] = "settings.not_kept"
    next_step: ClassVar[str] = "Look at the room and the rights of the data folder, then save again."


class NetworkRefusedError(DriverError):
    """NetworkManager did not do what it was asked; the old settings hold."""

    code: ClassVar[str] = "network.refused"
    next_step: ClassVar[str] = "Look at cable, address and password; nothing was changed."


class NoCardSlotError(CardError):
    """There is no slot to put the card into."""

    code: ClassVar[str] = "technician.no_reader"
    next_step: ClassVar[str] = "Use the PIN, then look at the cable of the card reader."


class CardUnprovenError(CardError):
    """The chip did not prove that it is the one its data were signed for."""

    code: ClassVar[str] = "technician.card_unproven"
    next_step: ClassVar[str] = "Take a card with chip authentication from a known authority, or the PIN."


class CardUntrustedError(CardError):
    """No authority this kiosk knows signed the card."""

    code: ClassVar[str] = "technician.card_untrusted"
    next_step: ClassVar[str] = "Put the authorities' certificates into card.csca_dir; use the PIN until then."


class CardUnknownError(CardError):
    """The card is genuine and opens nothing here."""

    code: ClassVar[str] = "technician.card_unknown"
    next_step: ClassVar[str] = "Open the screen by its PIN, then enrol this card."


class CardEnrolledError(CardError):
    """The card is on the list already."""

    code: ClassVar[str] = "technician.card_enrolled"
    next_step: ClassVar[str] = "Nothing is to be done: this card opens the screen."


class CardListDamagedError(CardError):
    """The list of enrolled cards, or its key, cannot be read."""

    code: ClassVar[str] = "technician.cards_damaged"
    next_step: ClassVar[str] = "Delete technician_cards.json in the data folder and enrol the cards again."


class Change(StrEnum):
    """What became of new network settings."""

    SAME = "same"
    """Everything is set so already."""
    SAVED = "saved"
    """Server or proxy were changed; that counts from the next start."""
    KEPT = "kept"
    """The backend answered over them, or the technician kept them."""
    TAKEN_BACK = "taken_back"
    """Neither in time: the old settings hold again."""
    DOUBTFUL = "doubtful"
    """No backend answers at the new address; it was not saved."""


class CentreDesk(Protocol):
    """The centre's settings."""

    def centre(self) -> dict[str, str]:
        """Return the settings by name, as they count from the next start."""
        ...

    def save_centre(self, values: Mapping[str, str]) -> dict[str, str]:
        """Keep the settings and return nothing, or name those that are wrong, each with a code."""
        ...


class NetworkDesk(Protocol):
    """The network's settings."""

    def state(self) -> NetworkState:
        """Return how the machine is connected."""
        ...

    def problems(self, values: Mapping[str, str]) -> dict[str, str]:
        """Name the settings that are wrong, each with a code."""
        ...

    def change(
        self,
        values: Mapping[str, str],
        *,
        sure: bool,
        kept: Callable[[float], bool],
        told: Callable[[int], None],
    ) -> Change:
        """Try new settings and keep them, or take them back.

        Args:
            values: As `NetworkState.settings`, without problems.
            sure: Save an address at which no backend answers all the same.
            kept: Waits so many seconds; True as soon as the technician wants to keep what is on trial.
            told: Called with the seconds the trial still lasts.

        Raises:
            NetworkRefusedError: NetworkManager refused; nothing was changed.
            SettingsNotKeptError: The file could not be written.
        """
        ...


class CardDesk(Protocol):
    """The cards that open the technician's screen."""

    def cards(self) -> tuple[EnrolledCard, ...]:
        """Return the enrolled cards, oldest first."""
        ...

    def enrol(self, can: str) -> EnrolledCard:
        """Read the card in the slot and put it on the list.

        Raises:
            CardUntrustedError, CardUnprovenError, CardEnrolledError: It is not put on the list.
            DriverError: It could not be read.
        """
        ...

    def remove(self, label: str) -> None:
        """Take a card off the list."""
        ...

    def admit(self, can: str) -> None:
        """Read the card in the slot and return when it opens the screen.

        Raises:
            CardUntrustedError, CardUnprovenError, CardUnknownError: It does not.
            DriverError: It could not be read.
        """
        ...


class Tools(Protocol):
    """What the technician's buttons do."""

    @property
    def settings(self) -> CentreDesk:
        """The centre's settings."""
        ...

    @property
    def network(self) -> NetworkDesk:
        """The network's settings."""
        ...

    @property
    def cards(self) -> CardDesk:
        """The cards that open this screen."""
        ...

    def facts(self) -> MachineFacts:
        """Return who this kiosk is."""
        ...

    def try_out(self, device: str, ask: Callable[[str], None]) -> Tried:
        """Exercise a device or `sound`; `ask` is told what to ask for, as in `technician.told`, or a code."""
        ...

    def learn_mat(self) -> None:
        """Have the document camera learn the empty mat under it.

        Raises:
            DriverError: Something lies there, or the camera gives no picture.
        """
        ...

    def judge_touch(self, trial: TouchTrial) -> Tried:
        """Name what a tried touch grid shows."""
        ...

    def print_status(self) -> PrintOutcome:
        """Print how the kiosk is."""
        ...

    def log_tail(self) -> tuple[tuple[str, str], ...]:
        """Return the last warnings of the log: time and words, newest first."""
        ...

    def export(self) -> str:
        """Write the bundle onto a stick, which may be pulled out then, and return where it lies."""
        ...

    def enrol(self, code: str) -> str:
        """Join the configured backend with a one-time code and return the kiosk's name there."""
        ...

    def restart(self) -> None:
        """End the kiosk's program in order; the service manager starts it again."""
        ...

    def reboot(self) -> None:
        """Restart the machine."""
        ...
