"""Readers and cards through PC/SC; the only module that imports pyscard.

The plain `scard` calls are used instead of pyscard's classes: their monitors die when pcscd restarts, and
a return code says more than an exception text. What each code means was tried out (DEVICES.md 1.2).

Source: PC/SC Workgroup, Interoperability Specification part 5; pcsc-lite API.
"""

from __future__ import annotations

import contextlib
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from smartcard import scard

from drivers.card import atr
from drivers.card.apdu import CommandTooLongError
from drivers.errors import (
    CardProtocolError,
    DeviceBusyError,
    DeviceMissingError,
    DeviceTimeoutError,
    DriverError,
    MediaRemovedError,
    NoCardError,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from threading import Event

OK = 0
TIMEOUT = 0x8010000A
NO_READERS = 0x8010002E
PROTOCOLS = scard.SCARD_PROTOCOL_T0 | scard.SCARD_PROTOCOL_T1
SHORT_HEADER = 5
SHORT_COMMAND = 261
FEATURE_REQUEST, FEATURE_PROPERTIES = 3400, 0x12
TOO_LONG = frozenset({0x80100004, 0x80100008, 0x8010000F, 0x8010001F, 0x80100022})
"""What PC/SC says of a command the reader cannot carry: bad parameter or value, no room, unsupported."""
REFRESH_MS = 500
"""How often the list of readers is looked at again while nothing changes."""
RETRY_S = 0.5
"""Pause before asking again for a service that is gone."""
BUSY_S = 1.5
"""How long a card that another program holds is asked for again: many look at a card the moment it comes."""
BUSY_PAUSE_S = 0.1

_SERVICE = ("The smart-card service (pcscd) does not answer.", DeviceMissingError)
_READER = ("The card reader is gone.", DeviceMissingError)
_GONE = ("The card left the slot while being read.", MediaRemovedError)
MEANINGS: dict[int, tuple[str, type[DriverError]]] = {
    0x80100009: _READER,  # unknown reader
    TIMEOUT: ("The reader answered too late.", DeviceTimeoutError),
    0x8010000B: ("Another program holds the card.", DeviceBusyError),  # sharing violation
    0x8010000C: ("No card is in the slot.", NoCardError),
    0x80100013: _SERVICE,  # pcscd died under a waiting call
    0x80100016: _GONE,  # not transacted: removed, not yet noticed
    0x80100017: _READER,  # reader unavailable
    0x8010001D: _SERVICE,
    0x8010001E: _SERVICE,  # service stopped
    NO_READERS: ("No card reader is connected.", DeviceMissingError),
    0x80100066: ("The card does not answer the reader; is the chip the right way round?", CardProtocolError),
    0x80100067: ("The card has no power; is the chip the right way round?", CardProtocolError),
    0x80100068: ("Another program reset the card.", DeviceBusyError),
    0x80100069: _GONE,  # removed
    0x80100003: _SERVICE,  # invalid handle: a handle of a service that restarted
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """A reader and whether a card is in it."""

    name: str
    card_present: bool


def error_for(code: int) -> DriverError:
    """Return the error a PC/SC return code stands for."""
    message, kind = MEANINGS.get(code, ("The card reader failed.", DeviceMissingError))
    return kind(message, detail=f"PC/SC {code:08X}")


def choose(slots: tuple[Slot, ...], wanted: str) -> Slot | None:
    """Return the slot to use: of those whose name holds `wanted`, the first with a card, else the first."""
    named = [slot for slot in slots if wanted.casefold() in slot.name.casefold()]
    return next((slot for slot in named if slot.card_present), named[0] if named else None)


class Context:
    """One conversation with pcscd; use it as a context manager.

    Args:
        clock: Monotonic seconds.
        pause: Waits some seconds.

    Raises:
        DeviceMissingError: No service answers.
    """

    def __init__(
        self, *, clock: Callable[[], float] = time.monotonic, pause: Callable[[float], None] = time.sleep
    ) -> None:
        self._clock, self._pause = clock, pause
        code, self._handle = scard.SCardEstablishContext(scard.SCARD_SCOPE_SYSTEM)
        _check(code)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        scard.SCardReleaseContext(self._handle)

    def readers(self) -> tuple[str, ...]:
        """Return the names of the readers now connected, sorted.

        Raises:
            DeviceMissingError: The service is gone.
        """
        code, names = scard.SCardListReaders(self._handle, [])
        if _unsigned(code) == NO_READERS:
            return ()
        _check(code)
        return tuple(sorted(str(name) for name in names))

    def changes(self, known: dict[str, int], timeout_ms: int) -> dict[str, int]:
        """Wait until a reader's state differs from the one known and return the states now.

        Args:
            known: Reader name to the last state word; 0 for unknown.
            timeout_ms: Milliseconds after which the known states come back unchanged.

        Raises:
            DeviceMissingError: The service or a reader is gone.
        """
        code, states = scard.SCardGetStatusChange(self._handle, timeout_ms, list(known.items()))
        if _unsigned(code) == TIMEOUT:
            return known
        _check(code)
        return {str(name): int(state) & ~scard.SCARD_STATE_CHANGED for name, state, _atr in states}

    def slots(self) -> tuple[Slot, ...]:
        """Return readers and presence now.

        Raises:
            DeviceMissingError: The service is gone.
        """
        names = self.readers()
        return _slots(self.changes(dict.fromkeys(names, 0), 0)) if names else ()

    @contextlib.contextmanager
    def card(self, reader: str) -> Iterator[CardConnection]:
        """Connect to the card in a reader for one transaction; the chip is reset at the end.

        Raises:
            NoCardError: The slot is empty.
            DeviceBusyError: Another program holds the card, and goes on holding it.
            DeviceMissingError: The reader is gone.
        """
        handle, protocol = self._hold(reader)
        # A reset makes EF.CardAccess readable again and forgets the session.
        disposition = scard.SCARD_RESET_CARD
        try:
            yield CardConnection(handle, protocol)
        except MediaRemovedError:
            # Resetting a card that has left makes pcscd write "empty" behind the back of its own poll, and a
            # card put in before the next poll (0.4 s) is then never noticed.
            disposition = scard.SCARD_LEAVE_CARD
            raise
        finally:
            scard.SCardEndTransaction(handle, scard.SCARD_LEAVE_CARD)
            scard.SCardDisconnect(handle, disposition)

    def _hold(self, reader: str) -> tuple[object, int]:
        """Connect and begin a transaction; wait a moment for another program to let the card go."""
        deadline = self._clock() + BUSY_S
        while True:
            try:
                return self._connect(reader)
            except DeviceBusyError:
                if self._clock() >= deadline:
                    raise
            self._pause(BUSY_PAUSE_S)

    def _connect(self, reader: str) -> tuple[object, int]:
        code, handle, protocol = scard.SCardConnect(self._handle, reader, scard.SCARD_SHARE_SHARED, PROTOCOLS)
        _check(code)
        code = scard.SCardBeginTransaction(handle)
        if _unsigned(code) != OK:
            scard.SCardDisconnect(handle, scard.SCARD_LEAVE_CARD)
            raise error_for(_unsigned(code))
        return handle, int(protocol)


class CardConnection:
    """Carries APDUs to one connected card."""

    def __init__(self, handle: object, protocol: int) -> None:
        self._handle = handle
        self._protocol = protocol
        self._extended: bool | None = None

    @property
    def protocol(self) -> str:
        """What the reader speaks to the card: `T=0` or `T=1`."""
        return "T=1" if self._protocol == scard.SCARD_PROTOCOL_T1 else "T=0"

    @property
    def atr(self) -> bytes:
        """The card's answer to reset.

        Raises:
            MediaRemovedError: The card left the slot.
        """
        code, _reader, _state, _protocol, answer = scard.SCardStatus(self._handle)
        _check(code)
        return bytes(byte & 0xFF for byte in answer)

    @property
    def extended(self) -> bool:
        """True where the card announces extended length and the reader does not say that it is too small."""
        if self._extended is None:
            self._extended = atr.announces_extended(self.atr) and self._reader_allows()
        return self._extended

    def reset(self) -> None:
        """Reset the card; the transaction goes on.

        Raises:
            MediaRemovedError: The card left the slot.
            DeviceMissingError: The reader or the service is gone.
        """
        code, self._protocol = scard.SCardReconnect(
            self._handle, scard.SCARD_SHARE_SHARED, PROTOCOLS, scard.SCARD_RESET_CARD
        )
        _check(code)

    def transmit(self, apdu: bytes) -> bytes:
        """Send one command; this call has no time-out, so whoever calls needs a watchdog.

        Raises:
            MediaRemovedError: The card left the slot.
            DeviceBusyError: Another program reset the card.
            DeviceMissingError: The reader or the service is gone.
            CommandTooLongError: The reader does not carry extended length.
        """
        code, answer = scard.SCardTransmit(self._handle, self._protocol, list(apdu))
        if _unsigned(code) in TOO_LONG and len(apdu) > SHORT_HEADER and not apdu[SHORT_HEADER - 1]:
            raise CommandTooLongError("The reader does not carry long commands.")
        _check(code)
        if not answer:
            # A card that leaves during an APDU shows as success without an answer (DEVICES.md 1.2).
            raise MediaRemovedError("The card left the slot while being read.")
        # pyscard hands signed bytes out on some builds.
        return bytes(byte & 0xFF for byte in answer)

    def _reader_allows(self) -> bool:
        """Ask the reader for its longest APDU; one that does not say is tried.

        Source: PC/SC part 10, 2.2 and 2.6.14 (dwMaxAPDUDataSize).
        """
        code, features = scard.SCardControl(self._handle, scard.SCARD_CTL_CODE(FEATURE_REQUEST), [])
        control = atr.feature(bytes(features), FEATURE_PROPERTIES) if _unsigned(code) == OK else None
        if control is None:
            return True
        code, properties = scard.SCardControl(self._handle, control, [])
        longest = atr.longest_command(bytes(properties)) if _unsigned(code) == OK else None
        return longest is None or longest > SHORT_COMMAND


def watch(report: Callable[[tuple[Slot, ...]], None], stop: Event) -> None:
    """Report readers and presence at once and after every change, until told to stop.

    Survives pcscd going and coming: that is reported as no readers.
    """
    while not stop.is_set():
        try:
            with Context() as context:
                _watch_context(context, report, stop)
        except DriverError:
            # Reported, not hidden: no readers is what the kiosk sees; the loop tries again for ever.
            report(())
            stop.wait(RETRY_S)


def _watch_context(context: Context, report: Callable[[tuple[Slot, ...]], None], stop: Event) -> None:
    known: dict[str, int] | None = None
    while not stop.is_set():
        names = context.readers()
        states = {name: (known or {}).get(name, 0) for name in names}
        states = context.changes(states, REFRESH_MS) if states else states
        if known is None or _slots(states) != _slots(known):
            report(_slots(states))
        known = states
        if not states:
            stop.wait(RETRY_S)


def _slots(states: dict[str, int]) -> tuple[Slot, ...]:
    return tuple(
        Slot(name=name, card_present=bool(state & scard.SCARD_STATE_PRESENT))
        for name, state in sorted(states.items())
    )


def _unsigned(code: int) -> int:
    return code & 0xFFFFFFFF


def _check(code: int) -> None:
    if _unsigned(code) != OK:
        raise error_for(_unsigned(code))
