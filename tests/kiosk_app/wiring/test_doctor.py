"""Everything simulated and well; then each part broken in turn: the doctor names that part and no other."""

from __future__ import annotations

import datetime as dt
import json
import subprocess
import sys
import threading
from typing import TYPE_CHECKING

import msgspec
import pytest

from drivers.ports import DeviceState
from kiosk_app import i18n
from kiosk_app.cli.doctor import PARTS
from kiosk_app.config import Config
from kiosk_app.doctor_words import explain_in, figures
from kiosk_app.wiring import doctor, doctor_machine, paths
from kiosk_app.wiring.findings import Finding, finding
from kiosk_app.wiring.house import open_house
from kiosk_app.wiring.kiosk import all_simulated
from offline_queue.errors import BackendRefusedError, BackendUnreachableError
from offline_queue.keyfiles import keys_dir

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from kiosk_app.hands import Hands
    from kiosk_app.wiring.findings import Measures
    from kiosk_app.wiring.house import House
    from offline_queue.probe import LineSpeed

NOW = dt.datetime(2026, 11, 22, 9, 0, tzinfo=dt.UTC)


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Config:
    folder = tmp_path_factory.mktemp("doctor") / "data"
    made = msgspec.structs.replace(all_simulated(Config()), data_dir=folder)
    paths.prepare(made)
    return made


@pytest.fixture(scope="module")
def house(config: Config) -> Iterator[House]:
    opened = open_house(config, simulate=True)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def hands(house: House) -> Hands:
    assert house.hands is not None
    return house.hands


def ill(house: House, config: Config, only: str | None = None) -> dict[str, str]:
    return {found.part: found.cause for found in doctor.look_over(house, config, only=only) if not found.well}


def test_with_everything_simulated_all_is_well_and_was_done_end_to_end(house: House, config: Config) -> None:
    found = {one.part: one for one in doctor.look_over(house, config)}
    assert set(found) == set(PARTS)
    assert [one.part for one in found.values() if not one.well] == []
    assert found["card_reader"].measured["access"] == "PACE"
    assert found["ticket_printer"].measured["read_back"] == "yes"
    assert float(found["document_scanner"].measured["dpi"]) > 100
    assert float(found["disk"].measured["fsync_ms"]) > 0
    line = found["backend"].measured
    assert float(line["answer_worst_ms"]) >= float(line["answer_ms"]) > 0
    assert float(line["up_kbit_s"]) > doctor_machine.NARROW_KBIT_S
    assert float(line["down_kbit_s"]) > 0
    assert found["card_authorities"].state == "ready"
    assert found["kiosk_key"].state == "ready"
    assert abs(float(found["clock"].measured["skew_s"])) < 60


@pytest.mark.parametrize(
    ("culprit", "cause"),
    [
        ("card_reader", "card.no_reader"),
        ("qr_scanner", "device.missing"),
        ("document_scanner", "device.missing"),
        ("ticket_printer", "printer.unreachable"),
    ],
)
def test_a_pulled_cable_names_that_device_and_no_other(
    house: House, config: Config, hands: Hands, culprit: str, cause: str
) -> None:
    hands.set_plugged(culprit, plugged=False)
    try:
        assert ill(house, config) == {culprit: cause}
    finally:
        hands.set_plugged(culprit, plugged=True)
    assert ill(house, config, culprit) == {}


@pytest.mark.parametrize(
    ("condition", "cause"),
    [
        ("paper_out", "printer.paper_out"),
        ("cover_open", "printer.cover_open"),
        ("cutter_error", "printer.cutter"),
        ("hang", "printer.silent"),
    ],
)
def test_what_is_wrong_at_the_printer_is_told_apart(
    house: House, config: Config, hands: Hands, condition: str, cause: str
) -> None:
    hands.set_printer(condition)
    try:
        assert ill(house, config, "ticket_printer") == {"ticket_printer": cause}
    finally:
        hands.set_printer("ok")
    assert ill(house, config, "ticket_printer") == {}


def test_an_a4_printer_that_was_only_asked_says_that_nothing_was_printed(
    house: House, config: Config
) -> None:
    (found,) = doctor.look_over(house, config, only="a4_printer")
    assert (found.well, found.measured["exercised"], found.measured["printed"]) == (True, "no", "no")
    assert "chưa in tờ nào" in doctor.said_of(found, "vi")
    assert "no sheet was printed" in doctor.said_of(found, "en")


def test_an_a4_printer_that_is_off_is_named(house: House, config: Config, hands: Hands) -> None:
    hands.set_sheet_printer(on=False)
    try:
        assert list(ill(house, config)) == ["a4_printer"]
    finally:
        hands.set_sheet_printer(on=True)


def test_a_dead_line_names_the_backend_and_no_device(house: House, config: Config, hands: Hands) -> None:
    hands.set_backend(up=False)
    try:
        assert ill(house, config) == {"backend": "backend.line"}
    finally:
        hands.set_backend(up=True)
    assert ill(house, config, "backend") == {}


def test_a_key_that_is_damaged_is_the_culprit_and_not_the_line(house: House, config: Config) -> None:
    key = config.data_dir / "keys" / "kiosk.key"
    kept = key.read_bytes()
    key.write_bytes(b"half a key")
    try:
        assert ill(house, config, "kiosk_key") == {"kiosk_key": "key.damaged"}
        assert ill(house, config, "backend") == {"backend": "backend.not_asked"}
    finally:
        key.write_bytes(kept)
    assert ill(house, config, "kiosk_key") == {}


# --- the machine ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("now", "skew_s", "cause"),
    [
        (NOW, None, "clock.not_compared"),
        (NOW, 3.0, "ok"),
        (NOW, -400.0, "clock.skewed"),
        (NOW.replace(year=1970), None, "clock.lost"),
    ],
)
def test_the_clock_is_held_against_the_year_and_the_backend(
    now: dt.datetime, skew_s: float | None, cause: str
) -> None:
    assert doctor_machine.clock(now, skew_s).cause == cause


def test_the_clock_looked_at_alone_is_still_held_against_the_backend(house: House, config: Config) -> None:
    (found,) = doctor.look_over(house, config, only="clock")
    assert (found.state, found.cause) == ("ready", "ok")
    assert abs(float(found.measured["skew_s"])) < 60


@pytest.mark.parametrize(
    ("measured", "cause"),
    [
        ({"answer_ms": 40, "up_kbit_s": 5000, "dossier_min": 0.1}, "ok"),
        ({"answer_ms": 40}, "ok"),
        ({"answer_ms": 40, "up_kbit_s": 64, "dossier_min": 10.4}, "backend.narrow"),
        ({"answer_ms": 4000, "up_kbit_s": 5000, "dossier_min": 0.1}, "backend.slow"),
        ({"answer_ms": 40, "line": "cut"}, "backend.cut"),
    ],
)
def test_a_line_is_judged_by_what_it_carries(measured: Measures, cause: str) -> None:
    assert doctor_machine._line_cause(measured) == cause


def test_a_narrow_line_is_told_with_what_it_means_for_a_dossier() -> None:
    measured = {"up_kbit_s": 61, "dossier_min": 11.0}
    text = explain_in("vi", "backend", "degraded", "backend.narrow", measured)
    assert "(61 kbit/s): một hồ sơ 5 MB cần khoảng 11.0 phút" in text
    assert "about 11.0 minutes" in explain_in("en", "backend", "degraded", "backend.narrow", measured)


def test_a_line_that_breaks_while_it_is_measured_is_named(
    house: House, config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_config: Config) -> LineSpeed:
        raise BackendUnreachableError("cut")

    def older(_config: Config) -> LineSpeed:
        raise BackendRefusedError("404")

    for fails, cause in ((broken, "backend.cut"), (older, "ok")):
        monkeypatch.setattr("kiosk_app.wiring.queue.measure_line", fails)
        (found,) = doctor.look_over(house, config, only="backend")
        assert (found.cause, found.well) == (cause, True)


def test_a_damaged_queue_is_named(tmp_path: Path) -> None:
    broken = Config(data_dir=tmp_path)
    keys_dir(tmp_path)
    (tmp_path / "queue.db").write_bytes(b"this is no database" * 300)
    assert doctor_machine.queue(broken).cause == "queue.locked"
    assert not doctor_machine.queue(broken).well
    assert doctor_machine.backend(broken)[0].cause == "queue.locked"


def test_a_kiosk_that_is_enrolled_nowhere_is_told_so(tmp_path: Path) -> None:
    fresh = Config(data_dir=tmp_path)
    assert doctor_machine.queue(fresh).well
    assert doctor_machine.backend(fresh)[0].cause == "queue.not_enrolled"


TOUCH = """I: Bus=0019 Vendor=0000 Product=0001 Version=0000
N: Name="Power Button"
B: EV=3

I: Bus=0003 Vendor=222a Product=0001 Version=0110
N: Name="ILITEK ILITEK-TP"
B: EV=1b
B: ABS=260800000000003

I: Bus=0003 Vendor=046d Product=c077 Version=0111
N: Name="Tablet"
B: ABS=3
"""


def test_a_touch_screen_is_known_by_its_axis(tmp_path: Path) -> None:
    listing = tmp_path / "devices"
    listing.write_text(TOUCH, encoding="utf-8")
    seen = doctor_machine.touch(listing)
    assert (seen.state, seen.measured["told"]) == (DeviceState.READY, "ILITEK ILITEK-TP")
    listing.write_text(TOUCH.replace("260800000000003", "3"), encoding="utf-8")
    for empty in (listing, tmp_path / "nothing"):
        missing = doctor_machine.touch(empty)
        assert (missing.cause, missing.state, missing.well) == ("touch.missing", DeviceState.ABSENT, False)


KEYBOARD = """I: Bus=0003 Vendor=0c2e Product=0200 Version=0110
N: Name="Honeywell Scanner"
H: Handlers=sysrq kbd event3 leds
B: EV=120013
B: KEY=1000000000007 ff9f207ac14057ff febeffdfffefffff fffffffffffffffe
"""
MOUSE = """I: Bus=0003 Vendor=046d Product=c077 Version=0111
N: Name="Logitech USB Optical Mouse"
H: Handlers=mouse0 event5
B: EV=17
B: REL=1943
"""


@pytest.mark.parametrize(
    ("text", "simulated", "well"),
    [(KEYBOARD, False, False), (f"{KEYBOARD}\n{MOUSE}", False, True), (KEYBOARD, True, True)],
)
def test_a_machine_with_nothing_to_touch_or_point_with_is_ill_unless_it_is_a_bench(
    tmp_path: Path, text: str, *, simulated: bool, well: bool
) -> None:
    listing = tmp_path / "devices"
    listing.write_text(text, encoding="utf-8")
    assert doctor_machine.touch(listing, simulated=simulated).well is well


# --- a look that goes wrong, and the report -------------------------------------------------------------


def test_a_look_that_crashes_or_hangs_is_a_finding_and_stops_nobody() -> None:
    go_on = threading.Event()

    def crash() -> Finding:
        raise ZeroDivisionError

    def hang() -> Finding:
        go_on.wait(30)
        return finding("disk", DeviceState.READY)

    for look, cause in ((crash, "doctor.look_failed"), (hang, "doctor.too_slow")):
        found = doctor._safely("disk", look, limit_s=0.2)
        assert (found.cause, found.well) == (cause, False)
    go_on.set()


def test_a_look_that_hangs_for_good_does_not_keep_the_command_from_ending() -> None:
    script = (
        "import time; from kiosk_app.wiring import doctor;"
        "print(doctor._safely('sound', lambda: time.sleep(300), limit_s=0.2).cause)"
    )
    ended = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=True
    )
    assert ended.stdout == "doctor.too_slow\n"


class _Unmoved(type):
    def __setattr__(cls, name: str, value: object) -> None:
        raise AssertionError(f"the whole process now speaks {value}")


class _Spoken(metaclass=_Unmoved):
    lang = "en"


def test_a_report_does_not_change_what_the_citizen_reads_meanwhile(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(i18n, "_Current", _Spoken)
    turned = finding("touch", DeviceState.FAULT, "touch.dead", {"where": "top_left,r2c1"})
    silent = finding("ticket_printer", DeviceState.FAULT, "printer.silent")
    text = doctor.report((turned, silent), Config())
    assert "Màn hình chạm (touch)" in text
    assert "góc trên bên trái, ô hàng 2 cột 1" in text
    assert "Nối được nhưng không trả lời" in text
    assert "Connected but silent" in text


def test_what_was_not_tried_is_said_in_the_language_of_the_report() -> None:
    tried: Measures = {"exercised": "no", "read_back": "not tried", "sharpness": 2.6, "tones": 3}
    assert figures(tried, "vi") == "3 tiếng, độ nét 2.6, chưa đọc lại phiếu, chưa thử tận tay"
    assert figures(tried, "en") == "3 tones, sharpness 2.6, slip not tried at the scanner, not tried by hand"
    assert figures(tried) == figures(tried, i18n.language())
    assert "[chưa thử tận tay]" in doctor.report(
        (finding("card_reader", DeviceState.READY, measured={"exercised": "no"}),), Config()
    )


def test_every_cause_the_machine_names_has_words_in_both_languages() -> None:
    from kiosk_app.doctor_words import _CAUSES

    for cause in _CAUSES:
        vietnamese, english = (explain_in(lang, "disk", "fault", cause) for lang in ("vi", "en"))
        assert vietnamese != english
        assert english.isascii(), english


def test_the_report_begins_with_what_is_ill_and_speaks_both_languages() -> None:
    text = doctor.report(
        (
            finding("disk", DeviceState.READY, measured={"fsync_ms": 2.0}),
            finding("ticket_printer", DeviceState.BLOCKED, "printer.paper_out"),
        ),
        Config(),
    )
    assert "ILL: ticket_printer\n" in text
    assert text.index("(ticket_printer)") < text.index("(disk)")
    assert "Hết giấy" in text
    assert "fsync 2.0 ms" in text
    json.dumps(text)
