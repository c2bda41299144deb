"""What the live picture costs at ten frames a second, from the camera's bytes to the painted widget.

A camera of 8 megapixels (3264 x 2448, MJPG) sends ten frames a second to the product's own camera thread; the
desk looks at each as the paper room does, the frame and its outline go through the room's wire, and the
scanning screen's picture is drawn offscreen in its own size. In half of the time the paper moves, in the
other it lies still. CPU milliseconds a frame of each part's own thread, and of the whole process with the
threads OpenCV helps itself with; the target for all of it is 50.
Run: .venv/bin/python benchmarks/live_picture.py (10 s)
"""

from __future__ import annotations

import io
import os
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtWidgets import QApplication  # noqa: E402 - a script: path and platform come first

from drivers.scanner.camera import CameraScanner, PackedFrame  # noqa: E402 - the same
from drivers.scanner.desk import LocalDesk  # noqa: E402 - the same
from drivers.scanner.page_maker import DocumentPageMaker  # noqa: E402 - the same
from drivers.simulated.scanner.desk import Pose, Scene, photograph  # noqa: E402 - the same
from drivers.simulated.scanner.papers import PAPERS  # noqa: E402 - the same
from kiosk_app.ui.theme import theme  # noqa: E402 - the same
from kiosk_app.ui.widgets.preview import Preview  # noqa: E402 - the same
from kiosk_app.wiring import paper_wire as wire  # noqa: E402 - the same

if TYPE_CHECKING:
    from numpy.typing import NDArray

CAMERA_PX = (3264, 2448)
RATE = 10
"""Frames a second."""
MOVING, STILL = 40, 40
"""Frames looked at while the paper moves, and after."""
SCREEN_PX = (984, 840)
"""The picture on the portrait screen."""
PLACES = 6
"""Places the moving paper is seen at."""


class TenASecond:
    """A camera that sends these frames in turn, ten a second, and the last one when it shall lie still."""

    def __init__(self, frames: list[NDArray[np.uint8]]) -> None:
        self._frames = frames
        self._number = 0
        self._next = time.monotonic()
        self.moves = True
        self.worked = 0.0
        """CPU seconds of the camera's thread."""

    def isOpened(self) -> bool:  # noqa: N802 - OpenCV's name
        """Tell that it is there."""
        return True

    def read(self) -> tuple[bool, PackedFrame]:
        """Wait for the next frame."""
        self._next += 1 / RATE
        time.sleep(max(self._next - time.monotonic(), 0))
        self._number += self.moves
        self.worked = time.thread_time()
        return True, PackedFrame(jpeg=self._frames[self._number % len(self._frames)], rows=CAMERA_PX[1])

    def release(self) -> None:
        """Nothing to let go."""


def frames() -> list[NDArray[np.uint8]]:
    """Draw one paper at several places, packed as a camera does."""
    packed = []
    for place in range(PLACES):
        pose = Pose(x=0.47 + 0.01 * place, height=0.8, turn_deg=place - 2.5)
        picture = photograph(Scene(poses=(pose,), seed=place), (PAPERS["residence"](),), CAMERA_PX)
        packed.append(cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, 90])[1])
    return packed


def one_frame(desk: LocalDesk, widget: Preview) -> tuple[float, float, float, bool]:
    """Return CPU seconds of looking, of the wire, of drawing, and whether the page was found."""
    started = time.thread_time()
    glance = desk.glance()
    looked = time.thread_time()
    answer = wire.read_answer(io.BytesIO(wire.pack(wire.Answer(glance=glance))))
    heard = answer.glance if answer else None
    sent = time.thread_time()
    if heard is None:
        return looked - started, sent - looked, 0.0, False
    widget.show_frame(heard.bgr, heard.width, heard.height)
    widget.set_outline(heard.outline.corners, good=True)
    widget.repaint()
    return looked - started, sent - looked, time.thread_time() - sent, heard.outline.found


def main() -> int:
    """Print the table."""
    application = QApplication.instance() or QApplication([])
    source = TenASecond(frames())
    camera = CameraScanner(lambda: source)
    desk = LocalDesk(scanner=camera, maker=DocumentPageMaker())
    widget = Preview(theme())
    widget.resize(*SCREEN_PX)
    widget.show()
    application.processEvents()
    camera.capture(timeout_s=10)  # the first frames are there
    pause = threading.Event()
    print("| paper | looks | found | camera thread | look | wire | draw | all | core at 10/s |")
    print("|---|---|---|---|---|---|---|---|---|")
    for label, count in (("moves", MOVING), ("lies still", STILL)):
        source.moves = label == "moves"
        before, all_before = source.worked, time.process_time()
        began, parts = time.monotonic(), []
        for number in range(count):
            pause.wait(max(began + number / RATE - time.monotonic(), 0))
            parts.append(one_frame(desk, widget))
        looked, sent, drawn = (1000 * float(np.mean([part[place] for part in parts])) for place in range(3))
        thread = 1000 * (source.worked - before) / count
        whole = 1000 * (time.process_time() - all_before) / count
        found = sum(part[3] for part in parts)
        print(
            f"| {label} | {count} | {found} | {thread:.1f} | {looked:.1f} | {sent:.1f} | {drawn:.1f} "
            f"| {whole:.1f} | {whole * RATE / 10:.0f} % |"
        )
    camera.close()
    widget.close()
    application.processEvents()
    return 0


if __name__ == "__main__":
    sys.exit(main())
