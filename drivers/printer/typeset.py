"""Lines of type on a narrow strip of paper: fonts, wrapping, and a sheet that grows downwards."""

from __future__ import annotations

import math
import unicodedata
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from drivers.printer.raster import Raster, from_image

_FONTS = Path(__file__).resolve().parents[2] / "assets" / "fonts"
_INK = 0
_PAPER = 255
_THRESHOLD = 150
"""Grey below this burns: a little over half, so that thin strokes do not break at 203 dpi."""

ASCENT = 1.24
"""Height of the tallest stacked capital (Ẳ) over the baseline, in em of Be Vietnam Pro."""
DESCENT = 0.26
"""Depth of the deepest letter (ợ, y) under the baseline, in em."""
_OVERHANG = 2
"""Dots a last letter may reach past its advance."""
CAPITAL = 0.74
"""Height of a plain capital or digit, in em."""
_MOST_SQUEEZE = 0.75
LEADING = 1.32
"""Baseline to baseline, in em."""


class Weight(StrEnum):
    """The cuts of Be Vietnam Pro used on paper; Regular is too thin for 203 dpi."""

    MEDIUM = "Medium"
    BOLD = "Bold"
    BLACK = "ExtraBold"


@dataclass(frozen=True, slots=True, kw_only=True)
class Style:
    """A weight and a size in dots per em."""

    weight: Weight
    size: int

    @property
    def pitch(self) -> int:
        """Dots from baseline to baseline."""
        return round(self.size * LEADING)


@lru_cache(maxsize=32)
def _font(style: Style) -> ImageFont.FreeTypeFont:
    # Basic layout: Vietnamese needs no shaping once it is NFC, and raqm is not in every Pillow.
    return ImageFont.truetype(
        _FONTS / f"BeVietnamPro-{style.weight}.ttf", style.size, layout_engine=ImageFont.Layout.BASIC
    )


def clean(text: str) -> str:
    """Return text as one printable NFC line."""
    composed = unicodedata.normalize("NFC", text)
    spaced = "".join(" " if unicodedata.category(sign).startswith(("C", "Z")) else sign for sign in composed)
    return " ".join(spaced.split())


@lru_cache(maxsize=4096)
def _advance(sign: str, style: Style) -> float:
    return _font(style).getlength(sign)


def width_of(text: str, style: Style) -> int:
    """Return the dots a line takes across.

    The sum of its letters: exact, because the basic layout does not kern this font, and six times quicker
    than asking FreeType for each try at a line. Single letters are remembered, never a citizen's text.
    """
    return math.ceil(sum(_advance(sign, style) for sign in text)) + _OVERHANG


def wrap(text: str, style: Style, width: int) -> list[str]:
    """Break text at spaces into lines of at most `width` dots; a word too long for a line is cut."""
    lines: list[str] = []
    line = ""
    for word in clean(text).split(" "):
        joined = f"{line} {word}" if line else word
        if width_of(joined, style) <= width:
            line = joined
            continue
        if line:
            lines.append(line)
        *full, line = _cut_word(word, style, width)
        lines.extend(full)
    return [*lines, line] if line else lines


def balance(text: str, style: Style, width: int) -> list[str]:
    """Break text into as few lines as `wrap`, but with no lonely last word."""
    lines = wrap(text, style, width)
    step = max(style.size // 2, 1)
    narrower = width - step
    while len(lines) > 1 and narrower > width // 2:
        tried = wrap(text, style, narrower)
        if len(tried) > len(lines):
            break
        lines, narrower = tried, narrower - step
    return lines


def _cut_word(word: str, style: Style, width: int) -> list[str]:
    parts = [""]
    for sign in word:
        if parts[-1] and width_of(parts[-1] + sign, style) > width:
            parts.append("")
        parts[-1] += sign
    return parts


@dataclass(frozen=True, slots=True, kw_only=True)
class _Mark:
    """Something on the sheet: an image whose black dots are put at (x, y)."""

    x: int
    y: int
    picture: Image.Image = field(repr=False)


class Sheet:
    """Paper of one width that grows downwards; `y` is where the next thing goes."""

    def __init__(self, width: int, *, side: int) -> None:
        self.width = width
        self.side = side
        self.y = 0
        self._marks: list[_Mark] = []

    @property
    def inner(self) -> int:
        """Dots between the side margins."""
        return self.width - 2 * self.side

    def space(self, rows: int) -> None:
        """Leave blank rows."""
        self.y += rows

    def centred(self, text: str, style: Style, *, even: bool = True) -> None:
        """Set a paragraph, each line centred and, where `even`, about as long as the others.

        Where it does not fit one line, it breaks at the middle dots first: they join separate facts.
        """
        whole = clean(text)
        parts = [whole] if width_of(whole, style) <= self.inner else whole.split(" · ")
        for part in parts:
            for line in (balance if even else wrap)(part, style, self.inner):
                self._line(line, style, (self.width - width_of(line, style)) // 2, self.y)
                self.y += style.pitch

    def left(self, text: str, style: Style, *, x: int, width: int) -> None:
        """Set a paragraph from `x`, at most `width` dots wide."""
        for line in wrap(text, style, width):
            self._line(line, style, x, self.y)
            self.y += style.pitch

    def pair(self, label: str, value: str, style: Style, strong: Style) -> None:
        """Set a label at the left and its value at the right, or below where both do not fit."""
        label, value = clean(label), clean(value)
        gap = style.size // 2
        if width_of(label, style) + gap + width_of(value, strong) <= self.inner:
            drop = strong.size - style.size
            self._line(label, style, self.side, self.y + max(drop, 0))
            self._line(
                value, strong, self.width - self.side - width_of(value, strong), self.y + max(-drop, 0)
            )
            self.y += max(style.pitch, strong.pitch)
            return
        self.left(label, style, x=self.side, width=self.inner)
        self.left(value, strong, x=self.side, width=self.inner)

    def number(self, text: str, weight: Weight, *, height: int) -> None:
        """Set one line whose capitals are `height` dots high.

        What is too wide is squeezed across, and made lower only where squeezing would spoil it.
        """
        style = Style(weight=weight, size=round(height / CAPITAL))
        picture = _glyphs(clean(text), style)
        box = picture.getbbox()
        if box is None:
            return
        inked = picture.crop(box)
        if inked.width > self.inner:
            squeeze = self.inner / inked.width
            rows = round(inked.height * min(1.0, squeeze / _MOST_SQUEEZE))
            inked = inked.resize((self.inner, rows), Image.Resampling.LANCZOS)
        self.y += self.stamp(inked, x=(self.width - inked.width) // 2).height

    def band(self, text: str, style: Style) -> None:
        """Set one line white on a black bar across the paper."""
        line = clean(text)
        height = round(style.size * (ASCENT + DESCENT))
        bar = Image.new("L", (self.inner, height), _PAPER)
        ImageDraw.Draw(bar).text(
            (self.inner // 2, round(style.size * ASCENT)), line, font=_font(style), fill=_INK, anchor="ms"
        )
        self.y += self.stamp(bar, x=self.side).height

    def rule(self, *, thickness: int, dash: int) -> None:
        """Draw a dashed line between the margins."""
        bar = Image.new("L", (self.inner, thickness), _INK)
        pen = ImageDraw.Draw(bar)
        for x in range(0, self.inner, 2 * dash):
            pen.rectangle((x, 0, min(x + dash, self.inner) - 1, thickness - 1), fill=_PAPER)
        self.y += self.stamp(bar, x=self.side).height

    def stamp(self, ink: Image.Image, *, x: int, y: int | None = None) -> Image.Image:
        """Put a grey picture (255 is ink) at `x` and the given or the current row; `y` stays."""
        self._marks.append(_Mark(x=x, y=self.y if y is None else y, picture=ink))
        return ink

    def finish(self) -> Raster:
        """Return the sheet as dots."""
        page = Image.new("L", (self.width, max(self.y, 1)), _INK)
        for mark in self._marks:
            page.paste(_PAPER, (mark.x, mark.y), mark.picture)
        return from_image(page.point(_burn, mode="1"))

    def _line(self, text: str, style: Style, x: int, y: int) -> None:
        # The tallest stacked capital may reach above its line: 1.24 em, against a pitch of 1.32.
        top = round(style.size * (ASCENT - LEADING + DESCENT))
        self.stamp(_glyphs(text, style), x=x, y=y - top)


def _glyphs(text: str, style: Style) -> Image.Image:
    """Draw one line, 255 is ink, high enough for every Vietnamese letter."""
    size = (width_of(text, style) + 1, round(style.size * (ASCENT + DESCENT)) + 1)
    picture = Image.new("L", size, _INK)
    ImageDraw.Draw(picture).text(
        (0, round(style.size * ASCENT)), text, font=_font(style), fill=_PAPER, anchor="ls"
    )
    return picture


def _burn(grey: int) -> int:
    """Map ink (255) to black (0) and bare paper to white (255)."""
    return 0 if grey > _PAPER - _THRESHOLD else 255
