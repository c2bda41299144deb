"""Bent pages: the sheet found from lines, on numbers and on drawn papers; and flat pages, which stay."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.scanner.curl import bent_sheet, fit_sheet, unevenness, unevenness_at_best
from drivers.scanner.enhance import PageFormat, background, page_format, whiten
from drivers.scanner.flat_page import lay_flat
from drivers.scanner.line_traces import LineTraces, trace_lines
from drivers.scanner.page_finder import search
from drivers.scanner.page_maker import DocumentPageMaker
from drivers.scanner.text_lines import ink_of, without_rules
from drivers.scanner.uncurl import uncurl
from drivers.simulated.scanner.bent import Bend, Shape
from drivers.simulated.scanner.desk import Pose, Scene, photograph
from drivers.simulated.scanner.papers import residence_confirmation

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from drivers.scanner.geometry import Quads

LOOK = (827, 1169)
"""A4 at 100 dots an inch."""
POSE = Pose(height=0.76, turn_deg=2, lean=0.03)


def traces_of(rise: NDArray[np.float64], *, lines: int = 24, noise: float = 0.3, seed: int = 0) -> LineTraces:
    """Draw lines of text on a sheet that stands up, as a camera straight over its middle sees them.

    Args:
        rise: How high the sheet stands over the desk, evenly across the page, shares of the camera's height.
        lines: How many, evenly down the page.
        noise: Distance of points from their line, pixels.
        seed: Of the noise, and of how long each line is.
    """
    chance = np.random.default_rng(seed)
    xs, ys, numbers = [], [], []
    for number, v in enumerate(np.linspace(-0.42, 0.42, lines)):
        x = np.arange(0.1, chance.uniform(0.5, 0.9), 0.008)
        y = v / (1 - np.interp(x, np.linspace(0, 1, len(rise)), rise))
        xs.append(x * LOOK[0])
        ys.append((y + 0.5) * LOOK[1] + chance.normal(0, noise, len(x)))
        numbers.append(np.full(len(x), number))
    return LineTraces(x=np.concatenate(xs), y=np.concatenate(ys), line=np.concatenate(numbers))


@given(
    spine=st.booleans(),
    rise=st.floats(0.012, 0.045),
    peak=st.floats(0.25, 0.6),
    seed=st.integers(0, 9999),
)
@settings(deadline=None, max_examples=25)
def test_lines_of_a_bent_sheet_become_straight(spine: bool, rise: float, peak: float, seed: int) -> None:  # noqa: FBT001 - drawn by hypothesis
    share = np.linspace(0, 1, 101)
    bump = np.interp(share, [0, peak, 1], [0, 1, 0])
    heights = rise * np.convolve(np.pad(bump, 10, mode="edge"), np.ones(21) / 21, mode="valid")
    traces = traces_of(heights[::-1] if spine else heights, seed=seed)
    before = unevenness_at_best(traces, LOOK)
    sheet = fit_sheet(traces, LOOK)
    assert unevenness(traces, LOOK, sheet) < 0.35  # the noise alone makes 0.25
    if before > 0.6:
        assert bent_sheet(traces, LOOK) is not None


@given(seed=st.integers(0, 9999), noise=st.floats(0, 1.2), turn=st.floats(-0.1, 0.1))
@settings(deadline=None, max_examples=25)
def test_a_flat_sheet_is_flat_however_uneven_its_letters_and_crooked_its_text(
    seed: int, noise: float, turn: float
) -> None:
    flat = traces_of(np.zeros(2), noise=noise, seed=seed)
    crooked = replace(flat, y=flat.y + turn * flat.x)
    assert bent_sheet(crooked, LOOK) is None


def test_lines_that_bend_each_for_itself_are_no_sheet() -> None:
    """Handwriting without rules waves; no sheet makes it straight, and it must stay as it was written."""
    flat = traces_of(np.zeros(2))
    chance = np.random.default_rng(5)
    waves = chance.uniform(-4, 4, (flat.count, 3))
    x = flat.x / LOOK[0]
    own = sum(waves[flat.line, index] * np.sin((index + 1) * np.pi * x) for index in range(3))
    written = replace(flat, y=flat.y + own)
    assert unevenness_at_best(written, LOOK) > 1
    assert bent_sheet(written, LOOK) is None


def test_three_lines_tell_nothing() -> None:
    heights = 0.04 * np.sin(np.linspace(0, np.pi, 50)) ** 2
    assert bent_sheet(traces_of(heights, lines=3), LOOK) is None
    assert bent_sheet(traces_of(heights, lines=24), LOOK) is not None


def stray(white: NDArray[np.uint8]) -> float:
    ink = without_rules(ink_of(white, 200))
    return unevenness_at_best(trace_lines(ink), (ink.shape[1], ink.shape[0]))


def rims(white: NDArray[np.uint8]) -> float:
    """Return the share of the page's outer 3 mm that is not paper."""
    inner = np.zeros(white.shape[:2], bool)
    inner[24:-24, 24:-24] = True
    return float((white.min(axis=2)[~inner] < 160).mean())


@cache
def seen(shape: Shape | None) -> tuple[NDArray[np.uint8], Quads]:
    """Photograph a paper that stands up 12 mm, or lies flat, and find it."""
    bend = Bend(rise_mm=12, shape=shape) if shape else None
    photo = photograph(Scene(poses=(POSE,), bend=bend, seed=4), (residence_confirmation(),))
    return photo, np.array(search(photo).outline.corners, np.float32)


def laid(shape: Shape | None, *, uncurls: bool, size: PageFormat | None = None) -> NDArray[np.uint8]:
    """Lay that paper flat."""
    photo, quad = seen(shape)
    return lay_flat(photo, quad, size or page_format(quad), whole=False, uncurls=uncurls).white


@pytest.mark.parametrize("shape", list(Shape))
def test_a_bent_page_is_made_flat_to_its_edges(confirmation: NDArray[np.uint8], shape: Shape) -> None:
    before, after = (laid(shape, uncurls=way) for way in (False, True))
    own = stray(whiten(confirmation, background(confirmation)))
    assert stray(before) > 1.3 * own
    assert stray(after) < 1.1 * own
    assert rims(after) < 0.003
    # letters stand where they stand on the paper: within a millimetre down, and two across the steep spine
    window = cv2.createHanningWindow((400, 200), cv2.CV_32F)
    drawn = cv2.cvtColor(whiten(confirmation, background(confirmation)), cv2.COLOR_BGR2GRAY)
    made = cv2.cvtColor(after, cv2.COLOR_BGR2GRAY)
    for top in (100, 900, 1600):
        for left in (200, 1000):
            place = (slice(top, top + 200), slice(left, left + 400))
            if (drawn[place] < 128).mean() < 0.02:
                continue
            (across, down), _ = cv2.phaseCorrelate(
                drawn[place].astype(np.float32), made[place].astype(np.float32), window
            )
            assert abs(down) < 8
            assert abs(across) < 24


def test_a_bent_page_may_lie_on_its_side(confirmation: NDArray[np.uint8]) -> None:
    pose = replace(POSE, height=0.6, turn_deg=91.0)
    photo = photograph(
        Scene(poses=(pose,), bend=Bend(rise_mm=12, shape=Shape.FOLDED), seed=4), (confirmation,)
    )
    page = DocumentPageMaker().make_page(photo)
    white = cv2.imdecode(np.frombuffer(page.jpeg, np.uint8), cv2.IMREAD_COLOR)
    own = stray(whiten(confirmation, background(confirmation)))
    assert stray(np.asarray(white, np.uint8)) < 1.15 * own


def test_a_flat_page_stays_as_it_is_to_the_byte() -> None:
    assert np.array_equal(laid(None, uncurls=True), laid(None, uncurls=False))


def test_papers_without_lines_stay_as_they_are() -> None:
    chance = np.random.default_rng(1)
    rough = chance.integers(0, 255, (40, 28, 3)).astype(np.uint8)
    photo = np.asarray(cv2.resize(rough, (1654, 2339), interpolation=cv2.INTER_CUBIC), np.uint8)
    blank = np.full((2339, 1654, 3), 250, np.uint8)
    corners = np.array([[0, 0], [1654, 0], [1654, 2339], [0, 2339]], np.float32)
    for picture in (photo, blank):
        assert uncurl(picture, corners, page_format(corners), picture) is None


def test_the_waves_printed_on_a_card_are_no_bend() -> None:
    """What would count as a bent sheet of paper is printed so on a card."""
    card = PageFormat(width=638, height=1011, dpi=300)
    sheet = PageFormat(width=1240, height=1754, dpi=150)
    for size, kept in ((card, True), (sheet, False)):
        plain, mended = (laid(Shape.FOLDED, uncurls=way, size=size) for way in (False, True))
        assert np.array_equal(plain, mended) is kept
