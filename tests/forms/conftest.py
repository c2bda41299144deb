"""A woman's card, a day, and the forms that ship with the kiosk."""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING, Any

import pytest

from forms.catalogue import DEFINITIONS, Catalogue, load_catalogue
from forms.ports import Answer, Source

if TYPE_CHECKING:
    from collections.abc import Callable

    from forms.form import DefinedForm

TODAY = dt.date(2026, 11, 23)
CARD: dict[str, str | None] = {
    "full_name": "Nguyễn Thị Hương",
    "birth_date": "1994-02-14",
    "sex": "female",
    "id_number": "087194000412",
    "nationality": "Việt Nam",
    "ethnicity": "Kinh",
    "place_of_origin": "Tân Khánh Trung, Lấp Vò, Đồng Tháp",
    "residence": "Ấp Khánh Mỹ, Tân Khánh Trung, Lấp Vò, Đồng Tháp",
    "issue_date": "2025-05-06",
    "spouse_name": None,
}
SESSION = {"centre": "Trung tâm", "commune": "29905", "today": TODAY.isoformat()}


def typed(values: dict[str, Any]) -> dict[str, Answer]:
    """Answers as a person at the screen gives them."""
    return {name: Answer(value=value, source=Source.TYPED) for name, value in values.items()}


@pytest.fixture(scope="session")
def catalogue() -> Catalogue:
    return load_catalogue(lambda: TODAY, commune="29905")


@pytest.fixture
def birth(catalogue: Catalogue) -> DefinedForm:
    return catalogue.form("1.001193")


@pytest.fixture
def extract(catalogue: Catalogue) -> DefinedForm:
    return catalogue.form("2.000635")


@pytest.fixture
def answered() -> Callable[..., dict[str, Answer]]:
    """Answers of a form: what the card gives, what is typed, what follows."""

    def answer(form: DefinedForm, values: dict[str, Any], card: dict[str, str | None] | None = None) -> Any:
        given = form.autofill(CARD if card is None else card, source=Source.CHIP, session=SESSION)
        return form.derive({**given, **typed(values)})

    return answer


@pytest.fixture
def document() -> dict[str, Any]:
    """The birth form as parsed JSON, to be broken."""
    loaded: dict[str, Any] = json.loads((DEFINITIONS / "1.001193.json").read_text(encoding="utf-8"))
    return loaded


@pytest.fixture
def birth_answers() -> dict[str, Any]:
    """What the mother types for a child without a named father."""
    return {
        "nks.hoTen": "Nguyễn Gia Bảo",
        "nks.ngaySinh": "2026-11-18",
        "nks.gioiTinh": "1",
        "nks.noiSinh.coSo": "Bệnh viện Đa khoa Sa Đéc",
        "nks.noiSinh.xa": "29905",
        "nks.queQuan": "30184",
        "cha.coKhai": False,
        "nyc.noiCuTru.xa": "30184",
        "camDoan": True,
    }


@pytest.fixture
def extract_answers() -> dict[str, Any]:
    """What a woman types for three copies of her own birth extract."""
    return {
        "hoSo.loaiYeuCau": "khaiSinh",
        "hoSo.coQuanDangKy": "UBND xã Tân Khánh Trung",
        "hoSo.soLuong": 3,
        "nyc.noiCuTru.xa": "30184",
    }


@pytest.fixture
def card() -> dict[str, str | None]:
    """The card of the woman."""
    return dict(CARD)
