"""Puts one page's picture on a PDF sheet, as one JPEG or as ink on paper.

Source: ISO 32000-1, 7.4.6 (CCITTFaxDecode), 8.9.5 (images), 8.9.6.2 and 8.9.6.3 (stencil and explicit masks).
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from pikepdf import Dictionary, Name, Stream
from PIL import Image

if TYPE_CHECKING:
    from pikepdf import Object, Pdf

    from drivers.ports import PageLayers, ScannedPage

    Pictures = dict[str, Object]
    """Name in the sheet's resources, without the slash, to the picture."""


def draw(pdf: Pdf, page: ScannedPage, number: int) -> tuple[str, Pictures]:
    """Return what draws a page into the unit square, and the pictures that needs.

    Args:
        pdf: The file the pictures go into.
        page: The page.
        number: Tells the pictures of several pages on one sheet apart.
    """
    if page.layers is None:
        return f"/Page{number} Do", {f"Page{number}": pdf.make_indirect(jpeg_picture(pdf, page.jpeg))}
    return _draw_layers(pdf, page.layers, number)


def jpeg_picture(pdf: Pdf, jpeg: bytes) -> Stream:
    """Return a JPEG as it is, in grey or in colour as it was made."""
    with Image.open(io.BytesIO(jpeg)) as opened:
        width, height = opened.size
        grey = opened.mode == "L"
    picture = Stream(pdf, jpeg)
    picture.stream_dict = Dictionary(
        Type=Name.XObject,
        Subtype=Name.Image,
        Width=width,
        Height=height,
        ColorSpace=Name.DeviceGray if grey else Name.DeviceRGB,
        BitsPerComponent=8,
        Filter=Name.DCTDecode,
    )
    return picture


def _draw_layers(pdf: Pdf, layers: PageLayers, number: int) -> tuple[str, Pictures]:
    """Draw the paper, if it is not white, then the ink: its colours where the mask lets them through."""
    pictures: Pictures = {}
    content = ""
    if layers.paper:
        pictures[f"Paper{number}"] = pdf.make_indirect(jpeg_picture(pdf, layers.paper))
        content = f"/Paper{number} Do "
    mask = pdf.make_indirect(_ink_mask(pdf, layers))
    if layers.colours:
        colours = jpeg_picture(pdf, layers.colours)
        colours.stream_dict.Mask = mask
        pictures[f"Ink{number}"] = pdf.make_indirect(colours)
    else:
        pictures[f"Ink{number}"] = mask  # a stencil is drawn in the colour set: black
    return f"{content}/Ink{number} Do", pictures


def _ink_mask(pdf: Pdf, layers: PageLayers) -> Stream:
    """Return the mask: black, which CCITTFaxDecode gives as 0, is drawn; white is left out."""
    width, height = layers.ink_size
    mask = Stream(pdf, layers.ink)
    mask.stream_dict = Dictionary(
        Type=Name.XObject,
        Subtype=Name.Image,
        Width=width,
        Height=height,
        ImageMask=True,
        BitsPerComponent=1,
        Filter=Name.CCITTFaxDecode,
        DecodeParms=Dictionary(K=-1, Columns=width, Rows=height),
    )
    return mask
