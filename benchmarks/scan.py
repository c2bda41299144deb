"""Finds the page in the shared photos our way, the tutorials' way and jscanify's way; prints one table.

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

from drivers.scanner.page_finder import find_page, find_page_quickly  # noqa: E402 - a script: the path comes first

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Corners = NDArray[np.float32]
    Finder = Callable[[NDArray[np.uint8]], Corners | None]

DATA = ROOT.parent / "shared" / "data" / "docset"
FAILED_IOU = 0.9
LARGE_PIXELS = 12_000_000
PREVIEW_HEIGHT = 720


def ours(picture: NDArray[np.uint8]) -> Corners | None:
    """Find with the product's finder."""
    outline = find_page(picture)
    return np.array(outline.corners, np.float32) if outline.corners else None


def ours_quick(picture: NDArray[np.uint8]) -> Corners | None:
    """Find with the preview's finder, in a picture of the preview's size."""
    scale = min(1.0, PREVIEW_HEIGHT / picture.shape[0])
    small = np.asarray(cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)
    outline = find_page_quickly(small)
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


def main() -> int:
    """Print the table, or say that the pictures are not there."""
    if not DATA.is_dir():
        print(f"The pictures are absent: {DATA} is not there, so nothing was measured.")
        return 1
    entries = json.loads((DATA / "corners.json").read_text(encoding="utf-8"))
    marked = {name: np.array(entry["corners"], np.float32) for name, entry in sorted(entries.items())}
    find_page(cast("NDArray[np.uint8]", cv2.imread(str(DATA / next(iter(marked))))))  # warm up
    print(f"{len(marked)} photos; failure: overlap < {FAILED_IOU}; wrong: a failure taken for a page\n")
    print("| way | mean IoU | median | failures | wrong | ms median | ms worst | CPU ms |")
    print("|---|---|---|---|---|---|---|---|")
    for label, finder in FINDERS.items():
        print(f"| {label} | {measure(finder, marked, pixels=None)}", flush=True)
    print(f"| ours, enlarged to 12 MP | {measure(ours, marked, pixels=LARGE_PIXELS)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
