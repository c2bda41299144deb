"""Finds the paper on a mat whose empty picture is known, and says what is wrong where there is none.

The same cues and the same score as without the mat (`page_finder.py`), and one more that outweighs them: a
page hides the mat inside its sides and leaves it in view outside.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

from drivers.scanner.geometry import areas
from drivers.scanner.mat import MAT_PX, compare, shrunk
from drivers.scanner.page_finder import EVEN, LEADING, REFINED, Finding, at_full_size, outline_of
from drivers.scanner.proposals import propose
from drivers.scanner.quality import cut_off_sides
from drivers.scanner.refine import refine_all
from drivers.scanner.sides import BORDER_SHARE, SAMPLES, along_sides, edge_field, most_promising, score

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from drivers.scanner.geometry import Quads
    from drivers.scanner.mat import Mat, OnMat
    from drivers.scanner.sides import EdgeField

LEAST_COVERED = 0.012
"""Share of the picture below which nothing lies there: half an ID card on an A4 plate."""
MAT_WEIGHT = 0.8
"""What hiding the mat counts beside the score of the sides."""
RING_TIMES = (1.0, 1.6)
MAT_INSIDE = 2.5
"""What mat in view inside the sides counts beside paper in view outside them."""
RING = 0.02
"""How far around a page the mat is looked for, share of the longer side of the picture."""
LEAST_TOTAL = 0.95
LEAST_INSIDE, LEAST_PAPER = 0.75, 0.4
"""A page hides this share of the mat inside its sides, and itself, not by the hand on it, this share."""
LEAST_KNOWN = 0.4
"""Share of a page that must not lie in the dark; of the rest the mat's being hidden is asked."""
INSIDE_POINTS = 14
"""Squared: points looked at inside a page."""
HALF_SCORE, LARGEST_HALF = 0.85, 0.62
"""Two papers in one outline: each scores nearly as well, and is this share of it at most."""
LEAST_REST = 0.3
"""Another thing of this share of the page's size beside it is a second paper."""
LEAST_SQUARE = 0.7
"""A paper fills this share of the least rectangle around it; a hand does not."""
CUT_LENGTH = 0.04
"""Share of the picture's side along which paper touches it before the page is cut off there."""
LEAST_CUT = 0.05
"""Of the picture's area: smaller things that touch its side are no cut-off page."""
OPENED = (0.028, 0.057)
"""Fingers and flaps narrower than this, share of the longer side of the picture, are taken off a page."""
QUICK_MAT_PX, QUICK_PX = 540, 300
"""Longer side of the live picture as it is compared with the mat, and in which pages are then looked for."""
QUICK_REFINED = 4
MOST_CROSSED, QUICK_CROSSED = 3000, 500
"""Quadrilaterals made of lines: more than without the mat, which tells the right one of many."""
HIDING = 900
"""Candidates that hide the mat best."""
SCORED, QUICK_SCORED = 150, 80
"""Candidates looked at closely: of those so many with the best sides, and of all."""


@dataclass(frozen=True, slots=True, eq=False)
class _Hidden:
    """How much of the mat each quadrilateral hides inside its sides, and just outside."""

    inside: NDArray[np.float32]
    paper: NDArray[np.float32]
    """Inside, and not by a hand."""
    outside: NDArray[np.float32]
    """Half the mean of the four sides, half the worst."""

    @property
    def worth(self) -> NDArray[np.float32]:
        """1 where the mat is hidden inside and nowhere else; mat in view inside a page weighs heavily."""
        return np.asarray(1 - MAT_INSIDE * (1 - self.inside) - self.outside, np.float32)


def search_on_mat(picture: NDArray[np.uint8], mat: Mat, *, quick: bool = False) -> Finding | None:
    """Find the page on the mat, or say why there is none.

    Args:
        picture: (height, width, 3) uint8 BGR, any size.
        mat: The empty mat under the same camera.
        quick: Look only for what hides the mat, in a smaller picture, for a live preview.

    Returns:
        None where the mat is not known again: then it cannot help.
    """
    small = shrunk(picture, QUICK_MAT_PX if quick else MAT_PX)
    on_mat = compare(small, mat)
    if on_mat is None:
        return None
    if quick:
        small = shrunk(small, QUICK_PX)
        on_mat = on_mat.at((small.shape[1], small.shape[0]))
    if float((on_mat.covered > 0).mean()) < LEAST_COVERED:
        return Finding(outline=outline_of(None, 0.0), cause="no_page")
    lab = np.asarray(cv2.cvtColor(small, cv2.COLOR_BGR2LAB), np.uint8)
    field = edge_field(lab)
    quads = _candidates(small, lab, field, on_mat, quick=quick)
    best = _best(field, small, quads, on_mat, quick=quick)
    if best is None:
        cut = _touched_sides(on_mat)
        return Finding(outline=outline_of(None, 0.0), cause=f"cut_off_{cut[0]}" if cut else "no_page")
    quad, total, halved = best
    if halved or _another(on_mat, quad):
        return Finding(outline=outline_of(None, total), cause="two_papers")
    full = at_full_size(picture, quad, small.shape[1] / picture.shape[1])
    return Finding(
        outline=outline_of(full, min(total / (1 + MAT_WEIGHT), 1.0)), cut_off=_cut_sides(on_mat, quad)
    )


def _candidates(
    small: NDArray[np.uint8], lab: NDArray[np.uint8], field: EdgeField, on_mat: OnMat, *, quick: bool
) -> Quads:
    even = lab.copy()
    even[..., 0] = EVEN[lab[..., 0]]
    crossed = QUICK_CROSSED if quick else MOST_CROSSED
    return propose(small, even, field, crossed=crossed, more=_masks(on_mat), only_more=quick)


def _masks(on_mat: OnMat) -> tuple[NDArray[np.uint8], ...]:
    """Return where a page may be: all that is hidden, without hands, without what sticks out."""
    masks = [on_mat.covered, on_mat.paper]
    for share in OPENED:
        side = round(share * max(on_mat.paper.shape)) | 1
        opened = cv2.morphologyEx(on_mat.paper, cv2.MORPH_OPEN, np.ones((side, side), np.uint8))
        masks.append(np.asarray(opened, np.uint8))
    return tuple(masks)


def _best(
    field: EdgeField, small: NDArray[np.uint8], quads: Quads, on_mat: OnMat, *, quick: bool
) -> tuple[Quads, float, bool] | None:
    """Return the best page, refined in the small picture, its score, and whether it is two papers in one."""
    if not len(quads):
        return None
    scored, refined = (QUICK_SCORED, QUICK_REFINED) if quick else (SCORED, REFINED)
    good = most_promising(field, quads, scored)
    if len(quads) > HIDING:
        rough = _hidden(quads, on_mat, points_across=5, samples=5)
        hiding = quads[np.argsort(-rough.worth)[:HIDING]]
        good = np.concatenate([good, most_promising(field, hiding, scored)])
    quads = good
    totals = _totals(field, quads, on_mat)
    leading = quads[np.argsort(-totals)[:LEADING]]
    sharper = refine_all(small, leading[:refined], reach=0.012 * max(small.shape[:2]))
    both = np.concatenate([leading, sharper])
    finer = _totals(field, both, on_mat)
    chosen = int(np.argmax(finer))
    hidden = _hidden(both[chosen : chosen + 1], on_mat)
    if finer[chosen] < LEAST_TOTAL or hidden.inside[0] < LEAST_INSIDE or hidden.paper[0] < LEAST_PAPER:
        return None
    parts = quads[totals > HALF_SCORE * finer[chosen]]
    return both[chosen], float(finer[chosen]), _halved(both[chosen], parts)


def _halved(whole: Quads, good: Quads) -> bool:
    """Tell whether two good pages lie side by side in one outline; half a page has no edge in its middle."""
    parts = good[areas(good) < LARGEST_HALF * float(areas(whole[None])[0])]
    centres = parts.mean(axis=1)
    inside = np.array([_holds(whole, centre) for centre in centres], bool)
    parts, centres = parts[inside], centres[inside]
    return any(
        not _holds(parts[one], centres[two]) and not _holds(parts[two], centres[one])
        for one in range(len(parts))
        for two in range(one)
    )


def _holds(quad: Quads, point: NDArray[np.float32]) -> bool:
    return cv2.pointPolygonTest(quad, (float(point[0]), float(point[1])), measureDist=False) > 0


def _totals(field: EdgeField, quads: Quads, on_mat: OnMat) -> NDArray[np.float32]:
    hidden = _hidden(quads, on_mat)
    return np.asarray(score(field, quads).total + MAT_WEIGHT * hidden.worth, np.float32)


def _hidden(
    quads: Quads, on_mat: OnMat, *, points_across: int = INSIDE_POINTS, samples: int = SAMPLES
) -> _Hidden:
    shares = ((np.arange(points_across) + 0.5) / points_across).astype(np.float32)
    across, down = (grid.reshape(1, -1, 1) for grid in np.meshgrid(shares, shares))
    top = quads[:, None, 0] * (1 - across) + quads[:, None, 1] * across
    bottom = quads[:, None, 3] * (1 - across) + quads[:, None, 2] * across
    inner = np.asarray(top * (1 - down) + bottom * down, np.float32)
    normals, points = along_sides(quads, samples)
    reach = np.float32(RING * max(on_mat.paper.shape))
    away = normals[:, :, None] * reach
    beyond = np.stack(
        [_seen(on_mat.paper, np.asarray(points + away * times, np.float32)) for times in RING_TIMES]
    )
    sides = beyond.mean(axis=(0, 3))
    known = 1 - _seen(on_mat.unknown, inner).mean(axis=1)
    covered = _seen(on_mat.covered, inner).mean(axis=1) / np.maximum(known, LEAST_KNOWN)
    return _Hidden(
        inside=np.asarray(covered, np.float32),
        paper=_seen(on_mat.paper, inner).mean(axis=1),
        outside=np.asarray(0.5 * sides.mean(axis=1) + 0.5 * sides.max(axis=1), np.float32),
    )


def _seen(mask: NDArray[np.uint8], points: NDArray[np.float32]) -> NDArray[np.float32]:
    """Look the points up in a mask: 1 where it is set, 0 elsewhere and outside the picture."""
    height, width = mask.shape
    x, y = np.rint(points[..., 0]).astype(np.intp), np.rint(points[..., 1]).astype(np.intp)
    there = (x >= 0) & (y >= 0) & (x < width) & (y < height)
    return np.asarray(there & (mask[np.clip(y, 0, height - 1), np.clip(x, 0, width - 1)] > 0), np.float32)


def _another(on_mat: OnMat, quad: Quads) -> bool:
    """Tell whether a second paper lies beside the page."""
    rest = on_mat.paper.copy()
    cv2.fillConvexPoly(rest, np.rint(quad).astype(np.int32), 0)
    reach = max(round(RING * max(rest.shape)), 2)
    apart = cv2.morphologyEx(rest, cv2.MORPH_OPEN, np.ones((reach, reach), np.uint8))
    contours, _ = cv2.findContours(apart, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    least = LEAST_REST * float(areas(quad[None])[0])
    for contour in contours:
        size = cv2.contourArea(contour)
        around = cv2.minAreaRect(contour)[1]
        if size > least and size > LEAST_SQUARE * around[0] * around[1]:
            return True
    return False


def _touched_sides(on_mat: OnMat) -> tuple[str, ...]:
    """Name the sides of the picture that something as large as a paper touches, the longest touch first."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats(on_mat.paper)
    large = [
        index for index in range(1, count) if stats[index, cv2.CC_STAT_AREA] > LEAST_CUT * on_mat.paper.size
    ]
    paper = np.isin(labels, large)
    near = max(round(BORDER_SHARE * max(paper.shape)), 2)
    strips = {
        "left": paper[:, :near].all(axis=1),
        "right": paper[:, -near:].all(axis=1),
        "top": paper[:near].all(axis=0),
        "bottom": paper[-near:].all(axis=0),
    }
    touched = {side: float(strip.mean()) for side, strip in strips.items()}
    return tuple(
        sorted((side for side in touched if touched[side] > CUT_LENGTH), key=lambda side: -touched[side])
    )


def _cut_sides(on_mat: OnMat, quad: Quads) -> tuple[str, ...]:
    """Name the sides of the picture beyond which this page goes on: its corners lie there, and paper does."""
    height, width = on_mat.paper.shape
    beyond = cut_off_sides(quad, (width, height))
    return tuple(side for side in _touched_sides(on_mat) if side in beyond)
