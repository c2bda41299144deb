"""The paper room's own process: camera, codes, page finder, PDFs and forms, away from the screen.

Pictures of papers are untrusted and large: here they may crash or swell without taking the screen with them,
and the memory they used goes back to the machine. Started as `python -m kiosk_app.wiring.paper_worker`; the
first message is the configuration, then requests come on stdin and answers go to stdout.
"""

from __future__ import annotations

import datetime as dt
import json
import signal
import sys
from typing import TYPE_CHECKING

import msgspec

from drivers.errors import DriverError
from forms.errors import FormError
from forms.ports import Answer as FormAnswer
from forms.ports import Source
from kiosk_app.config import Config, decode_value
from kiosk_app.wiring.codes import open_code_scanner
from kiosk_app.wiring.paper_wire import Answer, Ask, pack, read_ask
from kiosk_app.wiring.scanner import open_desk, open_document_scanner

if TYPE_CHECKING:
    from collections.abc import Callable

    from forms.ports import FormCatalogue


class Room:
    """Answers requests one after the other."""

    def __init__(self, config: Config, *, simulate: bool) -> None:
        self._config = config
        self._scanner = open_document_scanner(config, simulate=simulate)
        self._desk = open_desk(self._scanner, config)
        self._codes = open_code_scanner(config, simulate=simulate)
        self._forms: FormCatalogue | None = None
        self._doings: dict[str, Callable[[Ask], Answer]] = {
            "glance": lambda _ask: Answer(glance=self._desk.glance()),
            "take_framed": lambda ask: Answer(
                page=self._desk.take_framed(ask.corners, timeout_s=ask.timeout_s)
            ),
            "take_pages": lambda ask: Answer(pages=self._desk.take_pages(timeout_s=ask.timeout_s)),
            "take_page": lambda ask: Answer(page=self._desk.take_page(timeout_s=ask.timeout_s)),
            "learn_mat": self._learn_mat,
            "make_pdf": lambda ask: Answer(data=self._desk.make_pdf(ask.pages, title=ask.title)),
            "photocopy": lambda ask: Answer(data=self._desk.photocopy(ask.pages)),
            "form_pdf": lambda ask: Answer(data=self._form_pdf(ask)),
            "status": lambda _ask: Answer(status=self._desk.status()),
            "read_code": lambda ask: Answer(text=self._codes.read(timeout_s=ask.timeout_s)),
            "flush_codes": self._flush_codes,
            "code_status": lambda _ask: Answer(status=self._codes.status()),
            "next_paper": self._next_paper,
            "show_code": self._show_code,
            "show_picture": self._show_picture,
            "plug": lambda ask: self._set_plugged(ask.text, plugged=True),
            "unplug": lambda ask: self._set_plugged(ask.text, plugged=False),
        }

    def answer(self, ask: Ask) -> Answer:
        """Do what is asked; expected errors become answers."""
        try:
            return self._doings[ask.what](ask)
        except (DriverError, FormError) as error:
            return Answer(error=error.code, detail=getattr(error, "detail", ""))

    def _form_pdf(self, ask: Ask) -> bytes:
        if self._forms is None:
            from kiosk_app.wiring.forms import open_catalogue

            self._forms = open_catalogue(self._config)
        answers = {
            name: FormAnswer(value=value, source=Source(source))
            for name, (value, source) in ask.answers.items()
        }
        today = dt.date.fromisoformat(ask.today)
        return self._forms.form(ask.procedure).render_pdf(answers, receipt_code=ask.receipt_code, today=today)

    def _learn_mat(self, ask: Ask) -> Answer:
        self._desk.learn_mat(timeout_s=ask.timeout_s)
        return Answer()

    def _flush_codes(self, _ask: Ask) -> Answer:
        self._codes.flush()
        return Answer()

    # --- hands at simulated devices; real ones do not mind --------------------------------------------

    def _next_paper(self, _ask: Ask) -> Answer:
        from drivers.simulated.scanner.scanner import SimulatedScanner

        if isinstance(self._scanner, SimulatedScanner):
            self._scanner.next_paper()
        return Answer()

    def _show_code(self, ask: Ask) -> Answer:
        from drivers.simulated.codes import SimulatedCodeScanner

        if isinstance(self._codes, SimulatedCodeScanner):
            self._codes.show(ask.text)
        return Answer()

    def _show_picture(self, ask: Ask) -> Answer:
        from drivers.simulated.codes import SimulatedCodeScanner

        if isinstance(self._codes, SimulatedCodeScanner):
            self._codes.show_png(ask.data)
        return Answer()

    def _set_plugged(self, device: str, *, plugged: bool) -> Answer:
        from drivers.simulated.codes import CodeFault, SimulatedCodeScanner
        from drivers.simulated.scanner.scanner import DeskFault, SimulatedScanner

        if device == "qr_scanner" and isinstance(self._codes, SimulatedCodeScanner):
            self._codes.break_with(None if plugged else CodeFault.UNPLUGGED)
        if device == "document_scanner" and isinstance(self._scanner, SimulatedScanner):
            self._scanner.break_with(None if plugged else DeskFault.UNPLUGGED)
        return Answer()

    def close(self) -> None:
        """Let the camera and the code scanner go."""
        self._desk.close()
        self._codes.close()


def serve() -> None:
    """Answer until the kiosk closes the pipe."""
    requests, answers = sys.stdin.buffer, sys.stdout.buffer
    first = json.loads(requests.readline())
    config = msgspec.convert(first["config"], Config, dec_hook=decode_value)
    room = Room(config, simulate=first["simulate"])
    try:
        while (ask := read_ask(requests)) is not None:
            answers.write(pack(room.answer(ask)))
            answers.flush()
    finally:
        room.close()


if __name__ == "__main__":
    # Ctrl-C goes to the whole terminal group; the kiosk ends this process by closing the pipe.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    serve()
