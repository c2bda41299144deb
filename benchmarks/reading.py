"""Measures what OCR loses on 20 of our pages under three lamps, at three tilts; prints one table.

The page is read as poppler draws its PDF. Needs tesseract with `vie` and poppler-utils (apt-get install
tesseract-ocr tesseract-ocr-vie poppler-utils), which the product never uses.
Run: .venv/bin/python benchmarks/reading.py [--picture FILE.png]
"""

from __future__ import annotations

import argparse
import itertools
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.printed_pages import printed_page  # noqa: E402 - a script: the path comes first
from drivers.scanner.page_maker import DocumentPageMaker  # noqa: E402 - the same
from drivers.scanner.pdf import bind  # noqa: E402 - the same
from drivers.simulated.scanner.desk import Pose, Scene, photograph  # noqa: E402 - the same
from drivers.simulated.scanner.papers import PAPERS  # noqa: E402 - the same

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from drivers.ports import ScannedPage

PAGES = 20
"""Dealt out to the nine ways a page can lie."""
LAMPS = {"even": (0.1, 0.0), "from one side": (0.6, 0.2), "hard shadow of a hand": (0.3, 0.6)}
"""Fall-off of the lamp and depth of the shadow, as shares."""
TILTS = {
    "straight": Pose(height=0.77),
    "crooked": Pose(height=0.76, turn_deg=6.0, lean=0.04),
    "upside down": Pose(height=0.75, turn_deg=178.0, lean=-0.05),
}


def read(picture: NDArray[np.uint8]) -> str:
    """Return the text tesseract sees, without white space."""
    png = cv2.imencode(".png", picture)[1].tobytes()
    command = ["tesseract", "-", "-", "-l", "vie", "--psm", "6", "--dpi", "200"]
    done = subprocess.run(command, input=png, capture_output=True, check=True, timeout=600)
    return "".join(done.stdout.decode("utf-8").split())


def lost(text: str, told: str) -> float:
    """Return the share of characters inserted, left out or taken for others."""
    right = np.array([ord(sign) for sign in told])
    places = np.arange(len(right) + 1)
    row = places.copy()
    for number, sign in enumerate(text, start=1):
        changed = np.minimum(row[1:] + 1, row[:-1] + (right != ord(sign)))
        row = np.minimum.accumulate(np.concatenate([[number], changed]) - places) + places
    return float(row[-1]) / len(right)


def drawn(page: ScannedPage) -> NDArray[np.uint8]:
    """Return the JPEG of a page, which its PDF holds only where layers would lose something."""
    return np.asarray(cv2.imdecode(np.frombuffer(page.jpeg, np.uint8), cv2.IMREAD_COLOR), np.uint8)


def as_drawn(page: ScannedPage) -> NDArray[np.uint8]:
    """Return what poppler draws of a PDF of this page, at its own resolution: what a clerk sees of it."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "page.pdf"
        path.write_bytes(bind((page,), title="Giấy tờ"))
        asked = ["pdftoppm", "-r", str(page.dpi), "-singlefile", "-png", str(path), str(path.with_suffix(""))]
        subprocess.run(asked, check=True, timeout=60)
        return np.asarray(cv2.imread(str(path.with_suffix(".png"))), np.uint8)


def lamps_and_tilts(maker: DocumentPageMaker) -> None:
    """Print what OCR loses on the photo and on the page, and the bytes of the page in its PDF."""
    print("| page | lamp | tilt | lost as drawn | lost on the photo | lost on the page | KiB | edge width |")
    print("|---|---|---|---|---|---|---|---|")
    ways = itertools.cycle(itertools.product(LAMPS.items(), TILTS.items()))
    rows: list[tuple[float, ...]] = []
    for number, ((lamp, (fall, shadow)), (tilt, pose)) in zip(range(PAGES), ways, strict=False):
        paper, told = printed_page(number)
        photo = photograph(Scene(poses=(pose,), lamp=fall, shadow=shadow, seed=number), (paper,))
        page = maker.make_page(photo)
        shares = tuple(lost(read(picture), told) for picture in (paper, photo, as_drawn(page)))
        rows.append((*shares, len(maker.make_pdf((page,), title="A")) / 1024, page.sharpness))
        print(f"| {number} | {lamp} | {tilt} | {_cells(rows[-1])} |", flush=True)
    print(f"| mean | | | {_cells(tuple(np.mean(rows, axis=0)))} |")


def _cells(row: tuple[float, ...]) -> str:
    return " | ".join([*(f"{share:.4f}" for share in row[:3]), f"{row[3]:.0f}", f"{row[4]:.2f}"])


def before_and_after(maker: DocumentPageMaker, target: Path) -> None:
    """Write one picture: the photo on the left, the page made of it on the right."""
    scene = Scene(poses=(TILTS["crooked"],), desk="wood", lamp=0.5, shadow=0.55, seed=2)
    photo = photograph(scene, (PAPERS["birth_certificate"](),))
    page = maker.make_page(photo)
    sides = [
        cv2.resize(side, (round(side.shape[1] * 900 / side.shape[0]), 900), interpolation=cv2.INTER_AREA)
        for side in (photo, as_drawn(page))
    ]
    cv2.imwrite(str(target), np.hstack(sides), [cv2.IMWRITE_JPEG_QUALITY, 80])


def main() -> int:
    """Print the tables, or say what is missing."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--picture", type=Path, help="only write the picture before and after")
    target = parser.parse_args().picture
    maker = DocumentPageMaker()
    if target:
        before_and_after(maker, target)
        return 0
    if shutil.which("tesseract") is None:
        print("tesseract is absent, so nothing was measured: apt-get install tesseract-ocr tesseract-ocr-vie")
        return 1
    lamps_and_tilts(maker)
    return 0


if __name__ == "__main__":
    sys.exit(main())
