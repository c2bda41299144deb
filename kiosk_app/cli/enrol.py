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
        "code", metavar="CODE", help="from `kiosk-backend enrol-code`; works once, 15 minutes"
    )
    parser.add_argument("--backend", metavar="URL", help="where dossiers go (default: [backend] url)")
    parser.add_argument("--json", action="store_true", help="one JSON document")


def run(args: argparse.Namespace, config: Config) -> int:
    """Enrol and return the exit code."""
    from kiosk_app.wiring.queue import enrol
    from offline_queue.errors import QueueError

    url = args.backend or config.backend.url
    if not url.startswith(("https://", "http://")):
        print("kiosk enrol: give --backend https://… (or [backend] url)", file=sys.stderr)
        return 2
    try:
        kiosk_id = enrol(config, code=args.code, backend_url=url)
    except QueueError as error:
        print(f"kiosk enrol: {error}", file=sys.stderr)
        return 1
    print(json.dumps({"kiosk_id": kiosk_id, "backend": url}) if args.json else f"enrolled as {kiosk_id}")
    return 0
