"""What ISO 19005-2 asks of a level-B file made of pictures, clause by clause; no validator is to be had.

Each test names its clause. What a file of pictures cannot break (fonts, annotations, forms, attachments) is
checked by its absence. Byte-level rules are read from the bytes, the others through pikepdf.
"""

from __future__ import annotations

import io
import re
import zlib
from dataclasses import replace
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import numpy as np
import pikepdf
import pytest
from PIL import Image

from drivers.scanner.packing import pack_page
from drivers.scanner.pdf import bind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from drivers.ports import ScannedPage

FILTERS = {"/FlateDecode", "/DCTDecode", "/CCITTFaxDecode"}
OPERATORS = {"q", "Q", "cm", "Do"}
NEVER_IN_THE_CATALOG = {"/AcroForm", "/OpenAction", "/AA", "/OCProperties", "/Names", "/Requirements", "/XFA"}
NEVER_IN_AN_IMAGE = {"/Alternates", "/OPI", "/SMask", "/SMaskInData", "/F", "/FFilter", "/FDecodeParms"}
KNOWN_PROPERTIES = {
    "http://www.aiim.org/pdfa/ns/id/": {"part", "conformance"},
    "http://purl.org/dc/elements/1.1/": {"title", "format"},
    "http://ns.adobe.com/pdf/1.3/": {"Producer", "PDFVersion"},
    "http://ns.adobe.com/xap/1.0/": set(),
}
RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"


@pytest.fixture(scope="module")
def whole(good_page: ScannedPage) -> bytes:
    """Bind every kind of page: layers in colour, one bit, grey and colour JPEG, the two sides of a card."""
    white = np.full((2339, 1654, 3), 255, np.uint8)
    lines = white.copy()
    lines[300:2000:60, 200:1400] = 20
    jpeg, layers = pack_page(lines)
    one_bit = replace(good_page, jpeg=jpeg, layers=layers)
    assert layers is not None
    assert not layers.colours
    assert good_page.layers is not None
    assert good_page.layers.colours
    grey, colour = io.BytesIO(), io.BytesIO()
    Image.new("L", (1011, 638), 180).save(grey, "JPEG")
    Image.new("RGB", (1011, 638), (200, 40, 40)).save(colour, "JPEG")
    sides = [
        replace(good_page, jpeg=one.getvalue(), layers=None, width=1011, height=638, dpi=300)
        for one in (grey, colour)
    ]
    return bind((good_page, one_bit, *sides), title="Giấy tờ kèm theo hồ sơ")


@pytest.fixture
def pdf(whole: bytes) -> Iterator[pikepdf.Pdf]:
    with pikepdf.open(io.BytesIO(whole)) as opened:
        yield opened


def pictures(pdf: pikepdf.Pdf) -> list[pikepdf.Stream]:
    return [one for one in pdf.objects if isinstance(one, pikepdf.Stream) and one.get("/Subtype") == "/Image"]


def test_6_1_2_the_header_says_pdf_1_7_and_binary(whole: bytes) -> None:
    assert re.match(rb"%PDF-1\.7\n%[\x80-\xff]{4,}", whole)


def test_6_1_3_the_trailer_has_an_id_and_no_encryption(pdf: pikepdf.Pdf, whole: bytes) -> None:
    assert "/ID" in pdf.trailer
    assert not pdf.is_encrypted
    assert whole.rstrip(b"\r\n").endswith(b"%%EOF")
    assert whole.count(b"%%EOF") == 1


def test_6_1_7_streams_are_inside_and_use_allowed_filters(pdf: pikepdf.Pdf) -> None:
    streams = [one for one in pdf.objects if isinstance(one, pikepdf.Stream)]
    assert len(streams) > 8
    for stream in streams:
        assert not {"/F", "/FFilter", "/FDecodeParms"} & set(stream.keys())
        assert str(stream.get("/Filter", "/FlateDecode")) in FILTERS
        assert int(stream.stream_dict.Length) == len(stream.read_raw_bytes())


def test_6_1_12_nothing_exceeds_the_limits(pdf: pikepdf.Pdf) -> None:
    assert len(pdf.objects) < 8_388_607
    for page in pdf.pages:
        for value in page.mediabox.as_list()[2:]:
            assert 3 <= float(value) <= 14_400


def test_6_2_2_pages_name_what_they_use_and_use_known_operators(pdf: pikepdf.Pdf) -> None:
    for page in pdf.pages:
        assert "/Resources" in page.obj
        told = pikepdf.parse_content_stream(page)
        assert {str(step.operator) for step in told} <= OPERATORS
        drawn = {str(step.operands[0]) for step in told if str(step.operator) == "Do"}
        assert drawn == set(page.Resources.XObject.keys())


def test_6_2_3_there_is_one_output_intent_with_an_rgb_profile(pdf: pikepdf.Pdf) -> None:
    (intent,) = list(pdf.Root.OutputIntents)
    assert str(intent.S) == "/GTS_PDFA1"
    assert str(intent.OutputConditionIdentifier)
    profile = intent.DestOutputProfile.read_bytes()
    assert profile[36:40] == b"acsp"
    assert profile[8] <= 4
    assert profile[12:16] in {b"mntr", b"prtr"}
    assert profile[16:20] == b"RGB "
    assert int.from_bytes(profile[:4], "big") == len(profile)
    assert int(intent.DestOutputProfile.N) == 3


def test_6_2_4_colours_are_those_of_the_output_intent(pdf: pikepdf.Pdf) -> None:
    """DeviceGray and DeviceRGB are allowed beside an RGB profile; a picture has the channels it claims."""
    for picture in pictures(pdf):
        if picture.get("/ImageMask"):
            assert "/ColorSpace" not in picture
            continue
        channels = {"/DeviceGray": "L", "/DeviceRGB": "RGB"}[str(picture.ColorSpace)]
        with Image.open(io.BytesIO(picture.read_raw_bytes())) as jpeg:
            assert jpeg.mode == channels
            assert jpeg.size == (int(picture.Width), int(picture.Height))


def test_6_2_8_images_are_plain(pdf: pikepdf.Pdf) -> None:
    kinds = set()
    for picture in pictures(pdf):
        assert not NEVER_IN_AN_IMAGE & set(picture.keys())
        assert not picture.get("/Interpolate", False)
        assert int(picture.BitsPerComponent) == (1 if picture.get("/ImageMask") else 8)
        kinds.add((str(picture.Filter), str(picture.get("/ColorSpace"))))
        mask = picture.get("/Mask")
        assert mask is None or bool(mask.ImageMask)
    assert len(kinds) == 3, "one-bit, grey and colour pictures were all looked at"


def test_6_2_10_nothing_is_transparent(pdf: pikepdf.Pdf) -> None:
    for page in pdf.pages:
        assert "/Group" not in page.obj
        assert set(page.Resources.keys()) == {"/XObject"}


def test_6_3_to_6_11_nothing_acts_asks_or_hides(pdf: pikepdf.Pdf) -> None:
    assert not NEVER_IN_THE_CATALOG & set(pdf.Root.keys())
    assert not len(pdf.attachments)
    for page in pdf.pages:
        assert not {"/Annots", "/AA", "/PresSteps"} & set(page.obj.keys())


def test_6_6_2_the_metadata_say_pdf_a_2b_in_known_properties_only(pdf: pikepdf.Pdf) -> None:
    metadata = pdf.Root.Metadata
    assert (str(metadata.Type), str(metadata.Subtype)) == ("/Metadata", "/XML")
    packet = metadata.read_bytes()
    assert b"<?xpacket begin=" in packet
    assert b"bytes=" not in packet.split(b"?>")[0]
    assert b"encoding=" not in packet.split(b"?>")[0]
    named = set()
    for described in ET.fromstring(packet).iter(f"{RDF}Description"):  # noqa: S314 - our own bytes
        names = [child.tag for child in described] + [
            name for name in described.attrib if not name.startswith(RDF)
        ]
        named |= {tuple(name[1:].split("}")) for name in names}
    assert ("http://www.aiim.org/pdfa/ns/id/", "part") in named
    for space, name in named:
        assert name in KNOWN_PROPERTIES[space]
    with pdf.open_metadata() as opened:
        assert (opened["pdfaid:part"], opened["pdfaid:conformance"]) == ("2", "B")


def test_6_6_3_the_old_metadata_say_the_same(pdf: pikepdf.Pdf) -> None:
    with pdf.open_metadata() as metadata:
        assert str(pdf.docinfo["/Title"]) == metadata["dc:title"] == "Giấy tờ kèm theo hồ sơ"
        if "/Producer" in pdf.docinfo:
            assert str(pdf.docinfo["/Producer"]) == metadata["pdf:Producer"]


def test_every_stream_unpacks_and_qpdf_finds_nothing_wrong(pdf: pikepdf.Pdf) -> None:
    assert pdf.check_pdf_syntax() == []
    for one in pdf.objects:
        if isinstance(one, pikepdf.Stream) and one.get("/Filter") == "/FlateDecode":
            assert one.read_bytes() == zlib.decompress(one.read_raw_bytes())
