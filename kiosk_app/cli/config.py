"""`kiosk config`: the effective configuration, secrets masked."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

from kiosk_app.config import Config, to_mapping, to_toml

if TYPE_CHECKING:
    import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("--json", action="store_true", help="one JSON document instead of TOML")
    parser.add_argument(
        "--hash-pin", action="store_true", help="read a staff PIN and print the hash for [staff]"
    )


def run(args: argparse.Namespace, config: Config) -> int:
    """Print the configuration and return the exit code."""
    if args.hash_pin:
        return _hash_pin()
    values = to_mapping(config)
    if args.json:
        print(json.dumps(values, ensure_ascii=False, indent=1))
        return 0
    print(to_toml(values), end="")
    return 0


def _hash_pin() -> int:
    import getpass

    from argon2 import PasswordHasher

    pin = getpass.getpass("PIN (6 digits or more): ") if sys.stdin.isatty() else sys.stdin.readline().strip()
    if not (pin.isdigit() and len(pin) >= 6):  # noqa: PLR2004 - named in the sentence below
        print("kiosk: the PIN must be 6 digits or more; nothing was changed", file=sys.stderr)
        return 1
    print(f'pin_hash = "{PasswordHasher().hash(pin)}"')
    return 0
