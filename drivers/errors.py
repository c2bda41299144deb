"""How devices fail, sorted by what the caller can do about it.

Each class has a stable `code`: it names the log event and picks the sentence on the screen
(`kiosk_app.flow.sentences`). The message is for staff and the command line, in English, says what to do
next in `next_step`, and never holds personal data.
"""

from __future__ import annotations

from typing import ClassVar


class DriverError(Exception):
    """A device could not do what was asked."""

    code: ClassVar[str] = "driver.failed"
    next_step: ClassVar[str] = "Try again; if it happens twice, call a technician."

    def __init__(self, message: str = "", *, detail: str = "") -> None:
        super().__init__(message or self.next_step)
        self.detail = detail


class DeviceMissingError(DriverError):
    """Nothing answers where the device should be."""

    code = "device.missing"
    next_step = "Check the power and the cable of the device, then try again."


class DeviceTimeoutError(DriverError):
    """The device answered too late or stopped answering."""

    code = "device.timeout"
    next_step = "Try again; if it happens twice, switch the device off and on."


class DeviceBusyError(DriverError):
    """Another program holds the device."""

    code = "device.busy"
    next_step = "Wait a moment and try again."


class DeviceForbiddenError(DriverError):
    """The device is there, and this program may not use it."""

    code = "device.forbidden"
    next_step = "Run the installer again and restart the machine; if it stays so, call a technician."


# --- chip card ---------------------------------------------------------------------------------------


class CardError(DriverError):
    """The chip card could not be read."""

    code = "card.failed"
    next_step = "Take the card out and put it in again."


class NoCardError(CardError):
    """No card is in the slot."""

    code = "card.none"
    next_step = "Put the ID card into the slot, chip first."


class MediaRemovedError(CardError):
    """The card left the slot while being read."""

    code = "card.removed"
    next_step = "Put the card in again and leave it until the screen says so."


class AccessDeniedError(CardError):
    """The chip refused the key (wrong CAN or MRZ)."""

    code = "card.access_denied"
    next_step = "Show the QR code of this same card, or type its last six digits again."


class NotAnIdCardError(CardError):
    """The card has no eMRTD application: a bank or transport card."""

    code = "card.not_id"
    next_step = "Put in the citizen ID card (CCCD or Can cuoc)."


class CardProtocolError(CardError):
    """The chip answered something no honest chip answers (bad MAC, malformed or oversized data)."""

    code = "card.protocol"
    next_step = "Take the card out, wipe the chip and try again; if it happens twice, type the details."


class CardMismatchError(CardError):
    """The card in the slot is not the card whose QR was shown."""

    code = "card.mismatch"
    next_step = "Use the QR code and the chip of the same card."


# --- codes --------------------------------------------------------------------------------------------


class ScannerMisconfiguredError(DriverError):
    """The QR scanner sends text that is not UTF-8, so names would be damaged."""

    code = "qr.misconfigured"
    next_step = "Scan the UTF-8 set-up code in the scanner's manual."


# --- paper --------------------------------------------------------------------------------------------


class ScanError(DriverError):
    """A paper could not be captured or turned into a page."""

    code = "scan.failed"
    next_step = "Lay the paper flat under the camera and try again."


class PageNotFoundError(ScanError):
    """No page outline was found in the picture."""

    code = "scan.no_page"
    next_step = "Lay one sheet flat on the dark plate, all four corners in view."


class PictureUnreadableError(ScanError):
    """The file is not a picture this kiosk can read, or it is too large."""

    code = "scan.unreadable"
    next_step = "Give a JPEG or PNG picture of at most 50 megapixels."


# --- printing -----------------------------------------------------------------------------------------


class PrinterError(DriverError):
    """The ticket did not come out."""

    code = "printer.failed"
    next_step = "Call staff: the ticket printer needs a look."


QR_TOO_LONG = "ticket.qr_too_long"
"""The `detail` of a ticket that was not drawn: its code would have to hold more than a code can."""


class PrinterBlockedError(PrinterError):
    """The printer needs a person: paper out, cover open, cutter jammed. `detail` says which."""

    code = "printer.blocked"
    next_step = "Put paper in, close the cover, or clear the cutter."
