from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from drivers.scanner.geometry import order_corners, order_many
from drivers.scanner.page_finder import PREVIEW_SETTINGS, find_page, search
from drivers.simulated.scanner.desk import Pose, Scene, corners_of, photograph

if TYPE_CHECKING:
    from numpy.typing import NDArray

FRAME = (1200, 1600)


def a_scene(seed: int) -> Scene:
    chance = np.random.default_rng(seed)
    pose = Pose(
        x=float(chance.uniform(0.44, 0.56)),
        y=float(chance.uniform(0.46, 0.54)),
        height=float(chance.uniform(0.48, 0.68)),
        turn_deg=float(chance.uniform(-12, 12)),
        lean=float(chance.uniform(-0.1, 0.1)),
    )
    return Scene(
        poses=(pose,),
        desk="wood" if seed % 2 else "plate",
        lamp=float(chance.uniform(0, 0.5)),
        shadow=float(chance.uniform(0, 0.4)),
        seed=seed,
    )


def miss(found: object, truth: NDArray[np.float32], size: tuple[int, int]) -> float:
    """Return the worst corner's distance as a share of the longer side, whichever corner is called first."""
    corners = np.array(found, np.float32)
    return min(
        float(np.hypot(*(np.roll(corners, turn, axis=0) - truth).T).max()) / max(size) for turn in range(4)
    )


@pytest.mark.parametrize("seed", range(16))
def test_corners_are_found_within_one_percent(seed: int, certificate: NDArray[np.uint8]) -> None:
    scene = a_scene(seed)
    outline = find_page(photograph(scene, (certificate,), FRAME))
    assert outline.found
    assert miss(outline.corners, corners_of(scene.poses[0], FRAME), FRAME) < 0.01
    assert 0.6 < outline.confidence <= 1


@pytest.mark.parametrize("seed", range(8))
def test_a_preview_frame_shows_the_same_page(seed: int, confirmation: NDArray[np.uint8]) -> None:
    scene = a_scene(seed)
    size = (540, 720)
    outline = search(photograph(scene, (confirmation,), size), settings=PREVIEW_SETTINGS).outline
    assert outline.found
    assert miss(outline.corners, corners_of(scene.poses[0], size), size) < 0.01


@pytest.mark.parametrize("desk", ["plate", "wood"])
@pytest.mark.parametrize("seed", range(5))
def test_an_empty_desk_holds_no_page(desk: str, seed: int) -> None:
    picture = photograph(Scene(poses=(), desk=desk, seed=seed), (), FRAME)
    finding = search(picture)
    assert not finding.outline.found
    assert finding.outline.corners is None
    assert finding.cause == "no_page"
    assert not search(picture, settings=PREVIEW_SETTINGS).outline.found


@pytest.mark.parametrize("level", [0, 127, 255])
def test_a_blank_picture_holds_no_page(level: int) -> None:
    assert not find_page(np.full((800, 600, 3), level, np.uint8)).found


def test_pure_noise_holds_no_page() -> None:
    noise = np.random.default_rng(5).integers(0, 256, (800, 600, 3), dtype=np.uint8)
    assert not find_page(noise).found


@pytest.mark.parametrize("seed", range(4))
def test_two_papers_are_said_and_neither_is_taken(seed: int, certificate: NDArray[np.uint8]) -> None:
    poses = (Pose(x=0.27, height=0.44, turn_deg=-2.0 - seed), Pose(x=0.73, height=0.44, turn_deg=3))
    picture = photograph(Scene(poses=poses, seed=seed), (certificate, certificate), FRAME)
    finding = search(picture)
    assert not finding.outline.found
    assert finding.cause == "two_papers"


def test_turning_the_picture_turns_the_corners(certificate: NDArray[np.uint8]) -> None:
    picture = photograph(a_scene(3), (certificate,), FRAME)
    upright = find_page(picture)
    turned = find_page(np.ascontiguousarray(np.rot90(picture, 2)))
    assert upright.corners
    back = np.array(FRAME, np.float32) - 1 - np.array(turned.corners, np.float32)
    assert miss(back, np.array(upright.corners, np.float32), FRAME) < 0.003


def test_shrinking_the_picture_shrinks_the_corners(certificate: NDArray[np.uint8]) -> None:
    picture = photograph(a_scene(6), (certificate,), FRAME)
    whole = find_page(picture)
    half = find_page(
        np.asarray(cv2.resize(picture, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA), np.uint8)
    )
    assert whole.corners
    assert miss(np.array(half.corners) * 2, np.array(whole.corners, np.float32), FRAME) < 0.003


def test_an_id_card_on_the_plate_is_found() -> None:
    card = np.full((54 * 8, 86 * 8, 3), (205, 190, 170), np.uint8)
    cv2.rectangle(card, (40, 120), (200, 360), (90, 100, 120), -1)
    corners = np.array([[380, 700], [724, 716], [714, 932], [370, 916]], np.float32)
    picture = np.array(photograph(Scene(poses=(), seed=2), (), FRAME))
    flat = np.array([[0, 0], [688, 0], [688, 432], [0, 432]], np.float32)
    way = cv2.getPerspectiveTransform(flat, corners)
    cv2.warpPerspective(card, way, FRAME, dst=picture, borderMode=cv2.BORDER_TRANSPARENT)
    outline = find_page(picture)
    assert outline.found
    assert miss(outline.corners, corners, FRAME) < 0.01


@pytest.fixture(scope="module")
def a_page_on_the_desk(certificate: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return photograph(a_scene(4), (certificate,), (900, 1200))


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(turn=st.floats(-25, 25), scale=st.floats(0.5, 1.6))
def test_corners_turn_and_grow_with_the_picture(
    turn: float, scale: float, a_page_on_the_desk: NDArray[np.uint8]
) -> None:
    way = np.asarray(cv2.getRotationMatrix2D((450, 600), turn, scale * 0.7), np.float64)
    way[:, 2] += np.array([300.0, 150.0])
    turned = cv2.warpAffine(
        a_page_on_the_desk, way, (1500, 1500), flags=cv2.INTER_AREA, borderValue=(64, 60, 52)
    )
    truth = corners_of(a_scene(4).poses[0], (900, 1200)) @ way[:, :2].T + way[:, 2]
    assume(truth.min() > 15)
    assume(truth.max() < 1485)
    outline = find_page(np.asarray(turned, np.uint8))
    assert outline.corners is not None
    assert miss(outline.corners, truth.astype(np.float32), (1500, 1500)) < 0.01
    assert_clockwise_from_top_left(np.array(outline.corners, np.float32))


def assert_clockwise_from_top_left(corners: NDArray[np.float32]) -> None:
    """Check the order every outline has, whichever way the paper lies."""
    after = np.roll(corners, -1, axis=0)
    assert float((corners[:, 0] * after[:, 1] - after[:, 0] * corners[:, 1]).sum()) > 0
    assert corners.sum(axis=1).argmin() == 0


@given(
    centre=st.tuples(st.floats(200, 800), st.floats(200, 800)),
    size=st.tuples(st.floats(20, 180), st.floats(20, 180)),
    turn=st.floats(0, 360),
    start=st.integers(0, 3),
    mirrored=st.booleans(),
)
def test_corners_are_always_told_clockwise_from_the_top_left(
    centre: tuple[float, float], size: tuple[float, float], turn: float, start: int, *, mirrored: bool
) -> None:
    box = np.roll(cv2.boxPoints((centre, size, turn)), start, axis=0)
    given_order = box[::-1] if mirrored else box
    ordered = order_corners(np.asarray(given_order, np.float32))
    assert_clockwise_from_top_left(ordered)
    assert sorted(map(tuple, ordered.tolist())) == sorted(map(tuple, box.tolist()))
    assert np.array_equal(order_many(given_order[None].astype(np.float32))[0], ordered)


@pytest.mark.parametrize("shadow", [0.82, 0.88])
def test_a_page_half_in_deep_shadow_is_found_whole(shadow: float, confirmation: NDArray[np.uint8]) -> None:
    for seed in (112, 113, 116):
        scene = Scene(poses=(Pose(height=0.77),), shadow=shadow, lamp=0.3, seed=seed)
        outline = find_page(photograph(scene, (confirmation,), FRAME))
        assert outline.found
        assert miss(outline.corners, corners_of(scene.poses[0], FRAME), FRAME) < 0.01


@pytest.mark.parametrize("seed", [3, 7, 11])
def test_the_lines_of_a_checked_cloth_are_no_page(seed: int) -> None:
    scene = Scene(poses=(), desk="cloth", lamp=0.3, seed=seed)
    assert not search(photograph(scene, (), (1080, 1440))).outline.found


def test_a_page_on_a_checked_cloth_is_found(certificate: NDArray[np.uint8]) -> None:
    scene = Scene(poses=(Pose(height=0.7, turn_deg=6),), desk="cloth", seed=3)
    for size in ((1080, 1440), (540, 720)):
        outline = search(photograph(scene, (certificate,), size)).outline
        assert outline.found
        assert miss(outline.corners, corners_of(scene.poses[0], size), size) < 0.01
