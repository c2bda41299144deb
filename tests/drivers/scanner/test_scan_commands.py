"""`kiosk scan`, `kiosk qr read`, and the rooms they are built from."""

from __future__ import annotations

import io
import json
import re
import resource
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cv2
import pikepdf
import pytest
import segno

from drivers.errors import DriverError, ScanError
from drivers.qr.absent import AbsentCodeScanner
from drivers.qr.folder_scanner import FolderCodeScanner
from drivers.qr.serial_scanner import SerialCodeScanner
from drivers.scanner.absent import AbsentScanner
from drivers.scanner.folder import FolderScanner
from drivers.scanner.true_size import FILE_NAME as SIZE_NAME
from drivers.scanner.true_size import kept_scale
from drivers.simulated.codes import SimulatedCodeScanner
from drivers.simulated.scanner.code_picture import draw_code
from drivers.simulated.scanner.desk import FRAME_PX, Scene, photograph
from drivers.simulated.scanner.scanner import SimulatedScanner
from kiosk_app.__main__ import main
from kiosk_app.cli.bar import Bar
from kiosk_app.cli.whole_file import write_whole
from kiosk_app.config import Config, DocumentScanner, QrScanner
from kiosk_app.wiring.codes import open_code_scanner
from kiosk_app.wiring.scanner import _camera_at, open_document_scanner

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

CARD = "087198001234|321456789|Nguyễn Thị Hường|15081998|Nữ|Sa Đéc|22122021"


def lines(out: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in out.splitlines()]


@pytest.fixture
def photo(tmp_path: Path, certificate: NDArray[np.uint8]) -> Path:
    path = tmp_path / "photo.jpg"
    assert cv2.imwrite(str(path), photograph(Scene(seed=2), (certificate,), FRAME_PX))
    return path


def test_scan_tells_each_page_and_writes_the_pdf(
    photo: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out.pdf"
    assert main(["scan", str(photo), str(photo), "--out", str(out), "--json"]) == 0
    first, second, last = lines(capsys.readouterr().out)
    keys = {"file", "corners", "found", "confidence", "sharpness", "glare", "problems", "elapsed_ms"}
    assert set(first) == keys
    assert first["file"] == str(photo)
    assert first["found"] is True
    assert len(first["corners"]) == 4
    assert first["problems"] == []
    assert second["corners"] == first["corners"]
    assert last == {"bytes": out.stat().st_size}
    with pikepdf.open(io.BytesIO(out.read_bytes())) as pdf:
        assert len(pdf.pages) == 2


def test_scan_makes_photocopies_and_says_when_no_text_can_be_laid_over(
    photo: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    out, config = tmp_path / "copy.pdf", tmp_path / "kiosk.toml"
    config.write_text("[document_scanner]\ntext_layer = true\n", encoding="utf-8")
    monkeypatch.setenv("PATH", str(tmp_path))
    asked = ["--config", str(config), "scan", str(photo), "--photocopy", "--out", str(out), "--json"]
    assert main(asked) == 0
    assert "apt-get install tesseract-ocr" in capsys.readouterr().err
    with pikepdf.open(out) as pdf:
        picture = pdf.pages[0].Resources.XObject.Page1
        assert (str(picture.ColorSpace), int(picture.Width)) == ("/DeviceGray", 2480)


def test_a_page_to_take_again_is_said_in_a_sentence_and_fails_the_run(
    photo: Path, certificate: NDArray[np.uint8], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    soft, out = tmp_path / "soft.jpg", tmp_path / "out.pdf"
    moved = cv2.GaussianBlur(photograph(Scene(seed=2), (certificate,), FRAME_PX), (0, 0), 7)
    assert cv2.imwrite(str(soft), moved)
    assert main(["scan", str(soft), str(photo), "--out", str(out)]) == 1
    shown = capsys.readouterr()
    assert f"{soft}: blurred: The letters are blurred." in shown.err
    assert f"{soft}: page found, to be taken again, blurred" in shown.out
    assert f"{photo}: page found, good" in shown.out
    assert f"{out}: 2 pages" in shown.out, "staff decide; the file is there all the same"
    assert main(["scan", str(soft), "--out", str(out), "--json"]) == 1
    (first, last) = lines(capsys.readouterr().out)
    assert (first["found"], first["problems"][0]["blocking"]) == (True, True)
    assert last["bytes"] == out.stat().st_size


def test_scan_names_a_bad_file_and_still_does_the_others(
    photo: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bad, empty = tmp_path / "bad.jpg", tmp_path / "empty.png"
    bad.write_bytes(b"\xff\xd8 no picture")
    assert cv2.imwrite(str(empty), photograph(Scene(poses=()), (), (600, 800)))
    out = tmp_path / "out.pdf"
    assert main(["scan", str(bad), str(empty), str(photo), "--out", str(out), "--json"]) == 1
    shown = capsys.readouterr()
    first, second, third, last = lines(shown.out)
    assert first["error"]["code"] == "scan.unreadable"
    assert (second["found"], second["corners"], second["problems"][0]["code"]) == (False, None, "no_page")
    assert third["found"] is True
    assert last["bytes"] == out.stat().st_size
    assert "bad.jpg" in shown.err
    assert "empty.png" in shown.err


def test_many_files_show_a_bar_to_a_person_and_nothing_to_a_program(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    missing = [str(tmp_path / f"{number}.jpg") for number in range(4)]
    assert main(["scan", *missing, "--out", str(tmp_path / "out.pdf"), "--json"]) == 1
    assert "[#" not in capsys.readouterr().err
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    assert main(["scan", *missing, "--out", str(tmp_path / "out.pdf"), "--json"]) == 1
    shown = capsys.readouterr()
    assert "[" + "#" * 15 + "." * 15 + "] 2/4 1.jpg" in shown.err
    assert_bar_is_never_in_the_way(shown.err)
    assert "[#" not in shown.out
    assert main(["qr", "read", *missing, "--json"]) == 1
    assert_bar_is_never_in_the_way(capsys.readouterr().err)


def assert_bar_is_never_in_the_way(err: str) -> None:
    """Each bar is drawn from the first column and gone before the next word is printed."""
    clear = "\r\x1b[K"
    for bar in re.finditer(r"\[[#.]{30}\] ./4 .\.jpg", err):
        assert err[: bar.start()].endswith(clear)
        assert err[bar.end() :].startswith(clear)
    assert err.count("]") >= 4
    assert err.rindex(clear) > err.rindex("4/4 3.jpg")


def test_a_bar_is_one_line_whatever_the_file_is_called(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "60")
    Bar(3).show(1, Path("two\nlines" + "x" * 90))
    drawn = capsys.readouterr().err.removeprefix("\r\x1b[K")
    assert "two?lines" in drawn
    assert len(drawn) == 59


def test_scan_without_a_single_page_writes_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out.pdf"
    assert main(["scan", str(tmp_path / "missing.jpg"), "--out", str(out)]) == 1
    assert not out.exists()
    shown = capsys.readouterr()
    assert "no PDF was written" in shown.err
    assert "0 pages" not in shown.out
    assert main(["scan", str(tmp_path / "missing.jpg"), "--out", str(out), "--json"]) == 1
    assert lines(capsys.readouterr().out)[-1] == {"bytes": 0}


def test_a_picture_is_never_written_over(
    photo: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    link, before = tmp_path / "link.pdf", photo.read_bytes()
    link.symlink_to(photo)
    for out in (photo, link):
        assert main(["scan", str(photo), "--out", str(out)]) == 2
        assert "give another --out" in capsys.readouterr().err
    assert photo.read_bytes() == before


@pytest.mark.parametrize("learn", ["--learn-mat", "--learn-size"])
@pytest.mark.parametrize("more", ["photo.jpg", "--photocopy"])
def test_learning_takes_its_own_pictures(learn: str, more: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["scan", learn, more]) == 2
    assert "take their own pictures" in capsys.readouterr().err


def test_a_full_disk_leaves_the_file_that_was_there(tmp_path: Path) -> None:
    """The limit on a file's size fails a write half-way, as a full disk does."""
    out = tmp_path / "out.pdf"
    write_whole(out, b"before")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (8192, before[1]))
    try:
        with pytest.raises(OSError, match="too large"):
            write_whole(out, b"x" * 65536)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert out.read_bytes() == b"before"
    assert list(tmp_path.iterdir()) == [out]


def test_what_is_no_file_is_written_to_as_it_is(tmp_path: Path) -> None:
    write_whole(Path("/dev/null"), b"gone")
    assert Path("/dev/null").is_char_device()
    real, link = tmp_path / "real.pdf", tmp_path / "link.pdf"
    link.symlink_to(real)
    write_whole(link, b"page")
    assert link.is_symlink()
    assert real.read_bytes() == b"page"


def test_scan_says_when_the_pdf_cannot_be_written(
    photo: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["scan", str(photo), "--out", str(tmp_path / "no" / "such.pdf")]) == 1
    assert "give another --out" in capsys.readouterr().err


def test_qr_read_classifies_each_code(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    card, blank, bad = tmp_path / "card.png", tmp_path / "blank.png", tmp_path / "bad.png"
    assert cv2.imwrite(str(card), draw_code(CARD))
    assert cv2.imwrite(str(blank), draw_code("x") | 255)
    bad.write_bytes(b"")
    assert main(["qr", "read", str(card), str(bad), str(blank), "--json"]) == 1
    shown = capsys.readouterr()
    first, second, third = lines(shown.out)
    assert {"file", "text", "kind", "fields", "elapsed_ms"} <= set(first)
    assert (first["text"], first["kind"]) == (CARD, "id_card")
    assert first["fields"]["full_name"] == "Nguyễn Thị Hường"
    assert second["error"]["code"] == "scan.unreadable"
    assert (third["kind"], third["text"], third["fields"]) == ("none", "", {})
    assert "bad.png" in shown.err
    assert main(["qr", "read", str(card)]) == 0
    assert "id_card" in capsys.readouterr().out


def test_qr_read_says_where_letters_were_guessed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """TCVN3 comes back as Japanese letters: shown as what it is, never as exact."""
    tcvn3 = tmp_path / "tcvn3.png"
    raw = bytes.fromhex("4e677579d46e2056a86e")
    segno.make(raw, error="m", mode="byte").save(str(tcvn3), scale=6, border=4)
    assert main(["qr", "read", str(tcvn3), "--json"]) == 0
    (line,) = lines(capsys.readouterr().out)
    assert (line["kind"], line["reason"], line["fields"]) == ("other", "not_utf8", {})
    assert main(["qr", "read", str(tcvn3)]) == 0
    assert "other (not_utf8)" in capsys.readouterr().out


def scanner_config(source: str) -> Config:
    return Config(document_scanner=DocumentScanner(source=source), qr_scanner=QrScanner(source=source))


def test_missing_devices_are_simulated_only_when_asked(tmp_path: Path) -> None:
    for source in ("", "camera:61", f"folder:{tmp_path / 'gone'}", "serial:///dev/no-such"):
        assert isinstance(open_code_scanner(scanner_config(source), simulate=True), SimulatedCodeScanner)
    for source in ("", "camera:61", f"folder:{tmp_path / 'gone'}", "simulated:"):
        assert isinstance(open_document_scanner(scanner_config(source), simulate=True), SimulatedScanner)
    assert isinstance(open_document_scanner(scanner_config("simulated:"), simulate=False), SimulatedScanner)
    assert isinstance(open_document_scanner(scanner_config(""), simulate=False), AbsentScanner)
    assert isinstance(open_code_scanner(scanner_config(""), simulate=False), AbsentCodeScanner)


def test_a_source_that_is_there_is_opened(tmp_path: Path) -> None:
    here = scanner_config(f"folder:{tmp_path}")
    assert isinstance(open_document_scanner(here, simulate=True), FolderScanner)
    assert isinstance(open_code_scanner(here, simulate=True), FolderCodeScanner)
    serial = open_code_scanner(scanner_config("serial:///dev/no-such?baud=9600"), simulate=False)
    assert isinstance(serial, SerialCodeScanner)
    serial.close()


@pytest.mark.parametrize(
    ("source", "asked"),
    [("0", (0, 3264, 2448)), ("2?size=4160x3120", (2, 4160, 3120)), ("0?size=big", None), ("x", None)],
)
def test_a_camera_takes_the_size_it_is_told(source: str, asked: tuple[int, int, int] | None) -> None:
    assert _camera_at(source) == asked


def test_an_unknown_source_says_what_to_write() -> None:
    with pytest.raises(ScanError, match="camera:0"):
        open_document_scanner(scanner_config("scanner"), simulate=False)
    with pytest.raises(DriverError, match="serial:///dev/ttyACM0"):
        open_code_scanner(scanner_config("camera:x"), simulate=False)


def test_the_size_is_learnt_from_one_sheet_of_a4(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    settings = tmp_path / "kiosk.toml"

    def learn(source: str) -> int:
        settings.write_text(
            f'data_dir = "{tmp_path}"\n[document_scanner]\nsource = "{source}"\n', encoding="utf-8"
        )
        return main(["--config", str(settings), "scan", "--learn-size"])

    assert learn("") == 1
    assert "No document scanner" in capsys.readouterr().err
    assert learn("sane:test:0") == 1
    assert "Only a document camera learns sizes" in capsys.readouterr().err
    assert not (tmp_path / SIZE_NAME).exists()
    assert learn("simulated:") == 0
    assert str(tmp_path / SIZE_NAME) in capsys.readouterr().out
    kept = kept_scale(tmp_path / SIZE_NAME)
    assert kept is not None
    assert kept.fits(FRAME_PX)
