"""Files nobody meant well: each gets its own clear answer, and none takes the machine's memory."""

from __future__ import annotations

import functools
import io
import json
import os
import struct
import subprocess
import sys
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
import pytest
from PIL import Image

from drivers.simulated.scanner.scanner import SimulatedScanner

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from numpy.typing import NDArray

MOST_MIB = 450
"""Resident memory that `kiosk scan` may reach over them all; a picture of 49 megapixels takes 350 of it."""

MEASURED = """
import sys
from pathlib import Path
from kiosk_app.__main__ import main
status = main(sys.argv[1:])
print(Path("/proc/self/status").read_text(), file=sys.stderr)
sys.exit(status)
"""
"""The command, then its own highest memory: what the kernel tells a parent includes the parent's."""


def as_bytes(picture: NDArray[Any], kind: str) -> bytes:
    return cv2.imencode(kind, picture)[1].tobytes()


def saved(picture: Image.Image, kind: str, **how: Any) -> bytes:
    target = io.BytesIO()
    picture.save(target, kind, **how)
    return target.getvalue()


def grain() -> NDArray[np.uint8]:
    return np.random.default_rng(1).integers(0, 256, (400, 300, 3), np.uint8)


def bomb(kind: str, **how: Any) -> bytes:
    """Make 900 million pixels that weigh a hundred kilobytes and less."""
    Image.MAX_IMAGE_PIXELS, most = None, Image.MAX_IMAGE_PIXELS
    try:
        return saved(Image.new("1", (30_000, 30_000)), kind, **how)
    finally:
        Image.MAX_IMAGE_PIXELS = most


def chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def text_bomb() -> bytes:
    """A small PNG with a text that unpacks to 200 MiB."""
    whole = as_bytes(grain(), ".png")
    text = zlib.compress(bytes(200 << 20), 9)
    return whole[:33] + chunk(b"zTXt", b"Comment\0\0" + text) + whole[33:]


def claimed(width: int, height: int) -> bytes:
    """A JPEG whose header claims a size that its data do not have."""
    whole = bytearray(as_bytes(grain(), ".jpg"))
    start = whole.index(b"\xff\xc0")
    whole[start + 5 : start + 9] = struct.pack(">HH", height, width)
    return bytes(whole)


def moving(kind: str) -> bytes:
    first, *others = (Image.fromarray(np.full((40, 30, 3), level, np.uint8)) for level in (10, 90, 170))
    return saved(first, kind, save_all=True, append_images=others)


def turning_in_circles() -> bytes:
    """A TIFF whose list of pictures leads back to its own beginning."""
    side = 128
    tags = [(256, side), (257, side), (258, 8), (259, 1), (262, 1), (273, 8)]
    tags += [(277, 1), (278, side), (279, side * side)]
    start = 8 + side * side
    listed = b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in tags)
    return (
        b"II*\0"
        + struct.pack("<I", start)
        + bytes(side * side)
        + struct.pack("<H", len(tags))
        + listed
        + struct.pack("<I", start)
    )


@functools.cache
def photo() -> NDArray[np.uint8]:
    """A paper under a camera: what must still be read."""
    return SimulatedScanner().capture(timeout_s=1)


def holed(*, at: float, kind: str) -> bytes:
    """A photo of a paper with 700 bytes lost, or wiped out, in its middle."""
    whole = as_bytes(photo(), ".jpg")
    place = int(len(whole) * at)
    return whole[:place] + (bytes(700) if kind == "wiped" else b"") + whole[place + 700 :]


def blank(width: int, height: int) -> bytes:
    return as_bytes(np.full((height, width, 3), 200, np.uint8), ".png")


REFUSED: dict[str, Callable[[], bytes]] = {
    "empty.jpg": lambda: b"",
    "lost.jpg": lambda: holed(at=0.3, kind="lost"),
    "wiped.jpg": lambda: holed(at=0.6, kind="wiped"),
    "late.jpg": lambda: holed(at=0.9, kind="lost"),
    "dot.png": lambda: blank(1, 1),
    "dots.png": lambda: blank(2, 2),
    "nine.png": lambda: blank(3, 3),
    "stamp.png": lambda: blank(20, 20),
    "small.png": lambda: blank(99, 140),
    "line.png": lambda: blank(2000, 1),
    "post.png": lambda: blank(1, 2000),
    "thread.png": lambda: blank(3, 3000),
    "band.png": lambda: blank(60_000, 700),
    "strip.png": lambda: blank(2200, 105),
    "cut.jpg": lambda: as_bytes(grain(), ".jpg")[:9000],
    "cut.png": lambda: as_bytes(grain(), ".png")[:90_000],
    "cut.tif": lambda: as_bytes(grain(), ".tiff")[:90_000],
    "bomb.png": lambda: bomb("PNG"),
    "bomb.tif": lambda: bomb("TIFF", compression="group4"),
    "text.png": text_bomb,
    "claimed.jpg": lambda: claimed(65_000, 65_000),
    "moving.gif": lambda: moving("GIF"),
    "moving.png": lambda: moving("PNG"),
    "moving.webp": lambda: moving("WEBP"),
    "letter.jpg": lambda: b"%PDF-1.7 a letter",
    "program.png": lambda: b"\x7fELF" + bytes(4096),
}
READ: dict[str, Callable[[], bytes]] = {
    "really-png.jpg": lambda: as_bytes(grain(), ".png"),
    "narrow.png": lambda: blank(2000, 100),
    "circle.tif": turning_in_circles,
    "large.jpg": lambda: as_bytes(np.full((7000, 7000, 3), 90, np.uint8), ".jpg"),
}
PAGES: dict[str, Callable[[], bytes]] = {
    "deep.png": lambda: as_bytes(photo().astype(np.uint16) * 257, ".png"),
    "deep.tif": lambda: as_bytes(photo().astype(np.uint16) * 257, ".tiff"),
    "print.jpg": lambda: saved(Image.fromarray(photo()[..., ::-1]).convert("CMYK"), "JPEG"),
    "longer.jpg": lambda: as_bytes(photo(), ".jpg") + bytes(3000),
    "by-degrees.jpg": lambda: saved(Image.fromarray(photo()[..., ::-1]), "JPEG", progressive=True),
}
ALL = REFUSED | READ | PAGES


@dataclass(frozen=True)
class Run:
    lines: dict[str, dict[str, Any]]
    errors: str
    status: int
    most_mib: float


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Let one `kiosk scan` in a process of its own take them all, and measure its memory."""
    folder = tmp_path_factory.mktemp("hostile")
    files: list[Path] = []
    for name, make in ALL.items():
        (folder / name).write_bytes(make())
        files.append(folder / name)
    os.mkfifo(folder / "pipe.jpg")
    files.append(folder / "pipe.jpg")
    asked = [
        sys.executable,
        "-c",
        MEASURED,
        "scan",
        *map(str, files),
        "--out",
        str(folder / "out.pdf"),
        "--json",
    ]
    done = subprocess.run(
        asked,
        capture_output=True,
        text=True,
        check=False,
        timeout=110,
        env={**os.environ, "OPENCV_LOG_LEVEL": "OFF"},
    )
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    named = {line["file"].rpartition("/")[2]: line for line in lines if "file" in line}
    most_kib = int(done.stderr.rpartition("VmHWM:")[2].split()[0])
    return Run(named, done.stderr, done.returncode, most_kib / 1024)


@pytest.mark.parametrize("name", [*REFUSED, "pipe.jpg"])
def test_what_is_no_picture_is_refused_by_name_with_the_next_step(run: Run, name: str) -> None:
    error = run.lines[name]["error"]
    assert error["code"] == "scan.unreadable"
    assert name in error["message"]
    assert error["next_step"]
    assert f"{name}: {name}" in run.errors or f"{name} " in run.errors
    assert run.lines[name]["found"] is False


@pytest.mark.parametrize("name", list(READ))
def test_a_strange_picture_is_read_and_holds_no_page(run: Run, name: str) -> None:
    assert run.lines[name]["error"]["code"] == "scan.no_page"


@pytest.mark.parametrize("name", list(PAGES))
def test_a_page_in_a_rare_format_is_found_and_passes(run: Run, name: str) -> None:
    line = run.lines[name]
    assert line["found"] is True
    assert [problem for problem in line["problems"] if problem["blocking"]] == []


def test_one_bad_file_stops_no_other_and_the_memory_is_bounded(run: Run) -> None:
    assert run.status == 1
    assert set(run.lines) == {*ALL, "pipe.jpg"}
    assert "Traceback" not in run.errors
    assert run.most_mib < MOST_MIB, run.most_mib
