"""Device files: a serial port set up, and why a file that is there cannot be opened.

pyserial raises three kinds of error while it sets a port up; whoever opens one here meets `OSError` only.
"""

from __future__ import annotations

import errno
import termios
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

if TYPE_CHECKING:
    import serial

DEFAULT_BAUD = 115200
LEAST_BAUD, MOST_BAUD = 300, 4_000_000
"""The fastest speed Linux has a name for. Source: termios(3)."""
_HELD = frozenset({errno.EBUSY, errno.EAGAIN})
"""usblp says busy to a second program; the lock on a serial port says try again."""
_FORBIDDEN = frozenset({errno.EPERM, errno.EACCES})
"""A control group says the first, the file's rights say the second."""
_INPUT_FLAGS = 0
"""Where `tcgetattr` has the flags of what comes in."""


def held_by_another(error: OSError) -> bool:
    """Tell whether a device could not be opened because another program has it."""
    return error.errno in _HELD


def is_forbidden(error: OSError) -> bool:
    """Tell whether a device could not be opened because this program may not use it."""
    return error.errno in _FORBIDDEN


def read_baud(query: str) -> int:
    """Return the speed a serial address asks for, such as `baud=57600`; without one, 115200.

    Raises:
        ValueError: Something else stands there, or no speed a port can have; the message says which.
    """
    asked = parse_qs(query, keep_blank_values=True)
    others = sorted(asked.keys() - {"baud"})
    if others:
        raise ValueError(f"{others[0]!r} is not known behind the question mark: only baud is")
    said = asked.get("baud", [str(DEFAULT_BAUD)])
    baud = int(said[0]) if len(said) == 1 and said[0].isascii() and said[0].isdigit() else 0
    if not LEAST_BAUD <= baud <= MOST_BAUD:
        raise ValueError(f"baud={said[-1]} must be one whole number from {LEAST_BAUD} to {MOST_BAUD}")
    return baud


def open_serial(path: str, *, baud: int, timeout_s: float, write_timeout_s: float) -> serial.Serial:
    """Open a serial port for this program alone, eight bits, deaf to breaks.

    Args:
        path: The device file.
        baud: Bits a second.
        timeout_s: How long a read waits.
        write_timeout_s: How long a write waits.

    Raises:
        OSError: Nothing there, gone while it was set up, no such speed, held (`held_by_another`), or not
            ours to use (`is_forbidden`).
    """
    import serial  # only where there is a serial device

    try:
        port = serial.Serial(
            path, baudrate=baud, timeout=timeout_s, write_timeout=write_timeout_s, exclusive=True
        )
    except termios.error as error:  # the cable was pulled between opening and setting up
        raise OSError(*error.args) from error
    except (ValueError, OverflowError) as error:
        raise OSError(errno.EINVAL, str(error), path) from error
    try:
        _ignore_breaks(port.fileno())
    except termios.error as error:
        port.close()
        raise OSError(*error.args) from error
    return port


def _ignore_breaks(descriptor: int) -> None:
    """Drop what a pulled cable or a device being switched off sends: it would be read as a zero byte."""
    attributes = termios.tcgetattr(descriptor)
    attributes[_INPUT_FLAGS] |= termios.IGNBRK
    termios.tcsetattr(descriptor, termios.TCSANOW, attributes)
