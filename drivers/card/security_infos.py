"""SecurityInfos: the list of protocols in EF.CardAccess, EF.CardSecurity and DG14.

Source: ICAO Doc 9303-11 (8th ed.), 9.2.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from drivers.card import tlv
from drivers.errors import CardProtocolError

TAG_SEQUENCE, TAG_OID, TAG_INTEGER = 0x30, 0x06, 0x02


@dataclass(frozen=True, slots=True, kw_only=True)
class SecurityInfo:
    """One entry: a protocol and what belongs to it."""

    oid: bytes
    items: tuple[tlv.Tlv, ...] = field(repr=False)

    @property
    def numbers(self) -> tuple[int, ...]:
        """The integers behind the identifier, in order."""
        return tuple(int.from_bytes(item.value, "big") for item in self.items if item.tag == TAG_INTEGER)


def parse(data: bytes) -> tuple[SecurityInfo, ...]:
    """Read the content of a SET OF SecurityInfo.

    Raises:
        CardProtocolError: An entry is no sequence that begins with an object identifier.
    """
    infos = []
    for entry in tlv.parse(data):
        items = tlv.parse(entry.value) if entry.tag == TAG_SEQUENCE else ()
        if not items or items[0].tag != TAG_OID:
            raise CardProtocolError("The card lists something else than security infos.")
        infos.append(SecurityInfo(oid=items[0].value, items=items[1:]))
    return tuple(infos)
