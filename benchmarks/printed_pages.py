"""Draws A4 pages of Vietnamese text and tells what stands on them, so that reading errors can be counted.

The words are the names of procedures in `forms/tables/procedures.json`; the letters are Libertinus Serif,
which Typst brings along: a page is the same on every machine. Each number gives another page.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np
import typst

if TYPE_CHECKING:
    from numpy.typing import NDArray

ROOT = Path(__file__).resolve().parents[1]
DPI = 200
POINTS = (9.5, 13.0)
"""Sizes of the letters, as on forms."""
HEAD = ("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Độc lập - Tự do - Hạnh phúc")
PAGE = """
#set page(paper: "a4", margin: (x: 22mm, y: 20mm), fill: rgb("#fffefa"))
#set text(font: "Libertinus Serif", lang: "vi", hyphenate: false, fill: rgb("#26242c"))
#set par(justify: false, leading: 0.62em, spacing: 0.5em)
#align(center)[#text(size: 12pt, weight: "bold", sys.inputs.at("head0")) \\
  #text(size: 11pt, weight: "bold", sys.inputs.at("head1"))]
#for index in range(int(sys.inputs.at("count"))) {
  par(text(size: float(sys.inputs.at("size" + str(index))) * 1pt, sys.inputs.at("text" + str(index))))
  v(1fr)
}
"""
DENSE = 2400
"""Letters of a page without free room; fewer stand further apart, down to the foot all the same."""


@cache
def _names() -> tuple[str, ...]:
    table = json.loads((ROOT / "forms" / "tables" / "procedures.json").read_text(encoding="utf-8"))
    return tuple(str(row[2]) for row in table["rows"] if 40 < len(row[2]) < 260)  # noqa: PLR2004 - one to three lines


def printed_page(number: int, *, letters: int = DENSE) -> tuple[NDArray[np.uint8], str]:
    """Return page `number`, (2339, 1654, 3) uint8 BGR, and its text without white space."""
    chance = np.random.default_rng(number)
    names = _names()
    texts: list[str] = []
    while sum(map(len, texts)) < letters:
        texts.append(names[int(chance.integers(len(names)))] + ".")
    inputs = {"count": str(len(texts)), "head0": HEAD[0], "head1": HEAD[1]}
    for index, text in enumerate(texts):
        inputs |= {f"text{index}": text, f"size{index}": f"{chance.uniform(*POINTS):.1f}"}
    png = typst.compile(PAGE.encode(), sys_inputs=inputs, format="png", ppi=DPI, ignore_system_fonts=True)
    if not isinstance(png, bytes):
        raise TypeError("the text does not fit one page; ask for fewer letters")
    picture = cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_COLOR)
    return np.asarray(picture, np.uint8), "".join("".join((*HEAD, *texts)).split())
