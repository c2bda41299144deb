"""The kiosk's side of the paper room: a desk that works in another process, with a deadline on each call.

The deadline counts from the call: waiting for the room's turn is in it.
"""

from __future__ import annotations

import json
import logging
import threading
import time
from typing import TYPE_CHECKING, Final

from drivers import errors
from drivers.errors import DeviceTimeoutError, DriverError, ScanError
from drivers.ports import DeviceState, DeviceStatus, PaperSource, never
from drivers.scanner.desk import MAT_PICTURES
from forms.errors import FormError
from kiosk_app.config import to_mapping
from kiosk_app.wiring import paper_wire as wire
from kiosk_app.wiring.paper_line import PaperLine
from kiosk_app.wiring.scanner import paper_source

if TYPE_CHECKING:
    import datetime as dt

    from drivers.ports import Corner, Glance, ScannedPage, Stop
    from forms.ports import Answers
    from kiosk_app.config import Config

log = logging.getLogger(__name__)

GLANCE_TIMEOUT_S: Final = 5.0
PDF_TIMEOUT_S: Final = 30.0
PAGE_TIMEOUT_S: Final = 20.0
"""Given to the making of a page, beside what the camera may take."""
TEXT_TIMEOUT_S: Final = 21.0
"""Given to the reading of one page, where a text layer is configured."""
FEEDER_TIMEOUT_S: Final = 600.0
"""Given to a whole stack: fifty sheets, both sides, on a slow feeder."""
_KNOWN: Final = {
    kind.code: kind
    for kind in vars(errors).values()
    if isinstance(kind, type) and issubclass(kind, DriverError)
}


class PaperRoom:
    """Implements `drivers.ports.PaperDesk` in a child process, started at the first call and after a death.

    Safe to use from many threads: codes are read and states told while papers are scanned.

    Args:
        config: The effective configuration.
        simulate: Whether a missing camera is simulated.
    """

    def __init__(self, config: Config, *, simulate: bool) -> None:
        first = json.dumps({"config": to_mapping(config, mask_secrets=True), "simulate": simulate})
        self._first = first.encode()
        self._text_s = TEXT_TIMEOUT_S if config.document_scanner.text_layer else 0.0
        self.source = paper_source(config, simulate=simulate)
        self._lock = threading.Lock()
        self._line: PaperLine | None = None
        self._closed = False

    # --- the desk -------------------------------------------------------------------------------------

    def glance(self) -> Glance | None:
        """Return the newest small frame with its outline, or None when there is none yet."""
        return self._call(wire.Ask(what="glance"), GLANCE_TIMEOUT_S).glance

    def take_page(self, *, timeout_s: float, stop: Stop = never) -> ScannedPage:
        """Take one full-size picture and make a page of it."""
        return self._page(wire.Ask(what="take_page", timeout_s=timeout_s), stop)

    def take_framed(
        self, corners: tuple[Corner, ...], *, timeout_s: float, stop: Stop = never
    ) -> ScannedPage:
        """Take one full-size picture and make a page of what lies between these corners."""
        return self._page(wire.Ask(what="take_framed", timeout_s=timeout_s, corners=corners), stop)

    def _page(self, ask: wire.Ask, stop: Stop) -> ScannedPage:
        page = self._call(ask, ask.timeout_s + PAGE_TIMEOUT_S, stop).page
        if page is None:
            raise ScanError("The paper room made no page; try again.")
        return page

    def take_pages(self, *, timeout_s: float, stop: Stop = never) -> tuple[ScannedPage, ...]:
        """Take all that lies there: of a feeder every written side in order, else one page."""
        feeder = self.source is PaperSource.FEEDER
        most_s = FEEDER_TIMEOUT_S if feeder else timeout_s + PAGE_TIMEOUT_S
        return self._call(wire.Ask(what="take_pages", timeout_s=timeout_s), most_s, stop).pages

    def learn_mat(self, *, timeout_s: float) -> None:
        """Photograph the empty mat and keep its look."""
        self._call(wire.Ask(what="learn_mat", timeout_s=timeout_s), MAT_PICTURES * timeout_s + PAGE_TIMEOUT_S)

    def make_pdf(self, pages: tuple[ScannedPage, ...], *, title: str) -> bytes:
        """Put pages in order into one PDF/A-2b file."""
        timeout_s = PDF_TIMEOUT_S + self._text_s * len(pages)
        return self._call(wire.Ask(what="make_pdf", pages=pages, title=title), timeout_s).data

    def photocopy(self, pages: tuple[ScannedPage, ...]) -> bytes:
        """Return a PDF that prints as copies of these pages."""
        return self._call(wire.Ask(what="photocopy", pages=pages), PDF_TIMEOUT_S).data

    def form_pdf(self, procedure: str, answers: Answers, *, receipt_code: str, today: dt.date) -> bytes:
        """Draw the official A4 form of a procedure, filled.

        Raises:
            FormError: The form cannot be drawn.
            DeviceTimeoutError: It took too long.
        """
        plain = {name: (answer.value, answer.source.value) for name, answer in answers.items()}
        ask = wire.Ask(
            what="form_pdf",
            procedure=procedure,
            answers=plain,
            receipt_code=receipt_code,
            today=today.isoformat(),
        )
        return self._call(ask, PDF_TIMEOUT_S).data

    def read_code(self, *, timeout_s: float) -> str | None:
        """Wait for the next code and return its text, or None when the time is over."""
        return self._call(wire.Ask(what="read_code", timeout_s=timeout_s), timeout_s + GLANCE_TIMEOUT_S).text

    def flush_codes(self) -> None:
        """Forget every code seen before now."""
        self._call(wire.Ask(what="flush_codes"), GLANCE_TIMEOUT_S)

    def next_paper(self) -> None:
        """Lay the next paper under a simulated camera; a real one does not mind."""
        self._call(wire.Ask(what="next_paper"), GLANCE_TIMEOUT_S)

    def show_code(self, text: str) -> None:
        """Hold a code under a simulated scanner; a real one does not mind."""
        self._call(wire.Ask(what="show_code", text=text), GLANCE_TIMEOUT_S)

    def show_picture(self, png: bytes) -> None:
        """Hold a picture under a simulated code scanner; a real one does not mind."""
        self._call(wire.Ask(what="show_picture", data=png), GLANCE_TIMEOUT_S)

    def set_plugged(self, device: str, *, plugged: bool) -> None:
        """Pull the cable of a simulated camera or code scanner, or put it in; a real one does not mind."""
        self._call(wire.Ask(what="plug" if plugged else "unplug", text=device), GLANCE_TIMEOUT_S)

    def status(self) -> DeviceStatus:
        """Tell how the camera is; never raises."""
        return self._status("status", "document_scanner")

    def code_status(self) -> DeviceStatus:
        """Tell how the code scanner is; never raises."""
        return self._status("code_status", "qr_scanner")

    def _status(self, what: str, device: str) -> DeviceStatus:
        try:
            status = self._call(wire.Ask(what=what), GLANCE_TIMEOUT_S).status
        except (DriverError, FormError) as error:
            return DeviceStatus(device=device, state=DeviceState.FAULT, cause=error.code)
        return status or DeviceStatus(device=device, state=DeviceState.FAULT, cause="device.missing")

    def close(self) -> None:
        """End the process, and a scan under way with it; safe to call twice."""
        with self._lock:
            self._closed = True
            line, self._line = self._line, None
        if line is not None:
            line.close()

    # --- the process ----------------------------------------------------------------------------------

    def _call(self, ask: wire.Ask, timeout_s: float, stop: Stop = never) -> wire.Answer:
        deadline = time.monotonic() + timeout_s
        line: PaperLine | None = None
        try:
            line = self._alive(timeout_s)
            answer = line.ask(ask, timeout_s=timeout_s, deadline=deadline, stop=stop)
        except (OSError, ValueError) as error:  # a TimeoutError is an OSError
            if self._closed:
                raise errors.DeviceMissingError("The paper room is closed.") from None
            self._drop(line)
            log.warning("paper_room.lost", extra={"kind": ask.what, "reason": type(error).__name__})
            raise DeviceTimeoutError("The paper room stopped answering; it is started again.") from None
        if answer.error:
            raise _error(answer)
        return answer

    def _alive(self, timeout_s: float) -> PaperLine:
        """Return the line to a room that runs, started if need be."""
        if not self._lock.acquire(timeout=timeout_s):
            raise errors.DeviceBusyError("The paper room is being started; try again.")
        try:
            if self._closed:
                raise errors.DeviceMissingError("The paper room is closed.")
            if self._line is None or not self._line.is_alive():
                line, self._line = self._line, None
                if line is not None:
                    line.end()
                self._line = PaperLine(self._first)
            return self._line
        finally:
            self._lock.release()

    def _drop(self, line: PaperLine | None) -> None:
        """End a process that is lost; many calls may lose the same one."""
        if line is None:
            return
        with self._lock:
            if self._line is line:
                self._line = None
        line.end()


class RoomCodes:
    """The code scanner of a paper room, as `drivers.ports.CodeScanner`."""

    def __init__(self, room: PaperRoom) -> None:
        self._room = room

    def read(self, *, timeout_s: float) -> str | None:
        """Wait for the next code and return its text, or None when the time is over."""
        return self._room.read_code(timeout_s=timeout_s)

    def flush(self) -> None:
        """Forget every code seen before now."""
        self._room.flush_codes()

    def status(self) -> DeviceStatus:
        """Tell how the code scanner is; never raises."""
        return self._room.code_status()

    def close(self) -> None:
        """Nothing to let go: the room does."""


def _error(answer: wire.Answer) -> Exception:
    kind = _KNOWN.get(answer.error)
    if kind is not None:
        return kind(detail=answer.detail)
    return FormError(f"the paper room could not do it ({answer.error})")
