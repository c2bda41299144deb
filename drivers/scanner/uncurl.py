"""Flattens a page of a bound book, or a sheet that was folded, in the same step as the perspective.

Source: the page finder's outline takes each side for straight. Where the sheet stands up, its top and bottom
are bows, so its true corners are looked for once its lines of text are known to be bent.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import cv2
import numpy as np

from drivers.scanner.curl import CLEARLY, LEAST_LENGTH, Sheet, bent_sheet, fit_sheet, unevenness_at_best
from drivers.scanner.line_traces import trace_lines
from drivers.scanner.text_lines import ink_of, turn, without_rules

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from drivers.scanner.curl import Values
    from drivers.scanner.enhance import PageFormat
    from drivers.scanner.geometry import Quads
    from drivers.scanner.line_traces import LineTraces

CAMERA_IN = 400 / 25.4
"""The lens over the desk, inches; most document cameras stand 35 to 45 cm high. It only tells how much of the
sheet's width its slopes hide."""
GRID_PX = 8
"""The way of the pixels is computed for every eighth and drawn out between them."""
BESIDE = 0.06
"""How far from where the outline has it an edge of the paper is looked for, share of the height."""
EDGE_ROWS, EDGE_COLUMNS = 180, 80
"""Places looked at, across and along an edge."""
ROUNDS = 2
"""Rounds of looking for the edges: beyond the last letter the sheet is known by them alone, bit by bit."""
REACH = 6
"""Rows from desk to paper: a millimetre of A4."""
AROUND = 10
"""Rows by which the edge may bend yet: 2 mm of A4."""
EDGE_STEP = 6.0
"""Grey levels between paper and desk that make an edge."""
EDGE_SHARE = 0.7
"""Share of the columns that must show it."""


@dataclass(frozen=True, slots=True, eq=False)
class Uncurled:
    """A page made flat."""

    flat: NDArray[np.uint8]
    quad: Quads
    """Where the corners of the paper truly lie, pixels of the picture."""


@dataclass(frozen=True, slots=True, eq=False)
class _Edge:
    """The top or the bottom edge of the paper."""

    height: float
    """On the flat sheet."""
    x: Values
    """Where it was seen, shares of the outline's width."""
    y: Values
    """The same of its height."""


@dataclass(frozen=True, slots=True, eq=False)
class _Laid:
    """A bent sheet under an outline whose shares its lines and its shape are told in."""

    quad: Quads
    sheet: Sheet
    traces: LineTraces
    look: tuple[int, int]
    """Width and height in which the traces are told, pixels."""
    ends: tuple[float, float]
    """Heights of its top and its bottom."""


def uncurl(
    picture: NDArray[np.uint8], quad: Quads, size: PageFormat, white: NDArray[np.uint8]
) -> Uncurled | None:
    """Flatten a page that stands up from the desk; None where it lies flat, or its lines do not tell.

    Args:
        picture: (height, width, 3) uint8 BGR.
        quad: Corners of the page clockwise from top-left, pixels.
        size: What to flatten to.
        white: The page, flattened by its corners only and whitened.
    """
    traces, look, lies = _lines(white, size.dpi)
    if not lies:
        return _flattened(picture, quad, size, traces, look)
    lying = replace(size, width=size.height, height=size.width)
    found = _flattened(picture, np.roll(quad, -1, axis=0), lying, traces, look)
    return found and Uncurled(turn(found.flat, 3), np.roll(found.quad, 1, axis=0))


def is_straighter(white: NDArray[np.uint8], than: NDArray[np.uint8], dpi: int) -> bool:
    """Tell whether the lines of text on one page are clearly straighter than on another, both whitened."""
    after, before = (_lines(page, dpi) for page in (white, than))
    return unevenness_at_best(after[0], after[1]) < CLEARLY * unevenness_at_best(before[0], before[1])


def _lines(white: NDArray[np.uint8], dpi: int) -> tuple[LineTraces, tuple[int, int], bool]:
    """Return the lines of text, the width and height they are told in, and whether the page lies on its side.

    Then they are told in the page after one quarter turn counter-clockwise.
    """
    ink = without_rules(ink_of(white, dpi))
    height, width = ink.shape
    along = trace_lines(ink)
    if along.length >= LEAST_LENGTH:
        return along, (width, height), False
    down = trace_lines(turn(ink, 1))
    if down.length > along.length:
        return down, (height, width), True
    return along, (width, height), False


def _flattened(
    picture: NDArray[np.uint8], quad: Quads, size: PageFormat, traces: LineTraces, look: tuple[int, int]
) -> Uncurled | None:
    sheet = bent_sheet(traces, look)
    if sheet is None:
        return None
    laid = _Laid(quad=quad, sheet=sheet, traces=traces, look=look, ends=_ends(sheet))
    for _ in range(ROUNDS):
        laid = _with_true_corners(picture, laid)
    across, down = (_grid(side) / side for side in (size.width, size.height))
    top, bottom = laid.ends
    x = np.interp(across, *_seen_at(laid.sheet, size))
    columns, rows = (_drawn_out(plane, size) for plane in _in_picture(laid, x, top + (bottom - top) * down))
    flat = cv2.remap(picture, columns, rows, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    return Uncurled(np.asarray(flat, np.uint8), laid.quad)


def _with_true_corners(picture: NDArray[np.uint8], laid: _Laid) -> _Laid:
    """Return the sheet under the paper's own corners, and with its edges as lines, where they are seen."""
    edges = [_edge(picture, laid, near, outwards) for near, outwards in zip(laid.ends, (-1, 1), strict=True)]
    ends = [edge.height if edge else end for edge, end in zip(edges, laid.ends, strict=True)]
    x, y = _in_picture(laid, np.array([0.0, 1.0]), np.array(ends))
    quad = np.array(
        [[x[row, side], y[row, side]] for row, side in ((0, 0), (0, 1), (1, 1), (1, 0))], np.float32
    )
    between = np.linalg.inv(_way(quad)) @ _way(laid.quad)
    width, height = laid.look
    lines = laid.traces.x / width, laid.traces.y / height
    traces = replace(laid.traces, x=(moved := _moved(between, *lines))[0] * width, y=moved[1] * height)
    seen = [_moved(between, edge.x, edge.y) if edge else None for edge in edges]
    both = traces
    for along in filter(None, seen):
        both = both.with_line(along[0] * width, along[1] * height)
    sheet = fit_sheet(both, laid.look)
    heights = [
        float(np.median(sheet.heights(*along))) if along else end
        for along, end in zip(seen, _ends(sheet), strict=True)
    ]
    return replace(laid, quad=quad, sheet=sheet, traces=traces, ends=(heights[0], heights[1]))


def _moved(between: Values, x: Values, y: Values) -> tuple[Values, Values]:
    """Return where these shares of one outline lie in another."""
    ahead = [row[0] * x + row[1] * y + row[2] for row in between]
    return ahead[0] / ahead[2], ahead[1] / ahead[2]


def _edge(picture: NDArray[np.uint8], laid: _Laid, near: float, outwards: int) -> _Edge | None:
    """Find where the paper ends at its top or bottom; None where that cannot be seen.

    Args:
        picture: (height, width, 3) uint8 BGR.
        laid: The sheet as its lines tell it.
        near: At which height of the flat sheet the edge is looked for.
        outwards: -1 for the top, 1 for the bottom.
    """
    x = 0.01 + 0.98 * _middles(EDGE_COLUMNS)
    v = near + outwards * BESIDE * (1 - 2 * _middles(EDGE_ROWS))  # from the desk inwards
    columns, rows = (plane.astype(np.float32) for plane in _in_picture(laid, x, v))
    strip = cv2.remap(picture, columns, rows, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    grey = cv2.blur(cv2.cvtColor(strip, cv2.COLOR_BGR2GRAY).astype(np.float32), (1, 3))
    steps = grey[REACH:] - grey[:-REACH]
    usual = np.median(steps, axis=1)
    strong = np.flatnonzero(np.abs(usual) >= max(0.5 * float(np.abs(usual).max()), EDGE_STEP))
    if not len(strong):
        return None
    top = int(strong[0] + np.abs(usual[strong[0] : strong[0] + REACH]).argmax())
    around = slice(max(top - AROUND, 0), top + AROUND + 1)
    here = steps[around] * np.sign(usual[top])
    shown = here.max(axis=0) > EDGE_STEP
    if shown.mean() < EDGE_SHARE:
        return None
    found = around.start + here.argmax(axis=0)[shown] + REACH // 2
    b, n = laid.sheet.at(x[shown])
    return _Edge(height=float(v[top + REACH // 2]), x=x[shown], y=(v[found] - b) / n + 0.5)


def _ends(sheet: Sheet) -> tuple[float, float]:
    """Return the heights of the top and the bottom of the sheet: those of its corners."""
    b, n = sheet.at(np.array([0.0, 1.0]))
    return float((b - n / 2).mean()), float((b + n / 2).mean())


def _seen_at(sheet: Sheet, size: PageFormat) -> tuple[Values, Values]:
    """Return shares of the flat sheet's width, and at which share of the outline's width each is seen."""
    seen = np.linspace(0, 1, 200)
    near = sheet.at(seen)[1]
    near = near / np.interp(seen, [0, 1], near[[0, -1]])  # its left and right sides lie on the desk
    camera = CAMERA_IN * size.dpi / size.width
    across, rise = 0.5 + (seen - 0.5) * near, camera * (1 - near)
    way = np.concatenate([[0.0], np.cumsum(np.hypot(np.diff(across), np.diff(rise)))])
    return way / way[-1], seen


def _in_picture(laid: _Laid, x: Values, v: Values) -> tuple[Values, Values]:
    """Return where in the picture the sheet is seen at these shares across and these heights: two planes."""
    b, n = laid.sheet.at(x)
    y = (v[:, None] - b[None, :]) / n[None, :] + 0.5
    return _moved(_way(laid.quad), x[None, :], y)


def _grid(side: int) -> Values:
    """Return the places of the grid along a side of so many pixels, counted from its edge."""
    return np.asarray((np.arange(-(-side // GRID_PX)) + 0.5) * GRID_PX, np.float64)


def _drawn_out(plane: Values, size: PageFormat) -> NDArray[np.float32]:
    """Return for every pixel what is known on the grid."""
    full = (plane.shape[1] * GRID_PX, plane.shape[0] * GRID_PX)
    drawn = cv2.resize(plane.astype(np.float32), full, interpolation=cv2.INTER_LINEAR)
    return np.asarray(drawn[: size.height, : size.width], np.float32)


def _way(quad: Quads) -> Values:
    """Return the perspective from shares of the page to pixels of the picture."""
    unit = np.array([[0, 0], [1, 0], [1, 1], [0, 1]], np.float32)
    return np.asarray(cv2.getPerspectiveTransform(unit, quad.astype(np.float32)), np.float64)


def _middles(count: int) -> Values:
    """Return the middles of so many equal parts of 0 to 1."""
    return np.asarray((np.arange(count) + 0.5) / count, np.float64)
