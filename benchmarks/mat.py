"""Looks for papers on a mat whose empty picture is known, in 240 drawn frames; prints one table.

Fifteen kinds of frames on a dark and on a light mat: lamps, shadows, hands, crumpled and blank papers, A5,
ID cards, receipts, two papers, papers cut off by each side, a hand alone, nothing. Beside it the way of the
live picture, in the same frames at 720 rows, and the way without the mat. OpenCV is kept to one thread.
Run: .venv/bin/python benchmarks/mat.py [--each 8] (about two minutes on a quiet machine)
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import defaultdict
from pathlib import Path

import cv2
import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.scan import FAILED_IOU, overlap, preview_of  # noqa: E402 - a script: the path comes first
from drivers.scanner.live_finder import find_live  # noqa: E402 - the same
from drivers.scanner.mat import mat_of  # noqa: E402 - the same
from drivers.scanner.mat_finder import search_on_mat  # noqa: E402 - the same
from drivers.scanner.page_finder import Finding, search  # noqa: E402 - the same
from drivers.simulated.scanner.mat_frames import MATS, MatFrame, empty_mat, mat_frames  # noqa: E402 - the same


def is_right(frame: MatFrame, finding: Finding | None, scale: float = 1.0) -> bool:
    """Tell whether the page was found where it lies, or the right thing said.

    Args:
        frame: What was photographed.
        finding: What was found.
        scale: Size of the picture it was found in, as a share of the frame's.
    """
    if finding is None:
        return False
    if frame.right != "page":
        said = finding.cause or "".join(f"cut_off_{side}" for side in finding.cut_off[:1])
        return said == frame.right
    if finding.outline.corners is None or finding.cut_off:
        return False
    found = np.array(finding.outline.corners, np.float32)
    return overlap(found, (frame.corners() * scale).astype(np.float32)) >= FAILED_IOU


def main() -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--each", type=int, default=8, help="frames of each kind on each mat")
    each = parser.parse_args().each
    mats = {desk: mat_of((empty_mat(desk),)) for desk in MATS}
    right: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    spent: dict[str, list[float]] = {"the picture": [], "the live picture": []}
    cv2.setNumThreads(1)
    for frame in mat_frames(each):
        picture, mat = frame.picture(), mats[frame.scene.desk]
        small, scale = preview_of(picture)
        began = time.process_time()
        finding = search_on_mat(picture, mat)
        between = time.process_time()
        live = find_live(small, mat)
        spent["the picture"].append((between - began) * 1000)
        spent["the live picture"].append((time.process_time() - between) * 1000)
        for row in (right[frame.kind], right["all"]):
            row[0] += 1
            row[1] += is_right(frame, finding)
            row[2] += is_right(frame, live, scale)
            row[3] += is_right(frame, search(picture))
    print(
        "| frames | count | right, mat known | right, live picture | right, mat unknown |\n"
        "|---|---|---|---|---|"
    )
    for kind, counts in sorted(right.items(), key=lambda item: item[0] == "all"):
        print(f"| {kind} | {' | '.join(map(str, counts))} |")
    for what, times in spent.items():
        print(f"\nCPU, {what}: median {np.median(times):.0f} ms, p95 {np.percentile(times, 95):.0f} ms")
    return 0


if __name__ == "__main__":
    sys.exit(main())
