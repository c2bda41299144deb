"""Binds pages into one PDF: exact size, colour profile, PDF/A-2b mark, nothing personal inside.

Source: Decree 30/2020/ND-CP, Appendix I (PDF 1.4 or later, colour, 200 dpi or more); ISO 19005-2.
"""

from __future__ import annotations

import io
from functools import cache
from typing import TYPE_CHECKING

import pikepdf
from pikepdf import Array, Dictionary, Name, Pdf, Rectangle, Stream, String
from PIL import ImageCms

from drivers.scanner.enhance import CARD_DPI, CARD_LONG_PX, CARD_SHORT_PX
from drivers.scanner.pdf_pictures import draw

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from drivers.ports import ScannedPage

POINTS_PER_INCH = 72
A4_POINTS = (210 / 25.4 * POINTS_PER_INCH, 297 / 25.4 * POINTS_PER_INCH)


def bind(
    pages: tuple[ScannedPage, ...], *, title: str, text_of: Callable[[ScannedPage], bytes] | None = None
) -> bytes:
    """Return a PDF/A-2b file of these pages in order; the same pages and title give the same bytes.

    The two sides of an ID card, one after the other, come on one A4 sheet as every counter asks for them.

    Args:
        pages: At least one page.
        title: Shown by readers; must hold no personal data.
        text_of: Gives the text of a page as an invisible PDF page, or nothing (`hidden_text.py`).
    """
    if not pages:
        raise ValueError("A PDF needs at least one page.")
    with pikepdf.new() as pdf:
        for sheet in on_sheets(pages):
            _add_sheet(pdf, sheet, text_of)
        _mark_as_archive(pdf, title)
        target = io.BytesIO()
        pdf.save(target, min_version="1.7", deterministic_id=True, fix_metadata_version=False)
    return target.getvalue()


def on_sheets(pages: tuple[ScannedPage, ...]) -> Iterator[tuple[ScannedPage, ...]]:
    """Give what goes on one sheet: a page, or the two sides of an ID card that follow each other."""
    waiting: ScannedPage | None = None
    for page in pages:
        if waiting is not None and _is_card(page):
            yield waiting, page
            waiting = None
            continue
        if waiting is not None:
            yield (waiting,)
        waiting = page if _is_card(page) else None
        if waiting is None:
            yield (page,)
    if waiting is not None:
        yield (waiting,)


def _is_card(page: ScannedPage) -> bool:
    return page.dpi == CARD_DPI and {page.width, page.height} == {CARD_LONG_PX, CARD_SHORT_PX}


def _add_sheet(
    pdf: Pdf, pages: tuple[ScannedPage, ...], text_of: Callable[[ScannedPage], bytes] | None
) -> None:
    """Add one page in its own size, or several on A4, one under the other, each in its true size."""
    sizes = [(p.width * POINTS_PER_INCH / p.dpi, p.height * POINTS_PER_INCH / p.dpi) for p in pages]
    sheet_size = sizes[0] if len(pages) == 1 else A4_POINTS
    row = sheet_size[1] / len(pages)
    content, pictures = "", Dictionary()
    texts: list[tuple[bytes, Rectangle]] = []
    for number, (page, (width, height)) in enumerate(zip(pages, sizes, strict=True), start=1):
        left = (sheet_size[0] - width) / 2
        low = sheet_size[1] - row * (number - 0.5) - height / 2
        drawn, needed = draw(pdf, page, number)
        content += f"q {width:.4f} 0 0 {height:.4f} {left:.4f} {low:.4f} cm {drawn} Q "
        for name, picture in needed.items():
            pictures[f"/{name}"] = picture
        if text_of is not None:
            texts.append((text_of(page), Rectangle(left, low, left + width, low + height)))
    sheet = Dictionary(
        Type=Name.Page,
        MediaBox=Array([0, 0, round(sheet_size[0], 4), round(sheet_size[1], 4)]),
        Resources=Dictionary(XObject=pictures),
        Contents=pdf.make_indirect(Stream(pdf, content.strip().encode("ascii"))),
    )
    pdf.pages.append(pikepdf.Page(pdf.make_indirect(sheet)))
    for text, place in texts:
        if text:
            with pikepdf.open(io.BytesIO(text)) as read:
                pdf.pages[-1].add_overlay(read.pages[0], place)


def _mark_as_archive(pdf: Pdf, title: str) -> None:
    profile = Stream(pdf, _srgb_profile())
    profile.stream_dict = Dictionary(N=3, Alternate=Name.DeviceRGB)
    intent = Dictionary(
        Type=Name.OutputIntent,
        S=Name.GTS_PDFA1,
        OutputConditionIdentifier=String("sRGB IEC61966-2.1"),
        Info=String("sRGB IEC61966-2.1"),
        DestOutputProfile=pdf.make_indirect(profile),
    )
    pdf.Root.OutputIntents = Array([pdf.make_indirect(intent)])
    pdf.Root.Lang = String("vi-VN")
    with pdf.open_metadata(set_pikepdf_as_editor=False, update_docinfo=True) as metadata:
        metadata["pdfaid:part"] = "2"
        metadata["pdfaid:conformance"] = "B"
        metadata["dc:title"] = title


@cache
def _srgb_profile() -> bytes:
    """Return an sRGB profile whose bytes do not tell when it was made."""
    made = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    made[24:36] = bytes.fromhex("07ea00010001000000000000")  # creation date of the header: 2026-01-01
    made[84:100] = bytes(16)  # profile ID: zero means not computed (ICC.1:2022, 7.2.18)
    return bytes(made)
