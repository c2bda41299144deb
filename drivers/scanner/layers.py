"""Splits a page into ink and paper: a sharp 1-bit mask of the ink, and two small pictures of colours.

Letters need sharp edges and no shades, paper and colours need shades and no sharp edges. Kept apart, a dense
page weighs a fifth of its JPEG and reads as well. Symbols are never shared between places, as JBIG2's symbol
mode does: that may swap letters. A page with photographs would not look the same; `split` says so.
Source: ISO 32000-1, 8.9.6.2 and 8.9.6.3 (stencil and explicit masks), ITU-T T.6 (CCITT Group 4).
"""

from __future__ import annotations

import io
from functools import reduce
from typing import TYPE_CHECKING, Any, NamedTuple

import cv2
import numpy as np
from PIL import Image
from PIL.TiffImagePlugin import TiffImageFile

from drivers.ports import PageLayers
from drivers.scanner.jpeg import is_neutral, to_jpeg

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from drivers.ports import ScannedPage

INK_SCALE = 1.5
"""Pixels of the mask for one of the page: with one bit for each at 200 dots an inch, 3 % of the letters lose
their accents (â for ấ); with 300 none do, for 20 KiB more."""
FINE_SHARE = 0.45
"""A pixel of the mask is ink when it is darker than this share of the darkest ink around it."""
SHARPEN = 1.0
"""How much the mask's picture is sharpened before: what lens and perspective smeared between the strokes of
an accent parts again. Without, a page loses half as many letters more."""
SMEARED_PX = 1.0
"""How far that smear reaches, pixels of the page."""
INK_SHARE = 0.5
"""The same at the page's own resolution, where only colours are taken by it."""
CORE_SHARE = 0.8
"""The same for the middle of a stroke, whose colour no paper has paled."""
FAINTEST_WIDE = 40.0
"""What is wide and paler than this under white, grey levels, is a tint of the paper."""
FAINTEST_STROKE = 11.0
"""Strokes paler than this under the paper beside them, grey levels, stay with it: that may be noise.
Pencil is 40 to 90 levels under its paper, and the paper layer is too coarse to keep letters."""
FAINTEST_MARK, MARK_PX = 4, 12
"""So few grey levels, on so many pixels together, are something on a page, too faint to be drawn as ink."""
NOISE = 7
"""What is no farther under the paper, grey levels, is no ink."""
GRAIN = 5
"""Where the paper itself is grainy, as a shadow that was made light, strokes count from so many times the
median of the grain on. Elsewhere whitened paper has none."""
GRAIN_SHRINK, GRAIN_PX = 4, 51
"""The grain is looked for at this fraction, in squares of this side there: 2.6 cm, mostly paper."""
DARK_INK = 110
"""Beside ink as dark as this, grey levels under white, no faint stroke is looked for: it is its edge."""
RIM_PX = 12
"""Along the edges of a page, 1.5 mm, faint strokes are the shadow of its cut."""
WIDE_PX = 31
"""What is wider than this is no stroke, pixels: 4 mm."""
AROUND_PX = 15
"""How far around a pixel its ink is looked for, pixels: a letter's width at 200 dpi."""
SPECK_PX = 4
"""Spots of fewer pixels are dust; a dot of 9-point print has nine."""
COLOURS_SHRINK, PAPER_SHRINK = 4, 3
"""The small pictures have this fraction of the page's resolution: 50 and 67 dots an inch of 200."""
COLOURS_QUALITY, PAPER_QUALITY = 45, 35
"""JPEG quality of the small pictures."""
LEAST_SHARE = 0.003
"""Of a small pixel: with less of it covered by strokes, their colour is taken from farther away."""
BLACK = 110
"""The middle of a black stroke is darker than this in every channel."""
MOST_NOT_BLACK = 150
"""A page with more pixels of lighter strokes, a short signature, has coloured or grey ink."""
WHITE = 238
"""Paper is white when every channel is lighter than this."""
MOST_NOT_WHITE = 100
"""A page with more darker pixels of the small picture, a faint line of 4 cm, is not white."""
LOOK_SHRINK, TILE = 4, 8
"""Page and layers are compared at this fraction, in tiles of this side there: 32 pixels, 4 mm."""
TILE_STEP = 28.0
"""A tile that differs by more than this on average, grey levels, does not look the same."""
MOST_TILES = 2
"""With more such tiles the layers do not show the page: a strong guilloche, a stamp over small print."""
STROKE_PX = 21
"""No stroke of a pen or a letter is as wide, pixels: 2.7 mm. What is wider is a bar, a star, a photograph."""
LEAST_PHOTOGRAPH = 2000
"""Fewer pixels of it are no photograph: 0.3 cm2; a print of 3 x 4 cm has 27,000 and more."""
SHADES = 12.0
"""Standard deviation, grey levels, from which such a place is a photograph; printed bars have 2."""


def split(page: NDArray[np.uint8]) -> PageLayers | None:
    """Return the layers of a page, or None where they would not show what the page shows.

    Args:
        page: (height, width, 3) uint8 BGR, flattened and whitened.
    """
    depths = _depths_of(page)
    ink, core = _ink_of(depths)
    if _has_photograph(page, ink):
        return None
    paper, colours = _paper_without(page, ink), _colours_of(page, ink, core)
    if not _looks_the_same(page, ink, paper, colours):
        return None
    lightest = np.asarray(reduce(cv2.max, cv2.split(page)))
    black = int((lightest[core > 0] > BLACK).sum()) <= MOST_NOT_BLACK
    white = int((paper.min(axis=2) < WHITE).sum()) <= MOST_NOT_WHITE
    fine = _fine_ink_of(depths)
    return PageLayers(
        ink=to_group4(fine),
        ink_size=(fine.shape[1], fine.shape[0]),
        colours=b"" if black else to_jpeg(colours, COLOURS_QUALITY, grey=is_neutral(colours)),
        paper=b"" if white else to_jpeg(paper, PAPER_QUALITY, grey=is_neutral(paper)),
        untouched=black and white and not fine.any() and not _has_marks(depths[1]),
    )


def is_blank(page: ScannedPage) -> bool:
    """Tell whether nothing at all is on a page; a single dot, a faint line or a tint is something."""
    return page.layers is not None and page.layers.untouched


def to_group4(ink: NDArray[np.uint8]) -> bytes:
    """Return a mask as CCITT Group 4, black where it is not 0.

    Args:
        ink: (height, width) uint8.
    """
    target = io.BytesIO()
    # libtiff writes a set bit as black; one strip holds the whole picture (tag 278, RowsPerStrip)
    Image.fromarray(ink > 0).save(target, "TIFF", compression="group4", tiffinfo={278: ink.shape[0]})
    target.seek(0)
    with TiffImageFile(target) as made:
        (start,), (length,) = made.tag_v2[273], made.tag_v2[279]  # StripOffsets, StripByteCounts
    return target.getvalue()[start : start + length]


class _Depth(NamedTuple):
    """How dark each pixel is, and how dark the darkest ink around it; both (height, width) uint8."""

    dark: NDArray[np.uint8]
    peak: NDArray[np.uint8]
    faintest: float
    """Where the peak is lower there is no ink."""


def _depths_of(page: NDArray[np.uint8]) -> tuple[_Depth, _Depth]:
    """Return how far each pixel lies under white, and how far under the paper beside it.

    The first finds what is wide and dark, the second strokes, however faint.
    """
    dark = np.asarray(cv2.bitwise_not(reduce(cv2.min, cv2.split(page))), np.uint8)
    soft = cv2.GaussianBlur(dark, (0, 0), 0.8)
    paper = cv2.morphologyEx(soft, cv2.MORPH_OPEN, np.ones((WIDE_PX, WIDE_PX), np.uint8))
    stroke = np.zeros_like(dark)
    inner = (slice(RIM_PX, -RIM_PX), slice(RIM_PX, -RIM_PX))
    stroke[inner] = cv2.subtract(dark, paper)[inner]
    stroke = np.asarray(cv2.subtract(stroke, _grain_of(stroke)), np.uint8)
    wide = _Depth(dark, _peak_of(dark), FAINTEST_WIDE)
    beside = cv2.dilate(wide.peak, np.ones((AROUND_PX, AROUND_PX), np.uint8)) >= DARK_INK
    faint = np.where(beside, 0, _peak_of(stroke)).astype(np.uint8)
    return wide, _Depth(stroke, faint, FAINTEST_STROKE)


def _grain_of(stroke: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return from where on a mark is no grain any more, grey levels, (height, width) uint8."""
    few = stroke[::GRAIN_SHRINK, ::GRAIN_SHRINK]
    usual = cv2.convertScaleAbs(cv2.medianBlur(np.ascontiguousarray(few), GRAIN_PX), alpha=GRAIN)
    return np.asarray(cv2.resize(usual, stroke.shape[::-1]), np.uint8)


def _peak_of(dark: NDArray[np.uint8]) -> NDArray[np.uint8]:
    around = (AROUND_PX, AROUND_PX)
    darkest = cv2.dilate(cv2.GaussianBlur(dark, (0, 0), 0.8), np.ones(around, np.uint8))
    return np.asarray(cv2.blur(darkest, around), np.uint8)


def _ink_of(depths: tuple[_Depth, _Depth]) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Return where ink is, and where the middle of its strokes is, each (height, width) uint8 of 0 and 1.

    The threshold lies half-way between the paper and the darkest ink around, so that bold and faint strokes
    keep their width.
    """
    wide, stroke = (
        depth._replace(dark=np.asarray(cv2.GaussianBlur(depth.dark, (0, 0), 0.8), np.uint8))
        for depth in depths
    )
    mask = _without_dust(_darker(wide, INK_SHARE) | _darker(stroke, INK_SHARE), SPECK_PX)
    return mask, mask & (_darker(wide, CORE_SHARE) | _darker(stroke, CORE_SHARE))


def _fine_ink_of(depths: tuple[_Depth, _Depth]) -> NDArray[np.uint8]:
    """Return the mask of the ink, uint8 of 0 and 1, `INK_SCALE` times as wide and high as the page."""
    wide, stroke = (_darker(_finer(depth), FINE_SHARE) for depth in depths)
    return _without_dust(wide | stroke, round(SPECK_PX * INK_SCALE**2))


def _finer(depth: _Depth) -> _Depth:
    size = tuple(round(side * INK_SCALE) for side in depth.dark.shape[::-1])
    dark = cv2.resize(depth.dark, size, interpolation=cv2.INTER_CUBIC)
    smear = cv2.GaussianBlur(dark, (0, 0), SMEARED_PX * INK_SCALE)
    sharp = np.asarray(cv2.addWeighted(dark, 1 + SHARPEN, smear, -SHARPEN, 0), np.uint8)
    peak = np.asarray(cv2.resize(depth.peak, size, interpolation=cv2.INTER_LINEAR), np.uint8)
    return depth._replace(dark=sharp, peak=peak)


def _darker(depth: _Depth, share: float) -> NDArray[np.uint8]:
    """Return where a pixel is darker than that share of the darkest ink around it, uint8 of 0 and 1."""
    least = np.maximum(cv2.convertScaleAbs(depth.peak, alpha=share), NOISE)
    return ((depth.dark > least) & (depth.peak > depth.faintest)).astype(np.uint8)


def _without_dust(ink: NDArray[np.uint8], least: int) -> NDArray[np.uint8]:
    _, parts, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    kept = (stats[:, cv2.CC_STAT_AREA] >= least).astype(np.uint8)
    kept[0] = 0
    return np.asarray(kept[parts], np.uint8)


def _paper_without(page: NDArray[np.uint8], ink: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return the paper in small, what lies under ink taken from the lightest spot beside it."""
    small = _shrunk(page, PAPER_SHRINK)
    inked = cv2.dilate(_shrunk(ink * np.uint8(255), PAPER_SHRINK), np.ones((3, 3), np.uint8))
    light = cv2.dilate(small, np.ones((7, 7), np.uint8))
    return np.where(inked[..., None] > 0, light, small)


def _colours_of(
    page: NDArray[np.uint8], ink: NDArray[np.uint8], core: NDArray[np.uint8]
) -> NDArray[np.uint8]:
    """Return the colour of the ink in small, between strokes that of the nearest ones.

    The edge of a stroke counts a sixteenth of its middle: it tells the colour of what has no middle, such as
    a faint rule under bold print, which must not turn black.
    """
    weight = (ink + core * np.uint8(15)).astype(np.uint16) << 4
    inked = np.asarray(cv2.bitwise_and(page, page, mask=ink), np.uint16)
    total = _shrunk(inked * weight[..., None], COLOURS_SHRINK).astype(np.float32) / 256
    share = _shrunk(weight, COLOURS_SHRINK).astype(np.float32) / 256
    near, far = (
        (cv2.GaussianBlur(total, (0, 0), reach), cv2.GaussianBlur(share, (0, 0), reach)[..., None])
        for reach in (0.7, 8)
    )
    mixed = np.where(near[1] > LEAST_SHARE, *(sums / np.maximum(parts, 1e-4) for sums, parts in (near, far)))
    return np.clip(mixed, 0, 255).astype(np.uint8)


def _has_marks(stroke: _Depth) -> bool:
    return bool(_without_dust((stroke.dark > FAINTEST_MARK).astype(np.uint8), MARK_PX).any())


def _has_photograph(page: NDArray[np.uint8], ink: NDArray[np.uint8]) -> bool:
    wide = cv2.erode(ink, np.ones((STROKE_PX, STROKE_PX), np.uint8)) > 0
    shades = cv2.cvtColor(page, cv2.COLOR_BGR2GRAY)[wide]
    return shades.size >= LEAST_PHOTOGRAPH and float(shades.std()) >= SHADES


def _looks_the_same(
    page: NDArray[np.uint8],
    ink: NDArray[np.uint8],
    paper: NDArray[np.uint8],
    colours: NDArray[np.uint8],
) -> bool:
    """Tell whether page and layers agree, seen from so far that the edges of letters do not count."""
    seen = _shrunk(page, LOOK_SHRINK)
    size = (seen.shape[1], seen.shape[0])
    share = _shrunk(ink * np.uint8(255), LOOK_SHRINK)[..., None].astype(np.float32) / 255
    under, over = (cv2.resize(layer, size).astype(np.float32) for layer in (paper, colours))
    step = cv2.absdiff(seen.astype(np.float32), under * (1 - share) + over * share).max(axis=2)
    return int((_shrunk(step, TILE) > TILE_STEP).sum()) <= MOST_TILES


def _shrunk(picture: NDArray[Any], by: int) -> NDArray[Any]:
    size = (max(picture.shape[1] // by, 1), max(picture.shape[0] // by, 1))
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA))
