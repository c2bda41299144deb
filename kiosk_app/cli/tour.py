"""`kiosk tour`: one whole visit through the real windows, as pictures and a summary."""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from kiosk_app import memory

if TYPE_CHECKING:
    from kiosk_app.config import Config

_SIZE: Final = re.compile(r"(\d{3,4})x(\d{3,4})")


def _size(text: str) -> tuple[int, int]:
    match = _SIZE.fullmatch(text)
    if match is None:
        raise argparse.ArgumentTypeError(f"{text!r} is not WIDTHxHEIGHT, such as 1080x1920")
    return int(match[1]), int(match[2])


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="where the pictures go")
    parser.add_argument("--lang", choices=("vi", "en"), default="vi", help="language of the screens")
    parser.add_argument("--size", type=_size, default=(1080, 1920), metavar="WxH", help="default 1080x1920")
    parser.add_argument("--contrast", action="store_true", help="high contrast")


def run(args: argparse.Namespace, config: Config) -> int:
    """Make the tour and return the exit code."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    memory.keep_little()
    from kiosk_app.wiring.kiosk import TourFailedError, make_tour
    from kiosk_app.wiring.paths import DataFolderError

    try:
        args.out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        print(f"kiosk: {args.out} cannot be made ({error.strerror}); give another --out", file=sys.stderr)
        return 1
    try:
        summary = make_tour(config, out=args.out, lang=args.lang, size=args.size, contrast=args.contrast)
    except (TourFailedError, DataFolderError) as error:
        print(f"kiosk: {error}", file=sys.stderr)
        return 1
    print(json.dumps(summary, ensure_ascii=False, indent=1))
    return 0
