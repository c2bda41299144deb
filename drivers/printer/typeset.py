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
_JOINT = " · "
"""Joins facts in one line."""
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


def wrap(text: str, style: Style, width: int, *, indent: int = 0) -> list[str]:
    """Break text at spaces into lines of at most `width` dots; a word too long for a line is cut.

    Args:
        text: One paragraph.
        style: Weight and size.
        width: Dots across.
        indent: Dots that the first line leaves free, for a label that stands before it.
    """
    lines: list[str] = []
    line, room = "", width - indent
    for word in clean(text).split(" "):
        joined = f"{line} {word}" if line else word
        if width_of(joined, style) <= room:
            line = joined
            continue
        if line:
            lines.append(line)
            room = width
        *full, line = _cut_word(word, style, room)
        lines.extend(full)
        room = width if full else room
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
    """A picture on the sheet (255 is ink) whose left upper corner is at (x, y)."""

    x: int
    y: int
    picture: Image.Image = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line:
    """A line of type on the sheet, its baseline beginning at (x, y)."""

    x: int
    y: int
    style: Style
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Number:
    """A line whose ink, not its baseline, begins at (x, y); squeezed to a size where one is given."""

    line: _Line
    size: tuple[int, int] | None


class Sheet:
    """Paper of one width that grows downwards; `y` is where the next thing goes.

    Nothing is drawn before `finish`: until then a sheet only knows where things go, so that a layout can be
    tried and thrown away for the price of measuring its words.
    """

    def __init__(self, width: int, *, side: int) -> None:
        self.width = width
        self.side = side
        self.y = 0
        self._marks: list[_Mark] = []
        self._lines: list[_Line] = []
        self._numbers: list[_Number] = []

    @property
    def inner(self) -> int:
        """Dots between the side margins."""
        return self.width - 2 * self.side

    def space(self, rows: int) -> None:
        """Leave blank rows."""
        self.y += rows

    def centred(self, text: str, style: Style) -> None:
        """Set a paragraph, each line centred and about as long as the others.

        Where it does not fit one line, it breaks at the middle dots first: they join separate facts.
        """
        for part in _facts(clean(text), style, self.inner):
            for line in balance(part, style, self.inner):
                self._line(line, style, (self.width - width_of(line, style)) // 2, self.y)
                self.y += style.pitch

    def left(self, text: str, style: Style, *, x: int, width: int) -> None:
        """Set a paragraph from `x`, at most `width` dots wide."""
        for line in wrap(text, style, width):
            self._line(line, style, x, self.y)
            self.y += style.pitch

    def pair(self, label: str, value: str, style: Style, strong: Style) -> None:
        """Set a label at the left and its value at the right, or below where both do not fit one line.

        A value longer than a line begins behind its label, as in running text.
        """
        label, value = clean(label), clean(value)
        gap, pitch = style.size // 2, max(style.pitch, strong.pitch)
        beside = width_of(label, style) + gap + width_of(value, strong) <= self.inner
        if beside or width_of(value, strong) <= self.inner:
            self._label(label, style, strong)
            self.y += 0 if beside or not label else pitch
            self._value(value, style, strong, x=self.width - self.side - width_of(value, strong))
            self.y += pitch
            return
        indent = width_of(f"{label}:", style) + gap if label else 0
        if indent + width_of(value.split(" ")[0], strong) > self.inner:
            self.left(label, style, x=self.side, width=self.inner)
            indent = 0
        elif label:
            self._label(f"{label}:", style, strong)
        for at, line in enumerate(wrap(value, strong, self.inner, indent=indent)):
            self._value(line, style, strong, x=self.side + (0 if at else indent))
            self.y += pitch

    def _label(self, text: str, style: Style, strong: Style) -> None:
        self._line(text, style, self.side, self.y + max(strong.size - style.size, 0))

    def _value(self, text: str, style: Style, strong: Style, *, x: int) -> None:
        self._line(text, strong, x, self.y + max(style.size - strong.size, 0))

    def number(self, text: str, weight: Weight, *, height: int) -> None:
        """Set one line whose capitals are `height` dots high.

        What is too wide is squeezed across, and made lower only where squeezing would spoil it.
        """
        line, style = clean(text), Style(weight=weight, size=round(height / CAPITAL))
        left, top, right, bottom = _font(style).getbbox(line, anchor="ls")
        width, rows = round(right - left), round(bottom - top)
        if not line:
            return
        squeezed = width > self.inner
        if squeezed:
            rows = round(rows * min(1.0, self.inner / width / _MOST_SQUEEZE))
            width = self.inner
        at = _Line(x=(self.width - width) // 2, y=self.y, style=style, text=line)
        self._numbers.append(_Number(line=at, size=(width, rows) if squeezed else None))
        self.y += rows

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
        """Draw it and return the dots."""
        page = Image.new("L", (self.width, max(self.y, 1)), _INK)
        for mark in self._marks:
            page.paste(_PAPER, (mark.x, mark.y), mark.picture)
        for number in self._numbers:
            picture = _inked(number)
            page.paste(_PAPER, (number.line.x, number.line.y), picture)
        for line in self._lines:
            _write(page, line)
        return from_image(page.point(_burn, mode="1"))

    def _line(self, text: str, style: Style, x: int, y: int) -> None:
        # The tallest stacked capital may reach above its line: 1.24 em, against a pitch of 1.32.
        top = y - round(style.size * (ASCENT - LEADING + DESCENT))
        self._lines.append(_Line(x=x, y=top + round(style.size * ASCENT), style=style, text=text))


def _facts(text: str, style: Style, width: int) -> list[str]:
    """Break text at its middle dots into as few lines as hold them; a fact longer than a line stays whole."""
    lines: list[str] = []
    for fact in text.split(_JOINT):
        joined = f"{lines[-1]}{_JOINT}{fact}" if lines else fact
        if lines and width_of(joined, style) <= width:
            lines[-1] = joined
        else:
            lines.append(fact)
    return lines


@lru_cache(maxsize=1024)
def _letter(sign: str, style: Style) -> tuple[Image.Image, int, int] | None:
    """Draw one letter, 255 is ink; return it and its place against pen and baseline, None for a blank."""
    left, top, right, bottom = (round(edge) for edge in _font(style).getbbox(sign, anchor="ls"))
    if right <= left or bottom <= top:
        return None
    picture = Image.new("L", (right - left, bottom - top), _INK)
    ImageDraw.Draw(picture).text((-left, -top), sign, font=_font(style), fill=_PAPER, anchor="ls")
    return picture, left, top


def _write(page: Image.Image, line: _Line) -> None:
    """Set a line letter by letter: drawing a letter costs thirty times what placing a drawn one does.

    The same dots as drawing the line whole, because this font's letters have whole advances and no kerning.
    """
    pen = float(line.x)
    for sign in line.text:
        drawn = _letter(sign, line.style)
        if drawn is not None:
            picture, left, top = drawn
            page.paste(_PAPER, (round(pen) + left, line.y + top), picture)
        pen += _advance(sign, line.style)


def _inked(number: _Number) -> Image.Image:
    """Draw a line cropped to its ink, which is 255."""
    whole = _glyphs(number.line.text, number.line.style)
    picture = whole.crop(whole.getbbox())
    return picture.resize(number.size, Image.Resampling.LANCZOS) if number.size else picture


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
