"""The text laid invisibly over a page, by the real tesseract, as poppler finds it."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from typing import TYPE_CHECKING

import cv2
import numpy as np
import pikepdf
import pytest

from drivers.scanner.hidden_text import can_read, hidden_text
from drivers.scanner.page_maker import DocumentPageMaker
from kiosk_app.config import Config, DocumentScanner
from kiosk_app.wiring.scanner import lacks_reader

if TYPE_CHECKING:
    from pathlib import Path

    from drivers.ports import ScannedPage


@pytest.fixture(scope="module")
def bound(good_page: ScannedPage, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("text") / "read.pdf"
    path.write_bytes(DocumentPageMaker(text_of=hidden_text).make_pdf((good_page,), title="Giấy tờ"))
    return path


def told_by(command: str, path: Path) -> str:
    done = subprocess.run([command, str(path), "-"], capture_output=True, check=True, timeout=60)
    return done.stdout.decode("utf-8")


def test_words_are_found_where_they_stand(bound: Path) -> None:
    told = told_by("pdftotext", bound)
    assert "GIẤY KHAI SINH" in told
    assert "087326000123" in told


def test_nothing_of_it_is_seen(bound: Path, good_page: ScannedPage, tmp_path: Path) -> None:
    bare = tmp_path / "bare.pdf"
    bare.write_bytes(DocumentPageMaker().make_pdf((good_page,), title="Giấy tờ"))
    for path in (bare, bound):
        subprocess.run(
            ["pdftoppm", "-r", "72", "-singlefile", "-png", str(path), str(path.with_suffix(""))],
            check=True,
            timeout=60,
        )
    with_text, without = (cv2.imread(str(path.with_suffix(".png"))) for path in (bound, bare))
    assert with_text is not None
    assert without is not None
    assert np.array_equal(with_text, without)
    assert told_by("pdftotext", bare).strip() == ""


def test_the_text_costs_little_and_its_letters_are_embedded(bound: Path, good_page: ScannedPage) -> None:
    plain = DocumentPageMaker().make_pdf((good_page,), title="Giấy tờ")
    assert len(bound.read_bytes()) - len(plain) < 8 * 1024
    with pikepdf.open(bound) as pdf:
        (font,) = [one for one in pdf.objects if isinstance(one, pikepdf.Dictionary) and "/FontName" in one]
        assert "/FontFile2" in font
        with pdf.open_metadata() as metadata:
            assert metadata.pdfa_status == "2B"


def test_each_side_of_a_card_has_its_own_text(good_page: ScannedPage, tmp_path: Path) -> None:
    sides = []
    for words in ("CAN CUOC CONG DAN", "NOI CAP 0123456789"):
        card = np.full((638, 1011, 3), 255, np.uint8)
        cv2.putText(card, words, (60, 300), cv2.FONT_HERSHEY_DUPLEX, 2, (0, 0, 0), 4)
        jpeg = cv2.imencode(".jpg", card)[1].tobytes()
        sides.append(replace(good_page, jpeg=jpeg, layers=None, width=1011, height=638, dpi=300))
    path = tmp_path / "card.pdf"
    path.write_bytes(DocumentPageMaker(text_of=hidden_text).make_pdf(tuple(sides), title="Giấy tờ"))
    told = told_by("pdftotext", path)
    assert told.index("CUOC") < told.index("NOI CAP")


def test_a_page_that_cannot_be_read_has_no_text(good_page: ScannedPage) -> None:
    assert hidden_text(replace(good_page, jpeg=b"no picture")) == b""


def test_without_tesseract_it_is_said(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, good_page: ScannedPage
) -> None:
    asked = Config(document_scanner=DocumentScanner(text_layer=True))
    assert can_read()
    assert not lacks_reader(asked)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert lacks_reader(asked)
    assert not lacks_reader(Config())
    assert hidden_text(good_page) == b""
