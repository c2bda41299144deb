"""How well a quadrilateral sits on a page: edges under its sides, another colour beyond them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

from drivers.scanner.geometry import areas, corner_cosines, side_lengths

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from drivers.scanner.geometry import Quads

BINS = 8
"""Directions an edge is looked up in, 22.5 degrees each."""
SAMPLES = 40
"""Points looked at along each side."""
BORDER_SHARE = 0.005
"""A side this near to the frame, as a share of its longer side, is cut off by it (SCAN.md: 0.5 %)."""
BORDER_SUPPORT = 0.75
"""What a side on the frame counts, as a share of what the sides in view do: nothing is seen there."""
GOES_ON = 0.12
"""What a page loses whose two neighbouring sides run on beyond the third: that one was a bar or a fold."""
BEYOND = 0.12
"""How far beyond a corner is looked, as a share of the side."""
STRIP, STRIP_POINTS = (0.012, 0.06), 8
"""The strips beside a side that are compared: from here to there, shares of the picture's longer side."""
PAGE_ASPECTS = (2**0.5, 85.6 / 53.98)
"""A4 and A5; ID-1 cards."""


@dataclass(frozen=True, slots=True)
class EdgeField:
    """Edges of one small picture, ready to be asked for many quadrilaterals."""

    strength: NDArray[np.float32]
    """(BINS, height, width): how sure an edge with this normal direction runs here, 0 to 1."""
    colours: NDArray[np.float32]
    """(height, width, 3): blurred Lab, chroma counted 1.5 times."""


@dataclass(frozen=True, slots=True)
class Scores:
    """What each of `count` quadrilaterals is worth; every array has `count` rows."""

    total: NDArray[np.float32]
    support: NDArray[np.float32]
    """(count, 4): share of each side that lies on an edge."""
    contrast: NDArray[np.float32]
    """(count, 4): colour step across each side, Lab units."""
    on_border: NDArray[np.bool_]
    """(count, 4): sides that lie on the frame of the picture."""


def edge_field(lab: NDArray[np.uint8]) -> EdgeField:
    """Prepare the edges of a small Lab picture."""
    gradients: list[tuple[NDArray[np.float32], NDArray[np.float32]]] = []
    for channel, weight in ((0, 1.0), (1, 1.5), (2, 1.5)):
        smooth = cv2.GaussianBlur(lab[..., channel].astype(np.float32), (0, 0), 1.0)
        dx = cv2.Scharr(smooth, cv2.CV_32F, 1, 0, scale=weight / 32)
        dy = cv2.Scharr(smooth, cv2.CV_32F, 0, 1, scale=weight / 32)
        gradients.append((np.asarray(dx, np.float32), np.asarray(dy, np.float32)))
    size = np.abs(gradients[0][0]) + np.abs(gradients[0][1])
    noise = max(1.2, 1.5 * float(np.median(size[::2, ::2])))
    fat = np.ones((3, 3), np.uint8)
    strength = np.empty((BINS, *lab.shape[:2]), np.float32)
    for bin_index in range(BINS):
        angle = np.pi * bin_index / BINS
        along = _along(gradients, float(np.cos(angle)), float(np.sin(angle)))
        strength[bin_index] = cv2.dilate(along / (along + np.float32(noise)), fat)
    weighted = lab.astype(np.float32) * np.array([1.0, 1.5, 1.5], np.float32)
    colours = np.asarray(cv2.blur(weighted, (7, 7)), np.float32)
    return EdgeField(strength=strength, colours=colours)


def _along(
    gradients: list[tuple[NDArray[np.float32], NDArray[np.float32]]], x: float, y: float
) -> NDArray[np.float32]:
    """Return the largest step of the three channels in one direction."""
    steps = [np.abs(cv2.addWeighted(dx, x, dy, y, 0.0)) for dx, dy in gradients]
    return np.asarray(np.maximum(np.maximum(steps[0], steps[1]), steps[2]), dtype=np.float32)


def most_promising(field: EdgeField, quads: Quads, count: int) -> Quads:
    """Return the `count` quadrilaterals with the best edges, looking at few points of each."""
    if len(quads) <= count:
        return quads
    normals, points = along_sides(quads, 9)
    support = _fill_border(_support(field, normals, points), on_frame(quads, *_size(field)))
    height, width = field.colours.shape[:2]
    rough = _rough(support, _shape(quads, width * height))
    kept: Quads = quads[np.argpartition(-rough, count)[:count]]
    return kept


def roughly(
    support: NDArray[np.float32],
    cosine: NDArray[np.float32],
    across: NDArray[np.float32],
    down: NDArray[np.float32],
    share: NDArray[np.float32],
) -> NDArray[np.float32]:
    """Score quadrilaterals of which only this is known, to tell the few worth a closer look.

    Args:
        support: (count, 4), how strongly an edge runs under each side, 0 to 1.
        cosine: (count,), mean of the corners', absolute.
        across: (count,), mean length of two sides that face each other, pixels.
        down: (count,), of the other two.
        share: (count,), area as a share of the picture's.
    """
    return _rough(support, _worth_of_shape(cosine, across, down, share))


def _rough(support: NDArray[np.float32], shape: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.asarray(0.4 * support.mean(axis=1) + 0.6 * support.min(axis=1) + 2 * shape, np.float32)


def score(field: EdgeField, quads: Quads) -> Scores:
    """Score `(count, 4, 2)` quadrilaterals; more is better, about 1 is a page beyond doubt."""
    width, height = _size(field)
    normals, points = along_sides(quads, SAMPLES)
    support = _support(field, normals, points)
    border = on_frame(quads, width, height)
    contrast, sameness = _contrast(field, points, normals)
    support = _fill_border(support, border)
    stepped = _fill_border(contrast / (contrast + 10.0), border)
    total = (
        0.5 * (0.4 * support.mean(axis=1) + 0.6 * support.min(axis=1))
        + 0.3 * (0.5 * stepped.mean(axis=1) + 0.5 * stepped.min(axis=1))
        + 0.1 * sameness
        + _shape(quads, width * height)
    )
    total = total - GOES_ON * _goes_on(field, quads, border)
    opposite = (border & np.roll(border, 2, axis=1)).any(axis=1)
    total = np.where(opposite, 0, total)  # two sides that face each other must not both be guessed
    return Scores(total=total.astype(np.float32), support=support, contrast=contrast, on_border=border)


def _fill_border(values: NDArray[np.float32], border: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Give sides on the frame a share of the mean of the sides in view."""
    seen = np.where(border, 0, values).sum(axis=1) / np.maximum((~border).sum(axis=1), 1)
    return np.where(border, BORDER_SUPPORT * seen[:, None], values).astype(np.float32)


def _goes_on(field: EdgeField, quads: Quads, border: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Return how clearly both neighbours of some side run on beyond it, 0 to 1: then that side is a rule."""
    normals, _ = along_sides(quads, 1)
    steps = np.roll(quads, -1, axis=1) - quads
    shares = np.linspace(0.03, BEYOND, 12, dtype=np.float32)[None, None, :, None]
    after = _support(field, normals, np.roll(quads, -1, axis=1)[:, :, None] + steps[:, :, None] * shares)
    before = _support(field, normals, quads[:, :, None] - steps[:, :, None] * shares)
    both = np.minimum(np.roll(after, 1, axis=1), np.roll(before, -1, axis=1))
    return np.asarray(np.where(border, 0, both).max(axis=1), dtype=np.float32)


def _size(field: EdgeField) -> tuple[int, int]:
    return field.colours.shape[1], field.colours.shape[0]


def along_sides(quads: Quads, count: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return the outward normals (…, 4, 2) and `count` points (…, 4, count, 2) along the sides."""
    steps = (np.roll(quads, -1, axis=1) - quads).astype(np.float32)
    lengths = np.maximum(side_lengths(quads), np.float32(1e-3))
    normals = np.stack([steps[..., 1], -steps[..., 0]], axis=-1) / lengths[..., None]
    shares = ((np.arange(count) + 0.5) / count).astype(np.float32)
    points = quads[:, :, None] + steps[:, :, None] * shares[None, None, :, None]
    return normals.astype(np.float32), points.astype(np.float32)


def _support(
    field: EdgeField, normals: NDArray[np.float32], points: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Return (count, 4): how strongly an edge of the right direction runs under each side."""
    return np.asarray(strength_at(field, normals, points).mean(axis=2), dtype=np.float32)


def strength_at(
    field: EdgeField, normals: NDArray[np.float32], points: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Return how sure an edge with this normal runs through each point; outside: as at the frame.

    Args:
        field: Edges of the picture.
        normals: (…, 2), one for each row of points.
        points: (…, count, 2), pixels.
    """
    bins = np.rint(np.arctan2(normals[..., 1], normals[..., 0]) * (BINS / np.pi)).astype(np.intp) % BINS
    x, y = _pixels(points, *_size(field))
    return np.asarray(field.strength[bins[..., None], y, x], dtype=np.float32)


def _pixels(
    points: NDArray[np.float32], width: int, height: int
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    x = np.clip(np.rint(points[..., 0]), 0, width - 1).astype(np.intp)
    y = np.clip(np.rint(points[..., 1]), 0, height - 1).astype(np.intp)
    return x, y


def on_frame(quads: Quads, width: int, height: int) -> NDArray[np.bool_]:
    """Tell which sides, (count, 4), have both ends on the same edge of the frame."""
    near = BORDER_SHARE * max(width, height)
    ends = np.roll(quads, -1, axis=1)
    low = (quads < near) & (ends < near)
    last = np.array([width - 1, height - 1], np.float32) - near
    high = (quads > last) & (ends > last)
    return np.asarray((low | high).any(axis=2))


def _contrast(
    field: EdgeField, points: NDArray[np.float32], normals: NDArray[np.float32]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return the colour step across each side and how alike the inside is along all four.

    The step counts near the side and further out, whichever is less: beyond a heading's bar or a table's
    rule the paper goes on, beyond the paper's edge it does not.
    """
    width, height = _size(field)
    away = normals[:, :, None] * np.float32(0.012 * max(width, height))
    some = points[:, :, 2::5]
    x, y = _pixels(some - away, width, height)
    inside = np.median(field.colours[y, x], axis=2)
    contrast = np.full(inside.shape[:2], np.inf, np.float32)
    for times in (1.0, 2.5):
        x, y = _pixels(some + away * np.float32(times), width, height)
        outside = np.median(field.colours[y, x], axis=2)
        contrast = np.minimum(contrast, np.linalg.norm(inside - outside, axis=2))
    spread = np.linalg.norm(inside - inside.mean(axis=1, keepdims=True), axis=2).mean(axis=1)
    step = contrast.mean(axis=1)
    sameness = step / (step + spread + 1.0)
    return contrast.astype(np.float32), sameness.astype(np.float32)


def least_step(field: EdgeField, quad: Quads) -> float:
    """Return by how much the colours beside the weakest side differ, in spreads of the colours beyond it.

    On a checked cloth every line is an edge, but the cloth is alike on both sides of it. Strips as wide as a
    twentieth of the picture are compared; sides on the frame are left out.
    """
    width, height = _size(field)
    seen = ~on_frame(quad[None], width, height)[0]
    normals, points = along_sides(quad[None], SAMPLES)
    reaches = np.linspace(*STRIP, STRIP_POINTS, dtype=np.float32) * np.float32(max(width, height))
    away = normals[0, :, None, None] * reaches[None, None, :, None]
    strips = []
    for direction in (-1, 1):
        x, y = _pixels(points[0, :, :, None] + direction * away, width, height)
        strips.append(field.colours[y, x].reshape(4, -1, 3))
    inside, outside = strips
    step = np.linalg.norm(inside.mean(axis=1) - outside.mean(axis=1), axis=1)
    spread = np.linalg.norm(outside.std(axis=1), axis=1) + 1
    return float((step / spread)[seen].min()) if seen.any() else 0.0


def _shape(quads: Quads, pixels: int) -> NDArray[np.float32]:
    """Reward right angles, a known paper format and, between frames in frames, the larger one."""
    lengths = side_lengths(quads)
    across = lengths[:, 0] + lengths[:, 2]
    down = lengths[:, 1] + lengths[:, 3]
    cosine = np.abs(corner_cosines(quads)).mean(axis=1)
    share = (areas(quads) / pixels).astype(np.float32)
    return _worth_of_shape(cosine, across, down, share)


def _worth_of_shape(
    cosine: NDArray[np.float32],
    across: NDArray[np.float32],
    down: NDArray[np.float32],
    share: NDArray[np.float32],
) -> NDArray[np.float32]:
    aspect = np.maximum(np.maximum(across, down), 1) / np.maximum(np.minimum(across, down), 1)
    known = np.min([np.abs(np.log(aspect / known)) for known in PAGE_ASPECTS], axis=0)
    return np.asarray(
        0.06 * (1 - cosine) + 0.04 * np.exp(-known / 0.15) + 0.1 * np.clip(share, 0.0, 0.6), dtype=np.float32
    )
