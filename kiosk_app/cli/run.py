"""`kiosk run`: the full-screen app."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from kiosk_app import memory

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
    memory.keep_little()
    from kiosk_app.wiring.kiosk import serve
    from kiosk_app.wiring.paths import DataFolderError

    try:
        return serve(config, simulate=args.simulate, windowed=args.windowed)
    except DataFolderError as error:
        return hindered(str(error))


def hindered(reason: str) -> int:
    """Say why the app cannot run; under a service manager on the screen too, since nobody reads its log.

    Args:
        reason: A sentence that says what to mend; no personal data.
    """
    from kiosk_app.service_manager import ServiceManager

    print(f"kiosk: {reason}", file=sys.stderr)
    manager = ServiceManager.from_environment(os.environ)
    if manager.beat_ms is not None:
        from kiosk_app.wiring.kiosk import rest_hindered

        rest_hindered(reason, manager)
    return 1
