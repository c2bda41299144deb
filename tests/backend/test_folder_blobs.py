"""The folder of sealed bytes: each part written once, whichever process got it, and whole after any cut."""

from __future__ import annotations

import datetime as dt
import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.blobs import folder as folder_module
from backend.blobs.folder import FolderBlobs
from backend.blobs.ports import BlobMismatchError, PartsMissingError
from backend.store.ingest import expected_of
from tests.backend.wire import WireDossier

if TYPE_CHECKING:
    from collections.abc import Iterator

LATER = dt.datetime(2100, 1, 1, tzinfo=dt.UTC)


class Box:
    """A folder and the processes that work in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.processes: list[FolderBlobs] = []

    def start(self) -> FolderBlobs:
        """Return what a process has that was just started."""
        self.processes.append(FolderBlobs(self.folder))
        return self.processes[-1]

    def end(self) -> None:
        """Close every process."""
        for process in self.processes:
            process.close()

    def names(self) -> list[str]:
        """Return all files, without the two digits they are spread by."""
        found = (path.relative_to(self.folder) for path in self.folder.rglob("*") if path.is_file())
        return sorted(f"{path.parts[0]}/{path.name}" for path in found)

    def grown(self, dossier: WireDossier) -> Path:
        """Return the file a dossier grows in."""
        return self.folder / "growing" / dossier.dossier_id[-2:] / dossier.dossier_id


@pytest.fixture
def box(tmp_path: Path) -> Iterator[Box]:
    made = Box(tmp_path / "blobs")
    yield made
    made.end()


def _send(blobs: FolderBlobs, dossier: WireDossier, *numbers: int) -> list[bool]:
    return [blobs.put_part(dossier.digests[number], dossier.parts[number]) for number in numbers]


def _handles() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def _dossier(parts: int = 3) -> WireDossier:
    return WireDossier(parts=[os.urandom(1000 - number) for number in range(parts)])


def test_a_part_is_written_where_it_will_stay_and_nothing_else_is_left(box: Box) -> None:
    blobs, dossier = box.start(), _dossier()
    assert blobs.expect(dossier.expected) == dossier.digests
    assert _send(blobs, dossier, 2, 0, 0, 1) == [True, True, False, True]
    grown = box.grown(dossier).stat().st_ino
    assert box.names() == [f"growing/{dossier.dossier_id}"]
    blobs.assemble(dossier.expected)
    blobs.settle([dossier.dossier_id])
    blobs.let_go(dossier.expected)
    assert box.names() == [f"dossiers/{dossier.dossier_id}.age"]
    assert blobs.read(dossier.dossier_id) == b"".join(dossier.parts)
    stored = box.folder / "dossiers" / dossier.dossier_id[-2:] / f"{dossier.dossier_id}.age"
    assert stored.stat().st_ino == grown, "the same file: nothing was copied"


def test_parts_that_met_another_process_or_came_before_their_manifest_are_found(box: Box) -> None:
    first, second, dossier = box.start(), box.start(), _dossier(4)
    _send(first, dossier, 3)
    assert first.expect(dossier.expected) == dossier.digests[:3]
    _send(first, dossier, 0)
    _send(second, dossier, 1)
    assert second.expect(dossier.expected) == [dossier.digests[2]]
    _send(second, dossier, 2)
    first.assemble(dossier.expected)
    first.let_go(dossier.expected)
    assert first.read(dossier.dossier_id) == b"".join(dossier.parts)
    assert box.names() == [f"dossiers/{dossier.dossier_id}.age"]


def test_a_process_that_was_started_anew_goes_on_where_the_bytes_are(box: Box) -> None:
    dossier = _dossier()
    before = box.start()
    before.expect(dossier.expected)
    _send(before, dossier, 0, 2)
    after = box.start()
    assert after.expect(dossier.expected) == [dossier.digests[1]]
    with pytest.raises(PartsMissingError) as missing:
        after.assemble(dossier.expected)
    assert missing.value.digests == (dossier.digests[1],)
    _send(after, dossier, 1)
    after.assemble(dossier.expected)


@pytest.mark.parametrize("known", [True, False], ids=["by the process that wrote it", "after a start"])
@pytest.mark.parametrize("damage", ["a byte", "its end", "all of it"])
def test_a_byte_that_changed_on_the_disk_is_never_stored(box: Box, damage: str, known: bool) -> None:  # noqa: FBT001 - a parameter of the test
    blobs, dossier = box.start(), _dossier()
    blobs.expect(dossier.expected)
    _send(blobs, dossier, 0, 1, 2)
    whole = bytearray(box.grown(dossier).read_bytes())
    if damage == "a byte":
        whole[-1] ^= 1
    cut = {"a byte": len(whole), "its end": len(whole) - 5, "all of it": 0}[damage]
    box.grown(dossier).write_bytes(whole[:cut])
    used = blobs if known else box.start()
    with pytest.raises(PartsMissingError) as missing:
        used.assemble(dossier.expected)
    lost = dossier.digests if damage == "all of it" else dossier.digests[2:]
    assert list(missing.value.digests) == lost
    _send(used, dossier, *(dossier.digests.index(digest) for digest in lost))
    used.assemble(dossier.expected)
    assert used.read(dossier.dossier_id) == b"".join(dossier.parts)


def test_a_file_that_was_swept_away_under_a_process_is_asked_for_again(box: Box) -> None:
    blobs, dossier = box.start(), _dossier()
    blobs.expect(dossier.expected)
    _send(blobs, dossier, 0, 1)
    assert blobs.sweep(LATER, coming=[dossier.expected]) == 0, "somebody waits for it"
    assert box.start().sweep(LATER, coming=[]) == 1
    _send(blobs, dossier, 2)
    with pytest.raises(PartsMissingError):
        blobs.assemble(dossier.expected)
    _send(blobs, dossier, 0, 1, 2)
    blobs.assemble(dossier.expected)
    assert blobs.read(dossier.dossier_id) == b"".join(dossier.parts)


def test_a_manifest_that_does_not_fit_its_parts_is_no_dossier(box: Box) -> None:
    blobs, dossier, other = box.start(), _dossier(), _dossier()
    wrong = {**dossier.content, "sealed_sha256": other.content["sealed_sha256"]}
    expected = expected_of(dossier.dossier_id, wrong)
    blobs.expect(expected)
    _send(blobs, dossier, 0, 1, 2)
    with pytest.raises(BlobMismatchError):
        blobs.assemble(expected)
    assert not [name for name in box.names() if name.startswith("dossiers/")]


def test_a_part_of_two_dossiers_goes_to_both_and_twice_into_one(box: Box) -> None:
    blobs, one = box.start(), _dossier()
    two = WireDossier(parts=[one.parts[1], b"between", one.parts[1]])
    for dossier in (one, two):
        blobs.expect(dossier.expected)
    _send(blobs, one, 0, 1, 2)
    assert blobs.expect(two.expected) == [two.digests[1]]
    _send(blobs, two, 1)
    for dossier in (one, two):
        blobs.assemble(dossier.expected)
        blobs.let_go(dossier.expected)
        assert blobs.read(dossier.dossier_id) == b"".join(dossier.parts)


def test_what_was_promised_is_replaced_by_whole_and_safe_bytes_only(box: Box) -> None:
    blobs, dossier = box.start(), _dossier()
    blobs.expect(dossier.expected)
    _send(blobs, dossier, 0, 1, 2)
    blobs.assemble(dossier.expected)
    blobs.assemble(dossier.expected)  # its row could not be written: the commit comes again
    blobs.let_go(dossier.expected)
    late = box.start()
    with pytest.raises(PartsMissingError):
        late.assemble(dossier.expected)
    assert late.read(dossier.dossier_id) == b"".join(dossier.parts)
    _send(late, dossier, 0, 1, 2)
    late.assemble(dossier.expected)
    late.let_go(dossier.expected)
    assert box.names() == [f"dossiers/{dossier.dossier_id}.age"]
    assert late.read(dossier.dossier_id) == b"".join(dossier.parts)


def test_a_dossier_another_process_stored_meanwhile_is_looked_up_again(
    box: Box, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow, quick, dossier = box.start(), box.start(), _dossier()
    slow.expect(dossier.expected)
    _send(slow, dossier, 0, 1, 2)
    place = folder_module._place

    def late(grown: Path, path: Path) -> None:
        monkeypatch.setattr(folder_module, "_place", place)
        quick.assemble(dossier.expected)
        quick.let_go(dossier.expected)
        place(grown, path)

    monkeypatch.setattr(folder_module, "_place", late)
    with pytest.raises(PartsMissingError):
        slow.assemble(dossier.expected)
    assert quick.read(dossier.dossier_id) == b"".join(dossier.parts)


def test_more_dossiers_than_are_held_open_all_arrive(box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folder_module, "MOST_GROWING", 4)
    blobs, many = box.start(), [_dossier() for _ in range(12)]
    handles = _handles()
    for dossier in many:
        blobs.expect(dossier.expected)
    assert _handles() == handles + 4
    for number in range(3):
        for dossier in many:
            _send(blobs, dossier, number)
    for dossier in many:
        blobs.assemble(dossier.expected)
        blobs.let_go(dossier.expected)
        assert blobs.read(dossier.dossier_id) == b"".join(dossier.parts)
    assert _handles() == handles


@settings(max_examples=25, deadline=None)
@given(
    deeds=st.lists(
        st.tuples(
            st.integers(0, 2), st.sampled_from(["expect", "part", "start", "commit"]), st.integers(0, 3)
        ),
        max_size=25,
    )
)
def test_whatever_comes_in_whatever_order_is_stored_whole_or_asked_for(
    tmp_path_factory: pytest.TempPathFactory, deeds: list[tuple[int, str, int]]
) -> None:
    box, dossier = Box(tmp_path_factory.mktemp("blobs")), _dossier(4)
    processes = [box.start() for _ in range(3)]
    sent: set[int] = set()
    for who, deed, number in deeds:
        if deed == "expect":
            assert set(processes[who].expect(dossier.expected)) == {
                digest for at, digest in enumerate(dossier.digests) if at not in sent
            }
        elif deed == "part":
            _send(processes[who], dossier, number)
            sent.add(number)
        elif deed == "start":
            processes[who].close()
            processes[who] = box.start()
        elif len(sent) == len(dossier.parts):
            processes[who].assemble(dossier.expected)
            assert processes[who].read(dossier.dossier_id) == b"".join(dossier.parts)
        else:
            with pytest.raises(PartsMissingError):
                processes[who].assemble(dossier.expected)
    box.end()
