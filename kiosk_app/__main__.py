"""The `kiosk` command. Each group is a module of `kiosk_app.cli`, imported only when it is called."""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from pathlib import Path
from typing import Final

from kiosk_app import config as configuration

GROUPS: Final = {
    "run": "the full-screen app",
    "tour": "one whole visit through the real windows on simulated devices, as pictures",
    "card": "list readers, read the chip of an ID card",
    "qr": "read and classify codes in pictures",
    "scan": "turn pictures of papers into one PDF",
    "forms": "list, search, check and fill forms",
    "queue": "hand in, look at, send and export dossiers",
    "ticket": "draw and print tickets",
    "doctor": "exercise each device and say what is ill",
    "enrol": "join this kiosk to a backend",
    "technician": "list, add and remove the cards that open the technician's screens",
    "config": "print the effective configuration",
}


def main(argv: list[str] | None = None) -> int:
    """Run one command and return its exit code: 0 well, 1 asked and failed, 2 wrong usage."""
    words = sys.argv[1:] if argv is None else argv
    parser = argparse.ArgumentParser(
        prog="kiosk", description="The one-stop kiosk of a commune service centre."
    )
    parser.add_argument("--config", type=Path, metavar="FILE", help="a TOML file; see `kiosk config`")
    groups = parser.add_subparsers(dest="group", required=True, metavar="COMMAND")
    asked = next((word for word in words if word in GROUPS), None)
    for name, what in GROUPS.items():
        group = groups.add_parser(name, help=what, description=what)
        group.add_argument(
            "--config", type=Path, metavar="FILE", default=argparse.SUPPRESS, help=argparse.SUPPRESS
        )
        if name == asked:
            importlib.import_module(f"kiosk_app.cli.{name}").add_arguments(group)
    args = parser.parse_args(words)
    try:
        config = configuration.load(args.config)
    except configuration.ConfigError as error:
        if args.group == "run":
            failed: int = importlib.import_module("kiosk_app.cli.run").hindered(str(error))
            return failed
        print(f"kiosk: {error}", file=sys.stderr)  # noqa: T201 - the command line prints
        return 1
    try:
        code: int = importlib.import_module(f"kiosk_app.cli.{args.group}").run(args, config)
        sys.stdout.flush()
    except BrokenPipeError:
        # Whoever read our lines (head, less) has seen enough; Python must not complain about it at the end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    return code


if __name__ == "__main__":
    sys.exit(main())
