"""Reads the shared code pictures with our ladder and with three libraries alone; prints one table.

Run: .venv/bin/python benchmarks/codes.py
"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, cast

import cv2
import numpy as np
import zxingcpp
from pyzbar import pyzbar

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from drivers.qr.decoder import decode  # noqa: E402 - run as a script, the checkout is put on the path first

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Reader = Callable[[NDArray[np.uint8]], list[str]]

DATA = ROOT.parent / "shared" / "data" / "qrset"


def ours(picture: NDArray[np.uint8]) -> list[str]:
    """Read with the product's ladder."""
    return [code.text for code in decode(picture)]


def zxing(picture: NDArray[np.uint8]) -> list[str]:
    """Read with zxing-cpp as it comes."""
    return [str(code.text) for code in zxingcpp.read_barcodes(picture)]


def zbar(picture: NDArray[np.uint8]) -> list[str]:
    """Read with pyzbar as it comes; damages Vietnamese."""
    return [cast("bytes", code.data).decode("utf-8", "replace") for code in pyzbar.decode(picture)]


def opencv(picture: NDArray[np.uint8]) -> list[str]:
    """Read with OpenCV's Aruco-based detector."""
    try:
        found = cv2.QRCodeDetectorAruco().detectAndDecodeMulti(picture)
    except (cv2.error, UnicodeDecodeError):
        return []
    return [text for text in found[1] if text]


READERS: dict[str, Reader] = {"ours": ours, "zxing-cpp": zxing, "pyzbar": zbar, "OpenCV Aruco": opencv}


def measure(reader: Reader, files: list[Path]) -> tuple[float, int, float, float]:
    """Return the share read, the count of wrong texts, and median and 95th percentile in ms."""
    right = wrong = 0
    times: list[float] = []
    for file in files:
        picture = cast("NDArray[np.uint8]", cv2.imread(str(file), cv2.IMREAD_COLOR))
        expected = file.with_suffix(".txt").read_bytes().decode("utf-8", "replace").strip()
        started = time.perf_counter()
        texts = [text.strip() for text in reader(picture)]
        times.append((time.perf_counter() - started) * 1000)
        right += expected in texts
        wrong += bool(texts) and expected not in texts
    return right / len(files), wrong, float(np.median(times)), float(np.percentile(times, 95))


def main() -> int:
    """Print the table, or say that the pictures are not there."""
    if not DATA.is_dir():
        print(f"The pictures are absent: {DATA} is not there, so nothing was measured.")
        return 1
    cv2.setNumThreads(2)
    print("| set | reader | rate | wrong texts | median ms | p95 ms |\n|---|---|---|---|---|---|")
    for name in ("card", "real"):
        files = sorted(p for p in (DATA / name).iterdir() if p.suffix in {".png", ".jpg", ".webp"})
        for label, reader in READERS.items():
            rate, wrong, median, slow = measure(reader, files)
            print(
                f"| {name} ({len(files)}) | {label} | {rate:.3f} | {wrong} | {median:.1f} | {slow:.1f} |",
                flush=True,
            )
    return 0


if __name__ == "__main__":
    sys.exit(main())
