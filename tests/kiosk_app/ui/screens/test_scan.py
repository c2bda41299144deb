"""Papers under the camera."""

from __future__ import annotations

import dataclasses
import io
from typing import TYPE_CHECKING

import pytest
from PIL import Image
from PySide6.QtCore import QEvent, QPoint, QPointF, QSize, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from drivers.ports import Glance, Outline, PaperSource
from kiosk_app.flow.events import (
    BackPressed,
    CornersAsked,
    CornersSet,
    Event,
    NextPressed,
    PageKept,
    PageRetaken,
    PaperSkipped,
    PictureAsked,
)
from kiosk_app.flow.steps import Notice, PaperView, Preview, ScanPhase, ScanView, Tone
from kiosk_app.i18n import set_language
from kiosk_app.ui.screens.scan import ScanScreen
from kiosk_app.ui.widgets.corner_editor import HANDLE_PX, UNSURE, CornerEditor
from kiosk_app.ui.widgets.page_picture import PagePicture, image_in
from kiosk_app.ui.widgets.paper_list import PaperList
from kiosk_app.ui.widgets.preview import Preview as Picture

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from tests.kiosk_app.ui.screens.conftest import Stage

BIRTH = PaperView(name="birth", title="Giấy chứng sinh", required=True, pages=0, current=True)
AUTHORITY = PaperView(name="authority", title="Văn bản ủy quyền", required=False, pages=0, current=False)
CORNERS = ((100.0, 60.0), (500.0, 60.0), (500.0, 340.0), (100.0, 340.0))
ERROR = Notice(tone=Tone.ERROR, text="Chữ bị mờ. Xin chụp lại.", code="page.blurred")


def jpeg(width: int, height: int, colour: str = "#C03030") -> bytes:
    data = io.BytesIO()
    Image.new("RGB", (width, height), colour).save(data, "JPEG")
    return data.getvalue()


def seen(number: int, *, found: bool = True, grey: int = 90) -> Preview:
    outline = Outline(found=found, corners=CORNERS if found else None)
    glance = Glance(width=600, height=400, bgr=bytes([grey]) * (600 * 400 * 3), outline=outline)
    return Preview(glance=glance, number=number)


AIM = ScanView(phase=ScanPhase.AIM, papers=(BIRTH, AUTHORITY), preview=seen(1))
JUDGED = ScanView(phase=ScanPhase.JUDGED, papers=(BIRTH, AUTHORITY), page_jpeg=jpeg(400, 560))


def part(screen: QWidget, kind: type[QWidget]) -> QWidget:
    found = screen.findChild(kind)
    assert isinstance(found, kind)
    return found


@pytest.mark.parametrize(
    ("view", "name", "event"),
    [
        (AIM, "capture", PictureAsked()),
        (AIM, "back", BackPressed()),
        (JUDGED, "keep", PageKept()),
        (JUDGED, "retake", PageRetaken()),
        (dataclasses.replace(JUDGED, notice=ERROR), "retake", PageRetaken()),
        (dataclasses.replace(JUDGED, notice=ERROR), "back", BackPressed()),
        (dataclasses.replace(AIM, phase=ScanPhase.FINISHED), "primary", NextPressed()),
    ],
)
def test_each_button_sends_its_event(stage: Stage, view: ScanView, name: str, event: Event) -> None:
    stage.press(stage.build(ScanScreen, view), name)
    assert stage.events == [event]


def test_a_page_with_a_mistake_cannot_be_kept(stage: Stage) -> None:
    screen = stage.build(ScanScreen, dataclasses.replace(JUDGED, notice=ERROR))
    assert ERROR.text in stage.words(screen)
    assert "Giữ trang này" not in stage.words(screen)


def test_while_the_page_is_made_words_say_so_and_nothing_is_taken_twice(stage: Stage) -> None:
    screen = stage.build(ScanScreen, AIM)
    screen.show_view(dataclasses.replace(AIM, phase=ScanPhase.WORKING))
    stage.settle()
    assert not stage.button(screen, "capture").isEnabled()
    stage.press(screen, "capture")
    assert stage.events == []
    assert "Đang làm phẳng ảnh" in stage.words(screen)


@pytest.mark.parametrize(
    ("source", "words"),
    [(PaperSource.FLATBED, "úp mặt có chữ xuống kính"), (PaperSource.FEEDER, "cả xấp giấy vào khay")],
)
def test_a_scanner_without_a_live_picture_says_how_to_lay_the_paper(
    stage: Stage, source: PaperSource, words: str
) -> None:
    view = dataclasses.replace(AIM, preview=None, source=source)
    screen = stage.build(ScanScreen, view)
    assert words in stage.words(screen)
    assert "Chụp" not in stage.words(screen)
    assert not part(screen, Picture).isVisible()
    stage.press(screen, "capture")
    assert stage.events == [PictureAsked()]
    screen.show_view(dataclasses.replace(view, phase=ScanPhase.WORKING))
    stage.settle()
    assert "Máy đang quét" in stage.words(screen)


def test_a_stack_tells_how_many_pages_came(stage: Stage) -> None:
    screen = stage.build(ScanScreen, dataclasses.replace(JUDGED, source=PaperSource.FEEDER, stack=7))
    assert "Giấy chứng sinh · máy đã quét 7 trang" in stage.words(screen)


def test_only_a_paper_that_may_be_missing_can_be_skipped(stage: Stage) -> None:
    screen = stage.build(ScanScreen, AIM)
    assert "Tôi không có giấy này" not in stage.words(screen)
    taken = dataclasses.replace(BIRTH, pages=1, current=False)
    now = dataclasses.replace(AUTHORITY, current=True)
    screen.show_view(dataclasses.replace(AIM, papers=(taken, now), preview=seen(2)))
    stage.settle()
    stage.press(screen, "skip-paper")
    assert stage.events == [PaperSkipped()]
    assert "1/2 giấy tờ" in stage.words(screen)


def test_the_list_tells_taken_current_and_skipped_in_words(stage: Stage) -> None:
    papers = (
        dataclasses.replace(BIRTH, pages=2, current=False),
        dataclasses.replace(AUTHORITY, skipped=True),
        PaperView(name="id", title="Căn cước của mẹ", required=True, pages=0, current=True),
    )
    words = stage.words(stage.build(ScanScreen, dataclasses.replace(AIM, papers=papers)))
    assert "Giấy chứng sinh, 2 trang" in words
    assert "Văn bản ủy quyền, không có" in words
    assert "Căn cước của mẹ, đang chụp" in words
    assert "1/2 giấy tờ" in words


def test_the_wide_screen_holds_picture_notice_and_papers_without_scrolling(stage: Stage) -> None:
    glare = Notice(tone=Tone.WARN, text="**Giấy bị lóa.**\nXin nghiêng tờ giấy một chút.", code="page.glare")
    third = PaperView(name="id", title="Căn cước của mẹ", required=True, pages=1, current=False)
    view = dataclasses.replace(AIM, papers=(BIRTH, AUTHORITY, third), notice=glare)
    screen = stage.build(ScanScreen, view, landscape=True)
    papers = part(screen, PaperList)
    assert papers.visibleRegion().boundingRect() == papers.rect()
    optional = (dataclasses.replace(BIRTH, current=False), dataclasses.replace(AUTHORITY, current=True))
    screen.show_view(dataclasses.replace(view, papers=optional))
    stage.settle()
    skip = stage.button(screen, "skip-paper")
    assert skip.visibleRegion().boundingRect() == skip.rect()


def test_a_frame_is_drawn_once_and_a_new_one_at_once(stage: Stage) -> None:
    screen = stage.build(ScanScreen, AIM)
    picture = part(screen, Picture)
    before = picture.grab().toImage()
    screen.show_view(dataclasses.replace(AIM, preview=seen(1, grey=250)))
    assert picture.grab().toImage() == before
    screen.show_view(dataclasses.replace(AIM, preview=seen(2, grey=250)))
    assert picture.grab().toImage() != before


def test_the_outline_and_the_words_tell_whether_the_sheet_is_seen(stage: Stage) -> None:
    screen = stage.build(ScanScreen, AIM)
    assert "Thấy đủ tờ giấy" in stage.words(screen)
    screen.show_view(dataclasses.replace(AIM, preview=seen(2, found=False)))
    stage.settle()
    assert "Xin đặt một tờ giấy phẳng" in stage.words(screen)


@pytest.mark.parametrize(
    ("cause", "words"),
    [
        ("two_papers", "Có hai tờ giấy trong khung"),
        ("cut_off_left", "Xin dịch tờ giấy sang phải"),
        ("cut_off_bottom", "Xin đẩy tờ giấy lên"),
    ],
)
def test_what_is_wrong_is_said_before_the_picture_is_taken(stage: Stage, cause: str, words: str) -> None:
    screen = stage.build(ScanScreen, AIM)
    well = part(screen, Picture).grab().toImage()
    glance = seen(2).glance
    outline = dataclasses.replace(glance.outline, cause=cause)
    screen.show_view(
        dataclasses.replace(
            AIM, preview=Preview(glance=dataclasses.replace(glance, outline=outline), number=2)
        )
    )
    stage.settle()
    assert words in stage.words(screen)
    assert "Thấy đủ tờ giấy" not in stage.words(screen)
    assert part(screen, Picture).grab().toImage() != well


def test_the_page_taken_takes_the_place_of_the_live_picture(stage: Stage) -> None:
    screen = stage.build(ScanScreen, AIM)
    screen.show_view(JUDGED)
    stage.settle()
    assert not part(screen, Picture).isVisible()
    page = part(screen, PagePicture)
    middle = page.grab().toImage().pixelColor(page.width() // 2, page.height() // 2)
    assert middle.red() > 150
    assert middle.blue() < 90
    screen.show_view(dataclasses.replace(AIM, preview=seen(9)))
    stage.settle()
    assert part(screen, Picture).isVisible()
    assert not page.isVisible()


def test_a_taken_page_is_forgotten_when_the_next_is_aimed_at(stage: Stage) -> None:
    screen = stage.build(ScanScreen, JUDGED)
    page = screen.findChild(PagePicture)
    assert isinstance(page, PagePicture)
    assert page.shown
    screen.show_view(AIM)
    assert not page.shown


def test_a_large_page_is_decoded_to_the_room_it_has() -> None:
    image = image_in(jpeg(2480, 3508), QSize(900, 880))
    assert (image.width(), image.height()) == (622, 880)
    assert image_in(b"no picture", QSize(900, 880)).isNull()


@pytest.mark.parametrize("lang", ["vi", "en"])
@pytest.mark.parametrize("landscape", [False, True])
@pytest.mark.parametrize("view", [AIM, JUDGED], ids=["aim", "judged"])
def test_nothing_is_cut_at_200_per_cent(stage: Stage, view: ScanView, lang: str, *, landscape: bool) -> None:
    set_language(lang)
    screen = stage.build(ScanScreen, view, scale=200, landscape=landscape)
    assert stage.cut(screen) == []


CORNERING = dataclasses.replace(AIM, phase=ScanPhase.CORNERS)


def editor(screen: QWidget) -> CornerEditor:
    found = screen.findChild(CornerEditor)
    assert isinstance(found, CornerEditor)
    return found


def on_editor(widget: CornerEditor, corner: tuple[float, float]) -> QPoint:
    """Return where a corner, in shares of the 600 x 400 frame, lies on the widget."""
    share = min(widget.width() / 600, widget.height() / 400)
    left, top = (widget.width() - 600 * share) / 2, (widget.height() - 400 * share) / 2
    return QPoint(round(left + corner[0] * 600 * share), round(top + corner[1] * 400 * share))


def drag(widget: CornerEditor, to: QPoint) -> None:
    """Move the mouse with its button held; QTest moves it without."""
    none, left = Qt.MouseButton.NoButton, Qt.MouseButton.LeftButton
    place = QPointF(to)
    event = QMouseEvent(
        QEvent.Type.MouseMove,
        place,
        widget.mapToGlobal(place),
        none,
        left,
        Qt.KeyboardModifier.NoModifier,
    )
    QApplication.sendEvent(widget, event)


def test_corners_can_be_shown_where_none_were_found_or_a_page_came_out_wrong(stage: Stage) -> None:
    screen = stage.build(ScanScreen, dataclasses.replace(AIM, preview=seen(1, found=False)))
    stage.press(screen, "show-corners")
    screen.show_view(dataclasses.replace(JUDGED, preview=seen(2)))
    stage.settle()
    stage.press(screen, "show-corners")
    assert stage.events == [CornersAsked(), CornersAsked()]
    for hidden in (AIM, dataclasses.replace(JUDGED, notice=ERROR, preview=seen(2)), JUDGED):
        screen.show_view(hidden)
        stage.settle()
        assert "Chỉnh bốn góc" not in stage.words(screen)


def test_a_finger_drags_a_corner_and_the_page_is_taken_by_the_frame(stage: Stage) -> None:
    screen = stage.build(ScanScreen, CORNERING)
    widget = editor(screen)
    start, end = on_editor(widget, (100 / 600, 60 / 400)), on_editor(widget, (0.1, 0.1))
    beside = start + QPoint(HANDLE_PX // 2, 0)
    QTest.mousePress(widget, Qt.MouseButton.LeftButton, pos=beside)
    drag(widget, beside + (end - start))
    widget.grab()  # the glass is drawn without a fault
    QTest.mouseRelease(widget, Qt.MouseButton.LeftButton)
    stage.press(screen, "capture")
    (event,) = stage.events
    assert isinstance(event, CornersSet)
    assert event.corners[0] == pytest.approx((0.1, 0.1), abs=0.005)
    assert event.corners[2] == pytest.approx((500 / 600, 340 / 400))


def test_a_corner_stays_in_the_picture_and_never_folds_the_page(stage: Stage) -> None:
    widget = editor(stage.build(ScanScreen, CORNERING))
    start, far = on_editor(widget, (100 / 600, 60 / 400)), on_editor(widget, (0.5, 0.5))
    QTest.mousePress(widget, Qt.MouseButton.LeftButton, pos=start)
    for beyond in (QPoint(-50, -50), on_editor(widget, (0.95, 0.95))):
        drag(widget, beyond)
        assert widget.corners[0] == pytest.approx((0, 0)), "outside, then folded over"
    QTest.mouseRelease(widget, Qt.MouseButton.LeftButton)
    QTest.mousePress(widget, Qt.MouseButton.LeftButton, pos=far)
    drag(widget, far + QPoint(80, 80))
    assert widget.corners[0] == pytest.approx((0, 0)), "a touch far from all handles moves none"


def test_the_keyboard_moves_corners_too(stage: Stage) -> None:
    screen = stage.build(ScanScreen, CORNERING)
    widget = editor(screen)
    before = widget.corners
    QTest.keyClick(widget, Qt.Key.Key_Right)
    QTest.keyClick(widget, Qt.Key.Key_Tab)
    QTest.keyClick(widget, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    assert widget.corners[0] == pytest.approx((before[0][0] + 0.004, before[0][1]))
    assert widget.corners[1] == pytest.approx((before[1][0], before[1][1] + 5 * 0.004 * 600 / 400))
    assert widget.accessibleName() == "Bốn góc của tờ giấy"


def test_handles_are_easy_to_see_before_anything_is_known(stage: Stage) -> None:
    widget = editor(stage.build(ScanScreen, dataclasses.replace(CORNERING, preview=seen(3, found=False))))
    assert HANDLE_PX >= 64
    for found, there in zip(widget.corners, UNSURE, strict=True):
        assert found == pytest.approx(there)
