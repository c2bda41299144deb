"""What the simulated printer keeps until it is told to print it: a graphic (GS ( L) and a QR code (GS ( k).

Source: Epson ESC/POS command reference, GS ( L / GS 8 L functions 112 and 50, GS ( k functions 165 to 181.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PIL import Image

if TYPE_CHECKING:
    from collections.abc import Callable

_LEVELS: Final = {48: "l", 49: "m", 50: "q", 51: "h"}
_QR: Final = 49
_INVERT: Final = bytes(range(255, -1, -1))
_MOST_DOTS: Final = 2_000_000
"""A graphic larger than this is refused, as a printer without that much memory does."""


class Keeper:
    """Stored graphics and codes; `take` returns a picture (mode `1`, 0 is black) to be printed now."""

    def __init__(self) -> None:
        self._graphic: Image.Image | None = None
        self._module, self._level, self._text = 3, "l", b""
        self._functions: dict[tuple[int, int, int], Callable[[bytes], Image.Image | None]] = {
            (ord("L"), 48, 112): self._store_graphic,
            (ord("L"), 48, 50): self._print_graphic,
            (ord("L"), 48, 2): self._print_graphic,
            (ord("k"), _QR, 67): self._set_module,
            (ord("k"), _QR, 69): self._set_level,
            (ord("k"), _QR, 80): self._store_text,
            (ord("k"), _QR, 81): self._print_code,
        }

    def take(self, letter: int, body: bytes) -> Image.Image | None:
        """Take one command.

        Args:
            letter: `L` or `k`.
            body: What follows its length: a family, a function, parameters.
        """
        if len(body) < 2:  # noqa: PLR2004 - family and function
            return None
        function = self._functions.get((letter, body[0], body[1]))
        return None if function is None else function(body[2:])

    def _store_graphic(self, body: bytes) -> None:
        """Function 112: `a bx by c xL xH yL yH` and the rows; both scales double."""
        head, rows = body[:8], body[8:]
        width = int.from_bytes(head[4:6], "little")
        height = int.from_bytes(head[6:8], "little")
        self._graphic = None
        if not width or not height or width * height > _MOST_DOTS or len(rows) < (width + 7) // 8 * height:
            return
        picture = Image.frombytes("1", (width, height), rows.translate(_INVERT))
        scale = tuple(2 if size == 2 else 1 for size in head[1:3])  # noqa: PLR2004 - 1 or 2
        self._graphic = picture.resize((width * scale[0], height * scale[1]), Image.Resampling.NEAREST)

    def _print_graphic(self, _body: bytes) -> Image.Image | None:
        graphic, self._graphic = self._graphic, None
        return graphic

    def _set_module(self, body: bytes) -> None:
        self._module = min(max(body[0], 1), 16) if body else 3

    def _set_level(self, body: bytes) -> None:
        self._level = _LEVELS.get(body[0], "l") if body else "l"

    def _store_text(self, body: bytes) -> None:
        self._text = body[1:]

    def _print_code(self, _body: bytes) -> Image.Image | None:
        import segno

        if not self._text:
            return None
        try:
            code = segno.make(self._text, micro=False, error=self._level, boost_error=False)
        except segno.DataOverflowError:  # more than any code holds: a printer prints nothing
            return None
        size = len(code.matrix)
        packed = bytes(0 if dark else 255 for row in code.matrix for dark in row)
        side = size * self._module
        picture = Image.frombytes("L", (size, size), packed).resize((side, side), Image.Resampling.NEAREST)
        return picture.convert("1", dither=Image.Dither.NONE)
