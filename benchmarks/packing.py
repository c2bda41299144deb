"""Measures what pages weigh and what their packing costs in reading errors; prints two tables.

Eighteen dense pages (three lamps, three tilts, two pages each) and two papers with stamps and signatures are
photographed by the simulated camera and mended. Each page is then kept as a JPEG and as ink on paper. Both go
into a PDF that poppler draws at 200 dpi for tesseract; beside them the page as it was before packing.
Needs tesseract with `vie` and poppler-utils, which the product never uses.

Run: .venv/bin/python benchmarks/packing.py          (three minutes)
"""

from __future__ import annotations

import itertools
import shutil
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.printed_pages import printed_page  # noqa: E402 - a script: the path comes first
from benchmarks.reading import LAMPS, TILTS, as_drawn, lost, read  # noqa: E402 - the same
from drivers.scanner.enhance import background, flatten, page_format, whiten  # noqa: E402 - the same
from drivers.scanner.jpeg import pack  # noqa: E402 - the same
from drivers.scanner.layers import split  # noqa: E402 - the same
from drivers.scanner.page_maker import DocumentPageMaker  # noqa: E402 - the same
from drivers.simulated.scanner.desk import Scene, photograph  # noqa: E402 - the same
from drivers.simulated.scanner.papers import PAPERS  # noqa: E402 - the same

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from drivers.ports import ScannedPage

    Picture = NDArray[np.uint8]
PAGES_EACH = 2
"""Pages for each lamp and tilt."""
UPSIDE_DOWN_DEG = 90


def before_packing(photo: Picture, page: ScannedPage, *, upside_down: bool) -> Picture:
    """Mend the photo again, up to the moment where the page is packed."""
    quad = np.array(page.outline.corners, np.float32)
    flat = flatten(photo, quad, page_format(quad))
    white = whiten(flat, background(flat))
    return np.ascontiguousarray(white[::-1, ::-1]) if upside_down else white


def ways_of(page: ScannedPage, white: Picture) -> tuple[list[ScannedPage], list[int], list[float]]:
    """Return the page as a JPEG and in layers, the bytes of each, and processor ms for each."""
    started = time.process_time()
    jpeg = pack(white)
    between = time.process_time()
    layers = split(white)
    cost = [(between - started) * 1000, (time.process_time() - between) * 1000]
    if layers is None:
        return [replace(page, jpeg=jpeg, layers=None)], [len(jpeg)], cost
    ways = [replace(page, jpeg=jpeg, layers=None), replace(page, layers=layers)]
    return ways, [len(jpeg), layers.size], cost


def dense_pages(maker: DocumentPageMaker) -> None:
    """Print bytes and reading errors of the dense pages, and their means."""
    print("| lamp | tilt | lost before packing | JPEG KiB | lost | layers KiB | lost |")
    print("|---|---|---|---|---|---|---|")
    rows: list[list[float]] = []
    numbers = itertools.count()
    for (lamp, (fall, shadow)), (tilt, pose) in itertools.product(LAMPS.items(), TILTS.items()):
        for number in itertools.islice(numbers, PAGES_EACH):
            paper, told = printed_page(number)
            photo = photograph(Scene(poses=(pose,), lamp=fall, shadow=shadow, seed=number), (paper,))
            page = maker.make_page(photo)
            white = before_packing(photo, page, upside_down=pose.turn_deg > UPSIDE_DOWN_DEG)
            ways, sizes, _ = ways_of(page, white)
            shares = [lost(read(picture), told) for picture in (white, *map(as_drawn, ways))]
            row = [
                shares[0],
                *itertools.chain(*zip((size / 1024 for size in sizes), shares[1:], strict=True)),
            ]
            rows.append(row)
            print(f"| {lamp} | {tilt} | {told_row(row)} |", flush=True)
    print(f"| mean | | {told_row([float(np.mean(column)) for column in zip(*rows, strict=True)])} |")


def told_row(row: list[float]) -> str:
    """Return shares with four digits and sizes with none."""
    return " | ".join(f"{value:.4f}" if value < 1 else f"{value:.0f}" for value in row)


def papers_in_colour(maker: DocumentPageMaker) -> None:
    """Print what papers with stamps and signatures weigh, and how far the layers are from the page."""
    print("\n| paper | JPEG KiB | layers KiB | CPU ms JPEG | CPU ms layers | mean step seen from afar |")
    print("|---|---|---|---|---|---|")
    for name, draw in PAPERS.items():
        photo = photograph(Scene(poses=(TILTS["crooked"],), lamp=0.5, shadow=0.4, seed=5), (draw(),))
        page = maker.make_page(photo)
        white = before_packing(photo, page, upside_down=False)
        ways, sizes, cost = ways_of(page, white)
        shown = as_drawn(ways[-1])[: white.shape[0], : white.shape[1]]
        far = [cv2.GaussianBlur(picture, (0, 0), 4).astype(int) for picture in (shown, white)]
        step = float(np.abs(far[0] - far[1]).mean())
        weights = " | ".join(f"{size / 1024:.0f}" for size in sizes)
        print(f"| {name} | {weights} | {cost[0]:.0f} | {cost[1]:.0f} | {step:.2f} |", flush=True)


def main() -> int:
    """Print the tables, or say what is missing."""
    for program, package in (("tesseract", "tesseract-ocr tesseract-ocr-vie"), ("pdftoppm", "poppler-utils")):
        if shutil.which(program) is None:
            print(f"{program} is absent, so nothing was measured: apt-get install {package}")
            return 1
    cv2.setNumThreads(1)
    maker = DocumentPageMaker()
    papers_in_colour(maker)
    dense_pages(maker)
    return 0


if __name__ == "__main__":
    sys.exit(main())
