"""Dossiers go in exactly once, on SQLite and on PostgreSQL."""

from __future__ import annotations

import base64
import hashlib
import json
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import text

from backend.blobs.s3 import S3Blobs

if TYPE_CHECKING:
    from pathlib import Path


def _plain(coded: str) -> bytes:
    return base64.urlsafe_b64decode(coded + "=" * (-len(coded) % 4))


def _check_signature(receipt: dict[str, Any], verify_key: str) -> None:
    promise = {key: value for key, value in receipt.items() if key != "signature"}
    canonical = json.dumps(promise, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    Ed25519PublicKey.from_public_bytes(_plain(verify_key)).verify(_plain(receipt["signature"]), canonical)


def test_a_dossier_goes_in_and_the_receipt_is_signed(bench: Any, make_dossier: Any) -> None:
    kiosk, dossier = bench.kiosk(), make_dossier()

    told = kiosk.send("PUT", dossier.path, dossier.manifest)
    assert (told.status_code, told.json()) == (201, {"state": "receiving", "missing": dossier.digests})
    for digest, part in zip(dossier.digests, dossier.parts, strict=True):
        assert kiosk.send("PUT", f"/v1/parts/{digest}", part).status_code == 201
    answer = kiosk.send("POST", f"{dossier.path}/commit")

    assert answer.status_code == 201
    receipt = answer.json()
    _check_signature(receipt, kiosk.enrolled["verify_key"])
    assert receipt["official_code"] == "H20.17-261122-0001"
    assert receipt["dossier_id"] == dossier.dossier_id
    canonical = json.dumps(dossier.content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert receipt["manifest_sha256"] == hashlib.sha256(canonical.encode()).hexdigest()
    assert bench.services.blobs.read(dossier.dossier_id) == b"".join(dossier.parts)


def test_every_request_may_be_repeated_and_the_receipt_never_changes(bench: Any, make_dossier: Any) -> None:
    kiosk, dossier = bench.kiosk(), make_dossier()
    first = kiosk.deliver(dossier)
    bench.clock.forward(days=2)

    again = kiosk.deliver(dossier)
    manifest = kiosk.send("PUT", dossier.path, dossier.manifest)

    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    assert (manifest.status_code, manifest.json()) == (200, {"state": "stored", "missing": []})


def test_the_same_id_with_other_contents_is_refused(bench: Any, make_dossier: Any) -> None:
    kiosk, dossier = bench.kiosk(), make_dossier()
    kiosk.deliver(dossier)
    other = make_dossier(dossier_id=dossier.dossier_id)

    answer = kiosk.send("PUT", other.path, other.manifest)

    assert (answer.status_code, answer.json()["code"]) == (422, "dossier.differs")


def test_commit_names_the_parts_that_are_missing(bench: Any, make_dossier: Any) -> None:
    kiosk, dossier = bench.kiosk(), make_dossier()
    kiosk.send("PUT", dossier.path, dossier.manifest)
    kiosk.send("PUT", f"/v1/parts/{dossier.digests[0]}", dossier.parts[0])

    answer = kiosk.send("POST", f"{dossier.path}/commit")

    assert (answer.status_code, answer.json()["missing"]) == (409, [dossier.digests[1]])


@pytest.mark.parametrize("manifest", ["first", "late"])
def test_a_part_damaged_on_the_disk_is_asked_for_again(
    bench: Any, make_dossier: Any, tmp_path: Path, manifest: str
) -> None:
    kiosk, dossier = bench.kiosk(), make_dossier()
    if manifest == "first":
        kiosk.send("PUT", dossier.path, dossier.manifest)
    for digest, part in zip(dossier.digests, dossier.parts, strict=True):
        kiosk.send("PUT", f"/v1/parts/{digest}", part)
    if manifest == "late":
        kiosk.send("PUT", dossier.path, dossier.manifest)
    digest = dossier.digests[1]
    if isinstance(bench.services.blobs, S3Blobs):
        bench.services.blobs._ask("PUT", f"parts/{digest}", b"x" + dossier.parts[1][1:])
    else:
        _damage(tmp_path / "blobs", dossier.parts[1])

    refused = kiosk.send("POST", f"{dossier.path}/commit")
    kiosk.send("PUT", f"/v1/parts/{digest}", dossier.parts[1])
    stored = kiosk.send("POST", f"{dossier.path}/commit")

    assert (refused.status_code, refused.json()["missing"]) == (409, [digest])
    assert stored.status_code == 201


def _damage(folder: Path, part: bytes) -> None:
    """Change the first byte of a part, wherever it lies."""
    found = [path for path in folder.rglob("*") if path.is_file() and part in path.read_bytes()]
    assert found
    for path in found:
        path.write_bytes(path.read_bytes().replace(part, b"x" + part[1:]))


def test_a_part_with_a_wrong_digest_is_never_kept(bench: Any, make_dossier: Any) -> None:
    kiosk, dossier = bench.kiosk(), make_dossier()
    kiosk.send("PUT", dossier.path, dossier.manifest)

    answer = kiosk.send("PUT", f"/v1/parts/{dossier.digests[0]}", b"something else")

    assert (answer.status_code, answer.json()["code"]) == (422, "part.digest")
    assert bench.services.blobs.expect(dossier.expected) == dossier.digests


def test_parts_that_are_not_the_dossier_together_are_refused(bench: Any, make_dossier: Any) -> None:
    kiosk, dossier = bench.kiosk(), make_dossier()
    content = {**dossier.content, "sealed_sha256": "0" * 64}
    kiosk.send("PUT", dossier.path, json.dumps(content).encode())
    for digest, part in zip(dossier.digests, dossier.parts, strict=True):
        kiosk.send("PUT", f"/v1/parts/{digest}", part)

    answer = kiosk.send("POST", f"{dossier.path}/commit")

    assert (answer.status_code, answer.json()["code"]) == (422, "dossier.mismatch")


def test_official_codes_have_no_gap_and_no_double_when_all_come_at_once(
    bench: Any, make_dossier: Any
) -> None:
    kiosk, other = bench.kiosk(), bench.kiosk(unit="H20.18")
    dossiers = [make_dossier() for _ in range(12)]

    with ThreadPoolExecutor(4) as pool:
        answers = list(
            pool.map(lambda at: (other if at[0] % 3 == 0 else kiosk).deliver(at[1]), enumerate(dossiers))
        )

    codes = sorted(answer.json()["official_code"] for answer in answers)
    assert codes == [
        *(f"H20.17-261122-{number:04d}" for number in range(1, 9)),
        *(f"H20.18-261122-{number:04d}" for number in range(1, 5)),
    ]


def test_a_size_may_be_written_with_a_point(bench: Any, make_dossier: Any) -> None:
    kiosk, dossier = bench.kiosk(), make_dossier()
    content = {**dossier.content, "size": float(dossier.content["size"])}
    content["parts"] = [{**part, "size": float(part["size"])} for part in content["parts"]]
    body = json.dumps(content).encode()
    assert kiosk.send("PUT", dossier.path, body).status_code == 201
    for digest, part in zip(dossier.digests, dossier.parts, strict=True):
        kiosk.send("PUT", f"/v1/parts/{digest}", part)
    assert kiosk.send("PUT", dossier.path, body).json()["missing"] == []
    assert kiosk.send("POST", f"{dossier.path}/commit").status_code == 201


def test_two_commits_of_one_dossier_at_once_give_one_code(bench: Any, make_dossier: Any) -> None:
    kiosk, dossier = bench.kiosk(), make_dossier()
    kiosk.send("PUT", dossier.path, dossier.manifest)
    for digest, part in zip(dossier.digests, dossier.parts, strict=True):
        kiosk.send("PUT", f"/v1/parts/{digest}", part)

    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda _: kiosk.send("POST", f"{dossier.path}/commit"), range(6)))

    assert {answer.status_code for answer in answers} <= {200, 201, 409}
    assert [answer.status_code for answer in answers].count(201) == 1
    final = kiosk.send("POST", f"{dossier.path}/commit").json()
    assert all(answer.json() == final for answer in answers if answer.status_code != 409)
    with bench.services.engine.connect() as connection:
        assert connection.execute(text("SELECT last FROM code_counters")).scalars().all() == [1]


def test_the_day_of_a_code_is_the_day_in_viet_nam(bench: Any, make_dossier: Any) -> None:
    kiosk = bench.kiosk()
    bench.clock.forward(hours=14, minutes=29)  # 23:59 in Viet Nam
    late = kiosk.deliver(make_dossier()).json()
    bench.clock.forward(minutes=2)
    early = kiosk.deliver(make_dossier()).json()

    assert late["official_code"] == "H20.17-261122-0001"
    assert early["official_code"] == "H20.17-261123-0001"


def test_a_commit_without_a_manifest_is_unknown(bench: Any, make_dossier: Any) -> None:
    answer = bench.kiosk().send("POST", f"{make_dossier().path}/commit")
    assert (answer.status_code, answer.json()["code"]) == (404, "dossier.unknown")


def test_another_unit_can_neither_see_nor_take_a_dossier(bench: Any, make_dossier: Any) -> None:
    kiosk, stranger, dossier = bench.kiosk(), bench.kiosk(unit="H99.01"), make_dossier()
    kiosk.deliver(dossier)

    assert stranger.send("POST", f"{dossier.path}/commit").status_code == 404
    assert stranger.send("PUT", dossier.path, dossier.manifest).status_code == 422


def test_the_same_box_with_a_new_key_goes_on_with_its_dossier(bench: Any, make_dossier: Any) -> None:
    old, dossier = bench.kiosk(), make_dossier()
    old.send("PUT", dossier.path, dossier.manifest)
    new = bench.kiosk()

    assert new.deliver(dossier).status_code == 201
    assert old.send("POST", f"{dossier.path}/commit").status_code == 404


def test_a_manifest_that_is_not_one_is_never_acceptable(bench: Any, make_dossier: Any) -> None:
    kiosk, dossier = bench.kiosk(), make_dossier()
    good = dossier.content
    bad = [
        b"",
        b"[]",
        b"{",
        b"\xff",
        json.dumps({**good, "name": "Nguyễn Văn A"}).encode(),
        json.dumps({**good, "size": 3}).encode(),
        json.dumps({**good, "parts": []}).encode(),
        json.dumps({**good, "receipt_code": "../../x"}).encode(),
        json.dumps({**good, "created_at": "yesterday"}).encode(),
    ]
    for body in bad:
        answer = kiosk.send("PUT", dossier.path, body)
        assert (answer.status_code, answer.json()["code"]) == (422, "manifest.invalid"), body
        assert "Nguyễn" not in answer.text


def test_one_manifest_sent_six_times_at_once_is_one_dossier(bench: Any, make_dossier: Any) -> None:
    kiosk, dossier = bench.kiosk(), make_dossier()
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda _: kiosk.send("PUT", dossier.path, dossier.manifest), range(6)))
    statuses = [answer.status_code for answer in answers]
    assert statuses.count(201) == 1
    assert set(statuses) <= {200, 201, 409}
    assert kiosk.send("PUT", dossier.path, dossier.manifest).status_code == 200


def test_the_bytes_are_on_the_disk_before_the_row_says_so_and_a_disk_that_fails_costs_no_number(
    bench: Any, make_dossier: Any, monkeypatch: Any
) -> None:
    kiosk, dossier = bench.kiosk(), make_dossier()
    settle = bench.services.blobs.settle
    states: list[str] = []

    def watched(names: list[str]) -> None:
        with bench.services.reader.connect() as connection:
            states.append(str(connection.execute(text("SELECT state FROM dossiers")).scalar_one()))
        if len(states) == 1:
            raise OSError(5, "Input/output error")
        settle(names)

    monkeypatch.setattr(type(bench.services.blobs), "settle", lambda _, names: watched(names))
    refused = kiosk.deliver(dossier)
    assert (refused.status_code, refused.json()["code"]) == (503, "store.unavailable")
    answer = kiosk.send("POST", f"{dossier.path}/commit")
    assert (answer.status_code, answer.json()["official_code"]) == (201, "H20.17-261122-0001")
    assert states == ["receiving", "receiving"]
    assert bench.services.blobs.read(dossier.dossier_id) == b"".join(dossier.parts)


def test_a_database_that_is_gone_is_a_reason_to_come_back(sqlite_bench: Any, make_dossier: Any) -> None:
    kiosk, dossier = sqlite_bench.kiosk(), make_dossier()
    with sqlite_bench.services.engine.begin() as connection:
        connection.execute(text("ALTER TABLE dossiers RENAME TO gone"))
    answer = kiosk.send("PUT", dossier.path, dossier.manifest)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "30")
    with sqlite_bench.services.engine.begin() as connection:
        connection.execute(text("ALTER TABLE gone RENAME TO dossiers"))
    assert kiosk.deliver(dossier).status_code == 201
