"""What is drawn: camera frames, moving drawings, the number, states of devices."""

from collections.abc import Callable

import numpy as np
import pytest
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from kiosk_app.ui.theme import Theme
from kiosk_app.ui.widgets.big_number import BigNumber
from kiosk_app.ui.widgets.drawing import CardDrawing, MovingDrawing, QrDrawing
from kiosk_app.ui.widgets.notices import ErrorLine, InfoCard, NoteBar, StatusRow
from kiosk_app.ui.widgets.preview import Preview
from kiosk_app.ui.widgets.progress import ProgressLine
from kiosk_app.ui.widgets.timeline import Stop, Timeline


def colours(part: QWidget) -> set[str]:
    picture = part.grab().toImage()
    return {
        picture.pixelColor(x, y).name()
        for x in range(0, picture.width(), 2)
        for y in range(0, picture.height(), 2)
    }


@pytest.fixture
def preview(qtbot: QtBot, look: Theme) -> Preview:
    made = Preview(look)
    qtbot.addWidget(made)
    made.resize(640, 480)
    return made


def test_a_bgr_frame_is_shown_in_its_colours(preview: Preview) -> None:
    frame = np.zeros((480, 640, 3), np.uint8)
    frame[:, :] = (0, 0, 255)  # red in BGR
    preview.show_frame(frame, 640, 480)
    frame[:, :] = 0  # the camera reuses its memory
    assert preview.grab().toImage().pixelColor(320, 240) == QColor("#ff0000")
    preview.show_frame(bytes((255, 0, 0)) * 640 * 480, 640, 480)
    assert preview.grab().toImage().pixelColor(320, 240) == QColor("#0000ff")


def test_a_frame_of_another_size_is_refused(preview: Preview) -> None:
    with pytest.raises(ValueError, match="width x height x 3"):
        preview.show_frame(b"\0" * 100, 640, 480)


@pytest.mark.parametrize("good", [True, False])
def test_the_outline_says_by_colour_whether_it_will_be_good(
    preview: Preview, look: Theme, *, good: bool
) -> None:
    preview.show_frame(b"\0" * 320 * 240 * 3, 320, 240)
    preview.set_outline([(50, 50), (270, 50), (270, 190), (50, 190)], good=good)
    wanted = look.palette.stage_good if good else look.palette.stage_amber
    assert preview.grab().toImage().pixelColor(100, 100).name() == wanted.lower()
    preview.set_outline(None, good=False)
    assert wanted.lower() not in colours(preview)


def test_nothing_of_a_frame_stays_when_cleared(preview: Preview, look: Theme) -> None:
    preview.show_frame(bytes((0, 255, 0)) * 640 * 480, 640, 480)
    preview.clear()
    assert preview.grab().toImage().pixelColor(320, 240).name() == look.palette.stage.lower()


@pytest.mark.parametrize("kind", [CardDrawing, QrDrawing])
def test_a_drawing_moves_only_while_it_is_seen(qtbot: QtBot, look: Theme, kind: type[MovingDrawing]) -> None:
    drawing = kind(look, "Đưa thẻ vào khe")
    qtbot.addWidget(drawing)
    drawing.resize(700, 560)
    drawing.start()
    assert not drawing.moving()
    drawing.show()
    assert drawing.moving()
    drawing.hide()
    assert not drawing.moving()
    drawing.show()
    drawing.stop()
    assert not drawing.moving()
    end = drawing.grab().toImage()
    drawing.set_phase(0.0)
    assert drawing.grab().toImage() != end


def test_progress_is_said_and_drawn(qtbot: QtBot, look: Theme) -> None:
    line = ProgressLine(look)
    qtbot.addWidget(line)
    bare = line.sizeHint().height()
    line.set_progress(0.72, "Đang đọc thẻ…")
    assert line.accessibleName() == "Đang đọc thẻ… 72 %"
    assert line.sizeHint().height() > bare
    line.resize(600, line.sizeHint().height())
    picture = line.grab().toImage()
    assert picture.pixelColor(420, 14).name() == look.palette.main.lower()
    assert picture.pixelColor(450, 14).name() == look.palette.locked.lower()
    line.set_progress(7.0)
    assert line.share() == 1.0


def test_the_number_shrinks_rather_than_being_cut(qtbot: QtBot, look: Theme) -> None:
    for number in ("A015", "A0150150"):
        card = BigNumber(look, "Số thứ tự của bà", number, "Mời đến **Quầy 3**", "khoảng 12 phút")
        qtbot.addWidget(card)
        card.resize(984, card.sizeHint().height())
        picture = card.grab().toImage()
        reds = [
            x
            for x in range(picture.width())
            for y in range(100, 300, 4)
            if picture.pixelColor(x, y).name() == look.palette.main.lower()
        ]
        assert min(reds) > 20
        assert max(reds) < 964
        assert card.accessibleName().startswith("Số thứ tự của bà " + number)


def test_a_device_row_has_a_word_beside_its_colour(qtbot: QtBot, look: Theme) -> None:
    row = StatusRow(look, "Bàn quét", "ok", "Sẵn sàng", button="Thử")
    qtbot.addWidget(row)
    row.set_state("bad", "Không thấy thiết bị", "từ 08:55 · kiểm tra dây USB")
    assert row.accessibleName() == "Bàn quét: Không thấy thiết bị"
    assert row.property("state") == "bad"


def test_a_card_tells_which_block_is_to_be_changed(qtbot: QtBot, look: Theme) -> None:
    card = InfoCard(look, "Trẻ", button="Sửa")
    qtbot.addWidget(card)
    card.rows([("Họ tên", "NGUYỄN GIA BẢO"), ("Giới tính", "")])
    names = [part.accessibleName() for part in card.findChildren(QWidget)]
    assert "Sửa: Trẻ" in names


@pytest.mark.parametrize("kind", ["gold", "ok", "warn", "bad"])
def test_a_note_grows_with_its_words(qtbot: QtBot, look: Theme, kind: str) -> None:
    note = NoteBar(look, "**Giấy bị lóa.** Xin nghiêng tờ giấy một chút.", kind=kind)
    qtbot.addWidget(note)
    assert note.heightForWidth(300) > note.heightForWidth(984)
    note.resize(600, note.heightForWidth(600))
    assert look.palette.colour(f"{kind}_tint").lower() in colours(note)
    assert note.accessibleName() == "Giấy bị lóa. Xin nghiêng tờ giấy một chút."


def test_no_error_takes_no_room(look: Theme, stage: Callable[..., QWidget]) -> None:
    line = ErrorLine(look)
    stage(line)
    assert line.isHidden()
    line.set_text("Số điện thoại có 10 chữ số.")
    assert not line.isHidden()


def test_stops_are_said_in_order(qtbot: QtBot, look: Theme) -> None:
    way = Timeline(look, [Stop(title="Đã tiếp nhận", detail="09:41", state="done"), Stop(title="Có kết quả")])
    qtbot.addWidget(way)
    assert way.accessibleName() == "Đã tiếp nhận 09:41. Có kết quả"
    way.resize(800, way.heightForWidth(800))
    assert {look.palette.ok.lower(), look.palette.edge.lower()} <= colours(way)


def test_a_long_code_takes_no_more_height_than_its_figures(look: Theme) -> None:
    short, long = (BigNumber(look, "Mã", number, "Xin giữ mã này") for number in ("A015", "K01-261123-0007"))
    assert long.heightForWidth(984) < short.heightForWidth(984) - 80


def test_a_card_may_carry_a_name_and_keeps_its_look(look: Theme) -> None:
    card = InfoCard(look, "Thẻ")
    card.resize(300, 200)
    before = card.grab().toImage()
    card.setObjectName("block-applicant")
    card.style().unpolish(card)
    card.style().polish(card)
    assert card.grab().toImage() == before
    assert before.pixelColor(150, 0).name() == look.palette.line.lower()
