"""Copies as poppler prints them: A4, grey, 300 dpi, everything in its true size."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from typing import TYPE_CHECKING

import cv2
import numpy as np
import pikepdf
import pytest

from drivers.scanner.photocopy import A4_PX, photocopy

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from drivers.ports import ScannedPage

MM_AT_300 = 300 / 25.4


def a_page(like: ScannedPage, width: int, height: int, dpi: int, level: int = 60) -> ScannedPage:
    """Return a page in one colour: red, so that grey is not its doing."""
    picture = np.full((height, width, 3), (level // 2, level // 2, level), np.uint8)
    jpeg = cv2.imencode(".jpg", picture)[1].tobytes()
    return replace(like, jpeg=jpeg, layers=None, width=width, height=height, dpi=dpi)


def printed(pages: tuple[ScannedPage, ...], folder: Path) -> list[NDArray[np.uint8]]:
    (folder / "copy.pdf").write_bytes(photocopy(pages))
    command = ["pdftoppm", "-r", "300", "-png", str(folder / "copy.pdf"), str(folder / "copy")]
    subprocess.run(command, check=True, timeout=60)
    shown = [cv2.imread(str(file)) for file in sorted(folder.glob("copy-*.png"))]
    return [np.asarray(one, np.uint8) for one in shown if one is not None]


def dark_mm(sheet: NDArray[np.uint8]) -> list[float]:
    """Return left, top, width and height of what is dark, millimetres."""
    rows, columns = np.where(sheet[..., 0] < 150)
    box = columns.min(), rows.min(), np.ptp(columns) + 1, np.ptp(rows) + 1
    return [float(value) / MM_AT_300 for value in box]


def test_each_sheet_is_a4_in_grey_at_300_dots(good_page: ScannedPage, tmp_path: Path) -> None:
    (tmp_path / "copy.pdf").write_bytes(photocopy((good_page,)))
    with pikepdf.open(tmp_path / "copy.pdf") as pdf:
        picture = pdf.pages[0].Resources.XObject.Page1
        assert (int(picture.Width), int(picture.Height)) == A4_PX
        assert str(picture.ColorSpace) == "/DeviceGray"
        size = [float(value) / 72 * 25.4 for value in pdf.pages[0].mediabox.as_list()[2:]]
    assert size == pytest.approx([210, 297], abs=0.1)
    (sheet,) = printed((good_page,), tmp_path)
    assert np.ptp(sheet, axis=2).max() == 0
    assert 0.02 < (sheet[..., 0] < 128).mean() < 0.3


@pytest.mark.parametrize(
    ("pixels", "dpi", "size"),
    [
        ((1165, 1654), 200, (148, 210)),  # A5
        ((1011, 638), 300, (85.6, 54)),  # a card
        ((2339, 1654), 200, (210, 297)),  # A4 lying: turned
        ((2362, 3307), 200, (210, 294)),  # larger than A4: made to fit
    ],
)
def test_papers_keep_their_size_where_they_can(
    good_page: ScannedPage, tmp_path: Path, pixels: tuple[int, int], dpi: int, size: tuple[float, float]
) -> None:
    (sheet,) = printed((a_page(good_page, *pixels, dpi),), tmp_path)
    left, top, width, height = dark_mm(sheet)
    assert (width, height) == pytest.approx(size, abs=0.6)
    assert left == pytest.approx((210 - width) / 2, abs=0.6)
    assert top == pytest.approx((297 - height) / 2, abs=0.6)


def test_both_sides_of_a_card_come_on_one_sheet(good_page: ScannedPage, tmp_path: Path) -> None:
    card = a_page(good_page, 1011, 638, 300)
    (sheet,) = printed((card, card), tmp_path)
    left, top, width, height = dark_mm(sheet)
    assert width == pytest.approx(85.6, abs=0.6)
    middle = sheet.shape[0] // 2
    assert sheet[middle - 50 : middle + 50].min() > 200
    assert height > 150
    assert (left, top) > (60, 40)
