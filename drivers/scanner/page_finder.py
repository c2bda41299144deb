"""Finds the paper in a picture: propose, score, refine, and refuse when it is not clear.

Source: SCAN.md, "Finding the page": many quadrilaterals from several cues, scored by edge support on four
sides, contrast, angles and format, then sides refined on the full picture.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

from drivers.ports import Outline
from drivers.scanner.geometry import areas, order_corners
from drivers.scanner.proposals import propose
from drivers.scanner.quality import cut_off_sides
from drivers.scanner.refine import refine, refine_all
from drivers.scanner.sides import edge_field, least_step, most_promising, score

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from drivers.scanner.geometry import Quads
    from drivers.scanner.sides import EdgeField, Scores


LEADING = 24
"""Candidates the best is taken from."""
REFINED = 8
"""Of these, how many are tried with their sides refined, too."""
GROWTH_WEIGHT = 0.22
"""What a larger outline around the best may lack in score, for each e-fold of area."""
MOST_GROWTH = 2.5

LEAST_STEP = 0.4
"""Colours beside the weakest side of a page differ by so many spreads; in the photos by one and more."""

SURE = 0.8
"""Below this confidence the picture is looked at once more, with the shade lifted."""
CLEARER = 0.08
"""What the second look must have in confidence over the first; under an even lamp it has 0.03 at most."""
EVEN = np.rint(255 * np.log1p(np.arange(256) / 12) / np.log1p(255 / 12)).astype(np.uint8)
"""Lightness as the eye sees it, so that an edge in the shade counts as one in the light does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FinderSettings:
    """Where the finder draws its lines; the values come from benchmarks/scan.py."""

    working_px: int = 540
    """Longer side of the picture in which pages are looked for."""
    least_score: float = 0.62
    """Below this nothing is called a page."""
    least_support: float = 0.35
    """Each side seen must lie on an edge for about this share of its strength."""
    rival_share: float = 0.93
    """Another paper elsewhere with this share of the best score means two papers are in view."""
    scored: int = 250
    """Candidates that are looked at closely."""
    refined: int = REFINED
    """Of the leading ones, how many are tried with their sides refined, too."""
    second_look: bool = True
    """Whether a doubtful picture is looked at once more with the shade lifted."""


SETTINGS = FinderSettings()
PREVIEW_SETTINGS = FinderSettings(working_px=270, least_score=0.66, scored=120, refined=4, second_look=False)
"""Small pictures lose no page here, only a pixel of its place, and cost a third."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """An outline and, when there is none, why: `no_page`, `two_papers` or `cut_off_SIDE`."""

    outline: Outline
    cause: str = ""
    cut_off: tuple[str, ...] = ()
    """Sides of the picture beyond which the page goes on."""


def find_page(picture: NDArray[np.uint8]) -> Outline:
    """Find the one page in a picture; `found` is False when there is none or it is not clear which.

    Args:
        picture: (height, width, 3) uint8 BGR, any size.
    """
    return search(picture).outline


def search(picture: NDArray[np.uint8], *, settings: FinderSettings = SETTINGS) -> Finding:
    """Find the one page in a picture, or say why there is none.

    Args:
        picture: (height, width, 3) uint8 BGR, any size.
        settings: Thresholds and working size.
    """
    scale = min(1.0, settings.working_px / max(picture.shape[:2]))
    small = picture
    if scale < 1:
        small = np.asarray(
            cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8
        )
    lab = np.asarray(cv2.cvtColor(small, cv2.COLOR_BGR2LAB), np.uint8)
    best = _look(small, lab, settings)
    if settings.second_look and best.confidence < SURE:
        lab[..., 0] = EVEN[lab[..., 0]]
        second = _look(small, lab, settings)
        if second.quad is not None and second.confidence > best.confidence + CLEARER:
            best = second
    if best.quad is None:
        return Finding(outline=outline_of(None, best.confidence), cause=best.cause)
    full = at_full_size(picture, best.quad, scale)
    cut_off = cut_off_sides(full, (picture.shape[1], picture.shape[0]))
    return Finding(outline=outline_of(full, best.confidence), cut_off=cut_off)


@dataclass(frozen=True, slots=True, eq=False)
class _Look:
    """What one look at the small picture found."""

    confidence: float
    quad: Quads | None = None
    cause: str = ""


def _look(small: NDArray[np.uint8], lab: NDArray[np.uint8], settings: FinderSettings) -> _Look:
    field = edge_field(lab)
    quads = propose(small, lab, field)
    if not len(quads):
        return _Look(0.0, cause="no_page")
    quads = most_promising(field, quads, settings.scored)
    best, scores = _best(field, small, quads, settings.refined)
    confidence = float(np.clip(scores.total[0], 0.0, 1.0))
    if _unclear(scores, settings) or least_step(field, best) < LEAST_STEP:
        return _Look(confidence, cause="no_page")
    if _rivalled(field, quads, best, confidence, settings):
        return _Look(confidence, cause="two_papers")
    return _Look(confidence, best)


def outline_of(quad: Quads | None, confidence: float) -> Outline:
    """Return corners as the port wants them, clockwise from the one nearest the top-left; None: no page."""
    if quad is None:
        return Outline(found=False, confidence=confidence)
    first, second, third, fourth = ((float(x), float(y)) for x, y in order_corners(quad))
    return Outline(found=True, corners=(first, second, third, fourth), confidence=confidence)


def _best(field: EdgeField, small: NDArray[np.uint8], quads: Quads, refined: int) -> tuple[Quads, Scores]:
    """Refine the leading candidates in the small picture and return the best with its scores."""
    leading = quads[np.argsort(-score(field, quads).total)[:LEADING]]
    sharper = refine_all(small, leading[:refined], reach=0.012 * max(small.shape[:2]))
    both = np.concatenate([leading, sharper])
    totals = score(field, both).total
    chosen = _widest(both, totals, first=int(np.argmax(totals)), slack=0.015 * max(small.shape[:2]))
    best: Quads = both[chosen]
    return best, score(field, both[chosen : chosen + 1])


def _widest(quads: Quads, totals: NDArray[np.float32], *, first: int, slack: float) -> int:
    """Prefer a page to the part of it that a rule, a fold or a finger cuts off."""
    inner = quads[first]
    sizes = areas(quads)
    best, gain = first, 0.0
    for index, quad in enumerate(quads):
        ratio = float(sizes[index] / sizes[first])
        holds = all(
            cv2.pointPolygonTest(quad, (float(x), float(y)), measureDist=True) > -slack for x, y in inner
        )
        if not holds or not 1 < ratio < MOST_GROWTH:
            continue
        more = float(totals[index] - totals[first]) + GROWTH_WEIGHT * float(np.log(ratio))
        if more > gain:
            best, gain = index, more
    return best


def _unclear(scores: Scores, settings: FinderSettings) -> bool:
    weakest = np.where(scores.on_border[0], 1.0, scores.support[0]).min()
    return bool(scores.total[0] < settings.least_score or weakest < settings.least_support)


def _rivalled(
    field: EdgeField, quads: Quads, best: Quads, confidence: float, settings: FinderSettings
) -> bool:
    """Tell whether a second paper, apart from the best, is nearly as good."""
    outline = best.astype(np.float32)
    centres = quads.mean(axis=1)
    apart = np.array(
        [cv2.pointPolygonTest(outline, (float(x), float(y)), measureDist=False) < 0 for x, y in centres]
    )
    alike = areas(quads) > 0.5 * float(areas(best[None])[0])
    others = quads[apart & alike]
    if not len(others):
        return False
    return bool(score(field, others).total.max() > settings.rival_share * confidence)


def at_full_size(picture: NDArray[np.uint8], quad: Quads, scale: float) -> Quads:
    """Carry a quadrilateral of the small picture to the full one and fit it there, coarse then fine."""
    full = ((quad + 0.5) / np.float32(scale) - 0.5).astype(np.float32)
    if scale >= 1:
        return full
    rough = refine(picture, full, reach=3.0 / scale)
    return refine(picture, rough, reach=max(1.2 / scale, 2.0))
