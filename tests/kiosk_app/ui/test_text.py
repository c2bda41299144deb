"""Words are never cut: not at stacked marks, not at any text size."""

import pytest
from PySide6.QtGui import QColor, QImage, QPainter

from kiosk_app.ui.theme import SCALES, Theme, theme
from kiosk_app.ui.widgets.text import Lettering, Text, measure, plain

STACKED = "ẲỄỘẬẪỀỔ gypỵặự"
ROLES = ("h1", "h2", "lead", "body", "label", "small", "field", "tile", "button", "strip", "key")


def ink_rows(lettering: Lettering, height: int, pad: int) -> tuple[int, int]:
    """First and last row with ink, drawn with room around to see what would be cut."""
    canvas = QImage(lettering.width + 40, height + 2 * pad, QImage.Format.Format_RGB32)
    canvas.fill(QColor("#ffffff"))
    painter = QPainter(canvas)
    lettering.draw(painter, 20, pad, "#000000")
    painter.end()
    rows = [
        y
        for y in range(canvas.height())
        if any(canvas.pixelColor(x, y).value() < 128 for x in range(canvas.width()))
    ]
    return rows[0] - pad, rows[-1] - pad


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("scale", [100, 200])
def test_stacked_marks_stay_inside_the_height(look: Theme, role: str, scale: int) -> None:
    del look
    style = theme(scale=scale).type.style(role)
    words = Lettering(STACKED, style, 10_000)
    first, last = ink_rows(words, words.height, 60)
    assert first >= 0
    assert last < words.height


def test_words_wrap_and_the_height_follows(look: Theme) -> None:
    one = measure("Máy này xóa mọi dữ liệu", look.type.body)
    two = measure("Máy này xóa mọi dữ liệu", look.type.body, one.width() - 20)
    assert two.height() == pytest.approx(one.height() + look.type.body.px * 1.4, abs=1)
    assert two.width() <= one.width() - 20


def test_bold_marks_are_not_shown_and_make_wider(look: Theme) -> None:
    assert plain("Đang chờ: **6 người**") == "Đang chờ: 6 người"
    assert measure("**người**", look.type.body).width() > measure("người", look.type.body).width()


def test_a_label_gives_its_words_to_screen_readers_and_tests(look: Theme) -> None:
    text = Text(look, "body", "Cần **thẻ**")
    assert text.text() == "Cần thẻ"
    text.set_text("<b>không là thẻ HTML</b>")
    assert text.text() == "<b>không là thẻ HTML</b>"


@pytest.mark.parametrize("scale", SCALES)
def test_a_label_asks_for_the_height_its_words_need(look: Theme, scale: int) -> None:
    del look
    made = theme(scale=scale)
    text = Text(made, "lead", "Xin để yên thẻ trong khe. Máy đang đọc nốt ảnh và kiểm tra thẻ.")
    for width in (300, 600, 984):
        assert text.heightForWidth(width) == Lettering(text.text(), made.type.lead, width).height
