"""IPP messages: what is written can be read, and bytes that are none are refused, whatever they are."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.printer import ipp
from drivers.printer.ipp import Group, IppError, Operation, Tag

# RFC 8010, appendix A.1, shortened to the attributes a kiosk sends.
PRINT_JOB = (
    b"\x02\x00\x00\x02\x00\x00\x00\x01\x01"
    b"\x47\x00\x12attributes-charset\x00\x05utf-8"
    b"\x48\x00\x1battributes-natural-language\x00\x05en-us"
    b"\x45\x00\x0bprinter-uri\x00\x1cipp://printer.example/ipp/pr"
    b"\x02\x21\x00\x06copies\x00\x04\x00\x00\x00\x14"
    b"\x44\x00\x05sides\x00\x13two-sided-long-edge"
    b"\x03%!PDF"
)


def test_a_request_is_the_bytes_of_the_standard() -> None:
    head: dict[str, tuple[Tag, ipp.Value]] = {
        "attributes-charset": (Tag.CHARSET, "utf-8"),
        "attributes-natural-language": (Tag.LANGUAGE, "en-us"),
        "printer-uri": (Tag.URI, "ipp://printer.example/ipp/pr"),
    }
    job: dict[str, tuple[Tag, ipp.Value]] = {
        "copies": (Tag.INTEGER, 20),
        "sides": (Tag.KEYWORD, "two-sided-long-edge"),
    }
    made = ipp.encode(Operation.PRINT_JOB, 1, ((Group.OPERATION, head), (Group.JOB, job)), b"%!PDF")
    assert made == PRINT_JOB
    read = ipp.decode(PRINT_JOB)
    assert (read.code, read.number, read.data) == (Operation.PRINT_JOB, 1, b"%!PDF")
    assert read.group(Group.JOB) == {"copies": (20,), "sides": ("two-sided-long-edge",)}
    assert read.group(Group.PRINTER) == {}


def test_several_values_of_one_attribute_stay_together() -> None:
    raw = (
        b"\x02\x00\x00\x00\x00\x00\x00\x07\x04"
        b"\x44\x00\x15printer-state-reasons\x00\x13media-empty-warning"
        b"\x44\x00\x00\x00\x0fmedia-jam-error"
        b"\x22\x00\x02ok\x00\x01\x00"
        b"\x31\x00\x04when\x00\x02\x07\xea"
        b"\x03"
    )
    printer = ipp.decode(raw).group(Group.PRINTER)
    assert printer["printer-state-reasons"] == ("media-empty-warning", "media-jam-error")
    assert printer["ok"] == (False,)
    assert printer["when"] == (b"\x07\xea",)


def test_an_unknown_group_is_read_over() -> None:
    read = ipp.decode(b"\x02\x00\x00\x00\x00\x00\x00\x01\x09\x21\x00\x01a\x00\x04\x00\x00\x00\x01\x03")
    assert read.group(Group.UNSUPPORTED) == {"a": (1,)}


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        PRINT_JOB[:20],
        PRINT_JOB[:-6],
        b"\x02\x00\x00\x00\x00\x00\x00\x01\x21\x00\x01a\x00\x04\x00\x00\x00\x01\x03",
        b"\x02\x00\x00\x00\x00\x00\x00\x01\x04\x44\x00\x01a\x00\x02\xff\xfe\x03",
        b"\x02\x00\x00\x00\x00\x00\x00\x01\x04\x21\x00\x01a\x00\x02\x00\x01\x03",
    ],
)
def test_bytes_that_are_no_message_are_refused(raw: bytes) -> None:
    with pytest.raises(IppError):
        ipp.decode(raw)


@given(st.binary(max_size=200))
def test_no_bytes_do_more_than_be_refused(raw: bytes) -> None:
    try:
        ipp.decode(b"\x02\x00\x00\x00\x00\x00\x00\x01" + raw)
    except IppError:
        return
    assert b"\x03" in raw
