"""`kiosk doctor`: every device end to end, the machine and the line, with the likely cause of what is ill."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from kiosk_app.config import Config
    from kiosk_app.wiring.findings import Finding

DEVICES: Final = ("card_reader", "qr_scanner", "document_scanner", "ticket_printer", "a4_printer")
CERTIFICATES: Final = ("card_authorities", "backend_certificate", "kiosk_key")
PARTS: Final = (*DEVICES, *CERTIFICATES, "queue", "disk", "backend", "clock", "touch", "sound")
_ASKS: Final = {
    "card": "Đưa thẻ thử vào khe trong 30 giây. / Put the test card into the slot within 30 seconds.",
    "paper": "Đặt một tờ giấy dưới máy chụp trong 30 giây. / "
    "Lay a sheet of paper under the camera within 30 seconds.",
    "slip": "Máy in sẽ in một phiếu thử. / The printer prints a test slip.",
    "slip_code": "Đưa mã trên phiếu vừa in vào máy đọc mã trong 30 giây. / "
    "Hold the code of the slip just printed at the scanner within 30 seconds.",
    "tones": "Loa sắp kêu vài tiếng, hãy đếm. / The loudspeaker is about to give some tones: count them.",
}
_HEARD: Final = "Nghe thấy mấy tiếng? / How many did you hear? "


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("--device", choices=PARTS, metavar="NAME", help=f"one of {', '.join(PARTS)}")
    parser.add_argument(
        "--with-hands", action="store_true", help="somebody stands by: print, read a card, show a code"
    )
    parser.add_argument(
        "--touch", action="store_true", help="somebody stands at the screen: touch the spots that light up"
    )
    parser.add_argument("--simulate", action="store_true", help="simulate what is missing, with a backend")
    parser.add_argument(
        "--report", type=Path, metavar="FILE", help="write the report to print, two languages"
    )
    parser.add_argument("--json", action="store_true", help="one JSON document")


def run(args: argparse.Namespace, config: Config) -> int:
    """Look at everything and return 0 when all is well, 1 otherwise."""
    from kiosk_app.wiring.doctor import examine, kiosk_runs, report
    from kiosk_app.wiring.paths import DataFolderError, with_demo_folder

    config = with_demo_folder(config) if args.simulate else config
    running = kiosk_runs(config)
    try:
        findings = examine(
            config,
            only="touch" if args.touch and args.device is None else args.device,
            simulate=args.simulate,
            by_hand=_ask if args.with_hands else lambda _what: False,
            touch=args.touch,
        )
    except DataFolderError as error:
        print(f"kiosk: {error}", file=sys.stderr)
        return 1
    if args.report is not None:
        try:
            args.report.write_text(report(findings, config), encoding="utf-8")
        except OSError as error:
            print(f"kiosk: {args.report} cannot be written ({error.strerror})", file=sys.stderr)
            return 1
    print(_document(findings, running=running) if args.json else _table(findings, running=running))
    return 0 if all(found.well for found in findings) else 1


def _ask(what: str) -> bool:
    """Ask whoever stands by; a text that is no known wish is a code to show to the scanner."""
    if what.startswith("tones:"):
        print(_HEARD, end="", file=sys.stderr, flush=True)
        return sys.stdin.readline().strip() == what.removeprefix("tones:")
    print(_ASKS.get(what) or _code(what), file=sys.stderr, flush=True)
    return True


def _code(text: str) -> str:
    import io

    import segno

    drawn = io.StringIO()
    segno.make_qr(text, error="m").terminal(drawn, compact=True)
    words = "Đưa mã này vào máy đọc mã trong 30 giây. / Show this code to the scanner within 30 seconds."
    return f"{words}\n{drawn.getvalue()}"


def _document(findings: Sequence[Finding], *, running: bool) -> str:
    from kiosk_app.doctor_words import explain_in

    rows = [
        {
            "part": found.part,
            "state": found.state,
            "cause": found.cause,
            "next_step": explain_in("en", found.part, found.state, found.cause, found.measured),
            "next_step_vi": explain_in("vi", found.part, found.state, found.cause, found.measured),
            "measured": dict(found.measured),
        }
        for found in findings
    ]
    document = {"well": all(found.well for found in findings), "kiosk_running": running, "parts": rows}
    return json.dumps(document, ensure_ascii=False, indent=1)


def _table(findings: Sequence[Finding], *, running: bool) -> str:
    from kiosk_app.doctor_words import RUNNING
    from kiosk_app.i18n import in_language
    from kiosk_app.wiring.doctor import said_of

    rows = [
        f"{'ok ' if found.well else 'ILL'}  {found.part:17} {found.state:10} {said_of(found, 'en')}"
        for found in findings
    ]
    return "\n".join([in_language("en", RUNNING), "", *rows] if running else rows)
