"""PySide6 must not lose references of None: 6.12.0 on Python 3.11 does and dies (DEVICES.md 2)."""

from __future__ import annotations

import subprocess
import sys

CALLS = 1000

# A process of its own: with a broken PySide6 the interpreter itself is what breaks.
MEASURE = f"""
import sys
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage, QPainter
image = QImage(8, 8, QImage.Format.Format_RGB32)
painter = QPainter(image)
painter.fillRect(0, 0, 8, 8, Qt.GlobalColor.black)
before = sys.getrefcount(None)
for _ in range({CALLS}):
    painter.fillRect(0, 0, 8, 8, Qt.GlobalColor.black)
after = sys.getrefcount(None)
painter.end()
print(before - after)
"""


def test_a_thousand_void_calls_cost_no_reference_of_none() -> None:
    done = subprocess.run(
        [sys.executable, "-c", MEASURE], capture_output=True, timeout=60, check=True, text=True
    )
    assert abs(int(done.stdout)) < CALLS // 20
