"""Looks for papers that are hard to see, on desks nobody has learnt; prints one table.

White paper on a pale desk, a checked cloth, a sheet on a cardboard folder, a steep camera, till
receipts, ID cards, dark desks, papers cut off by each side, and nothing. Right: an overlap of 0.9 and more,
or the right thing said. Wrong: a page was taken that is none; anything else was missed, and a citizen is
asked to lay the paper anew. OpenCV is kept to one thread.
Run: .venv/bin/python benchmarks/hard_papers.py [--each 10] [--kept DIRECTORY]
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.scan import FAILED_IOU, overlap, preview_of  # noqa: E402 - a script: the path comes first
from drivers.scanner.live_finder import find_live, said  # noqa: E402 - the same
from drivers.scanner.page_finder import search  # noqa: E402 - the same
from drivers.simulated.scanner.desk import Pose, Scene, corners_of, photograph  # noqa: E402 - the same
from drivers.simulated.scanner.mat_frames import FRAME, SIDES, paper  # noqa: E402 - the same

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from drivers.ports import Outline

PAPERS = ("residence", "birth_certificate", "white")
SMALL = {"receipt": 0.6, "id_card": 0.24, "a5": 0.55}
"""Heights, shares of the frame's."""
FOLDER = (118, 168, 204)
"""Colour of cardboard, BGR."""
DESKS = {
    "white on pale": "pale",
    "dark desk": "plate",
    "wood": "wood",
    "checked cloth": "cloth",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Hard:
    """One picture to take, and what is right to say about it."""

    kind: str
    scene: Scene
    papers: tuple[str, ...]
    right: str = "page"
    """`page`, `no_page`, `two_papers` or `cut_off_SIDE`; the page is the last paper."""

    def corners(self) -> NDArray[np.float32]:
        """Return where the last paper lies."""
        sheet = sheet_of(self.papers[-1])
        return corners_of(self.scene.poses[-1], FRAME, aspect=sheet.shape[1] / sheet.shape[0])


def sheet_of(name: str) -> NDArray[np.uint8]:
    """Return a paper by name: those of the mat's frames, or a `folder` of cardboard, A4 and a little more."""
    return np.full((2450, 1760, 3), FOLDER, np.uint8) if name == "folder" else paper(name)


def lit(chance: np.random.Generator, seed: int, desk: str, *poses: Pose) -> Scene:
    """Return a scene in some light."""
    return Scene(
        poses=poses,
        desk=desk,
        lamp=float(chance.uniform(0, 0.5)),
        shadow=float(chance.uniform(0, 0.4)),
        exposure=float(chance.uniform(0.5, 1.1)),
        seed=seed,
    )


def somewhere(chance: np.random.Generator, height: float = 0.7, lean: float = 0.06) -> Pose:
    """Return where a hurried hand lays a paper."""
    return Pose(
        x=float(chance.uniform(0.45, 0.55)),
        y=float(chance.uniform(0.46, 0.54)),
        height=height * float(chance.uniform(0.9, 1.05)),
        turn_deg=float(chance.uniform(-14, 14)),
        lean=float(chance.uniform(-lean, lean)),
    )


def cut(chance: np.random.Generator, side: str) -> Pose:
    """Return a pose of which one side lies beyond the picture."""
    half = {"x": 0.7 * 0.943 / 2, "y": 0.35}
    axis = "x" if side in SIDES[:2] else "y"
    over = float(chance.uniform(0.06, 0.3)) * 2 * half[axis]
    place = half[axis] - over if side in {"left", "top"} else 1 - half[axis] + over
    return replace(Pose(height=0.7, turn_deg=float(chance.uniform(-4, 4))), **{axis: place})


def hard_papers(each: int) -> Iterator[Hard]:
    """Return `each` of every kind, always the same ones."""
    for number in range(each):
        chance = np.random.default_rng(number)
        name = PAPERS[number % len(PAPERS)]
        desks = list(DESKS.values())
        desk = desks[number % len(desks)]
        for kind, ground in DESKS.items():
            yield Hard(kind=kind, scene=lit(chance, number, ground, somewhere(chance)), papers=(name,))
        steep = somewhere(chance, 0.62, 0.3)
        yield Hard(kind="from the side", scene=lit(chance, number, desk, steep), papers=(name,))
        for small, height in SMALL.items():
            pose = somewhere(chance, height)
            yield Hard(kind=small, scene=lit(chance, number, desk, pose), papers=(small,))
        under = replace(somewhere(chance, 0.84), turn_deg=float(chance.uniform(-4, 4)))
        over = replace(somewhere(chance, 0.58), x=under.x, y=under.y)
        yield Hard(kind="on a folder", scene=lit(chance, number, desk, under, over), papers=("folder", name))
        for side in SIDES:
            scene = lit(chance, number, desk, cut(chance, side))
            yield Hard(kind=f"cut off {side}", scene=scene, papers=(name,), right=f"cut_off_{side}")
        yield Hard(kind="nothing", scene=lit(chance, number, desk), papers=(), right="no_page")


def judged(hard: Hard, outline: Outline, scale: float) -> str:
    """Return `right`, `wrong` or `missed`."""
    if hard.right != "page":
        if outline.cause == hard.right:
            return "right"
        return "wrong" if outline.found and not outline.cause else "missed"
    if outline.corners is None or outline.cause:
        return "missed"
    truth = (hard.corners() * scale).astype(np.float32)
    return "right" if overlap(np.array(outline.corners, np.float32), truth) >= FAILED_IOU else "wrong"


def keep(folder: Path, hard: Hard, picture: NDArray[np.uint8], outline: Outline, verdict: str) -> None:
    """Write a picture of a failure with what was found."""
    seen = picture.copy()
    if outline.corners is not None:
        cv2.polylines(
            seen, [np.array(outline.corners, np.int32)], isClosed=True, color=(0, 0, 255), thickness=6
        )
    name = f"{hard.kind.replace(' ', '_')}-{hard.scene.seed}-{verdict}-{outline.cause or 'page'}.jpg"
    cv2.imwrite(str(folder / name), cv2.resize(seen, None, fx=0.4, fy=0.4, interpolation=cv2.INTER_AREA))


def main() -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--each", type=int, default=10, help="frames of each kind")
    parser.add_argument("--kept", type=Path, help="where pictures of failures go")
    given = parser.parse_args()
    cv2.setNumThreads(1)
    counts: dict[str, dict[str, int]] = {}
    for hard in hard_papers(given.each):
        picture = photograph(hard.scene, tuple(sheet_of(name) for name in hard.papers), FRAME)
        small, scale = preview_of(picture)
        shot, live = said(search(picture)), said(find_live(small, None))
        for row in (counts.setdefault(hard.kind, {}), counts.setdefault("all", {})):
            for way, verdict in (("shot", judged(hard, shot, 1.0)), ("live", judged(hard, live, scale))):
                row[f"{way} {verdict}"] = row.get(f"{way} {verdict}", 0) + 1
            row["count"] = row.get("count", 0) + 1
        if given.kept and judged(hard, shot, 1.0) != "right":
            keep(given.kept, hard, picture, shot, judged(hard, shot, 1.0))
    columns = [f"{way} {verdict}" for way in ("shot", "live") for verdict in ("right", "missed", "wrong")]
    print(f"| papers | count | {' | '.join(columns)} |\n|---|{'---|' * 7}")
    for kind, row in sorted(counts.items(), key=lambda item: item[0] == "all"):
        print(f"| {kind} | {row['count']} | {' | '.join(str(row.get(column, 0)) for column in columns)} |")
    return 0


if __name__ == "__main__":
    sys.exit(main())
