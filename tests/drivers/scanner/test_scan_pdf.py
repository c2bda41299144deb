from __future__ import annotations

import io
from dataclasses import replace
from typing import TYPE_CHECKING

import cv2
import numpy as np
import pikepdf
import pytest

from drivers.ports import Outline, ScannedPage
from drivers.scanner.page_maker import DocumentPageMaker
from drivers.scanner.pdf import bind

if TYPE_CHECKING:
    from collections.abc import Iterator

MM_PER_POINT = 25.4 / 72


def a_card(grey: int = 180) -> ScannedPage:
    jpeg = cv2.imencode(".jpg", np.full((638, 1011, 3), grey, np.uint8))[1].tobytes()
    return ScannedPage(
        jpeg=jpeg, width=1011, height=638, dpi=300, outline=Outline(found=True), sharpness=2.0, glare=0.0
    )


@pytest.fixture
def bound(good_page: ScannedPage) -> Iterator[pikepdf.Pdf]:
    whole = DocumentPageMaker().make_pdf((good_page, a_card()), title="Giấy khai sinh")
    with pikepdf.open(io.BytesIO(whole)) as pdf:
        yield pdf


def test_pages_are_in_order_and_true_to_half_a_millimetre(bound: pikepdf.Pdf) -> None:
    sizes = [
        tuple(float(value) * MM_PER_POINT for value in page.mediabox.as_list()[2:]) for page in bound.pages
    ]
    assert sizes[0] == pytest.approx((210, 297), abs=0.5)
    assert sizes[1] == pytest.approx((85.6, 54), abs=0.5)


def test_the_file_is_marked_as_pdf_a_2b(bound: pikepdf.Pdf) -> None:
    assert bound.pdf_version == "1.7"
    with bound.open_metadata() as metadata:
        assert metadata.pdfa_status == "2B"
        assert metadata["dc:title"] == "Giấy khai sinh"
    intent = bound.Root.OutputIntents[0]
    assert intent.S == "/GTS_PDFA1"
    assert intent.DestOutputProfile.N == 3
    assert intent.DestOutputProfile.read_bytes()[16:20] == b"RGB "
    assert bound.docinfo["/Title"] == "Giấy khai sinh"


def test_nothing_but_the_title_is_told_about_the_file(bound: pikepdf.Pdf) -> None:
    assert set(bound.docinfo.keys()) <= {"/Title", "/Producer"}
    with bound.open_metadata() as metadata:
        keys = {key.rpartition("}")[2] for key in metadata}
    assert keys <= {"title", "part", "conformance", "producer", "Producer"}


def test_the_picture_goes_in_as_it_is() -> None:
    card = a_card()
    with pikepdf.open(io.BytesIO(bind((card,), title="Giấy tờ"))) as pdf:
        picture = pdf.pages[0].Resources.XObject.Page1
        assert picture.read_raw_bytes() == card.jpeg
        assert (str(picture.Filter), str(picture.ColorSpace)) == ("/DCTDecode", "/DeviceRGB")


def test_a_grey_page_is_said_to_be_grey() -> None:
    grey = cv2.imencode(".jpg", np.full((638, 1011), 180, np.uint8))[1].tobytes()
    with pikepdf.open(io.BytesIO(bind((replace(a_card(), jpeg=grey),), title="Giấy tờ"))) as pdf:
        assert pdf.pages[0].Resources.XObject.Page1.ColorSpace == "/DeviceGray"


def test_the_same_pages_give_the_same_file(good_page: ScannedPage) -> None:
    first, second = (bind((good_page,), title="Giấy tờ") for _ in range(2))
    assert first == second
    assert bind((good_page,), title="Giấy khác") != first


def test_both_sides_of_an_id_card_stand_on_one_a4_sheet_in_true_size(good_page: ScannedPage) -> None:
    front, back, lone = a_card(180), a_card(90), a_card(40)
    with pikepdf.open(io.BytesIO(bind((front, back, good_page, lone), title="Giấy tờ"))) as pdf:
        sizes = [[float(v) * MM_PER_POINT for v in page.mediabox.as_list()[2:]] for page in pdf.pages]
        assert sizes == [
            pytest.approx([210, 297], abs=0.1),
            pytest.approx([210, 297], abs=0.5),
            pytest.approx([85.6, 54], abs=0.5),
        ]
        both = pdf.pages[0].Resources.XObject
        assert (both.Page1.read_raw_bytes(), both.Page2.read_raw_bytes()) == (front.jpeg, back.jpeg)
        content = pdf.pages[0].Contents.read_bytes().decode("ascii")
        first, second = (part.split() for part in content.split("Do Q") if part.strip())
    assert float(first[1]) * MM_PER_POINT == pytest.approx(85.6, abs=0.1)
    assert float(first[6]) > float(second[6]) + 200  # the front stands above the back
    assert float(first[5]) == pytest.approx((595.28 - float(first[1])) / 2, abs=0.1)


def test_no_page_is_no_file() -> None:
    with pytest.raises(ValueError, match="at least one page"):
        bind((), title="Giấy tờ")
