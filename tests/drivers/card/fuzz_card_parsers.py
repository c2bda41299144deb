"""Fuzz target for everything that parses bytes from a stranger's card or code; needs atheris to run.

Run (atheris in a virtual environment of its own, see docs/cards.md):
    python tests/drivers/card/fuzz_card_parsers.py -max_total_time=300 -rss_limit_mb=512 -max_len=4096 CORPUS

`test_fuzz_target.py` runs the same target over its seeds in every test run.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import importlib
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

ROOT = Path(__file__).resolve().parents[3]
ANSWER_COUNTER = (2).to_bytes(16, "big")
"""The counter of the first answer on a channel that began at zero."""

if TYPE_CHECKING:
    from collections.abc import Callable


def sealed_answer(data: bytes) -> object:
    """Open an answer whose MAC is right, as only a chip that knows the keys can send one."""
    from drivers.card.apdu import Command, Response
    from drivers.card.ciphers import AES_128, pad
    from drivers.card.secure_messaging import SecureChannel, SessionKeys

    keys = SessionKeys(suite=AES_128, encryption=bytes(16), mac=bytes(16), ssc=bytes(16))
    body = data + b"\x99\x02\x90\x00"
    mac = AES_128.authenticator(keys.mac)(pad(ANSWER_COUNTER + body, 16))
    card = SimpleNamespace(send=lambda _command: Response(data=body + b"\x8e\x08" + mac, sw=0x9000))
    return SecureChannel(card, keys).send(Command(ins=0xB1 if data[:1] == b"\x85" else 0xB0, le=200))


def judged(data: bytes) -> object:
    """Judge a document's signature where no authority is known."""
    from drivers.card import passive_auth, trust

    nobody = trust.Trust(anchors=(), moment=dt.datetime(2026, 1, 1, tzinfo=dt.UTC))
    return passive_auth.judge(passive_auth.parse_sod(data), {}, nobody)


def targets() -> tuple[Callable[[bytes], object], ...]:
    """Return every parser, each taking raw bytes and failing only with a card's error."""
    from drivers.card import active_auth, atr, card_security, chip_auth, datagroups, dg13, mrz, pace, tlv
    from drivers.qr import payload
    from drivers.simulated.card import authority

    signer = active_auth.ActiveKey(public=authority.private_key("fuzz").public_key())

    def text(data: bytes) -> str:
        return data.decode("utf-8", "replace")

    return (
        tlv.parse,
        pace.parse_card_access,
        chip_auth.parse_dg14,
        active_auth.parse_dg15,
        lambda data: active_auth.verify(signer, b"challenge"[:8], data),
        card_security.parse,
        datagroups.parse_com,
        datagroups.parse_dg1,
        lambda data: datagroups.parse_details(data, None),
        lambda data: datagroups.decode_portrait(datagroups.face_image(data)),
        dg13.parse,
        judged,
        lambda data: mrz.parse(text(data)),
        lambda data: payload.classify(text(data)),
        atr.announces_extended,
        atr.longest_command,
        sealed_answer,
    )


def seeds() -> tuple[bytes, ...]:
    """Return honest inputs: the first byte picks the parser, the rest is its input."""
    from drivers.card import tlv
    from drivers.card.ciphers import AES_128, pad
    from drivers.simulated.card import lds
    from drivers.simulated.card.faults import NO_FAULTS
    from drivers.simulated.card.makes import MAKES, VIETNAM
    from drivers.simulated.card.personas import HUONG

    files = lds.build(HUONG, NO_FAULTS, MAKES["active-ecdsa"])
    answer = AES_128.cipher(bytes(16)).encrypt(pad(b"text", 16), ssc=ANSWER_COUNTER)
    sheet = lds.build(HUONG, NO_FAULTS, MAKES["passport"])
    inputs = (
        files[0x010E],
        lds.card_access(VIETNAM),
        files[0x010E],
        files[0x010F],
        bytes(64),
        lds.card_security(HUONG, NO_FAULTS),
        files[0x011E],
        files[0x0101],
        sheet[0x010B],
        files[0x0102][:4000],
        files[0x010D],
        files[0x011D],
        "".join(HUONG.mrz).encode(),
        HUONG.qr_text.encode(),
        MAKES["extended"].atr,
        bytes.fromhex("0A0400000100"),
        tlv.encode(0x87, b"\x01" + answer),
    )
    return tuple(bytes([index]) + data for index, data in enumerate(inputs))


def one_input(parsers: tuple[Callable[[bytes], object], ...], data: bytes) -> None:
    """Hand one input to the parser its first byte picks; only a card's error may come out."""
    from drivers.card.certificates import UnsupportedKeyError
    from drivers.errors import CardProtocolError

    if data:
        with contextlib.suppress(CardProtocolError, UnsupportedKeyError):
            parsers[data[0] % len(parsers)](data[1:])


def main() -> None:
    """Fuzz until told to stop; the corpus folder is the last argument."""
    sys.path.insert(0, str(ROOT))
    atheris: Any = importlib.import_module("atheris")
    with atheris.instrument_imports(include=["drivers"]):
        parsers = targets()
    corpus = Path(sys.argv[-1])
    corpus.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(seeds()):
        (corpus / f"seed-{number:02}").write_bytes(seed)
    atheris.Setup(sys.argv, lambda data: one_input(parsers, data))
    atheris.Fuzz()


if __name__ == "__main__":
    main()
