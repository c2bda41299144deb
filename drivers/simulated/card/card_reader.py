"""A reader whose card is an object in this process: the same reading code, the same APDUs, no PC/SC."""

from __future__ import annotations

import datetime as dt
import functools
import secrets
import threading
import time
from typing import TYPE_CHECKING

from drivers.errors import DeviceMissingError, DeviceTimeoutError, MediaRemovedError, NoCardError
from drivers.ports import DeviceState, DeviceStatus
from drivers.simulated.card.faults import NO_FAULTS, Faults

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from drivers.card.certificates import Certificate
    from drivers.card.trust import Trust
    from drivers.ports import AccessKey, CardReading, Known, Progress
    from drivers.simulated.card.chip import VirtualCard
    from drivers.simulated.card.makes import Make
    from drivers.simulated.card.personas import Persona


class SimulatedTransport:
    """Carries APDUs to a virtual card, with its latency, silence and disappearance."""

    def __init__(self, card: VirtualCard, removed: threading.Event, *, timeout_s: float) -> None:
        self._card = card
        self._removed = removed
        self._timeout_s = timeout_s

    @property
    def extended(self) -> bool:
        """True where the card's make lets long commands pass."""
        return self._card.make.extended

    def reset(self) -> None:
        """Reset the card.

        Raises:
            MediaRemovedError: The card was taken out.
        """
        if self._removed.is_set():
            raise MediaRemovedError("The card left the slot while being read.")
        self._card.reset()

    def transmit(self, apdu: bytes) -> bytes:
        """Hand one command to the card.

        Raises:
            MediaRemovedError: The card was taken out, by hand or by its script.
            DeviceTimeoutError: The card never answered.
        """
        from drivers.simulated.card.chip import Misbehaviour

        answer = self._card.answer(apdu)
        exchanged = len(apdu) + (len(answer) if isinstance(answer, bytes) else 0)
        if self._removed.wait(self._card.faults.delay_s(exchanged)):
            raise MediaRemovedError("The card left the slot while being read.")
        if isinstance(answer, bytes):
            return answer
        if answer is Misbehaviour.SILENT and not self._removed.wait(self._timeout_s):
            raise DeviceTimeoutError("The card fell silent.")
        self._removed.set()
        raise MediaRemovedError("The card left the slot while being read.")


class SimulatedCardReader:
    """A slot that scripts put virtual cards into.

    Args:
        csca_dir: Folder of the authorities to believe; None for the test country's own.
        clock: Monotonic seconds.
        now: The moment that counts for certificates.
    """

    def __init__(
        self,
        *,
        csca_dir: Path | None = None,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], dt.datetime] = lambda: dt.datetime.now(dt.UTC),
    ) -> None:
        self._csca_dir = csca_dir
        self._clock = clock
        self._now = now
        self._changed = threading.Condition()
        self._card: VirtualCard | None = None
        self._removed = threading.Event()
        self._plugged = True

    def set_plugged(self, *, plugged: bool) -> None:
        """Pull the reader's cable, also in the middle of a read, or put it in again."""
        with self._changed:
            self._plugged = plugged
            if not plugged:
                self._removed.set()
                self._card = None
            self._changed.notify_all()

    def insert(self, persona: Persona, faults: Faults = NO_FAULTS, make: Make | None = None) -> None:
        """Put a card into the slot, in place of any other."""
        from drivers.simulated.card.chip import VirtualCard
        from drivers.simulated.card.makes import VIETNAM

        card = VirtualCard(persona, faults, make=make or VIETNAM)
        with self._changed:
            self._removed.set()
            self._card, self._removed = card, threading.Event()
            self._changed.notify_all()

    def remove(self) -> None:
        """Take the card out, also in the middle of a read."""
        with self._changed:
            self._removed.set()
            self._card = None
            self._changed.notify_all()

    def card_present(self) -> bool:
        """Tell whether a card is in the slot now."""
        with self._changed:
            return self._present()

    def wait_for_card(self, *, present: bool, timeout_s: float) -> bool:
        """Block until a card is in the slot (or out of it) or the time is over."""
        with self._changed:
            return self._changed.wait_for(lambda: self._present() == present, timeout_s)

    def read(
        self,
        access: AccessKey,
        *,
        timeout_s: float,
        progress: Progress,
        known: Known = lambda _reading: None,
    ) -> CardReading:
        """Read the card now in the slot, in the calling thread; errors as the port tells."""
        from drivers.card.reader import Surroundings, read_card

        with self._changed:
            card, removed = self._card, self._removed
            if not self._plugged:
                raise DeviceMissingError("No card reader is connected.")
            if card is None or removed.is_set():
                raise NoCardError("No card is in the slot.")
        card.reset()
        surroundings = Surroundings(trust=self._trust(), random_bytes=secrets.token_bytes, clock=self._clock)
        transport = SimulatedTransport(card, removed, timeout_s=timeout_s)
        try:
            return read_card(
                transport,
                access,
                timeout_s=timeout_s,
                progress=progress,
                surroundings=surroundings,
                known=known,
            )
        except MediaRemovedError:
            with self._changed:
                self._changed.notify_all()
            raise

    def status(self) -> DeviceStatus:
        """Tell whether the simulated slot is there."""
        if not self._plugged:
            return DeviceStatus(device="card", state=DeviceState.ABSENT, cause="card.no_reader")
        return DeviceStatus(device="card", state=DeviceState.READY, detail="simulated")

    def close(self) -> None:
        """Take the card out and be done."""
        self.remove()

    def _present(self) -> bool:
        return self._card is not None and not self._removed.is_set()

    def _trust(self) -> Trust:
        from drivers.card.trust import AuthorityFolder, Trust

        if self._csca_dir is not None:
            return AuthorityFolder(self._csca_dir).trust(self._now())
        return Trust(anchors=_test_authorities(), moment=self._now())


@functools.cache
def _test_authorities() -> tuple[Certificate, ...]:
    from drivers.card.certificates import Certificate
    from drivers.simulated.card import authority

    return tuple(Certificate.load(der) for der in authority.test_authorities())
