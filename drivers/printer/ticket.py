"""A ticket is drawn: text in the project's own font, a large number, a QR. Pure, no device.

Printed as dots because ESC/POS code pages mangle Vietnamese (DEVICES.md 2.1). Measures below are dots at
203 dpi (8 dots a mm) and scale with the printer's resolution.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from drivers.errors import QR_TOO_LONG, PrinterError
from drivers.ports import Ticket, TicketKind
from drivers.printer.typeset import CAPITAL, Sheet, Style, Weight, width_of, wrap

if TYPE_CHECKING:
    from PIL.Image import Image

    from drivers.printer.raster import Raster

REPRINT_MARK = "BẢN IN LẠI"
_DESIGN_DPI = 203
_WIDE_FROM_MM = 55
"""Printable width from which letters are those of 80 mm paper and not those of 58 mm."""
_NUMBER_MM = 15
"""Least height of a queue number: read by old eyes from the bench (issue 7)."""
_NUMBER_WIDE_MM = 17
_CODE_MM = 7
"""Height of a receipt code where the paper has room."""
_MOST_MM = 90
"""A longer ticket takes too long to come out (DEVICES.md 2.2)."""
_SCALES = (100, 94, 88, 82, 76, 70)
"""Letters and gaps get smaller, percent by percent, until a wordy ticket is short enough; codes do not."""
_LEAST = 18
"""No letters smaller than this, design dots per em: 6.4 points."""
_BELOW_RULE = 12
_MODULE = 4
"""Dots of one module of the code: 0.5 mm."""
_QR_QUIET = 4
"""Modules of white around the code. Source: ISO/IEC 18004, 5.3.8."""
_LEAST_COLUMN = 7
"""A column beside the code narrower than so many letters' heights would be a ladder of single words."""


@dataclass(frozen=True, slots=True)
class _Plan:
    """The measures of one paper width, in dots of the printer."""

    width: int
    dpi: int
    scale: int = 100
    """Percent of the design; the heights of numbers and codes are not scaled."""

    @property
    def wide(self) -> bool:
        return self.width / self.dpi * 25.4 > _WIDE_FROM_MM

    def exact(self, design: float) -> int:
        return max(1, round(design * self.dpi / _DESIGN_DPI))

    def dots(self, design: float) -> int:
        return self.exact(design * self.scale / 100)

    def mm(self, length: float) -> int:
        return round(length * self.dpi / 25.4)

    def style(self, weight: Weight, wide: int, narrow: int) -> Style:
        design = (wide if self.wide else narrow) * self.scale / 100
        return Style(weight=weight, size=self.exact(max(design, _LEAST)))

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
    """Draw a ticket, at most 90 mm long as far as its words allow with letters that can be read.

    Args:
        ticket: What it says; all text ready in its language.
        width_dots: Printable dots across: 576 on 80 mm paper, 384 on 58 mm.
        dpi: Dots per inch of the printer.

    Raises:
        PrinterError: The text of its code is longer than a code holds; `detail` is `QR_TOO_LONG`.
    """
    plan = _Plan(width_dots, dpi)
    code = _qr(ticket.qr_text, plan) if ticket.qr_text is not None else None
    sheet = _laid_out(ticket, code, plan)
    for scale in _SCALES[1:]:
        if sheet.y <= plan.mm(_MOST_MM):
            break
        sheet = _laid_out(ticket, code, _Plan(width_dots, dpi, scale))
    return sheet.finish()


def _laid_out(ticket: Ticket, code: _Code | None, plan: _Plan) -> Sheet:
    sheet = Sheet(plan.width, side=plan.exact(20 if plan.wide else 8))
    _head(sheet, ticket, plan)
    if ticket.kind is TicketKind.QUEUE:
        _queue(sheet, ticket, code, plan)
    else:
        _slip(sheet, ticket, code, plan)
    _foot(sheet, ticket, plan)
    return sheet


def _head(sheet: Sheet, ticket: Ticket, plan: _Plan) -> None:
    sheet.space(plan.dots(4))
    if ticket.reprint:
        sheet.band(REPRINT_MARK, plan.style(Weight.BOLD, 30, 26))
        sheet.space(plan.dots(8))
    sheet.centred(ticket.centre, plan.centre)
    _rule(sheet, plan)


def _queue(sheet: Sheet, ticket: Ticket, code: _Code | None, plan: _Plan) -> None:
    """The number and where to go; the first row (the counter) as large as the service."""
    sheet.centred(ticket.heading, plan.body)
    sheet.space(plan.dots(10))
    sheet.number(ticket.number, Weight.BLACK, height=plan.mm(_NUMBER_WIDE_MM if plan.wide else _NUMBER_MM))
    sheet.space(plan.dots(12))
    sheet.centred(ticket.service, plan.service)
    for at, row in enumerate(ticket.rows):
        sheet.centred(f"{row.label} {row.value}", plan.service if at == 0 else plan.body)
    if code is None:
        for note in ticket.notes:
            sheet.centred(note, plan.body)
        return
    _rule(sheet, plan)
    _code_and_notes(sheet, ticket.notes, code, plan)


def _slip(sheet: Sheet, ticket: Ticket, code: _Code | None, plan: _Plan) -> None:
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
    if code is not None:
        _rule(sheet, plan)
        _code_and_notes(sheet, ticket.notes, code, plan)
    elif ticket.notes:
        _rule(sheet, plan)
        _notes(sheet, ticket.notes, plan, x=sheet.side, width=sheet.inner)


def _code_line(sheet: Sheet, text: str, plan: _Plan) -> None:
    """Set a receipt code as large as the paper allows, up to 7 mm, never squeezed."""
    size = round(plan.mm(_CODE_MM) / CAPITAL)
    while size > plan.body.size and width_of(text, Style(weight=Weight.BLACK, size=size)) > sheet.inner:
        size -= 1
    sheet.number(text, Weight.BLACK, height=round(size * CAPITAL))


@dataclass(frozen=True, slots=True)
class _Code:
    """A QR drawn without its quiet zone, 255 is ink, and the dots of one module."""

    picture: Image
    module: int

    @property
    def quiet(self) -> int:
        return _QR_QUIET * self.module


def _code_and_notes(sheet: Sheet, notes: tuple[str, ...], code: _Code, plan: _Plan) -> None:
    """Put the QR at the left, beside it as many notes as make the ticket shortest, the others below."""
    side = code.picture.width
    left = max(sheet.side, code.quiet)
    x = left + side + max(code.quiet, plan.dots(22))
    column = sheet.width - sheet.side - x
    sheet.space(max(0, code.quiet - plan.dots(_BELOW_RULE)))
    beside = _most_beside(notes, side + code.quiet, (column, sheet.inner), plan)
    top = sheet.y
    sheet.stamp(code.picture, x=left if beside else (sheet.width - side) // 2)
    _notes(sheet, notes[:beside], plan, x=x, width=column)
    below = notes[beside:]
    sheet.y = max(sheet.y, top + side + (code.quiet if below else 0))
    _notes(sheet, below, plan, x=sheet.side, width=sheet.inner)


def _most_beside(notes: tuple[str, ...], code: int, widths: tuple[int, int], plan: _Plan) -> int:
    """Return how many notes go beside the code so that code and notes take the least paper.

    Args:
        notes: All of them, in order.
        code: Rows the code takes with its quiet zone.
        widths: Dots across beside the code and below it.
        plan: The paper.
    """
    column, whole = widths
    if column < _LEAST_COLUMN * plan.body.size:
        return 0
    heights = {}
    for count in range(len(notes) + 1):
        beside = _notes_height(notes[:count], column, plan)
        heights[count] = max(code, beside) + _notes_height(notes[count:], whole, plan)
    return max(heights, key=lambda count: (-heights[count], count))


def _notes_height(notes: tuple[str, ...], width: int, plan: _Plan) -> int:
    return sum(len(wrap(note, plan.body, width)) * plan.body.pitch + plan.dots(3) for note in notes)


def _notes(sheet: Sheet, notes: tuple[str, ...], plan: _Plan, *, x: int, width: int) -> None:
    for note in notes:
        sheet.left(note, plan.body, x=x, width=width)
        sheet.space(plan.dots(3))


def _qr(text: str, plan: _Plan) -> _Code:
    """Draw the code in modules of 0.5 mm, less only where it would not fit the paper."""
    import segno
    from PIL import Image as Pictures

    try:
        matrix = segno.make(text, micro=False, error="m", boost_error=False).matrix
    except segno.DataOverflowError as error:
        raise PrinterError(
            f"A QR code does not hold the ticket's text of {len(text)} letters; give it a shorter one.",
            detail=QR_TOO_LONG,
        ) from error
    modules = len(matrix)
    module = max(1, min(plan.exact(_MODULE), plan.width // (modules + 2 * _QR_QUIET)))
    packed = bytes(255 if dark else 0 for row in matrix for dark in row)
    drawn = Pictures.frombytes("L", (modules, modules), packed)
    side = modules * module
    return _Code(drawn.resize((side, side), Pictures.Resampling.NEAREST), module)


def _foot(sheet: Sheet, ticket: Ticket, plan: _Plan) -> None:
    sheet.space(plan.dots(10))
    said = ticket.issued_at.strftime("%H:%M %d/%m/%Y")
    told = f"{said} · Hotline {ticket.hotline}" if ticket.hotline else said
    if ticket.kind is not TicketKind.QUEUE:
        _rule(sheet, plan)
    sheet.centred(told, plan.small)
    sheet.space(plan.dots(4))


def _rule(sheet: Sheet, plan: _Plan) -> None:
    sheet.space(plan.dots(6))
    sheet.rule(thickness=plan.dots(3), dash=plan.dots(8))
    sheet.space(plan.dots(_BELOW_RULE))
