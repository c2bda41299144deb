"""Every screen looks as in its committed picture: both orientations, large text, high contrast, English."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest
from PIL import Image

from kiosk_app.i18n import set_language
from kiosk_app.ui.window import SCREENS
from tests.golden.drawn import IDLE, Look, difference, draw, keep
from tests.golden.screen_views import views

pytestmark = [pytest.mark.golden, pytest.mark.usefixtures("qapp")]
PICTURES: Final = Path(__file__).parent / "pictures"
OUT: Final = Path(__file__).parents[2] / "out" / "golden"
PLAIN: Final = [
    (name, Look(landscape=landscape), "vi") for name in (*views(), IDLE) for landscape in (False, True)
]
OTHERS: Final = [
    *((name, Look(contrast=True), "vi") for name in ("welcome", "fill", "review", "staff", "tech-network")),
    *((name, Look(), "en") for name in ("welcome", "fill", "staff", "tech-network")),
    *(
        (name, Look(scale=200, landscape=landscape), "vi")
        for name in ("welcome", "fill", "fill-rows", "fill-cards", "staff", "tech-network", "tech-cards")
        for landscape in (False, True)
    ),
]


def file_name(name: str, look: Look, lang: str) -> str:
    return "-".join(part for part in (name, look.ending, "en" if lang == "en" else "") if part) + ".png"


CASES: Final = {file_name(*case): case for case in (*PLAIN, *OTHERS)}


@pytest.mark.parametrize("file", CASES)
def test_the_screen_looks_as_committed(file: str, request: pytest.FixtureRequest) -> None:
    name, look, lang = CASES[file]
    set_language(lang)
    actual = draw(name, look)
    committed = PICTURES / file
    if request.config.getoption("--redraw-golden"):
        if not committed.exists() or difference(Image.open(committed), actual).mean:
            keep(actual, committed)
        return
    assert committed.exists(), f"{file} was never drawn: run `make golden`, look at it, commit it"
    found = difference(Image.open(committed), actual)
    if not found.same:
        keep(actual, OUT / file)
        keep(found.picture, OUT / f"diff-{file}")
    assert found.same, (
        f"{file}: {found.changed_share:.2%} of the pixels changed (mean {found.mean:.2f}). "
        f"Look at out/golden/{file} and diff-{file}; if that is wanted, run `make golden` and commit."
    )


def test_every_screen_has_a_picture() -> None:
    assert {step for step, _view in views().values()} == set(SCREENS)


def test_no_picture_is_left_over(request: pytest.FixtureRequest) -> None:
    if request.config.getoption("--redraw-golden"):
        for left in {file.name for file in PICTURES.glob("*.png")} - set(CASES):
            (PICTURES / left).unlink()
    assert {file.name for file in PICTURES.glob("*.png")} == set(CASES)


def test_the_pictures_stay_small() -> None:
    assert sum(file.stat().st_size for file in PICTURES.glob("*.png")) < 10 * 1024 * 1024


def test_a_button_a_little_lower_is_seen() -> None:
    drawn = draw("unavailable", Look())
    moved = drawn.copy()
    moved.paste(drawn.crop((20, 810, 240, 880)), (20, 812))
    assert not difference(drawn, moved).same
    assert difference(drawn, drawn.copy()).same
