"""Measures what flattening a bent page brings: pages of a bound book and folded sheets; prints one table.

Needs tesseract with `vie` (apt-get install tesseract-ocr tesseract-ocr-vie), which the product never uses.
Run: .venv/bin/python benchmarks/curl.py [--picture FILE.jpg]
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.printed_pages import printed_page  # noqa: E402 - a script: the path comes first
from benchmarks.reading import drawn, lost, read  # noqa: E402 - the same
from drivers.scanner.curl import unevenness_at_best  # noqa: E402 - the same
from drivers.scanner.line_traces import trace_lines  # noqa: E402 - the same
from drivers.scanner.page_maker import DocumentPageMaker  # noqa: E402 - the same
from drivers.scanner.text_lines import LOOK_DPI, ink_of, without_rules  # noqa: E402 - the same
from drivers.simulated.scanner.bent import Bend, Shape  # noqa: E402 - the same
from drivers.simulated.scanner.desk import Pose, Scene, photograph  # noqa: E402 - the same
from drivers.simulated.scanner.papers import PAPERS  # noqa: E402 - the same

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from drivers.ports import ScannedPage

RISES_MM = (0, 3, 6, 10, 15)
POSES = (
    Pose(height=0.76, turn_deg=2, lean=0.03),
    Pose(height=0.75, turn_deg=178, lean=-0.04),
)
FIRST = 300
"""Number of the first page: none that limits were chosen on."""
TILE_PX = 256
MEASURES = ("lost", "stray px", "place mm", "ms")
"""Each without and with flattening."""


def stray(page: NDArray[np.uint8]) -> float:
    """Return how far the lines of text of a page are from straight, pixels at its 200 dpi."""
    ink = without_rules(ink_of(page, 200))
    return unevenness_at_best(trace_lines(ink), (ink.shape[1], ink.shape[0])) * 200 / LOOK_DPI


def displaced(page: NDArray[np.uint8], paper: NDArray[np.uint8]) -> float:
    """Return how far apart the letters of a page and of the paper it was made of stand, millimetres.

    The 90th percentile over tiles of the page, after the shift of the whole page is taken out.
    """
    planes = [cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY).astype(np.float32) for picture in (page, paper)]
    window = cv2.createHanningWindow((TILE_PX, TILE_PX), cv2.CV_32F)
    steps = []
    for y in range(TILE_PX, 2000, TILE_PX // 2):
        for x in range(TILE_PX // 2, 1300, TILE_PX // 2):
            first, second = (plane[y : y + TILE_PX, x : x + TILE_PX] for plane in planes)
            step, sure = cv2.phaseCorrelate(first, second, window)
            if sure > 0.15:  # noqa: PLR2004 - less is chance: there is too little text
                steps.append(step)
    if not steps:
        return float("nan")
    apart = np.linalg.norm(np.array(steps) - np.median(steps, axis=0), axis=1)
    return float(np.percentile(apart, 90)) * 25.4 / 200


def measured(maker: DocumentPageMaker, photo: NDArray[np.uint8]) -> tuple[ScannedPage, float]:
    """Return the page of a photo and the processor time it took, milliseconds."""
    before = time.process_time()
    page = maker.make_page(photo)
    return page, (time.process_time() - before) * 1000


def bends() -> None:
    """Print what OCR loses and how straight lines are, with and without flattening, by shape and rise."""
    plain, mending = DocumentPageMaker(flatten_curl=False), DocumentPageMaker()
    print("| sheet | rise mm |" + "".join(f" {name} | flattened |" for name in MEASURES))
    print("|---" * (2 + 2 * len(MEASURES)) + "|")
    number, same, flats = FIRST, 0, 0
    for shape in Shape:
        for rise in RISES_MM:
            rows = []
            for pose in POSES:
                number += 1
                paper, told = printed_page(number)
                bend = Bend(rise_mm=rise, shape=shape)
                photo = photograph(Scene(poses=(pose,), bend=bend, seed=number), (paper,))
                (before, cost), (after, more) = measured(plain, photo), measured(mending, photo)
                pages = [drawn(page) for page in (before, after)]
                flats, same = flats + (not rise), same + (not rise and before.jpeg == after.jpeg)
                losses = [lost(read(page), told) for page in pages]
                places = [displaced(page, paper) for page in pages]
                rows.append([*losses, *map(stray, pages), *places, cost, more])
            cells = np.mean(rows, axis=0)
            parts = [f"{value:.4f}" for value in cells[:2]] + [f"{value:.1f}" for value in cells[2:6]]
            print(f"| {shape} | {rise} | {' | '.join(parts)} | {cells[6]:.0f} | {cells[7]:.0f} |", flush=True)
    print(f"\nFlat pages that stayed as they are, to the byte: {same} of {flats}")


def before_and_after(target: Path) -> None:
    """Write one picture: the photo, the page without, the page with flattening."""
    bend = Bend(rise_mm=15, shape=Shape.SPINE_LEFT)
    photo = photograph(Scene(poses=(POSES[0],), bend=bend, seed=2), (PAPERS["residence"](),))
    pages = [drawn(DocumentPageMaker(flatten_curl=way).make_page(photo)) for way in (False, True)]
    sides = [
        cv2.resize(side, (round(side.shape[1] * 800 / side.shape[0]), 800), interpolation=cv2.INTER_AREA)
        for side in (photo, *(cv2.rectangle(page, (0, 0), page.shape[1::-1], (0, 0, 0), 5) for page in pages))
    ]
    cv2.imwrite(str(target), np.hstack(sides), [cv2.IMWRITE_JPEG_QUALITY, 78])


def main() -> int:
    """Print the table, or say what is missing."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--picture", type=Path, help="only write the picture before and after")
    target = parser.parse_args().picture
    cv2.setNumThreads(1)
    os.environ.setdefault(
        "OMP_THREAD_LIMIT", "1"
    )  # tesseract's threads wait for each other more than they read
    if target:
        before_and_after(target)
        return 0
    if shutil.which("tesseract") is None:
        print("tesseract is absent, so nothing was measured: apt-get install tesseract-ocr tesseract-ocr-vie")
        return 1
    bends()
    return 0


if __name__ == "__main__":
    sys.exit(main())
