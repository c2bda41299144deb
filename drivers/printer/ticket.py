"""A ticket is drawn: text in the project's own font, a large number, a QR. Pure, no device.

Printed as dots because ESC/POS code pages mangle Vietnamese (DEVICES.md 2.1). Measures below are dots at
203 dpi (8 dots a mm) and scale with the printer's resolution.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from drivers.ports import Ticket, TicketKind
from drivers.printer.typeset import CAPITAL, Sheet, Style, Weight, width_of

if TYPE_CHECKING:
    from PIL.Image import Image

    from drivers.printer.raster import Raster

REPRINT_MARK = "BẢN IN LẠI"
_DESIGN_DPI = 203
_WIDE_FROM_MM = 55
"""Printable width from which the QR stands beside its text (80 mm paper) and not above it (58 mm)."""
_NUMBER_MM = 15
"""Least height of a queue number: read by old eyes from the bench (issue 7)."""
_NUMBER_WIDE_MM = 17
_BELOW_RULE = 12
_QR_QUIET = 4
"""Modules of white around the code. Source: ISO/IEC 18004, 5.3.8."""


@dataclass(frozen=True, slots=True)
class _Plan:
    """The measures of one paper width, in dots of the printer."""

    width: int
    dpi: int

    @property
    def wide(self) -> bool:
        return self.width / self.dpi * 25.4 > _WIDE_FROM_MM

    def dots(self, design: float) -> int:
        return max(1, round(design * self.dpi / _DESIGN_DPI))

    def mm(self, length: float) -> int:
        return round(length * self.dpi / 25.4)

    def style(self, weight: Weight, wide: int, narrow: int) -> Style:
        return Style(weight=weight, size=self.dots(wide if self.wide else narrow))

    @property
    def body(self) -> Style:
        return self.style(Weight.MEDIUM, 25, 22)

    @property
    def small(self) -> Style:
        return self.style(Weight.MEDIUM, 22, 20)

    @property
    def strong(self) -> Style:
        return self.style(Weight.BOLD, 25, 22)

    @property
    def centre(self) -> Style:
        return self.style(Weight.BOLD, 25, 21)

    @property
    def service(self) -> Style:
        return self.style(Weight.BOLD, 35, 28)


def render(ticket: Ticket, *, width_dots: int = 576, dpi: int = 203) -> Raster:
    """Draw a ticket.

    Args:
        ticket: What it says; all text ready in its language.
        width_dots: Printable dots across: 576 on 80 mm paper, 384 on 58 mm.
        dpi: Dots per inch of the printer.
    """
    plan = _Plan(width_dots, dpi)
    sheet = Sheet(width_dots, side=plan.dots(20 if plan.wide else 8))
    _head(sheet, ticket, plan)
    if ticket.kind is TicketKind.QUEUE:
        _queue(sheet, ticket, plan)
    else:
        _slip(sheet, ticket, plan)
    _foot(sheet, ticket, plan)
    return sheet.finish()


def _head(sheet: Sheet, ticket: Ticket, plan: _Plan) -> None:
    sheet.space(plan.dots(4))
    if ticket.reprint:
        sheet.band(REPRINT_MARK, plan.style(Weight.BOLD, 30, 26))
        sheet.space(plan.dots(8))
    sheet.centred(ticket.centre, plan.centre, even=False)
    _rule(sheet, plan)


def _queue(sheet: Sheet, ticket: Ticket, plan: _Plan) -> None:
    """The number and where to go; the first row (the counter) as large as the service."""
    sheet.centred(ticket.heading, plan.body)
    sheet.space(plan.dots(10))
    sheet.number(ticket.number, Weight.BLACK, height=plan.mm(_NUMBER_WIDE_MM if plan.wide else _NUMBER_MM))
    sheet.space(plan.dots(12))
    sheet.centred(ticket.service, plan.service)
    for at, row in enumerate(ticket.rows):
        sheet.centred(f"{row.label} {row.value}", plan.service if at == 0 else plan.body)
    if ticket.qr_text is None:
        for note in ticket.notes:
            sheet.centred(note, plan.body)
        return
    _rule(sheet, plan)
    _code_beside_text(sheet, ticket, plan)


def _slip(sheet: Sheet, ticket: Ticket, plan: _Plan) -> None:
    """A receipt of a hand-in or a status slip: code, service, rows, what happens next, QR."""
    sheet.centred(ticket.heading, plan.body)
    sheet.space(plan.dots(6))
    _code_line(sheet, ticket.number, plan)
    sheet.space(plan.dots(10))
    sheet.centred(ticket.service, plan.style(Weight.BOLD, 29, 25))
    if ticket.rows:
        _rule(sheet, plan)
        for row in ticket.rows:
            sheet.pair(row.label, row.value, plan.body, plan.strong)
    if ticket.qr_text is not None:
        _rule(sheet, plan)
        _code_beside_text(sheet, ticket, plan)
    elif ticket.notes:
        _rule(sheet, plan)
        _notes(sheet, ticket.notes, plan, x=sheet.side, width=sheet.inner)


def _code_line(sheet: Sheet, text: str, plan: _Plan) -> None:
    """Set a receipt code as large as the paper allows, up to 7 mm, never squeezed."""
    size = round(plan.mm(7) / CAPITAL)
    while size > plan.body.size and width_of(text, Style(weight=Weight.BLACK, size=size)) > sheet.inner:
        size -= 1
    sheet.number(text, Weight.BLACK, height=round(size * CAPITAL))


def _code_beside_text(sheet: Sheet, ticket: Ticket, plan: _Plan) -> None:
    """Put the QR at the left and the notes beside it; on narrow paper the notes go below."""
    most = sheet.inner * 9 // 20 if plan.wide else sheet.inner
    code, module = _qr(ticket.qr_text or "", plan, most=most)
    quiet = _QR_QUIET * module
    sheet.space(max(0, quiet - plan.dots(_BELOW_RULE)))
    top = sheet.y
    if plan.wide:
        x = sheet.side + code.width + max(quiet, plan.dots(22))
        sheet.stamp(code, x=sheet.side)
        _notes(sheet, ticket.notes, plan, x=x, width=sheet.width - sheet.side - x)
        sheet.y = max(sheet.y, top + code.height)
        return
    sheet.stamp(code, x=(sheet.width - code.width) // 2)
    sheet.y += code.height + quiet
    _notes(sheet, ticket.notes, plan, x=sheet.side, width=sheet.inner)


def _notes(sheet: Sheet, notes: tuple[str, ...], plan: _Plan, *, x: int, width: int) -> None:
    for note in notes:
        sheet.left(note, plan.body, x=x, width=width)
        sheet.space(plan.dots(3))


def _qr(text: str, plan: _Plan, *, most: int) -> tuple[Image, int]:
    """Draw the code (255 is ink) in modules of 0.5 mm, less where it would not fit in `most` dots.

    Returns:
        The picture without its quiet zone, and the dots of one module.
    """
    import segno
    from PIL import Image as Pictures

    matrix = segno.make(text, micro=False, error="m", boost_error=False).matrix
    modules = len(matrix)
    module = max(1, min(plan.dots(4), most // modules))
    packed = bytes(255 if dark else 0 for row in matrix for dark in row)
    code = Pictures.frombytes("L", (modules, modules), packed)
    side = modules * module
    return code.resize((side, side), Pictures.Resampling.NEAREST), module


def _foot(sheet: Sheet, ticket: Ticket, plan: _Plan) -> None:
    sheet.space(plan.dots(10))
    said = ticket.issued_at.strftime("%H:%M · %d/%m/%Y")
    if ticket.kind is TicketKind.QUEUE:
        sheet.centred(f"{said} · Hotline {ticket.hotline}" if ticket.hotline else said, plan.small)
    else:
        _rule(sheet, plan)
        if ticket.hotline:
            sheet.pair(said, f"Hotline {ticket.hotline}", plan.small, plan.strong)
        else:
            sheet.centred(said, plan.small)
    sheet.space(plan.dots(4))


def _rule(sheet: Sheet, plan: _Plan) -> None:
    sheet.space(plan.dots(6))
    sheet.rule(thickness=plan.dots(3), dash=plan.dots(8))
    sheet.space(plan.dots(_BELOW_RULE))
