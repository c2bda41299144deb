from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from forms.code_lists import TABLES
from forms.table_builder import build_tables

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("path", sorted(TABLES.glob("*.json")), ids=lambda p: p.name)
def test_every_table_names_source_licence_and_date(path: Path) -> None:
    table = json.loads(path.read_text(encoding="utf-8"))
    assert table["source"]
    assert table["licence"]
    assert table["date"].startswith("2026-")


def reference(name: str, value: Any, folder: Path) -> None:
    (folder / name).write_text(json.dumps(value), encoding="utf-8")


def test_tables_are_built_from_the_reference_data(tmp_path: Path) -> None:
    commune = {"code": "29905", "name": "Phường Sa Đéc"}
    meta = {"source": "repo", "commit": "c", "legal_basis": ["law"]}
    province = {"code": "82", "name": "Tỉnh Đồng Tháp", "communes": [commune]}
    reference("vn_units.json", {"meta": meta, "provinces": [province]}, tmp_path)
    one = {"items": [{"code": "1", "name": "Một"}]}
    lists = dict.fromkeys(("gioi_tinh", "dan_toc", "loai_cu_tru", "loai_giay_to"), one)
    prefix = {"items": [{"prefix": "001", "name": "Hà Nội"}]}
    reference("code_lists.json", {**lists, "id_prefix": prefix, "meta": {"built": "2026-11-21"}}, tmp_path)
    known: dict[str, Any] = {"code": "1.1", "decision": None, "channels": [], "papers": []}
    channel = {"channel": "in_person", "time_value": 3, "time_unit": "day", "fee_text": "x", "note": " y "}
    brought = {"text": "Giấy  chứng sinh; ", "originals": 1, "copies": 0, "is_note": False}
    online = {**brought, "text": "Mẫu hộ tịch điện tử tương tác"}
    papers = [{"items": [brought, {**brought, "is_note": True}, online]}, {"items": [brought]}]
    told = {"code": "1.2", "decision": "163", "channels": [channel], "papers": papers}
    reference("procedures.json", {"procedures": [known, told]}, tmp_path)
    rows = [["m", "Hộ tịch", "1.1", "A "], ["m", "Hộ tịch", "1.2", "B"], ["m", "Hộ tịch", "1.3", "C"]]
    reference("commune_procedures.json", rows, tmp_path)
    old = {"name": "Xã Cũ", "splits": [{"new_id": "29905"}, {"new_id": "29904"}]}
    reference("unit_merges.json", {"data": [{"name": "Tỉnh Đồng Tháp", "level3s": [old]}]}, tmp_path)
    out = tmp_path / "out"
    out.mkdir()
    build_tables(tmp_path, out)
    assert json.loads((out / "places.json").read_text())["rows"] == [["29905", "Phường Sa Đéc", "82"]]
    old_rows = json.loads((out / "old_places.json").read_text())["rows"]
    assert old_rows == [["Tỉnh Đồng Tháp", "Xã Cũ", "29904 29905"]]
    assert json.loads((out / "code_lists.json").read_text())["rows"][-1] == ["id_prefixes", "001", "Hà Nội"]
    assert json.loads((out / "procedures.json").read_text())["rows"] == [
        ["1.1", "Hộ tịch", "A", "", "", "", "", ""],
        ["1.2", "Hộ tịch", "B", "163", "3 day", "x", "y", "Giấy chứng sinh"],
        ["1.3", "Hộ tịch", "C"],
    ]
