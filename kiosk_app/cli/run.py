"""`kiosk run`: the full-screen app."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse

    from kiosk_app.config import Config


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument(
        "--simulate",
        action="store_true",
        help="give every missing device a simulated one and start an embedded backend (staff PIN 246810)",
    )
    parser.add_argument("--windowed", action="store_true", help="a small window, not the full screen")


def run(args: argparse.Namespace, config: Config) -> int:
    """Serve until told to end; return the exit code."""
    from kiosk_app.wiring.kiosk import serve
    from kiosk_app.wiring.paths import DataFolderError

    try:
        return serve(config, simulate=args.simulate, windowed=args.windowed)
    except DataFolderError as error:
        print(f"kiosk: {error}", file=sys.stderr)
        return 1
