"""Every colour and measure comes from the tokens; every text can be read on its ground."""

import dataclasses
import re
from pathlib import Path

import pytest
from PySide6.QtGui import QColor, QFontInfo
from PySide6.QtWidgets import QApplication

from kiosk_app.ui.app import make_application
from kiosk_app.ui.icons import FOLDER, icon
from kiosk_app.ui.theme import CONTRAST, FAMILY, LIGHT, SCALES, Palette, Theme, font, theme

UI = Path(__file__).resolve().parents[3] / "kiosk_app" / "ui"
NAMING = ("theme.py", "qr_picture.py")  # a QR code is black on white in every palette


def ratio(first: str, second: str) -> float:
    """Contrast of two colours. Source: WCAG 2.2, relative luminance and contrast ratio."""

    def light(value: str) -> float:
        parts = [int(value[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    bright, dark = sorted((light(first), light(second)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("palette", [LIGHT, CONTRAST], ids=["light", "contrast"])
@pytest.mark.parametrize(
    ("ink", "ground"),
    [
        ("ink", "ground"),
        ("ink", "card"),
        ("soft", "ground"),
        ("soft", "card"),
        ("soft", "locked"),
        ("ink", "locked"),
        ("main", "ground"),
        ("main", "card"),
        ("on_main", "main"),
        ("on_tint", "tint"),
        ("ink", "gold_tint"),
        ("ok", "ok_tint"),
        ("ok", "ground"),
        ("warn", "warn_tint"),
        ("bad", "bad_tint"),
        ("bad", "ground"),
    ],
)
def test_every_text_is_seven_to_one_on_its_ground(palette: Palette, ink: str, ground: str) -> None:
    assert ratio(palette.colour(ink), palette.colour(ground)) >= 7.0


def test_no_other_module_of_the_kit_names_a_colour() -> None:
    named = [
        file.name
        for file in UI.rglob("*.py")
        if file.name not in NAMING and re.search(r"#[0-9A-Fa-f]{6}\b", file.read_text(encoding="utf-8"))
    ]
    assert named == []


def test_letters_grow_and_never_fall_below_22() -> None:
    for scale in SCALES:
        kinds = theme(scale=scale).type
        for field in dataclasses.fields(kinds):
            assert kinds.style(field.name).px >= 22
        assert kinds.body.px == 30 * scale // 100


def test_a_theme_is_one_frozen_value() -> None:
    assert theme(contrast=True) is theme(contrast=True)
    assert theme(landscape=True).size.strip == 120
    assert theme(landscape=True).size.field == 88
    with pytest.raises(dataclasses.FrozenInstanceError):
        theme().__setattr__("scale", 150)


def test_a_text_size_never_drawn_is_refused() -> None:
    with pytest.raises(ValueError, match="choose one of"):
        theme(scale=170)


def test_a_misspelt_name_is_an_error() -> None:
    with pytest.raises(AttributeError):
        LIGHT.colour("purple")
    with pytest.raises(AttributeError):
        theme().type.style("tiny")


def test_every_weight_is_our_own_font(look: Theme) -> None:
    for weight in (400, 500, 600, 700, 800):
        info = QFontInfo(font(look.type.body, weight=weight))
        assert info.family().startswith(FAMILY)
        assert info.weight() == weight


def test_the_application_is_made_once(look: Theme) -> None:
    del look
    assert make_application() is make_application()
    make_application().setStyleSheet("")
    assert QApplication.style().name() == "fusion"


def test_an_icon_has_the_wanted_colour_and_size(look: Theme) -> None:
    picture = icon("check", look.palette.main, 44)
    assert (picture.width(), picture.height()) == (44, 44)
    drawn = picture.toImage()
    solid = {
        drawn.pixelColor(x, y).name()
        for x in range(44)
        for y in range(44)
        if drawn.pixelColor(x, y).alpha() == 255
    }
    assert solid == {QColor(look.palette.main).name()}
    assert icon("check", look.palette.main, 44) is picture


def test_every_shipped_icon_can_be_drawn(look: Theme) -> None:
    for file in sorted(FOLDER.glob("*.svg")):
        assert not icon(file.stem, look.palette.ink, 24).toImage().isNull()


def test_an_icon_name_cannot_leave_its_folder(look: Theme) -> None:
    with pytest.raises(ValueError, match="no icon name"):
        icon("../secret", look.palette.ink, 24)
    with pytest.raises(FileNotFoundError):
        icon("no-such-icon", look.palette.ink, 24)
