"""`kiosk queue`: hand in without the screen, look at the queue, send, retry, export."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Mapping

    from forms.ports import Answers, Form
    from kiosk_app.config import Config
    from kiosk_app.wiring.staff_queue import StaffQueue
    from offline_queue.ports import Document, HandIn

CONSENT_VERSION: Final = "staff-1"


class InputError(Exception):
    """A file given on the command line cannot be used; the message says which and why."""

    code = "queue.input"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the commands and their options."""
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    put = commands.add_parser("put", help="hand a dossier in from files")
    put.add_argument("--form", required=True, metavar="CODE", help="procedure, such as 2.000635")
    put.add_argument(
        "--card", type=Path, metavar="FILE", help="JSON of `kiosk card read --json --show-personal`"
    )
    put.add_argument("--answers", required=True, type=Path, metavar="FILE", help="JSON: field name to value")
    put.add_argument(
        "--page", action="append", default=[], type=Path, metavar="IMAGE", help="picture of a paper"
    )
    listing = commands.add_parser("list", help="list the dossiers this kiosk knows")
    status = commands.add_parser("status", help="count them; why some are held back")
    check = commands.add_parser("check", help="look over rows, parts, pages and the chain of events")
    sync = commands.add_parser("sync", help="send what waits, now")
    sync.add_argument(
        "--once", action="store_true", help="end when nothing is due (otherwise go on until stopped)"
    )
    retry = commands.add_parser("retry", help="give quarantined dossiers another chance and lift a pause")
    export = commands.add_parser("export", help="copy sealed dossiers not yet confirmed into a folder")
    export.add_argument("folder", type=Path, metavar="DIR")
    for command in (put, listing, status, check, sync, retry, export):
        command.add_argument("--json", action="store_true", help="one JSON document")


def run(args: argparse.Namespace, config: Config) -> int:
    """Run one command and return the exit code."""
    from drivers.errors import DriverError
    from forms.errors import FormError
    from kiosk_app.wiring.staff_queue import StaffQueue
    from offline_queue.errors import QueueError

    work: Mapping[str, Callable[[argparse.Namespace, Config, StaffQueue], int]] = {
        "put": _put,
        "list": _list,
        "status": _status,
        "check": _check,
        "sync": _sync,
        "retry": _retry,
        "export": _export,
    }
    try:
        queue = StaffQueue(config)
        try:
            return work[args.command](args, config, queue)
        finally:
            queue.close()
    except (InputError, QueueError, FormError, DriverError) as error:
        return _failed(error.code, str(error), as_json=args.json)
    except OSError as error:
        where = error.filename or config.data_dir
        return _failed("queue.files", f"{where}: {error.strerror}", as_json=args.json)


def _failed(code: str, message: str, *, as_json: bool) -> int:
    print(f"kiosk queue: {message}", file=sys.stderr)
    if as_json:
        print(json.dumps({"error": {"code": code, "message": message}}, ensure_ascii=False))
    return 1


def _status(args: argparse.Namespace, config: Config, queue: StaffQueue) -> int:
    del config
    status = {**asdict(queue.status()), "held": queue.held()}
    if args.json:
        print(json.dumps(status))
    else:
        for name, value in status.items():
            print(f"{name}\t{value}")
    return 0


def _check(args: argparse.Namespace, config: Config, queue: StaffQueue) -> int:
    del config
    found = asdict(queue.check())
    if args.json:
        print(json.dumps(found))
    else:
        for name, value in found.items():
            print(f"{name}\t{value}")
    if found["damaged"]:
        print("kiosk queue: pages are damaged; export what waits now, then change the disk", file=sys.stderr)
    if found["broken_event"] is not None:
        print("kiosk queue: somebody altered the log of events; keep a copy of queue.db*", file=sys.stderr)
    return 1 if found["damaged"] or found["broken_event"] is not None else 0


def _list(args: argparse.Namespace, config: Config, queue: StaffQueue) -> int:
    del config
    rows = queue.dossiers()
    if args.json:
        print(json.dumps(rows, ensure_ascii=False, indent=1))
    else:
        for row in rows:
            print("\t".join(str(value or "-") for value in row.values()))
    return 0


def _sync(args: argparse.Namespace, config: Config, queue: StaffQueue) -> int:
    if not args.once:
        return _sync_for_ever(config)
    done = queue.sync_once()
    if args.json:
        print(json.dumps({**asdict(done), **asdict(queue.status())}))
    else:
        print(f"{done.delivered} delivered, {done.quarantined} quarantined, {done.failed} failed")
    if done.paused:
        print(
            "kiosk queue: the backend does not let this kiosk in; check enrolment and clock", file=sys.stderr
        )
    elif done.failed:
        print("kiosk queue: not all could be sent; nothing is lost, try again later", file=sys.stderr)
    return 1 if done.paused or done.failed else 0


def _sync_for_ever(config: Config) -> int:
    import signal

    from kiosk_app.wiring.queue import open_queue_room

    signals = {signal.SIGINT, signal.SIGTERM}
    signal.pthread_sigmask(
        signal.SIG_BLOCK, signals
    )  # before the thread starts, so that it inherits the mask
    room = open_queue_room(config)
    try:
        signal.sigwait(signals)
    finally:
        room.close()
    return 0


def _retry(args: argparse.Namespace, config: Config, queue: StaffQueue) -> int:
    del config
    count = queue.retry()
    print(json.dumps({"retried": count}) if args.json else f"{count} dossiers wait again")
    return 0


def _export(args: argparse.Namespace, config: Config, queue: StaffQueue) -> int:
    del config
    names = queue.export(args.folder)
    print(json.dumps({"exported": names}) if args.json else f"{len(names)} dossiers copied to {args.folder}")
    return 0


# --- handing in from files ----------------------------------------------------------------------------


def _put(args: argparse.Namespace, config: Config, queue: StaffQueue) -> int:
    hand_in = _gather(args, config)
    receipt = queue.put(hand_in)
    told = {"dossier_id": str(receipt.dossier_id), "receipt_code": receipt.receipt_code}
    print(json.dumps(told) if args.json else receipt.receipt_code)
    return 0


def _gather(args: argparse.Namespace, config: Config) -> HandIn:
    from forms.ports import Source
    from kiosk_app.flow.filling import plain_answers
    from kiosk_app.wiring.forms import open_catalogue
    from kiosk_app.wiring.queue import now
    from offline_queue.ports import Consent, HandIn

    moment = now()
    form = open_catalogue(config).form(args.form)
    card = _mapping(args.card) if args.card else {}
    holder = card.get("holder") if isinstance(card.get("holder"), dict) else {}
    session = {"centre": config.centre.name, "commune": config.centre.commune, "today": str(moment.date())}
    source = Source.CHIP if card.get("access") else Source.QR
    answers = form.autofill(_texts(holder or {}), source=source, session=session)
    answers = _checked(form, form.derive({**answers, **_typed(_mapping(args.answers))}))
    return HandIn(
        procedure=form.code,
        form_version=form.version,
        procedure_name=form.procedure.title.vi,
        answers=plain_answers(form, answers),
        documents=_documents(args, config, form, answers),
        consent=Consent(
            version=CONSENT_VERSION, purpose="dossier", language="vi", given_at=moment, method="staff"
        ),
        card_proof={key: value for key, value in card.items() if key not in {"holder", "error"}},
        id_number=(holder or {}).get("id_number"),
    )


def _documents(
    args: argparse.Namespace, config: Config, form: Form, answers: Answers
) -> tuple[Document, ...]:
    from kiosk_app.wiring.queue import now, scan_pictures
    from offline_queue.ports import Document

    pdf = form.render_pdf(answers, receipt_code="", today=now().date())
    documents = [Document(name="form.pdf", media_type="application/pdf", data=pdf)]
    if args.page:
        scan = scan_pictures(config, args.page, title=f"Giấy tờ kèm theo {form.code}")
        documents.append(Document(name="scan.pdf", media_type="application/pdf", data=scan))
    return tuple(documents)


def _checked(form: Form, answers: Answers) -> Answers:
    problems = [problem for problem in form.check(answers) if problem.blocking]
    if problems:
        named = ", ".join(f"{problem.field} ({problem.code})" for problem in problems)
        raise InputError(f"not handed in, these answers need a look: {named}")
    return form.clean(answers)


def _typed(values: Mapping[str, Any]) -> Answers:
    from forms.ports import Answer, Source

    for name, value in values.items():
        if not isinstance(value, str | int | bool | list):
            raise InputError(f"the answer of {name!r} must be text, a whole number, true, false or a list")
    return {name: Answer(value=value, source=Source.TYPED) for name, value in values.items()}


def _texts(holder: Mapping[str, Any]) -> dict[str, str | None]:
    return {name: value for name, value in holder.items() if value is None or isinstance(value, str)}


def _mapping(path: Path) -> dict[str, Any]:
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror})") from error
    except ValueError as error:
        raise InputError(f"{path}: not JSON") from error
    if not isinstance(value, dict):
        raise InputError(f"{path}: a JSON object expected")
    return value
