"""Compares the verdict on a page with what OCR loses on it, fault by fault, step by step; prints two tables.

Eight faults in six steps each, on pages of text the limits were not chosen on (`--calibration` takes the pages
they were chosen on). OCR is tesseract with `vie` (apt-get install tesseract-ocr tesseract-ocr-vie), which the
product never uses; one processor needs about ten minutes for each three pages.
Run: .venv/bin/python benchmarks/verdicts.py [--pages 3] [--calibration]
"""

from __future__ import annotations

import argparse
import shutil
import sys
from collections import Counter, defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.printed_pages import printed_page  # noqa: E402 - a script: the path comes first
from benchmarks.reading import drawn, lost, read  # noqa: E402 - the same
from drivers.errors import PageNotFoundError  # noqa: E402 - the same
from drivers.scanner.page_maker import DocumentPageMaker  # noqa: E402 - the same
from drivers.simulated.scanner.desk import FRAME_PX, Pose, Scene, photograph  # noqa: E402 - the same
from drivers.simulated.scanner.hands import Hand  # noqa: E402 - the same
from drivers.simulated.scanner.papers import A4_PX  # noqa: E402 - the same

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

HEIGHT = 0.77
WIDTH = HEIGHT * FRAME_PX[1] * A4_PX[0] / A4_PX[1] / FRAME_PX[0]
"""The paper's, in shares of the frame's."""
LETTERS = 1000
FIRST_PAGE = {True: 100, False: 200}
"""Pages the limits were chosen on, and pages they were not."""
READABLE, LOST = 0.02, 0.1
SIDES = ("left", "right", "top", "bottom")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One photo to take: what is wrong with it, how badly, and on which page."""

    fault: str
    step: float
    number: int
    scene: Scene


def pose(number: int, height: float = HEIGHT) -> Pose:
    """Return how page `number` lies."""
    chance = np.random.default_rng(number)
    return Pose(height=height, turn_deg=float(chance.uniform(-2, 2)), lean=float(chance.uniform(-0.03, 0.03)))


def _light(number: int) -> dict[str, float]:
    chance = np.random.default_rng(1000 + number)
    return {"lamp": float(chance.uniform(0, 0.4)), "shadow": float(chance.uniform(0, 0.25))}


def _cut(number: int, share: float) -> Scene:
    side = SIDES[number % 4]
    near = {"left": WIDTH * (0.5 - share), "top": HEIGHT * (0.5 - share)}
    near |= {"right": 1 - near["left"], "bottom": 1 - near["top"]}
    place = {"x": near[side]} if side in SIDES[:2] else {"y": near[side]}
    return Scene(poses=(Pose(height=HEIGHT, turn_deg=pose(number).turn_deg, **place),), seed=number)


def _held(number: int, reach: float) -> Scene:
    """Return a page held by a finger or a hand from one of three sides; the worse the larger."""
    chance = np.random.default_rng(number)
    fingers = 1 if reach < 0.15 else 4  # noqa: PLR2004 - share of the paper's width
    y = float(chance.uniform(0.35, 0.65))
    places = (
        Hand(x=0.5 + WIDTH * (0.5 - reach), y=y, from_deg=float(chance.uniform(-25, 25)), fingers=fingers),
        Hand(x=0.5 - WIDTH * (0.5 - reach), y=y, from_deg=float(chance.uniform(155, 205)), fingers=fingers),
        Hand(x=0.5, y=0.5 + HEIGHT * (0.5 - reach), from_deg=float(chance.uniform(75, 105)), fingers=fingers),
    )
    hands = (places[number % 3],)
    if reach > 0.4:  # noqa: PLR2004 - the same
        hands = places[:2]
    return Scene(poses=(pose(number),), seed=number, hands=hands)



FAULTS: dict[str, tuple[tuple[float, ...], Callable[[int, float], Scene]]] = {
    "blurred": (
        (1.2, 2.0, 2.8, 3.6, 4.8, 6.5),
        lambda n, step: Scene(poses=(pose(n),), seed=n, blur_px=step, **_light(n)),
    ),
    "moved": (
        (4, 7, 10, 14, 19, 26),
        lambda n, step: Scene(poses=(pose(n),), seed=n, motion_px=step, **_light(n)),
    ),
    "too_dark": (
        (0.5, 0.25, 0.13, 0.08, 0.05, 0.03),
        lambda n, step: Scene(poses=(pose(n),), seed=n, exposure=step, **_light(n)),
    ),
    "shadow": (
        (0.5, 0.7, 0.85, 0.93, 0.97, 0.985),
        lambda n, step: Scene(poses=(pose(n),), seed=n, lamp=_light(n)["lamp"], shadow=step),
    ),
    "glare": (
        (1, 2, 4, 7, 11, 16),
        lambda n, step: Scene(poses=(pose(n),), seed=n, glare=int(step), **_light(n)),
    ),
    "too_small": (
        (0.62, 0.5, 0.42, 0.34, 0.27, 0.2),
        lambda n, step: Scene(poses=(pose(n, step),), seed=n, **_light(n)),
    ),
    "cut_off": ((0.11, 0.15, 0.2, 0.27, 0.35, 0.45), _cut),
    "covered": ((0.04, 0.1, 0.14, 0.2, 0.3, 0.45), _held),
}
"""Each fault's steps, mild to hopeless, and the scene of a page with it."""
NAMES = {"moved": "blurred"}
"""Faults that go by the name of another: to a citizen both are letters that run."""


def samples(first: int, pages: int) -> Iterator[Sample]:
    """Return every photo of the campaign."""
    for fault, (steps, scene) in FAULTS.items():
        for index, step in enumerate(steps):
            for page in range(pages):
                number = first + page + pages * index
                yield Sample(fault=fault, step=step, number=number, scene=scene(number, step))
