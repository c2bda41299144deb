"""Reads picture files, and says clearly which one cannot be read and why."""

from __future__ import annotations

import stat
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
LEAST_PX, LEAST_PAPER_PX = 16, 100
"""No code is smaller, and no paper: at 200 dots an inch that is half an inch."""
MOST_ASPECT = 20
"""No paper or code is longer for its width; a till receipt of a metre is 13 times."""
JPEG_HEAD = b"\xff\xd8"
_TWO_VIEWS = "MPO"
"""A phone's JPEG that carries a small or second view beside the picture: the first is the picture."""
SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".bmp", ".tif", ".tiff", ".webp"})


def read_picture(path: Path) -> NDArray[np.uint8]:
    """Return the picture in a file, turned as its camera says, (height, width, 3) uint8 BGR.

    Args:
        path: A JPEG, PNG, BMP, TIFF or WebP file.

    Raises:
        PictureUnreadableError: The file is missing, no file, no picture, damaged, too large, too small, or of
            a shape that nothing has.
    """
    return _read(path, LEAST_PX)


def read_paper(path: Path) -> NDArray[np.uint8]:
    """Return the picture in a file as `read_picture`, where it is large enough for a paper to be in it.

    Args:
        path: A JPEG, PNG, BMP, TIFF or WebP file.

    Raises:
        PictureUnreadableError: As `read_picture`.
    """
    return _read(path, LEAST_PAPER_PX)


def is_sound_jpeg(raw: bytes) -> bool:
    """Tell whether a JPEG is whole: the one decoder that tells damage is qpdf's, 30 ms for 8 megapixels.

    All others fill a hole with what they guess and write a line to the terminal. Bytes after the picture are
    no damage: cheap cameras and phones send them.

    Args:
        raw: Begins with JPEG_HEAD.
    """
    from pikepdf import Name, PdfError, QpdfRuntimeError, StreamDecodeLevel, new

    with new() as book:
        stream = book.make_stream(raw, Filter=Name.DCTDecode)
        try:
            stream.get_stream_buffer(StreamDecodeLevel.all)
        except (PdfError, QpdfRuntimeError):
            return False
    return True


def _read(path: Path, least: int) -> NDArray[np.uint8]:
    try:
        _check_file(path)
        _check_size(path, _size_of(path), least)
        raw = path.read_bytes()
    except OSError as error:
        raise PictureUnreadableError(
            f"{path.name} cannot be opened ({error.strerror}). Check the name and the permissions."
        ) from error
    sound = not raw.startswith(JPEG_HEAD) or is_sound_jpeg(raw)
    picture = cv2.imdecode(np.frombuffer(raw, np.uint8), cv2.IMREAD_COLOR) if sound else None
    if picture is None:
        raise PictureUnreadableError(f"{path.name} is damaged. {PictureUnreadableError.next_step}")
    return np.asarray(picture, dtype=np.uint8)


def _check_file(path: Path) -> None:
    """Refuse what is no file: a pipe would be waited for, a device read for ever."""
    state = path.stat()
    if not stat.S_ISREG(state.st_mode):
        raise PictureUnreadableError(f"{path.name} is no file. {PictureUnreadableError.next_step}")
    if state.st_size > MOST_BYTES:
        raise PictureUnreadableError(f"{path.name} is larger than 64 MiB. {PictureUnreadableError.next_step}")


def _check_size(path: Path, size: tuple[int, int], least: int) -> None:
    width, height = size
    if width * height > MOST_PIXELS:
        raise PictureUnreadableError(
            f"{path.name} has {width} x {height} pixels. {PictureUnreadableError.next_step}"
        )
    if min(size) < least or max(size) > MOST_ASPECT * min(size):
        raise PictureUnreadableError(
            f"{path.name} has {width} x {height} pixels: too small or too narrow. Give the whole photo."
        )


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
