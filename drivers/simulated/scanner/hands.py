"""Hands and fingers over papers, and papers that were crumpled: what a real desk sees all day."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

SKINS = ((126, 158, 214), (104, 138, 196), (148, 178, 226), (84, 116, 170))
"""Colours of hands in full light, BGR."""
FINGERS = ((-0.75, 0.86), (-0.28, 1.0), (0.18, 0.98), (0.62, 0.84))
"""Where the four fingers stand across the hand, in finger widths times 1.3, and how long each is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hand:
    """A hand, or one finger, that reaches into the picture."""

    x: float
    """Where the finger tips are, share of the frame's width."""
    y: float
    """The same, share of the frame's height."""
    from_deg: float
    """Where the arm comes from: 0 = from the right of the frame, 90 = from below."""
    width: float = 0.045
    """Of one finger, share of the frame's height; 16 mm on A4 that fills it is 0.045."""
    fingers: int = 4
    """One is a single finger that holds the paper."""
    skin: int = 0
    """Which of `SKINS`."""


def lay_hand(picture: NDArray[np.uint8], hand: Hand) -> None:
    """Draw a hand over the picture, with the soft shadow it throws; changes the picture."""
    size = (picture.shape[1], picture.shape[0])
    shape = _shape(hand, size)
    step = 0.012 * size[1]
    beside = cv2.warpAffine(shape, np.array([[1, 0, step], [0, 1, step]], np.float32), size)
    thrown = cv2.GaussianBlur(beside, (0, 0), step)
    dark = cv2.merge([thrown] * 3).astype(np.float32) * np.float32(0.45 / 255)
    picture[:] = (picture * (1 - dark)).astype(np.uint8)
    soft = cv2.GaussianBlur(shape, (0, 0), max(0.0012 * size[1], 0.5))
    rounding = cv2.GaussianBlur(shape, (0, 0), 0.4 * hand.width * size[1])
    shade = 0.62 + 0.38 * rounding.astype(np.float32)[..., None] / 255
    skin = np.array(SKINS[hand.skin % len(SKINS)], np.float32) * shade
    share = soft.astype(np.float32)[..., None] / 255
    picture[:] = (picture * (1 - share) + skin * share).astype(np.uint8)


def _shape(hand: Hand, size: tuple[int, int]) -> NDArray[np.uint8]:
    """Return 255 where the hand is."""
    shape = np.zeros((size[1], size[0]), np.uint8)
    tip = np.array([hand.x * size[0], hand.y * size[1]])
    wide = hand.width * size[1]
    away = np.array([np.cos(np.deg2rad(hand.from_deg)), np.sin(np.deg2rad(hand.from_deg))])
    across = np.array([-away[1], away[0]])
    if hand.fingers == 1:
        _stroke(shape, tip + away * wide / 2, tip + away * sum(size), wide)
        return shape
    knuckles = tip + away * wide * 5
    for place, long in FINGERS[: hand.fingers]:
        root = knuckles + across * place * wide * 1.9
        _stroke(shape, root - away * wide * 5 * long, root, wide)
    _stroke(shape, knuckles + away * wide * 1.2, knuckles + away * wide * 3.5, wide * 4.6)
    _stroke(shape, knuckles + away * wide * 4, knuckles + away * sum(size), wide * 3.4)
    return shape


def _stroke(
    shape: NDArray[np.uint8], start: NDArray[np.float64], end: NDArray[np.float64], width: float
) -> None:
    first, last = ((round(float(x)), round(float(y))) for x, y in (start, end))
    cv2.line(shape, first, last, 255, max(round(width), 1), cv2.LINE_AA)


def crumple(paper: NDArray[np.uint8], depth: float, randomness: np.random.Generator) -> NDArray[np.uint8]:
    """Return the paper as it lies after having been folded and crumpled.

    Args:
        paper: (height, width, 3) uint8 BGR.
        depth: How badly: 1 shifts points by about 0.2 % of the height and shades the creases by a tenth.
        randomness: Where the creases run.
    """
    height, width = paper.shape[:2]
    small = (round(width / 8), round(height / 8))
    rough = (24, max(2, round(24 * height / width)))
    fields = []
    for _ in range(3):
        field = randomness.normal(0, 1, (rough[1], rough[0])).astype(np.float32)
        fields.append(cv2.GaussianBlur(cv2.resize(field, small), (0, 0), small[0] / 30))
    across, down, slope = fields
    light = 1 + np.float32(0.12 * depth) * slope
    for _ in range(3):
        light = light * _crease((small[1], small[0]), randomness, np.float32(0.12 * depth))
    x, y = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    reach = 0.004 * depth * height
    x += cv2.resize(across, (width, height)) * reach
    y += cv2.resize(down, (width, height)) * reach
    moved = cv2.remap(paper, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    share = cv2.resize((np.clip(light, 0, 1.08) * 200).astype(np.uint8), (width, height))
    return np.asarray(cv2.multiply(moved, cv2.merge([share] * 3), scale=1 / 200), np.uint8)


def _crease(size: tuple[int, int], randomness: np.random.Generator, depth: np.float32) -> NDArray[np.float32]:
    """Return the light along one fold: darker on one side, brighter on the other."""
    y, x = np.mgrid[0 : size[0], 0 : size[1]].astype(np.float32)
    angle = randomness.uniform(0, np.pi)
    middle = randomness.uniform(0.2, 0.8, 2) * np.array(size)
    beyond = (x - middle[1]) * np.cos(angle) + (y - middle[0]) * np.sin(angle)
    near = np.exp(-np.abs(beyond) / (0.02 * size[0]))
    return np.asarray(1 - depth * np.sign(beyond) * near, np.float32)
