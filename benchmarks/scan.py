"""Finds the page in the shared photos our way, the tutorials' way and jscanify's way, and in live pictures.

Two tables: single pictures, and streams of ten frames made of each photo, in which the sheet is held by a
hand (each frame shifted and turned a little) or lies still; all frames have a camera's noise and a lamp's
flicker. OpenCV is kept to one thread, so CPU milliseconds are those of one core.
Run: .venv/bin/python benchmarks/scan.py
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, cast

import cv2
import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from drivers.scanner.live_finder import LiveFinder, find_live  # noqa: E402 - a script: the path comes first
from drivers.scanner.page_finder import find_page  # noqa: E402 - the same

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    Corners = NDArray[np.float32]
    Finder = Callable[[NDArray[np.uint8]], Corners | None]

DATA = ROOT.parent / "shared" / "data" / "docset"
FAILED_IOU = 0.9
LARGE_PIXELS = 12_000_000
PREVIEW_HEIGHT = 720
FRAMES = 10
HAND = (2.0, 0.2)
"""Spread of a hand's shifts, pixels of the preview, and turns, degrees, from frame to frame."""
NOISE, FLICKER = 3.0, 0.02
"""Grey levels of the sensor, and share by which the lamp changes."""


def ours(picture: NDArray[np.uint8]) -> Corners | None:
    """Find with the product's finder."""
    outline = find_page(picture)
    return np.array(outline.corners, np.float32) if outline.corners else None


def preview_of(picture: NDArray[np.uint8]) -> tuple[NDArray[np.uint8], float]:
    """Return the picture at the preview's size, and its scale."""
    scale = min(1.0, PREVIEW_HEIGHT / picture.shape[0])
    small = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.uint8), scale


def ours_quick(picture: NDArray[np.uint8]) -> Corners | None:
    """Find with the preview's finder, in a picture of the preview's size."""
    small, scale = preview_of(picture)
    outline = find_live(small, None).outline
    return np.array(outline.corners, np.float32) / scale if outline.corners else None


def tutorial(picture: NDArray[np.uint8]) -> Corners | None:
    """Blur, Canny, contours by size, the first that simplifies to four points."""
    scale = 500 / picture.shape[0]
    small = cv2.resize(picture, None, fx=scale, fy=scale)
    edges = cv2.Canny(cv2.GaussianBlur(cv2.cvtColor(small, cv2.COLOR_BGR2GRAY), (5, 5), 0), 75, 200)
    contours, _ = cv2.findContours(edges, cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)
    for contour in sorted(contours, key=cv2.contourArea, reverse=True)[:5]:
        fewer = cv2.approxPolyDP(contour, 0.02 * cv2.arcLength(contour, closed=True), closed=True)
        if len(fewer) == 4:  # noqa: PLR2004 - a page has four corners
            return np.asarray(fewer.reshape(4, 2) / scale, dtype=np.float32)
    return None


def jscanify(picture: NDArray[np.uint8]) -> Corners | None:
    """Canny, blur, Otsu, the largest contour; its point farthest from the centre in each quarter."""
    edges = cv2.Canny(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY), 50, 200)
    soft = cv2.GaussianBlur(edges, (3, 3), 0)
    mask = cv2.threshold(soft, 0, 255, cv2.THRESH_OTSU)[1]
    contours, _ = cv2.findContours(mask, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_SIMPLE)
    if not contours:
        return None
    largest = max(contours, key=cv2.contourArea)
    centre = np.array(cv2.minAreaRect(largest)[0])
    away = largest.reshape(-1, 2) - centre
    corners = []
    for right, low in ((False, False), (True, False), (True, True), (False, True)):
        quarter = away[((away[:, 0] > 0) == right) & ((away[:, 1] > 0) == low)]
        if not len(quarter):
            return None
        corners.append(quarter[np.argmax(np.hypot(quarter[:, 0], quarter[:, 1]))] + centre)
    return np.array(corners, np.float32)


FINDERS: dict[str, Finder] = {
    "ours": ours,
    "ours, preview 720p": ours_quick,
    "tutorial contours": tutorial,
    "jscanify's way": jscanify,
}


def overlap(found: Corners | None, truth: Corners) -> float:
    """Return the intersection over the union of two quadrilaterals."""
    if found is None:
        return 0.0
    hull = cv2.convexHull(found)
    shared = cv2.intersectConvexConvex(hull, truth)[0]
    return float(shared / (cv2.contourArea(hull) + cv2.contourArea(truth) - shared))


def measure(finder: Finder, marked: dict[str, Corners], *, pixels: int | None) -> str:
    """Return one row: mean and median overlap, failures, wrong pages taken, wall and CPU milliseconds."""
    shares: list[float] = []
    wrong = 0
    wall: list[float] = []
    cpu: list[float] = []
    for name, truth in marked.items():
        picture = cast("NDArray[np.uint8]", cv2.imread(str(DATA / name)))
        scale = (pixels / (picture.shape[0] * picture.shape[1])) ** 0.5 if pixels else 1.0
        if pixels:
            picture = np.asarray(cv2.resize(picture, None, fx=scale, fy=scale), np.uint8)
        started, worked = time.perf_counter(), time.process_time()
        found = finder(picture)
        wall.append((time.perf_counter() - started) * 1000)
        cpu.append((time.process_time() - worked) * 1000)
        share = overlap(found, (truth * scale).astype(np.float32))
        shares.append(share)
        wrong += found is not None and share < FAILED_IOU
    failures = sum(share < FAILED_IOU for share in shares)
    times = f"{np.median(wall):.0f} | {max(wall):.0f} | {np.median(cpu):.0f}"
    return f"{np.mean(shares):.3f} | {np.median(shares):.3f} | {failures} | {wrong} | {times} |"


def frames_of(
    small: NDArray[np.uint8], chance: np.random.Generator, *, held: bool
) -> Iterator[tuple[NDArray[np.uint8], NDArray[np.float64]]]:
    """Give ten frames of one sheet, and how each was moved, (2, 3)."""
    height, width = small.shape[:2]
    for _ in range(FRAMES):
        turn = float(chance.normal(0, HAND[1])) if held else 0.0
        way = np.asarray(cv2.getRotationMatrix2D((width / 2, height / 2), turn, 1.0), np.float64)
        if held:
            way[:, 2] += chance.normal(0, HAND[0], 2)
        moved = cv2.warpAffine(small, way, (width, height), borderMode=cv2.BORDER_REPLICATE)
        light = 1 + float(chance.normal(0, FLICKER / 2))
        noisy = moved * light + chance.normal(0, NOISE, moved.shape)
        yield np.clip(np.rint(noisy), 0, 255).astype(np.uint8), way


def measure_streams(marked: dict[str, Corners], *, held: bool) -> str:
    """Return one row: sheets found in the end, frames needed, frames lost and wrong, CPU milliseconds."""
    needed: list[int] = []
    shown = wrong = 0
    cpu: list[float] = []
    chance = np.random.default_rng(7)
    for name, truth in marked.items():
        small, scale = preview_of(cast("NDArray[np.uint8]", cv2.imread(str(DATA / name))))
        finder = LiveFinder(lambda: None)
        first = 0
        for number, (frame, way) in enumerate(frames_of(small, chance, held=held), start=1):
            worked = time.process_time()
            outline = finder.outline(frame)
            cpu.append((time.process_time() - worked) * 1000)
            if outline.corners is None:
                continue
            there = (truth * scale) @ way[:, :2].T + way[:, 2]
            good = overlap(np.array(outline.corners, np.float32), there.astype(np.float32)) >= FAILED_IOU
            shown, wrong = shown + good, wrong + (not good)
            first = first or number * good
        needed.append(first)
    found = [number for number in needed if number]
    total = len(marked) * FRAMES
    times = f"{np.mean(cpu):.0f} | {np.percentile(cpu, 95):.0f} | {np.mean(cpu):.0f} %"
    return f"{len(found)} | {np.mean(found):.2f} | {shown / total:.3f} | {wrong} | {times} |"


def main() -> int:
    """Print the table, or say that the pictures are not there."""
    if not DATA.is_dir():
        print(f"The pictures are absent: {DATA} is not there, so nothing was measured.")
        return 1
    entries = json.loads((DATA / "corners.json").read_text(encoding="utf-8"))
    marked = {name: np.array(entry["corners"], np.float32) for name, entry in sorted(entries.items())}
    cv2.setNumThreads(1)
    find_page(cast("NDArray[np.uint8]", cv2.imread(str(DATA / next(iter(marked))))))  # warm up
    print(f"{len(marked)} photos; failure: overlap < {FAILED_IOU}; wrong: a failure taken for a page\n")
    print("| way | mean IoU | median | failures | wrong | ms median | ms worst | CPU ms |")
    print("|---|---|---|---|---|---|---|---|")
    for label, finder in FINDERS.items():
        print(f"| {label} | {measure(finder, marked, pixels=None)}", flush=True)
    print(f"| ours, enlarged to 12 MP | {measure(ours, marked, pixels=LARGE_PIXELS)}")
    print(
        f"\n| {FRAMES} frames of 720 rows | found | at frame | frames with outline | frames wrong "
        "| CPU ms a frame | p95 | core at 10/s |\n|---|---|---|---|---|---|---|---|"
    )
    for label, held in (("held by a hand", True), ("lying still", False)):
        print(f"| {label} | {measure_streams(marked, held=held)}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
