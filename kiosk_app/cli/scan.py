"""`kiosk scan IMAGE… --out FILE.pdf`: turn pictures of papers into one PDF."""

from __future__ import annotations

import json
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from kiosk_app.cli.bar import Bar

if TYPE_CHECKING:
    import argparse

    from drivers.ports import Outline, PageMaker, PageProblem, ScannedPage
    from kiosk_app.config import Config

TITLE = "Giấy tờ kèm theo hồ sơ"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Result:
    """What became of one picture."""

    page: ScannedPage | None
    line: dict[str, object]
    """As printed with `--json`."""
    said: tuple[str, ...] = ()
    """Why there is no page, or why it must be taken again."""


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
    """Make a page of each picture and write the PDF; return 1 when any gave no page or one to take again."""
    wrong = _wrong_usage(args)
    if wrong:
        print(f"kiosk: {wrong}", file=sys.stderr)
        return 2
    if args.learn_mat or args.learn_size:
        return _learn(config, size=args.learn_size)
    from kiosk_app.wiring.scanner import lacks_reader, open_page_maker

    if lacks_reader(config):
        print(
            "kiosk: the text layer needs tesseract: apt-get install tesseract-ocr tesseract-ocr-vie; "
            "without it the PDF has none",
            file=sys.stderr,
        )
    maker = open_page_maker(config)
    results = _look_at_all(maker, args)
    written = _bind(maker, tuple(result.page for result in results if result.page), args)
    return 0 if written and not any(result.said for result in results) else 1


def _wrong_usage(args: argparse.Namespace) -> str:
    """Return what does not go together, empty where all is well."""
    if args.out is None:
        alone = not args.images and not args.photocopy
        return "" if alone else "--learn-mat and --learn-size take their own pictures; give them alone"
    if not args.images:
        return "give pictures of papers before --out"
    if any(_is_same(image, args.out) for image in args.images):
        return f"{args.out}: is one of the pictures and would be lost; give another --out"
    return ""


def _is_same(image: Path, out: Path) -> bool:
    try:
        return image.samefile(out)
    except OSError:  # one of them is not there, or not ours to look at: said when it is read or written
        return False


def _look_at_all(maker: PageMaker, args: argparse.Namespace) -> list[_Result]:
    results: list[_Result] = []
    bar = Bar(len(args.images))
    for number, image in enumerate(args.images, start=1):
        bar.show(number, image)
        result = _page(maker, image)
        bar.clear()
        for sentence in result.said:
            print(f"kiosk: {image}: {sentence}", file=sys.stderr)
        print(json.dumps(result.line, ensure_ascii=False) if args.json else _plain(result.line))
        results.append(result)
    return results


def _bind(maker: PageMaker, pages: tuple[ScannedPage, ...], args: argparse.Namespace) -> bool:
    """Write the PDF, say so, and tell whether there is one."""
    from kiosk_app.cli.whole_file import write_whole
    from kiosk_app.wiring.scanner import photocopy_pages

    if not pages:
        print("kiosk: no picture held a page, so no PDF was written", file=sys.stderr)
        if args.json:
            print(json.dumps({"bytes": 0}))
        return False
    bound = photocopy_pages(pages) if args.photocopy else maker.make_pdf(pages, title=TITLE)
    try:
        write_whole(args.out, bound)
    except OSError as error:
        print(f"kiosk: {args.out}: cannot be written ({error.strerror}); give another --out", file=sys.stderr)
        return False
    size = len(bound)
    print(json.dumps({"bytes": size}) if args.json else f"{args.out}: {len(pages)} pages, {size} bytes")
    return True


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


def _page(maker: PageMaker, image: Path) -> _Result:
    from drivers.errors import PageNotFoundError, PictureUnreadableError
    from kiosk_app.wiring.scanner import read_picture_file

    started = time.perf_counter()
    try:
        page = maker.make_page(read_picture_file(image))
    except PictureUnreadableError as error:
        line: dict[str, object] = {"file": str(image), "found": False}
        line["error"] = _error(error.code, str(error), error.next_step)
        return _Result(page=None, line=line, said=(str(error),))
    except PageNotFoundError as error:
        line = _line(image, None, _since(started))
        line["problems"] = [{"code": error.detail, "blocking": True, "value": 0.0}]
        line["error"] = _error(error.code, str(error), error.next_step)
        return _Result(page=None, line=line, said=(str(error),))
    return _Result(page=page, line=_line(image, page, _since(started)), said=_refusals(page))


def _refusals(page: ScannedPage) -> tuple[str, ...]:
    """Return a sentence for each thing that makes this page one to take again."""
    from kiosk_app.flow.sentences import sentence_in

    return tuple(
        f"{problem.code}: {sentence_in('en', f'page.{problem.code}')}"
        for problem in page.problems
        if problem.blocking
    )


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
    problems = line["problems"] if isinstance(line["problems"], list) else []
    codes = ", ".join(problem["code"] for problem in problems) or "good"
    verdict = f"to be taken again, {codes}" if any(problem["blocking"] for problem in problems) else codes
    return (
        f"{line['file']}: page found, {verdict}, edge width {line['sharpness']} px, {line['elapsed_ms']} ms"
    )
