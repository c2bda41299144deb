"""Black dots on white paper, packed as thermal printers want them."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.Image import Image

_INVERT = bytes(range(255, -1, -1))


@dataclass(frozen=True, slots=True, kw_only=True)
class Raster:
    """A picture of `width` x `height` dots; `rows` holds 8 dots a byte, leftmost in bit 7, 1 is black.

    Bits right of `width` in the last byte of a row are 0.
    """

    width: int
    height: int
    rows: bytes = field(repr=False)

    def __post_init__(self) -> None:
        """Refuse rows that do not fill the picture: a bug in the caller, never data."""
        if self.width < 1 or self.height < 0 or len(self.rows) != self.row_bytes * self.height:
            raise ValueError(f"{len(self.rows)} bytes do not make {self.width} x {self.height} dots")

    @property
    def row_bytes(self) -> int:
        """Bytes in one row."""
        return (self.width + 7) // 8

    def row(self, y: int) -> bytes:
        """Return the packed dots of row `y`, counted from the top."""
        return self.rows[y * self.row_bytes : (y + 1) * self.row_bytes]

    def image(self) -> Image:
        """Return the picture as a Pillow image, mode `1`, white 255."""
        from PIL import Image

        if self.height == 0:
            return Image.new("1", (self.width, 0), 1)
        return Image.frombytes("1", (self.width, self.height), self.rows.translate(_INVERT))

    def png(self, *, dpi: int = 203) -> bytes:
        """Return the picture as a PNG file that knows its size on paper."""
        held = io.BytesIO()
        self.image().save(held, format="PNG", dpi=(dpi, dpi))
        return held.getvalue()


def from_image(image: Image) -> Raster:
    """Pack a mode `1` Pillow image (white 255) into rows."""
    if image.mode != "1":
        raise ValueError(f"a raster is made from a mode 1 image, not {image.mode}")
    packed = bytearray(image.tobytes().translate(_INVERT))
    spare = -image.width % 8
    if spare:
        stride = (image.width + 7) // 8
        keep = 0xFF & ~((1 << spare) - 1)
        for at in range(stride - 1, len(packed), stride):
            packed[at] &= keep
    return Raster(width=image.width, height=image.height, rows=bytes(packed))
