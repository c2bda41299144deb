"""Models a page that stands up from the desk as a cylinder whose straight lines run down the page.

Down each of those straight lines every camera, wherever it stands, shows the page evenly stretched, once the
outline's left and right sides have been made parallel. So a point at height `v` of the flat page is seen at
`y`, where `v = b(x) + n(x) * y` with two smooth functions `b` and `n`. A line of text has one `v` all along:
that makes it one linear least-squares problem for all lines together, in which each line brings its own `v`
and no shape has to be guessed before.

Source: the cylinder of H. Cao, X. Ding, C. Liu, "Rectifying the bound document image captured by the camera",
ICDAR 2003; smoothing by differences of knots: P. Eilers, B. Marx, "Flexible smoothing with B-splines", 1996.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from drivers.scanner.line_traces import LineTraces

    Values = NDArray[np.float64]

KNOTS = 21
"""Of `b` and of `n` across the page, one a centimetre of A4; straight in between."""
STIFF = 3.0
"""What a bend of one pixel at a knot costs, in points one pixel off."""
LOOSE = 1e-3
"""The same for a shift of one pixel: only so that what no line tells stays as it is."""
MOST_POINTS = 1500
"""More points than that tell nothing new."""
ROUNDS = 4
"""Rounds of weighing points down that lie far off."""
NOISE_PX = 0.3
"""Usual distance of a point from its line, pixels at LOOK_DPI: marks over letters, and pixels."""
OUTLIER = 3.0
"""Points this many times the usual distance off count half."""
LEAST_LINES = 6
"""Fewer lines tell too little about a sheet."""
LEAST_LENGTH = 3000
"""The same for their length in sum, pixels at LOOK_DPI: four full lines of A4."""
LEAST_DEPTH = 0.3
"""Lines must stand over this share of the page's height."""
LEVEL_PX = 0.42
"""Unevenness up to which a page is flat, pixels at LOOK_DPI: 0.1 mm, a millimetre's rise of the paper."""
CLEARLY = 0.8
"""Bent, lines must be straighter than this times what they are as they lie."""


@dataclass(frozen=True, slots=True, eq=False)
class Sheet:
    """How a page is bent; places are shares of its width and height, heights counted from its middle."""

    shift: Values
    """`b` at the knots, shares of the height."""
    stretch: Values
    """`n` at the knots."""

    def at(self, x: Values) -> tuple[Values, Values]:
        """Return `b` and `n` at these shares of the width; beyond the page they go on straight."""
        hats = _hats(x)
        return hats @ self.shift, hats @ self.stretch

    def heights(self, x: Values, y: Values) -> Values:
        """Return `v` of places seen at these shares of the width and, from the top, of the height."""
        b, n = self.at(x)
        return b + n * (y - 0.5)


def bent_sheet(traces: LineTraces, size: tuple[int, int]) -> Sheet | None:
    """Find how a page is bent; None where it is flat, or where its lines do not tell.

    A sheet counts as bent only if the sheet found by half of the lines makes the other half straighter.

    Args:
        traces: Lines of text.
        size: Width and height of the picture they are in, pixels.
    """
    if not _tell(traces, size[1]) or unevenness_at_best(traces, size) < LEVEL_PX:
        return None
    halves = [traces.only(traces.line % 2 == odd) for odd in (0, 1)]
    for seen, asked in (halves, halves[::-1]):
        as_it_lies = unevenness(asked, size, _turned(seen, size))
        if unevenness(asked, size, fit_sheet(seen, size)) > CLEARLY * as_it_lies:
            return None
    return fit_sheet(traces, size)


def fit_sheet(traces: LineTraces, size: tuple[int, int]) -> Sheet:
    """Return the sheet on which the lines of text are straight.

    Args:
        traces: Lines of text.
        size: Width and height of the picture they are in, pixels.
    """
    width, height = size
    some = traces.only(np.arange(len(traces.x)) % max(len(traces.x) // MOST_POINTS, 1) == 0)
    y = some.y / height - 0.5
    hats = _hats(some.x / width)
    found = _solved(some, np.concatenate([hats, hats * y[:, None]], axis=1) * height, _costs(height))
    return Sheet(shift=found[:KNOTS], stretch=1 + found[KNOTS:])


def unevenness_at_best(traces: LineTraces, size: tuple[int, int]) -> float:
    """Return `unevenness` on the best flat sheet: how far the lines themselves are from straight."""
    return unevenness(traces, size, _turned(traces, size))


def unevenness(traces: LineTraces, size: tuple[int, int], sheet: Sheet) -> float:
    """Return how far lines are from straight on this sheet, pixels at LOOK_DPI.

    The root of the mean square; the tenth of the points that lies furthest off is left out.
    """
    width, height = size
    v = sheet.heights(traces.x / width, traces.y / height) * height
    off = np.abs(_within(v[:, None], traces, np.ones(len(v)))[:, 0])
    return float(np.sqrt(np.mean(np.sort(off)[: round(0.9 * len(off))] ** 2)))


def _tell(traces: LineTraces, height: int) -> bool:
    if traces.count < LEAST_LINES or traces.length < LEAST_LENGTH:
        return False
    return float(np.ptp(traces.y)) > LEAST_DEPTH * height


def _turned(traces: LineTraces, size: tuple[int, int]) -> Sheet:
    """Return the flat sheet, turned and tapered, on which the lines are straightest."""
    width, height = size
    x, y = traces.x / width, traces.y / height - 0.5
    found = _solved(traces, np.stack([x, x * y], axis=1) * height, np.eye(2))
    knots = np.linspace(0, 1, KNOTS)
    return Sheet(shift=found[0] * knots, stretch=1 + found[1] * knots)


def _solved(traces: LineTraces, terms: Values, costs: Values) -> Values:
    """Return the factors of the terms that, added to `y`, give each line one height.

    Args:
        traces: Lines of text.
        terms: (points, terms), pixels.
        costs: (terms, terms), what the factors themselves cost.
    """
    weights = np.ones(len(terms))
    found = np.zeros(terms.shape[1])
    both = np.concatenate([terms, -traces.y[:, None]], axis=1)
    for _ in range(ROUNDS):
        inner = _within(both, traces, weights)
        # einsum: the threads of a matrix product cost more than they bring here
        square = np.einsum("pi,pj->ij", inner[:, :-1] * weights[:, None], inner, optimize=False)
        found = np.linalg.solve(square[:, :-1] + costs, square[:, -1])
        off = np.abs(inner[:, -1] - np.einsum("pi,i->p", inner[:, :-1], found))
        usual = max(float(np.median(off)), NOISE_PX)
        weights = 1 / (1 + (off / (OUTLIER * usual)) ** 2)
    return found


def _hats(x: Values) -> Values:
    """Return the share of each knot in each place, (count, KNOTS)."""
    place = x * (KNOTS - 1)
    left = np.clip(np.floor(place), 0, KNOTS - 2).astype(np.intp)
    share = place - left
    hats = np.zeros((len(x), KNOTS))
    rows = np.arange(len(x))
    hats[rows, left], hats[rows, left + 1] = 1 - share, share
    return hats


def _costs(height: int) -> Values:
    bends = np.diff(np.eye(KNOTS), n=2, axis=0) * height
    one = STIFF * bends.T @ bends + LOOSE * height**2 * np.eye(KNOTS)
    costs = np.zeros((2 * KNOTS, 2 * KNOTS))
    costs[:KNOTS, :KNOTS], costs[KNOTS:, KNOTS:] = one, one / 4  # a height is at most a half
    return costs


def _within(values: Values, traces: LineTraces, weights: Values) -> Values:
    """Take from each point the mean of its line: what is left does not ask where the line stands."""
    starts = np.flatnonzero(np.diff(traces.line, prepend=-1))
    totals = np.add.reduceat(weights, starts)
    means = np.add.reduceat(values * weights[:, None], starts, axis=0) / totals[:, None]
    return np.asarray(values - np.repeat(means, np.diff(starts, append=len(values)), axis=0))
