"""`kiosk technician`: the cards that open the technician's screens, for whoever sits at a terminal."""

from __future__ import annotations

import json
import sys
from contextlib import closing
from typing import TYPE_CHECKING

from drivers.errors import DriverError
from drivers.ports import CanKey

if TYPE_CHECKING:
    import argparse

    from kiosk_app.config import Config
    from kiosk_app.flow.technician_view import EnrolledCard
    from kiosk_app.wiring.technician_cards import TechnicianCards


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    cards = commands.add_parser("cards", help="list the cards that open the technician's screens")
    enrol = commands.add_parser("enrol-card", help="add the card in the slot to the list")
    key = enrol.add_mutually_exclusive_group(required=True)
    key.add_argument("--can", metavar="DIGITS", help="the last six digits of the number on the card")
    key.add_argument("--qr", metavar="TEXT", help="the text of the QR code on the card")
    enrol.add_argument("--timeout", type=float, default=30.0, metavar="S", help="wait for the card (30)")
    for command in (cards, enrol):
        command.add_argument("--json", action="store_true", help="one JSON document")
    remove = commands.add_parser("remove-card", help="take a card off the list")
    remove.add_argument("label", metavar="LABEL", help="as `kiosk technician cards` prints it")


def run(args: argparse.Namespace, config: Config) -> int:
    """Do what is asked and return the exit code."""
    from kiosk_app.wiring.card import KeyTextError, key_from_text, open_card_reader
    from kiosk_app.wiring.queue import now
    from kiosk_app.wiring.technician_cards import TechnicianCards

    try:
        with closing(open_card_reader(config, simulate=False)) as slot:
            cards = TechnicianCards(config.data_dir, lambda: slot, today=lambda: now().date())
            if args.command == "cards":
                return _list(cards.cards(), as_json=args.json)
            if args.command == "remove-card":
                return _remove(cards, args.label)
            access = key_from_text(can=args.can, qr=args.qr).access
            can = access.can if isinstance(access, CanKey) else ""
            slot.wait_for_card(present=True, timeout_s=args.timeout)
            return _list((cards.enrol(can),), as_json=args.json)
    except KeyTextError as error:
        print(f"kiosk technician: {error}", file=sys.stderr)
        return 2
    except DriverError as error:
        print(f"kiosk technician: {error.code}: {error}", file=sys.stderr)
        return 1


def _remove(cards: TechnicianCards, label: str) -> int:
    if all(card.label != label for card in cards.cards()):
        print(f"kiosk technician: no card is called {label!r}", file=sys.stderr)
        return 1
    cards.remove(label)
    return 0


def _list(cards: tuple[EnrolledCard, ...], *, as_json: bool) -> int:
    if as_json:
        rows = [{"label": card.label, "enrolled_on": card.enrolled_on.isoformat()} for card in cards]
        print(json.dumps(rows, ensure_ascii=False))
        return 0
    for card in cards:
        print(f"{card.label}\t{card.enrolled_on.isoformat()}")
    return 0
