"""Moves the sides of a rough outline onto the true edge of the paper, to a fraction of a pixel."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from drivers.scanner.geometry import cross_lines
from drivers.scanner.sides import on_frame

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from drivers.scanner.geometry import Quads

FLAT = 1e-3
"""A peak with less bend than this, grey levels, has no finer place."""
PROFILES = 72
"""Lines across each side on which the edge is looked for."""
ROUNDS = 8
"""Rounds of the robust fit; it settles after six to eight."""


def refine(picture: NDArray[np.uint8], quad: Quads, *, reach: float) -> Quads:
    """Fit each side to the strongest edge within `reach` pixels of it.

    Sides on the frame of the picture stay, and so does the whole outline when the fit runs away.

    Args:
        picture: Full-size picture, (height, width, 3) uint8.
        quad: Rough corners in pixels of `picture`, clockwise.
        reach: How far the rough sides may be off, pixels.
    """
    framed = on_frame(quad[None], picture.shape[1], picture.shape[0])[0]
    lines = np.stack([_fit_side(picture, quad, side, 0.0 if framed[side] else reach) for side in range(4)])
    corners = cross_lines(np.roll(lines, 1, axis=0), lines)
    moved = np.hypot(*(corners - quad).T)
    if not np.isfinite(corners).all() or moved.max() > 4 * reach:
        return quad
    return corners


def _fit_side(picture: NDArray[np.uint8], quad: Quads, side: int, reach: float) -> NDArray[np.float32]:
    start, end = quad[side], quad[(side + 1) % 4]
    step = end - start
    length = max(float(np.hypot(*step)), 1e-3)
    normal = np.array([step[1], -step[0]], np.float32) / np.float32(length)
    if reach <= 0:
        return _line(start, end)
    shares = np.linspace(0.03, 0.97, PROFILES, dtype=np.float32)
    offsets, weights = _edge_offsets(picture, start + step * shares[:, None], normal, reach)
    slope, shift = _fit_robustly(shares, offsets, weights, spread=max(reach / 3, 0.7))
    return _line(start + normal * np.float32(shift), end + normal * np.float32(shift + slope))


def _line(first: NDArray[np.float32], last: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the line through two points as (a, b, c), |(a, b)| = 1."""
    across = np.array([last[1] - first[1], first[0] - last[0]], np.float32)
    across /= np.float32(max(float(np.hypot(*across)), 1e-6))
    return np.array([across[0], across[1], -float(across @ first)], np.float32)


def _edge_offsets(
    picture: NDArray[np.uint8], points: NDArray[np.float32], normal: NDArray[np.float32], reach: float
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return for each profile how far out its strongest edge lies, in pixels, and how strong it is."""
    pace = max(reach / 12, 0.5)
    places = np.arange(-reach - 2 * pace, reach + 2.01 * pace, pace, dtype=np.float32)
    where = points[:, None] + normal * places[None, :, None]
    profile = cv2.remap(
        picture, where[..., 0], where[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    smooth = cv2.GaussianBlur(profile.astype(np.float32), (1, 7), 1.0)  # along the side only: text is noise
    rise = smooth[:, 3:-1] + smooth[:, 2:-2] - smooth[:, 1:-3] - smooth[:, :-4]
    steep = np.linalg.norm(rise, axis=2)
    inner = places[2:-2] - pace / 2
    prior = np.exp(-0.5 * (inner / (0.8 * reach)) ** 2)
    peak = np.clip(np.argmax(steep * prior, axis=1), 1, steep.shape[1] - 2)
    rows = np.arange(len(points))
    before, at, after = steep[rows, peak - 1], steep[rows, peak], steep[rows, peak + 1]
    bend = before - 2 * at + after
    bend = np.where(np.abs(bend) < FLAT, -FLAT, bend)
    shift = np.clip(0.5 * (before - after) / bend, -0.5, 0.5)
    return (inner[peak] + shift * pace).astype(np.float32), at.astype(np.float32)


def _fit_robustly(
    shares: NDArray[np.float32], offsets: NDArray[np.float32], weights: NDArray[np.float32], *, spread: float
) -> tuple[float, float]:
    """Fit `offset = slope * share + shift`, forgetting profiles that caught another edge."""
    trusted = np.minimum(weights, np.median(weights))
    shift, slope, width = float(np.median(offsets)), 0.0, spread
    for _ in range(ROUNDS):
        miss = offsets - (slope * shares + shift)
        weight = trusted / (1 + (miss / width) ** 2) ** 2
        total = float(weight.sum())
        if total < 1e-6:  # noqa: PLR2004 - a blank picture has no edge to move to
            return 0.0, 0.0
        mean_share, mean_offset = float(weight @ shares) / total, float(weight @ offsets) / total
        centred = shares - mean_share
        slope = float(weight @ (centred * (offsets - mean_offset))) / max(float(weight @ centred**2), 1e-6)
        shift = mean_offset - slope * mean_share
        width = max(width * 0.8, 0.7)
    return slope, shift
