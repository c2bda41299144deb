"""`kiosk-backend`, the schema's way forward, and the OpenAPI document in docs/."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from backend import __main__ as command
from backend.app import create_app, open_services
from backend.settings import SettingsError, make_settings
from backend.store.models import Table

ROOT = Path(__file__).parents[2]


def test_the_migrations_lead_to_the_models(bench: Any) -> None:
    with bench.services.engine.connect() as connection:
        context = MigrationContext.configure(connection)
        assert compare_metadata(context, Table.metadata) == []


def test_the_openapi_document_is_fresh(tmp_path: Path) -> None:
    app = create_app(make_settings(database=f"sqlite:///{tmp_path / 'b.db'}", blobs=str(tmp_path / "blobs")))
    written = json.loads((ROOT / "docs" / "openapi.json").read_text(encoding="utf-8"))
    assert written == json.loads(json.dumps(app.openapi())), (
        "run: python -m backend openapi > docs/openapi.json"
    )


def _words(tmp_path: Path, *words: str) -> list[str]:
    return [*words, "--database", f"sqlite:///{tmp_path / 'b.db'}", "--blobs", str(tmp_path / "blobs")]


def test_codes_keys_and_lists(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(_words(tmp_path, "migrate")) == 0
    capsys.readouterr()
    assert command.main(_words(tmp_path, "enrol-code", "--kiosk", "Sa Đéc 1")) == 0
    assert len(capsys.readouterr().out.strip()) == 10
    assert command.main(_words(tmp_path, "keys")) == 0
    printed = capsys.readouterr()
    keys = json.loads(printed.out)
    assert [recipient[:4] for recipient in keys["recipients"]] == ["age1", "age1"]
    assert "escrow.key" in printed.err
    assert command.main(_words(tmp_path, "dossiers", "--json")) == 0
    assert json.loads(capsys.readouterr().out) == []
    assert command.main(_words(tmp_path, "set-state", "H20.17-261122-0001", "2")) == 1
    assert "no dossier" in capsys.readouterr().err


def test_dossiers_are_listed_with_the_promised_keys(
    sqlite_bench: Any, make_dossier: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    kiosk, dossier = sqlite_bench.kiosk(), make_dossier()
    code = kiosk.deliver(dossier).json()["official_code"]
    settings = sqlite_bench.services.settings
    words = ["--database", settings.database_url, "--blobs", str(settings.blobs_dir)]

    assert command.main(["dossiers", "--json", *words]) == 0
    row = json.loads(capsys.readouterr().out)[0]
    assert {"dossier_id", "official_code", "procedure", "kiosk", "state", "stored_at"} <= set(row)
    assert (row["dossier_id"], row["official_code"], row["state"]) == (dossier.dossier_id, code, "stored")
    assert (row["procedure"], row["kiosk"]) == ("2.000635", kiosk.kiosk_id)
    assert command.main(["set-state", code, "9", "--due", "2026-12-01", *words]) == 0


def test_serve_says_where_it_listens_and_ends_with_its_parent(tmp_path: Path) -> None:
    words = _words(tmp_path, "serve", "--listen", "127.0.0.1:0", "--until-eof", "--print-enrol-code")
    with subprocess.Popen(
        [sys.executable, "-m", "backend", *words], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        code, where = process.stdout.readline(), process.stdout.readline()
        assert len(code.strip()) == 10
        assert where.startswith(b"listening on http://127.0.0.1:")
        process.stdin.close()
        assert process.wait(20) == 0
    assert (tmp_path / "b.db").stat().st_mode & 0o077 == 0


def test_what_cannot_be_done_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SettingsError, match="give a folder"):
        make_settings(database="sqlite:///x", blobs="ftp://bucket")
    with pytest.raises(SettingsError, match="endpoint"):
        open_services(make_settings(database=f"sqlite:///{tmp_path}/b.db", blobs="s3://bucket"))
    with pytest.raises(SettingsError, match="postgresql://"):
        make_settings(database="mysql://x", blobs="x")
    with pytest.raises(SystemExit) as ended:
        command.main(["dossiers", "--database", "oracle://x"])
    assert ended.value.code == 2
    assert command.main(_words(tmp_path, "serve", "--listen", "nowhere")) == 2
    assert "HOST:PORT" in capsys.readouterr().err


def test_a_port_that_is_taken_is_said(
    sqlite_bench: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    port = sqlite_bench.client.base_url.port
    assert command.main(_words(tmp_path, "serve", "--listen", f"127.0.0.1:{port}")) == 1
    assert "another --listen" in capsys.readouterr().err


def test_both_urls_of_a_folder_are_one(tmp_path: Path) -> None:
    plain = make_settings(database="postgresql://u@h/n", blobs=str(tmp_path / "blobs"))
    url = make_settings(database="postgresql://u@h/n", blobs=f"file://{tmp_path / 'blobs'}")
    assert plain == url
    assert plain.database_url == "postgresql+psycopg://u@h/n"
    assert plain.keys_dir == tmp_path / "blobs.keys"


def _export(folder: Path, dossier: Any) -> None:
    folder.mkdir(exist_ok=True)
    (folder / f"{dossier.dossier_id}.json").write_bytes(dossier.manifest)
    (folder / f"{dossier.dossier_id}.age").write_bytes(b"".join(dossier.parts))


def test_what_came_on_a_stick_is_taken_in_once_whichever_way_is_first(
    sqlite_bench: Any, make_dossier: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kiosk, first, second = sqlite_bench.kiosk(), make_dossier(), make_dossier()
    settings = sqlite_bench.services.settings
    words = ["--database", settings.database_url, "--blobs", str(settings.blobs_dir), "--unit", "H20.17"]
    sent = kiosk.deliver(first).json()["official_code"]
    for dossier in (first, second):
        _export(tmp_path / "usb", dossier)

    for told in ("new", "known"):
        assert command.main(["import", str(tmp_path / "usb"), *words]) == 0
        lines = dict(line.split("\t", 1) for line in capsys.readouterr().out.splitlines())
        assert lines[first.dossier_id] == f"{sent}\tknown"
        assert lines[second.dossier_id].endswith(told)
    answer = kiosk.deliver(second)
    assert (answer.status_code, answer.json()["official_code"]) == (
        200,
        lines[second.dossier_id].partition("\t")[0],
    )


def test_a_stick_with_damaged_files_names_them(
    tmp_path: Path, make_dossier: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    usb = tmp_path / "usb"
    cut, alone = make_dossier(), make_dossier()
    _export(usb, cut)
    (usb / f"{cut.dossier_id}.age").write_bytes(cut.parts[0])
    _export(usb, alone)
    (usb / f"{alone.dossier_id}.age").unlink()
    (usb / "notes.json").write_text("{}")
    good = make_dossier()
    _export(usb, good)

    assert command.main(_words(tmp_path, "import", str(usb))) == 1
    printed = capsys.readouterr()
    lines = dict(line.split("\t", 1) for line in printed.out.splitlines())
    assert "missing parts" in lines[cut.dossier_id]
    assert "No such file" in lines[alone.dossier_id]
    assert "not a dossier id" in lines["notes"]
    assert lines[good.dossier_id].endswith("new")
    assert "3 of 4" in printed.err
