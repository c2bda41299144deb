"""Moves the sides of rough outlines onto the true edge of the paper, to a fraction of a pixel."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from drivers.scanner.geometry import cross_lines, side_lengths
from drivers.scanner.sides import on_frame

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from drivers.scanner.geometry import Quads

    Plane = NDArray[np.float32]

FLAT = 1e-3
"""A peak with less bend than this, grey levels, has no finer place."""
PROFILES = 72
"""Lines across each side on which the edge is looked for."""
ROUNDS = 8
"""Rounds of the robust fit; it settles after six to eight."""
NO_EDGE = 1e-6
"""A side whose profiles weigh less than this in all has no edge to move to."""


def refine(picture: NDArray[np.uint8], quad: Quads, *, reach: float) -> Quads:
    """Fit each side of one outline, see `refine_all`."""
    refined: Quads = refine_all(picture, quad[None], reach=reach)[0]
    return refined


def refine_all(picture: NDArray[np.uint8], quads: Quads, *, reach: float) -> Quads:
    """Fit each side of each outline to the strongest edge within `reach` pixels of it.

    Sides on the frame of the picture stay, and so does a whole outline when its fit runs away.

    Args:
        picture: (height, width, 3) uint8 BGR.
        quads: Rough corners in pixels of `picture`, (count, 4, 2), clockwise.
        reach: How far the rough sides may be off, pixels.
    """
    steps = (np.roll(quads, -1, axis=1) - quads).astype(np.float32)
    lengths = np.maximum(side_lengths(quads), np.float32(1e-3))
    normals = (np.stack([steps[..., 1], -steps[..., 0]], axis=-1) / lengths[..., None]).astype(np.float32)
    shares = np.linspace(0.03, 0.97, PROFILES, dtype=np.float32)
    sides = len(quads) * 4
    points = quads.reshape(1, sides, 2) + steps.reshape(1, sides, 2) * shares[:, None, None]
    offsets, weights = _edge_offsets(picture, points, normals.reshape(sides, 2), reach)
    slopes, shifts = _fit_robustly(shares, offsets, weights, spread=max(reach / 3, 0.7))
    framed = on_frame(quads, picture.shape[1], picture.shape[0])
    slopes, shifts = (np.where(framed, 0, fit.reshape(framed.shape)) for fit in (slopes, shifts))
    starts = quads + normals * shifts[..., None]
    ends = np.roll(quads, -1, axis=1) + normals * (shifts + slopes)[..., None]
    lines = _lines(starts.astype(np.float32), ends.astype(np.float32))
    corners = cross_lines(np.roll(lines, 1, axis=1), lines)
    moved = np.hypot(corners[..., 0] - quads[..., 0], corners[..., 1] - quads[..., 1]).max(axis=1)
    stays = ~(np.isfinite(corners).all(axis=(1, 2)) & (moved <= 4 * reach))
    return np.where(stays[:, None, None], quads, corners).astype(np.float32)


def _lines(starts: Plane, ends: Plane) -> Plane:
    """Return the lines through pairs of points as (a, b, c), |(a, b)| = 1."""
    across = np.stack([ends[..., 1] - starts[..., 1], starts[..., 0] - ends[..., 0]], axis=-1)
    across = across / np.maximum(np.hypot(across[..., :1], across[..., 1:]), 1e-6)
    return np.concatenate([across, -(across * starts).sum(axis=-1, keepdims=True)], axis=-1).astype(
        np.float32
    )


def _edge_offsets(
    picture: NDArray[np.uint8], points: Plane, normals: Plane, reach: float
) -> tuple[Plane, Plane]:
    """Return for each profile how far out its strongest edge lies, in pixels, and how strong it is.

    Args:
        picture: (height, width, 3) uint8 BGR.
        points: Where the profiles cross the sides, (PROFILES, sides, 2).
        normals: Outward, (sides, 2).
        reach: How far to look either way, pixels.
    """
    reach = max(reach, 1.0)  # of a picture a few pixels wide, too, a peak has two neighbours
    pace = max(reach / 12, 0.5)
    places = np.arange(-reach - 2 * pace, reach + 2.01 * pace, pace, dtype=np.float32)
    where = points[:, :, None] + normals[None, :, None] * places[None, None, :, None]
    where = where.reshape(len(points), -1, 2)
    profile = cv2.remap(
        picture, where[..., 0], where[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    smooth = cv2.GaussianBlur(profile.astype(np.float32), (1, 7), 1.0)  # along the side only: text is noise
    smooth = smooth.reshape(*points.shape[:2], len(places), 3)
    rise = smooth[:, :, 3:-1] + smooth[:, :, 2:-2] - smooth[:, :, 1:-3] - smooth[:, :, :-4]
    steep = np.sqrt(np.einsum("psij,psij->psi", rise, rise))
    inner = places[2:-2] - pace / 2
    prior = np.exp(-0.5 * (inner / (0.8 * reach)) ** 2)
    peak = np.clip(np.argmax(steep * prior, axis=2), 1, steep.shape[2] - 2)[..., None]
    before, at, after = (np.take_along_axis(steep, peak + step, axis=2)[..., 0] for step in (-1, 0, 1))
    bend = before - 2 * at + after
    bend = np.where(np.abs(bend) < FLAT, -FLAT, bend)
    shift = np.clip(0.5 * (before - after) / bend, -0.5, 0.5)
    return (inner[peak[..., 0]] + shift * pace).astype(np.float32), at.astype(np.float32)


def _fit_robustly(shares: Plane, offsets: Plane, weights: Plane, *, spread: float) -> tuple[Plane, Plane]:
    """Fit `offset = slope * share + shift` for each side, forgetting profiles that caught another edge."""
    trusted = np.minimum(weights, np.median(weights, axis=0))
    shift, slope, width = np.median(offsets, axis=0), np.zeros(offsets.shape[1]), spread
    across = shares[:, None]
    blank = np.zeros(offsets.shape[1], bool)
    for _ in range(ROUNDS):
        miss = offsets - (slope * across + shift)
        weight = trusted / (1 + (miss / width) ** 2) ** 2
        total = weight.sum(axis=0)
        blank |= total < NO_EDGE
        total = np.maximum(total, NO_EDGE)
        mean_share, mean_offset = (
            (weight * across).sum(axis=0) / total,
            (weight * offsets).sum(axis=0) / total,
        )
        centred = across - mean_share
        weighted = weight * centred
        slope = (weighted * (offsets - mean_offset)).sum(axis=0) / np.maximum(
            (weighted * centred).sum(axis=0), NO_EDGE
        )
        shift = mean_offset - slope * mean_share
        width = max(width * 0.8, 0.7)
    return np.where(blank, 0, slope).astype(np.float32), np.where(blank, 0, shift).astype(np.float32)
