"""Turns printed pages by known angles and looks at what the straightening makes of them; prints two tables.

Pages: the drawn papers and dense printed pages at 200 dpi, whitened. Angle: the found less the true one.
The second table is the choice not made: where a photographed page is crooked, its picture could be flattened
anew with the turn in the same step, resampled once instead of twice, but must then be whitened anew, too.
OpenCV is kept to one thread, so CPU milliseconds are those of one core.
Run: .venv/bin/python benchmarks/deskew.py (a minute)
"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.printed_pages import printed_page  # noqa: E402 - a script: the path comes first
from drivers.scanner.deskew import skew, straighten  # noqa: E402 - the same
from drivers.scanner.enhance import background, flatten, page_format, whiten  # noqa: E402 - the same
from drivers.scanner.sharpness import text_sharpness  # noqa: E402 - the same
from drivers.simulated.scanner.desk import FRAME_PX, Pose, Scene, corners_of, photograph  # noqa: E402 - the same
from drivers.simulated.scanner.papers import PAPERS  # noqa: E402 - the same

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from drivers.scanner.enhance import PageFormat
    from drivers.scanner.geometry import Quads

    Page = NDArray[np.uint8]

DPI = 200
ANGLES = (-6.9, -5.3, -3.6, -2.2, -1.1, -0.5, -0.25, 0.25, 0.6, 1.3, 2.4, 3.8, 5.1, 6.9)
LEVEL = (-0.1, -0.05, 0.0, 0.05, 0.1)
"""Degrees at which a page is to stay as it is."""
DENSE = range(300, 304)
SHOTS = (-4.0, -1.5, 0.8, 3.0)


def turned(page: Page, degrees: float) -> Page:
    """Return the page with its lines running down hill by these degrees."""
    if not degrees:
        return page
    height, width = page.shape[:2]
    way = cv2.getRotationMatrix2D(((width - 1) / 2, (height - 1) / 2), -degrees, 1.0)
    white = (255, 255, 255)
    return np.asarray(
        cv2.warpAffine(page, way, (width, height), flags=cv2.INTER_CUBIC, borderValue=white), np.uint8
    )


def spent(work: Callable[..., object], *given: object) -> float:
    """Return the CPU milliseconds of a call."""
    began = time.process_time()
    work(*given)
    return (time.process_time() - began) * 1000


def measure(pages: list[Page]) -> str:
    """Return one row for a kind of pages."""
    errors: list[float] = []
    level: list[float] = []
    looking: list[float] = []
    turning: list[float] = []
    widths: list[tuple[float, float]] = []
    alone = 0
    for page in pages:
        for degrees in ANGLES:
            crooked = turned(page, degrees)
            errors.append(abs(skew(crooked, DPI) - degrees))
            looking.append(spent(skew, crooked, DPI))
            turning.append(spent(straighten, crooked, DPI) - looking[-1])
            widths.append((text_sharpness(crooked), text_sharpness(straighten(crooked, DPI))))
        for degrees in LEVEL:
            flat = turned(page, degrees)
            alone += straighten(flat, DPI) is flat
            level.append(spent(skew, flat, DPI))
    before, after = np.median(widths, axis=0)
    found = f"{np.median(errors):.3f} | {np.percentile(errors, 95):.3f} | {max(errors):.3f}"
    costs = f"{np.median(level):.0f} | {np.median(looking):.0f} | {np.median(turning):.0f}"
    return f"{found} | {alone} of {len(LEVEL) * len(pages)} | {costs} | {before:.2f} | {after:.2f} |"


def main() -> int:
    """Print the tables."""
    cv2.setNumThreads(1)
    drawn = [whiten(page, background(page)) for page in (paper() for paper in PAPERS.values())]
    dense = [printed_page(number)[0] for number in DENSE]
    print(f"{len(ANGLES)} angles of {min(ANGLES)} to {max(ANGLES)} degrees; level: {LEVEL}\n")
    print(
        "| pages | degrees off: median | p95 | max | level pages left alone | CPU ms: look at a level one "
        "| at a crooked one | turn it | edge width before, px | after |"
    )
    print("|---|---|---|---|---|---|---|---|---|---|")
    for label, pages in (("drawn papers", drawn), ("dense pages", dense)):
        print(f"| {label} ({len(pages)}) | {measure(pages)}", flush=True)
    rows = [one_shot(page, degrees) for page, degrees in zip(dense, SHOTS, strict=True)]
    before, turn, twice, again, once = np.median(rows, axis=0)
    print("\n| a crooked page in a photograph | CPU ms | edge width, px |\n|---|---|---|")
    print(f"| as it lies | | {before:.2f} |")
    print(f"| the flat page turned (what is done) | {turn:.0f} | {twice:.2f} |")
    print(f"| the picture flattened and whitened anew | {again:.0f} | {once:.2f} |")
    return 0


def one_shot(page: Page, degrees: float) -> tuple[float, ...]:
    """Return edge width as it lies, CPU milliseconds and edge width both ways."""
    pose = Pose(height=0.8, turn_deg=2.0, lean=0.03)
    picture = photograph(Scene(poses=(pose,), seed=5), (turned(page, degrees),))
    quad = corners_of(pose, FRAME_PX, aspect=page.shape[1] / page.shape[0])
    size = page_format(quad)
    white = flat_and_white(picture, quad, size)
    turn = spent(straighten, white, DPI) - spent(skew, white, DPI)
    tilted = with_turn(quad, size, skew(white, DPI))
    again = spent(flat_and_white, picture, tilted, size)
    straight, anew = straighten(white, DPI), flat_and_white(picture, tilted, size)
    return text_sharpness(white), turn, text_sharpness(straight), again, text_sharpness(anew)


def flat_and_white(picture: Page, quad: Quads, size: PageFormat) -> Page:
    """Return the page as `page_maker` has it before it looks at the lines."""
    flat = flatten(picture, quad, size)
    return whiten(flat, background(flat))


def with_turn(quad: Quads, size: PageFormat, degrees: float) -> Quads:
    """Return the corners that are flattened to the same page, turned by so much."""
    width, height = size.width, size.height
    way = cv2.getRotationMatrix2D(((width - 1) / 2, (height - 1) / 2), degrees, 1.0)
    frame = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32) - np.float32(0.5)
    back = cv2.transform(frame[None], cv2.invertAffineTransform(way))
    to_picture = cv2.getPerspectiveTransform(frame, quad.astype(np.float32))
    return np.asarray(cv2.perspectiveTransform(back, to_picture)[0], np.float32)


if __name__ == "__main__":
    sys.exit(main())
