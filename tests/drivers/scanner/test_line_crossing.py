"""Quadrilaterals made of lines: the ones on edges come first; sides are refined together as one by one."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from drivers.scanner.geometry import order_many
from drivers.scanner.line_crossing import cross_all
from drivers.scanner.refine import refine, refine_all
from drivers.scanner.sides import edge_field, least_step

CORNERS = np.array([[60, 50], [240, 62], [232, 330], [48, 318]], np.float32)
PICTURE = np.full((400, 300, 3), 60, np.uint8)
cv2.fillConvexPoly(PICTURE, CORNERS.astype(np.int32), (230, 235, 240))
FIELD = edge_field(np.asarray(cv2.cvtColor(PICTURE, cv2.COLOR_BGR2LAB), np.uint8))


def through(start: np.ndarray, end: np.ndarray) -> np.ndarray:
    """Return the line through two points as (a, b, c), |(a, b)| = 1."""
    normal = np.array([start[1] - end[1], end[0] - start[0]]) / np.hypot(*(end - start))
    return np.array([*normal, -normal @ start], np.float32)


SIDES = np.array([through(CORNERS[side], CORNERS[(side + 1) % 4]) for side in range(4)])


def decoys(count: int, seed: int) -> np.ndarray:
    """Return lines that lie on no edge, upright and level."""
    chance = np.random.default_rng(seed)
    lines = []
    for number in range(count):
        turn = chance.uniform(-0.3, 0.3) + (np.pi / 2 if number % 2 else 0)
        normal = np.array([np.cos(turn), np.sin(turn)])
        lines.append([*normal, -normal @ chance.uniform((60, 80), (240, 320))])
    return np.array(lines, np.float32)


@pytest.mark.parametrize("seed", range(5))
def test_of_all_the_crossings_the_one_on_the_edges_comes_first(seed: int) -> None:
    lines = np.concatenate([decoys(16, seed), SIDES])
    best = cross_all(lines, FIELD, 1)
    assert best.shape == (1, 4, 2)
    assert np.abs(order_many(best)[0] - CORNERS).max() < 0.5
    assert len(cross_all(lines, FIELD, 500)) > 1


def test_lines_all_one_way_make_nothing() -> None:
    assert cross_all(decoys(12, 1)[::2], FIELD, 10).shape == (0, 4, 2)
    assert cross_all(np.zeros((0, 3), np.float32), FIELD, 10).shape == (0, 4, 2)


def test_a_line_on_no_edge_makes_no_side() -> None:
    assert len(cross_all(decoys(8, 2), edge_field(np.full((400, 300, 3), 90, np.uint8)), 10)) == 0


def test_outlines_refined_together_come_out_as_each_alone() -> None:
    chance = np.random.default_rng(4)
    rough = (CORNERS + chance.normal(0, 1.5, (6, 4, 2))).astype(np.float32)
    together = refine_all(PICTURE, rough, reach=6.0)
    assert np.abs(together - np.stack([refine(PICTURE, quad, reach=6.0) for quad in rough])).max() < 1e-3
    assert np.abs(together - CORNERS).max() < 1.0
    far = (CORNERS + np.float32(90)).astype(np.float32)
    assert np.abs(refine(PICTURE, far, reach=2.0) - far).max() <= 8.0


def test_colours_beside_a_side_differ_on_a_page_and_not_on_a_pattern() -> None:
    assert least_step(FIELD, CORNERS) > 1
    inner = np.array([[90, 90], [210, 90], [210, 280], [90, 280]], np.float32)
    assert least_step(FIELD, inner) < 0.1
