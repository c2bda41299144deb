"""How a page is kept: ink on paper, or a JPEG. What a reader shows is asked of poppler, not of us."""

from __future__ import annotations

import struct
import subprocess
from dataclasses import replace
from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest
from PIL import Image

from benchmarks.printed_pages import printed_page
from benchmarks.reading import lost, read
from drivers.scanner.enhance import background, whiten
from drivers.scanner.jpeg import LESSER_QUALITIES, MOST_BYTES, MOST_ERROR, ink_error, pack, to_jpeg
from drivers.scanner.layers import INK_SCALE, is_blank, split, to_group4
from drivers.scanner.packing import pack_page
from drivers.scanner.pdf import bind

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from drivers.ports import ScannedPage

    Picture = NDArray[np.uint8]

STAMP, SIGNATURE = (slice(1850, 2150), slice(860, 1130)), (slice(1930, 2040), slice(1190, 1340))


@pytest.fixture(scope="module")
def white(certificate: Picture) -> Picture:
    return whiten(certificate, background(certificate))


@pytest.fixture(scope="module")
def noisy(white: Picture) -> Picture:
    grain = np.random.default_rng(2).normal(0, 14, white.shape)
    return np.clip(white - 20 + grain, 0, 235).astype(np.uint8)


def a_photograph(height: int, width: int) -> Picture:
    """Draw something with shades everywhere, as a portrait has."""
    down, across = np.mgrid[:height, :width] / 40
    face = 120 + 60 * np.sin(down) + 50 * np.cos(across + down / 2)
    return np.asarray(np.clip(np.dstack([face * 0.7, face * 0.8, face]), 0, 255), np.uint8)


def as_poppler_shows(page: ScannedPage, tmp_path: Path, *, scale: float = 1.0) -> Picture:
    """Let pdftoppm draw the PDF of a page at its own resolution, or one so much finer."""
    (tmp_path / "page.pdf").write_bytes(bind((page,), title="Giấy tờ"))
    files = [str(tmp_path / "page.pdf"), str(tmp_path / "page")]
    asked = ["pdftoppm", "-r", str(round(page.dpi * scale)), "-singlefile", "-png", *files]
    subprocess.run(asked, check=True, timeout=60)
    shown = cv2.imread(str(tmp_path / "page.png"))
    assert shown is not None
    return np.asarray(shown, np.uint8)[: round(page.height * scale), : round(page.width * scale)]


def in_layers(page: ScannedPage, picture: Picture) -> ScannedPage:
    jpeg, layers = pack_page(picture)
    return replace(page, jpeg=jpeg, layers=layers)


def strokes_of(picture: Picture) -> Picture:
    """Return the colours of what is drawn strongly, one a row."""
    pixels = picture.reshape(-1, 3)
    return np.asarray(pixels[pixels.min(axis=1) < 110], np.uint8)


def test_a_page_in_layers_shows_the_same(good_page: ScannedPage, white: Picture, tmp_path: Path) -> None:
    page = in_layers(good_page, white)
    assert page.layers is not None
    shown = as_poppler_shows(page, tmp_path)
    assert shown.shape == white.shape
    far = [cv2.GaussianBlur(picture, (0, 0), 4).astype(int) for picture in (shown, white)]
    assert np.abs(far[0] - far[1]).mean() < 1.7
    assert np.percentile(np.abs(far[0] - far[1]), 99.5) < 25


def test_stamp_and_signature_keep_their_colours(
    good_page: ScannedPage, white: Picture, tmp_path: Path
) -> None:
    shown = as_poppler_shows(in_layers(good_page, white), tmp_path)
    for place, channel in ((STAMP, 2), (SIGNATURE, 0)):
        drawn, before = strokes_of(shown[place]), strokes_of(white[place])
        assert abs(len(drawn) - len(before)) < 0.2 * len(before)
        others = [other for other in range(3) if other != channel]
        most = drawn[:, channel].astype(int) - drawn[:, others].max(axis=1)
        assert np.median(most) > 60
        assert np.abs(np.median(drawn, axis=0) - np.median(before, axis=0)).max() < 35


def test_a_page_of_black_print_is_one_bit_deep(good_page: ScannedPage, tmp_path: Path) -> None:
    print_only = np.full((2339, 1654, 3), 255, np.uint8)
    font, dark = cv2.FONT_HERSHEY_SIMPLEX, (30, 30, 30)
    for row in range(200, 2200, 60):
        cv2.putText(print_only, "GIAY CHUNG NHAN 0123456789", (150, row), font, 1.2, dark, 3)
    page = in_layers(good_page, print_only)
    assert page.layers is not None
    assert (page.layers.colours, page.layers.paper) == (b"", b"")
    assert len(page.layers.ink) < 40 * 1024
    shown = as_poppler_shows(page, tmp_path)
    assert set(np.unique(as_poppler_shows(page, tmp_path, scale=INK_SCALE))) == {0, 255}
    agree = (shown[..., 0] < 128) == (print_only[..., 0] < 128)
    assert agree.mean() > 0.985


def test_a_faint_line_is_not_lost(good_page: ScannedPage, tmp_path: Path) -> None:
    lined = np.full((2339, 1654, 3), 255, np.uint8)
    cv2.line(lined, (200, 1000), (1400, 1000), (205, 205, 205), 2)
    shown = as_poppler_shows(in_layers(good_page, lined), tmp_path)
    assert shown[994:1007, 400:1200].min(axis=0).max() < 235


def pale(picture: Picture, step: int) -> Picture:
    """Print a page in ink so many grey levels under its paper, black being 255."""
    return np.asarray(np.rint(255 - (255 - picture.astype(np.float32)) * step / 255), np.uint8)


@pytest.mark.parametrize("step", [70, 40])
def test_pale_print_stays_legible(good_page: ScannedPage, tmp_path: Path, step: int) -> None:
    printed, told = printed_page(3)
    page = in_layers(good_page, pale(printed, step))
    assert page.layers is not None
    assert lost(read(as_poppler_shows(page, tmp_path)), told) < 0.04


@pytest.mark.parametrize("step", [60, 30, 15])
def test_a_pencil_remark_is_no_blank_side(good_page: ScannedPage, step: int) -> None:
    remark = np.full((2339, 1654, 3), 255, np.uint8)
    assert is_blank(in_layers(good_page, remark))
    remark[300:420] = pale(printed_page(3)[0][300:420], step)
    assert not is_blank(in_layers(good_page, remark))


@pytest.mark.parametrize("size", [(315, 236), (472, 354), (2339, 1654)])
def test_a_photograph_on_the_page_keeps_it_a_jpeg(white: Picture, size: tuple[int, int]) -> None:
    page = white.copy()
    page[: size[0], : size[1]] = a_photograph(*size)
    jpeg, layers = pack_page(page)
    assert layers is None
    assert ink_error(page, jpeg) <= MOST_ERROR or len(jpeg) > MOST_BYTES * 0.8


def test_layers_are_never_heavier_than_the_jpeg(noisy: Picture) -> None:
    """A halftone of single dots is what Group 4 is worst at."""
    dots = np.where(np.random.default_rng(3).random(noisy.shape[:2]) < 0.35, 20, 255).astype(np.uint8)
    halftone = cv2.GaussianBlur(cv2.merge([dots] * 3), (0, 0), 1.1)
    for page in (noisy, np.asarray(halftone, np.uint8)):
        jpeg, layers = pack_page(page)
        assert layers is None or layers.size < len(jpeg)


def test_a_blank_page_is_nearly_nothing() -> None:
    layers = split(np.full((2339, 1654, 3), 255, np.uint8))
    assert layers is not None
    assert len(layers.ink) < 600
    assert (layers.colours, layers.paper) == (b"", b"")


def test_the_mask_is_what_another_reader_takes_it_for(tmp_path: Path) -> None:
    """Written as a TIFF around our stream, libtiff gives the mask back, bit for bit."""
    mask = (np.random.default_rng(4).random((97, 131)) > 0.7).astype(np.uint8)
    raw = to_group4(mask)
    tags = [
        (256, 131),
        (257, 97),
        (258, 1),
        (259, 4),
        (262, 0),
        (273, 8),
        (277, 1),
        (278, 97),
        (279, len(raw)),
    ]
    directory = struct.pack("<H", len(tags)) + b"".join(
        struct.pack("<HHII", t, 4, 1, value) for t, value in tags
    )
    whole = b"II*\0" + (8 + len(raw)).to_bytes(4, "little") + raw + directory + bytes(4)
    (tmp_path / "mask.tif").write_bytes(whole)
    with Image.open(tmp_path / "mask.tif") as read:
        assert np.array_equal(np.asarray(read.convert("L")) == 0, mask > 0)


def test_a_heavy_page_is_packed_harder_and_a_light_one_truly(white: Picture, noisy: Picture) -> None:
    half = noisy.copy()
    half[: len(half) // 2] = white[: len(white) // 2]
    packed = pack(half)
    lightest = to_jpeg(half, LESSER_QUALITIES[-1], grey=False)
    assert len(packed) <= MOST_BYTES or packed == lightest
    light = white.copy()
    light[400:1700] = 255
    light = np.asarray(cv2.GaussianBlur(light, (0, 0), 1.0), np.uint8)  # as sharp as a camera sees it
    assert ink_error(light, pack(light)) <= MOST_ERROR


def test_only_a_page_without_colour_is_packed_grey(white: Picture) -> None:
    grey = np.repeat(white.mean(axis=2, keepdims=True), 3, axis=2).astype(np.uint8)
    for page, axes in ((white, 3), (grey, 2)):
        shown = cv2.imdecode(np.frombuffer(pack(page), np.uint8), cv2.IMREAD_UNCHANGED)
        assert shown is not None
        assert shown.ndim == axes


def test_accents_of_small_print_survive_one_bit_a_pixel(good_page: ScannedPage, tmp_path: Path) -> None:
    """With the mask at the page's own resolution tesseract lost 3 letters of 100, mostly accents."""
    paper, told = printed_page(0)
    page = cv2.resize(paper, (1654, 2339), interpolation=cv2.INTER_AREA)
    kept = in_layers(good_page, np.asarray(page, np.uint8))
    assert kept.layers is not None
    assert kept.layers.size < 60 * 1024
    assert lost(read(as_poppler_shows(kept, tmp_path)), told) < 0.005
