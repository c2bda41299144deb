"""Binds pages into one PDF: exact size, colour profile, PDF/A-2b mark, nothing personal inside.

Source: Decree 30/2020/ND-CP, Appendix I (PDF 1.4 or later, colour, 200 dpi or more); ISO 19005-2.
"""

from __future__ import annotations

import io
from functools import cache
from typing import TYPE_CHECKING

import pikepdf
from pikepdf import Array, Dictionary, Name, Pdf, Stream, String
from PIL import ImageCms

if TYPE_CHECKING:
    from drivers.ports import ScannedPage

POINTS_PER_INCH = 72


def bind(pages: tuple[ScannedPage, ...], *, title: str) -> bytes:
    """Return a PDF/A-2b file of these pages in order; the same pages and title give the same bytes.

    Args:
        pages: At least one page.
        title: Shown by readers; must hold no personal data.
    """
    if not pages:
        raise ValueError("A PDF needs at least one page.")
    with pikepdf.new() as pdf:
        for page in pages:
            _add_page(pdf, page)
        _mark_as_archive(pdf, title)
        target = io.BytesIO()
        pdf.save(target, min_version="1.7", deterministic_id=True, fix_metadata_version=False)
    return target.getvalue()


def _add_page(pdf: Pdf, page: ScannedPage) -> None:
    picture = Stream(pdf, page.jpeg)
    picture.stream_dict = Dictionary(
        Type=Name.XObject,
        Subtype=Name.Image,
        Width=page.width,
        Height=page.height,
        ColorSpace=Name.DeviceRGB,
        BitsPerComponent=8,
        Filter=Name.DCTDecode,
    )
    width = page.width * POINTS_PER_INCH / page.dpi
    height = page.height * POINTS_PER_INCH / page.dpi
    content = f"q {width:.4f} 0 0 {height:.4f} 0 0 cm /Page Do Q".encode("ascii")
    sheet = Dictionary(
        Type=Name.Page,
        MediaBox=Array([0, 0, round(width, 4), round(height, 4)]),
        Resources=Dictionary(XObject=Dictionary(Page=pdf.make_indirect(picture))),
        Contents=pdf.make_indirect(Stream(pdf, content)),
    )
    pdf.pages.append(pikepdf.Page(pdf.make_indirect(sheet)))


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
