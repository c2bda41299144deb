"""One wrong letter in a device's source makes that device ill, and nothing else in the paper room."""

from __future__ import annotations

import contextlib
import datetime as dt

import pytest

from drivers.errors import DeviceMissingError
from drivers.ports import DeviceState
from kiosk_app.config import Config, DocumentScanner, QrScanner
from kiosk_app.doctor_words import explain
from kiosk_app.wiring.paper_room import PaperRoom

BAD = (DeviceState.FAULT, "device.bad_address")
PROCEDURE = "2.000635"


def room(*, camera: str = "simulated:", codes: str = "simulated:") -> contextlib.closing[PaperRoom]:
    config = Config(document_scanner=DocumentScanner(source=camera), qr_scanner=QrScanner(source=codes))
    return contextlib.closing(PaperRoom(config, simulate=False))


def test_a_wrong_letter_for_the_code_scanner_leaves_camera_and_forms_at_work() -> None:
    with room(codes="serial/dev/ttyACM0") as paper:
        codes = paper.code_status()
        assert (codes.state, codes.cause) == BAD
        assert codes.detail == "serial/dev/ttyACM0"
        with pytest.raises(DeviceMissingError):
            paper.read_code(timeout_s=0.1)
        paper.flush_codes()
        assert paper.status().state is DeviceState.READY
        form = paper.form_pdf(PROCEDURE, {}, receipt_code="K01-261122-0001", today=dt.date(2026, 11, 22))
        assert form.startswith(b"%PDF")


@pytest.mark.parametrize("camera", ["camera:x", "sane:test?dpi=20"])
def test_a_wrong_letter_for_the_camera_leaves_the_code_scanner_at_work(camera: str) -> None:
    with room(camera=camera) as paper:
        seen = paper.status()
        assert (seen.state, seen.cause) == BAD
        assert seen.detail
        with pytest.raises(DeviceMissingError):
            paper.take_page(timeout_s=0.1)
        assert paper.glance() is None
        assert paper.code_status().state is DeviceState.READY
        paper.show_code("K01-261122-0007")
        assert paper.read_code(timeout_s=5) == "K01-261122-0007"


def test_what_is_to_be_corrected_is_named_in_words() -> None:
    said = explain("qr_scanner", "fault", "device.bad_address")
    assert "qr_scanner.source" in said
    assert "document_scanner.source" in said
    assert "ticket_printer.address" in explain("ticket_printer", "fault", "printer.misconfigured")
