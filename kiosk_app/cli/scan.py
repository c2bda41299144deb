"""`kiosk scan IMAGE… --out FILE.pdf`: turn pictures of papers into one PDF."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from kiosk_app.cli.bar import show_progress

if TYPE_CHECKING:
    import argparse

    from drivers.ports import Outline, PageMaker, PageProblem, ScannedPage
    from kiosk_app.config import Config

TITLE = "Giấy tờ kèm theo hồ sơ"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("images", nargs="*", type=Path, metavar="IMAGE")
    target = parser.add_mutually_exclusive_group(required=True)
    target.add_argument("--out", type=Path, metavar="FILE.pdf")
    target.add_argument(
        "--learn-mat", action="store_true", help="photograph the empty mat under the kiosk's own camera"
    )
    target.add_argument(
        "--learn-size",
        action="store_true",
        help="photograph one A4 sheet under the kiosk's own camera, which tells true sizes from then on",
    )
    parser.add_argument(
        "--photocopy", action="store_true", help="write copies to print: A4, grey, 300 dpi, in true size"
    )
    parser.add_argument(
        "--json", action="store_true", help="one JSON line per picture, then one with `bytes`"
    )


def run(args: argparse.Namespace, config: Config) -> int:
    """Make a page of each picture and write the PDF; return 1 when any picture gave no page."""
    if args.learn_mat or args.learn_size:
        return _learn(config, size=args.learn_size)
    if not args.images:
        print("kiosk: give pictures of papers before --out", file=sys.stderr)
        return 2
    from kiosk_app.wiring.scanner import lacks_reader, open_page_maker

    if lacks_reader(config):
        print(
            "kiosk: the text layer needs tesseract: apt-get install tesseract-ocr tesseract-ocr-vie; "
            "without it the PDF has none",
            file=sys.stderr,
        )
    maker = open_page_maker(config)
    pages: list[ScannedPage] = []
    for number, image in enumerate(args.images, start=1):
        show_progress(number, len(args.images), image)
        page, line = _page(maker, image)
        if page is not None:
            pages.append(page)
        print(json.dumps(line, ensure_ascii=False) if args.json else _plain(line))
    size = _bind(maker, tuple(pages), args)
    if size is None:
        return 1
    print(json.dumps({"bytes": size}) if args.json else f"{args.out}: {len(pages)} pages, {size} bytes")
    return 0 if len(pages) == len(args.images) else 1


def _bind(maker: PageMaker, pages: tuple[ScannedPage, ...], args: argparse.Namespace) -> int | None:
    """Write the PDF and return its size in bytes: 0 without a page, None where it cannot be written."""
    from kiosk_app.wiring.scanner import photocopy_pages

    if not pages:
        print("kiosk: no picture held a page, so no PDF was written", file=sys.stderr)
        return 0
    bound = photocopy_pages(pages) if args.photocopy else maker.make_pdf(pages, title=TITLE)
    try:
        args.out.write_bytes(bound)
    except OSError as error:
        print(f"kiosk: {args.out}: cannot be written ({error.strerror}); give another --out", file=sys.stderr)
        return None
    return len(bound)


def _learn(config: Config, *, size: bool) -> int:
    from drivers.errors import DriverError
    from kiosk_app.wiring.scanner import learn_mat, learn_size

    try:
        kept = learn_size(config) if size else learn_mat(config)
    except DriverError as error:
        print(f"kiosk: {error}", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"kiosk: {config.data_dir}: cannot be written ({error.strerror})", file=sys.stderr)
        return 1
    what = "papers now get their true size" if size else "papers are now looked for on this mat"
    print(f"{kept}: {what}; do it again when the camera or the mat was moved")
    return 0


def _page(maker: PageMaker, image: Path) -> tuple[ScannedPage | None, dict[str, object]]:
    """Return the page of one picture, None where there is none, and the line to print."""
    from drivers.errors import PageNotFoundError, PictureUnreadableError
    from kiosk_app.wiring.scanner import read_picture_file

    started = time.perf_counter()
    try:
        page = maker.make_page(read_picture_file(image))
    except PictureUnreadableError as error:
        print(f"kiosk: {image}: {error}", file=sys.stderr)
        return None, {
            "file": str(image),
            "found": False,
            "error": _error(error.code, str(error), error.next_step),
        }
    except PageNotFoundError as error:
        print(f"kiosk: {image}: {error}", file=sys.stderr)
        line = _line(image, None, _since(started))
        line["problems"] = [{"code": error.detail, "blocking": True, "value": 0.0}]
        return None, line | {"error": _error(error.code, str(error), error.next_step)}
    return page, _line(image, page, _since(started))


def _since(started: float) -> float:
    return round((time.perf_counter() - started) * 1000, 1)


def _error(code: str, message: str, next_step: str) -> dict[str, str]:
    return {"code": code, "message": message, "next_step": next_step}


def _line(image: Path, page: ScannedPage | None, elapsed_ms: float) -> dict[str, object]:
    outline: Outline | None = page.outline if page else None
    corners = outline.corners if outline else None
    return {
        "file": str(image),
        "corners": [[round(x, 2), round(y, 2)] for x, y in corners] if corners else None,
        "found": page is not None,
        "confidence": round(outline.confidence, 3) if outline else 0.0,
        "sharpness": round(page.sharpness, 2) if page else None,
        "glare": round(page.glare, 5) if page else None,
        "problems": [_problem(problem) for problem in page.problems] if page else [],
        "elapsed_ms": elapsed_ms,
    }


def _problem(problem: PageProblem) -> dict[str, object]:
    return {"code": problem.code, "blocking": problem.blocking, "value": round(problem.value, 4)}


def _plain(line: dict[str, object]) -> str:
    if not line["found"]:
        return f"{line['file']}: no page"
    codes = [problem["code"] for problem in line["problems"]] if isinstance(line["problems"], list) else []
    verdict = ", ".join(codes) or "good"
    return (
        f"{line['file']}: page found, {verdict}, edge width {line['sharpness']} px, {line['elapsed_ms']} ms"
    )
