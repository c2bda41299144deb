from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest

from drivers.scanner.enhance import background, flatten, page_format, whiten
from drivers.simulated.scanner.desk import FRAME_PX, Pose, Scene, corners_of, photograph

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from drivers.ports import ScannedPage


def quad(width: float, height: float) -> NDArray[np.float32]:
    return np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)


@pytest.mark.parametrize(
    ("width", "height", "expected"),
    [
        (1000, 1414, (1654, 2339, 200)),
        (1000, 1480, (1654, 2339, 200)),
        (1414, 1000, (2339, 1654, 200)),
        (856, 540, (1011, 638, 300)),
        (540, 856, (638, 1011, 300)),
        (1000, 1000, (2339, 2339, 200)),
        (500, 1500, (780, 2339, 200)),
    ],
)
def test_the_format_follows_the_outline(width: float, height: float, expected: tuple[int, int, int]) -> None:
    found = page_format(quad(width, height))
    assert (found.width, found.height, found.dpi) == expected
    assert found.known == (expected[:2] not in {(2339, 2339), (780, 2339)})


def test_a_photographed_page_comes_out_flat(certificate: NDArray[np.uint8]) -> None:
    pose = Pose(turn_deg=9, lean=0.1, height=0.75)
    picture = photograph(Scene(poses=(pose,), lamp=0, shadow=0, seed=4), (certificate,))
    corners = corners_of(pose, FRAME_PX)
    flat = flatten(picture, corners, page_format(corners))
    small = (413, 584)
    expected = cv2.resize(certificate, small, interpolation=cv2.INTER_AREA).astype(float) * (215 / 255)
    got = cv2.resize(flat, small, interpolation=cv2.INTER_AREA).astype(float)
    assert flat.shape == certificate.shape
    assert float(np.abs(expected - got).mean()) < 2.5


def test_paper_turns_white_in_shadow_and_ink_keeps_its_colour(certificate: NDArray[np.uint8]) -> None:
    pose = Pose(height=0.76)
    scene = Scene(poses=(pose,), lamp=0.5, shadow=0.45, seed=11)
    corners = corners_of(pose, FRAME_PX)
    flat = flatten(photograph(scene, (certificate,)), corners, page_format(corners))
    white = whiten(flat, background(flat))
    plain = certificate.min(axis=2) > 240
    inner = np.zeros_like(plain)
    inner[120:-120, 120:-120] = True
    assert np.percentile(flat[plain & inner], 5) < 110, "the scene was not dark enough to prove anything"
    assert (white[plain & inner].min(axis=1) > 240).mean() > 0.98
    stamp = (certificate[..., 2] > 190) & (certificate[..., 1] < 50) & inner
    blue, green, red = (float(np.median(white[stamp][:, channel])) for channel in range(3))
    assert red > 150
    assert red - max(blue, green) > 90
    pen = (certificate[..., 0] > 150) & (certificate[..., 2] < 50) & inner
    blue, green, red = (float(np.median(white[pen][:, channel])) for channel in range(3))
    assert blue > red + 50


def test_the_finished_page_shows_the_red_stamp(good_page: ScannedPage) -> None:
    page = cv2.imdecode(np.frombuffer(good_page.jpeg, np.uint8), cv2.IMREAD_COLOR)
    assert page is not None
    red = (page[..., 2].astype(int) - page[..., 1] > 90) & (page[..., 2] > 140)
    assert red[1800:2200, 800:1200].mean() > 0.08


def test_a_dark_picture_on_the_page_is_not_bleached() -> None:
    flat = np.full((1600, 1200, 3), 210, np.uint8)
    flat[400:1100, 300:900] = 30
    white = whiten(flat, background(flat))
    assert white[700:800, 550:650].mean() < 160
    assert white[100:200, 100:200].mean() > 250
