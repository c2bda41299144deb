"""Compares the verdict on a page with what OCR loses on it, fault by fault, step by step; prints two tables.

Eight faults in six steps each, on pages of text the limits were not chosen on (`--calibration` takes the
pages they were chosen on). OCR is tesseract with `vie` (apt-get install tesseract-ocr tesseract-ocr-vie),
which the product never uses. Three pages a step take ten minutes on a quiet machine; `--pages 1` three.
Run: .venv/bin/python benchmarks/verdicts.py [--pages 3] [--calibration]
"""

from __future__ import annotations

import argparse
import shutil
import sys
from collections import defaultdict
from dataclasses import dataclass, replace
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


def _lit(number: int, height: float = HEIGHT) -> Scene:
    """Return page `number` under an everyday lamp."""
    chance = np.random.default_rng(1000 + number)
    lamp, shadow = float(chance.uniform(0, 0.4)), float(chance.uniform(0, 0.25))
    return Scene(poses=(pose(number, height),), seed=number, lamp=lamp, shadow=shadow)


def _cut(number: int, share: float) -> Scene:
    side = SIDES[number % 4]
    near = {"left": WIDTH * (0.5 - share), "top": HEIGHT * (0.5 - share)}
    near |= {"right": 1 - near["left"], "bottom": 1 - near["top"]}
    lies = replace(pose(number), lean=0.0)
    lies = replace(lies, x=near[side]) if side in SIDES[:2] else replace(lies, y=near[side])
    return Scene(poses=(lies,), seed=number)


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
    both = reach > 0.4  # noqa: PLR2004 - the same
    return Scene(poses=(pose(number),), seed=number, hands=places[:2] if both else (places[number % 3],))


FAULTS: dict[str, tuple[tuple[float, ...], Callable[[int, float], Scene]]] = {
    "blurred": ((1.2, 2.0, 2.8, 3.6, 4.8, 6.5), lambda n, step: replace(_lit(n), blur_px=step)),
    "moved": ((4, 7, 10, 14, 19, 26), lambda n, step: replace(_lit(n), motion_px=step)),
    "too_dark": ((0.5, 0.25, 0.13, 0.08, 0.05, 0.03), lambda n, step: replace(_lit(n), exposure=step)),
    "shadow": ((0.5, 0.65, 0.75, 0.82, 0.87, 0.9), lambda n, step: replace(_lit(n), shadow=step)),
    "glare": ((1, 2, 4, 7, 11, 16), lambda n, step: replace(_lit(n), glare=int(step))),
    "too_small": ((0.62, 0.5, 0.42, 0.34, 0.27, 0.2), _lit),
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


def named(fault: str, code: str) -> bool:
    """Tell whether a verdict goes by the fault that was made."""
    return code.startswith(NAMES.get(fault, fault))


@dataclass(slots=True)
class Tally:
    """What became of the pages of one fault."""

    pages: int = 0
    readable: int = 0
    passed: int = 0
    lost: int = 0
    refused_lost: int = 0
    refused: int = 0
    well_named: int = 0

    def add(self, share: float, reason: str, *, well: bool) -> None:
        """Count one page: what OCR loses, and why it was refused (empty: it was not)."""
        self.pages += 1
        self.readable += share <= READABLE
        self.passed += share <= READABLE and not reason
        self.lost += share > LOST
        self.refused_lost += share > LOST and bool(reason)
        self.refused += bool(reason)
        self.well_named += bool(reason) and well

    def row(self) -> str:
        """Return the cells of the table."""
        pairs = (
            (self.passed, self.readable),
            (self.refused_lost, self.lost),
            (self.well_named, self.refused),
        )
        return " | ".join([str(self.pages), *(f"{part} of {whole}" for part, whole in pairs)])


def verdict(maker: DocumentPageMaker, sample: Sample) -> tuple[float, str, str]:
    """Return what OCR loses on one sample, why it was refused, and all that was said of it."""
    paper, told = printed_page(sample.number, letters=LETTERS)
    try:
        page = maker.make_page(photograph(sample.scene, (paper,)))
    except PageNotFoundError as error:
        return 1.0, error.detail, f"no page ({error.detail})"
    refused = [problem.code for problem in page.problems if problem.blocking]
    words = [f"{p.code} {'refused' if p.blocking else 'warned'} ({p.value:.3g})" for p in page.problems]
    return lost(read(drawn(page)), told), (refused or [""])[0], ", ".join(words) or "good"


def main() -> int:
    """Print both tables, or say what is missing."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=3, help="for each step of each fault")
    parser.add_argument("--calibration", action="store_true", help="the pages the limits were chosen on")
    args = parser.parse_args()
    if shutil.which("tesseract") is None:
        print("tesseract is absent, so nothing was measured: apt-get install tesseract-ocr tesseract-ocr-vie")
        return 1
    maker, tallies, whole = DocumentPageMaker(), defaultdict[str, Tally](Tally), Tally()
    print("| fault | step | page | lost by OCR | verdict |\n|---|---|---|---|---|")
    for sample in samples(FIRST_PAGE[args.calibration], args.pages):
        share, reason, words = verdict(maker, sample)
        print(f"| {sample.fault} | {sample.step} | {sample.number} | {share:.4f} | {words} |", flush=True)
        for tally in (tallies[sample.fault], whole):
            tally.add(share, reason, well=named(sample.fault, reason))
    print(f"\n| fault | pages | loses <= {READABLE:.0%}: pass | loses > {LOST:.0%}: refused | reason right |")
    print("|---|---|---|---|---|")
    for fault, tally in (*tallies.items(), ("all", whole)):
        print(f"| {fault} | {tally.row()} |")
    return 0


if __name__ == "__main__":
    sys.exit(main())
