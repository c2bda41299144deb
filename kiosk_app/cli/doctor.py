"""`kiosk doctor`: devices, queue, disk, clock and line, with the likely cause of what is ill."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import argparse

    from kiosk_app.config import Config

DEVICES: Final = ("card_reader", "qr_scanner", "document_scanner", "ticket_printer")
PARTS: Final = (*DEVICES, "queue", "disk", "clock", "backend")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("--device", choices=PARTS, metavar="NAME", help=f"one of {', '.join(PARTS)}")
    parser.add_argument("--json", action="store_true", help="one JSON document")


def run(args: argparse.Namespace, config: Config) -> int:
    """Look at everything and return 0 when all is well, 1 otherwise."""
    from kiosk_app import i18n
    from kiosk_app.wiring.doctor import examine
    from kiosk_app.wiring.paths import DataFolderError

    i18n.set_language("en")
    try:
        findings = examine(config, only=args.device)
    except DataFolderError as error:
        print(f"kiosk: {error}", file=sys.stderr)
        return 1
    if args.json:
        rows = [
            {"part": found.part, "state": found.state, "cause": found.cause, "next_step": found.next_step}
            for found in findings
        ]
        print(json.dumps({"well": all(found.well for found in findings), "parts": rows}, indent=1))
    else:
        for found in findings:
            print(f"{'ok ' if found.well else 'ILL'}  {found.part:17} {found.state:10} {found.next_step}")
    return 0 if all(found.well for found in findings) else 1
