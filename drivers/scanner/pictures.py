"""Reads picture files, and says clearly which one cannot be read and why."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

import cv2
import numpy as np
from PIL import Image, UnidentifiedImageError

from drivers.errors import PictureUnreadableError

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

MOST_PIXELS = 50_000_000
MOST_BYTES = 64 * 1024 * 1024
_TWO_VIEWS = "MPO"
"""A phone's JPEG that carries a small or second view beside the picture: the first is the picture."""
SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".bmp", ".tif", ".tiff", ".webp"})


def read_picture(path: Path) -> NDArray[np.uint8]:
    """Return the picture in a file, turned as its camera says, (height, width, 3) uint8 BGR.

    Args:
        path: A JPEG, PNG, BMP, TIFF or WebP file.

    Raises:
        PictureUnreadableError: The file is missing, not a picture, damaged, or too large.
    """
    try:
        if path.stat().st_size > MOST_BYTES:
            raise PictureUnreadableError(
                f"{path.name} is larger than 64 MiB. {PictureUnreadableError.next_step}"
            )
        width, height = _size_of(path)
        if width * height > MOST_PIXELS:
            raise PictureUnreadableError(
                f"{path.name} has {width} x {height} pixels. {PictureUnreadableError.next_step}"
            )
        raw = path.read_bytes()
    except OSError as error:
        raise PictureUnreadableError(
            f"{path.name} cannot be opened ({error.strerror}). Check the name and the permissions."
        ) from error
    picture = cv2.imdecode(np.frombuffer(raw, np.uint8), cv2.IMREAD_COLOR)
    if picture is None:
        raise PictureUnreadableError(f"{path.name} is damaged. {PictureUnreadableError.next_step}")
    return np.asarray(picture, dtype=np.uint8)


def _size_of(path: Path) -> tuple[int, int]:
    """Return width and height from the header, before a single pixel is decoded.

    Pillow's warnings about strange headers would go to the terminal; the error says what cannot be read.
    """
    try:
        with path.open("rb") as file, warnings.catch_warnings(action="ignore"), Image.open(file) as picture:
            if picture.format != _TWO_VIEWS and getattr(picture, "n_frames", 1) > 1:
                raise PictureUnreadableError(
                    f"{path.name} holds several pictures. Save each page as a file of its own."
                )
            return picture.size
    except (FileNotFoundError, IsADirectoryError, PermissionError):
        raise
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError) as error:
        raise PictureUnreadableError(
            f"{path.name} is not a picture. {PictureUnreadableError.next_step}"
        ) from error
    except Image.DecompressionBombError as error:
        raise PictureUnreadableError(
            f"{path.name} is too large. {PictureUnreadableError.next_step}"
        ) from error


def shrink_to(picture: NDArray[np.uint8], height: int) -> NDArray[np.uint8]:
    """Return the picture at most `height` pixels high."""
    if picture.shape[0] <= height:
        return picture
    scale = height / picture.shape[0]
    return np.asarray(
        cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), dtype=np.uint8
    )
