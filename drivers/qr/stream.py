"""Reads codes in a stream of frames with a bounded effort a frame, remembering between frames.

One frame read in every way costs a tenth of a second on the old PC; ten frames of a moving hand come in the
same time, each a new chance. So each frame gets the cheap look and a few of the dear ways, where the code was
last seen, and the next frame goes on with the ways after those. While no code has shown, only every second
frame gets one dear way, where edges are dense: a page of text in view must not cost half a core. A code that
was read does not end the search: it is painted over, and what is left gets the same bounded effort.
Source: SCAN.md, "A stream has many frames: several cheap tries on newest frames beat one dear try".
"""

from __future__ import annotations

from itertools import cycle, islice
from typing import TYPE_CHECKING

from drivers.qr.decoder import (
    BESIDE_EDGES,
    SECOND_OPINION,
    WAYS,
    around,
    is_covered,
    moved,
    read_bars,
    read_in,
    read_plainly,
    to_grey,
    unknown,
    without,
)
from drivers.qr.places import LEAST_EDGES, dense_places

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from drivers.qr.decoder import Code
    from drivers.qr.places import Place

WAYS_A_FRAME = 2
"""Dear ways tried on one frame: with all seven, four frames have tried everything once."""
BARS_EVERY = 4
"""Bar codes are looked for in one frame of so many: they cost five times a QR code and are rarely shown."""
REMEMBERED = 8
"""Frames for which a code is looked for where it was last seen: half a second."""


class CodeStream:
    """Looks at one frame after the other. Keeps no picture, only a place and where in the ways it is."""

    def __init__(self) -> None:
        ways = [(way, False) for way in WAYS]
        ways.insert(3, (SECOND_OPINION, True))
        self._ways = cycle(ways)
        self._place: Place | None = None
        self._age = 0
        self._looks = 0

    def look(self, frame: NDArray[np.uint8]) -> list[Code]:
        """Return the codes read in this frame, with their places in it; often none, so show it the next.

        Args:
            frame: (height, width, 3) uint8 BGR or (height, width) uint8 grey.
        """
        grey, shrink = to_grey(frame)
        codes, unread = read_plainly(grey)
        if self._looks % BARS_EVERY == 0:
            codes += read_bars(grey)
        self._looks += 1
        left = without(grey, codes)
        seen = [around(corners, grey.shape) for corners in unread if not is_covered(corners, codes)]
        codes += self._dearly(left, *self._places(left, seen, codes), codes)
        return [moved(code, 1 / shrink, (0.0, 0.0)) for code in codes]

    def forget(self) -> None:
        """Forget where the last code was."""
        self._place = None

    def _places(
        self, grey: NDArray[np.uint8], seen: list[Place], codes: list[Code]
    ) -> tuple[list[Place], int]:
        """Return where to look, and in how many ways.

        Where an unread code shows, else where it last showed, and where edges are dense.
        """
        if seen:
            self._place, self._age = seen[0], 0
            return seen + self._dense(grey, codes), WAYS_A_FRAME
        place = self._last_seen(grey.shape, codes)
        if place:
            return [place, *self._dense(grey, codes)], WAYS_A_FRAME
        ways = self._looks % 2
        return (self._dense(grey, codes) if ways else []), ways

    def _last_seen(self, shape: tuple[int, ...], codes: list[Code]) -> Place | None:
        """Return where an unread code last showed; None where it is forgotten or has just been read."""
        if self._place is None:
            return None
        left, top, right, bottom = self._place
        if is_covered([(left, top), (right, bottom)], codes):
            return None
        self._age += 1
        if self._age > REMEMBERED or right > shape[1] or bottom > shape[0]:
            self._place = None
        return self._place

    def _dense(self, grey: NDArray[np.uint8], codes: list[Code]) -> list[Place]:
        return dense_places(grey, least=BESIDE_EDGES if codes else LEAST_EDGES)[:1]

    def _dearly(
        self, grey: NDArray[np.uint8], places: list[Place], most: int, known: list[Code]
    ) -> list[Code]:
        """Return what so many dear ways read at these places; a place that gave its code is left alone."""
        found: list[Code] = []
        for way, second_opinion in islice(self._ways, most if places else 0):
            for place in tuple(places):
                codes = unknown(read_in(grey, place, way, second_opinion=second_opinion), known + found)
                if codes:
                    found += codes
                    places.remove(place)
        return found
