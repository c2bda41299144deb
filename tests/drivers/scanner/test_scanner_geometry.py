from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.scanner.geometry import (
    are_convex,
    areas,
    corner_cosines,
    cross_lines,
    order_corners,
    order_many,
    side_lengths,
)

UPRIGHT = np.array([[10, 20], [110, 20], [110, 220], [10, 220]], np.float32)


@given(st.permutations(range(4)), st.floats(-40, 40))
def test_corners_come_out_clockwise_from_top_left_whatever_their_order(order: list[int], turn: float) -> None:
    angle = np.deg2rad(turn)
    turned = (UPRIGHT - 100) @ np.array(
        [[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]]
    ) + 500
    ordered = order_corners(turned[order].astype(np.float32))
    assert areas(ordered[None])[0] == pytest.approx(100 * 200, rel=1e-3)
    assert ordered[0].sum() == pytest.approx(turned.sum(axis=1).min(), rel=1e-4)
    assert np.allclose(order_many(turned[order].astype(np.float32)[None])[0], ordered)


def test_a_rectangle_has_right_angles_and_its_own_sides() -> None:
    assert np.allclose(corner_cosines(UPRIGHT[None]), 0, atol=1e-6)
    assert side_lengths(UPRIGHT).tolist() == [100, 200, 100, 200]


def test_a_bow_tie_and_a_dent_are_not_convex() -> None:
    bow_tie = UPRIGHT[[0, 2, 1, 3]]
    dent = UPRIGHT.copy()
    dent[2] = (30, 60)
    assert are_convex(np.stack([UPRIGHT, bow_tie, dent])).tolist() == [True, False, False]


def test_lines_meet_in_their_point_and_parallels_nowhere() -> None:
    level = np.array([0, 1, -5], np.float32)
    upright = np.array([1, 0, -7], np.float32)
    assert cross_lines(level, upright).tolist() == [7, 5]
    assert np.isnan(cross_lines(level, level)).all()
