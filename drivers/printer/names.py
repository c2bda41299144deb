"""Names of printers in the network to addresses, within a deadline.

The C library asks a name server for as long as it likes and cannot be told to stop, so the question is left
to a thread nobody waits for at exit. What was learned last is kept: a printer does not move because the name
server is slow or away.
"""

from __future__ import annotations

import socket
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

PATIENCE: float = 0.5
"""Share of the time that goes to the name server where an earlier answer is known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """One address of a host, as `socket` wants it."""

    family: int
    place: tuple[Any, ...]


@dataclass(slots=True, kw_only=True)
class _Question:
    """One look-up under way, and what came of it."""

    answered: threading.Event = field(default_factory=threading.Event)
    spots: tuple[Spot, ...] = ()
    error: OSError | None = None


class Names:
    """Asks for names and remembers the answers. Safe to use from several threads.

    Args:
        look_up: As `socket.getaddrinfo`.
    """

    def __init__(self, look_up: Callable[..., Sequence[Any]] = socket.getaddrinfo) -> None:
        self._look_up = look_up
        self._lock = threading.Lock()
        self._known: dict[tuple[str, int], tuple[Spot, ...]] = {}
        self._asked: dict[tuple[str, int], _Question] = {}

    def find(self, host: str, port: int, *, timeout_s: float) -> tuple[Spot, ...]:
        """Return the addresses of a host, the last known ones where nobody answers in time.

        Raises:
            OSError: The name is not known; `TimeoutError` where no answer came in time.
        """
        with self._lock:
            question = self._asked.get((host, port)) or self._ask(host, port)
            known = self._known.get((host, port), ())
        question.answered.wait(timeout_s * PATIENCE if known else timeout_s)
        if question.spots or known:
            return question.spots or known
        raise question.error or TimeoutError("the name server did not answer in time")

    def _ask(self, host: str, port: int) -> _Question:
        """Begin a look-up; one under way is waited for by all, so a dead name server costs one thread."""
        question = self._asked[host, port] = _Question()
        threading.Thread(
            target=self._answer, args=(question, host, port), name="printer-name", daemon=True
        ).start()
        return question

    def _answer(self, question: _Question, host: str, port: int) -> None:
        try:
            found = self._look_up(host, port, type=socket.SOCK_STREAM)
        except OSError as error:
            question.error = error
        except UnicodeError as error:  # a label that is empty or longer than 63 letters
            question.error = OSError(str(error))
        else:
            question.spots = tuple(Spot(family=one[0], place=one[4]) for one in found)
        with self._lock:
            if question.spots:
                self._known[host, port] = question.spots
            del self._asked[host, port]
        question.answered.set()
