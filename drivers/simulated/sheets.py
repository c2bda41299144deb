"""An A4 printer that speaks IPP on a TCP port, prints into memory, and runs out of paper on script."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Self

from drivers.printer import ipp
from drivers.printer.ipp import Group, Operation, Tag

if TYPE_CHECKING:
    from collections.abc import Callable

PATH = "/ipp/print"
_PROCESSING, _CANCELLED, _DONE = 5, 7, 9
_IDLE, _BUSY = 3, 4
_OK, _NOT_FOUND, _NOT_POSSIBLE = 0x0000, 0x0406, 0x0404
_MOST_BYTES = 64 << 20
"""A document longer than this is refused, as a small printer does."""


@dataclass(slots=True)
class _Job:
    number: int
    title: str
    copies: int
    pdf: bytes = field(repr=False)
    state: int = _PROCESSING
    worked_s: float = 0.0
    """How long the printer has worked on it; it rests while there is no paper."""


class SimulatedSheets:
    """A printer that listens from the moment it is made until `close`.

    Args:
        host: Address to listen on.
        print_s: How long one job takes.
        clock: Seconds that only go forward.
    """

    def __init__(
        self, host: str = "127.0.0.1", *, print_s: float = 1.5, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._print_s, self._clock = print_s, clock
        self._lock = threading.Lock()
        self._jobs: list[_Job] = []
        self._reason = "none"
        self.off = False
        self._seen_at = clock()
        self._server = ThreadingHTTPServer((host, 0), _handler_of(self))
        self._server.daemon_threads = True
        self._thread = threading.Thread(
            target=self._server.serve_forever,
            kwargs={"poll_interval": 0.05},
            name="simulated-sheets",
            daemon=True,
        )
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def queue(self) -> str:
        """The address for `a4_printer.queue`."""
        host, port = self._server.server_address[:2]
        return f"ipp://{host!s}:{port}{PATH}"

    @property
    def last_pdf(self) -> bytes | None:
        """What came out last, None where nothing did."""
        with self._lock:
            self._work()
            done = [job for job in self._jobs if job.state == _DONE]
            return done[-1].pdf if done else None

    @property
    def printed(self) -> tuple[tuple[str, int], ...]:
        """Title and copies of every job that came out."""
        with self._lock:
            self._work()
            return tuple((job.title, job.copies) for job in self._jobs if job.state == _DONE)

    def set_reason(self, reason: str) -> None:
        """Say what keeps the printer from printing, such as `media-empty-warning`; `none` lets it go on."""
        with self._lock:
            self._work()
            self._reason = reason

    def set_off(self, *, off: bool) -> None:
        """Answer nothing a print queue would, as while the printer is switched off; or answer again."""
        self.off = off

    def close(self) -> None:
        """Stop listening; safe to call twice."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def answer(self, raw: bytes) -> bytes:
        """Return the answer to one request, as bytes."""
        request = ipp.decode(raw)
        asked = request.group(Group.OPERATION)
        with self._lock:
            self._work()
            match request.code:
                case Operation.PRINT_JOB:
                    job = self._take(request, asked)
                    return _reply(request, _OK, Group.JOB, self._job_attributes(job))
                case Operation.GET_PRINTER_ATTRIBUTES:
                    return _reply(request, _OK, Group.PRINTER, self._printer_attributes())
                case _:
                    return self._about_job(request, asked)

    def _about_job(self, request: ipp.Message, asked: ipp.Attributes) -> bytes:
        number = asked.get("job-id", (0,))[0]
        job = next((one for one in self._jobs if one.number == number), None)
        if job is None:
            return _reply(request, _NOT_FOUND)
        if request.code == Operation.CANCEL_JOB:
            if job.state in (_DONE, _CANCELLED):
                return _reply(request, _NOT_POSSIBLE)
            job.state, job.pdf = _CANCELLED, b""
        return _reply(request, _OK, Group.JOB, self._job_attributes(job))

    def _take(self, request: ipp.Message, asked: ipp.Attributes) -> _Job:
        wishes = request.group(Group.JOB)
        title, copies = asked.get("job-name", ("",))[0], wishes.get("copies", (1,))[0]
        job = _Job(len(self._jobs) + 1, str(title), copies if isinstance(copies, int) else 1, request.data)
        for old in [one for one in self._jobs if one.state == _DONE][:-1]:
            old.pdf = b""  # a demonstration runs for weeks
        self._jobs.append(job)
        return job

    def _work(self) -> None:
        """Let the time since the last look pass: the oldest open job is worked on while there is paper."""
        now = self._clock()
        left, self._seen_at = now - self._seen_at, now
        for job in self._jobs:
            if self._reason != "none" or left <= 0:
                return
            if job.state == _PROCESSING:
                spent = min(left, self._print_s - job.worked_s)
                job.worked_s += spent
                left -= spent
                if job.worked_s >= self._print_s:
                    job.state = _DONE

    def _job_attributes(self, job: _Job) -> dict[str, tuple[Tag, ipp.Value]]:
        return {
            "job-id": (Tag.INTEGER, job.number),
            "job-state": (Tag.ENUM, job.state),
            "job-impressions-completed": (Tag.INTEGER, int(job.state == _DONE)),
        }

    def _printer_attributes(self) -> dict[str, tuple[Tag, ipp.Value]]:
        busy = any(job.state == _PROCESSING for job in self._jobs)
        return {
            "printer-state": (Tag.ENUM, _BUSY if busy else _IDLE),
            "printer-state-reasons": (Tag.KEYWORD, self._reason),
            "printer-is-accepting-jobs": (Tag.BOOLEAN, True),
        }


def _reply(
    request: ipp.Message,
    status: int,
    group: Group = Group.UNSUPPORTED,
    attributes: dict[str, tuple[Tag, ipp.Value]] | None = None,
) -> bytes:
    head: dict[str, tuple[Tag, ipp.Value]] = {
        "attributes-charset": (Tag.CHARSET, ipp.CHARSET),
        "attributes-natural-language": (Tag.LANGUAGE, ipp.LANGUAGE),
    }
    groups = (
        ((Group.OPERATION, head),) if attributes is None else ((Group.OPERATION, head), (group, attributes))
    )
    return ipp.encode(status, request.number, groups)


def _handler_of(sheets: SimulatedSheets) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        timeout = 10

        def do_POST(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            if sheets.off or self.path != PATH or length > _MOST_BYTES:
                self.send_error(HTTPStatus.NOT_FOUND)
                return
            try:
                answer = sheets.answer(self.rfile.read(length))
            except ipp.IppError:
                self.send_error(HTTPStatus.BAD_REQUEST)
                return
            self.send_response(HTTPStatus.OK)
            self.send_header("Content-Type", ipp.MIME)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name http.server uses
            """Say nothing: titles of jobs are nobody's log."""

    return Handler
