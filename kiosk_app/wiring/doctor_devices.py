"""The doctor's hands: each device does its whole work once, where that needs no person or one stands by.

A simulated device is given what a person would give it: a test card, a code, a paper. With a person standing
by (`by_hand`) the same is asked for at a real device. Otherwise a real device is asked how it is, and nothing
is printed: paper is the centre's.
"""

from __future__ import annotations

import secrets
import time
from typing import TYPE_CHECKING, Final

from drivers.errors import DriverError, PageNotFoundError
from drivers.ports import (
    CanKey,
    DeviceState,
    DeviceStatus,
    PrintOutcome,
    Ticket,
    TicketKind,
    TicketRow,
    Verdict,
)
from kiosk_app.wiring.findings import Finding, Measures, finding, of_status
from kiosk_app.wiring.looked import LookedAt

if TYPE_CHECKING:
    from collections.abc import Callable

    from drivers.ports import Device
    from kiosk_app.hands import Hands
    from kiosk_app.wiring.house import House

ASKED: Final = 3
"""A device answers "connecting" until it missed three times: it is asked so often before it is judged."""
CODE_S: Final = 5.0
CARD_S: Final = 20.0
PICTURE_S: Final = 30.0
PRINT_S: Final = 15.0
LOOK_S: Final = 15.0
BY_HAND_S: Final = 30.0
"""What a person standing by gets for each thing asked of them, seconds."""
VIETNAMESE: Final = "NGUYỄN THỊ HƯƠNG · Ẵm bồng, Ỷ lại, đường Ổ Gà"
"""Held against what comes back: a scanner set to another table of characters damages it."""
_SICK: Final = frozenset({DeviceState.ABSENT, DeviceState.FAULT, DeviceState.BLOCKED, DeviceState.DISABLED})


def settled(device: Device) -> DeviceStatus:
    """Ask a device until it knows how it is."""
    if isinstance(device, LookedAt):
        return device.look_now(timeout_s=LOOK_S)
    status = device.status()
    for _again in range(ASKED - 1):
        if status.state is not DeviceState.CONNECTING:
            break
        status = device.status()
    return status


def card_reader(house: House, by_hand: Callable[[str], bool]) -> Finding:
    """See a card; open the simulated one and check its signature, for which only its owner has the key."""
    status = settled(house.devices["card_reader"])
    if status.state in _SICK:
        return of_status("card_reader", status)
    try:
        if house.hands is not None:
            return _read_test_card(house, house.hands, status)
        if not by_hand("card"):
            return of_status("card_reader", status, {"exercised": "no"})
        seen = house.services.card.wait_for_card(present=True, timeout_s=BY_HAND_S)
    except DriverError as error:
        return finding("card_reader", DeviceState.FAULT, error.code)
    if not seen:
        return finding("card_reader", DeviceState.FAULT, "card.none")
    return of_status("card_reader", status, {"exercised": "card seen"})


def _read_test_card(house: House, hands: Hands, status: DeviceStatus) -> Finding:
    hands.insert_card()
    try:
        key = CanKey(can=hands.card_can())
        proof = house.services.card.read(key, timeout_s=CARD_S, progress=lambda _share: None).proof
    finally:
        hands.take_card()
    measured: Measures = {"access": proof.access, "apdus": proof.apdus, "read_ms": round(proof.elapsed_ms)}
    if proof.passive_auth is Verdict.INVALID:
        return finding("card_reader", DeviceState.FAULT, "card.protocol", measured)
    return of_status("card_reader", status, measured)


def qr_scanner(house: House, by_hand: Callable[[str], bool]) -> Finding:
    """Read a code with Vietnamese letters and compare every byte."""
    status = settled(house.devices["qr_scanner"])
    if status.state in _SICK:
        return of_status("qr_scanner", status)
    shown = f"{VIETNAMESE} · {secrets.token_hex(4)}"
    codes = house.services.codes
    codes.flush()
    if house.hands is not None:
        house.hands.show_code(shown)
    elif not by_hand(shown):
        return of_status("qr_scanner", status, {"exercised": "no"})
    began = time.monotonic()
    try:
        read = codes.read(timeout_s=CODE_S if house.hands is not None else BY_HAND_S)
    except DriverError as error:
        return finding("qr_scanner", DeviceState.FAULT, error.code)
    if read is None:
        return finding("qr_scanner", DeviceState.FAULT, "qr.nothing_read")
    if read != shown:
        return finding("qr_scanner", DeviceState.FAULT, "qr.misconfigured")
    return of_status("qr_scanner", status, {"read_ms": round((time.monotonic() - began) * 1000)})


def document_scanner(house: House, by_hand: Callable[[str], bool]) -> Finding:
    """Take a picture and look for a page in it; an empty desk is no fault of the camera."""
    status = settled(house.devices["document_scanner"])
    if status.state in _SICK:
        return of_status("document_scanner", status)
    if house.hands is None and not by_hand("paper"):
        return of_status("document_scanner", status, {"exercised": "no"})
    began = time.monotonic()
    try:
        page = house.services.desk.take_page(timeout_s=PICTURE_S)
    except PageNotFoundError:
        return of_status("document_scanner", status, {"page": "none"})
    except DriverError as error:
        return finding("document_scanner", DeviceState.FAULT, error.code)
    took_ms = round((time.monotonic() - began) * 1000)
    problem = next((one.code for one in page.problems if one.blocking), "")
    state = DeviceState.DEGRADED if problem else status.state
    cause = f"page.{problem}" if problem else status.cause
    measured: Measures = {"page_ms": took_ms, "sharpness": round(page.sharpness, 2), "dpi": page.dpi}
    return finding("document_scanner", state, cause, measured)


def ticket_printer(house: House, by_hand: Callable[[str], bool]) -> Finding:
    """Print a slip with a code, and read it back where a scanner and a hand are there."""
    status = settled(house.devices["ticket_printer"])
    if status.state in _SICK or (house.hands is None and not by_hand("slip")):
        return of_status("ticket_printer", status)
    secret = f"kiosk-doctor {secrets.token_hex(8)}"
    began = time.monotonic()
    try:
        outcome = house.services.printer.print_ticket(_slip(house, secret), timeout_s=PRINT_S)
    except DriverError as error:
        return finding("ticket_printer", DeviceState.FAULT, error.detail or error.code)
    if outcome is not PrintOutcome.ISSUED:
        return finding("ticket_printer", DeviceState.FAULT, "printer.silent")
    took_ms = round((time.monotonic() - began) * 1000)
    return of_status("ticket_printer", status, {"print_ms": took_ms, "read_back": _read_back(house, secret)})


def _slip(house: House, secret: str) -> Ticket:
    return Ticket(
        kind=TicketKind.STATUS,
        centre=house.services.centre.name,
        number="KIỂM TRA",
        heading="Phiếu thử máy in · Printer test",
        service="Ẳ Ẵ Ễ Ỗ Ợ Ự Ỵ đ Đ ạ ẹ ị ọ ụ",
        issued_at=house.services.now(),
        rows=(TicketRow(label="Dấu đủ, nét liền", value="Đạt / Không đạt"),),
        qr_text=secret,
    )


def _read_back(house: House, secret: str) -> str:
    """Hold the slip under the code scanner and compare; tells `yes`, `no` or `not tried`."""
    if house.hands is None or settled(house.devices["qr_scanner"]).state is not DeviceState.READY:
        return "not tried"
    codes = house.services.codes
    try:
        codes.flush()
        house.hands.show_ticket()
        return "yes" if codes.read(timeout_s=CODE_S) == secret else "no"
    except DriverError:
        return "no"  # the scanner has a finding of its own, which says why
