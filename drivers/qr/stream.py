"""Reads codes in a stream of frames with a bounded effort a frame, remembering between frames.

One frame read in every way costs a tenth of a second on the old PC; ten frames of a moving hand come in the
same time, each a new chance. So each frame gets the cheap look and a few of the dear ways, where the code was
last seen, and the next frame goes on with the ways after those. While no code has shown, only every second
frame gets one dear way, where edges are dense: a page of text in view must not cost half a core.
Source: SCAN.md, "A stream has many frames: several cheap tries on newest frames beat one dear try".
"""

from __future__ import annotations

from itertools import cycle, islice
from typing import TYPE_CHECKING

from drivers.qr.decoder import SECOND_OPINION, WAYS, around, moved, read_bars, read_in, read_plainly, to_grey
from drivers.qr.places import dense_places

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
        if not codes:
            places = self._places(grey, [around(corners, grey.shape) for corners in unread])
            codes = self._dearly(grey, places, WAYS_A_FRAME if self._place else self._looks % 2)
        return [moved(code, 1 / shrink, (0.0, 0.0)) for code in codes]

    def forget(self) -> None:
        """Forget where the last code was."""
        self._place = None

    def _places(self, grey: NDArray[np.uint8], seen: list[Place]) -> list[Place]:
        """Return where to look: where a code shows, else where it last showed, else where edges are dense."""
        if seen:
            self._place, self._age = seen[0], 0
            return seen + dense_places(grey)[:1]
        self._age += 1
        if self._place is None or self._age > REMEMBERED:
            self._place = None
            return dense_places(grey)[:1]
        left, top, right, bottom = self._place
        inside = right <= grey.shape[1] and bottom <= grey.shape[0]
        return [(left, top, right, bottom), *dense_places(grey)[:1]] if inside else dense_places(grey)

    def _dearly(self, grey: NDArray[np.uint8], places: list[Place], most: int) -> list[Code]:
        for way, second_opinion in islice(self._ways, most if places else 0):
            for place in places:
                codes = read_in(grey, place, way, second_opinion=second_opinion)
                if codes:
                    return codes
        return []
