"""Builds the A4 printer the configuration names, or a simulated one, and the code for transfers."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final

from drivers.errors import DriverError
from forms.errors import FormError

if TYPE_CHECKING:
    from decimal import Decimal

    from drivers.ports import SheetPrinter
    from drivers.simulated.sheets import SimulatedSheets
    from kiosk_app.config import Config
    from kiosk_app.flow.services import PayCode

log = logging.getLogger(__name__)

SIMULATED: Final = "simulated:"


def open_sheet_printer(config: Config, *, simulate: bool) -> tuple[SheetPrinter, SimulatedSheets | None]:
    """Build the A4 printer; nothing is sent to it yet. The caller closes both.

    One whose queue makes no sense is ill, and staff see why.

    Args:
        config: The effective configuration.
        simulate: Whether a missing printer is simulated.
    """
    from drivers.printer.a4 import IppPrinter
    from drivers.printer.no_sheets import NoSheets

    queue = config.a4_printer.queue
    if queue == SIMULATED or (simulate and not queue):
        from drivers.simulated.sheets import SimulatedSheets as Simulated

        simulated = Simulated()
        return IppPrinter(simulated.queue), simulated
    if not queue:
        return NoSheets(), None
    try:
        return IppPrinter(queue), None
    except DriverError as error:
        told = {"code": error.code, "reason": error.detail}
        log.error("a4.not_opened", extra=told)  # noqa: TRY400 - code and reason say it all
        return NoSheets(error), None


def check_sheet_printer(config: Config) -> None:
    """Look at what the configuration says, and open nothing.

    Raises:
        PrinterError: The queue cannot be used; the message says what to write.
    """
    from drivers.printer.a4 import parse_queue

    if config.a4_printer.queue not in {"", SIMULATED}:
        parse_queue(config.a4_printer.queue)


def pay_code(config: Config) -> PayCode:
    """Return what makes the code of a transfer; empty where no account is configured, or a wrong one."""
    from forms.payment import Payee, transfer_code

    payee = None
    if config.payment.account:
        try:
            payee = Payee(bank=config.payment.bank, account=config.payment.account)
        except FormError as error:
            # Cash at the counter goes on; `kiosk config` shows what is written.
            log.error("payment.not_configured", extra={"code": error.code})  # noqa: TRY400 - the code says it all

    def code(amount: Decimal, *, purpose: str) -> str:
        return transfer_code(payee, amount=amount, purpose=purpose) if payee else ""

    return code
