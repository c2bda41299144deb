"""How a virtual card was made: its protocols, keys, zone and signature, apart from whose card it is.

`VIETNAM` is the citizen's card; the others exist so that every road of the reader is driven.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from drivers.card import chip_auth, mrz, pace
from drivers.card.curves import DOMAINS

if TYPE_CHECKING:
    from drivers.card.ciphers import CipherSuite
    from drivers.card.curves import Domain
    from drivers.simulated.card.personas import Persona

ATR_SHORT = bytes.fromhex("3B8880010073C8401300900071")
ATR_EXTENDED = bytes.fromhex("3B8880010073C8405300900031")
"""Contactless cards as readers present them; the second announces extended length."""
TD1, TD2, TD3 = "TD1", "TD2", "TD3"


@dataclass(frozen=True, slots=True, kw_only=True)
class Make:
    """One way to make a card.

    Args:
        pace: Object identifier of the PACE it offers.
        domain_id: Curve of PACE by its standardised number.
        chip: Object identifier of its chip authentication; empty for none.
        standard_group: Number of the group of a Diffie-Hellman chip key; None spells the group out.
        active: What signs challenges: `RSA-SHA1`, `RSA-SHA256`, `ECDSA-SHA256`; empty for none.
        extended: Long commands pass.
        zone: Shape of its machine readable zone.
        signature: How the document signer signs: `ECDSA`, `RSA` or `PSS`.
        details: It has DG11 and DG12.
        linked: Its authority is known only by a link certificate of the older one.
        large: Its portrait is larger than the 32 kB that plain offsets reach.
    """

    pace: bytes = pace.OID_GENERIC_MAPPING + b"\x02"
    domain_id: int = 13
    chip: bytes = chip_auth.OID_ECDH + b"\x02"
    standard_group: int | None = None
    active: str = ""
    extended: bool = False
    zone: str = TD1
    signature: str = "ECDSA"
    details: bool = False
    linked: bool = False
    large: bool = False

    @property
    def domain(self) -> Domain:
        """The curve of PACE."""
        return DOMAINS[self.domain_id]

    @property
    def suite(self) -> CipherSuite:
        """The cipher of PACE."""
        return pace.SUITES[self.pace]

    @property
    def maps_chip(self) -> bool:
        """True for PACE-CAM."""
        return self.pace.startswith(pace.OID_CHIP_MAPPING)

    @property
    def atr(self) -> bytes:
        """The answer to reset."""
        return ATR_EXTENDED if self.extended else ATR_SHORT

    def lines(self, persona: Persona) -> tuple[str, ...]:
        """The machine readable zone of a person's card of this make."""
        if self.zone == TD1:
            return persona.mrz
        return _two_lines(persona, 36 if self.zone == TD2 else 44)


def _two_lines(persona: Persona, width: int) -> tuple[str, str]:
    """Return a TD2 or TD3 zone. Source: ICAO Doc 9303-6, 4.2; Doc 9303-4, 4.2."""
    _first, second, name = persona.mrz
    number = "C" + persona.id_number[-8:]
    birth, expiry = second[0:7], second[8:15]
    body = number + mrz.check_digit(number) + "VNM" + birth + second[7] + expiry
    if width == 36:  # noqa: PLR2004 - TD2 has room for seven optional characters
        body += "<" * 7
    else:
        personal = persona.id_number.ljust(14, "<")
        body += personal + mrz.check_digit(personal)
    composite = body[0:10] + body[13:20] + body[21:]
    return f"P<VNM{name}".ljust(width, "<")[:width], body + mrz.check_digit(composite)


VIETNAM = Make()
MAKES = {
    "vietnam": VIETNAM,
    "extended": Make(extended=True),
    "active-rsa": Make(active="RSA-SHA256", extended=True),
    "active-rsa-sha1": Make(active="RSA-SHA1", chip=b""),
    "active-ecdsa": Make(active="ECDSA-SHA256", signature="PSS"),
    "pace-3des": Make(pace=pace.OID_GENERIC_MAPPING + b"\x01", chip=chip_auth.OID_ECDH + b"\x01"),
    "pace-cam": Make(pace=pace.OID_CHIP_MAPPING + b"\x02"),
    "aes-256": Make(pace=pace.OID_GENERIC_MAPPING + b"\x04", domain_id=17, chip=chip_auth.OID_ECDH + b"\x04"),
    "dh-aes": Make(chip=chip_auth.OID_DH + b"\x02", signature="RSA"),
    "dh-3des": Make(chip=chip_auth.OID_DH + b"\x01"),
    "sheet": Make(zone=TD2),
    "passport": Make(zone=TD3, details=True),
    "linked": Make(linked=True),
    "large": Make(large=True),
    "large-extended": Make(large=True, extended=True),
    "dh-standard": Make(chip=chip_auth.OID_DH + b"\x02", standard_group=2),
}
"""Every make by the name a script uses."""
