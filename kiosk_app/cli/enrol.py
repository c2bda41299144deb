"""`kiosk enrol CODE --backend URL`: join this kiosk to a backend."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse

    from kiosk_app.config import Config


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument(
        "code", metavar="CODE", nargs="?", help="from `kiosk-backend enrol-code`; works once, 15 minutes"
    )
    parser.add_argument(
        "--rotate", action="store_true", help="a new signing key instead, where the kiosk is enrolled"
    )
    parser.add_argument(
        "--backend",
        metavar="URL",
        help="where dossiers go (default: [backend] url, else where it is enrolled)",
    )
    parser.add_argument("--json", action="store_true", help="one JSON document")


def run(args: argparse.Namespace, config: Config) -> int:
    """Enrol and return the exit code."""
    from kiosk_app.wiring.queue import enrol, known_backend, rotate_key
    from offline_queue.errors import QueueError

    url = args.backend or config.backend.url or known_backend(config)
    if args.rotate == bool(args.code):
        print("kiosk enrol: give a CODE, or --rotate", file=sys.stderr)
        return 2
    if not args.rotate and not url.startswith(("https://", "http://")):
        print("kiosk enrol: give --backend https://… (or [backend] url)", file=sys.stderr)
        return 2
    try:
        kiosk_id = rotate_key(config) if args.rotate else enrol(config, code=args.code, backend_url=url)
    except QueueError as error:
        print(f"kiosk enrol: {error}", file=sys.stderr)
        return 1
    if args.json:
        print(
            json.dumps(
                {"kiosk_id": kiosk_id, "rotated": True}
                if args.rotate
                else {"kiosk_id": kiosk_id, "backend": url}
            )
        )
    else:
        print(f"{kiosk_id} signs with a new key" if args.rotate else f"enrolled as {kiosk_id}")
    return 0
