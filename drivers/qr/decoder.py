"""Reads the QR codes in a picture, and the bar codes of older receipts (Code 128, PDF417), byte for byte.

zxing-cpp leads by far and goes first, asked for QR codes, then for the others: looking for every kind it
knows takes eight times as long as for QR codes and finds nothing a kiosk is shown. Where it saw a QR code but
could not read it, and where edges are dense, dearer ways are tried on that place only: enlarged, sharpened,
and last pyzbar. A code that was read is painted over first, so that an easy one never hides a harder one.
Bytes are decoded as strict UTF-8 here: libraries that guess take Vietnamese for Big5 or Shift-JIS.
Source: SCAN.md, "Reading codes"; the order of the ways is from benchmarks/codes.py.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import cv2
import numpy as np
import zxingcpp

from drivers.qr.places import LEAST_EDGES, dense_places, with_margin

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from drivers.ports import Corner
    from drivers.qr.places import Place

    Ways = tuple[tuple[float, float, float], ...]

QR = zxingcpp.BarcodeFormats([zxingcpp.BarcodeFormat.QRCode])
BARS = zxingcpp.BarcodeFormats([zxingcpp.BarcodeFormat.Code128, zxingcpp.BarcodeFormat.PDF417])
LARGEST_PX = 2600
"""Pictures with a longer side are shrunk first: a code on paper keeps more than 4 px a module."""
LARGEST_ENLARGED_PX = 3200
"""A picture is never enlarged beyond this."""
WAYS: Ways = (
    (1.5, 2.5, 2.0),
    (2.0, 0.0, 0.0),
    (2.0, 5.0, 3.0),
    (1.0, 1.2, 2.0),
    (3.0, 0.0, 0.0),
    (3.0, 4.0, 2.0),
)
"""Enlargement, sigma of the soft copy in pixels, and how much of the difference is added back."""
SECOND_OPINION = (2.0, 3.0, 1.5)
"""The same, for pyzbar."""
BESIDE_EDGES = 10.0
"""Mean step, grey levels a shrunk pixel, of a place worth a look beside a code that was read.

Small print has less, a soft code in poor light more."""
WAYS_BESIDE = 1
"""So many of the ways are tried there; all of them would treble the time a card takes."""
LEAST_PLACE_PX = 90
"""Smaller places beside a code that was read are print: 21 modules of 2 pixels with their surroundings."""
PAINTED = 1.15
"""A code is painted over so much larger than it is: its corners are told to a module."""
LIGHTEST = 80
"""Percentile of a code's pixels that is its white."""
LOST_LETTERS = "\ufffd"
"""Stands for a text whose letters cannot be told for certain."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """One code found in a picture."""

    text: str = field(repr=False)
    corners: tuple[Corner, Corner, Corner, Corner]
    """`(x, y)` in pixels of the picture given, clockwise from the code's own top-left."""
    symbology: str
    """`QRCode`, `Code128` or `PDF417`, as zxing-cpp names it."""
    exact: bool = True
    """False when the bytes were not UTF-8 and the encoding was guessed."""

    @property
    def told(self) -> str:
        """What a visit may be told: the text; where it was guessed, a mark that is no card and no receipt."""
        return self.text if self.exact else LOST_LETTERS


def decode(image: NDArray[np.uint8]) -> list[Code]:
    """Return the codes in a picture, an empty list when there are none that can be read for certain.

    Args:
        image: (height, width, 3) uint8 BGR or (height, width) uint8 grey.
    """
    grey, shrink = to_grey(image)
    codes, unread = read_plainly(grey)
    codes += read_bars(grey)
    codes += _by_dearer_ways(grey, unread, codes)
    return [moved(code, 1 / shrink, (0.0, 0.0)) for code in codes]


def to_grey(image: NDArray[np.uint8]) -> tuple[NDArray[np.uint8], float]:
    """Return the picture in grey, at most LARGEST_PX long, and by how much it was shrunk."""
    grey = np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY) if image.ndim == 3 else image, np.uint8)  # noqa: PLR2004 - colour axis
    shrink = min(1.0, LARGEST_PX / max(grey.shape))
    if shrink < 1:
        grey = np.asarray(
            cv2.resize(grey, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA), np.uint8
        )
    return np.ascontiguousarray(grey), shrink


def _by_dearer_ways(
    grey: NDArray[np.uint8], unread: list[NDArray[np.float32]], plain: list[Code]
) -> list[Code]:
    """Return the codes that the plain look left, one place after the other until no way reads any more."""
    found: list[Code] = []
    while True:
        known = plain + found
        left = without(grey, known)
        looks = _looks(left, unread, known, WAYS[:WAYS_BESIDE] if plain else WAYS)
        fresh = next((codes for look in looks if (codes := unknown(look, known))), [])
        if not fresh:
            return found
        found += fresh


def _looks(
    left: NDArray[np.uint8], unread: list[NDArray[np.float32]], known: list[Code], ways: Ways
) -> Iterator[list[Code]]:
    """Try ever dearer ways; the caller stops at the first that finds something.

    Args:
        left: The picture without the known codes.
        unread: Corners of codes that were seen and not read.
        known: What was read so far.
        ways: Tried on dense places beside a known code, which are mostly print.
    """
    seen = [around(corners, left.shape) for corners in unread if not is_covered(corners, known)]
    dense = dense_places(left, least=BESIDE_EDGES if known else LEAST_EDGES)
    if known:
        yield from _dearer_ways(left, seen)
        yield from _in_ways(left, [place for place in dense if _may_hold_a_code(place)], ways)
        return
    yield from _dearer_ways(left, seen + dense)
    if seen or dense:  # what looked like a code may have been text, and the code elsewhere
        yield read_in(left, (0, 0, left.shape[1], left.shape[0]), WAYS[0], second_opinion=False)


def _may_hold_a_code(place: Place) -> bool:
    """Tell whether the smallest code anybody reads, with its surroundings, has room there."""
    left, top, right, bottom = place
    return min(right - left, bottom - top) >= LEAST_PLACE_PX


def _dearer_ways(grey: NDArray[np.uint8], places: list[Place]) -> Iterator[list[Code]]:
    yield from _in_ways(grey, places, WAYS)
    for place in places:
        yield read_in(grey, place, SECOND_OPINION, second_opinion=True)


def _in_ways(grey: NDArray[np.uint8], places: list[Place], ways: Ways) -> Iterator[list[Code]]:
    for way in ways:
        for place in places:
            yield read_in(grey, place, way, second_opinion=False)


def without(grey: NDArray[np.uint8], codes: list[Code]) -> NDArray[np.uint8]:
    """Return the picture with these codes painted over in their own white; the picture itself without any."""
    if not codes:
        return grey
    painted = grey.copy()
    for code in codes:
        outline = np.array(code.corners, np.float32)
        outline = (outline - outline.mean(axis=0)) * PAINTED + outline.mean(axis=0)
        left, top = np.maximum(outline.min(axis=0), 0).astype(int)
        right, bottom = outline.max(axis=0).astype(int) + 1
        white = int(np.percentile(grey[top:bottom, left:right], LIGHTEST))
        cv2.fillConvexPoly(painted, outline.astype(np.int32), white)
    return painted


def is_covered(corners: Sequence[Corner] | NDArray[np.float32], codes: list[Code]) -> bool:
    """Tell whether the middle between these corners lies on one of the codes."""
    x, y = np.mean(np.asarray(corners, np.float32), axis=0)
    outlines = (np.array(code.corners, np.float32) for code in codes)
    return any(
        cv2.pointPolygonTest(outline, (float(x), float(y)), measureDist=False) >= 0 for outline in outlines
    )


def unknown(codes: list[Code], known: list[Code]) -> list[Code]:
    """Return those of the codes that lie elsewhere than the known ones."""
    return [code for code in codes if not is_covered(code.corners, known)]


def around(corners: NDArray[np.float32], shape: tuple[int, ...]) -> Place:
    """Return the place of a code with its surroundings, inside a picture of this (height, width)."""
    left, top = (int(value) for value in corners.min(axis=0))
    right, bottom = (int(value) for value in corners.max(axis=0))
    return with_margin((left, top, right, bottom), shape)


def read_in(
    grey: NDArray[np.uint8],
    place: Place,
    way: tuple[float, float, float],
    *,
    second_opinion: bool,
) -> list[Code]:
    """Read the codes in one place, enlarged and sharpened.

    Args:
        grey: (height, width) uint8.
        place: Where to look.
        way: One of WAYS, or SECOND_OPINION.
        second_opinion: Ask pyzbar instead of zxing-cpp.
    """
    left, top, right, bottom = place
    crop = grey[top:bottom, left:right]
    wanted, sigma, amount = way
    scale = max(1.0, min(wanted, LARGEST_ENLARGED_PX / max(crop.shape)))
    larger = cv2.resize(crop, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC)
    if sigma:
        larger = cv2.addWeighted(larger, 1 + amount, cv2.GaussianBlur(larger, (0, 0), sigma), -amount, 0)
    sharp = np.asarray(larger, np.uint8)
    codes = _with_zbar(sharp) if second_opinion else read_plainly(sharp)[0]
    if not codes and not sigma:
        codes = read_plainly(sharp, one_threshold=True)[0]
    return [moved(code, 1 / scale, (left, top)) for code in codes]


def read_plainly(
    grey: NDArray[np.uint8], *, one_threshold: bool = False
) -> tuple[list[Code], list[NDArray[np.float32]]]:
    """Read the QR codes in a grey picture as it is with zxing-cpp.

    Returns:
        The codes read, and the corners of those seen but not read.
    """
    binarizer = zxingcpp.Binarizer.GlobalHistogram if one_threshold else zxingcpp.Binarizer.LocalAverage
    codes: list[Code] = []
    unread: list[NDArray[np.float32]] = []
    for barcode in zxingcpp.read_barcodes(grey, formats=QR, return_errors=True, binarizer=binarizer):
        if barcode.error:
            unread.append(np.array(_corners_of(barcode), np.float32))
        else:
            codes += _code_of(barcode)
    return codes, unread


def read_bars(grey: NDArray[np.uint8]) -> list[Code]:
    """Read the Code 128 and PDF417 codes in a grey picture as it is with zxing-cpp."""
    found = zxingcpp.read_barcodes(grey, formats=BARS)
    return [code for barcode in found for code in _code_of(barcode)]


def _code_of(barcode: zxingcpp.Barcode) -> list[Code]:
    """Return what was read; nothing where the text is empty or must not be guessed."""
    text, exact = _text_of(bytes(barcode.bytes), str(barcode.text))
    symbology = str(barcode.format).rsplit(".", maxsplit=1)[-1].replace(" ", "")
    return [Code(text=text, corners=_corners_of(barcode), symbology=symbology, exact=exact)] if text else []


def _corners_of(barcode: zxingcpp.Barcode) -> tuple[Corner, Corner, Corner, Corner]:
    place = barcode.position
    points = (place.top_left, place.top_right, place.bottom_right, place.bottom_left)
    first, second, third, fourth = ((float(point.x), float(point.y)) for point in points)
    return first, second, third, fourth


def _with_zbar(grey: NDArray[np.uint8]) -> list[Code]:
    from drivers.qr.zbar import read_qr

    texts = ((*_text_of(raw, ""), corners) for raw, corners in read_qr(grey))
    return [
        Code(text=text, corners=corners, symbology="QRCode", exact=exact)
        for text, exact, corners in texts
        if text
    ]


def _text_of(raw: bytes, guessed: str) -> tuple[str, bool]:
    """Return the text and whether it is exact.

    Bytes that are not UTF-8 may be Japanese or Latin and are taken as the library guesses, but never where
    they could hold a person's name: half a name is worse than none. Of those only the mark is given.
    """
    try:
        return raw.decode("utf-8"), True
    except UnicodeDecodeError:
        personal = b"|" in raw or b"$" in raw
        return (LOST_LETTERS if personal else guessed), False


def moved(code: Code, factor: float, origin: tuple[float, float]) -> Code:
    """Return the code with its place enlarged by a factor and then shifted, pixels."""
    corners = ((x * factor + origin[0], y * factor + origin[1]) for x, y in code.corners)
    first, second, third, fourth = corners
    return Code(
        text=code.text, corners=(first, second, third, fourth), symbology=code.symbology, exact=code.exact
    )
