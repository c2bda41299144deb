"""The chip-card slot of this kiosk, real or simulated, and the keys that open a card."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from drivers.card.pcsc_reader import PcscCardReader
from drivers.ports import CanKey, MrzKey

if TYPE_CHECKING:
    from drivers.ports import AccessKey, CardReader, CardReading, IdCard
    from drivers.simulated.card.card_reader import SimulatedCardReader
    from drivers.simulated.card.vpcd import VpcdCard
    from kiosk_app.config import Config

SIMULATED = "simulated:"
PCSC_SOCKET = Path("/run/pcscd/pcscd.comm")
FIRST_LOOK_S = 3.0
"""Seconds the card process may take to say which readers there are, when the choice hangs on it."""
ID_NUMBER = re.compile(r"(?<!\d)\d{12}(?!\d)")
CAN = re.compile(r"\d{6}")
MRZ_SHAPES = frozenset({(30, 30, 30), (36, 36), (44, 44)})


class KeyTextError(Exception):
    """What was typed is no key; the message says what is wanted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyText:
    """A key to the chip, and the ID number the card must turn out to have, where the key tells it."""

    access: AccessKey = field(repr=False)
    id_number: str | None = field(default=None, repr=False)
    printed: IdCard | None = field(default=None, repr=False)
    """What the QR code says of the person, to be compared with the chip."""


def open_card_reader(
    config: Config, *, simulate: bool, reader: str | None = None, csca_dir: Path | None = None
) -> CardReader:
    """Open the slot: PC/SC where there is a reader, a simulated one where asked and there is none.

    Args:
        config: Names the reader and the folder of authorities.
        simulate: Gives a simulated slot where no reader is connected, and trusts the test authorities.
        reader: Part of the reader's name, over the configuration's.
        csca_dir: Folder of authorities, over the configuration's.
    """
    if (config.card.reader if reader is None else reader) == SIMULATED:
        return open_simulated_reader(csca_dir=csca_dir)
    if not simulate:
        return open_pcsc_reader(config, reader=reader, csca_dir=csca_dir)
    if PCSC_SOCKET.exists():
        real = open_pcsc_reader(config, reader=reader, csca_dir=csca_dir or test_csca_dir(config))
        if real.readers(timeout_s=FIRST_LOOK_S):
            return real
        real.close()
    return open_simulated_reader(csca_dir=csca_dir)


def open_pcsc_reader(
    config: Config, *, reader: str | None = None, csca_dir: Path | None = None, keep_files: bool = False
) -> PcscCardReader:
    """Open the PC/SC slot, whether or not a reader is connected now.

    Args:
        config: Names the reader and the folder of authorities.
        reader: Part of the reader's name, over the configuration's.
        csca_dir: Folder of authorities, over the configuration's.
        keep_files: Hands the exact files on, for a remote `CardVerifier`; off unless one is connected.
    """
    return PcscCardReader(
        reader=config.card.reader if reader is None else reader,
        csca_dir=csca_dir or Path(config.card.csca_dir),
        keep_files=keep_files,
    )


def open_simulated_reader(*, csca_dir: Path | None = None) -> SimulatedCardReader:
    """Open a simulated slot; `insert_persona` puts cards into it."""
    from drivers.simulated.card.card_reader import SimulatedCardReader

    return SimulatedCardReader(csca_dir=csca_dir)


def insert_persona(reader: SimulatedCardReader, name: str, faults: list[str] | None = None) -> None:
    """Put a persona's card into a simulated slot.

    Args:
        reader: The simulated slot.
        name: Which persona; see `persona_names`.
        faults: What the card does wrong, in words such as `wrong_hash` or `removed_at_apdu=40`.

    Raises:
        KeyTextError: No persona or fault has that name.
    """
    from drivers.simulated.card import faults as script
    from drivers.simulated.card.personas import PERSONAS

    if name not in PERSONAS:
        raise KeyTextError(f"there is no persona {name!r}; give one of: {', '.join(PERSONAS)}")
    try:
        reader.insert(PERSONAS[name], script.parse(faults or []))
    except ValueError as error:
        raise KeyTextError(str(error)) from error


def persona_names() -> tuple[str, ...]:
    """Return the names of the invented card holders."""
    from drivers.simulated.card.personas import PERSONAS

    return tuple(PERSONAS)


def persona_qr_text(name: str) -> str:
    """Return the text of the QR code on a persona's card."""
    from drivers.simulated.card.personas import PERSONAS

    return PERSONAS[name].qr_text


def test_csca_dir(config: Config) -> Path:
    """Write the authorities of the test country below the data folder and return that folder."""
    return write_test_csca(config.data_dir / "simulated" / "csca")


def write_test_csca(folder: Path) -> Path:
    """Write the authorities of the test country into a folder and return it."""
    from drivers.simulated.card.authority import write_csca_folder

    return write_csca_folder(folder)


def make_names() -> tuple[str, ...]:
    """Return the names of the ways a virtual card can be made."""
    from drivers.simulated.card.makes import MAKES

    return tuple(MAKES)


def open_vpcd_card(name: str, faults: list[str], *, host: str, port: int, make: str = "vietnam") -> VpcdCard:
    """Return a persona's card for the virtual reader of a real pcscd, not yet inserted.

    Args:
        name: Which persona; see `persona_names`.
        faults: What the card does wrong.
        host: Where pcscd runs.
        port: Of the slot.
        make: How the card was made; see `make_names`.

    Raises:
        KeyTextError: No persona, make or fault has that name.
    """
    from drivers.simulated.card import faults as script
    from drivers.simulated.card.chip import VirtualCard
    from drivers.simulated.card.makes import MAKES
    from drivers.simulated.card.personas import PERSONAS
    from drivers.simulated.card.vpcd import VpcdCard

    if name not in PERSONAS:
        raise KeyTextError(f"there is no persona {name!r}; give one of: {', '.join(PERSONAS)}")
    if make not in MAKES:
        raise KeyTextError(f"there is no make {make!r}; give one of: {', '.join(MAKES)}")
    try:
        return VpcdCard(VirtualCard(PERSONAS[name], script.parse(faults), make=MAKES[make]), host, port)
    except ValueError as error:
        raise KeyTextError(str(error)) from error


def key_from_text(*, can: str | None = None, mrz: str | None = None, qr: str | None = None) -> KeyText:
    """Turn what was typed or scanned into a key; exactly one of the three is given.

    Raises:
        KeyTextError: The text is no CAN, no MRZ, or a QR code without an ID number.
    """
    if can is not None:
        if not CAN.fullmatch(can):
            raise KeyTextError("--can wants the last six digits of the ID number")
        return KeyText(access=CanKey(can=can))
    if mrz is not None:
        lines = mrz.upper().split()
        if tuple(len(line) for line in lines) not in MRZ_SHAPES:
            raise KeyTextError("--mrz wants the three lines of 30 characters on the back of the card")
        return KeyText(access=MrzKey(lines=tuple(lines)))
    return _key_from_code(qr or "")


def _key_from_code(qr: str) -> KeyText:
    """Take the ID number where the QR parser finds a card (hex, other separators), else from the text."""
    from drivers.qr.payload import classify

    printed = classify(qr).card
    found = ID_NUMBER.search(printed.id_number if printed else qr)
    if found is None:
        raise KeyTextError("--qr wants the text of the QR code on an ID card; this one has no ID number")
    return KeyText(access=CanKey(can=found[0][-6:]), id_number=found[0], printed=printed)


def cross_checked(reading: CardReading, printed: IdCard) -> CardReading:
    """Return a reading with a warning for everything the QR code printed on the card says otherwise."""
    from drivers.card.holder import qr_doubts

    warnings = (*reading.proof.warnings, *qr_doubts(reading.holder, printed))
    return replace(reading, proof=replace(reading.proof, warnings=warnings))
