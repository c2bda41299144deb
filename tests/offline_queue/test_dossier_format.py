"""docs/dossier-format.md holds: stock `age` and the script printed there open a dossier, without our code."""

from __future__ import annotations

import re
import shutil
import subprocess
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

PAGE = Path(__file__).parents[2] / "docs" / "dossier-format.md"
PYTHON = shutil.which("python3", path="/usr/bin") or "python3"


@dataclass(frozen=True)
class Exported:
    """A sealed dossier as it lies on a stick, and the keys that open it."""

    sealed: Path
    backend_key: Path
    escrow_key: Path
    dossier: Any
    receipt: Any


@pytest.fixture
def exported(make_bench: Any, make_hand_in: Any, make_enrolment: Any, tmp_path: Path) -> Exported:
    keys = [tmp_path / name for name in ("age.key", "escrow.key")]
    for key in keys:
        subprocess.run(["age-keygen", "-o", str(key)], check=True, capture_output=True)
    recipients = tuple(
        subprocess.run(
            ["age-keygen", "-y", str(key)], check=True, capture_output=True, text=True
        ).stdout.strip()
        for key in keys
    )
    bench = make_bench()
    bench.queue._enrolment = lambda: make_enrolment(recipients=recipients)
    dossier = make_hand_in(size=700_000)
    receipt = bench.queue.put(dossier)
    sealed = tmp_path / "dossier.age"
    sealed.write_bytes(bench.outbox.sealed(str(receipt.dossier_id)))
    return Exported(sealed=sealed, backend_key=keys[0], escrow_key=keys[1], dossier=dossier, receipt=receipt)


def decrypted(exported: Exported, key: Path) -> Path:
    plain = exported.sealed.with_name("dossier.zip")
    subprocess.run(["age", "--decrypt", "-i", str(key), "-o", str(plain), str(exported.sealed)], check=True)
    return plain


def run_script(plain: Path, folder: Path) -> subprocess.CompletedProcess[str]:
    found = re.search(r'```python\n("""open_dossier\.py.*?)```', PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert found is not None, "the page has no script"
    script = plain.with_name("open_dossier.py")
    script.write_text(found.group(1), encoding="utf-8")
    # -I: an interpreter of the system that knows nothing of this checkout.
    return subprocess.run(
        [PYTHON, "-I", "-X", "utf8", str(script), str(plain), str(folder)],
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )


@pytest.mark.parametrize("key", ["backend_key", "escrow_key"])
def test_stock_tools_open_a_dossier_with_either_key(exported: Exported, key: str, tmp_path: Path) -> None:
    done = run_script(decrypted(exported, getattr(exported, key)), tmp_path / "opened")
    assert done.returncode == 0, done.stderr
    assert exported.receipt.receipt_code in done.stdout
    for name, answer in exported.dossier.answers.items():
        assert f"{name}: {answer['value']} ({answer['source']})" in done.stdout
    opened = {path.name: path.read_bytes() for path in (tmp_path / "opened").iterdir()}
    assert opened.pop("answers.json")
    assert opened == {document.name: document.data for document in exported.dossier.documents}


def test_another_key_opens_nothing(exported: Exported, tmp_path: Path) -> None:
    stranger = tmp_path / "stranger.key"
    subprocess.run(["age-keygen", "-o", str(stranger)], check=True, capture_output=True)
    done = subprocess.run(
        ["age", "--decrypt", "-i", str(stranger), str(exported.sealed)], capture_output=True, check=False
    )
    assert done.returncode != 0
    assert done.stdout == b""


def test_the_script_notices_what_was_changed(exported: Exported, tmp_path: Path) -> None:
    plain = decrypted(exported, exported.backend_key)
    with zipfile.ZipFile(plain) as archive:
        content = {name: archive.read(name) for name in archive.namelist()}
    for name, says in (("answers.json", "answers.json was changed"), ("extra.txt", "files are missing")):
        with zipfile.ZipFile(plain, "w") as forged:
            for known, data in {**content, name: b"{}"}.items():
                forged.writestr(known, data)
        done = run_script(plain, tmp_path / "opened")
        assert done.returncode == 1
        assert says in done.stderr
