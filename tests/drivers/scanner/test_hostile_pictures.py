"""Files nobody meant well: each gets its own clear answer, and none takes the machine's memory."""

from __future__ import annotations

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
    tags = [(256, 4), (257, 4), (258, 8), (259, 1), (262, 1), (273, 8), (277, 1), (278, 4), (279, 16)]
    listed = b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in tags)
    return (
        b"II*\0"
        + struct.pack("<I", 24)
        + bytes(16)
        + struct.pack("<H", len(tags))
        + listed
        + struct.pack("<I", 24)
    )


REFUSED: dict[str, Callable[[], bytes]] = {
    "empty.jpg": lambda: b"",
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
    "deep.png": lambda: as_bytes(grain().astype(np.uint16) * 257, ".png"),
    "deep.tif": lambda: as_bytes(grain().astype(np.uint16) * 257, ".tiff"),
    "print.jpg": lambda: saved(Image.fromarray(grain()).convert("CMYK"), "JPEG"),
    "really-png.jpg": lambda: as_bytes(grain(), ".png"),
    "circle.tif": turning_in_circles,
    "large.jpg": lambda: as_bytes(np.full((7000, 7000, 3), 90, np.uint8), ".jpg"),
}


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
    for name, make in (REFUSED | READ).items():
        (folder / name).write_bytes(make())
        files.append(folder / name)
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


@pytest.mark.parametrize("name", list(REFUSED))
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


def test_one_bad_file_stops_no_other_and_the_memory_is_bounded(run: Run) -> None:
    assert run.status == 1
    assert set(run.lines) == set(REFUSED | READ)
    assert "Traceback" not in run.errors
    assert run.most_mib < MOST_MIB, run.most_mib
