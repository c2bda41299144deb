"""The speaker runs programs that are given to it here: they write down what they were asked."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest

from drivers.ports import Said
from drivers.speaker import LocalSpeaker

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

VOICES = {"vi": "vi-vn-x-south", "en": "en"}


@pytest.fixture
def heard(tmp_path: Path) -> Path:
    return tmp_path / "heard.txt"


@pytest.fixture
def program(tmp_path: Path, heard: Path) -> Callable[..., str]:
    """Make a program that notes its name, its arguments and the words on its standard input."""

    def make(name: str, then: str = "") -> str:
        path = tmp_path / name
        path.write_text(f'#!/bin/sh\nread words\necho "{name} $* <$words>" >> "{heard}"\n{then}\n', "utf-8")
        path.chmod(0o755)
        return str(path)

    return make


def clip(folder: Path, name: str) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"OggS")
    return path


def lines(heard: Path) -> list[str]:
    return heard.read_text(encoding="utf-8").splitlines() if heard.exists() else []


def test_words_without_a_clip_are_spoken_and_stand_in_no_list_of_processes(
    tmp_path: Path, heard: Path, program: Callable[..., str]
) -> None:
    speaker = LocalSpeaker([tmp_path], VOICES, player=program("play"), speech=program("speak"))
    speaker.say([Said(text="Đặt giấy lên bàn quét.", prompt="scan-aim")], language="vi")
    assert lines(heard) == ["speak -v vi-vn-x-south -s 140 --stdin <Đặt giấy lên bàn quét.>"]


def test_the_centre_s_own_clip_comes_before_the_shipped_one_and_before_the_voice(
    tmp_path: Path, heard: Path, program: Callable[..., str]
) -> None:
    own, shipped = tmp_path / "own", tmp_path / "shipped"
    clip(shipped, "vi/scan-aim.ogg")
    clip(shipped, "vi/welcome.ogg")
    mine = clip(own, "vi/scan-aim.ogg")
    speaker = LocalSpeaker([own, shipped], VOICES, player=program("play"), speech=program("speak"))
    speaker.say([Said(text="a", prompt="scan-aim"), Said(text="b", prompt="welcome")], language="vi")
    assert lines(heard) == [f"play -q {mine} <a>", f"play -q {shipped / 'vi/welcome.ogg'} <b>"]


def test_a_pack_speaks_first_on_the_vietnamese_screen_only(
    tmp_path: Path, heard: Path, program: Callable[..., str]
) -> None:
    mong = clip(tmp_path, "hmn/welcome.ogg")
    vietnamese = clip(tmp_path, "vi/welcome.ogg")
    clip(tmp_path, "vi/choose.ogg")
    speaker = LocalSpeaker(
        [tmp_path], {"en": "en"}, pack="hmn", player=program("play"), speech=program("speak")
    )
    speaker.say([Said(text="a", prompt="welcome"), Said(text="b", prompt="choose")], language="vi")
    speaker.say([Said(text="c", prompt="welcome")], language="en")
    assert lines(heard) == [
        f"play -q {mong} <a>",
        f"play -q {tmp_path / 'vi/choose.ogg'} <b>",
        "speak -v en -s 140 --stdin <c>",
    ]
    assert vietnamese.exists()


def test_without_a_voice_the_vietnamese_clip_is_better_than_silence(
    tmp_path: Path, heard: Path, program: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    here = clip(tmp_path, "vi/welcome.ogg")
    speaker = LocalSpeaker([tmp_path], VOICES, player=program("play"))
    speaker.say([Said(text="a", prompt="welcome"), Said(text="b", prompt="nothing")], language="en")
    monkeypatch.undo()
    assert lines(heard) == [f"play -q {here} <a>"]


def test_a_prompt_that_is_a_path_plays_nothing(
    tmp_path: Path, heard: Path, program: Callable[..., str]
) -> None:
    clip(tmp_path, "secret.ogg")
    clip(tmp_path / "audio", "vi/welcome.ogg")
    speaker = LocalSpeaker([tmp_path / "audio"], {}, player=program("play"), speech=program("speak"))
    speaker.say([Said(text="a", prompt="../../secret")], language="vi")
    assert lines(heard) == []


def test_a_hush_ends_the_sentence_and_what_was_to_follow(
    tmp_path: Path, heard: Path, program: Callable[..., str]
) -> None:
    begun = tmp_path / "begun"
    begun.parent.mkdir(exist_ok=True)
    speech = program("speak", then=f'touch "{begun}"; exec sleep 60')
    speaker = LocalSpeaker([], VOICES, speech=speech)
    talk = threading.Thread(target=lambda: speaker.say([Said(text="a"), Said(text="b")], language="vi"))
    talk.start()
    pause = threading.Event()
    for _again in range(500):
        if begun.exists():
            break
        pause.wait(0.02)
    speaker.hush()
    talk.join(10)
    assert not talk.is_alive()
    assert len(lines(heard)) == 1


def test_a_machine_with_neither_voice_nor_clips_is_not_ready(
    tmp_path: Path, program: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    play = program("play")
    monkeypatch.setenv("PATH", str(tmp_path / "empty"))
    assert not LocalSpeaker([tmp_path], VOICES).ready()
    assert not LocalSpeaker([tmp_path], VOICES, player=play).ready()
    clip(tmp_path, "vi/welcome.ogg")
    assert not LocalSpeaker([tmp_path], VOICES).ready()
    assert LocalSpeaker([tmp_path], VOICES, player=play).ready()
    assert LocalSpeaker([], VOICES, speech=play).ready()


def test_a_program_that_cannot_be_started_is_logged_and_troubles_nobody(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    speaker = LocalSpeaker([], VOICES, speech=str(tmp_path / "gone"))
    speaker.say([Said(text="Xin chào")], language="vi")
    assert [record.getMessage() for record in caplog.records] == ["speaker.not_started"]
