"""Where a page could be: many quadrilaterals from several cues, good and bad alike.

No single cue finds white paper on a white table, a card on wood and a blue magazine on cream; together they
nearly always hold the right one, and `sides.py` tells which.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import cv2
import numpy as np

from drivers.scanner.geometry import are_convex, areas, corner_cosines, order_many, side_lengths
from drivers.scanner.line_crossing import SLACK, cross_all

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cv2.typing import MatLike
    from numpy.typing import NDArray

    from drivers.scanner.geometry import Quads
    from drivers.scanner.sides import EdgeField

SMALLEST_SHARE = 0.02
"""A page fills at least this share of the picture: an ID card on an A4 plate fills about 7 %."""
LARGEST_SHARE = 0.995
SHORTEST_SIDE = 0.06
"""Of the longer side of the picture: a till receipt is narrower than this only from far away."""
MOST_LINES = 22
SAME_LINE = 0.011
"""Two sides are one line when their ends lie no further off it together, share of the longer side."""
MOST_CROSSED = 600
"""Quadrilaterals made of lines that are proposed; all others have worse sides than these."""
LARGEST_COSINE = 0.55
"""Corners between 57 and 123 degrees: the camera looks down, not along the table."""


def propose(
    bgr: NDArray[np.uint8],
    lab: NDArray[np.uint8],
    field: EdgeField,
    *,
    crossed: int = MOST_CROSSED,
    more: tuple[NDArray[np.uint8], ...] = (),
    only_more: bool = False,
) -> Quads:
    """Return `(count, 4, 2)` candidate quadrilaterals.

    Args:
        bgr: Small picture, (height, width, 3) uint8.
        lab: The same picture in CIE Lab, uint8.
        field: Its edges.
        crossed: How many quadrilaterals made of lines are proposed at most.
        more: Masks, 255 where a page may be, that are known from elsewhere and looked at first.
        only_more: Whether these masks and the lines in the lightness are enough.
    """
    found = [quad for mask in more for quad in _quads_of(mask)]
    segments = [_segments(lab[..., 0])]
    if not only_more:
        found += _from_masks(bgr, lab)
        chroma = lab[..., 2] if lab[..., 2].std() >= lab[..., 1].std() else lab[..., 1]
        segments.append(_segments(cv2.convertScaleAbs(chroma, alpha=2.0, beta=-128)))
    lines = _merge_segments(np.concatenate(segments), max(bgr.shape[:2]))
    return _mixed(found, lines, field, crossed)


def _mixed(found: list[Quads], lines: NDArray[np.float32], field: EdgeField, crossed: int) -> Quads:
    """Add what can be made of the quadrilaterals' own sides and these lines, and drop what is no page."""
    masks = np.array(found, dtype=np.float32).reshape(-1, 4, 2)
    size = (field.colours.shape[1], field.colours.shape[0])
    sides = _sides_as_lines(masks, max(size))
    mixed = cross_all(np.concatenate([sides, lines]), field, crossed)
    inside = _in_view(np.concatenate([masks, mixed]), size)
    return _plausible(order_many(inside), size)


def _in_view(quads: Quads, size: tuple[int, int]) -> Quads:
    """Keep quadrilaterals whose corners lie in the picture, give or take a little."""
    slack = SLACK * max(size)
    x, y = quads[..., 0], quads[..., 1]
    good = (x.min(axis=1) >= -slack) & (y.min(axis=1) >= -slack)
    good &= (x.max(axis=1) <= size[0] + slack) & (y.max(axis=1) <= size[1] + slack)
    return np.asarray(quads[good], dtype=np.float32)


def _plausible(quads: Quads, size: tuple[int, int]) -> Quads:
    """Keep convex quadrilaterals of a possible size whose corners are near right angles."""
    share = areas(quads) / float(size[0] * size[1])
    quads = quads[(share > SMALLEST_SHARE) & (share < LARGEST_SHARE)]
    good = are_convex(quads) & (np.abs(corner_cosines(quads)).max(axis=1) < LARGEST_COSINE)
    good &= side_lengths(quads).min(axis=1) > SHORTEST_SIDE * max(size)
    return np.asarray(quads[good], dtype=np.float32)


# --- masks --------------------------------------------------------------------------------------------


def _from_masks(bgr: NDArray[np.uint8], lab: NDArray[np.uint8]) -> Iterator[Quads]:
    """Threshold each cue at several levels and close the holes: a page is one large piece."""
    kernel = cv2.getStructuringElement(cv2.MORPH_RECT, (7, 7))
    for mask in _masks(bgr, lab):
        closed = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, kernel)
        opened = cv2.morphologyEx(closed, cv2.MORPH_OPEN, kernel)
        yield from _quads_of(opened)


def _masks(bgr: MatLike, lab: MatLike) -> Iterator[MatLike]:
    grey = cv2.GaussianBlur(lab[..., 0], (5, 5), 0)
    level = int(cv2.threshold(grey, 0, 255, cv2.THRESH_OTSU)[0])
    yield _above(grey, level)
    yield _below(grey, level)
    upper = grey[grey > level]
    if upper.size:
        yield _above(grey, int(cv2.threshold(upper.reshape(-1, 1), 0, 255, cv2.THRESH_OTSU)[0]))
    lower = grey[grey <= level]
    if lower.size:
        yield _above(grey, int(cv2.threshold(lower.reshape(-1, 1), 0, 255, cv2.THRESH_OTSU)[0]))
    saturation = cv2.GaussianBlur(cv2.cvtColor(bgr, cv2.COLOR_BGR2HSV)[..., 1], (5, 5), 0)
    yield _below(saturation, int(cv2.threshold(saturation, 0, 255, cv2.THRESH_OTSU)[0]))
    for channel in (1, 2):
        chroma = cv2.GaussianBlur(lab[..., channel], (5, 5), 0)
        level = int(cv2.threshold(chroma, 0, 255, cv2.THRESH_OTSU)[0])
        yield _above(chroma, level)
        yield _below(chroma, level)
    yield from _edge_masks(grey)


def _edge_masks(grey: MatLike) -> Iterator[MatLike]:
    for low, high in ((15, 45), (40, 110)):
        edges = cv2.Canny(grey, low, high)
        yield cv2.dilate(edges, np.ones((3, 3), np.uint8))


def _above(channel: MatLike, level: int) -> MatLike:
    return cv2.threshold(channel, level, 255, cv2.THRESH_BINARY)[1]


def _below(channel: MatLike, level: int) -> MatLike:
    return cv2.threshold(channel, level, 255, cv2.THRESH_BINARY_INV)[1]


def _quads_of(mask: MatLike) -> Iterator[Quads]:
    contours, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    smallest = SMALLEST_SHARE * mask.size
    largest = sorted(((cv2.contourArea(c), i) for i, c in enumerate(contours)), reverse=True)[:4]
    for area, index in largest:
        if area < smallest:
            break
        hull = cv2.convexHull(contours[index])
        yield from _quads_of_hull(hull)


def _quads_of_hull(hull: MatLike) -> Iterator[Quads]:
    around = cv2.arcLength(hull, closed=True)
    for share in (0.01, 0.02, 0.04, 0.07):
        fewer = cv2.approxPolyDP(hull, share * around, closed=True)
        if len(fewer) == 4:  # noqa: PLR2004 - a page has four corners
            yield fewer.reshape(4, 2).astype(np.float32)
            break
    if len(hull) > 4:  # noqa: PLR2004 - below that there is nothing to simplify
        tight = cv2.approxPolyN(hull, 4, ensure_convex=True)
        if tight.size == 8:  # noqa: PLR2004 - four points of two numbers
            yield tight.reshape(4, 2).astype(np.float32)
    yield cv2.boxPoints(cv2.minAreaRect(hull)).astype(np.float32)


# --- lines --------------------------------------------------------------------------------------------


def _segments(channel: MatLike) -> NDArray[np.float32]:
    found = cast("MatLike | None", cv2.createLineSegmentDetector(cv2.LSD_REFINE_STD).detect(channel)[0])
    if found is None:
        return np.zeros((0, 4), np.float32)
    return np.asarray(found, np.float32).reshape(-1, 4)


def _merge_segments(segments: NDArray[np.float32], largest: int) -> NDArray[np.float32]:
    """Join collinear segments and return the longest lines as (a, b, c), |(a, b)| = 1."""
    lengths = np.hypot(segments[:, 2] - segments[:, 0], segments[:, 3] - segments[:, 1])
    keep = lengths > 0.035 * largest
    order = np.argsort(-lengths[keep])[:160]
    segments, lengths = segments[keep][order], lengths[keep][order]
    lines = _line_through(segments[:, :2], segments[:, 2:])
    near = _apart(lines, segments[:, :2], segments[:, 2:]) < 0.008 * largest
    used = np.zeros(len(segments), bool)
    kept: list[int] = []
    weights: list[float] = []
    for index in range(len(segments)):
        if used[index]:
            continue
        weights.append(float(lengths[near[index] & ~used].sum()))
        used |= near[index] & (lengths <= lengths[index])
        kept.append(index)
    best = np.argsort(-np.array(weights))[:MOST_LINES]
    merged: NDArray[np.float32] = lines[np.array(kept, np.intp)[best]]
    return merged


def _line_through(start: NDArray[np.float32], end: NDArray[np.float32]) -> NDArray[np.float32]:
    normal = np.stack([start[..., 1] - end[..., 1], end[..., 0] - start[..., 0]], axis=-1)
    normal = normal / np.maximum(np.linalg.norm(normal, axis=-1, keepdims=True), 1e-6)
    offset = -(normal * start).sum(axis=-1, keepdims=True)
    return np.concatenate([normal, offset], axis=-1).astype(np.float32)


def _apart(
    lines: NDArray[np.float32], starts: NDArray[np.float32], ends: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Return (lines, segments): how far the two ends of each segment lie off each line, together."""
    normals, offsets = lines[:, :2], lines[:, 2:]
    return np.asarray(np.abs(normals @ starts.T + offsets) + np.abs(normals @ ends.T + offsets), np.float32)


def _sides_as_lines(quads: Quads, largest: int) -> NDArray[np.float32]:
    """Give the sides of the mask quadrilaterals to the mixing of lines, without near copies."""
    starts = quads.reshape(-1, 2)
    ends = np.roll(quads, -1, axis=1).reshape(-1, 2)
    lines = _line_through(starts, ends)
    copies = _apart(lines, starts, ends) < SAME_LINE * largest
    kept: list[int] = []
    for index in range(len(lines)):
        if not copies[kept, index].any():
            kept.append(index)
        if len(kept) >= MOST_LINES:
            break
    return np.asarray(lines[kept], np.float32)
