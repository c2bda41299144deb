"""Measures what OCR loses on our pages: three lamps, three tilts, then faults in steps; prints two tables.

Needs tesseract with `vie` (apt-get install tesseract-ocr tesseract-ocr-vie), which the product never uses.
Run: .venv/bin/python benchmarks/reading.py [--picture FILE.png]
"""

from __future__ import annotations

import argparse
import itertools
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from drivers.errors import PageNotFoundError  # noqa: E402 - a script: the path comes first
from drivers.scanner.page_maker import DocumentPageMaker  # noqa: E402 - the same
from drivers.simulated.scanner.desk import Pose, Scene, photograph  # noqa: E402 - the same
from drivers.simulated.scanner.papers import A4_PX, DPI, FONTS, PAPERS  # noqa: E402 - the same

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from drivers.ports import ScannedPage

PAGES_EACH = 2
SENTENCES = (
    "Người yêu cầu đăng ký khai sinh nộp giấy chứng sinh cho cơ quan đăng ký hộ tịch.",
    "Trường hợp không có giấy chứng sinh thì nộp văn bản của người làm chứng xác nhận về việc sinh.",
    "Ngay sau khi nhận đủ giấy tờ, nếu thấy thông tin đầy đủ và phù hợp, công chức ghi nội dung vào sổ.",
    "Ủy ban nhân dân phường cấp bản chính và năm bản sao, thu lệ phí 8.000 đồng, hẹn trả ngày 23/11/2026.",
    "Hộ gia đình thường trú tại ấp Phú Thuận được miễn lệ phí theo quy định của Hội đồng nhân dân tỉnh.",
    "Mọi thắc mắc xin gọi số 0277 3861 234 trong giờ hành chính để được hướng dẫn chi tiết, rõ ràng.",
)
LAMPS = {"even": (0.1, 0.0), "from one side": (0.6, 0.2), "hard shadow of a hand": (0.3, 0.6)}
"""Fall-off of the lamp and depth of the shadow, as shares."""
TILTS = {
    "straight": Pose(height=0.77),
    "crooked": Pose(height=0.76, turn_deg=6.0, lean=0.04),
    "upside down": Pose(height=0.75, turn_deg=178.0, lean=-0.05),
}
FAULTS = {
    "blurred": [
        Scene(poses=(Pose(height=0.77),), blur_px=step, seed=3) for step in (0.6, 1.5, 2.5, 3.5, 4.5, 6.0)
    ],
    "glare": [Scene(poses=(Pose(height=0.77),), glare=step, seed=3) for step in (1, 2, 4)],
    "too_dark": [Scene(poses=(Pose(height=0.77),), lamp=step, seed=3) for step in (0.6, 0.8, 0.9, 0.95)],
}


def read(picture: NDArray[np.uint8]) -> str:
    """Return the text tesseract sees, without white space."""
    png = cv2.imencode(".png", picture)[1].tobytes()
    command = ["tesseract", "-", "-", "-l", "vie", "--psm", "6", "--dpi", "200"]
    done = subprocess.run(command, input=png, capture_output=True, check=True, timeout=120)
    return "".join(done.stdout.decode("utf-8").split())


@cache
def letter(number: int) -> tuple[NDArray[np.uint8], str]:
    """Draw a dense A4 page of plain text, 9.5 to 13 points, and return it with its text."""
    chance = np.random.default_rng(number)
    page = Image.new("RGB", A4_PX, (255, 254, 250))
    draw = ImageDraw.Draw(page)
    top, told = 170, ""
    while top < A4_PX[1] - 230:
        size = round(float(chance.uniform(9.5, 13)) * DPI / 72)
        font = ImageFont.truetype(str(FONTS / "BeVietnamPro-Regular.ttf"), size)
        line = ""
        for sentence in chance.permutation(SENTENCES):
            for word in str(sentence).split():
                longer = f"{line} {word}".strip()
                if draw.textlength(longer, font=font) < A4_PX[0] - 300:
                    line = longer
        draw.text((150, top), line, font=font, fill=(40, 38, 44))
        told += "".join(line.split())
        top += round(size * 1.7)
    return np.ascontiguousarray(np.asarray(page, np.uint8)[..., ::-1]), told


def lost(text: str, told: str) -> float:
    """Return the share of characters inserted, left out or taken for others."""
    right = np.array([ord(sign) for sign in told])
    places = np.arange(len(right) + 1)
    row = places.copy()
    for number, sign in enumerate(text, start=1):
        changed = np.minimum(row[1:] + 1, row[:-1] + (right != ord(sign)))
        row = np.minimum.accumulate(np.concatenate([[number], changed]) - places) + places
    return float(row[-1]) / len(right)


def drawn(page: ScannedPage) -> NDArray[np.uint8]:
    """Return the picture in a page."""
    return np.asarray(cv2.imdecode(np.frombuffer(page.jpeg, np.uint8), cv2.IMREAD_COLOR), np.uint8)


def lamps_and_tilts(maker: DocumentPageMaker) -> None:
    """Print what OCR loses on the photo and on the page, and the bytes of the page."""
    print("| lamp | tilt | lost as drawn | lost on the photo | lost on the page | KiB | edge width |")
    print("|---|---|---|---|---|---|---|")
    numbers = itertools.count()
    for (lamp, (fall, shadow)), (tilt, pose) in itertools.product(LAMPS.items(), TILTS.items()):
        for number in itertools.islice(numbers, PAGES_EACH):
            paper, told = letter(number)
            photo = photograph(Scene(poses=(pose,), lamp=fall, shadow=shadow, seed=number), (paper,))
            page = maker.make_page(photo)
            shares = [f"{lost(read(picture), told):.4f}" for picture in (paper, photo, drawn(page))]
            size = f"{len(page.jpeg) / 1024:.0f} | {page.sharpness:.2f}"
            print(f"| {lamp} | {tilt} | {' | '.join(shares)} | {size} |", flush=True)


def faults_in_steps(maker: DocumentPageMaker) -> None:
    """Print the verdict beside what OCR loses, as each fault grows."""
    print("\n| fault | lost on the page | verdict |\n|---|---|---|")
    paper, told = letter(99)
    for fault, scenes in FAULTS.items():
        for scene in scenes:
            try:
                page = maker.make_page(photograph(scene, (paper,)))
            except PageNotFoundError:
                print(f"| {fault} | - | no page |", flush=True)
                continue
            words = [
                f"{p.code} {'refused' if p.blocking else 'warned'} ({p.value:.3g})" for p in page.problems
            ]
            verdict = ", ".join(words) or "good"
            print(f"| {fault} | {lost(read(drawn(page)), told):.4f} | {verdict} |", flush=True)


def before_and_after(maker: DocumentPageMaker, target: Path) -> None:
    """Write one picture: the photo on the left, the page made of it on the right."""
    scene = Scene(poses=(TILTS["crooked"],), desk="wood", lamp=0.5, shadow=0.55, seed=2)
    photo = photograph(scene, (PAPERS["birth_certificate"](),))
    page = maker.make_page(photo)
    sides = [
        cv2.resize(side, (round(side.shape[1] * 900 / side.shape[0]), 900), interpolation=cv2.INTER_AREA)
        for side in (photo, drawn(page))
    ]
    cv2.imwrite(str(target), np.hstack(sides), [cv2.IMWRITE_JPEG_QUALITY, 80])


def main() -> int:
    """Print the tables, or say what is missing."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--picture", type=Path, help="only write the picture before and after")
    target = parser.parse_args().picture
    maker = DocumentPageMaker()
    if target:
        before_and_after(maker, target)
        return 0
    if shutil.which("tesseract") is None:
        print("tesseract is absent, so nothing was measured: apt-get install tesseract-ocr tesseract-ocr-vie")
        return 1
    lamps_and_tilts(maker)
    faults_in_steps(maker)
    return 0


if __name__ == "__main__":
    sys.exit(main())
