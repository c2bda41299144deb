"""The doctor plays tones through the real aplay into a file, and names what keeps a loudspeaker silent."""

from __future__ import annotations

import io
import shutil
import wave
from pathlib import Path

import numpy as np
import pytest

from kiosk_app.cli import doctor as command
from kiosk_app.doctor_words import explain_in
from kiosk_app.wiring import doctor_sound
from kiosk_app.wiring.doctor_sound import TONE_HZ, sound, tones

ALSA = Path("/usr/share/alsa/alsa.conf")
needs_aplay = pytest.mark.skipif(
    shutil.which("aplay") is None or not ALSA.is_file(), reason="alsa-utils is not installed"
)


@pytest.fixture
def heard(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make ALSA's default card one that writes what it plays to a file."""
    path = tmp_path / "heard.wav"
    config = tmp_path / "asound.conf"
    card = f'type file slave.pcm "null" file "{path}" format "wav"'
    config.write_text(f"<{ALSA}>\npcm.!default {{ {card} }}\n", encoding="utf-8")
    monkeypatch.setenv("ALSA_CONFIG_PATH", str(config))
    return path


def tones_in(sounding: bytes) -> int:
    """Count by ear: how often silence ends, and every tone has the pitch it should have."""
    with wave.open(io.BytesIO(sounding), "rb") as clip:
        rate = clip.getframerate()
        samples = np.frombuffer(clip.readframes(clip.getnframes()), "<i2").astype(float)
    window = rate // 50
    loud = np.abs(samples[: len(samples) // window * window].reshape(-1, window)).max(axis=1) > 1000
    if loud.any():
        spectrum = np.abs(np.fft.rfft(samples))
        assert abs(np.argmax(spectrum) * rate / len(samples) - TONE_HZ) < 5
    return int((np.diff(loud.astype(int)) == 1).sum())


def script(folder: Path, name: str, text: str) -> None:
    path = folder / name
    path.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
    path.chmod(0o755)


@needs_aplay
def test_as_many_tones_are_played_as_the_listener_is_asked_for(heard: Path) -> None:
    asked: list[str] = []

    def by_hand(what: str) -> bool:
        asked.append(what)
        return True

    found = sound(by_hand)
    count = int(found.measured["tones"])
    assert asked == ["tones", f"tones:{count}"]
    assert tones_in(heard.read_bytes()) == count
    assert (found.well, found.cause) == (True, "sound.played")


@needs_aplay
def test_with_nobody_there_it_stays_silent_and_the_card_is_tried_all_the_same(heard: Path) -> None:
    found = sound(lambda _what: False)
    assert (found.well, found.cause) == (True, "ok")
    assert heard.is_file()
    assert tones_in(heard.read_bytes()) == 0


@needs_aplay
def test_a_listener_who_counts_otherwise_has_heard_nothing(heard: Path) -> None:
    found = sound(lambda what: what == "tones")
    assert (found.well, found.cause) == (False, "sound.not_heard")
    assert tones_in(heard.read_bytes()) == found.measured["tones"]
    assert str(found.measured["tones"]) in explain_in("vi", "sound", found.state, found.cause, found.measured)


@pytest.mark.parametrize(
    ("aplay", "cards", "cause"),
    [
        (
            "cat >/dev/null; echo 'aplay: main:831: audio open error: No such file or directory' >&2; exit 1",
            "",
            "sound.none",
        ),
        (
            "cat >/dev/null; echo 'aplay: main:831: audio open error: No such file or directory' >&2; exit 1",
            " 0 [PCH            ]: HDA-Intel - HDA Intel PCH",
            "sound.forbidden",
        ),
        (
            "cat >/dev/null; echo 'aplay: main:831: audio open error: Device or resource busy' >&2; exit 1",
            "",
            "sound.busy",
        ),
        (
            "cat >/dev/null; echo 'aplay: set_params:1456: Unable to install hw params:' >&2; exit 1",
            "",
            "sound.refused",
        ),
        ("exec sleep 60", "", "sound.stuck"),
    ],
)
def test_what_keeps_a_loudspeaker_silent_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, aplay: str, cards: str, cause: str
) -> None:
    script(tmp_path, "aplay", aplay)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.setattr(doctor_sound, "SLACK_S", 0.3)
    (tmp_path / "cards").write_text(cards, encoding="utf-8")
    monkeypatch.setattr(doctor_sound, "_CARDS", tmp_path / "cards")
    found = sound(lambda what: what == "tones")
    assert found.cause == cause
    assert found.well == (cause == "sound.none")


@pytest.mark.parametrize(
    ("levels", "cause"),
    [
        (
            ("Front Left: Playback 0 [0%] [-65.25dB] [on]", "Front Right: Playback 0 [0%] [-65.25dB] [on]"),
            "sound.muted",
        ),
        (("Mono: Playback 87 [100%] [0.00dB] [off]",), "sound.muted"),
        (("Front Left: Playback 0 [0%] [on]", "Front Right: Playback 60 [70%] [on]"), "ok"),
        (("Mono: Playback 87 [100%] [0.00dB] [on]",), "ok"),
    ],
)
def test_a_mixer_that_stands_at_nothing_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, levels: tuple[str, ...], cause: str
) -> None:
    script(tmp_path, "aplay", "cat >/dev/null")
    script(tmp_path, "amixer", "\n".join(f"echo '  {line}'" for line in levels))
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    found = sound(lambda _what: False)
    assert found.cause == cause


def test_without_a_player_nothing_is_wrong(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert sound(lambda _what: True).cause == "sound.no_player"


def test_at_the_terminal_the_listener_types_the_number(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("4\nvier\n"))
    assert command._ask("tones")
    assert command._ask("tones:4")
    assert not command._ask("tones:4")
    assert "How many did you hear?" in capsys.readouterr().err


def test_tones_are_silence_first_so_that_a_sleeping_card_swallows_no_tone() -> None:
    assert tones_in(tones(3)) == 3
    assert tones_in(tones(0)) == 0
