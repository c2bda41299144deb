"""The doctor's hands: each device does its whole work once, where that needs no person or one stands by.

A simulated device is given what a person would give it: a test card, a code, a paper. With a person standing
by (`by_hand`) the same is asked for at a real device. Otherwise a real device is asked how it is, the finding
says that it was not tried, and nothing is printed: paper is the centre's.
"""

from __future__ import annotations

import secrets
import time
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from drivers.errors import DeviceTimeoutError, DriverError, ScanError
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
from kiosk_app.doctor_words import has_words
from kiosk_app.wiring.findings import Finding, Measures, finding, of_status
from kiosk_app.wiring.looked import LookedAt

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from drivers.ports import Device, ScannedPage
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
AGAIN_S: Final = 0.5
"""Between two pictures of a table on which somebody is about to lay a paper."""
NOT_TRIED: Final[Mapping[str, str]] = MappingProxyType({"exercised": "no"})
_SIMULATED: Final = "simulated"
"""What simulated devices of the paper room say of themselves."""
VIETNAMESE: Final = "NGUYỄN THỊ HƯƠNG · Ẵm bồng, Ỷ lại, đường Ổ Gà"
"""Held against what comes back: a scanner set to another table of characters damages it."""
_SICK: Final = frozenset({DeviceState.ABSENT, DeviceState.FAULT, DeviceState.BLOCKED, DeviceState.DISABLED})
_READS: Final = frozenset({DeviceState.READY, DeviceState.DEGRADED})


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
            return of_status("card_reader", status, {**NOT_TRIED})
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
        return of_status("qr_scanner", status, {**NOT_TRIED})
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
    """Take pictures until a page lies there; asked for a paper, a camera that never sees one is ill."""
    status = settled(house.devices["document_scanner"])
    if status.state in _SICK:
        return of_status("document_scanner", status)
    lies_there = house.hands is not None and status.detail == _SIMULATED
    if not lies_there and not by_hand("paper"):
        return of_status("document_scanner", status, {**NOT_TRIED})
    began = time.monotonic()
    try:
        page = _page(house, until=began if lies_there else began + BY_HAND_S)
    except DriverError as error:
        told = f"scan.{error.detail}"
        return finding("document_scanner", DeviceState.FAULT, told if has_words(told) else error.code)
    took_ms = round((time.monotonic() - began) * 1000)
    problem = _problem(page)
    state = DeviceState.FAULT if problem else status.state
    measured: Measures = {"page_ms": took_ms, "sharpness": round(page.sharpness, 2), "dpi": page.dpi}
    return finding("document_scanner", state, problem or status.cause, measured)


def _page(house: House, *, until: float) -> ScannedPage:
    """Take pictures until one shows a good page or the time is over; then the last page there was.

    Args:
        house: The open house.
        until: Monotonic seconds after which no further picture is taken.

    Raises:
        DriverError: The camera gives no pictures, or none of them showed a page.
    """
    best: ScannedPage | None = None
    why: ScanError | None = None
    while True:
        try:
            best = house.services.desk.take_page(timeout_s=PICTURE_S)
        except ScanError as error:
            why = error
        except DeviceTimeoutError:
            if best is None and why is None:
                raise
            break  # there were pictures, and now there are no more
        if (best is not None and not _problem(best)) or time.monotonic() >= until:
            break
        house.services.pause(AGAIN_S)
    if best is not None:
        return best
    raise why or ScanError()


def _problem(page: ScannedPage) -> str:
    """Return the cause that makes a page useless, empty where none does."""
    code = next((one.code for one in page.problems if one.blocking), "")
    if code.startswith("cut_off"):
        return "page.cut_off"
    return f"page.{code}" if code else ""


def a4_printer(house: House, by_hand: Callable[[str], bool]) -> Finding:
    """Ask the print queue how the printer is; no sheet is printed, and the finding says so."""
    del by_hand
    status = settled(house.devices["a4_printer"])
    if status.state in _SICK:
        return of_status("a4_printer", status)
    return of_status("a4_printer", status, {**NOT_TRIED, "printed": "no"})


def ticket_printer(house: House, by_hand: Callable[[str], bool]) -> Finding:
    """Print a slip with a code and read it back; one that comes out unreadable is the printer's fault."""
    status = settled(house.devices["ticket_printer"])
    if status.state in _SICK:
        return of_status("ticket_printer", status)
    if house.hands is None and not by_hand("slip"):
        return of_status("ticket_printer", status, {**NOT_TRIED})
    secret = f"kiosk-doctor {secrets.token_hex(8)}"
    began = time.monotonic()
    try:
        outcome = house.services.printer.print_ticket(_slip(house, secret), timeout_s=PRINT_S)
    except DriverError as error:
        return finding("ticket_printer", DeviceState.FAULT, error.detail or error.code)
    if outcome is not PrintOutcome.ISSUED:
        return finding("ticket_printer", DeviceState.FAULT, "printer.silent")
    measured: Measures = {"print_ms": round((time.monotonic() - began) * 1000)}
    measured["read_back"] = _read_back(house, secret, by_hand)
    if measured["read_back"] == "no":
        return finding("ticket_printer", DeviceState.FAULT, "printer.unreadable", measured)
    return of_status("ticket_printer", status, measured)


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


def _read_back(house: House, secret: str, by_hand: Callable[[str], bool]) -> str:
    """Have the slip held under the code scanner and compare; tells `yes`, `no` or `not tried`.

    A scanner that is ill, or of which nobody knows yet whether it types here, tells nothing of the printer.
    """
    seen = settled(house.devices["qr_scanner"])
    if seen.state not in _READS or seen.cause == "qr.nothing_typed_yet":
        return "not tried"
    codes = house.services.codes
    try:
        codes.flush()
        slip = house.hands is not None and seen.detail == _SIMULATED and house.hands.last_ticket_png()
        if house.hands is not None and slip:
            house.hands.show_ticket()
        elif not by_hand("slip_code"):
            return "not tried"
        until = time.monotonic() + (CODE_S if slip else BY_HAND_S)
        while (left := until - time.monotonic()) > 0:
            if codes.read(timeout_s=left) == secret:
                return "yes"
    except DriverError:
        return "not tried"  # the scanner has a finding of its own, which says why
    return "no"
