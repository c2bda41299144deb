from __future__ import annotations

from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
import pytest

from drivers.scanner.enhance import background, page_format
from drivers.scanner.quality import (
    LIMITS,
    PageMeasures,
    QualityLimits,
    burnt_share,
    covered_share,
    cut_off_sides,
    judge,
    light_and_shadow,
    seen_dpi,
)
from drivers.scanner.sharpness import text_sharpness

if TYPE_CHECKING:
    from numpy.typing import NDArray


def verdict(**changes: Any) -> list[tuple[str, bool]]:
    good: dict[str, Any] = {
        "sharpness": 2.2,
        "glare": 0.0,
        "light": 180.0,
        "shadow": 0.8,
        "covered": 0.0,
        "dpi": 210.0,
    }
    return [(problem.code, problem.blocking) for problem in judge(PageMeasures(**(good | changes)))]


def test_a_good_page_has_no_problem() -> None:
    assert verdict() == []


@pytest.mark.parametrize(
    ("changes", "code", "blocking"),
    [
        ({"sharpness": 3.6}, "blurred", False),
        ({"sharpness": 4.6}, "blurred", True),
        ({"glare": 0.004}, "glare", False),
        ({"glare": 0.011}, "glare", True),
        ({"light": 20.0}, "too_dark", False),
        ({"light": 8.0}, "too_dark", True),
        ({"shadow": 0.25}, "shadow", False),
        ({"shadow": 0.1}, "shadow", True),
        ({"covered": 0.02}, "covered", False),
        ({"covered": 0.08}, "covered", True),
        ({"dpi": 160.0}, "too_small", False),
        ({"dpi": 80.0}, "too_small", True),
        ({"cut_off": ("left",)}, "cut_off_left", True),
    ],
)
def test_each_fault_has_its_code(changes: dict[str, Any], code: str, *, blocking: bool) -> None:
    assert verdict(**changes) == [(code, blocking)]


def test_a_till_receipt_is_not_refused_for_a_size_nobody_knows() -> None:
    assert verdict(dpi=60.0, size_known=False) == [("too_small", False)]
    assert verdict(light=5.0, size_known=False) == [("too_dark", True)]


def test_the_gravest_problem_is_named_first() -> None:
    assert verdict(glare=0.004, sharpness=5.0, dpi=60.0) == [
        ("too_small", True),
        ("blurred", True),
        ("glare", False),
    ]


def test_thresholds_can_be_set() -> None:
    strict = QualityLimits(blurred_warn=1.0, blurred_refuse=1.5)
    seen = PageMeasures(sharpness=2.0, glare=0, light=200, shadow=1, covered=0, dpi=220)
    found = judge(seen, strict)
    assert found[0].blocking
    assert found[0].value == 2.0


def test_a_page_is_refused_even_where_its_warning_comes_later() -> None:
    odd = QualityLimits(blurred_warn=6.0, blurred_refuse=4.5)
    seen = PageMeasures(sharpness=5.0, glare=0, light=200, shadow=1, covered=0, dpi=220)
    assert [(problem.code, problem.blocking) for problem in judge(seen, odd)] == [("blurred", True)]


def test_edges_widen_with_blur_and_not_with_light(certificate: NDArray[np.uint8]) -> None:
    widths = [
        text_sharpness(np.asarray(cv2.GaussianBlur(certificate, (0, 0), sigma), np.uint8))
        for sigma in (0.3, 1.0, 1.6, 2.4, 3.2)
    ]
    assert widths == sorted(widths)
    assert widths[0] < 2.6
    assert widths[-1] > LIMITS.blurred_refuse
    dimmer = (certificate * 0.4).astype(np.uint8)
    assert text_sharpness(dimmer) == pytest.approx(text_sharpness(certificate), rel=0.05)


@pytest.mark.parametrize("angle", [0, 30, 90, 150])
def test_a_page_that_moved_is_as_bad_as_a_soft_one(angle: int, confirmation: NDArray[np.uint8]) -> None:
    path = np.zeros((13, 13), np.float32)
    step = 6 * np.array([np.cos(np.deg2rad(angle)), np.sin(np.deg2rad(angle))])
    for share in np.linspace(-1, 1, 60):
        x, y = 6 + step * share
        path[round(float(y)), round(float(x))] = 1
    moved = np.asarray(cv2.filter2D(confirmation, -1, path / path.sum()), np.uint8)
    assert text_sharpness(moved) > LIMITS.blurred_refuse


def test_a_blank_page_is_not_called_blurred() -> None:
    assert text_sharpness(np.full((2339, 1654, 3), 255, np.uint8)) < LIMITS.blurred_warn


def test_a_finger_from_the_edge_covers_and_a_red_stamp_does_not(certificate: NDArray[np.uint8]) -> None:
    lit = (certificate * 0.84).astype(np.uint8)
    assert covered_share(lit) == 0
    cv2.line(lit, (0, 1200), (300, 1150), (110, 145, 195), 130)
    assert covered_share(lit) == pytest.approx(300 * 130 / (2339 * 1654), rel=0.4)
    cv2.line(lit, (0, 1200), (200, 1170), (110, 145, 195), 600)
    assert covered_share(lit) > 0.03


def test_shadow_is_told_from_a_dim_lamp(confirmation: NDArray[np.uint8]) -> None:
    shaded = confirmation.copy()
    shaded[1200:] = (shaded[1200:] * 0.2).astype(np.uint8)
    light, depth = light_and_shadow(background(shaded))
    assert light > 100
    assert depth == pytest.approx(0.2, abs=0.03)
    light, depth = light_and_shadow(background((confirmation * 0.2).astype(np.uint8)))
    assert light == pytest.approx(50, abs=3)
    assert depth > 0.9


def test_glare_is_what_outshines_the_paper() -> None:
    page = np.full((2000, 1400, 3), 210, np.uint8)
    assert burnt_share(page) == 0
    page[100:300, 100:380] = 255
    assert burnt_share(page) == pytest.approx(0.02, abs=0.001)
    assert burnt_share(np.full((2000, 1400, 3), 255, np.uint8)) == 0, "a flatbed's white is no reflection"


@pytest.mark.parametrize(
    ("moved", "sides"),
    [
        ((0, 0), ()),
        ((-105, 0), ("left",)),
        ((105, 0), ("right",)),
        ((0, -105), ("top",)),
        ((0, 105), ("bottom",)),
        ((-105, -105), ("left", "top")),
    ],
)
def test_the_side_that_cuts_the_page_off_is_named(moved: tuple[int, int], sides: tuple[str, ...]) -> None:
    page = np.array([[100, 100], [899, 100], [899, 1099], [100, 1099]], np.float32)
    clipped = np.clip(page + np.array(moved), 0, (999, 1199)).astype(np.float32)
    assert cut_off_sides(clipped, (1000, 1200)) == sides


def test_dots_an_inch_are_counted_on_the_paper() -> None:
    page = np.array([[0, 0], [827, 0], [827, 1169.5], [0, 1169.5]], np.float32)
    assert seen_dpi(page, page_format(page)) == pytest.approx(100, rel=0.01)
