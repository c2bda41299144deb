"""Views with a picture in them, for the golden pictures: cards, papers on the glass, photocopies."""

from __future__ import annotations

import io
from dataclasses import replace
from functools import cache

import numpy as np
from PIL import Image

from drivers.ports import Glance, Outline, PaperSource, Portrait
from kiosk_app.flow import sheet_view, steps
from kiosk_app.flow.sentences import notice
from kiosk_app.flow.steps import Notice, Step, Tone, View


def portrait() -> Portrait:
    """Return a drawn face: head and shoulders on a pale ground."""
    made = np.full((320, 240, 3), (205, 222, 235), np.uint8)
    y, x = np.mgrid[0:320, 0:240]
    made[((x - 120) / 115) ** 2 + ((y - 330) / 110) ** 2 < 1] = (70, 80, 110)
    made[((x - 120) / 70) ** 2 + ((y - 130) / 90) ** 2 < 1] = (224, 186, 160)
    return Portrait(width=240, height=320, rgb=made.tobytes())


def _glance(*, cut_off: bool = False) -> Glance:
    frame = np.full((720, 840, 3), (70, 64, 60), np.uint8)
    frame[60:660, 180:640] = (238, 242, 244)
    for row in range(8):
        frame[140 + 50 * row : 150 + 50 * row, 220 : 600 - 20 * (row % 3)] = (165, 175, 180)
    left, right = 180.0, 640.0
    if cut_off:
        frame[:, :-260] = frame[:, 260:].copy()
        frame[:, -260:] = frame[0, 0]
        left, right = 0.0, 380.0
    corners = ((left, 60.0), (right, 60.0), (right, 660.0), (left, 660.0))
    outline = Outline(found=True, corners=corners, confidence=0.9, cause="cut_off_left" if cut_off else "")
    return Glance(width=840, height=720, bgr=frame.tobytes(), outline=outline)


@cache
def _page_jpeg() -> bytes:
    page = np.full((1754, 1240, 3), 250, np.uint8)
    for line in range(30):
        page[200 + 45 * line : 210 + 45 * line, 150 : 1100 - 50 * (line % 4)] = 90
    kept = io.BytesIO()
    Image.fromarray(page).save(kept, "JPEG", quality=90)
    return kept.getvalue()


def papers(*, taken: int = 0) -> tuple[steps.PaperView, ...]:
    rows = (("birth", "Giấy chứng sinh", True), ("proxy", "Văn bản ủy quyền", False))
    return tuple(
        steps.PaperView(
            name=name, title=title, required=required, pages=int(place < taken), current=place == taken
        )
        for place, (name, title, required) in enumerate(rows)
    )


def copies() -> dict[str, tuple[Step, View]]:
    seen = steps.Preview(glance=_glance(), number=1)
    aim = sheet_view.CopyView(phase=sheet_view.CopyPhase.AIM, preview=seen)
    waiting = Notice(
        tone=Tone.WARN,
        text="Máy in A4 hết giấy; đã báo cán bộ. Có giấy là máy in tiếp, xin chờ một chút.",
        code="a4.paper_out",
    )
    printing = sheet_view.CopyView(
        phase=sheet_view.CopyPhase.PRINTING, pages=2, sheet=sheet_view.SheetPhase.PRINTING, notice=waiting
    )
    return {
        "copy": (Step.COPY, aim),
        "copy-ready": (
            Step.COPY,
            sheet_view.CopyView(phase=sheet_view.CopyPhase.READY, pages=2, copies=2, most_copies=5),
        ),
        "copy-waiting": (Step.COPY, printing),
    }


def scans() -> dict[str, tuple[Step, View]]:
    aim = steps.ScanView(
        phase=steps.ScanPhase.AIM, papers=papers(), preview=steps.Preview(glance=_glance(), number=1)
    )
    glare = Notice(
        tone=Tone.WARN,
        text="**Giấy bị lóa ở góc trên bên phải.**\nXin nghiêng tờ giấy một chút.",
        code="page.glare",
    )
    judged = steps.ScanView(
        phase=steps.ScanPhase.JUDGED,
        papers=papers(),
        page_jpeg=_page_jpeg(),
        notice=Notice(tone=Tone.OK, text="Trang rõ, đủ bốn góc."),
    )
    return {
        "scan": (Step.SCAN, replace(aim, notice=glare)),
        "scan-cut-off": (
            Step.SCAN,
            replace(aim, preview=steps.Preview(glance=_glance(cut_off=True), number=1)),
        ),
        "scan-face-down": (Step.SCAN, replace(aim, preview=None, source=PaperSource.FLATBED)),
        "scan-corners": (Step.SCAN, replace(aim, phase=steps.ScanPhase.CORNERS)),
        "scan-judged": (Step.SCAN, replace(judged, preview=aim.preview)),
        "scan-finished": (
            Step.SCAN,
            steps.ScanView(phase=steps.ScanPhase.FINISHED, papers=papers(taken=2)),
        ),
    }


def cards() -> dict[str, tuple[Step, View]]:
    read = steps.IdentifyCardView(
        phase=steps.CardPhase.READ,
        share=1.0,
        greeting="Chào bà NGUYỄN THỊ HƯƠNG",
        rows=(("Số định danh", "087 ••• ••• 412"), ("Ngày sinh", "14/02/1994")),
        portrait=portrait(),
        proof="Thẻ thật: con dấu điện tử trên chip đúng.",
    )
    pulled = Notice(
        tone=Tone.ERROR,
        text="Thẻ bị rút ra khi đang đọc. Xin đưa thẻ vào lại và để yên đến khi máy báo xong.",
    )
    reading = steps.IdentifyCardView(
        phase=steps.CardPhase.READING, share=0.72, greeting="Chào bà NGUYỄN THỊ HƯƠNG"
    )
    doubtful = replace(read, notice=notice("card.qr_differs", tone=Tone.WARN))
    remove = steps.IdentifyCardView(phase=steps.CardPhase.REMOVE, whose="Xin đặt thẻ của cha.")
    return {
        "identify-remove": (Step.IDENTIFY_CARD, remove),
        "identify-card": (Step.IDENTIFY_CARD, reading),
        "identify-read": (Step.IDENTIFY_CARD, read),
        "identify-doubt": (Step.IDENTIFY_CARD, doubtful),
        "identify-failed": (
            Step.IDENTIFY_CARD,
            steps.IdentifyCardView(phase=steps.CardPhase.FAILED, notice=pulled),
        ),
    }
