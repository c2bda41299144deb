"""The card process: talks to pcscd, reads cards, decodes untrusted bytes, and may be killed at any time.

`SCardTransmit` has no time-out and the portrait is decoded by a large C library, so neither happens in the
kiosk's own process. Started as `python -m drivers.card.worker [FOLDER OF AUTHORITIES]`; requests come on
stdin, events go to stdout.
"""

from __future__ import annotations

import datetime as dt
import secrets
import signal
import sys
import threading
import traceback
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final

from drivers.card import pcsc, wire
from drivers.errors import AccessDeniedError, DeviceMissingError, DriverError, NoCardError

if TYPE_CHECKING:
    from types import TracebackType

    from drivers.card.reader import Surroundings
    from drivers.card.trust import AuthorityFolder

CRASHED: Final = "card_process.crashed"


class Outbox:
    """Sends events from two threads over one pipe."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._lock = threading.Lock()

    def send(self, event: wire.Event) -> None:
        """Send one event.

        Raises:
            OSError: The kiosk is gone.
        """
        with self._lock:
            wire.write(self._stream, event)


def serve(requests: IO[bytes], events: IO[bytes], folder: Path | None) -> None:
    """Watch the readers and answer requests until the kiosk closes the pipe.

    Args:
        requests: Where the kiosk asks.
        events: Where it is told.
        folder: Of the authorities to believe; None for none.
    """
    outbox, stop = Outbox(events), threading.Event()

    def report(slots: tuple[pcsc.Slot, ...]) -> None:
        states = tuple(wire.SlotState(name=slot.name, card_present=slot.card_present) for slot in slots)
        try:
            outbox.send(wire.Event(kind=wire.PRESENCE, slots=states))
        except OSError:
            # The kiosk is gone; the main thread sees the end of its pipe and ends too.
            stop.set()

    watcher = threading.Thread(target=pcsc.watch, args=(report, stop), name="card-watch", daemon=True)
    watcher.start()
    # Loaded while the citizen is still looking for the card, so that the first read is as fast as the next.
    from drivers.card import reader, trust  # noqa: F401 - the reader is loaded for its side effect only

    authorities = trust.AuthorityFolder(folder)
    authorities.trust(dt.datetime.now(dt.UTC))
    while (request := wire.read_request(requests)) is not None:
        outbox.send(answer(request, outbox, authorities))
        # The key must not outlive its read in this process.
        del request
    stop.set()


def answer(request: wire.ReadRequest, outbox: Outbox, authorities: AuthorityFolder) -> wire.Event:
    """Read or probe the card and return how it went."""
    try:
        with pcsc.Context() as context:
            slot = pcsc.choose(context.slots(), request.reader)
            if slot is None:
                raise DeviceMissingError("No card reader is connected.")
            if not slot.card_present:
                raise NoCardError("No card is in the slot.")
            with context.card(slot.name) as card:
                surroundings = _surroundings(request, authorities)
                if request.probe:
                    return _probe(request, card, surroundings, slot.name)
                return _read(request, card, surroundings, outbox)
    except DriverError as error:
        return wire.Event.failed(error)


def _read(
    request: wire.ReadRequest, card: pcsc.CardConnection, surroundings: Surroundings, outbox: Outbox
) -> wire.Event:
    from drivers.card import reader

    if request.access is None:
        raise AccessDeniedError("No key was given to open the chip with.")
    reading = reader.read_card(
        card,
        request.access,
        timeout_s=request.timeout_s,
        progress=lambda share: outbox.send(wire.Event(kind=wire.PROGRESS, share=share)),
        surroundings=surroundings,
        known=lambda known: outbox.send(wire.Event(kind=wire.KNOWN, reading=known)),
    )
    return wire.Event(kind=wire.DONE, reading=reading)


def _probe(
    request: wire.ReadRequest, card: pcsc.CardConnection, surroundings: Surroundings, reader: str
) -> wire.Event:
    from drivers.card import probe

    report = probe.probe(
        card,
        request.access,
        atr=card.atr,
        timeout_s=request.timeout_s,
        surroundings=surroundings,
    )
    about = {"reader": reader, "protocol": card.protocol}
    return wire.Event(kind=wire.DONE, report=about | report)


def _surroundings(request: wire.ReadRequest, authorities: AuthorityFolder) -> Surroundings:
    from drivers.card import reader

    return reader.Surroundings(
        trust=authorities.trust(dt.datetime.now(dt.UTC)),
        random_bytes=secrets.token_bytes,
        keep_files=request.keep_files,
    )


def tell_bugs() -> None:
    """Let a bug in any thread be told on stderr by its kind and places only: its text may quote a card."""

    def hook(kind: type[BaseException], _error: BaseException | None, trace: TracebackType | None) -> None:
        places = ((frame.f_code.co_filename, line) for frame, line in traceback.walk_tb(trace))
        where = " ".join(f"{Path(file).name}:{line}" for file, line in places)
        sys.stderr.write(f"{CRASHED} {kind.__name__} {where}\n")

    sys.excepthook = hook
    threading.excepthook = lambda crash: hook(crash.exc_type, crash.exc_value, crash.exc_traceback)


if __name__ == "__main__":
    # Ctrl-C goes to the whole terminal group; the kiosk ends this process by closing the pipe.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    tell_bugs()
    serve(sys.stdin.buffer, sys.stdout.buffer, Path(sys.argv[1]) if len(sys.argv) > 1 else None)
