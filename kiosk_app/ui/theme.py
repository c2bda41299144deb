"""Every colour, measure and letter size of the screens, as one frozen value.

The numbers are those of the design tokens: pixels at 1080x1920 and at 1920x1080.
"""

from dataclasses import dataclass
from functools import cache

from PySide6.QtGui import QFont

FAMILY = "Be Vietnam Pro"
SCALES = (100, 150, 200)
STAGE = "#2C3033"  # behind a camera picture; the same in both palettes, so that paper stands out
STAGE_GOOD = "#4CC38A"
STAGE_AMBER = "#F2B33D"
STAGE_CARD = "#E8EEE9"
STAGE_SHADE = "#C9D2CC"
STAGE_LINES = "#9FAFA7"
EMBLEM_GOLD = "#F0C24B"


@dataclass(frozen=True, slots=True, kw_only=True)
class Palette:
    """Colours by what they are for, each as ``#rrggbb``."""

    ground: str
    card: str
    ink: str
    soft: str
    line: str
    edge: str
    main: str
    main_dark: str
    on_main: str
    tint: str
    on_tint: str
    gold: str
    gold_tint: str
    ok: str
    ok_tint: str
    warn: str
    warn_tint: str
    bad: str
    bad_tint: str
    focus: str
    locked: str
    emblem: str
    stage: str = STAGE
    stage_good: str = STAGE_GOOD
    stage_amber: str = STAGE_AMBER
    stage_card: str = STAGE_CARD
    stage_shade: str = STAGE_SHADE
    stage_lines: str = STAGE_LINES

    def colour(self, name: str) -> str:
        """Return the colour of a field by its name, as widgets pass it on."""
        found = getattr(self, name)
        if not isinstance(found, str):
            raise TypeError(f"{name} is no colour of the palette; use one of its fields")
        return found


LIGHT = Palette(
    ground="#FAF7F2",
    card="#FFFFFF",
    ink="#211C18",
    soft="#544B45",
    line="#D9D0C4",
    edge="#8B8177",
    main="#9E1B22",
    main_dark="#74121A",
    on_main="#FFFFFF",
    tint="#F8E9E6",
    on_tint="#8F1720",
    gold="#B98A1E",
    gold_tint="#FBF3DF",
    ok="#155536",
    ok_tint="#E6F3EB",
    warn="#6A4100",
    warn_tint="#FDF0D5",
    bad="#8F1720",
    bad_tint="#FBE7E6",
    focus="#0B4CA8",
    locked="#F1ECE4",
    emblem=EMBLEM_GOLD,
)
CONTRAST = Palette(
    ground="#000000",
    card="#000000",
    ink="#FFFFFF",
    soft="#FFFFFF",
    line="#FFFFFF",
    edge="#FFFFFF",
    main="#FFE500",
    main_dark="#FFE500",
    on_main="#000000",
    tint="#1A1A1A",
    on_tint="#FFE500",
    gold="#FFE500",
    gold_tint="#1A1A1A",
    ok="#6CFF9F",
    ok_tint="#0A1F12",
    warn="#FFD166",
    warn_tint="#221800",
    bad="#FF9B9B",
    bad_tint="#2A0000",
    focus="#00D0FF",
    locked="#111111",
    emblem="#000000",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TextStyle:
    """One kind of lettering: size in pixels, weight 400 to 800, line pitch as a share of the size."""

    px: int
    weight: int
    line_height: float = 1.4


@dataclass(frozen=True, slots=True, kw_only=True)
class TypeScale:
    """The kinds of lettering a screen may use."""

    number: TextStyle
    h1: TextStyle
    h2: TextStyle
    lead: TextStyle
    button: TextStyle
    tile: TextStyle
    field: TextStyle
    key: TextStyle
    key_word: TextStyle
    label: TextStyle
    hint: TextStyle
    body: TextStyle
    small: TextStyle
    frame_small: TextStyle
    head_name: TextStyle
    clock: TextStyle
    strip: TextStyle

    def style(self, role: str) -> TextStyle:
        """Return the style of a role by its name."""
        found = getattr(self, role)
        if not isinstance(found, TextStyle):
            raise TypeError(f"{role} is no lettering of the type scale; use one of its fields")
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Space:
    """Distances in pixels, on a 4-pixel grid."""

    grid: int = 4
    rhythm: int = 8
    page_side: int = 48
    block: int = 24
    inside_card: int = 32
    inside_tile: int = 36
    key_gap: int = 10
    focus_gap: int = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """Corner radii, line widths and lips in pixels."""

    button: int = 16
    tile: int = 20
    card: int = 20
    field: int = 14
    key: int = 12
    chip: int = 12
    note: int = 14
    hairline: int = 2
    field_border: int = 3
    active_border: int = 5
    button_lip: int = 8
    tile_lip: int = 6
    key_lip: int = 5
    note_bar: int = 12
    focus_ring: int = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """Heights of the parts in pixels; they grow with the text size where words stand in them."""

    head: int
    stepper: int
    strip: int
    button: int
    small_button: int
    field: int
    tile: int
    row: int
    key: int
    choice: int
    scroll_button: int
    aside: int
    icon_small: int = 30
    icon: int = 44
    icon_tile: int = 48
    icon_big: int = 60
    icon_box: int = 96
    emblem: int = 72


@dataclass(frozen=True, slots=True, kw_only=True)
class Motion:
    """Durations in milliseconds; none may be longer than ``never_over``."""

    press: int = 80
    screen: int = 160
    never_over: int = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Theme:
    """How everything looks at one text size, in one palette and one orientation."""

    scale: int
    contrast: bool
    landscape: bool
    palette: Palette
    type: TypeScale
    size: Size
    space: Space
    shape: Shape
    motion: Motion

    @property
    def wide(self) -> bool:
        """Whether two columns of words fit beside each other."""
        return self.scale == SCALES[0]


def _type_scale(scale: int) -> TypeScale:
    def style(px: int, weight: int, line_height: float = 1.4) -> TextStyle:
        return TextStyle(px=round(px * scale / 100), weight=weight, line_height=line_height)

    def frame(px: int, weight: int, line_height: float = 1.4) -> TextStyle:
        # Titles are large already, and what frames every screen must leave room for what is read.
        half = 1 + (scale - 100) / 200
        return TextStyle(px=round(px * half), weight=weight, line_height=line_height)

    return TypeScale(
        number=TextStyle(px=260, weight=800),  # already readable from the bench at every text size
        h1=frame(56, 700, 1.25),
        h2=style(38, 600),
        lead=style(34, 400),
        button=style(38, 700),
        tile=style(42, 700),
        field=style(36, 400),
        key=TextStyle(px=40, weight=500),  # the keyboard keeps its own size, or it would not fit
        key_word=TextStyle(px=30, weight=500),
        label=style(28, 600),
        hint=style(28, 400),
        body=style(30, 400),
        small=style(24, 400),
        frame_small=frame(24, 400),
        head_name=frame(28, 600, 1.25),
        clock=frame(38, 600, 1.0),
        strip=frame(22, 500),
    )


def _sizes(scale: int, *, landscape: bool) -> Size:
    def grown(px: int) -> int:
        return round(px * (1 + (scale - 100) / 250))  # letters double, their boxes grow by two fifths

    return Size(
        head=120,
        stepper=112,
        strip=(120 if landscape else 144) + (scale - 100) // 6,
        button=grown(104 if landscape else 128),
        small_button=grown(88),
        field=grown(88 if landscape else 104),
        tile=364,
        row=grown(172),
        key=88 if landscape else 100,
        choice=grown(92 if landscape else 112),
        scroll_button=88,
        aside=grown(372),
    )


@cache
def theme(*, scale: int = 100, contrast: bool = False, landscape: bool = False) -> Theme:
    """Return the theme for a text size, a palette and an orientation.

    Args:
        scale: Text size in per cent, one of 100, 150 and 200.
        contrast: Whether the black, white and yellow palette is wanted.
        landscape: Whether the screen is 1920x1080 instead of 1080x1920.

    Raises:
        ValueError: The scale is none of the three.
    """
    if scale not in SCALES:
        raise ValueError(f"text size {scale} % is not drawn; choose one of {SCALES}")
    return Theme(
        scale=scale,
        contrast=contrast,
        landscape=landscape,
        palette=CONTRAST if contrast else LIGHT,
        type=_type_scale(scale),
        size=_sizes(scale, landscape=landscape),
        space=Space(),
        shape=Shape(),
        motion=Motion(),
    )


@cache
def font(style: TextStyle, *, weight: int | None = None) -> QFont:
    """Return the Qt font of a style, or of another weight at the same size; nobody may change it."""
    made = QFont(FAMILY)
    made.setPixelSize(style.px)
    made.setWeight(QFont.Weight(weight or style.weight))
    # The same letters on every machine, whatever its fontconfig says.
    made.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    made.setStyleStrategy(QFont.StyleStrategy.NoSubpixelAntialias)
    return made
