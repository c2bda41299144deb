"""Reads the shared code pictures with our ladder and with three libraries alone; prints two tables.

Times are processor times of one core, so that other work on the machine does not count; OpenCV is kept to
one thread for that. The second table is the stream reader: ten frames of a code held by a hand, and a view
without any.

Run: .venv/bin/python benchmarks/codes.py          (two minutes)
"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, cast

import cv2
import numpy as np
import segno
import zxingcpp
from pyzbar import pyzbar

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from drivers.qr.decoder import decode  # noqa: E402 - run as a script, the checkout is put on the path first
from drivers.qr.stream import CodeStream  # noqa: E402 - the same

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    Reader = Callable[[NDArray[np.uint8]], list[str]]

STREAM_FRAMES = 10
EMPTY_FRAMES = 60
FRAMES_A_SECOND = 10
DRAWN_PX = 12
"""Pixels a module is drawn with before the camera makes it small."""
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
        started = time.process_time()
        texts = [text.strip() for text in reader(picture)]
        times.append((time.process_time() - started) * 1000)
        right += expected in texts
        wrong += bool(texts) and expected not in texts
    return right / len(files), wrong, float(np.median(times)), float(np.percentile(times, 95))


def held_by_a_hand(text: str, seed: int) -> Iterator[NDArray[np.uint8]]:
    """Give ten frames of one code held before a camera: each elsewhere, as sharp and as lit as it happens."""
    chance = np.random.default_rng(seed)
    modules = np.array([list(row) for row in segno.make(text, error="m", micro=False).matrix])
    drawn = np.where(np.kron(np.pad(modules, 4), np.ones((DRAWN_PX, DRAWN_PX))) > 0, 30.0, 215.0)
    middle = drawn.shape[0] / 2
    for _ in range(STREAM_FRAMES):
        module_px = chance.uniform(2.0, 4.5)
        way = cv2.getRotationMatrix2D((middle, middle), chance.uniform(-20, 20), module_px / DRAWN_PX)
        way = way + np.array([[0, 0, chance.uniform(340, 380)], [0, 0, chance.uniform(200, 240)]])
        way[:, 2] -= middle - 150
        sharp = cv2.GaussianBlur(drawn, (0, 0), 0.4 * DRAWN_PX / module_px)
        held = cv2.warpAffine(sharp, way, (1280, 720), borderMode=cv2.BORDER_CONSTANT, borderValue=150)
        soft = cv2.GaussianBlur(held, (0, 0), chance.uniform(0.15, 0.75) * module_px)
        noisy = soft * chance.uniform(0.3, 1.1) + chance.normal(0, chance.uniform(2, 8), soft.shape)
        yield np.clip(noisy, 0, 255).astype(np.uint8)


def measure_stream(files: list[Path], *, with_memory: bool) -> str:
    """Return one row: share read within ten frames, wrong texts, frames needed, processor ms a frame."""
    right = wrong = 0
    needed: list[int] = []
    times: list[float] = []
    for number, file in enumerate(files):
        expected = file.read_text(encoding="utf-8").strip()
        stream = CodeStream()
        for count, frame in enumerate(held_by_a_hand(expected, number), start=1):
            started = time.process_time()
            texts = [code.text.strip() for code in (stream.look(frame) if with_memory else decode(frame))]
            times.append((time.process_time() - started) * 1000)
            if texts:
                right += expected in texts
                wrong += expected not in texts
                needed.append(count)
                break
    return f"{right / len(files):.3f} | {wrong} | {np.mean(needed):.2f} | {_cost(times)} |"


def measure_empty_view(*, beside: str = "") -> str:
    """Return one row: what the stream reader costs over a page of text, alone or beside a code it read."""
    chance = np.random.default_rng(1)
    desk = np.full((720, 1280), 150, np.uint8)
    for row in range(120, 620, 26):
        cv2.putText(desk, "Giay chung nhan 0123456789", (420, row), cv2.FONT_HERSHEY_SIMPLEX, 0.6, 60, 1)
    if beside:
        modules = np.array([list(row) for row in segno.make(beside, error="m", micro=False).matrix])
        drawn = np.where(np.kron(np.pad(modules, 4), np.ones((5, 5))) > 0, 30, 215)
        desk[20 : 20 + drawn.shape[0], 20 : 20 + drawn.shape[1]] = drawn
    wanted = {beside} if beside else set()
    stream, times = CodeStream(), []
    for _ in range(EMPTY_FRAMES):
        frame = np.clip(desk + chance.normal(0, 4, desk.shape), 0, 255).astype(np.uint8)
        started = time.process_time()
        found = stream.look(frame)
        times.append((time.process_time() - started) * 1000)
        if {code.text for code in found} != wanted:
            return "read a code where there is none, or lost the one there is"
    return f"- | 0 | - | {_cost(times)} |"


def _cost(times: list[float]) -> str:
    """Return mean, median, 95th percentile and worst, ms, and the share of a core at ten frames a second."""
    mean = float(np.mean(times))
    slow = f"{np.median(times):.1f} | {np.percentile(times, 95):.1f} | {max(times):.0f}"
    return f"{mean:.1f} | {slow} | {mean * FRAMES_A_SECOND / 10:.0f} %"


def main() -> int:
    """Print the table, or say that the pictures are not there."""
    if not DATA.is_dir():
        print(f"The pictures are absent: {DATA} is not there, so nothing was measured.")
        return 1
    cv2.setNumThreads(1)
    print("| set | reader | rate | wrong texts | CPU ms median | CPU ms p95 |\n|---|---|---|---|---|---|")
    for name in ("card", "real"):
        files = sorted(p for p in (DATA / name).iterdir() if p.suffix in {".png", ".jpg", ".webp"})
        for label, reader in READERS.items():
            rate, wrong, median, slow = measure(reader, files)
            print(
                f"| {name} ({len(files)}) | {label} | {rate:.3f} | {wrong} | {median:.1f} | {slow:.1f} |",
                flush=True,
            )
    files = sorted((DATA / "card").glob("*.txt"))
    costs = "CPU ms mean | median | p95 | worst | core at 10/s"
    print(f"\n| {STREAM_FRAMES} frames | rate | wrong texts | frames needed | {costs} |")
    print("|---|---|---|---|---|---|---|---|---|")
    print(f"| every way on each frame | {measure_stream(files, with_memory=False)}", flush=True)
    print(f"| memory between frames | {measure_stream(files, with_memory=True)}")
    print(f"| nothing but a page of text | {measure_empty_view()}")
    print(f"| the same beside a code already read | {measure_empty_view(beside='https://vnptpay.vn/x')}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
