"""A touch panel that is ill in one way is named for that way, in words that say where."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest

from kiosk_app.doctor_words import explain_in
from kiosk_app.flow.touch_grid import Felt, Point, TouchTrial, grid
from kiosk_app.wiring import doctor_touch
from kiosk_app.wiring.doctor_touch import judge

if TYPE_CHECKING:
    from collections.abc import Callable

    from kiosk_app.wiring.findings import Finding

PORTRAIT, LANDSCAPE = (1080, 1920), (1920, 1080)
JITTER_PX = 12
"""How far a careful finger lands from the middle of a spot."""


def tried(
    panel: Callable[[Point], Point | None], size: tuple[int, int] = PORTRAIT, *, spots: int = 99
) -> TouchTrial:
    luck = random.Random(7)
    felt = []
    for spot in grid(landscape=size[0] > size[1])[:spots]:
        finger = tuple(
            share + luck.uniform(-JITTER_PX, JITTER_PX) / pixels
            for share, pixels in zip(spot.at, size, strict=True)
        )
        felt.append(Felt(spot=spot, at=panel((finger[0], finger[1]))))
    return TouchTrial(size_px=size, felt=tuple(felt))


def sentence(found: Finding, lang: str = "vi") -> str:
    return explain_in(lang, found.part, found.state, found.cause, found.measured)


@pytest.mark.parametrize("size", [PORTRAIT, LANDSCAPE])
def test_a_good_panel_is_well_and_its_corners_were_tried(size: tuple[int, int]) -> None:
    trial = tried(lambda point: point, size)
    assert len(trial.felt) == 15
    rows = {one.spot.row for one in trial.felt}
    columns = {one.spot.column for one in trial.felt}
    spots = {(one.spot.row, one.spot.column) for one in trial.felt}
    assert {(row, column) for row in (0, max(rows)) for column in (0, max(columns))} <= spots
    found = judge(trial)
    assert (found.state, found.cause, found.measured["touched"]) == ("ready", "ok", "15/15")


@pytest.mark.parametrize("turn", doctor_touch._TURNS)
@pytest.mark.parametrize("size", [PORTRAIT, LANDSCAPE])
def test_turned_axes_are_recognised_and_the_matrix_undoes_them(turn: str, size: tuple[int, int]) -> None:
    wrong = doctor_touch._TURNS[turn][0]
    found = judge(tried(wrong, size))
    assert (found.cause, found.measured["turn"], found.well) == ("touch.turned", turn, False)
    a, b, c, d, e, f = (float(number) for number in str(found.measured["matrix"]).split())
    for spot in grid(landscape=size[0] > size[1]):
        x, y = wrong(spot.at)
        assert (a * x + b * y + c, d * x + e * y + f) == pytest.approx(spot.at)
    assert str(found.measured["matrix"]) in sentence(found)


def test_a_turn_is_seen_through_two_dead_spots_and_a_slip_of_the_finger() -> None:
    seen = iter(range(99))

    def panel(point: Point) -> Point | None:
        number = next(seen)
        return None if number in {3, 9} else (0.5, 0.5) if number == 6 else (1 - point[0], point[1])

    assert judge(tried(panel)).measured["turn"] == "mirror_x"


def test_a_dead_corner_is_named_in_both_languages() -> None:
    found = judge(tried(lambda point: None if point[0] > 0.9 and point[1] > 0.9 else point))
    assert (found.cause, found.measured["where"]) == ("touch.dead", "bottom_right")
    assert "Không nhận chạm: góc dưới bên phải." in sentence(found)
    assert "bottom right corner" in sentence(found, "en")


def test_a_dead_spot_in_the_middle_is_named_by_row_and_column() -> None:
    found = judge(tried(lambda point: None if 0.4 < point[0] < 0.6 and 0.4 < point[1] < 0.6 else point))
    assert found.measured["where"] == "r3c2"
    assert "ô hàng 3 cột 2" in sentence(found)


@pytest.mark.parametrize(
    ("dead", "where"),
    [
        (lambda point: point[0] > 0.9, "right"),
        (lambda point: point[1] < 0.1, "top"),
        (lambda point: point[0] < 0.1 or point[1] > 0.9, "bottom,left"),
    ],
)
def test_a_dead_strip_along_an_edge_is_a_strip_and_not_five_spots(
    dead: Callable[[Point], bool], where: str
) -> None:
    found = judge(tried(lambda point: None if dead(point) else point))
    assert (found.cause, found.measured["where"]) == ("touch.strip", where)


def test_a_panel_that_feels_nothing_is_unplugged() -> None:
    found = judge(tried(lambda _point: None, spots=4))
    assert (found.cause, found.well) == ("touch.nothing", False)


def test_touches_that_are_all_off_alike_get_a_matrix_that_mends_them() -> None:
    found = judge(tried(lambda point: (point[0] * 0.9 + 0.08, point[1] * 1.05 + 0.01)))
    assert found.cause == "touch.offset"
    a, _b, c, _d, e, f = (float(number) for number in str(found.measured["matrix"]).split())
    for spot in grid(landscape=False):
        landed = spot.at[0] * 0.9 + 0.08, spot.at[1] * 1.05 + 0.01
        assert (a * landed[0] + c, e * landed[1] + f) == pytest.approx(spot.at, abs=0.02)


def test_touches_that_are_off_in_one_corner_name_it() -> None:
    found = judge(
        tried(lambda point: (point[0] - 0.08, point[1]) if point[0] > 0.9 and point[1] < 0.2 else point)
    )
    assert (found.cause, found.measured["where"], found.well) == ("touch.uneven", "top_right", True)


def test_a_grid_that_was_left_early_says_so() -> None:
    assert judge(tried(lambda point: point, spots=6)).cause == "touch.left"


def test_without_a_display_that_is_said_and_nothing_started(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in doctor_touch._DISPLAYS:
        monkeypatch.delenv(name, raising=False)
    found = doctor_touch.on_display()
    assert (found.cause, found.well) == ("touch.no_display", True)


def test_a_display_that_is_not_there_after_all_is_data(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QT_QPA_PLATFORM", "no-such-platform")
    assert doctor_touch.on_display().cause == "touch.no_display"
