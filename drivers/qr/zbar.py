"""QR codes through libzbar, as raw bytes.

pyzbar's own `decode` cannot ask for binary mode, so its `wrapper` is driven here: without it libzbar guesses
an encoding and damages Vietnamese.
"""

from __future__ import annotations

import ctypes
from typing import TYPE_CHECKING

from pyzbar import wrapper

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np
    from numpy.typing import NDArray

    from drivers.ports import Corner

    Found = tuple[bytes, tuple[Corner, Corner, Corner, Corner]]

QRCODE = 64
"""`zbar_symbol_type_t`."""
CFG_ENABLE = 0
CFG_BINARY = 4
"""`zbar_config_t`: give the bytes as they are. libzbar 0.23 and later; pyzbar does not name it."""
Y800 = int.from_bytes(b"Y800", "little")
"""Grey, 8 bits a pixel."""
CORNERS = (0, 3, 2, 1)
"""libzbar goes counter-clockwise from top-left."""


def read_qr(grey: NDArray[np.uint8]) -> list[Found]:
    """Return bytes and corners, clockwise from the code's top-left, of each QR code.

    Args:
        grey: (height, width) uint8.
    """
    scanner = wrapper.zbar_image_scanner_create()
    image = wrapper.zbar_image_create()
    try:
        wrapper.zbar_image_scanner_set_config(scanner, 0, CFG_ENABLE, 0)
        wrapper.zbar_image_scanner_set_config(scanner, QRCODE, CFG_ENABLE, 1)
        wrapper.zbar_image_scanner_set_config(scanner, QRCODE, CFG_BINARY, 1)
        grey_bytes = grey.tobytes()
        pixels = ctypes.c_char_p(grey_bytes)  # must live as long as the image
        wrapper.zbar_image_set_format(image, Y800)
        wrapper.zbar_image_set_size(image, grey.shape[1], grey.shape[0])
        wrapper.zbar_image_set_data(image, ctypes.cast(pixels, ctypes.c_void_p), len(grey_bytes), None)
        wrapper.zbar_scan_image(scanner, image)
        return list(_symbols(image))
    finally:
        wrapper.zbar_image_destroy(image)
        wrapper.zbar_image_scanner_destroy(scanner)


def _symbols(image: object) -> Iterator[Found]:
    symbol = wrapper.zbar_image_first_symbol(image)
    while symbol:
        if wrapper.zbar_symbol_get_loc_size(symbol) >= len(CORNERS):
            length = wrapper.zbar_symbol_get_data_length(symbol)
            raw = ctypes.string_at(wrapper.zbar_symbol_get_data(symbol), length)
            first, second, third, fourth = (_corner(symbol, index) for index in CORNERS)
            yield raw, (first, second, third, fourth)
        symbol = wrapper.zbar_symbol_next(symbol)


def _corner(symbol: object, index: int) -> Corner:
    x = float(wrapper.zbar_symbol_get_loc_x(symbol, index))
    return x, float(wrapper.zbar_symbol_get_loc_y(symbol, index))
