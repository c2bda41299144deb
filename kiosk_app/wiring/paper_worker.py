"""The paper room's own process: camera, codes, page finder, PDFs and forms, away from the screen.

Pictures of papers are untrusted and large: here they may crash or swell without taking the screen with them,
and the memory they used goes back to the machine. Started as `python -m kiosk_app.wiring.paper_worker`; the
first message is the configuration, then requests come on stdin and answers go to stdout. Each lane of
requests has its thread: a code is read and a state told while a stack goes through the feeder.
"""

from __future__ import annotations

import datetime as dt
import json
import logging
import os
import queue
import signal
import sys
import threading
from contextlib import suppress
from typing import TYPE_CHECKING

import msgspec

from drivers.errors import DriverError, ScanError
from drivers.ports import never
from drivers.scanner.sheet_folder import sweep
from drivers.scanner.stopping import STOPPED
from forms.errors import FormError
from forms.ports import Answer as FormAnswer
from forms.ports import Source
from kiosk_app import logs, memory
from kiosk_app.config import Config, decode_value
from kiosk_app.wiring.codes import open_code_scanner, refused_code_scanner
from kiosk_app.wiring.paper_wire import STOP, Answer, Ask, Lane, pack, read_ask
from kiosk_app.wiring.scanner import open_desk, open_document_scanner, refused_document_scanner

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType
    from typing import IO

    from drivers.ports import CodeScanner, DocumentScanner, Stop
    from forms.ports import FormCatalogue

log = logging.getLogger(__name__)

END_S = 4.0
"""Given to each lane to end what it is at when the kiosk closes the pipe, seconds."""


class Room:
    """Answers requests, those of one lane one after the other.

    A source that makes no sense makes that one device ill: the others, PDFs and forms go on.
    """

    def __init__(self, config: Config, *, simulate: bool) -> None:
        self._config = config
        self._scanner = _document_scanner(config, simulate=simulate)
        self._desk = open_desk(self._scanner, config)
        self._codes = _code_scanner(config, simulate=simulate)
        self._forms: FormCatalogue | None = None
        self._doings: dict[str, Callable[[Ask], Answer]] = {
            "glance": lambda _ask: Answer(glance=self._desk.glance()),
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

    def answer(self, ask: Ask, stop: Stop = never) -> Answer:
        """Do what is asked, unless and until it is to stop; expected errors become answers."""
        try:
            taken = self._taken(ask, stop)
            return self._doings[ask.what](ask) if taken is None else taken
        except (DriverError, FormError) as error:
            return Answer(error=error.code, detail=getattr(error, "detail", ""))

    def _taken(self, ask: Ask, stop: Stop) -> Answer | None:
        desk, timeout_s = self._desk, ask.timeout_s
        match ask.what:
            case "take_page":
                return Answer(page=desk.take_page(timeout_s=timeout_s, stop=stop))
            case "take_framed":
                return Answer(page=desk.take_framed(ask.corners, timeout_s=timeout_s, stop=stop))
            case "take_pages":
                return Answer(pages=desk.take_pages(timeout_s=timeout_s, stop=stop))
            case _:
                return None

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


def _document_scanner(config: Config, *, simulate: bool) -> DocumentScanner:
    try:
        return open_document_scanner(config, simulate=simulate)
    except DriverError as error:
        return refused_document_scanner(error)


def _code_scanner(config: Config, *, simulate: bool) -> CodeScanner:
    try:
        return open_code_scanner(config, simulate=simulate)
    except DriverError as error:
        return refused_code_scanner(error)


class Turns:
    """Gives each request its turn in its lane, and stops those nobody wants any more.

    Args:
        room: Answers them.
        answers: Where the answers go.
    """

    def __init__(self, room: Room, answers: IO[bytes]) -> None:
        self._room, self._answers = room, answers
        self._writing = threading.Lock()
        self._open: dict[int, threading.Event] = {}
        self._lanes: dict[Lane, queue.SimpleQueue[Ask | None]] = {lane: queue.SimpleQueue() for lane in Lane}
        self._threads = [
            threading.Thread(target=self._serve, args=(lane,), name=f"paper-{lane.value}", daemon=True)
            for lane in Lane
        ]
        for thread in self._threads:
            thread.start()

    def take(self, ask: Ask) -> None:
        """Put a request into its lane, or stop one; one that is done already cannot be stopped."""
        if ask.what == STOP:
            wanted = self._open.get(ask.number)
            if wanted is not None:
                wanted.set()
            return
        self._open[ask.number] = threading.Event()
        self._lanes[ask.lane].put(ask)

    def close(self) -> None:
        """Stop everything and wait a little for it."""
        for stop in tuple(self._open.values()):
            stop.set()
        for lane in self._lanes.values():
            lane.put(None)
        self._room.close()
        for thread in self._threads:
            thread.join(END_S)

    def _serve(self, lane: Lane) -> None:
        while (ask := self._lanes[lane].get()) is not None:
            stop = self._open[ask.number]
            if stop.is_set():
                answer = Answer(error=ScanError.code, detail=STOPPED)
            else:
                answer = self._room.answer(ask, stop.is_set)
            del self._open[ask.number]
            with self._writing, suppress(BrokenPipeError):  # the kiosk is gone: nobody waits for it
                self._answers.write(pack(msgspec.structs.replace(answer, number=ask.number)))
                self._answers.flush()
            del ask, answer
            if stop.is_set():
                memory.give_back()  # what was half scanned leaves the process


def serve() -> None:
    """Answer until the kiosk closes the pipe."""
    requests, answers = sys.stdin.buffer, sys.stdout.buffer
    first = json.loads(requests.readline())
    config = msgspec.convert(first["config"], Config, dec_hook=decode_value)
    sweep()
    turns = Turns(Room(config, simulate=first["simulate"]), answers)
    try:
        while (ask := read_ask(requests)) is not None:
            turns.take(ask)
    finally:
        turns.close()


def tell_bugs() -> None:
    """Let a bug in any thread be told by its kind and places only: its text may quote what a citizen gave.

    What is told goes to stderr, which is the journal's.
    """
    logs.configure(folder=None, level=logging.WARNING)
    sys.excepthook = _tell
    threading.excepthook = _fall


def _tell(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    log.critical("paper_room.crashed", exc_info=(kind, error, trace))


def _fall(crash: threading.ExceptHookArgs) -> None:
    """End the process when one of its threads meets a bug: a room with a lane missing helps nobody."""
    if crash.exc_value is not None:
        _tell(crash.exc_type, crash.exc_value, crash.exc_traceback)
    os._exit(1)


if __name__ == "__main__":
    # Ctrl-C goes to the whole terminal group; the kiosk ends this process by closing the pipe.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    tell_bugs()
    serve()
