"""What the kiosk and the card process say to each other: length-prefixed msgpack over pipes.

Light on purpose: the kiosk's own process imports this and neither pyscard nor any cryptography.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import IO, Any, TypeVar

import msgspec

from drivers import errors
from drivers.errors import DriverError
from drivers.ports import AccessKey, CanKey, CardReading, MrzKey

LENGTH = 4
MAX_FRAME = 32_000_000
"""A decoded portrait of the largest size allowed fits; anything beyond is a broken pipe."""

PRESENCE, PROGRESS, KNOWN, DONE, FAILED = "presence", "progress", "known", "done", "failed"
LAST_WORDS = frozenset({DONE, FAILED})
"""The events that end a request."""

Message = TypeVar("Message")


class BrokenFrameError(Exception):
    """The pipe carries something else than messages; the card process is replaced."""


KINDS: dict[str, type[DriverError]] = {
    kind.code: kind
    for kind in (
        errors.DriverError,
        errors.DeviceMissingError,
        errors.DeviceTimeoutError,
        errors.DeviceBusyError,
        errors.CardError,
        errors.NoCardError,
        errors.MediaRemovedError,
        errors.AccessDeniedError,
        errors.NotAnIdCardError,
        errors.CardProtocolError,
    )
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadRequest:
    """Asks the card process to read the card in the slot."""

    reader: str
    """Part of the reader's name; empty for any."""
    timeout_s: float
    can: str | None = field(default=None, repr=False)
    mrz: tuple[str, ...] | None = field(default=None, repr=False)
    keep_files: bool = False
    probe: bool = False
    """Asks for a report about an unknown card in place of a person; then a key is not needed."""

    @classmethod
    def build(
        cls,
        access: AccessKey | None,
        *,
        reader: str,
        timeout_s: float,
        keep_files: bool = False,
        probe: bool = False,
    ) -> ReadRequest:
        """Put a request together."""
        return cls(
            reader=reader,
            timeout_s=timeout_s,
            can=access.can if isinstance(access, CanKey) else None,
            mrz=access.lines if isinstance(access, MrzKey) else None,
            keep_files=keep_files,
            probe=probe,
        )

    @property
    def access(self) -> AccessKey | None:
        """The key that opens the chip, None for a probe without one."""
        if self.mrz is not None:
            return MrzKey(lines=self.mrz)
        return None if self.can is None else CanKey(can=self.can)


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotState:
    """A reader and whether a card is in it."""

    name: str
    card_present: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One thing the card process says; `kind` tells which of the other fields count."""

    kind: str
    slots: tuple[SlotState, ...] = ()
    share: float = 0.0
    reading: CardReading | None = field(default=None, repr=False)
    report: dict[str, Any] | None = None
    code: str = ""
    message: str = ""
    detail: str = ""

    @classmethod
    def failed(cls, error: DriverError) -> Event:
        """Describe a failure."""
        return cls(kind=FAILED, code=error.code, message=str(error), detail=error.detail)

    def to_error(self) -> DriverError:
        """Return the failure as the error it was."""
        return KINDS.get(self.code, DriverError)(self.message, detail=self.detail)


def write(stream: IO[bytes], message: ReadRequest | Event) -> None:
    """Send one message.

    Raises:
        OSError: The other end is gone.
    """
    body = msgspec.msgpack.encode(message)
    stream.write(len(body).to_bytes(LENGTH, "big") + body)
    stream.flush()


def read_request(stream: IO[bytes]) -> ReadRequest | None:
    """Return the next request, None at the end.

    Raises:
        BrokenFrameError: The pipe carries something else.
    """
    body = _frame(stream)
    return None if body is None else _decode(body, ReadRequest)


def read_event(stream: IO[bytes]) -> Event | None:
    """Return the next event, None at the end.

    Raises:
        BrokenFrameError: The pipe carries something else.
    """
    body = _frame(stream)
    return None if body is None else _decode(body, Event)


def _decode(body: bytes, kind: type[Message]) -> Message:
    try:
        return msgspec.msgpack.decode(body, type=kind)
    except msgspec.MsgspecError as error:
        raise BrokenFrameError("the card pipe carries something else than messages") from error


def _frame(stream: IO[bytes]) -> bytes | None:
    header = stream.read(LENGTH)
    if len(header) < LENGTH:
        return None
    size = int.from_bytes(header, "big")
    if size > MAX_FRAME:
        raise BrokenFrameError("a frame on the card pipe is longer than any message")
    body = stream.read(size)
    return body if len(body) == size else None
