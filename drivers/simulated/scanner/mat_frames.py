"""What a camera over a fixed mat sees in a week: papers of all kinds in all light, hands, and nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache, partial
from typing import TYPE_CHECKING, Final

import cv2
import numpy as np

from drivers.simulated.scanner.desk import Pose, Scene, corners_of, photograph
from drivers.simulated.scanner.hands import Hand
from drivers.simulated.scanner.papers import PAPERS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

FRAME: Final = (1080, 1440)
"""Width and height: half of a document camera's, so that hundreds are drawn in minutes."""
MATS: Final = {"plate": 11, "pale": 12}
"""The mats, and the seed of each one's grain."""
SIDES: Final = ("left", "right", "top", "bottom")


@dataclass(frozen=True, slots=True, kw_only=True)
class MatFrame:
    """One picture to take over a mat, and what is right to say about it."""

    kind: str
    scene: Scene
    papers: tuple[str, ...]
    right: str
    """`page`, `no_page`, `two_papers` or `cut_off_SIDE`."""

    def picture(self) -> NDArray[np.uint8]:
        """Draw it, (height, width, 3) uint8 BGR."""
        return photograph(self.scene, tuple(paper(name) for name in self.papers), FRAME)

    def corners(self) -> NDArray[np.float32]:
        """Return where the first paper lies."""
        sheet = paper(self.papers[0])
        return corners_of(self.scene.poses[0], FRAME, aspect=sheet.shape[1] / sheet.shape[0])


def empty_mat(desk: str) -> NDArray[np.uint8]:
    """Draw the empty mat as the technician photographs it, in even light."""
    return photograph(Scene(poses=(), desk=desk, desk_seed=MATS[desk], lamp=0.1, shadow=0, seed=1), (), FRAME)


@cache
def paper(name: str) -> NDArray[np.uint8]:
    """Return a paper by name: those of `PAPERS`, `a5`, `id_card`, `receipt` or `white`."""
    if name in PAPERS:
        return PAPERS[name]()
    if name == "a5":
        return np.asarray(
            cv2.resize(PAPERS["residence"](), (1169, 1654), interpolation=cv2.INTER_AREA), np.uint8
        )
    if name == "receipt":
        return np.ascontiguousarray(PAPERS["residence"]()[:1600, 150:780])
    if name == "white":
        return np.full((2339, 1654, 3), (250, 252, 252), np.uint8)
    card = np.full((638, 1011, 3), (214, 205, 172), np.uint8)
    cv2.rectangle(card, (60, 180), (300, 500), (120, 125, 140), -1)
    cv2.rectangle(card, (360, 60), (940, 100), (70, 60, 60), -1)
    for top in range(200, 560, 60):
        cv2.rectangle(card, (360, top), (360 + 37 * top % 300 + 200, top + 20), (90, 80, 70), -1)
    return card


def _pose(chance: np.random.Generator, height: float = 0.72) -> Pose:
    return Pose(
        x=float(chance.uniform(0.46, 0.54)),
        y=float(chance.uniform(0.47, 0.53)),
        height=height * float(chance.uniform(0.93, 1.05)),
        turn_deg=float(chance.uniform(-9, 9)),
        lean=float(chance.uniform(-0.05, 0.05)),
    )


def _lit(chance: np.random.Generator, desk: str, seed: int) -> Scene:
    return Scene(
        poses=(_pose(chance),),
        desk=desk,
        desk_seed=MATS[desk],
        lamp=float(chance.uniform(0, 0.6)),
        shadow=float(chance.uniform(0, 0.3)),
        exposure=float(chance.uniform(0.6, 1.1)),
        seed=seed,
    )


def _lamps(chance: np.random.Generator, scene: Scene) -> Scene:
    return replace(scene, lamp=float(chance.uniform(0.4, 0.75)), exposure=float(chance.uniform(0.5, 1.1)))


def _shadow(chance: np.random.Generator, scene: Scene) -> Scene:
    return replace(scene, shadow=float(chance.uniform(0.4, 0.75)))


def _hand(chance: np.random.Generator, scene: Scene) -> Scene:
    """Hold the paper at its edge, or its corner, from one side."""
    corners = corners_of(scene.poses[0], (1, 1), aspect=0.943)
    side = int(chance.integers(4))
    share = float(chance.uniform(0.15, 0.85))
    place = corners[side] * (1 - share) + corners[(side + 1) % 4] * share
    inward = np.array([0.5, 0.5]) - place
    tip = place + inward * float(chance.uniform(0.05, 0.25))
    hand = Hand(
        x=float(tip[0]),
        y=float(tip[1]),
        from_deg=float(np.rad2deg(np.arctan2(-inward[1], -inward[0]))) + float(chance.uniform(-20, 20)),
        fingers=int(chance.choice([1, 4])),
        skin=int(chance.integers(4)),
    )
    return replace(scene, hands=(hand,))


def _hand_alone(chance: np.random.Generator, scene: Scene) -> Scene:
    hand = Hand(
        x=float(chance.uniform(0.3, 0.7)),
        y=float(chance.uniform(0.3, 0.7)),
        from_deg=float(chance.uniform(0, 360)),
        skin=int(chance.integers(4)),
    )
    return replace(scene, poses=(), hands=(hand,))


def _crumpled(chance: np.random.Generator, scene: Scene) -> Scene:
    return replace(scene, crumpled=float(chance.uniform(0.5, 1.6)))


def _small(chance: np.random.Generator, scene: Scene, height: float) -> Scene:
    pose = replace(
        _pose(chance, height), x=float(chance.uniform(0.4, 0.6)), y=float(chance.uniform(0.4, 0.6))
    )
    return replace(scene, poses=(pose,))


def _two(chance: np.random.Generator, scene: Scene) -> Scene:
    height = float(chance.uniform(0.4, 0.46))
    poses = tuple(
        Pose(x=x, y=float(chance.uniform(0.4, 0.6)), height=height, turn_deg=float(chance.uniform(-8, 8)))
        for x in (0.27, 0.73)
    )
    return replace(scene, poses=poses)


def _cut(side: str, chance: np.random.Generator, scene: Scene) -> Scene:
    pose = scene.poses[0]
    half = {"x": pose.height * 0.943 / 2, "y": pose.height / 2}
    axis = "x" if side in SIDES[:2] else "y"
    over = float(chance.uniform(0.04, 0.3)) * 2 * half[axis]
    tilt = float(chance.uniform(-4, 4))
    place = half[axis] - over if side in {"left", "top"} else 1 - half[axis] + over
    return replace(scene, poses=(replace(pose, turn_deg=tilt, lean=0.0, **{axis: place}),))


Change = Callable[[np.random.Generator, Scene], Scene]
KINDS: Final[dict[str, tuple[tuple[str, ...], str, Change]]] = {
    "lamps": (("residence",), "page", _lamps),
    "shadow": (("birth_certificate",), "page", _shadow),
    "hand": (("birth_certificate",), "page", _hand),
    "crumpled": (("residence",), "page", _crumpled),
    "blank": (("white",), "page", _shadow),
    "a5": (("a5",), "page", lambda chance, scene: _small(chance, scene, 0.5)),
    "id_card": (("id_card",), "page", lambda chance, scene: _small(chance, scene, 0.19)),
    "receipt": (("receipt",), "page", lambda chance, scene: _small(chance, scene, 0.45)),
    "two_papers": (("residence", "birth_certificate"), "two_papers", _two),
    "hand_alone": ((), "no_page", _hand_alone),
    "empty": ((), "no_page", lambda chance, scene: replace(_lamps(chance, _shadow(chance, scene)), poses=())),
    **{f"cut_{side}": (("residence",), f"cut_off_{side}", partial(_cut, side)) for side in SIDES},
}


def mat_frames(each: int) -> Iterator[MatFrame]:
    """Return `each` frames of every kind on every mat, always the same ones."""
    for index, (kind, (papers, right, change)) in enumerate(KINDS.items()):
        for place, desk in enumerate(MATS):
            for number in range(each):
                seed = 10_000 * index + 1000 * place + number
                chance = np.random.default_rng(seed)
                scene = change(chance, _lit(chance, desk, seed))
                yield MatFrame(kind=kind, scene=scene, papers=papers, right=right)
