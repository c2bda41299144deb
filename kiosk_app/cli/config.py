"""`kiosk config`: the effective configuration, secrets masked."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import msgspec

from kiosk_app.config import Config, decode_value, to_mapping, to_toml

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
    else:
        print(to_toml(values), end="")
    # As printed: what is masked above is not to stand in a message either.
    _name_devices_that_cannot_be(msgspec.convert(values, Config, dec_hook=decode_value))
    return 0


def _name_devices_that_cannot_be(config: Config) -> None:
    """Say which device's address makes no sense; the kiosk runs without it all the same."""
    from drivers.errors import DriverError
    from kiosk_app.wiring.codes import check_code_source
    from kiosk_app.wiring.printer import check_ticket_printer
    from kiosk_app.wiring.scanner import check_document_source
    from kiosk_app.wiring.sheets import check_sheet_printer

    for check in (check_code_source, check_document_source, check_ticket_printer, check_sheet_printer):
        try:
            check(config)
        except DriverError as error:
            print(f"kiosk: {error}", file=sys.stderr)


def _hash_pin() -> int:
    import getpass

    from argon2 import PasswordHasher

    pin = getpass.getpass("PIN (6 digits or more): ") if sys.stdin.isatty() else sys.stdin.readline().strip()
    if not (pin.isdigit() and len(pin) >= 6):  # noqa: PLR2004 - named in the sentence below
        print("kiosk: the PIN must be 6 digits or more; nothing was changed", file=sys.stderr)
        return 1
    print(f'pin_hash = "{PasswordHasher().hash(pin)}"')
    return 0
