from __future__ import annotations

from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
import pytest

from drivers.scanner.enhance import page_format
from drivers.scanner.quality import (
    LIMITS,
    QualityLimits,
    burnt_share,
    cut_off_sides,
    edge_width,
    judge,
    seen_dpi,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray


def verdict(**changes: Any) -> list[tuple[str, bool]]:
    good: dict[str, Any] = {
        "sharpness": 2.2,
        "glare": 0.0,
        "darkest_paper": 180.0,
        "dpi": 210.0,
        "cut_off": (),
    }
    return [(problem.code, problem.blocking) for problem in judge(**(good | changes))]


def test_a_good_page_has_no_problem() -> None:
    assert verdict() == []


@pytest.mark.parametrize(
    ("changes", "code", "blocking"),
    [
        ({"sharpness": 3.6}, "blurred", False),
        ({"sharpness": 4.6}, "blurred", True),
        ({"glare": 0.004}, "glare", False),
        ({"glare": 0.011}, "glare", True),
        ({"darkest_paper": 60.0}, "too_dark", False),
        ({"darkest_paper": 30.0}, "too_dark", True),
        ({"dpi": 160.0}, "too_small", False),
        ({"dpi": 120.0}, "too_small", True),
        ({"cut_off": ("left",)}, "cut_off_left", True),
    ],
)
def test_each_fault_has_its_code(changes: dict[str, Any], code: str, *, blocking: bool) -> None:
    assert verdict(**changes) == [(code, blocking)]


def test_a_till_receipt_is_not_refused_for_a_size_nobody_knows() -> None:
    assert verdict(dpi=100.0, size_known=False) == [("too_small", False)]
    assert verdict(darkest_paper=10.0, size_known=False) == [("too_dark", True)]


def test_the_gravest_problem_is_named_first() -> None:
    assert verdict(glare=0.004, sharpness=5.0, dpi=120.0) == [
        ("blurred", True),
        ("too_small", True),
        ("glare", False),
    ]


def test_thresholds_can_be_set() -> None:
    strict = QualityLimits(blurred_warn=1.0, blurred_refuse=1.5)
    found = judge(sharpness=2.0, glare=0, darkest_paper=200, dpi=220, cut_off=(), limits=strict)
    assert found[0].blocking
    assert found[0].value == 2.0


def test_edge_width_grows_with_blur_and_not_with_light(certificate: NDArray[np.uint8]) -> None:
    widths = [
        edge_width(np.asarray(cv2.GaussianBlur(certificate, (0, 0), sigma), np.uint8))
        for sigma in (0.3, 1.0, 1.6, 2.4, 3.2)
    ]
    assert widths == sorted(widths)
    assert widths[0] < 2.4
    assert widths[-1] > LIMITS.blurred_refuse
    dimmer = (certificate * 0.7).astype(np.uint8)
    assert edge_width(dimmer) == pytest.approx(edge_width(certificate), rel=0.15)


def test_a_blank_page_is_not_called_blurred() -> None:
    assert edge_width(np.full((2339, 1654, 3), 255, np.uint8)) < LIMITS.blurred_warn


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
