"""A card that says everything, of nobody: what it would fill tells what cards fill."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_CARD: Mapping[str, str] = {
    "full_name": "NGUYỄN VĂN MẪU",
    "birth_date": "1990-01-01",
    "nationality": "Việt Nam",
    "ethnicity": "Kinh",
    "issue_date": "2025-01-01",
    "place_of_origin": "-",
    "residence": "-",
    "father_name": "NGUYỄN VĂN MẪU",
    "mother_name": "NGUYỄN THỊ MẪU",
    "spouse_name": "NGUYỄN THỊ MẪU",
}


def specimen_card(sex: str) -> Mapping[str, str]:
    """Return a made-up card.

    Args:
        sex: `male` or `female`; empty gives a woman's.
    """
    sex = sex or "female"
    return {**_CARD, "sex": sex, "id_number": "001090000001" if sex == "male" else "001190000001"}
