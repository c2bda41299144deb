"""`kiosk ticket`: draw a queue ticket into a file, or print one."""

from __future__ import annotations

import datetime as dt
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from drivers.errors import QR_TOO_LONG, DriverError
from drivers.ports import PrintOutcome, Ticket, TicketKind, TicketRow
from kiosk_app.wiring import printer as wiring

if TYPE_CHECKING:
    import argparse

    from kiosk_app.config import Config

_PRINT_S = 10.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the subcommands."""
    commands = parser.add_subparsers(dest="ticket_command", required=True, metavar="render|print")
    render = commands.add_parser("render", help="draw a queue ticket into a file")
    render.add_argument("--out", type=Path, required=True, help=".png the dots, .bin the ESC/POS bytes")
    printing = commands.add_parser("print", help="print a queue ticket on the configured printer")
    for command in (render, printing):
        command.add_argument("--number", required=True, help="the queue number, such as A015")
        command.add_argument("--service", required=True, help="what the citizen came for")
        command.add_argument("--counter", default="", help="the counter, such as 3")
        command.add_argument("--qr", default="", help="text of a QR code on the ticket")
        command.add_argument("--reprint", action="store_true", help="mark the ticket as printed again")
        command.add_argument("--json", action="store_true", help="one JSON document instead of a sentence")


def run(args: argparse.Namespace, config: Config) -> int:
    """Draw or print and return the exit code."""
    ticket = _ticket(args, config)
    try:
        if args.ticket_command == "render":
            return _render(args, config, ticket)
        return _print(args, config, ticket)
    except DriverError as error:
        if error.detail == QR_TOO_LONG:
            return _fail(
                args,
                code=error.detail,
                message=f"A QR code does not hold the {len(args.qr)} letters of --qr.",
                next_step="Give a shorter text with --qr.",
            )
        # What is wrong with the printer stands in `detail`, a stable code or an unknown name.
        return _fail(
            args, code=error.code, message=str(error), next_step=error.next_step, detail=error.detail
        )


def _ticket(args: argparse.Namespace, config: Config) -> Ticket:
    counter: str = args.counter
    row = TicketRow(label="Quầy" if counter.isdigit() else "", value=counter)
    return Ticket(
        kind=TicketKind.QUEUE,
        centre=config.centre.name,
        number=args.number,
        heading="Số thứ tự của ông bà",
        service=args.service,
        issued_at=dt.datetime.now().astimezone(),
        rows=(row,) if counter else (),
        qr_text=args.qr or None,
        hotline=config.centre.hotline,
        reprint=args.reprint,
    )


def _render(args: argparse.Namespace, config: Config, ticket: Ticket) -> int:
    out: Path = args.out
    makers = {".png": wiring.ticket_picture, ".bin": wiring.ticket_job}
    maker = makers.get(out.suffix.lower())
    if maker is None:
        print("kiosk: --out must end in .png (the picture) or .bin (the ESC/POS bytes)", file=sys.stderr)
        return 2
    data = maker(config, ticket)
    try:
        out.write_bytes(data)
    except OSError as error:
        return _fail(
            args,
            code="ticket.not_written",
            message=f"{out} cannot be written: {error.strerror}.",
            next_step="Give another file with --out.",
        )
    if args.json:
        print(json.dumps({"file": str(out), "bytes": len(data)}, ensure_ascii=False))
    return 0


def _print(args: argparse.Namespace, config: Config, ticket: Ticket) -> int:
    device, simulated = wiring.open_ticket_printer(config, simulate=False)
    try:
        outcome = device.print_ticket(ticket, timeout_s=_PRINT_S)
    finally:
        device.close()
        if simulated is not None:
            simulated.close()
    if outcome is PrintOutcome.UNCERTAIN:
        return _fail(
            args,
            code="printer.uncertain",
            message="The printer did not confirm the ticket.",
            next_step="Look whether it came out; if not, print it again with --reprint.",
        )
    print(json.dumps({"outcome": outcome.value}) if args.json else outcome.value)
    return 0


def _fail(args: argparse.Namespace, *, code: str, message: str, next_step: str, detail: str = "") -> int:
    sentence = message if message.endswith(".") else f"{message}."
    said = sentence if next_step in message else f"{sentence} {next_step}"
    print(f"kiosk: {said}" + (f" ({detail})" if detail and detail not in said else ""), file=sys.stderr)
    if args.json:
        error = {"code": code, "message": message, "next_step": next_step, "detail": detail}
        print(json.dumps({"error": error}, ensure_ascii=False))
    return 1
