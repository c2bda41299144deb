"""`kiosk qr read IMAGE…`: read and classify the codes in pictures."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from kiosk_app.cli.bar import Bar

if TYPE_CHECKING:
    import argparse

    from drivers.ports import CodePayload
    from kiosk_app.config import Config


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare `read` and its options."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    read = actions.add_parser("read", help="read every code in these pictures")
    read.add_argument("images", nargs="+", type=Path, metavar="IMAGE")
    read.add_argument("--json", action="store_true", help="one JSON line per code")


def run(args: argparse.Namespace, config: Config) -> int:  # noqa: ARG001 - every group takes the configuration
    """Read each picture; return 1 when a file could not be read, 0 otherwise (no code is an answer)."""
    from drivers.errors import PictureUnreadableError

    code = 0
    bar = Bar(len(args.images))
    for number, image in enumerate(args.images, start=1):
        bar.show(number, image)
        try:
            lines = _read(image)
        except PictureUnreadableError as error:
            bar.clear()
            print(f"kiosk: {image}: {error}", file=sys.stderr)
            code = 1
            if args.json:
                problem = {"code": error.code, "message": str(error), "next_step": error.next_step}
                print(json.dumps({"file": str(image), "error": problem}, ensure_ascii=False))
            continue
        bar.clear()
        for line in lines:
            print(json.dumps(line, ensure_ascii=False) if args.json else _plain(line))
    return code


def _read(image: Path) -> list[dict[str, object]]:
    """Return one line for each code in a picture, or one of kind `none`."""
    from kiosk_app.wiring.codes import classify_code, read_codes
    from kiosk_app.wiring.scanner import read_picture_file

    started = time.perf_counter()
    payloads = read_codes(read_picture_file(image)) or [classify_code("")]
    elapsed_ms = round((time.perf_counter() - started) * 1000, 1)
    return [_line(image, payload, elapsed_ms) for payload in payloads]


def _line(image: Path, payload: CodePayload, elapsed_ms: float) -> dict[str, object]:
    line: dict[str, object] = {
        "file": str(image),
        "text": payload.text,
        "kind": payload.kind.value,
        "fields": dict(payload.fields),
        "elapsed_ms": elapsed_ms,
    }
    return line | {"reason": payload.reason} if payload.text and payload.reason else line


def _plain(line: dict[str, object]) -> str:
    kind = f"{line['kind']} ({line['reason']})" if "reason" in line else line["kind"]
    return f"{line['file']}\t{kind}\t{line['text']}\t{line['elapsed_ms']} ms"
