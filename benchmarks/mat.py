"""Looks for papers on a mat whose empty picture is known, in 240 drawn frames; prints one table.

Fifteen kinds of frames on a dark and on a light mat: lamps, shadows, hands, crumpled and blank papers, A5,
ID cards, receipts, two papers, papers cut off by each side, a hand alone, nothing. Beside it the way without
the mat.
Run: .venv/bin/python benchmarks/mat.py [--each 8] (about two minutes on a quiet machine)
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import defaultdict
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.scan import FAILED_IOU, overlap  # noqa: E402 - a script: the path comes first
from drivers.scanner.mat import mat_of  # noqa: E402 - the same
from drivers.scanner.mat_finder import search_on_mat  # noqa: E402 - the same
from drivers.scanner.page_finder import Finding, search  # noqa: E402 - the same
from drivers.simulated.scanner.mat_frames import MATS, MatFrame, empty_mat, mat_frames  # noqa: E402 - the same


def is_right(frame: MatFrame, finding: Finding | None) -> bool:
    """Tell whether the page was found where it lies, or the right thing said."""
    if finding is None:
        return False
    if frame.right != "page":
        said = finding.cause or "".join(f"cut_off_{side}" for side in finding.cut_off[:1])
        return said == frame.right
    if finding.outline.corners is None or finding.cut_off:
        return False
    found = np.array(finding.outline.corners, np.float32)
    return overlap(found, frame.corners().astype(np.float32)) >= FAILED_IOU


def main() -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--each", type=int, default=8, help="frames of each kind on each mat")
    each = parser.parse_args().each
    mats = {desk: mat_of((empty_mat(desk),)) for desk in MATS}
    right: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    spent: list[float] = []
    for frame in mat_frames(each):
        picture = frame.picture()
        began = time.process_time()
        finding = search_on_mat(picture, mats[frame.scene.desk])
        spent.append((time.process_time() - began) * 1000)
        for row in (right[frame.kind], right["all"]):
            row[0] += 1
            row[1] += is_right(frame, finding)
            row[2] += is_right(frame, search(picture))
    print("| frames | count | right, mat known | right, mat unknown |\n|---|---|---|---|")
    for kind, (count, known, unknown) in right.items():
        print(f"| {kind} | {count} | {known} | {unknown} |")
    print(f"\nCPU with the mat: median {np.median(spent):.0f} ms, p95 {np.percentile(spent, 95):.0f} ms")
    return 0


if __name__ == "__main__":
    sys.exit(main())
