"""Photographs papers on a desk: perspective, lamp, shadow, lens and sensor, all from one seed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

from drivers.simulated.scanner.bent import lay_bent
from drivers.simulated.scanner.hands import crumple, lay_hand
from drivers.simulated.scanner.papers import A4_PX

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from drivers.simulated.scanner.bent import Bend
    from drivers.simulated.scanner.hands import Hand

FRAME_PX = (2400, 3200)
"""Width and height of a full picture; A4 fills it at about 215 dpi."""
PREVIEW_PX = (540, 720)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pose:
    """Where one paper lies, in shares of the frame, and how it is tilted."""

    x: float = 0.5
    """Centre of the paper, share of the frame's width."""
    y: float = 0.5
    height: float = 0.8
    """Height of the paper, share of the frame's height."""
    turn_deg: float = 0.0
    """Clockwise."""
    lean: float = 0.0
    """Perspective: how much shorter the far edge looks, as a share."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """One picture to take. The same scene always gives the same picture."""

    poses: tuple[Pose, ...] = (Pose(),)
    desk: str = "plate"
    """`plate` (dark and matte, as in the kiosk), `pale` (a light grey mat), `wood` or `cloth` (checked)."""
    desk_seed: int | None = None
    """Of the desk's own grain: pictures of one desk share it. None takes `seed`."""
    lamp: float = 0.25
    """How much darker the far corner is than the near one, as a share."""
    shadow: float = 0.15
    """How dark the shadow of a hand over part of the paper is, as a share."""
    exposure: float = 1.0
    """Share of the light the sensor needs that it gets; its noise stays."""
    hands: tuple[Hand, ...] = ()
    crumpled: float = 0.0
    """How badly the papers were crumpled; 1 is a paper from a trouser pocket."""
    bend: Bend | None = None
    """How the papers stand up from the desk; None: they lie flat."""
    blur_px: float = 0.6
    """Sigma of the lens blur in pixels of the full picture."""
    motion_px: float = 0.0
    """How far the paper moved during the shot, pixels of the full picture."""
    glare: int = 0
    """Reflections of lamps on the paper."""
    seed: int = 0


def corners_of(
    pose: Pose, size: tuple[int, int] = FRAME_PX, *, aspect: float = A4_PX[0] / A4_PX[1]
) -> NDArray[np.float32]:
    """Return the four corners of a paper in picture pixels, clockwise from its own top-left.

    Args:
        pose: Where it lies.
        size: Width and height of the picture.
        aspect: Width of the paper for a height of one.
    """
    height = pose.height * size[1]
    width = height * aspect
    near, far = 1 + pose.lean / 2, 1 - pose.lean / 2
    flat = np.array([[-far, -1], [far, -1], [near, 1], [-near, 1]], np.float32) * np.array(
        [width / 2, height / 2], np.float32
    )
    angle = np.deg2rad(pose.turn_deg)
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]], np.float32)
    centre = np.array([pose.x * size[0], pose.y * size[1]], np.float32)
    return np.asarray(flat @ turn + centre, dtype=np.float32)


def photograph(
    scene: Scene, papers: tuple[NDArray[np.uint8], ...], size: tuple[int, int] = FRAME_PX
) -> NDArray[np.uint8]:
    """Take the picture of a scene: (height, width, 3) uint8 BGR.

    Args:
        scene: What lies where, in what light.
        papers: One picture for each pose, (height, width, 3) uint8 BGR.
        size: Width and height in pixels.
    """
    randomness = np.random.default_rng(scene.seed)
    grain = randomness if scene.desk_seed is None else np.random.default_rng(scene.desk_seed)
    picture = _desk(scene.desk, size, grain)
    for pose, paper in zip(scene.poses, papers, strict=True):
        sheet = crumple(paper, scene.crumpled, randomness) if scene.crumpled else paper
        corners = corners_of(pose, size, aspect=paper.shape[1] / paper.shape[0])
        if scene.bend:
            lay_bent(picture, sheet, corners, scene.bend)
        else:
            _lay(picture, sheet, corners)
    for hand in scene.hands:
        lay_hand(picture, hand)
    light = _light(scene, size, randomness)
    picture = cv2.multiply(picture, cv2.merge([light, light, light]), scale=1 / 255).astype(np.uint8)
    if scene.glare and scene.poses:
        picture = cv2.add(picture, _glare(scene, size, randomness)).astype(np.uint8)
    return _with_noise(_through_the_lens(picture, scene, randomness), randomness)


def _through_the_lens(
    picture: NDArray[np.uint8], scene: Scene, randomness: np.random.Generator
) -> NDArray[np.uint8]:
    """Blur by defocus and by motion."""
    share = picture.shape[0] / FRAME_PX[1]
    sigma = scene.blur_px * share
    if sigma > 0.2:  # noqa: PLR2004 - less blur than that changes no pixel
        picture = cv2.GaussianBlur(picture, (0, 0), sigma).astype(np.uint8)
    way = scene.motion_px * share
    if way > 1:
        side = int(way) + 3 | 1
        path = np.zeros((side, side), np.float32)
        angle = randomness.uniform(0, np.pi)
        step = np.array([np.cos(angle), np.sin(angle)]) * way / 2
        middle = side / 2 - 0.5
        for place in np.linspace(-1, 1, 4 * side):
            x, y = middle + step * place
            path[round(float(y)), round(float(x))] += 1
        picture = cv2.filter2D(picture, -1, path / path.sum()).astype(np.uint8)
    return picture


def _desk(kind: str, size: tuple[int, int], randomness: np.random.Generator) -> NDArray[np.uint8]:
    rough = (max(size[0] // 4, 1), max(size[1] // 4, 1))
    grain = randomness.normal(0, 1, (rough[1], rough[0])).astype(np.float32)
    if kind == "wood":
        grain = np.asarray(cv2.GaussianBlur(grain, (0, 0), sigmaX=24, sigmaY=1.2), np.float32) * 54
        colour = np.array([72, 112, 158], np.float32)
    elif kind == "cloth":
        across, down = np.meshgrid(np.arange(rough[0]), np.arange(rough[1]))
        checks = ((across // 14) % 2 + (down // 14) % 2).astype(np.float32) - 1
        grain = np.asarray(cv2.GaussianBlur(grain, (0, 0), 0.7), np.float32) * 14 + checks * 48
        colour = np.array([122, 128, 176], np.float32)
    elif kind == "pale":
        grain = np.asarray(cv2.GaussianBlur(grain, (0, 0), 1.5), np.float32) * 8
        colour = np.array([206, 208, 204], np.float32)
    else:
        grain = np.asarray(cv2.GaussianBlur(grain, (0, 0), 1.0), np.float32) * 5
        colour = np.array([74, 70, 62], np.float32)
    shade = np.clip(colour + grain[..., None], 0, 255).astype(np.uint8)
    return np.asarray(cv2.resize(shade, size, interpolation=cv2.INTER_LINEAR), np.uint8)


def _lay(picture: NDArray[np.uint8], paper: NDArray[np.uint8], corners: NDArray[np.float32]) -> None:
    height, width = paper.shape[:2]
    scale = float(np.hypot(*(corners[3] - corners[0]))) / height
    if scale < 0.6:  # noqa: PLR2004 - shrink first, or thin strokes drop out of a small picture
        paper = cv2.resize(paper, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA).astype(np.uint8)
        height, width = paper.shape[:2]
    flat = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32) - np.float32(0.5)
    way = cv2.getPerspectiveTransform(flat, corners)
    size = (picture.shape[1], picture.shape[0])
    cv2.warpPerspective(
        paper, way, size, dst=picture, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_TRANSPARENT
    )


def _light(scene: Scene, size: tuple[int, int], randomness: np.random.Generator) -> NDArray[np.uint8]:
    """Return the light on every point, 255 = as drawn; paper in full light comes out near 215."""
    rough = (80, max(2, round(80 * size[1] / size[0])))
    down, across = np.mgrid[0 : rough[1], 0 : rough[0]].astype(np.float32)
    across, down = across / rough[0], down / rough[1]
    angle = randomness.uniform(0, 2 * np.pi)
    along = (across - 0.5) * np.cos(angle) + (down - 0.5) * np.sin(angle) + 0.5
    light = 215 * scene.exposure * (1 - scene.lamp * np.clip(along, 0, 1))
    if scene.shadow and scene.poses:
        pose = scene.poses[0]
        middle = (pose.x + randomness.uniform(-0.2, 0.2), pose.y + randomness.uniform(-0.2, 0.2))
        beyond = (across - middle[0]) * np.sin(angle) + (down - middle[1]) * np.cos(angle)
        light = light * (1 - scene.shadow / (1 + np.exp(-beyond / 0.03)))
    return np.asarray(cv2.resize(light.astype(np.uint8), size, interpolation=cv2.INTER_CUBIC), np.uint8)


def _glare(scene: Scene, size: tuple[int, int], randomness: np.random.Generator) -> NDArray[np.uint8]:
    """Draw soft-edged white spots on the first paper."""
    rough = (size[0] // 8, size[1] // 8)
    spots = np.zeros((rough[1], rough[0]), np.uint8)
    pose = scene.poses[0]
    for _ in range(scene.glare):
        x = (pose.x + randomness.uniform(-0.15, 0.15)) * rough[0]
        y = (pose.y + randomness.uniform(-0.2, 0.2)) * rough[1]
        axes = (int(0.09 * rough[0]), int(0.06 * rough[1]))
        cv2.ellipse(spots, (int(x), int(y)), axes, float(randomness.uniform(0, 90)), 0, 360, 255, -1)
    soft = cv2.GaussianBlur(spots, (0, 0), 0.01 * rough[0])
    full = cv2.resize(soft, size, interpolation=cv2.INTER_LINEAR).astype(np.uint8)
    return cv2.merge([full, full, full]).astype(np.uint8)


def _with_noise(picture: NDArray[np.uint8], randomness: np.random.Generator) -> NDArray[np.uint8]:
    """Add sensor noise of about two grey levels, strip by strip to hold no second picture."""
    tile = randomness.normal(0, 2.0, (256, picture.shape[1], 3)).astype(np.int16)
    for top in range(0, picture.shape[0], 256):
        strip = picture[top : top + 256]
        rolled = np.roll(tile, 37 * top // 256, axis=1)[: len(strip)]
        strip[:] = np.clip(strip + rolled, 0, 255).astype(np.uint8)
    return picture
