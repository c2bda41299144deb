from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from forms.code_lists import places
from forms.old_places import suggest_places
from forms.ports import Source
from tests.forms.personas import PERSONAS, SESSION

if TYPE_CHECKING:
    from forms.catalogue import Catalogue

CASES = [
    ("Ấp Khánh Mỹ, Tân Khánh Trung, Lấp Vò, Đồng Tháp", ["Xã Tân Khánh Trung"]),
    ("ap khanh my, xa tan khanh trung, lap vo, tinh dong thap", ["Xã Tân Khánh Trung"]),
    ("Tân Khánh Trung, Đồng Tháp", ["Xã Tân Khánh Trung"]),
    ("Tân Mỹ, Lấp Vò, Đồng Tháp", ["Xã Mỹ An Hưng", "Xã Thanh Bình"]),
    ("Phường Trúc Bạch, Ba Đình, Hà Nội", ["Phường Ba Đình"]),
    ("12 Lê Lợi, Phường Bến Nghé, Quận 1, TP. Hồ Chí Minh", ["Phường Sài Gòn"]),
    ("Somewhere, Nowhere", []),
    ("Đồng Tháp", []),
    ("", []),
    (", ,", []),
]


@pytest.mark.parametrize(("address", "names"), CASES)
def test_an_old_address_suggests_the_communes_of_today(address: str, names: list[str]) -> None:
    assert [place.name for place in suggest_places(address)] == names
    assert all(place.code in places() for place in suggest_places(address))


def hint(catalogue: Catalogue, residence: str) -> Any:
    form = catalogue.form("1.004873")
    card = {**PERSONAS["a young mother"], "residence": residence}
    answers = form.derive(form.autofill(card, source=Source.CHIP, session=SESSION))
    specs = [spec for page in form.pages(answers) for spec in page.fields if spec.name == "nyc.noiCuTru.xa"]
    assert "nyc.noiCuTru.xa" not in answers, "a suggestion is never an answer"
    return specs[0].hint


def test_the_question_quotes_the_card_and_names_what_it_may_be(catalogue: Catalogue) -> None:
    told = hint(catalogue, "Tân Mỹ, Lấp Vò, Đồng Tháp")
    assert (
        told.vi == "trên thẻ ghi: Tân Mỹ, Lấp Vò, Đồng Tháp; nay có thể là Xã Mỹ An Hưng hoặc Xã Thanh Bình"
    )
    assert told.en.endswith("today it may be Xã Mỹ An Hưng or Xã Thanh Bình")
    assert hint(catalogue, "Chỗ nào đó").vi == "trên thẻ ghi: Chỗ nào đó"
